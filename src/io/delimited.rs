//! Delimited text into a table of cells: finds the delimiter, keeps real line numbers and refuses what it cannot read whole.
#![allow(clippy::disallowed_methods)] // Account books are opened here, after `paths` has resolved them.

use std::io::Read;

use csv::{ReaderBuilder, StringRecord};
use sha2::{Digest, Sha256};

use super::paths::{Folders, resolve, shown};
use super::{quoted, quotes, sniff};
use crate::error::{Problem, Result};
use crate::model::table::{Source, Table};
use crate::model::values::trim;

/// Bytes of the largest file that is read.
pub const FILE_BYTES_MAX: u64 = 1 << 30;
/// Rows of the longest table.
pub const ROWS_MAX: usize = 20_000_000;
/// Columns of the widest table.
pub const COLUMNS_MAX: usize = 5_000;
/// Bytes of the largest cell.
pub const CELL_BYTES_MAX: usize = 1 << 20;

const DELIMITERS: [(u8, &str); 4] = [(b',', "comma"), (b';', "semicolon"), (b'\t', "tab"), (b'|', "bar")];

/// Reads a file of delimited text. Errors: those of [`resolve`], `file_too_large`, `file_unreadable`, those of [`parse`].
pub fn read_table(folders: &Folders, path: &str) -> Result<Table> {
    let resolved = resolve(folders, path)?;
    let name = shown(folders, &resolved);
    let unreadable =
        |e: std::io::Error| Problem::new("file_unreadable", format!("{} cannot be read: {e}", quoted(&name))).at("path");
    let file = std::fs::File::open(&resolved).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    let mut bytes = Vec::new();
    if size <= FILE_BYTES_MAX {
        bytes.reserve_exact(usize::try_from(size).unwrap_or(0));
        file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    }
    if size > FILE_BYTES_MAX || bytes.len() as u64 > FILE_BYTES_MAX {
        let message = format!("{} is larger than 1 GiB", quoted(&name));
        return Err(Problem::new("file_too_large", message)
            .at("path")
            .expected("a file of at most 1 GiB")
            .into());
    }
    parse(&bytes, &name)
}

/// The table in these bytes; `name` is how messages call the file.
///
/// Rows without any filled cell are left out. Errors: `empty_file`, `unsupported_format`, `unsupported_encoding`,
/// `unclosed_quote`, `cell_too_large`, `too_many_columns`, `too_many_rows`.
pub fn parse(bytes: &[u8], name: &str) -> Result<Table> {
    let text = sniff::text(bytes, name)?;
    let (stated, body, first_line) = separator_line(text);
    let delimiter = stated.unwrap_or_else(|| detect(body));
    let word = DELIMITERS
        .iter()
        .find(|(d, _)| *d == delimiter)
        .map_or("other", |(_, word)| word);
    let nul = if text.contains('\0') {
        ", zero bytes read as blanks"
    } else {
        ""
    };
    let source = Source {
        path: name.to_string(),
        format: format!("csv ({word}, UTF-8{nul})"),
        sha256: Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect(),
    };
    let mut rows = Rows::new(body, delimiter, first_line, name);
    if !rows.advance()? {
        return Err(Problem::new("empty_file", format!("{} holds no header", quoted(name)))
            .at("path")
            .into());
    }
    let width = rows.record.len();
    if width > COLUMNS_MAX {
        let message = format!("{} has {width} columns", quoted(name));
        return Err(Problem::new("too_many_columns", message)
            .at("path")
            .expected(format!("at most {COLUMNS_MAX}"))
            .into());
    }
    if let Some(line) = quotes::unclosed(body, delimiter, width) {
        let line = line + first_line - 1;
        let message = format!(
            "a quote opens on line {line} of {} and is not closed before the rows after it",
            quoted(name)
        );
        let place = format!("{name}:{line}");
        return Err(Problem::new("unclosed_quote", message)
            .at(place)
            .expected("that quote closed, doubled or removed")
            .into());
    }
    let mut table = Table::new(source, distinct(rows.record.iter()));
    while rows.advance()? {
        let record = &rows.record;
        // A delimiter at the end of each line is no surplus cell.
        let surplus = record.iter().skip(width).any(|cell| !trim(cell).is_empty());
        let taken = if surplus { record.len() } else { record.len().min(width) };
        table.push_row(rows.line, record.iter().take(taken));
        if table.n_rows() > ROWS_MAX {
            let message = format!("{} has more than {ROWS_MAX} rows", quoted(name));
            return Err(Problem::new("too_many_rows", message).at("path").into());
        }
    }
    Ok(table)
}

