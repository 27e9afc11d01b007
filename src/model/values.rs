//! Cell values: what a text in a cell means as an amount, a number, a date or a yes.

use std::borrow::Cow;

use jiff::civil::Date;

/// An amount as read from a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    /// Whole cents, more decimals rounded half away from zero.
    pub cents: i64,
    /// Currency code when the text names one (`$` is no code: many currencies use it).
    pub currency: Option<&'static str>,
}

/// How day and month stand in a column of dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateOrder {
    /// `2026-11-23` or nothing to decide.
    #[default]
    Iso,
    /// Some first part is above 12: `23/11/2026`.
    DayFirst,
    /// Some second part is above 12: `11/23/2026`.
    MonthFirst,
    /// No part is above 12.
    Undecided,
    /// Both happen: the column mixes orders.
    Mixed,
}

/// Words that stand for an empty cell, and the errors that spreadsheets leave in one.
const NULL_WORDS: [&str; 17] = [
    "-", "–", "—", "n/a", "na", "#n/a", "null", "none", "nil", "nan", "(blank)", "#ref!", "#value!", "#div/0!", "#name?",
    "#null!", "#num!",
];

/// ISO 4217 codes of currencies that invoices are written in.
const CODES: [&str; 48] = [
    "USD", "EUR", "GBP", "JPY", "INR", "CAD", "AUD", "NZD", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "BGN", "ILS",
    "TRY", "ZAR", "BRL", "MXN", "ARS", "CLP", "COP", "PEN", "CNY", "HKD", "TWD", "KRW", "SGD", "MYR", "THB", "IDR", "PHP", "VND",
    "AED", "SAR", "QAR", "KWD", "EGP", "NGN", "KES", "UAH", "ISK", "PKR", "BDT", "LKR",
];

/// Signs before or after an amount; the longer come first.
const SIGNS: [(&str, Option<&str>); 8] = [
    ("US$", Some("USD")),
    ("CA$", Some("CAD")),
    ("A$", Some("AUD")),
    ("$", None),
    ("€", Some("EUR")),
    ("£", Some("GBP")),
    ("¥", Some("JPY")),
    ("₹", Some("INR")),
];

/// The cell without surrounding blanks, or `None` for a blank or null word.
pub fn present(cell: &str) -> Option<&str> {
    const LONGEST: usize = 8;
    let text = trim(cell);
    // Called for every cell of a book: the first byte rules most of them out.
    let first = text.bytes().next()?;
    let maybe = text.len() <= LONGEST && matches!(first, b'-' | b'n' | b'N' | b'#' | b'(' | 0xe2);
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

/// The amount in a cell, exact to the cent (S1); `None` where it is not surely an amount.
///
/// Commas must separate groups of three; European and Indian grouping is not read, so it is never misread.
pub fn money(text: &str) -> Option<Amount> {
    let lexed = lex(text)?;
    if lexed.percent {
        return None;
    }
    let cents = scaled(lexed.whole, lexed.fraction, lexed.exponent.checked_add(2)?)?;
    Some(Amount {
        cents: if lexed.negative { -cents } else { cents },
        currency: lexed.currency,
    })
}

/// The number in a cell: `85%` is 0.85, `$350,000` is 350000, `12k` is 12000.
pub fn number(text: &str) -> Option<f64> {
    let plain = trim(text);
    if plain.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'))
        && let Ok(number) = plain.parse::<f64>()
    {
        return Some(number);
    }
    let lexed = lex(text)?;
    let exponent = if lexed.percent { lexed.exponent - 2 } else { lexed.exponent };
    let sign = if lexed.negative { "-" } else { "" };
    let digits: String = lexed.whole.chars().filter(char::is_ascii_digit).collect();
    let number: f64 = format!("{sign}{digits}.{}e{exponent}", lexed.fraction).parse().ok()?;
    number.is_finite().then_some(number)
}

/// Yes or no, in the words that exports use; else `None`.
pub fn truthy(text: &str) -> Option<bool> {
    let text = present(text)?;
    let any = |words: &[&str]| words.iter().any(|w| w.eq_ignore_ascii_case(text));
    if any(&["yes", "y", "true", "t", "1", "x", "✓", "✔", "1.0"]) {
        return Some(true);
    }
    any(&["no", "n", "false", "f", "0", "0.0"]).then_some(false)
}

/// How day and month stand in these cells; blanks and texts that are no dates do not count.
pub fn date_order<'a>(cells: impl Iterator<Item = &'a str>) -> DateOrder {
    let (mut any, mut day_first, mut month_first) = (false, false, false);
    for parts in cells.filter_map(date_parts) {
        if let DateParts::YearLast(first, second, _) = parts {
            any = true;
            day_first |= first > 12 && second <= 12;
            month_first |= second > 12 && first <= 12;
        }
    }
    match (any, day_first, month_first) {
        (false, ..) => DateOrder::Iso,
        (_, true, true) => DateOrder::Mixed,
        (_, true, false) => DateOrder::DayFirst,
        (_, false, true) => DateOrder::MonthFirst,
        (_, false, false) => DateOrder::Undecided,
    }
}

