//! Dates as exports write them; how a column writes them is decided over the whole column.

use jiff::civil::Date;

use super::{present, trim};

/// How day and month stand in a column of dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateOrder {
    /// `2026-11-23` or nothing to decide.
    #[default]
    Iso,
    /// Some first part is above 12, or the parts are set apart by dots: `23/11/2026`, `3.11.2026`.
    DayFirst,
    /// Some second part is above 12: `11/23/2026`.
    MonthFirst,
    /// No part is above 12.
    Undecided,
    /// Both happen: the column mixes orders.
    Mixed,
}

/// What whole numbers mean in a column of dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Numeric {
    /// No dates.
    #[default]
    None,
    /// Days since the end of 1899, as spreadsheets count.
    Serial,
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Millis,
}

/// How a column writes dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DateStyle {
    /// Day and month.
    pub order: DateOrder,
    /// Whole numbers.
    pub numeric: Numeric,
}

impl From<DateOrder> for DateStyle {
    fn from(order: DateOrder) -> Self {
        DateStyle {
            order,
            numeric: Numeric::None,
        }
    }
}

/// How these cells write dates, each given with how many there are of it; blanks and texts that are no dates do not count.
pub fn date_style<'a>(cells: impl Iterator<Item = (&'a str, usize)>) -> DateStyle {
    let (mut any, mut day_first, mut month_first, mut dotted) = (false, false, false, false);
    let mut numbers = Numbers::default();
    for (cell, n) in cells.filter_map(|(cell, n)| Some((present(cell)?, n))) {
        match parts(cell) {
            Some(Parts::YearLast { first, second, dots, .. }) => {
                any = true;
                dotted |= dots;
                day_first |= first > 12 && second <= 12;
                month_first |= second > 12 && first <= 12;
                numbers.others += n;
            }
            Some(_) => numbers.others += n,
            None => numbers.add(cell, n),
        }
    }
    let order = match (any, day_first, month_first) {
        (false, ..) => DateOrder::Iso,
        (_, true, true) => DateOrder::Mixed,
        (_, true, false) => DateOrder::DayFirst,
        (_, false, true) => DateOrder::MonthFirst,
        (_, false, false) if dotted => DateOrder::DayFirst,
        (_, false, false) => DateOrder::Undecided,
    };
    DateStyle {
        order,
        numeric: numbers.meaning(),
    }
}

/// The date in a cell; a time after it is left out. Where the order is not decided, the month is read first.
pub fn date(text: &str, style: DateStyle) -> Option<Date> {
    match parts(text) {
        Some(Parts::Whole(date)) => Some(date),
        Some(Parts::YearLast { first, second, year, .. }) => {
            let month_first = Date::new(year, first, second).ok();
            let day_first = Date::new(year, second, first).ok();
            // A part above 12 leaves one reading, whatever the rest of the column does.
            if style.order == DateOrder::DayFirst {
                day_first.or(month_first)
            } else {
                month_first.or(day_first)
            }
        }
        None => counted(whole_number(trim(text))?, style.numeric),
    }
}

/// Whole numbers of a column, and on which scale all of them are plausible dates.
#[derive(Default)]
struct Numbers {
    n: usize,
    others: usize,
    min: i64,
    max: i64,
}

impl Numbers {
    fn add(&mut self, cell: &str, n: usize) {
        let Some(number) = whole_number(cell) else {
            self.others += n;
            return;
        };
        (self.min, self.max) = match self.n {
            0 => (number, number),
            _ => (self.min.min(number), self.max.max(number)),
        };
        self.n += n;
    }

