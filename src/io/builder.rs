//! Rows of any format into a table: the header is found, blank rows are passed over, limits are kept.

use super::{header, quoted};
use crate::error::{Problem, Result};
use crate::model::control::Control;
use crate::model::finding::Finding;
use crate::model::table::{Source, Table};
use crate::model::values::{number, present, trim};

/// Rows of the longest table.
pub(crate) const ROWS_MAX: usize = 20_000_000;
/// Columns of the widest table.
pub(crate) const COLUMNS_MAX: usize = 5_000;
/// Cells of the largest table, blank ones too: a long table of wide rows costs memory whatever little it holds.
pub(crate) const CELLS_MAX: usize = 1 << 30;
/// Bytes of the largest cell.
pub(crate) const CELL_BYTES_MAX: usize = 1 << 20;

/// After so many rows it is looked whether a cell was lost, and at the end.
const ROWS_LOST: usize = 256;

/// Rows as wide as the table, none of them blank and no cell too large: they are taken over column by column, which is sooner
/// done than row by row.
#[derive(Default)]
pub(crate) struct Block<'t> {
    lines: Vec<u64>,
    /// Those of the first row, of the second and so on.
    cells: Vec<&'t str>,
}

impl<'t> Block<'t> {
    /// So many rows stay near while they are taken over.
    const ROWS: usize = 256;

    /// Adds a row, and tells whether there are enough.
    pub(crate) fn push(&mut self, line: u64, cells: impl Iterator<Item = &'t str>) -> bool {
        self.lines.push(line);
        self.cells.extend(cells);
        self.lines.len() >= Block::ROWS
    }
}

/// Takes rows one by one; the first of them are held back until the header among them is known.
pub(crate) struct Builder<'c> {
    source: Source,
    held: Vec<(u64, Vec<String>)>,
    table: Option<Table>,
    notes: Vec<Finding>,
    control: &'c Control,
    rows_expected: u64,
    /// No cell holds what [`needs_cleaning`]: nobody has to look.
    is_clean: bool,
}

impl<'c> Builder<'c> {
    /// A builder for a table from this source; `rows_expected` is for the progress that is told, 0 where nobody knows.
    pub(crate) fn new(source: Source, rows_expected: u64, control: &'c Control) -> Self {
        Builder {
            source,
            held: Vec::new(),
            table: None,
            notes: Vec::new(),
            control,
            rows_expected,
            is_clean: false,
        }
    }

    /// Says that no cell holds what would have to be cleaned.
    pub(crate) fn clean(mut self) -> Self {
        self.is_clean = true;
        self
    }

    /// A builder for a table whose header is known.
    pub(crate) fn with_header(source: Source, headers: Vec<String>, rows_expected: u64, control: &'c Control) -> Result<Self> {
        let mut builder = Builder::new(source, rows_expected, control);
        builder.begin(distinct(headers.iter().map(String::as_str)))?;
        Ok(builder)
    }

    /// Whether the header is known.
    pub(crate) fn has_header(&self) -> bool {
        self.table.is_some()
    }

