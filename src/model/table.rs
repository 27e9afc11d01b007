//! A table of raw cells with their positions in the file: what every reader yields.

use super::finding::Finding;

/// Many short texts in one allocation.
#[derive(Debug, Clone, Default)]
pub struct Arena {
    text: String,
    ends: Vec<u32>,
}

impl Arena {
    /// Appends a text. Texts past 4 GiB in all are stored empty; readers refuse such files first.
    pub fn push(&mut self, text: &str) {
        if u32::try_from(self.text.len() + text.len()).is_ok() {
            self.text.push_str(text);
        }
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
    }

    /// The text at `i`, or the empty text.
    pub fn get(&self, i: usize) -> &str {
        let Some(end) = self.ends.get(i) else { return "" };
        let start = i
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .copied()
            .unwrap_or(0);
        self.text.get(start as usize..*end as usize).unwrap_or("")
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

/// Where a table came from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Source {
    /// The path as it may be shown: relative to the workspace where it lies inside.
    pub path: String,
    /// What was recognised, such as `csv (comma, UTF-8)`.
    pub format: String,
    /// SHA-256 of the file's bytes, in hexadecimal.
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

/// Raw cells, row by row, with the line on which each row starts.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Where the cells came from.
    pub source: Source,
    /// What reading the file noticed.
    pub notes: Vec<Finding>,
    headers: Vec<String>,
    cells: Arena,
    /// Columns that were worked out from other files; they stand to the right of those that were read.
    derived: Vec<Arena>,
    lines: Vec<u64>,
    /// Rows with fewer cells than the header; the rest read as blank.
    pub short_rows: usize,
    /// Rows with more cells than the header, ascending.
    long: Vec<u32>,
}

impl Table {
    /// An empty table with these headers.
    pub fn new(source: Source, headers: Vec<String>) -> Self {
        Table {
            source,
            headers,
            ..Table::default()
        }
    }

    /// Appends a row that starts at `line` (counted from 1). Missing cells are blank; surplus ones are counted and left out.
    pub fn push_row<'a>(&mut self, line: u64, cells: impl IntoIterator<Item = &'a str>) {
        let width = self.n_read();
        let mut seen = 0;
        for cell in cells {
            if seen < width {
                self.cells.push(cell);
            }
            seen += 1;
        }
        for _ in seen..width {
            self.cells.push("");
        }
        self.short_rows += usize::from(seen < width);
        if seen > width {
            self.long.push(u32::try_from(self.lines.len()).unwrap_or(u32::MAX));
        }
        self.lines.push(line);
    }

    /// Column headers as they stand in the file.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// Number of rows below the header.
    pub fn n_rows(&self) -> usize {
        self.lines.len()
    }

    /// How many rows have more cells than the header; their surplus cells are left out.
    pub fn n_long_rows(&self) -> usize {
        self.long.len()
    }

    /// Whether the row has more cells than the header.
    pub fn is_long(&self, row: usize) -> bool {
        u32::try_from(row).is_ok_and(|row| self.long.binary_search(&row).is_ok())
    }

    /// Number of columns.
    pub fn n_columns(&self) -> usize {
        self.headers.len()
    }

    /// The raw cell; blank outside the table.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        let width = self.n_read();
        match column.checked_sub(width) {
            None => self.cells.get(row * width + column),
            Some(derived) => self.derived.get(derived).map_or("", |cells| cells.get(row)),
        }
    }

    /// Appends a column of one cell a row, worked out from another file.
    pub fn push_column(&mut self, header: String, cells: Arena) {
        debug_assert_eq!(cells.len(), self.n_rows());
        self.headers.push(header);
        self.derived.push(cells);
    }

    /// How many of the columns were read; those after them were worked out.
    pub fn n_read(&self) -> usize {
        self.headers.len() - self.derived.len()
    }

    /// The cells of a column, top to bottom.
    pub fn column(&self, column: usize) -> impl Iterator<Item = &str> + Clone {
        (0..self.n_rows()).map(move |row| self.cell(row, column))
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
        self.lines.get(row).copied().unwrap_or(0)
    }

    /// The column with this header: exact, else ignoring case and surrounding blanks.
    pub fn find(&self, header: &str) -> Option<usize> {
        let exact = self.headers.iter().position(|h| h == header);
        let wanted = header.trim().to_lowercase();
        exact.or_else(|| self.headers.iter().position(|h| h.trim().to_lowercase() == wanted))
    }
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
        assert_eq!(
            (table.short_rows, table.n_long_rows(), table.is_long(1), table.line(1)),
            (1, 1, true, 3)
        );
        assert_eq!((table.find("b"), table.find("c")), (Some(1), None));
        let mut worked_out = Arena::default();
        worked_out.push("x");
        worked_out.push("y");
        table.push_column("c".into(), worked_out);
        assert_eq!((table.cell(1, 2), table.cell(1, 1), table.find("c")), ("y", "3", Some(2)));
        assert_eq!((table.n_columns(), table.n_read(), table.place(1).as_str()), (3, 2, "line 3"));
    }
}
