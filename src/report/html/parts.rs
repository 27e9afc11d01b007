//! Blocks of a report as parts of the page: sentences with their data marked, tables with captions.

use crate::report::charts::Figure;
use crate::report::steps::count;
use crate::report::text::{self, Span};
use crate::report::{Block, Column, Table};

use super::accounts::AccountTable;
use super::grid::Grid;

/// The widest cell; what is longer is whole in `segments.csv` or the model.
const CELL_MAX: usize = 300;

/// A cell as short as this is never broken over lines.
const SHORT: usize = 14;
/// A table with more rows scrolls within the page.
const ROWS_LONG: usize = 15;

/// A part of a section.
pub(super) enum Part {
    Text(Vec<Span>),
    List(Vec<Vec<Span>>),
    Table(TableView),
    Picture(Vec<String>),
    Figures(Vec<FigureView>),
    Grid(Grid),
    Accounts(AccountTable),
}

/// A table with what it is called.
pub(super) struct TableView {
    pub(super) caption: String,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<String>>,
}

/// A chart, what it says in words, and its figures.
pub(super) struct FigureView {
    pub(super) title: String,
    pub(super) svg: String,
    pub(super) words: Vec<String>,
    pub(super) table: Vec<TableView>,
}

impl Part {
    pub(super) fn text(sentence: &str) -> Part {
        Part::Text(text::spans(sentence))
    }

    pub(super) fn figures(figures: Vec<Figure>) -> Part {
        let view = |figure: Figure| FigureView {
            table: table(&figure.title, figure.table).into_iter().collect(),
            title: figure.title,
            svg: figure.svg,
            words: figure.words,
        };
        Part::Figures(figures.into_iter().map(view).collect())
    }
}

impl TableView {
    /// Whether it scrolls within the page.
    pub(super) fn is_long(&self) -> bool {
        self.rows.len() > ROWS_LONG
    }

    /// The cells of a row with how each stands; the first names the row.
    pub(super) fn cells<'t>(&'t self, row: &'t [String]) -> impl Iterator<Item = (&'static str, &'t str)> + 't {
        self.columns.iter().enumerate().skip(1).map(|(i, column)| {
            let cell = row.get(i).map_or("", String::as_str);
            let class = match (column.right, cell.len() <= SHORT) {
                (true, _) => "n",
                (false, true) => "s",
                (false, false) => "",
            };
            (class, cell)
        })
    }
}

/// The blocks as parts; tables are called after the section and what their rows are.
pub(super) fn of(title: &str, blocks: &[Block]) -> Vec<Part> {
    blocks.iter().filter_map(|block| part(title, block)).collect()
}

fn part(title: &str, block: &Block) -> Option<Part> {
    match block {
        Block::Text(sentence) if sentence.is_empty() => None,
        Block::Text(sentence) => Some(Part::text(sentence)),
        Block::List(items) if items.is_empty() => None,
        Block::List(items) => Some(Part::List(items.iter().map(|item| text::spans(item)).collect())),
        Block::Table(data) => {
            let rows = data
                .columns
                .first()
                .map(|column| column.name.to_lowercase())
                .unwrap_or_default();
            table(&format!("{title} by {rows}"), data.clone()).map(Part::Table)
        }
        Block::Picture(lines) if lines.is_empty() => None,
        Block::Picture(lines) => Some(Part::Picture(lines.clone())),
    }
}

/// A table with its caption; none without rows.
pub(super) fn table(caption: &str, mut table: Table) -> Option<TableView> {
    if table.rows.is_empty() || table.columns.is_empty() {
        return None;
    }
    for cell in table.rows.iter_mut().flatten() {
        if cell.len() > CELL_MAX {
            *cell = text::cut(cell, CELL_MAX);
        }
    }
    Some(TableView {
        caption: caption.to_string(),
        columns: table.columns,
        rows: table.rows,
    })
}

/// The first rows of a table of accounts, and how many there are in all.
pub(super) fn first_rows(caption: &str, mut rows: Table, shown: usize, all: usize) -> Vec<Part> {
    rows.rows.truncate(shown);
    let caption = match all > shown {
        true => format!(
            "{caption}: the {} largest of {}; segments.csv marks all",
            count(shown),
            count(all)
        ),
        false => caption.to_string(),
    };
    table(&caption, rows).map(Part::Table).into_iter().collect()
}
