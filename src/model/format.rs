//! How a column writes its numbers and dates: decided once, over the whole column.

use std::sync::OnceLock;

use super::values::{DateOrder, DateStyle, Decimal, date_style, marks};

/// How one column writes numbers and dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Format {
    /// Numbers.
    pub decimal: Decimal,
    /// Dates.
    pub dates: DateStyle,
}

/// The formats of a table's columns; those that nobody set are decided at first use.
#[derive(Debug, Clone, Default)]
pub struct Formats {
    /// What stands in where a column leaves open what it means: the rest of the file has decided, or a person.
    pub fallback: Format,
    // Each is a pass over the column, and most columns hold numbers or dates, not both.
    decimals: Vec<OnceLock<Decimal>>,
    dates: Vec<OnceLock<DateStyle>>,
}

/// Dates whose order is open follow the fallback.
pub fn settled(dates: DateStyle, fallback: Format) -> DateStyle {
    match dates.order {
        DateOrder::Undecided | DateOrder::Mixed if fallback.dates.order != DateOrder::Iso => DateStyle {
            order: fallback.dates.order,
            ..dates
        },
        _ => dates,
    }
}

impl Formats {
    /// Formats of this many columns, all still open.
    pub fn new(n_columns: usize, fallback: Format) -> Formats {
        Formats {
            fallback,
            decimals: (0..n_columns).map(|_| OnceLock::new()).collect(),
            dates: (0..n_columns).map(|_| OnceLock::new()).collect(),
        }
    }

    /// Settles a column.
    pub fn set(&mut self, column: usize, format: Format) {
        if let Some(slot) = self.decimals.get_mut(column) {
            *slot = OnceLock::from(format.decimal);
        }
        if let Some(slot) = self.dates.get_mut(column) {
            *slot = OnceLock::from(format.dates);
        }
    }

    /// The decimal sign of a column, decided now from its cells if it is still open.
    pub fn decimal<'a, I: Iterator<Item = (&'a str, usize)>>(&self, column: usize, cells: impl FnOnce() -> I) -> Decimal {
        let decided = || marks(cells()).decided().unwrap_or(self.fallback.decimal);
        match self.decimals.get(column) {
            Some(slot) => *slot.get_or_init(decided),
            None => self.fallback.decimal,
        }
    }

    /// How a column writes dates, decided now from its cells if it is still open.
    pub fn dates<'a, I: Iterator<Item = (&'a str, usize)>>(&self, column: usize, cells: impl FnOnce() -> I) -> DateStyle {
        match self.dates.get(column) {
            Some(slot) => *slot.get_or_init(|| settled(date_style(cells()), self.fallback)),
            None => self.fallback.dates,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cells: &[&str], fallback: Format) -> Format {
        let formats = Formats::new(1, fallback);
        let cells = || cells.iter().map(|cell| (*cell, 1));
        Format {
            decimal: formats.decimal(0, cells),
            dates: formats.dates(0, cells),
        }
    }

    #[test]
    fn a_column_decides_and_else_the_file_does() {
        let comma = Format {
            decimal: Decimal::Comma,
            dates: DateOrder::DayFirst.into(),
        };
        for (cells, fallback, decimal, order) in [
            (vec!["1,234.50", "1,234"], comma, Decimal::Point, DateOrder::Iso),
            (vec!["1.234,50", "1.234"], Format::default(), Decimal::Comma, DateOrder::Iso),
            (vec!["186.000"], Format::default(), Decimal::Point, DateOrder::Iso),
            (vec!["186.000"], comma, Decimal::Comma, DateOrder::Iso),
            (vec!["186,000"], comma, Decimal::Point, DateOrder::Iso),
            (vec!["1/2/2026"], comma, Decimal::Comma, DateOrder::DayFirst),
            (vec!["1/2/2026"], Format::default(), Decimal::Point, DateOrder::Undecided),
            (vec!["2/23/2026"], comma, Decimal::Comma, DateOrder::MonthFirst),
        ] {
            let format = of(&cells, fallback);
            assert_eq!(format.dates.order, order, "{cells:?}");
            if cells.iter().any(|cell| !cell.contains('/')) {
                assert_eq!(format.decimal, decimal, "{cells:?}");
            }
        }
    }

    #[test]
    fn a_column_is_decided_once() {
        let formats = Formats::new(2, Format::default());
        assert_eq!(formats.decimal(0, || [("1,5", 1)].into_iter()), Decimal::Comma);
        assert_eq!(formats.decimal(0, || [("1.5", 1)].into_iter()), Decimal::Comma);
        assert_eq!(formats.decimal(9, || [("1,5", 1)].into_iter()), Decimal::Point);
    }
}