    fn meaning(&self) -> Numeric {
        // 1954 to 2119 in days, 1990 to 2100 in seconds; a year such as 2024 is in none of them.
        const SERIALS: std::ops::RangeInclusive<i64> = 20_000..=80_000;
        const SECONDS: std::ops::RangeInclusive<i64> = 631_152_000..=4_102_444_800;
        let all = |range: &std::ops::RangeInclusive<i64>, unit: i64| {
            range.contains(&(self.min / unit)) && range.contains(&(self.max / unit))
        };
        match () {
            () if self.n == 0 || self.others > self.n => Numeric::None,
            () if all(&SERIALS, 1) => Numeric::Serial,
            () if all(&SECONDS, 1) => Numeric::Seconds,
            () if all(&SECONDS, 1000) => Numeric::Millis,
            () => Numeric::None,
        }
    }
}

/// The whole part of a plain number; a serial may carry a time after the point.
fn whole_number(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    (digits(whole) && digits(fraction)).then(|| whole.parse().ok())?
}

fn counted(number: i64, numeric: Numeric) -> Option<Date> {
    const SECONDS_A_DAY: i64 = 86_400;
    let (from, days) = match numeric {
        Numeric::None => return None,
        // Serial 60 is a 29th of February 1900 that never was; every date after it counts from the 30th of December 1899.
        Numeric::Serial => (Date::constant(1899, 12, 30), number),
        Numeric::Seconds => (Date::constant(1970, 1, 1), number.div_euclid(SECONDS_A_DAY)),
        Numeric::Millis => (Date::constant(1970, 1, 1), number.div_euclid(SECONDS_A_DAY * 1000)),
    };
    from.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

enum Parts {
    /// Nothing is left to decide.
    Whole(Date),
    /// Day and month in either order, then the year.
    YearLast { first: i8, second: i8, year: i16, dots: bool },
}

fn parts(text: &str) -> Option<Parts> {
    let text = trim(text);
    // Most dates of most books.
    if let Some(date) = iso(text) {
        return Some(Parts::Whole(date));
    }
    // A plain number may be a date on a scale of its own; it has no parts.
    if text.len() != 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if text.bytes().any(|b| b.is_ascii_alphabetic() && b != b'T' && b != b'Z')
        && let Some(date) = with_month_name(text)
    {
        return Some(Parts::Whole(date));
    }
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let end = text.find(|c: char| c == 'T' || c.is_whitespace()).unwrap_or(text.len());
    let (day_text, time) = text.split_at_checked(end)?;
    let time = time.trim_start_matches(|c: char| c == 'T' || c.is_whitespace());
    if !is_time(time) {
        return None;
    }
    if day_text.len() == 8 && day_text.bytes().all(|b| b.is_ascii_digit()) {
        return compact(day_text).map(Parts::Whole);
    }
    let separator = day_text
        .chars()
        .find(|c| !c.is_ascii_digit())
        .filter(|c| matches!(c, '-' | '/' | '.'))?;
    let mut fields = day_text.split(separator);
    let (first, second, third) = (fields.next()?, fields.next()?, fields.next()?);
    let digits = [first, second, third].iter().all(|p| p.bytes().all(|b| b.is_ascii_digit()));
    if !digits || fields.next().is_some() {
        return None;
    }
    let dots = separator == '.';
    match (first.len(), third.len()) {
        (4, 1 | 2) => Date::new(first.parse().ok()?, second.parse().ok()?, third.parse().ok()?)
            .ok()
            .map(Parts::Whole),
        (1 | 2, 2 | 4) => Some(Parts::YearLast {
            first: first.parse().ok()?,
            second: second.parse().ok()?,
            year: year(third)?,
            dots,
        }),
        _ => None,
    }
}

/// `2026-06-30`, alone.
fn iso(text: &str) -> Option<Date> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes() else {
        return None;
    };
    let number = |digits: &[u8]| {
        digits
            .iter()
            .try_fold(0_i16, |n, b| b.is_ascii_digit().then(|| n * 10 + i16::from(b - b'0')))
    };
    let part = |digits: [u8; 2]| i8::try_from(number(&digits)?).ok();
    Date::new(number(&[y1, y2, y3, y4])?, part([m1, m2])?, part([d1, d2])?).ok()
}