/// The date in a cell; a time after it is left out. Where the order is not decided, the month is read first.
pub fn date(text: &str, order: DateOrder) -> Option<Date> {
    match date_parts(text)? {
        DateParts::YearFirst(year, month, day) => Date::new(year, month, day).ok(),
        DateParts::YearLast(first, second, year) => {
            let month_first = Date::new(year, first, second).ok();
            let day_first = Date::new(year, second, first).ok();
            // A part above 12 leaves one reading, whatever the rest of the column does.
            if order == DateOrder::DayFirst {
                day_first.or(month_first)
            } else {
                month_first.or(day_first)
            }
        }
    }
}

/// How many items a cell lists (separated by comma, semicolon or bar), or the count it states; `None` for a blank.
pub fn list_len(cell: &str) -> Option<f64> {
    let text = present(cell)?;
    number(text).or_else(|| Some(text.split([',', ';', '|']).filter(|item| present(item).is_some()).count() as f64))
}

/// The currency that a text names by code or sign, in capitals; `$` names none.
pub fn currency_code(text: &str) -> Option<&'static str> {
    let text = trim(text);
    let signed = SIGNS.iter().find(|(sign, _)| *sign == text).and_then(|(_, code)| *code);
    signed.or_else(|| CODES.iter().copied().find(|code| code.eq_ignore_ascii_case(text)))
}

/// The cell as it may stand in a CSV file that a spreadsheet opens: what it would run is made text.
pub fn csv_safe(cell: &str) -> Cow<'_, str> {
    let runs = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let negative = cell.strip_prefix('-').is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_digit()) && rest.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    });
    if runs && !negative {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// A number in its parts: digits with commas, digits after the point, power of ten.
struct Lexed<'a> {
    negative: bool,
    percent: bool,
    currency: Option<&'static str>,
    whole: &'a str,
    fraction: &'a str,
    exponent: i32,
}

fn lex(text: &str) -> Option<Lexed<'_>> {
    let mut rest = present(text)?;
    let (mut signs, mut percents, mut currency) = (0, 0, None);
    loop {
        rest = trim(rest);
        let minus = rest.strip_prefix(['-', '−']).or_else(|| rest.strip_suffix(['-', '−']));
        let minus = minus.or_else(|| rest.strip_prefix('(').and_then(|r| r.strip_suffix(')')));
        if let Some(inner) = minus {
            signs += 1;
            rest = inner;
        } else if let Some(inner) = rest.strip_suffix('%') {
            percents += 1;
            rest = inner;
        } else if let Some((named, inner)) = strip_currency(rest) {
            if named.is_some() && currency.is_some() && named != currency {
                return None;
            }
            currency = named.or(currency);
            rest = inner;
        } else {
            break;
        }
    }
    let rest = rest.strip_prefix('+').unwrap_or(rest);
    let end = rest
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, ',' | '.')))
        .unwrap_or(rest.len());
    let (body, tail) = rest.split_at_checked(end)?;
    let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
    let digits = !(whole.is_empty() && fraction.is_empty());
    let sound = digits && signs <= 1 && percents <= 1 && grouped(whole) && fraction.bytes().all(|b| b.is_ascii_digit());
    if !sound {
        return None;
    }
    Some(Lexed {
        negative: signs == 1,
        percent: percents == 1,
        currency,
        whole,
        fraction,
        exponent: magnitude(trim(tail))?,
    })
}

