//! Headers taken apart into words, whatever the case and the accents, and the keys under which words are compared.

use crate::model::values::currency_code;

/// A header taken apart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Header {
    /// Lower-case words without accents.
    pub(crate) words: Vec<String>,
    /// Unit after the name: `USD`, `UTC`, `cents`.
    pub(crate) unit: Option<String>,
    /// Where the parts of a nested header begin among its words; 0 alone for any other.
    parts: Vec<usize>,
}

impl Header {
    /// The header from each of its parts on, the longest first, with the words before.
    pub(super) fn tails(&self) -> impl Iterator<Item = (&[String], &[String])> {
        self.parts.iter().filter_map(|start| self.words.split_at_checked(*start))
    }
}

/// Takes a header apart: camel case, punctuation, `__c`, the parts of `usage.active_users`, and a unit in parentheses or at
/// the end.
pub(crate) fn header(text: &str) -> Header {
    let bare = text.trim().trim_end_matches("__c").trim_end_matches("__C");
    let (name, unit) = match bare.split_once('(') {
        Some((name, rest)) if !name.trim().is_empty() => (name, rest.split(')').next().map(|u| u.trim().to_string())),
        _ => match bare.strip_suffix('%') {
            Some(name) => (name, Some("%".to_string())),
            None => (bare, None),
        },
    };
    let (mut words, mut parts) = (Vec::new(), Vec::new());
    for part in parts_of(name.trim()) {
        parts.push(words.len());
        words.extend(self::words(part));
    }
    let mut unit = unit.filter(|u| !u.is_empty());
    let is_unit = |w: &String| w == "cents" || (w.len() == 3 && currency_code(w).is_some());
    if unit.is_none() && words.len() > 1 && words.last().is_some_and(is_unit) {
        unit = words.pop();
    }
    parts.retain(|start| *start < words.len());
    parts.dedup();
    Header { words, unit, parts }
}

/// Whether the unit in a header says cents.
pub(crate) fn in_cents(header: &str) -> bool {
    self::header(header)
        .unit
        .is_some_and(|u| u.eq_ignore_ascii_case("cents") || u.eq_ignore_ascii_case("in cents"))
}

/// `usage.active_users` has two parts; `No. of seats` and `Kd.-Nr.` are one.
fn parts_of(name: &str) -> Vec<&str> {
    let is_key = |part: &str| {
        part.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '$')) && !part.ends_with(char::is_whitespace)
    };
    let mut parts: Vec<&str> = name.split('.').collect();
    if !parts.iter().all(|part| is_key(part)) {
        return vec![name];
    }
    // Some interfaces wrap each field: `properties.name.value`.
    if parts.len() > 1 && parts.last().is_some_and(|last| matches!(*last, "value" | "label" | "raw")) {
        parts.pop();
    }
    parts
}

/// `AnnualRevenue`, `customerID`, `annual_revenue` and `Annual Revenue` give the same words.
pub(super) fn words(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().filter(|c| !is_combining(*c)).collect();
    let mut found = vec![String::new()];
    for (i, c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|b| chars.get(b));
        let after = chars.get(i + 1);
        let starts = c.is_uppercase()
            && before.is_some_and(|b| b.is_lowercase() || (b.is_uppercase() && after.is_some_and(|a| a.is_lowercase())));
        if starts || !c.is_alphanumeric() {
            found.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = found.last_mut()
        {
            c.to_lowercase().for_each(|c| push_plain(word, c));
        }
    }
    found.retain(|w| !w.is_empty());
    found
}

/// A mark that stands after its letter, as some systems write `ü`.
fn is_combining(c: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&c)
}

/// A letter without its accent.
fn push_plain(word: &mut String, c: char) {
    let plain = match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'ç' | 'č' | 'ć' => 'c',
        'è' | 'é' | 'ê' | 'ë' | 'ě' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' | 'ń' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => 'o',
        'ù' | 'ú' | 'û' | 'ü' | 'ů' => 'u',
        'ý' | 'ÿ' => 'y',
        'š' => 's',
        'ž' => 'z',
        'ł' => 'l',
        'ß' => return word.push_str("ss"),
        'æ' => return word.push_str("ae"),
        'œ' => return word.push_str("oe"),
        // `nº` and `2ª` are `n` and `2`.
        'º' | 'ª' | '\u{307}' => return,
        other => other,
    };
    word.push(plain);
}

/// Words as they are compared: together, and `ae` for `ä` as good as `a`.
pub(super) fn key<S: AsRef<str>>(words: &[S]) -> String {
    let joined: String = words.iter().map(AsRef::as_ref).collect();
    let mut key = String::with_capacity(joined.len());
    for c in joined.chars() {
        if c != 'e' || !key.ends_with(['a', 'o', 'u']) {
            key.push(c);
        }
    }
    key
}

/// A phrase or a cell as it is compared.
pub(super) fn key_of(text: &str) -> String {
    key(&words(text))
}

/// The keys of a text with and without its articles: `nombre cliente` is `nombre del cliente`.
pub(super) fn keys<S: AsRef<str>>(words: &[S]) -> (String, Option<String>) {
    const ARTICLES: [&str; 24] = [
        "de", "del", "la", "las", "el", "los", "l", "le", "les", "d", "du", "des", "der", "die", "das", "dem", "den", "do", "da",
        "di", "della", "dello", "van", "het",
    ];
    let whole = key(words);
    let is_article = |word: &str| ARTICLES.contains(&word);
    // The last word is what all the others speak of: the `de` of `Id DE` is no article.
    let last = words.len().saturating_sub(1);
    let without: Vec<&str> = words
        .iter()
        .map(AsRef::as_ref)
        .enumerate()
        .filter(|(at, word)| *at == last || !is_article(word))
        .map(|(_, word)| word)
        .collect();
    let shorter = without.len() < words.len();
    (whole, shorter.then(|| key(&without)))
}
