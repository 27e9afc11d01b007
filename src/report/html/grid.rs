//! The nine cells as a heat map: the more of the book's ARR a cell holds, the deeper its colour.

use crate::model::tier::{Bin, Row, cell};
use crate::report::document::Document;
use crate::report::steps::tiers::{GridCell, grid};
use crate::report::steps::{View, accounts};
use crate::report::text;

use super::parts::Part;

/// The heat map.
pub(super) struct Grid {
    pub(super) rows: Vec<GridRow>,
}

pub(super) struct GridRow {
    pub(super) name: String,
    pub(super) cells: Vec<Cell>,
}

pub(super) struct Cell {
    pub(super) heat: usize,
    pub(super) tier: &'static str,
    pub(super) accounts: String,
    pub(super) arr: String,
}

/// Shares of ARR from which a cell is one step deeper.
const STEPS: [f64; 4] = [0.02, 0.08, 0.15, 0.30];

pub(super) fn parts(document: &Document) -> Vec<Part> {
    let view = document.view;
    let cells = grid(view);
    let rows = Row::DRAWN.map(|row| GridRow {
        name: row_name(view, row),
        cells: Bin::ALL.map(|bin| drawn(view, &cells, row, bin)).into_iter().collect(),
    });
    vec![Part::Grid(Grid {
        rows: rows.into_iter().collect(),
    })]
}

fn drawn(view: View, cells: &[GridCell], row: Row, bin: Bin) -> Cell {
    let held = cells.iter().find(|cell| cell.row == row && cell.bin == bin);
    let (n, cents) = held.map_or((0, 0), |cell| (cell.accounts, cell.arr_cents));
    let share = view.arr_share(cents);
    Cell {
        heat: STEPS.iter().filter(|step| share >= **step).count(),
        tier: cell(row, bin).name(view.policy.tiers.scheme),
        accounts: accounts(n),
        arr: format!("{} ({})", view.short(cents), text::percent(share)),
    }
}

/// "High ARR, from $60K".
fn row_name(view: View, row: Row) -> String {
    let Some(cuts) = view.outcome.axis.cuts else {
        return format!("{} ARR", row.code());
    };
    match row {
        Row::High => format!("High ARR, from {}", view.exact(cuts.high)),
        Row::Mid => format!("Mid ARR, from {} to under {}", view.exact(cuts.low), view.exact(cuts.high)),
        Row::Low => format!("Low ARR, under {}", view.exact(cuts.low)),
    }
}