/// Records that hold anything, with the line on which each starts.
struct Rows<'t> {
    reader: csv::Reader<&'t [u8]>,
    record: StringRecord,
    text: &'t str,
    name: &'t str,
    counted_to: usize,
    line: u64,
}

impl<'t> Rows<'t> {
    fn new(text: &'t str, delimiter: u8, first_line: u64, name: &'t str) -> Self {
        let reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        Rows {
            reader,
            record: StringRecord::new(),
            text,
            name,
            counted_to: 0,
            line: first_line,
        }
    }

    /// Moves to the next record that holds anything; false at the end.
    fn advance(&mut self) -> Result<bool> {
        loop {
            let more = self
                .reader
                .read_record(&mut self.record)
                .map_err(|e| Problem::new("file_unreadable", format!("{} cannot be read: {e}", quoted(self.name))).at("path"))?;
            if !more {
                return Ok(false);
            }
            self.count_lines();
            if self.record.iter().any(|cell| !trim(cell).is_empty()) {
                break;
            }
        }
        self.check_cells()?;
        if self.record.as_slice().contains('\0') {
            self.record = self.record.iter().map(|cell| cell.replace('\0', " ")).collect();
        }
        Ok(true)
    }

    /// The reader's own line numbers lag behind CRLF and do not know CR alone, so lines are counted here.
    fn count_lines(&mut self) {
        let start = self.record.position().map_or(0, |p| p.byte() as usize);
        let bytes = self.text.as_bytes();
        let skipped = bytes.iter().skip(start).take_while(|b| matches!(b, b'\r' | b'\n')).count();
        let passed = bytes.get(self.counted_to..start + skipped).unwrap_or_default();
        self.line += quotes::line_ends(passed);
        self.counted_to = start + skipped;
    }

    fn check_cells(&self) -> Result<()> {
        if self.record.as_slice().len() <= CELL_BYTES_MAX || self.record.iter().all(|cell| cell.len() <= CELL_BYTES_MAX) {
            return Ok(());
        }
        let message = format!("a cell on line {} of {} is larger than 1 MiB", self.line, quoted(self.name));
        Err(Problem::new("cell_too_large", message)
            .at(format!("{}:{}", self.name, self.line))
            .into())
    }
}

/// Excel's `sep=;` line: the delimiter it states, the text after it, and the line on which that starts.
fn separator_line(text: &str) -> (Option<u8>, &str, u64) {
    let Some((line, rest)) = text.split_once('\n') else {
        return (None, text, 1);
    };
    let stated = line
        .trim_end_matches('\r')
        .strip_prefix("sep=")
        .and_then(|d| d.bytes().next());
    match stated.filter(|d| DELIMITERS.iter().any(|(known, _)| known == d)) {
        Some(delimiter) => (Some(delimiter), rest, 2),
        None => (None, text, 1),
    }
}

/// The delimiter that gives the first records the most even width, wider first among equals.
fn detect(text: &str) -> u8 {
    const RECORDS: usize = 100;
    const BYTES: usize = 1 << 18;
    let head = text.as_bytes().get(..text.len().min(BYTES)).unwrap_or_default();
    let even = |delimiter: u8| {
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(head);
        let widths: Vec<usize> = reader.byte_records().take(RECORDS).flatten().map(|r| r.len()).collect();
        let width = widths.first().copied().unwrap_or(0);
        let same = widths.iter().filter(|w| **w == width).count();
        // In tenths, so that a few ragged rows do not outweigh the width.
        let share = if width > 1 { same * 10 / widths.len().max(1) } else { 0 };
        (share, width)
    };
    let mut best = (b',', (0, 0));
    for (delimiter, _) in DELIMITERS {
        let score = even(delimiter);
        let wide = score.1 > 1 && (score.0 > best.1.0 || (score.0 == best.1.0 && score.1 > best.1.1));
        if wide {
            best = (delimiter, score);
        }
    }
    best.0
}