fn is_time(text: &str) -> bool {
    text.is_empty() || (text.starts_with(|c: char| c.is_ascii_digit()) && text.contains(':'))
}

/// `20260630`.
fn compact(digits: &str) -> Option<Date> {
    let part = |range: std::ops::Range<usize>| digits.get(range);
    let year: i16 = part(0..4)?.parse().ok().filter(|year| (1900..2200).contains(year))?;
    Date::new(year, part(4..6)?.parse().ok()?, part(6..8)?.parse().ok()?).ok()
}

/// Four digits as they stand; two digits are of this century up to 69.
fn year(text: &str) -> Option<i16> {
    let year: i16 = text.parse().ok()?;
    match text.len() {
        4 => Some(year),
        _ if year < 70 => Some(2000 + year),
        _ => Some(1900 + year),
    }
}

/// `Jan 5, 2026`, `5 January 2026 10:00`, `05-Jan-26`, `5. März 2026`, `5 de enero de 2026`.
fn with_month_name(text: &str) -> Option<Date> {
    let mut month = None;
    let mut numbers: Vec<&str> = Vec::new();
    for word in text
        .split([' ', '-', '/', ',', '.', '\u{a0}'])
        .filter(|word| !word.is_empty())
    {
        match (word.starts_with(|c: char| c.is_ascii_digit()), month) {
            (true, _) if numbers.len() == 2 => break,
            (true, _) => numbers.push(word.trim_end_matches(|c: char| c.is_ascii_alphabetic())),
            (false, None) if numbers.len() < 2 => month = month_of(word).or(month),
            (false, _) => {}
        }
        // A first word that is no month and no weekday is no date.
        if month.is_none() && numbers.is_empty() && !is_weekday(word) {
            return None;
        }
    }
    let [a, b] = numbers.as_slice() else { return None };
    let (day, year_text) = if a.len() == 4 { (b, a) } else { (a, b) };
    let lengths = (1..=2).contains(&day.len()) && matches!(year_text.len(), 2 | 4);
    Date::new(year(year_text).filter(|_| lengths)?, month?, day.parse().ok()?).ok()
}

fn is_weekday(word: &str) -> bool {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    if let (true, Some(head)) = (word.is_ascii(), word.get(..3)) {
        return word.len() <= 9 && DAYS.iter().any(|day| day.eq_ignore_ascii_case(head));
    }
    DAYS.iter().any(|day| word.len() <= 9 && word.to_lowercase().starts_with(day))
}

/// The month that a word names in English, German, French or Spanish, whole or cut to three letters.
fn month_of(word: &str) -> Option<i8> {
    const MONTHS: [&[&str]; 12] = [
        &["january", "januar", "jänner", "janvier", "enero"],
        &["february", "februar", "février", "fevrier", "febrero"],
        &["march", "märz", "maerz", "mrz", "mars", "marzo"],
        &["april", "avril", "abril"],
        &["may", "mai", "mayo"],
        &["june", "juni", "juin", "junio"],
        &["july", "juli", "juillet", "julio"],
        &["august", "août", "aout", "agosto"],
        &["september", "septembre", "septiembre"],
        &["october", "oktober", "octobre", "octubre"],
        &["november", "novembre", "noviembre"],
        &["december", "dezember", "décembre", "decembre", "diciembre"],
    ];
    const LETTERS_MIN: usize = 3;
    // Asked of every cell of words: the first letter rules most of them out.
    const FIRST: &[u8] = b"jfemasond";
    if word.is_ascii() && !word.bytes().next().is_some_and(|b| FIRST.contains(&b.to_ascii_lowercase())) {
        return None;
    }
    let word = word.to_lowercase();
    if word.chars().count() < LETTERS_MIN {
        return None;
    }
    // `jui` would be June or July; both are told apart by their fourth letter.
    let at = MONTHS
        .iter()
        .position(|names| names.iter().any(|name| name.starts_with(&word)))?;
    i8::try_from(at + 1).ok()
}
