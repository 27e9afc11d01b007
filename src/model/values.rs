//! Cell values: what a text in a cell means as an amount, a number, a date or a yes.

mod currency;
mod dates;
mod numbers;

use std::borrow::Cow;

pub use currency::{currency_code, has_no_cents};
pub use dates::{DateOrder, DateStyle, Numeric, date, date_style};
pub use numbers::{Amount, Decimal, Marks, marks};

/// Words that stand for an empty cell, and the errors that spreadsheets leave in one.
const NULL_WORDS: [&str; 21] = [
    "-", "–", "—", "n/a", "na", "#n/a", "null", "none", "nil", "nan", "(blank)", "#ref!", "#value!", "#div/0!", "#name?",
    "#null!", "#num!", "\\n", "k.a.", "n.d.", "#calc!",
];

/// The cell without surrounding blanks, or `None` for a blank or null word.
pub fn present(cell: &str) -> Option<&str> {
    const LONGEST: usize = 8;
    let text = trim(cell);
    // Called for every cell of a book: the first byte rules most of them out.
    let first = text.bytes().next()?;
    let maybe = text.len() <= LONGEST && matches!(first, b'-' | b'n' | b'N' | b'#' | b'(' | b'\\' | b'k' | b'K' | 0xe2);
    let null = maybe && NULL_WORDS.iter().any(|w| w.eq_ignore_ascii_case(text));
    (!null).then_some(text)
}

/// The cell without surrounding blanks, no-break blanks and byte order marks.
pub fn trim(cell: &str) -> &str {
    let plain = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_graphic());
    if plain(cell.bytes().next()) && plain(cell.bytes().next_back()) {
        return cell;
    }
    cell.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'))
}

/// An amount as this program and its users write it, with a decimal point: [`Decimal::money`].
pub fn money(text: &str) -> Option<Amount> {
    Decimal::Point.money(text)
}

/// A number as this program and its users write it, with a decimal point: [`Decimal::number`].
pub fn number(text: &str) -> Option<f64> {
    Decimal::Point.number(text)
}

/// Whether a text is an amount with either decimal sign.
pub fn is_amount(text: &str) -> bool {
    Decimal::Point.money(text).or_else(|| Decimal::Comma.money(text)).is_some()
}

/// Whether a text is a number with either decimal sign.
pub fn is_number(text: &str) -> bool {
    Decimal::Point.number(text).or_else(|| Decimal::Comma.number(text)).is_some()
}

/// Yes or no, in the words that exports use (English, German, French, Spanish); else `None`.
pub fn truthy(text: &str) -> Option<bool> {
    let text = present(text)?;
    let any = |words: &[&str]| words.iter().any(|w| w.eq_ignore_ascii_case(text));
    if any(&["yes", "y", "true", "t", "1", "x", "✓", "✔", "☑", "1.0", "on", "checked"])
        || any(&["ja", "wahr", "oui", "vrai", "si", "sí", "verdadero"])
    {
        return Some(true);
    }
    let no = any(&["no", "n", "false", "f", "0", "0.0", "✗", "✘", "☐", "off", "unchecked"])
        || any(&["nein", "falsch", "non", "faux", "falso"]);
    no.then_some(false)
}

/// How many items a cell lists (separated by comma, semicolon or bar), or the count it states; `None` for a blank.
pub fn list_len(cell: &str) -> Option<f64> {
    let text = present(cell)?;
    number(text).or_else(|| Some(text.split([',', ';', '|']).filter(|item| present(item).is_some()).count() as f64))
}

/// Months of a contract's term: `24`, `24 months`, `2 years`.
pub fn term_months(text: &str) -> Option<i64> {
    let lower = present(text)?.to_lowercase();
    let end = lower
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',')))
        .unwrap_or(lower.len());
    let (count, word) = lower.split_at_checked(end)?;
    let months = match word.trim().trim_end_matches('.') {
        "" | "m" | "mo" | "mos" | "month" | "months" | "monate" | "mois" | "meses" => 1.0,
        "y" | "yr" | "yrs" | "year" | "years" | "jahr" | "jahre" | "an" | "ans" | "año" | "años" => 12.0,
        _ => return None,
    };
    let term = number(count)? * months;
    (term.fract() == 0.0 && (1.0..=600.0).contains(&term)).then_some(term as i64)
}

/// The cell as it may stand in a CSV file that a spreadsheet opens: what it would run is made text.
pub fn csv_safe(cell: &str) -> Cow<'_, str> {
    let runs = matches!(
        cell.as_bytes().first(),
        Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r' | b'\n')
    );
    if !runs {
        return Cow::Borrowed(cell);
    }
    let negative = cell.strip_prefix('-').is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_digit()) && rest.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    });
    match negative {
        true => Cow::Borrowed(cell),
        false => Cow::Owned(format!("'{cell}")),
    }
}

#[cfg(test)]
mod tests;
