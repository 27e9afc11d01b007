//! Further columns of accounts from a file with one row each.

use super::{Matched, NewColumn};
use crate::io::quoted;
use crate::model::column::Column;
use crate::model::table::Table;

/// Every column of the file but the key, which says no more than the book does; of several rows for one account the first counts.
pub(super) fn join(matched: &mut Matched, book: &Table) -> Vec<NewColumn> {
    let mut first: Vec<Option<usize>> = vec![None; book.n_rows()];
    let mut again = 0;
    for (row, account) in matched.pairs() {
        match first.get_mut(account) {
            Some(slot) if slot.is_none() => *slot = Some(row),
            _ => again += 1,
        }
    }
    for _ in 0..again {
        matched.leave_out("second_row", 0);
    }
    let file = quoted(&matched.report.path);
    let mut added = Vec::new();
    for (column, header) in matched.table.headers().iter().enumerate() {
        if column == matched.key || book.find(header).is_some() {
            continue;
        }
        let mut cells = Column::default();
        for row in &first {
            cells.push(row.map_or("", |row| matched.table.cell(row, column)));
        }
        added.push(NewColumn {
            header: header.clone(),
            role: None,
            evidence: format!("from {file}"),
            cells,
        });
    }
    added
}