    /// A builder for rows that follow those of this one elsewhere; none while its header is not known.
    pub(crate) fn follower<'d>(&self, control: &'d Control) -> Option<Builder<'d>> {
        let table = self.table.as_ref()?;
        Some(Builder {
            source: self.source.clone(),
            held: Vec::new(),
            table: Some(Table::new(self.source.clone(), table.headers().to_vec())),
            notes: Vec::new(),
            control,
            rows_expected: 0,
            is_clean: self.is_clean,
        })
    }

    /// Takes over the rows of a follower.
    pub(crate) fn append(&mut self, follower: Builder) -> Result<()> {
        if let (Some(table), Some(rows)) = (&mut self.table, follower.table) {
            let before = table.n_rows();
            table.append(rows);
            self.watch(before)?;
        }
        Ok(())
    }

    /// Adds remarks to the table.
    pub(crate) fn notes(&mut self, notes: impl IntoIterator<Item = Finding>) {
        self.notes.extend(notes);
    }

    /// Adds a row unless it is blank. Errors: `cell_too_large`, `too_many_columns`, `too_many_rows`, `cancelled`.
    pub(crate) fn push<'a, I>(&mut self, line: u64, cells: I) -> Result<()>
    where
        I: Iterator<Item = &'a str> + Clone,
    {
        if cells.clone().all(|cell| trim(cell).is_empty()) {
            return Ok(());
        }
        let mut dirty = false;
        for cell in cells.clone() {
            if cell.len() > CELL_BYTES_MAX {
                return Err(self.cell_too_large(line, cell.len()));
            }
            dirty |= !self.is_clean && needs_cleaning(cell);
        }
        match &mut self.table {
            Some(table) => {
                let before = table.n_rows();
                push(table, line, cells, dirty);
                self.watch(before)
            }
            None => {
                self.held.push((line, cells.map(str::to_string).collect()));
                if self.held.len() >= header::LOOKED_AT {
                    self.settle()?;
                }
                Ok(())
            }
        }
    }

    /// How many cells a row has that may go into a [`Block`]; none while the header is not known, or where cells may have to be
    /// cleaned.
    pub(crate) fn width(&self) -> Option<usize> {
        self.table.as_ref().filter(|_| self.is_clean).map(Table::n_read)
    }

    /// Adds the rows of a block, which is empty then. Errors: `too_much_text`, `too_many_rows`, `cancelled`.
    pub(crate) fn push_block(&mut self, block: &mut Block) -> Result<()> {
        let Some(table) = self.table.as_mut().filter(|_| !block.lines.is_empty()) else {
            return Ok(());
        };
        let before = table.n_rows();
        table.push_rows(&block.lines, &block.cells);
        block.lines.clear();
        block.cells.clear();
        self.watch(before)
    }

    /// The table. Errors: `empty_file`, and those of [`Builder::push`].
    pub(crate) fn finish(mut self) -> Result<Table> {
        if self.table.is_none() {
            self.settle()?;
        }
        let Some(mut table) = self.table else {
            return Err(
                Problem::new("empty_file", format!("{} holds no header", quoted(&self.source.path)))
                    .at("path")
                    .into(),
            );
        };
        if table.has_lost() {
            return Err(too_much_text(&table.source.path).into());
        }
        table.notes = self.notes;
        table.settle();
        Ok(table)
    }

    /// Keeps the limits after rows were added where there were `before`.
    fn watch(&self, before: usize) -> Result<()> {
        let Some(table) = &self.table else { return Ok(()) };
        let n = table.n_rows();
        if n > ROWS_MAX || n * table.n_read() > CELLS_MAX {
            let what = if n > ROWS_MAX {
                "20 million rows"
            } else {
                "a thousand million cells"
            };
            let message = format!("{} has more than {what}", quoted(&self.source.path));
            return Err(Problem::new("too_many_rows", message)
                .at("path")
                .expected("a book of at most 20 million rows and a thousand million cells")
                .into());
        }
        if before / ROWS_LOST < n / ROWS_LOST && table.has_lost() {
            return Err(too_much_text(&self.source.path).into());
        }
        let expected = usize::try_from(self.rows_expected).unwrap_or(0);
        self.control.every("reading rows", before..n, expected)
    }

    /// Decides the header and hands the rows below it over.
    fn settle(&mut self) -> Result<()> {
        let held = std::mem::take(&mut self.held);
        if held.is_empty() {
            return Ok(());
        }
        let rows: Vec<Vec<&str>> = held.iter().map(|(_, row)| row.iter().map(String::as_str).collect()).collect();
        let found = header::find(&rows);
        let headers = match found.row.and_then(|at| held.get(at)) {
            Some((_, row)) => distinct(row.iter().map(String::as_str)),
            None => {
                let width = rows.iter().map(Vec::len).max().unwrap_or(0);
                distinct(std::iter::repeat_n("", width))
            }
        };
        self.begin(headers)?;
        self.notes.extend(self.remark(found.row, &held));
        let below = found.row.map_or(0, |at| at + 1);
        for (line, row) in held.iter().skip(below) {
            self.push(*line, row.iter().map(String::as_str))?;
        }
        Ok(())
    }

    fn begin(&mut self, headers: Vec<String>) -> Result<()> {
        check_width(headers.len(), &self.source.path)?;
        self.table = Some(Table::new(self.source.clone(), headers));
        Ok(())
    }

    /// What a person should know about where the table begins.
    fn remark(&self, at: Option<usize>, held: &[(u64, Vec<String>)]) -> Option<Finding> {
        let Some(at) = at else {
            let text = format!(
                "{} names no columns: they are called `column 1`, `column 2`, and all its rows are read as data",
                quoted(&self.source.path)
            );
            return Some(Finding::warning("no_header", text));
        };
        let above = held.get(..at).filter(|above| !above.is_empty())?;
        let (line, header) = held.get(at)?;
        let word = self.source.counted.word();
        let data = |row: &Vec<String>| {
            let cells: Vec<&str> = row.iter().filter_map(|cell| present(cell)).collect();
            cells.len() * 2 > header.len() && cells.iter().any(|cell| number(cell).is_some())
        };
        let n = above.len();
        let shown: String = above
            .iter()
            .flat_map(|(_, row)| row.iter().filter_map(|cell| present(cell)).take(1))
            .take(2)
            .map(quoted)
            .collect::<Vec<_>>()
            .join(", ");
        let text = format!("the header stands on {word} {line}; what is above it is left out ({n} rows, such as {shown})");
        Some(match above.iter().any(|(_, row)| data(row)) {
            true => Finding::warning(
                "rows_above_header",
                format!("{text}. Some of it looks like data: check the file"),
            ),
            false => Finding::info("rows_above_header", text),
        })
    }

    fn cell_too_large(&self, line: u64, len: usize) -> crate::error::Error {
        let (name, word) = (quoted(&self.source.path), self.source.counted.word());
        Problem::new(
            "cell_too_large",
            format!("a cell on {word} {line} of {name} holds {len} bytes"),
        )
        .at(format!("{}:{line}", self.source.path))
        .expected("cells of at most 1 MiB")
        .into()
    }
}

