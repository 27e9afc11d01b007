//! Amounts and numbers in the groupings that people write: US, European, Swiss, Indian, French.

use super::{currency, present, trim};

/// An amount as read from a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    /// Whole cents, more decimals rounded half away from zero.
    pub cents: i64,
    /// Currency code when the text names one (`$` is no code: many currencies use it).
    pub currency: Option<&'static str>,
}

/// Which sign stands before the decimals of a column; the other one may stand between thousands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Decimal {
    /// `1,234.50`, `1'234.50`, `1 234.50`, `12,34,567.50`.
    #[default]
    Point,
    /// `1.234,50`, `1'234,50`, `1 234,50`.
    Comma,
}

impl Decimal {
    /// The amount in a cell, exact to the cent (S1); `None` where it is not surely an amount.
    ///
    /// Grouping must be whole (threes, or Indian threes and twos), so a cell cut at a comma is never misread.
    /// A cell that can only be meant the other way (`1.234,50` in a column of points) is read that way.
    pub fn money(self, text: &str) -> Option<Amount> {
        if let Some(cents) = plain_cents(text, self) {
            return Some(Amount { cents, currency: None });
        }
        self.any_money(text)
    }

    fn any_money(self, text: &str) -> Option<Amount> {
        let lexed = self.lexed(text)?;
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
    pub fn number(self, text: &str) -> Option<f64> {
        let plain = trim(text);
        let simple = |b: u8| b.is_ascii_digit() || b == b'-' || (b == b'.' && self == Decimal::Point);
        if plain.bytes().all(simple)
            && let Ok(number) = plain.parse::<f64>()
        {
            return Some(number);
        }
        let lexed = self.lexed(text)?;
        let exponent = if lexed.percent { lexed.exponent - 2 } else { lexed.exponent };
        let sign = if lexed.negative { "-" } else { "" };
        let digits: String = lexed.whole.chars().filter(char::is_ascii_digit).collect();
        let number: f64 = format!("{sign}{digits}.{}e{exponent}", lexed.fraction).parse().ok()?;
        number.is_finite().then_some(number)
    }

    fn lexed(self, text: &str) -> Option<Lexed<'_>> {
        let bare = Bare::of(text)?;
        let read = bare.read(self);
        read.or_else(|| bare.read(self.other()).filter(|_| bare.is_certain()))
    }

    fn other(self) -> Decimal {
        match self {
            Decimal::Point => Decimal::Comma,
            Decimal::Comma => Decimal::Point,
        }
    }
}

/// What the separators of a column say about its decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks<'a> {
    /// Cells that read only with a decimal point.
    pub points: usize,
    /// Cells that read only with a decimal comma.
    pub commas: usize,
    /// Cells such as `186.000`, where the dot may stand before decimals or between thousands.
    pub open_dots: usize,
    /// Cells such as `186,000`.
    pub open_commas: usize,
    /// The first of the open dots.
    pub example: Option<&'a str>,
}

impl<'a> Marks<'a> {
    /// Those of this column and of its cells further down.
    pub fn plus(self, below: Marks<'a>) -> Marks<'a> {
        Marks {
            points: self.points + below.points,
            commas: self.commas + below.commas,
            open_dots: self.open_dots + below.open_dots,
            open_commas: self.open_commas + below.open_commas,
            example: self.example.or(below.example),
        }
    }

    /// What the column decides by itself, if it does.
    pub fn decided(&self) -> Option<Decimal> {
        match self.points.cmp(&self.commas) {
            std::cmp::Ordering::Greater => Some(Decimal::Point),
            std::cmp::Ordering::Less => Some(Decimal::Comma),
            // Three digits after a comma are thousands wherever nothing else is said: money has no third decimal.
            std::cmp::Ordering::Equal if self.open_dots == 0 => Some(Decimal::Point),
            std::cmp::Ordering::Equal => None,
        }
    }
}

/// Counts what the separators in these cells say; each is given with how many there are of it.
pub fn marks<'a>(cells: impl Iterator<Item = (&'a str, usize)>) -> Marks<'a> {
    let mut marks = Marks::default();
    for (cell, n) in cells.filter(|(cell, _)| cell.bytes().any(|b| matches!(b, b'.' | b','))) {
        if plain_decimals(cell).is_some_and(|places| places != 3) {
            marks.points += n;
            continue;
        }
        let Some(bare) = Bare::of(cell) else { continue };
        let whole = |lexed: Option<Lexed>| lexed.map(|l| (l.fraction.is_empty(), l.fraction.len()));
        match (whole(bare.read(Decimal::Point)), whole(bare.read(Decimal::Comma))) {
            (Some(_), None) => marks.points += n,
            (None, Some(_)) => marks.commas += n,
            (Some((point_whole, _)), Some((comma_whole, _))) if point_whole != comma_whole => {
                if comma_whole {
                    marks.open_dots += n;
                    marks.example.get_or_insert(cell);
                } else {
                    marks.open_commas += n;
                }
            }
            _ => {}
        }
    }
    marks
}