/// Takes one currency off either end.
fn strip_currency(text: &str) -> Option<(Option<&'static str>, &str)> {
    for (sign, code) in SIGNS {
        if let Some(rest) = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)) {
            return Some((code, rest));
        }
    }
    let bounded = |rest: &str, c: Option<char>| !rest.is_empty() && !c.is_some_and(char::is_alphabetic);
    if let Some((head, rest)) = text.split_at_checked(3)
        && bounded(rest, rest.chars().next())
        && let Some(code) = currency_code(head)
    {
        return Some((Some(code), rest));
    }
    let (rest, tail) = text.split_at_checked(text.len().checked_sub(3)?)?;
    let code = currency_code(tail)?;
    bounded(rest, rest.chars().next_back()).then_some((Some(code), rest))
}

/// Whether the whole part is digits alone, or groups of three of which the first does not start with zero.
fn grouped(whole: &str) -> bool {
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or("");
    if first.len() == whole.len() {
        return true;
    }
    (1..=3).contains(&first.len()) && !first.starts_with('0') && groups.all(|g| g.len() == 3)
}

/// The power of ten of what follows the digits.
fn magnitude(tail: &str) -> Option<i32> {
    const EXPONENT_MAX: i32 = 300;
    if tail.is_empty() {
        return Some(0);
    }
    let is = |words: &[&str]| words.iter().any(|w| w.eq_ignore_ascii_case(tail));
    if is(&["k", "thousand"]) {
        return Some(3);
    }
    if is(&["m", "mm", "mn", "mio", "million"]) {
        return Some(6);
    }
    if is(&["b", "bn", "billion"]) {
        return Some(9);
    }
    let power: i32 = tail.strip_prefix(['e', 'E'])?.parse().ok()?;
    (power.abs() <= EXPONENT_MAX).then_some(power)
}

/// `whole.fraction × 10^exponent` as an integer, rounded half away from zero; `None` when it does not fit.
fn scaled(whole: &str, fraction: &str, exponent: i32) -> Option<i64> {
    // 36 digits fit u128; whatever stands further right cannot change which way a half is rounded.
    const DIGITS_MAX: usize = 36;
    let mut value: u128 = 0;
    let mut power = exponent;
    let mut taken = 0;
    for (digit, after_point) in whole.bytes().map(|b| (b, false)).chain(fraction.bytes().map(|b| (b, true))) {
        if !digit.is_ascii_digit() {
            continue;
        }
        if taken < DIGITS_MAX {
            value = value * 10 + u128::from(digit - b'0');
            taken += usize::from(value > 0);
            power = power.checked_sub(i32::from(after_point))?;
        } else if !after_point {
            power = power.checked_add(1)?;
        }
    }
    if value == 0 {
        return Some(0);
    }
    let factor = |power: u32| 10_u128.checked_pow(power);
    let scaled = match u32::try_from(power) {
        Ok(up) => value.checked_mul(factor(up)?)?,
        Err(_) => match factor(power.unsigned_abs()) {
            Some(down) => value / down + u128::from(value % down >= down / 2),
            None => 0,
        },
    };
    i64::try_from(scaled).ok()
}

enum DateParts {
    YearFirst(i16, i8, i8),
    YearLast(i8, i8, i16),
}

fn date_parts(text: &str) -> Option<DateParts> {
    let text = trim(text);
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let end = text.find(|c: char| c == 'T' || c.is_whitespace()).unwrap_or(text.len());
    let (day_text, time) = text.split_at_checked(end)?;
    let time = time.trim_start_matches(|c: char| c == 'T' || c.is_whitespace());
    if !(time.is_empty() || (time.starts_with(|c: char| c.is_ascii_digit()) && time.contains(':'))) {
        return None;
    }
    let separator = day_text
        .chars()
        .find(|c| !c.is_ascii_digit())
        .filter(|c| matches!(c, '-' | '/' | '.'))?;
    let mut parts = day_text.split(separator);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = [first, second, third].iter().all(|p| p.bytes().all(|b| b.is_ascii_digit()));
    if !digits || parts.next().is_some() {
        return None;
    }
    match (first.len(), third.len()) {
        (4, 1 | 2) => Some(DateParts::YearFirst(
            first.parse().ok()?,
            second.parse().ok()?,
            third.parse().ok()?,
        )),
        (1 | 2, 4) => Some(DateParts::YearLast(
            first.parse().ok()?,
            second.parse().ok()?,
            third.parse().ok()?,
        )),
        (1 | 2, 2) => {
            let year: i16 = third.parse().ok()?;
            Some(DateParts::YearLast(first.parse().ok()?, second.parse().ok()?, 2000 + year))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
