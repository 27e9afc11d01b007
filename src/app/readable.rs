//! Whether the cells of a column are what a signal reads: a text taken for a yes would score everyone, silently.

use serde_json::{Value, json};

use crate::error::Problem;
use crate::io;
use crate::model::book::{Book, ColumnRef};
use crate::model::money::grouped;
use crate::model::signal::{Signal, Trend};
use crate::model::values;

/// What is wrong with the columns that a signal reads; `place` is where the signal stands.
pub(super) fn problems(book: &Book, signal: &Signal, place: &str) -> Vec<Problem> {
    match signal {
        Signal::Flag { column, yes, .. } if yes.is_empty() => flag(book, column)
            .map(|problem| problem.at(format!("{place}.column")))
            .into_iter()
            .collect(),
        Signal::Scale { column, .. } | Signal::Threshold { column, .. } => scale(book, column)
            .map(|problem| problem.at(format!("{place}.column")))
            .into_iter()
            .collect(),
        Signal::Ratio { over, .. } => over
            .iter()
            .filter_map(|column| scale(book, column))
            .map(|problem| problem.at(format!("{place}.over")))
            .collect(),
        Signal::Trend { base, by, .. } => {
            let read = match by {
                Trend::Column(column) => vec![column],
                Trend::Over([now, before]) => vec![now, before],
            };
            let mut wrong = problems(book, base, &format!("{place}.of.0"));
            wrong.extend(
                read.into_iter()
                    .filter_map(|column| scale(book, column))
                    .map(|problem| problem.at(place)),
            );
            wrong
        }
        Signal::Recent { column, .. } => dates(book, column)
            .map(|problem| problem.at(format!("{place}.column")))
            .into_iter()
            .collect(),
        Signal::Combine { of, .. } => {
            let parts = of.iter().enumerate();
            parts
                .flat_map(|(at, (_, part))| problems(book, part, &format!("{place}.of.{at}")))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The rule with the commonest text of its column as its yes, where that would make it one that can be read.
pub(super) fn with_yes(book: &Book, signal: &Signal, rule: &Value) -> Option<Value> {
    let Signal::Flag { column, yes, .. } = signal else {
        return None;
    };
    let odd = Odd::of(book, column, |text, _| values::truthy(text).is_some()).filter(|_| yes.is_empty())?;
    let mut rule = rule.clone();
    rule.as_object_mut()?.insert("yes".into(), json!([odd.texts.first()?.0]));
    Some(rule)
}

fn flag(book: &Book, column: &str) -> Option<Problem> {
    let odd = Odd::of(book, column, |text, _| values::truthy(text).is_some())?;
    Some(
        odd.problem("column_not_yes_no", column, "says neither yes nor no for")
            .expected("yes: the texts of the column that count as yes; every other text is then a no"),
    )
}

fn scale(book: &Book, column: &str) -> Option<Problem> {
    let odd = Odd::of(book, column, |_, number| number.is_some())?;
    Some(
        odd.problem("column_not_numbers", column, "holds no number in")
            .expected("a column of numbers; for texts {\"kind\": \"levels\", \"column\": .., \"scores\": {\"TEXT\": 0..1}}"),
    )
}

fn dates(book: &Book, column: &str) -> Option<Problem> {
    let Some(ColumnRef::Cells { column: at, .. }) = book.column(column) else {
        return None;
    };
    let style = book.dates(at);
    let odd = Odd::of(book, column, |text, _| values::date(text, style).is_some())?;
    Some(
        odd.problem("column_not_dates", column, "holds no date in")
            .expected("a column of dates"),
    )
}

/// Texts that a signal cannot read, where they are most of a column.
struct Odd {
    /// Each with how often it stands there, the commonest first.
    texts: Vec<(String, u64)>,
    n: u64,
    filled: u64,
}

impl Odd {
    fn of(book: &Book, reference: &str, reads: impl Fn(&str, Option<f64>) -> bool) -> Option<Odd> {
        let column = book.column(reference)?;
        let ColumnRef::Cells { column: at, .. } = &column else {
            return None;
        };
        let mut counts: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
        let mut filled = 0_u64;
        for i in 0..book.len() {
            let text = book.cell(i, *at);
            filled += u64::from(!text.is_empty());
            if !text.is_empty() && !reads(text, book.number(i, &column)) {
                *counts.entry(text).or_default() += 1;
            }
        }
        let n: u64 = counts.values().sum();
        if n * 2 <= filled {
            return None;
        }
        let mut texts: Vec<(String, u64)> = counts.into_iter().map(|(text, n)| (text.to_string(), n)).collect();
        texts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        Some(Odd { texts, n, filled })
    }

    /// That most of a column is such texts, with the commonest of them.
    fn problem(&self, code: &'static str, column: &str, lacks: &str) -> Problem {
        let message = format!(
            "{} {lacks} {} of its {} filled cells",
            io::quoted(column),
            grouped(self.n),
            grouped(self.filled)
        );
        Problem::new(code, message).found(self.shown())
    }

    fn shown(&self) -> Vec<String> {
        const SHOWN: usize = 5;
        self.texts.iter().take(SHOWN).map(|(text, _)| io::quoted(text)).collect()
    }
}