/// Whole cents of a number such as `1234.50` or `1234`, which most amounts of most books are; none for all other texts.
fn plain_cents(text: &str, decimal: Decimal) -> Option<i64> {
    // So many digits fit whatever they are.
    const DIGITS_MAX: usize = 16;
    let (whole, fraction) = match text.len() {
        0..=DIGITS_MAX if decimal == Decimal::Point => text.split_once('.').unwrap_or((text, "")),
        0..=DIGITS_MAX => (text, ""),
        _ => return None,
    };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || fraction.len() > 2 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let number = |part: &str| part.bytes().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    let of_fraction = number(fraction) * if fraction.len() == 1 { 10 } else { 1 };
    Some(number(whole) * 100 + of_fraction)
}

/// How many digits follow the point of a number such as `-1234.50`; none for all other texts.
fn plain_decimals(text: &str) -> Option<usize> {
    let (whole, fraction) = text.strip_prefix('-').unwrap_or(text).split_once('.')?;
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    (!whole.is_empty() && digits(whole) && digits(fraction)).then_some(fraction.len())
}

/// A number without sign, percent and currency: what is left is digits, separators and a power of ten.
struct Bare<'a> {
    negative: bool,
    percent: bool,
    currency: Option<&'static str>,
    body: &'a str,
    exponent: i32,
}

/// A number in its parts: digits with their separators, digits after the decimal sign, power of ten.
struct Lexed<'a> {
    negative: bool,
    percent: bool,
    currency: Option<&'static str>,
    whole: &'a str,
    fraction: &'a str,
    exponent: i32,
}

