//! A table of raw cells with their positions in the file: what every reader yields.

use std::collections::BTreeMap;
use std::ops::Range;

use super::column::Column;
use super::finding::Finding;
use super::values::trim;
use crate::parallel;

/// Many short texts in one allocation.
#[derive(Debug, Clone, Default)]
pub struct Arena {
    text: String,
    ends: Vec<u32>,
    lost: bool,
}

impl Arena {
    /// Appends a text. Texts past 4 GiB in all are stored empty, and [`Arena::has_lost`] tells.
    pub fn push(&mut self, text: &str) {
        match u32::try_from(self.text.len() + text.len()) {
            Ok(_) => self.text.push_str(text),
            Err(_) => self.lost = true,
        }
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    /// Appends all texts of another.
    pub fn append(&mut self, other: &Arena) {
        if u32::try_from(self.text.len() + other.text.len()).is_err() {
            (0..other.len()).for_each(|i| self.push(other.get(i)));
            return;
        }
        let before = self.text.len() as u32;
        self.text.push_str(&other.text);
        self.ends.extend(other.ends.iter().map(|end| before + end));
        self.lost |= other.lost;
    }

    /// The text at `i`, or the empty text.
    pub fn get(&self, i: usize) -> &str {
        self.text.get(self.range(i)).unwrap_or("")
    }

    /// Whether this text stands at `i`.
    pub fn holds(&self, i: usize, text: &str) -> bool {
        self.text.as_bytes().get(self.range(i)) == Some(text.as_bytes())
    }

    fn range(&self, i: usize) -> Range<usize> {
        let Some(end) = self.ends.get(i) else { return 0..0 };
        let before = i.checked_sub(1).and_then(|before| self.ends.get(before));
        before.copied().unwrap_or(0) as usize..*end as usize
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Whether a text did not fit: then the whole must not be used.
    pub fn has_lost(&self) -> bool {
        self.lost
    }

    /// Says that a text did not fit, wherever that was.
    pub(super) fn lose(&mut self) {
        self.lost = true;
    }

    /// Gives back the memory that was set aside for further texts.
    pub fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

/// Where a table came from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Source {
    /// The path as it may be shown: relative to the workspace where it lies inside.
    pub path: String,
    /// What was recognised, such as `csv (comma, UTF-8)`.
    pub format: String,
    /// SHA-256 of the file's bytes, in hexadecimal; blank until a load puts it there.
    pub sha256: String,
    /// What the positions of rows count.
    pub counted: Counted,
}

/// What the position of a row counts in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Counted {
    /// Lines of a text.
    #[default]
    Line,
    /// Rows of a sheet.
    Row,
    /// Records one after another.
    Record,
}

impl Counted {
    /// The word: `line`.
    pub fn word(self) -> &'static str {
        match self {
            Counted::Line => "line",
            Counted::Row => "row",
            Counted::Record => "record",
        }
    }
}

/// Raw cells, column by column, with the line on which each row starts.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Where the cells came from.
    pub source: Source,
    /// What reading the file noticed.
    pub notes: Vec<Finding>,
    headers: Vec<String>,
    columns: Vec<Column>,
    /// How many columns were read; those to the right of them were worked out from other files.
    n_read: usize,
    lines: Vec<u32>,
    /// Rows with fewer cells than the header; the rest read as blank.
    pub short_rows: usize,
    /// Rows with more cells than the header, ascending.
    wide: Vec<Wide>,
    /// The first surplus cell of each of them.
    beyond: Arena,
    n_long: usize,
}

/// A row with more cells than the header.
#[derive(Debug, Clone, Copy)]
struct Wide {
    row: u32,
    surplus: u32,
}

impl Table {
    /// An empty table with these headers.
    pub fn new(source: Source, headers: Vec<String>) -> Self {
        Table {
            source,
            columns: headers.iter().map(|_| Column::default()).collect(),
            n_read: headers.len(),
            headers,
            ..Table::default()
        }
    }

