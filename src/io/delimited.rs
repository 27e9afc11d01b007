//! Delimited text into a table of cells: keeps real line numbers and refuses what it cannot read whole.

use csv::StringRecord;

use super::builder::Builder;
use super::dialect::{self, Delimited, Dialect};
use super::{header, quoted, quotes};
use crate::error::{Problem, Result};
use crate::model::control::Control;
use crate::model::money::counted;
use crate::model::table::{Source, Table};
use crate::model::values::trim;

/// The table in this text. Errors: `unclosed_quote`, `file_unreadable`, those of [`Builder`].
pub(crate) fn read(text: &str, mut source: Source, encoding: &str, control: &Control) -> Result<Table> {
    let Delimited {
        dialect,
        body,
        first_line,
    } = dialect::detect(text);
    let body = body.as_ref();
    source.format = format_of(dialect, encoding, text.contains('\0'));
    check_quotes(body, dialect, first_line, &source.path)?;
    let name = source.path.clone();
    let expected = quotes::line_ends(body.as_bytes());
    let mut builder = Builder::new(source, expected, control);
    let mut rows = Rows::new(body, dialect, first_line, &name);
    while rows.advance()? {
        builder.push(rows.line, rows.record.iter())?;
    }
    builder.finish()
}

fn format_of(dialect: Dialect, encoding: &str, zeros: bool) -> String {
    let quotes = match (dialect.quote, dialect.escape) {
        (b'\'', _) => ", single quotes",
        (_, Some(_)) => ", backslash escapes",
        _ => "",
    };
    let zeros = if zeros { ", zero bytes read as blanks" } else { "" };
    format!("csv ({}, {encoding}{quotes}{zeros})", dialect.name())
}

/// A quote that is never closed swallows rows without a word; it is looked for before anything is read.
fn check_quotes(body: &str, dialect: Dialect, first_line: u64, name: &str) -> Result<()> {
    let Some(open) = quotes::unclosed(body, dialect, width(body, dialect)) else {
        return Ok(());
    };
    let line = open.line + first_line - 1;
    let swallows = usize::try_from(open.swallows).unwrap_or(usize::MAX);
    let message = format!(
        "a quote opens on line {line} of {}, is not closed there, and would swallow {} after it",
        quoted(name),
        counted(swallows, "row")
    );
    Err(Problem::new("unclosed_quote", message)
        .at(format!("{name}:{line}"))
        .expected("that quote closed, doubled or removed")
        .into())
}

/// The width of the header.
fn width(body: &str, dialect: Dialect) -> usize {
    let records: Vec<StringRecord> = dialect
        .reader(body.as_bytes())
        .into_records()
        .map_while(std::result::Result::ok)
        .filter(|record| record.iter().any(|cell| !trim(cell).is_empty()))
        .take(header::LOOKED_AT)
        .collect();
    let rows: Vec<Vec<&str>> = records.iter().map(|record| record.iter().collect()).collect();
    let at = header::find(&rows).row.unwrap_or(0);
    rows.get(at).map_or(0, Vec::len)
}

/// Records with the line on which each starts.
struct Rows<'t> {
    reader: csv::Reader<&'t [u8]>,
    record: StringRecord,
    text: &'t str,
    name: &'t str,
    counted_to: usize,
    line: u64,
}

impl<'t> Rows<'t> {
    fn new(text: &'t str, dialect: Dialect, first_line: u64, name: &'t str) -> Self {
        Rows {
            reader: dialect.reader(text.as_bytes()),
            record: StringRecord::new(),
            text,
            name,
            counted_to: 0,
            line: first_line,
        }
    }

    /// Moves to the next record; false at the end.
    fn advance(&mut self) -> Result<bool> {
        let more = self
            .reader
            .read_record(&mut self.record)
            .map_err(|e| Problem::new("file_unreadable", format!("{} cannot be read: {e}", quoted(self.name))).at("path"))?;
        if more {
            self.count_lines();
        }
        Ok(more)
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::table_of;

    fn read(text: &str) -> Table {
        table_of(text.as_bytes(), "t.csv").unwrap()
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
            ("a,b\n\"say \\\"x\\\", y\",2\n", "backslash", "2", vec![2]),
        ] {
            let table = read(text);
            assert!(table.source.format.contains(format), "{text:?}: {}", table.source.format);
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
    fn zero_bytes_are_said_and_headers_alone_are_a_table() {
        let table = read("name\nx\0y\n");
        assert_eq!((table.cell(0, 0), table.source.format.contains("zero bytes")), ("x y", true));
        assert_eq!(read("a,b\n").n_rows(), 0);
        assert_eq!(read("a,b").source.sha256.len(), 64);
    }

    #[test]
    fn an_open_quote_stops_the_reading() {
        let error = table_of(b"sep=,\na,b,c\n1,2,3\n\"1,2,3\n4,5,6\n", "t.csv").unwrap_err();
        assert_eq!(
            (error.code(), error.problems()[0].place.as_deref()),
            ("unclosed_quote", Some("t.csv:4"))
        );
    }
}