/// What may stand between groups of digits whatever the decimal sign: apostrophes and blanks of every width.
fn is_mark(c: char) -> bool {
    matches!(c, '\'' | '’' | ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\u{2007}')
}

impl<'a> Bare<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let mut rest = present(text)?;
        // Most words that are tried hold none, and there is much that could stand around one.
        rest.bytes().any(|b| b.is_ascii_digit()).then_some(())?;
        // A spreadsheet's mark that a number is text.
        if let Some(inner) = rest.strip_prefix('\'').filter(|inner| !inner.starts_with('\'')) {
            rest = inner;
        }
        let (mut signs, mut percents, mut currency) = (0, 0, None);
        let digit = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_digit());
        // What begins and ends with a digit has neither sign nor currency, and most numbers do.
        while !(digit(rest.bytes().next()) && digit(rest.bytes().next_back())) {
            rest = trim(rest);
            // Swiss and German prices end in a dash for no cents.
            let dashed = [".--", ",--", ".-", ".–", ".—", ",-", ",–", ",—"]
                .iter()
                .find_map(|dash| rest.strip_suffix(dash));
            if let Some(inner) = dashed.filter(|inner| inner.ends_with(|c: char| c.is_ascii_digit())) {
                rest = inner;
                continue;
            }
            let minus = rest
                .strip_prefix(['-', '−', '–'])
                .or_else(|| rest.strip_suffix(['-', '−', '–']));
            let minus = minus.or_else(|| rest.strip_prefix('(').and_then(|r| r.strip_suffix(')')));
            if let Some(inner) = minus {
                signs += 1;
                rest = inner;
            } else if let Some(inner) = rest.strip_suffix('%') {
                percents += 1;
                rest = inner;
            } else if let Some((named, inner)) = currency::strip(rest) {
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
        let part = |c: char| c.is_ascii_digit() || matches!(c, ',' | '.') || is_mark(c);
        let end = rest.find(|c: char| !part(c)).unwrap_or(rest.len());
        let (body, tail) = rest.split_at_checked(end)?;
        (signs <= 1 && percents <= 1).then_some(())?;
        Some(Bare {
            negative: signs == 1,
            percent: percents == 1,
            currency,
            body: trim(body),
            exponent: magnitude(trim(tail))?,
        })
    }

    fn read(&self, decimal: Decimal) -> Option<Lexed<'a>> {
        let (sign, group) = match decimal {
            Decimal::Point => ('.', ','),
            Decimal::Comma => (',', '.'),
        };
        let (whole, fraction) = self.body.split_once(sign).unwrap_or((self.body, ""));
        let digits = !(whole.is_empty() && fraction.is_empty());
        let sound = digits && is_grouped(whole, group) && fraction.bytes().all(|b| b.is_ascii_digit());
        sound.then_some(Lexed {
            negative: self.negative,
            percent: self.percent,
            currency: self.currency,
            whole,
            fraction,
            exponent: self.exponent,
        })
    }

    /// Whether the text has both separators, or one of them twice: then only one reading is left whatever the column does.
    fn is_certain(&self) -> bool {
        let count = |sign: char| self.body.matches(sign).count();
        (count('.') > 0 && count(',') > 0) || count('.') > 1 || count(',') > 1
    }
}

/// Whether the whole part is digits alone, or groups of which the first does not start with zero: threes, or Indian twos
/// before the last three. One kind of separator at a time.
fn is_grouped(whole: &str, group: char) -> bool {
    let Some(separator) = whole.chars().find(|c| !c.is_ascii_digit()) else {
        return true;
    };
    if separator != group && !is_mark(separator) {
        return false;
    }
    let mut groups: Vec<&str> = whole.split(separator).collect();
    let digits = |g: &str| g.bytes().all(|b| b.is_ascii_digit());
    let (Some(last), Some(first)) = (groups.pop(), groups.first().copied()) else {
        return false;
    };
    let inner = groups.get(1..).unwrap_or_default();
    let sound = digits(last) && groups.iter().all(|g| digits(g)) && last.len() == 3 && !first.starts_with('0');
    let threes = (1..=3).contains(&first.len()) && inner.iter().all(|g| g.len() == 3);
    let indian = separator == ',' && (1..=2).contains(&first.len()) && inner.iter().all(|g| g.len() == 2);
    sound && (threes || indian)
}

/// The power of ten of what follows the digits.
fn magnitude(tail: &str) -> Option<i32> {
    const EXPONENT_MAX: i32 = 300;
    if tail.is_empty() {
        return Some(0);
    }
    let word = tail.strip_suffix('.').unwrap_or(tail);
    let is = |words: &[&str]| words.iter().any(|w| w.eq_ignore_ascii_case(word));
    if is(&["k", "thousand", "tsd"]) {
        return Some(3);
    }
    if is(&["lakh", "lakhs", "lac", "lacs"]) {
        return Some(5);
    }
    if is(&["m", "mm", "mn", "mio", "mln", "million", "millions", "millionen", "millones"]) {
        return Some(6);
    }
    if is(&["cr", "crore", "crores"]) {
        return Some(7);
    }
    if is(&[
        "b",
        "bn",
        "billion",
        "billions",
        "mrd",
        "md",
        "mds",
        "milliarden",
        "milliards",
    ]) {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_short_way_gives_what_the_long_way_gives(text in "[0-9.,-]{0,17}|[0-9]{1,12}\\.[0-9]{0,3}") {
            for decimal in [Decimal::Point, Decimal::Comma] {
                prop_assert_eq!(decimal.money(&text), decimal.any_money(&text), "{}", text);
            }
        }
    }
}