    /// Appends a row that starts at `line` (counted from 1). Missing cells are blank; surplus ones are counted and left out.
    pub fn push_row<'a>(&mut self, line: u64, cells: impl IntoIterator<Item = &'a str>) {
        let width = self.n_read;
        let (mut seen, mut is_long) = (0, false);
        let mut columns = self.columns.iter_mut();
        for cell in cells {
            match columns.next() {
                Some(column) => column.push(cell),
                None if seen == width => self.beyond.push(cell),
                None => {}
            }
            is_long |= seen >= width && !trim(cell).is_empty();
            seen += 1;
        }
        columns.for_each(|column| column.push(""));
        self.short_rows += usize::from(seen < width);
        self.n_long += usize::from(is_long);
        if seen > width {
            self.wide.push(Wide {
                row: narrow(self.lines.len()),
                surplus: narrow(seen - width),
            });
        }
        self.lines.push(narrow(line));
    }

    /// Appends rows that start at these lines and are as wide as the table; `cells` holds one row after the other.
    pub fn push_rows(&mut self, lines: &[u64], cells: &[&str]) {
        debug_assert_eq!(lines.len() * self.n_read, cells.len());
        for (at, column) in self.columns.iter_mut().take(self.n_read).enumerate() {
            let own = cells.get(at..).unwrap_or_default().iter().step_by(self.n_read);
            column.extend(own.copied());
        }
        self.lines.extend(lines.iter().map(|line| narrow(*line)));
    }

    /// Appends the rows of another table with these headers.
    pub fn append(&mut self, other: Table) {
        let before = narrow(self.n_rows());
        // Those of a column go with it, so that few columns are held twice at a time.
        let pairs = self.columns.iter_mut().zip(other.columns).collect();
        parallel::over(other.lines.len(), pairs, |(column, more): (&mut Column, Column)| {
            column.append(&more)
        });
        self.beyond.append(&other.beyond);
        self.wide.extend(other.wide.iter().map(|wide| Wide {
            row: before.saturating_add(wide.row),
            ..*wide
        }));
        self.lines.extend(other.lines);
        self.short_rows += other.short_rows;
        self.n_long += other.n_long;
    }

    /// Column headers as they stand in the file.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// Number of rows below the header.
    pub fn n_rows(&self) -> usize {
        self.lines.len()
    }

    /// How many rows hold more than the header names; their surplus cells are left out.
    pub fn n_long_rows(&self) -> usize {
        self.n_long
    }

    /// How many cells the row has more than the header, blank ones too, and the first of them.
    pub fn surplus(&self, row: usize) -> (usize, &str) {
        let found = u32::try_from(row)
            .ok()
            .and_then(|row| self.wide.binary_search_by_key(&row, |wide| wide.row).ok());
        let n = found.and_then(|at| self.wide.get(at)).map_or(0, |wide| wide.surplus as usize);
        (n, found.map_or("", |at| self.beyond.get(at)))
    }

    /// How many cells most rows have more than the header: a file may end each line with a delimiter.
    pub fn usual_surplus(&self) -> usize {
        let mut counts: BTreeMap<usize, usize> = BTreeMap::from([(0, self.n_rows() - self.wide.len())]);
        for wide in &self.wide {
            *counts.entry(wide.surplus as usize).or_default() += 1;
        }
        let most = counts
            .into_iter()
            .max_by_key(|(surplus, n)| (*n, std::cmp::Reverse(*surplus)));
        most.map_or(0, |(surplus, _)| surplus)
    }

    /// Whether a cell did not fit into the table: then it must not be used.
    pub fn has_lost(&self) -> bool {
        self.columns.iter().any(Column::has_lost)
    }

    /// Number of columns.
    pub fn n_columns(&self) -> usize {
        self.headers.len()
    }

    /// The raw cell; blank outside the table.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        self.columns.get(column).map_or("", |cells| cells.get(row))
    }

    /// Appends a column of one cell a row, worked out from another file.
    pub fn push_column(&mut self, header: String, cells: Column) {
        debug_assert_eq!(cells.len(), self.n_rows());
        self.headers.push(header);
        self.columns.push(cells);
    }

    /// How many of the columns were read; those after them were worked out.
    pub fn n_read(&self) -> usize {
        self.n_read
    }

    /// The cells of a column; none outside the table.
    pub fn texts(&self, column: usize) -> Option<&Column> {
        self.columns.get(column)
    }

    /// The cells of a column, top to bottom.
    pub fn column(&self, column: usize) -> impl Iterator<Item = &str> + Clone {
        self.texts(column).into_iter().flat_map(Column::iter)
    }

    /// The cells of a column with how many there are of each, in the order in which they first stand; where there are many
    /// different ones they come row by row.
    pub fn counted(&self, column: usize) -> impl Iterator<Item = (&str, usize)> + Clone {
        self.texts(column).into_iter().flat_map(Column::counted)
    }

    /// What `work` makes of [`Table::counted`] in parts, in order.
    pub fn counted_in_parts<'t, R: Send>(
        &'t self,
        column: usize,
        work: impl Fn(&mut dyn Iterator<Item = (&'t str, usize)>) -> R + Sync,
    ) -> Vec<R> {
        let Some(texts) = self.texts(column) else { return Vec::new() };
        parallel::in_parts(texts.n_counted(), parallel::LEAST, |range| work(&mut texts.counted_in(range)))
    }

    /// How many cells of a column pass.
    pub fn len_of(&self, column: usize, passes: impl Fn(&str) -> bool + Sync) -> usize {
        let count = |cells: &mut dyn Iterator<Item = (&str, usize)>| {
            let passing = cells.filter(|(cell, _)| passes(cell));
            passing.map(|(_, n)| n).sum::<usize>()
        };
        self.counted_in_parts(column, count).into_iter().sum()
    }

    /// Settles the columns, once all rows are there.
    pub fn settle(&mut self) {
        parallel::over(self.n_rows(), self.columns.iter_mut().collect(), Column::settle);
    }

    /// The cells of a row, left to right.
    pub fn row(&self, row: usize) -> impl Iterator<Item = &str> {
        (0..self.n_columns()).map(move |column| self.cell(row, column))
    }

    /// Where the row stands, in words: `line 12`.
    pub fn place(&self, row: usize) -> String {
        format!("{} {}", self.source.counted.word(), self.line(row))
    }

    /// The line of the file on which the row starts.
    pub fn line(&self, row: usize) -> u64 {
        self.lines.get(row).map_or(0, |line| u64::from(*line))
    }

    /// The column with this header: exact, else ignoring case and surrounding blanks.
    pub fn find(&self, header: &str) -> Option<usize> {
        let exact = self.headers.iter().position(|h| h == header);
        let wanted = header.trim().to_lowercase();
        exact.or_else(|| self.headers.iter().position(|h| h.trim().to_lowercase() == wanted))
    }
}

fn narrow(n: impl TryInto<u32>) -> u32 {
    n.try_into().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ragged_rows_keep_their_columns() {
        let mut table = Table::new(Source::default(), vec!["a".into(), " B ".into()]);
        table.push_row(2, ["1"]);
        table.push_row(3, ["2", "3", "4"]);
        assert_eq!(
            (table.cell(0, 1), table.cell(1, 1), table.cell(1, 2), table.cell(9, 9)),
            ("", "3", "", "")
        );
        assert_eq!((table.short_rows, table.n_long_rows(), table.line(1)), (1, 1, 3));
        assert_eq!(
            (table.surplus(0), table.surplus(1), table.usual_surplus()),
            ((0, ""), (1, "4"), 0)
        );
        assert_eq!((table.find("b"), table.find("c")), (Some(1), None));
        let mut worked_out = Column::default();
        worked_out.push("x");
        worked_out.push("y");
        table.push_column("c".into(), worked_out);
        assert_eq!((table.cell(1, 2), table.cell(1, 1), table.find("c")), ("y", "3", Some(2)));
        assert_eq!((table.n_columns(), table.n_read(), table.place(1).as_str()), (3, 2, "line 3"));
    }
}
