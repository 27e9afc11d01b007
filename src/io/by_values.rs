//! Columns whose header says nothing and whose values say enough: ids and currencies, never amounts.

use super::dictionary::Header;
use super::fit;
use super::sample::Sample;
use crate::model::role::Role;
use crate::model::table::Table;
use crate::model::values::{currency_code, present};

/// A column that was found by its values.
pub(super) struct Seen {
    pub(super) column: usize,
    pub(super) confidence: f64,
    pub(super) evidence: String,
}

/// The one free column whose values are ids of accounts.
///
/// Beside a name only ids that are accounts' for sure are taken: rows would else be told apart by ids of something else.
pub(super) fn id(table: &Table, headers: &[Header], free: &[usize], named: bool) -> Option<Seen> {
    const SURE: f64 = 0.6;
    const LIKELY: f64 = 0.5;
    let mut found: Vec<(usize, bool)> = Vec::new();
    for column in free.iter().copied().filter(|column| !of_another(headers.get(*column))) {
        // Most columns are no ids by their first cell.
        let first = table.column(column).find_map(present);
        if !first.is_some_and(|cell| cell.bytes().any(|b| b.is_ascii_digit())) {
            continue;
        }
        let sample = Sample::of(table, column);
        let Some(shape) = sample.shape() else { continue };
        let tells = sample.cells.len() * 2 >= sample.rows && sample.different() * 2 >= sample.cells.len();
        match shape.of_accounts {
            Some(true) => found.push((column, true)),
            None if tells && !named => found.push((column, false)),
            _ => {}
        }
    }
    let sure: Vec<usize> = found.iter().filter(|(_, sure)| *sure).map(|(column, _)| *column).collect();
    let all: Vec<usize> = found.iter().map(|(column, _)| *column).collect();
    let (column, confidence) = match (sure.as_slice(), all.as_slice()) {
        ([column], _) => (*column, SURE),
        ([], [column]) => (*column, LIKELY),
        _ => return None,
    };
    Some(Seen {
        column,
        confidence,
        evidence: format!("by its values alone: {}", fit::ids(&Sample::of(table, column)).words),
    })
}

/// The one free column whose values are codes of currencies.
pub(super) fn currency(table: &Table, free: &[usize]) -> Option<Seen> {
    const CONFIDENCE: f64 = 0.6;
    let is_code = |cell: &str| {
        let one_case = cell.bytes().all(|b| b.is_ascii_uppercase()) || cell.bytes().all(|b| b.is_ascii_lowercase());
        cell.len() == 3 && one_case && currency_code(cell).is_some()
    };
    let mut found = free.iter().copied().filter(|column| {
        table.column(*column).find_map(present).is_some_and(is_code) && {
            let sample = Sample::of(table, *column);
            sample.all(is_code) && sample.cells.len() * 2 >= sample.rows
        }
    });
    let column = found.next()?;
    if found.next().is_some() {
        return None;
    }
    let words = fit::fit(&Sample::of(table, column), Role::Currency).words;
    Some(Seen {
        column,
        confidence: CONFIDENCE,
        evidence: format!("by its values alone: {words}"),
    })
}

/// Whether a header speaks of something else than the row's own account.
fn of_another(header: Option<&Header>) -> bool {
    header.is_some_and(|header| super::dictionary::names_another(Role::Id, &header.words))
}