/// Headers trimmed; a blank one is named by its place, a repeated one gets its place appended.
fn distinct<'a>(cells: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let mut headers = Vec::new();
    for (i, cell) in cells.enumerate() {
        let text = trim(cell);
        let mut header = if text.is_empty() {
            format!("column {}", i + 1)
        } else {
            text.to_string()
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

    fn read(text: &str) -> Table {
        parse(text.as_bytes(), "t.csv").unwrap()
    }

    #[test]
    fn delimiters_are_found_and_lines_are_those_of_the_file() {
        for (text, format, cell, lines) in [
            ("a,b\n1,2\n3,4\n", "comma", "2", vec![2, 3]),
            ("\u{feff}a;b\r\n1,5;2\r\n\r\n3;4", "semicolon", "2", vec![2, 4]),
            ("a\tb\r1\t2\r3\t4\r", "tab", "2", vec![2, 3]),
            ("a|b\n\"x\ny\"|2\n3|4\n", "bar", "2", vec![2, 4]),
            ("sep=;\r\na;b\r\n1;2\r\n", "semicolon", "2", vec![3]),
            ("\n\na,b\n,\n1,2\n", "comma", "2", vec![5]),
            ("a,b\n\"x, y; z\",2\n\"p; q; r\",3\n", "comma", "2", vec![2, 3]),
        ] {
            let table = read(text);
            assert!(table.source.format.contains(format), "{text:?}");
            assert_eq!(
                (table.headers(), table.cell(0, 1)),
                (["a".to_string(), "b".to_string()].as_slice(), cell),
                "{text:?}"
            );
            let found: Vec<u64> = (0..table.n_rows()).map(|r| table.line(r)).collect();
            assert_eq!(found, lines, "{text:?}");
        }
    }

    #[test]
    fn odd_headers_and_rows_load() {
        let table = read("a,, a ,b\n1,2,3,4\n1\n1,2,3,4,5\n1,2,3,4,,\n");
        assert_eq!(table.headers(), ["a", "column 2", "a (column 3)", "b"]);
        assert_eq!((table.n_rows(), table.short_rows, table.n_long_rows()), (4, 1, 1));
        let table = read("name\nx\0y\n");
        assert_eq!((table.cell(0, 0), table.source.format.contains("zero bytes")), ("x y", true));
        assert_eq!(read("a,b\n").n_rows(), 0);
        assert_eq!(read("a,b").source.sha256.len(), 64);
    }

    #[test]
    fn limits_hold_and_what_is_below_them_loads() {
        let wide = |n: usize| (0..n).map(|i| format!("c{i}")).collect::<Vec<_>>().join(",");
        assert_eq!(read(&wide(2_000)).n_columns(), 2_000);
        assert_eq!(parse(wide(5_001).as_bytes(), "t").unwrap_err().code(), "too_many_columns");
        assert_eq!(read(&format!("a,b\n{},2\n", "x".repeat(200_000))).cell(0, 0).len(), 200_000);
        let error = parse(format!("a,b\n1,2\n{},2\n", "x".repeat(CELL_BYTES_MAX + 1)).as_bytes(), "t").unwrap_err();
        assert_eq!(error.code(), "cell_too_large");
        assert!(error.to_string().contains("line 3"));
    }

    #[test]
    fn an_open_quote_stops_the_reading() {
        let error = parse(b"sep=,\na,b,c\n1,2,3\n\"1,2,3\n4,5,6\n", "t.csv").unwrap_err();
        assert_eq!(
            (error.code(), error.problems()[0].place.as_deref()),
            ("unclosed_quote", Some("t.csv:4"))
        );
    }
}
