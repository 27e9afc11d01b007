//! One test of one cell, made ready for a column: yes, no, or blank.

use crate::model::book::{Book, ColumnRef};
use crate::model::signal::{Condition, Literal, Op};
use crate::model::values;

/// What a condition says of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// The condition holds.
    Yes,
    /// It does not.
    No,
    /// The cell is blank: it does not hold, and nobody knows.
    Blank,
}

impl Holds {
    pub(super) fn of(yes: bool) -> Holds {
        if yes { Holds::Yes } else { Holds::No }
    }
}

/// A condition made ready for one column.
pub(super) struct Test<'a> {
    op: Op,
    value: &'a Literal,
    /// The number to compare with; a text such as `50k` counts where an order is asked for.
    number: Option<f64>,
    words: Vec<String>,
    date: Option<jiff::civil::Date>,
    order: values::DateStyle,
}

const NOTHING: Literal = Literal::Bool(true);

impl<'a> Test<'a> {
    pub(super) fn new(condition: &'a Condition, book: &Book, column: &ColumnRef) -> Test<'a> {
        let value = condition.value.as_ref().unwrap_or(&NOTHING);
        let words = match value {
            Literal::List(items) => items.iter().map(|item| item.text().trim().to_lowercase()).collect(),
            other => vec![other.text().trim().to_lowercase()],
        };
        let ordering = condition.asks_order();
        let date = value
            .date(book.as_of)
            .filter(|_| ordering || matches!(condition.op, Op::Eq | Op::Ne));
        let number = match value {
            Literal::Number(number) => Some(*number),
            text if ordering && date.is_none() => number_of(text),
            _ => None,
        };
        let order = match column {
            ColumnRef::Cells { column, .. } if date.is_some() => book.dates(*column),
            _ => values::DateStyle::default(),
        };
        Test {
            op: condition.op,
            value,
            number,
            words,
            date,
            order,
        }
    }

    pub(super) fn wants_numbers(&self) -> bool {
        match self.value {
            _ if self.number.is_some() => true,
            Literal::List(items) => items.iter().any(|item| matches!(item, Literal::Number(_))),
            _ => false,
        }
    }

    /// Whether the text matters beside the number, but for being there.
    pub(super) fn reads_text(&self) -> bool {
        match self.op {
            Op::Present => false,
            Op::In | Op::Contains => true,
            _ => self.date.is_some() || self.number.is_none(),
        }
    }

    pub(super) fn holds(&self, text: &str, number: Option<f64>) -> bool {
        match self.op {
            Op::Present => true,
            Op::In => self.is_one(text, number),
            Op::Contains => {
                let text = text.to_lowercase();
                self.words.iter().any(|word| text.contains(word))
            }
            Op::Eq => self.compare(text, number).is_some_and(|o| o.is_eq()),
            Op::Ne => !self.compare(text, number).is_some_and(|o| o.is_eq()),
            Op::Lt => self.compare(text, number).is_some_and(|o| o.is_lt()),
            Op::Le => self.compare(text, number).is_some_and(|o| o.is_le()),
            Op::Gt => self.compare(text, number).is_some_and(|o| o.is_gt()),
            Op::Ge => self.compare(text, number).is_some_and(|o| o.is_ge()),
        }
    }

    fn is_one(&self, text: &str, number: Option<f64>) -> bool {
        let text = text.trim().to_lowercase();
        let numbers = match self.value {
            Literal::List(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        let equal = |item: &Literal| matches!((item, number), (Literal::Number(want), Some(have)) if *want == have);
        self.words.contains(&text) || numbers.iter().any(equal)
    }

    fn compare(&self, text: &str, number: Option<f64>) -> Option<std::cmp::Ordering> {
        if let Some(date) = self.date {
            return values::date(text, self.order).map(|cell| cell.cmp(&date));
        }
        if let Some(value) = self.number {
            return number?.partial_cmp(&value);
        }
        match self.value {
            Literal::Bool(yes) => Some(says_yes(text).cmp(yes)),
            _ => self.words.first().map(|word| text.trim().to_lowercase().cmp(word)),
        }
    }
}

/// The number that a literal stands for.
pub(super) fn number_of(literal: &Literal) -> Option<f64> {
    match literal {
        Literal::Number(n) => Some(*n),
        Literal::Text(text) => values::number(text),
        Literal::Bool(_) | Literal::List(_) => None,
    }
}

/// In a condition a cell says yes when it is filled with anything but a no: a title or a date counts.
fn says_yes(text: &str) -> bool {
    !text.is_empty() && values::truthy(text) != Some(false)
}
