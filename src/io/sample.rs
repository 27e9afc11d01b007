//! A column by a sample of its cells: how many are filled, how many differ, and whether they are ids.

use std::cell::OnceCell;
use std::collections::HashSet;

use crate::model::table::Table;
use crate::model::values::{self, DateStyle, present};

/// Filled cells of a column, evenly spread over its rows.
pub(super) struct Sample<'t> {
    /// Rows that were looked at.
    pub(super) rows: usize,
    /// Their filled cells.
    pub(super) cells: Vec<&'t str>,
    /// Whether these are not all rows.
    pub(super) partial: bool,
    dates: OnceCell<DateStyle>,
    different: OnceCell<usize>,
}

/// What ids look like when a system has made them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// Whose they are: `Salesforce`.
    pub(super) whose: &'static str,
    /// Whether they are ids of accounts; none where they do not tell.
    pub(super) of_accounts: Option<bool>,
}

impl<'t> Sample<'t> {
    pub(super) fn of(table: &'t Table, column: usize) -> Self {
        const LOOKED_AT_MAX: usize = 2_000;
        let n = table.n_rows();
        let step = n.div_ceil(LOOKED_AT_MAX).max(1);
        let mut sample = Sample {
            rows: 0,
            cells: Vec::new(),
            partial: step > 1,
            dates: OnceCell::new(),
            different: OnceCell::new(),
        };
        for row in (0..n).step_by(step) {
            sample.rows += 1;
            sample.cells.extend(present(table.cell(row, column)));
        }
        if sample.cells.is_empty() && step > 1 {
            sample
                .cells
                .extend(table.column(column).filter_map(present).take(LOOKED_AT_MAX));
        }
        sample
    }

    pub(super) fn count(&self, test: impl Fn(&str) -> bool) -> usize {
        self.cells.iter().filter(|cell| test(cell)).count()
    }

    /// Whether every filled cell passes; the first that does not ends the search.
    pub(super) fn all(&self, test: impl Fn(&str) -> bool) -> bool {
        self.cells.iter().all(|cell| test(cell))
    }

    /// Whether at least half of the filled cells pass.
    pub(super) fn mostly(&self, test: impl Fn(&str) -> bool) -> bool {
        self.count(test) * 2 >= self.cells.len()
    }

    pub(super) fn is_date(&self, cell: &str) -> bool {
        let style = self
            .dates
            .get_or_init(|| values::date_style(self.cells.iter().map(|cell| (*cell, 1))));
        values::date(cell, *style).is_some()
    }

    /// Filled cells that differ from each other.
    pub(super) fn different(&self) -> usize {
        *self.different.get_or_init(|| self.cells.iter().collect::<HashSet<_>>().len())
    }

    /// Whether a system may have made these cells up as ids: words of people hold blanks and no digits.
    pub(super) fn looks_like_ids(&self) -> bool {
        let is_id = |cell: &str| !cell.contains(char::is_whitespace) && cell.bytes().any(|b| b.is_ascii_digit());
        !self.cells.is_empty() && self.count(is_id) * 10 >= self.cells.len() * 9
    }

    /// The shape that nearly all filled cells have.
    pub(super) fn shape(&self) -> Option<Shape> {
        let first = shape(self.cells.first()?)?;
        let same = self.count(|cell| shape(cell) == Some(first));
        (same * 10 >= self.cells.len() * 9).then_some(first)
    }
}

/// The shape of one cell.
fn shape(cell: &str) -> Option<Shape> {
    let found = |whose, of_accounts| Some(Shape { whose, of_accounts });
    let bytes = cell.as_bytes();
    let all = |test: fn(&u8) -> bool| bytes.iter().all(test);
    let has = |test: fn(&u8) -> bool| bytes.iter().any(test);
    match bytes.len() {
        15 | 18 if all(u8::is_ascii_alphanumeric) && has(u8::is_ascii_alphabetic) && cell.starts_with("00") => {
            found("Salesforce", Some(cell.starts_with("001")))
        }
        24 if all(u8::is_ascii_hexdigit) && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic) => {
            found("24 hex digits", None)
        }
        36 if is_uuid(bytes) => found("UUIDs", None),
        _ => stripe(cell).and_then(|of_accounts| found("Stripe", Some(of_accounts))),
    }
}

/// Whether an id that Stripe made is a customer's.
fn stripe(cell: &str) -> Option<bool> {
    const OTHERS: [&str; 14] = [
        "sub", "si", "ch", "pi", "py", "in", "il", "price", "prod", "plan", "txn", "evt", "card", "pm",
    ];
    const LETTERS_MIN: usize = 8;
    let (kind, rest) = cell.split_once('_')?;
    let random = rest.bytes().any(|b| b.is_ascii_digit()) && rest.bytes().any(|b| b.is_ascii_alphabetic());
    let made = random && rest.len() >= LETTERS_MIN && rest.bytes().all(|b| b.is_ascii_alphanumeric());
    match kind {
        "cus" if made => Some(true),
        kind if made && OTHERS.contains(&kind) => Some(false),
        _ => None,
    }
}

fn is_uuid(bytes: &[u8]) -> bool {
    bytes.iter().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_known_by_their_shape() {
        for (cell, whose, of_accounts) in [
            ("0015g00000XyZaB", "Salesforce", Some(true)),
            ("0015g00000XyZaBAAV", "Salesforce", Some(true)),
            ("0065g00000XyZaBAAV", "Salesforce", Some(false)),
            ("cus_NffrFeUfNV2Hib", "Stripe", Some(true)),
            ("sub_1MowQVLkdIwHu7ixeRlqHVzs", "Stripe", Some(false)),
            ("61ee9fc0a1b2c3d4e5f60718", "24 hex digits", None),
            ("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "UUIDs", None),
        ] {
            assert_eq!(shape(cell), Some(Shape { whose, of_accounts }), "{cell}");
        }
        for cell in [
            "Acme",
            "001234567890123",
            "in_progress",
            "plan_enterprise",
            "Internationalization",
            "7590-VHVEG",
            "1001",
        ] {
            assert_eq!(shape(cell), None, "{cell}");
        }
    }
}