/// Refuses a table of too many columns.
pub(crate) fn check_width(n: usize, name: &str) -> Result<()> {
    if n <= COLUMNS_MAX {
        return Ok(());
    }
    Err(Problem::new(
        "too_many_columns",
        format!("{} has more than {COLUMNS_MAX} columns", quoted(name)),
    )
    .at("path")
    .expected(format!("at most {COLUMNS_MAX}"))
    .into())
}

/// What a table is refused for that has lost cells.
pub(crate) fn too_much_text(name: &str) -> Problem {
    Problem::new(
        "too_much_text",
        format!("the cells of {} hold more than 4 GiB of text", quoted(name)),
    )
    .at("path")
    .expected("the columns that say something of accounts, without long texts")
}

fn push<'a>(table: &mut Table, line: u64, cells: impl Iterator<Item = &'a str>, dirty: bool) {
    if dirty {
        let clean: Vec<String> = cells.map(cleaned).collect();
        table.push_row(line, clean.iter().map(String::as_str));
    } else {
        table.push_row(line, cells);
    }
}

/// A zero byte, or a text that a spreadsheet was told to leave alone: `="00123"`.
fn needs_cleaning(cell: &str) -> bool {
    cell.contains('\0') || cell.starts_with("=\"")
}

fn cleaned(cell: &str) -> String {
    let cell = cell
        .strip_prefix("=\"")
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(cell);
    cell.replace('\0', " ")
}

/// Headers trimmed; a blank one is named by its place, a repeated one gets its place appended.
fn distinct<'a>(cells: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let mut headers = Vec::new();
    for (i, cell) in cells.enumerate() {
        let cell = cleaned(cell);
        let text = trim(&cell);
        let mut header = if text.is_empty() {
            format!("column {}", i + 1)
        } else {
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        while !seen.insert(header.to_lowercase()) {
            header = format!("{header} (column {})", i + 1);
        }
        headers.push(header);
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(rows: &[&[&str]]) -> Result<Table> {
        let control = Control::default();
        let mut builder = Builder::new(Source::default(), 0, &control);
        for (line, row) in (1..).zip(rows) {
            builder.push(line, row.iter().copied())?;
        }
        builder.finish()
    }

    #[test]
    fn odd_headers_and_rows_load() {
        let table = built(&[
            &["arr", "", " arr ", "Account\nName"],
            &["1", "2", "3", "4"],
            &[""],
            &["1"],
            &["1", "2", "3", "4", "5"],
            &["=\"007\"", "a\0b", "3", "4", "", ""],
        ])
        .unwrap();
        assert_eq!(table.headers(), ["arr", "column 2", "arr (column 3)", "Account Name"]);
        assert_eq!((table.n_rows(), table.short_rows, table.n_long_rows()), (4, 1, 1));
        assert_eq!((table.surplus(2), table.surplus(3)), ((1, "5"), (2, "")));
        assert_eq!((table.cell(3, 0), table.cell(3, 1), table.line(3)), ("007", "a b", 6));
    }

    #[test]
    fn what_stands_above_the_header_is_said() {
        let table = built(&[&["Accounts, June"], &["Account", "ARR"], &["Acme", "5"]]).unwrap();
        assert_eq!(
            (table.n_rows(), table.notes.first().map(|n| n.code)),
            (1, Some("rows_above_header"))
        );
        let table = built(&[&["Acme", "5"], &["Beta", "6"]]).unwrap();
        assert_eq!(
            (table.headers(), table.n_rows(), table.notes.first().map(|n| n.code)),
            (
                ["column 1".to_string(), "column 2".to_string()].as_slice(),
                2,
                Some("no_header")
            )
        );
    }

    #[test]
    fn limits_hold_and_what_is_below_them_loads() {
        let wide = |n: usize| (0..n).map(|i| format!("c{i}")).collect::<Vec<_>>();
        let of = |n: usize| {
            let row = wide(n);
            let cells: Vec<&str> = row.iter().map(String::as_str).collect();
            built(&[&cells])
        };
        assert_eq!(of(2_000).unwrap().n_columns(), 2_000);
        assert_eq!(of(COLUMNS_MAX + 1).unwrap_err().code(), "too_many_columns");
        let (large, larger) = ("x".repeat(200_000), "x".repeat(CELL_BYTES_MAX + 1));
        assert_eq!(built(&[&["name"], &[&large]]).unwrap().cell(0, 0).len(), 200_000);
        let error = built(&[&["name"], &[&larger]]).unwrap_err();
        assert_eq!(error.code(), "cell_too_large");
        assert!(error.to_string().contains("line 2"));
        assert_eq!(built(&[]).unwrap_err().code(), "empty_file");
    }
}
