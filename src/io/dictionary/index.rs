//! The phrases of all languages, to be looked up by header.

use std::collections::HashMap;
use std::sync::LazyLock;

use strsim::jaro_winkler;

use super::amounts::turned;
use super::{Match, Meanings, Sense, english, french, german, neighbours, spanish, words};
use crate::model::role::Role;

/// The index, built at its first use.
pub(super) static INDEX: LazyLock<Index> = LazyLock::new(|| {
    Index::of(&[
        english::MEANINGS,
        german::MEANINGS,
        french::MEANINGS,
        spanish::MEANINGS,
        neighbours::MEANINGS,
    ])
});

/// Every phrase by its key.
pub(super) struct Index {
    by_key: HashMap<String, Vec<Sense>>,
    within: Vec<(Role, &'static str, Vec<String>)>,
    /// English phrases: in another language one letter more is soon another word (`branche`, `branch`).
    spelled: Vec<(Role, &'static str)>,
}

impl Index {
    fn of(languages: &[Meanings]) -> Index {
        let mut index = Index {
            by_key: HashMap::new(),
            within: Vec::new(),
            spelled: Vec::new(),
        };
        for (at, language) in languages.iter().enumerate() {
            for meaning in language.iter() {
                for (how, phrases) in meaning.lists {
                    for phrase in phrases.iter().copied() {
                        index.add(meaning.role, *how, phrase);
                        if at == 0 && matches!(how, Match::Exact | Match::Alias) {
                            index.spelled.push((meaning.role, phrase));
                        }
                    }
                }
            }
        }
        index
    }

    fn add(&mut self, role: Role, how: Match, phrase: &'static str) {
        if how == Match::Within {
            let pattern = phrase.split(' ').map(pattern_word).collect();
            self.within.push((role, phrase, pattern));
            return;
        }
        let sense = Sense {
            role,
            how,
            phrase,
            at_end: false,
        };
        let (whole, without) = words::keys(&words::words(phrase));
        for key in std::iter::once(whole).chain(without) {
            let senses = self.by_key.entry(key).or_default();
            // Languages share words; the surest reading of a role stands.
            match senses.iter_mut().find(|known| known.role == role) {
                Some(known) if known.confidence() < sense.confidence() => *known = sense,
                Some(_) => {}
                None => senses.push(sense),
            }
        }
    }

    /// What these words mean outright.
    pub(super) fn phrases(&self, own: &[String]) -> impl Iterator<Item = Sense> {
        let (whole, without) = words::keys(own);
        let of = |key: String| self.by_key.get(&key);
        let found = of(whole).or_else(|| without.and_then(of));
        found.into_iter().flatten().copied()
    }

    /// The roles whose name these words hold among others.
    pub(super) fn within(&self, own: &[String]) -> impl Iterator<Item = (Role, &'static str)> {
        let keys: Vec<String> = own.iter().map(|word| words::key(&[word])).collect();
        let holds = move |pattern: &[String]| pattern.iter().all(|part| keys.iter().any(|word| meets(part, word)));
        let found = self
            .within
            .iter()
            .filter(move |(role, _, pattern)| holds(pattern) && !turned(*role, own));
        found.map(|(role, phrase, _)| (*role, *phrase))
    }

    /// The roles whose name is spelled nearly like these words.
    pub(super) fn alike(&self, own: &[String]) -> impl Iterator<Item = (Role, &'static str)> {
        const LIKE: f64 = 0.92; // below this, `case study` and `case status` run together
        const LONGER_MAX: usize = 4;
        let spaced = own.join(" ");
        // Every cell of the first rows comes here: what is cheap to tell is told first.
        let near = move |phrase: &str| {
            phrase.as_bytes().first() == spaced.as_bytes().first()
                && phrase.len().abs_diff(spaced.len()) <= LONGER_MAX
                && jaro_winkler(phrase, &spaced) >= LIKE
                && misspelled(phrase, &spaced)
        };
        let found = self
            .spelled
            .iter()
            .filter(move |(role, phrase)| near(phrase) && !turned(*role, own));
        found.copied()
    }
}

/// `annual*` stands for every word that begins so.
fn pattern_word(word: &str) -> String {
    let plain = words::key_of(word);
    if word.ends_with('*') { format!("{plain}*") } else { plain }
}

fn meets(part: &str, word: &str) -> bool {
    match part.strip_suffix('*') {
        Some(start) => word.starts_with(start),
        None => word == part,
    }
}

/// Jaro-Winkler favours long common starts; a misspelling also keeps the word count, and short words are other words (`arr`, `mrr`).
fn misspelled(phrase: &str, spaced: &str) -> bool {
    const LETTERS_MIN: usize = 5;
    // Two slips in a short word make another word: `custom`, `current`.
    let slips_max = |letters: usize| if letters < 9 { 1 } else { 2 };
    let alike = |a: &str, b: &str| {
        let (shorter, longer) = (a.len().min(b.len()), a.len().max(b.len()));
        let slips = slips_max(shorter);
        shorter >= LETTERS_MIN && longer - shorter <= slips && strsim::damerau_levenshtein(a, b) <= slips
    };
    let (mut ours, mut theirs) = (phrase.split(' '), spaced.split(' '));
    loop {
        match (ours.next(), theirs.next()) {
            (None, None) => return true,
            (Some(a), Some(b)) if a == b || alike(a, b) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A phrase that two roles claim outright would be decided by the order of the tables.
    #[test]
    fn no_phrase_means_two_roles_outright() {
        for (key, senses) in &INDEX.by_key {
            let sure: Vec<&Sense> = senses.iter().filter(|sense| sense.how != Match::Weak).collect();
            assert!(sure.len() < 2, "{key}: {sure:?}");
        }
    }

    /// What the reason of a trap speaks of is never ARR, and MRR would be ARR twelve times.
    #[test]
    fn no_trap_is_an_amount_that_recurs() {
        for key in super::super::amounts::keys() {
            let senses = INDEX.by_key.get(key).map_or(&[][..], Vec::as_slice);
            assert!(
                !senses.iter().any(|sense| matches!(sense.role, Role::Arr | Role::Mrr)),
                "{key}: {senses:?}"
            );
        }
    }
}
