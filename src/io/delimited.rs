//! Delimited text into a table of cells: keeps real line numbers and refuses what it cannot read whole.

use std::sync::{Mutex, PoisonError};

use csv::StringRecord;

use super::builder::{Block, Builder, CELL_BYTES_MAX};
use super::dialect::{self, Delimited, Dialect};
use super::records::Records;
use super::{header, quoted, quotes};
use crate::error::{Problem, Result};
use crate::model::control::Control;
use crate::model::money::counted;
use crate::model::table::{Source, Table};
use crate::model::values::trim;
use crate::parallel;

/// A smaller part is read sooner than a thread begins.
const PART_BYTES_MIN: usize = 1 << 18;

/// The table in this text. Errors: `unclosed_quote`, those of [`Builder`].
pub(crate) fn read(text: &str, mut source: Source, encoding: &str, control: &Control) -> Result<Table> {
    let Delimited {
        dialect,
        body,
        first_line,
    } = dialect::detect(text);
    let body = body.as_ref();
    let n_parts = (body.len() / PART_BYTES_MIN).clamp(1, parallel::threads());
    let wanted: Vec<usize> = (1..n_parts).map(|part| body.len() * part / n_parts).collect();
    let check = || checked(body, dialect, first_line, &source.path, &wanted);
    let look = || !may_need_cleaning(text.as_bytes(), dialect);
    let (starts, is_clean) = match n_parts {
        1 => (check(), look()),
        _ => parallel::both(check, look),
    };
    let starts = starts?;
    source.format = format_of(dialect, encoding, !is_clean && text.contains('\0'));
    let parts = parts(body, &starts, first_line);
    // The first part tells how far the reading is; the others go beside it.
    let expected = parts.first().map_or(0, |part| part.lines);
    let mut builder = Builder::new(source, expected, control);
    if is_clean {
        builder = builder.clean();
    }
    let mut parts = parts.iter().map(|part| Records::new(part.text, part.first_line, dialect));
    // One after the other until the header is known, the rest side by side.
    while let Some(mut rows) = parts.next() {
        while rows.advance() {
            builder.push(rows.line, rows.cells())?;
            if builder.has_header() {
                return side_by_side(builder, rows, parts.collect(), control);
            }
        }
    }
    builder.finish()
}

/// Whether a cell may hold a zero byte or begin with `="`. In the text a backslash, or the other kind of quote, may stand
/// between these two and be no part of the cell.
fn may_need_cleaning(text: &[u8], dialect: Dialect) -> bool {
    let sign: &[u8] = match (dialect.quote, dialect.escape) {
        (b'"', None) => b"=\"",
        _ => b"=",
    };
    memchr::memchr(0, text).is_some() || memchr::memmem::find(text, sign).is_some()
}

/// Reads the rest of one part into the builder, and each further part into a follower of it.
fn side_by_side(mut builder: Builder, mut rows: Records, parts: Vec<Records>, control: &Control) -> Result<Table> {
    let silent = control.silent();
    let followers = parts.into_iter().filter_map(|rows| Some((builder.follower(&silent)?, rows)));
    let followers: Vec<(Builder, Records)> = followers.collect();
    if followers.is_empty() {
        fill(&mut builder, &mut rows)?;
        return builder.finish();
    }
    let followers = Mutex::new(followers);
    let (read, followed) = parallel::both(
        || fill(&mut builder, &mut rows),
        || {
            let followers = std::mem::take(&mut *followers.lock().unwrap_or_else(PoisonError::into_inner));
            parallel::together(followers, |(mut follower, mut rows)| {
                fill(&mut follower, &mut rows).map(|()| follower)
            })
        },
    );
    read?;
    for follower in followed {
        builder.append(follower?)?;
    }
    builder.finish()
}

fn fill(builder: &mut Builder, records: &mut Records) -> Result<()> {
    let mut block = Block::default();
    while records.advance() {
        let plain = builder.width().and_then(|width| records.plain(width, CELL_BYTES_MAX));
        match plain.map(|cells| block.push(records.line, cells)) {
            Some(false) => {}
            Some(true) => builder.push_block(&mut block)?,
            None => {
                builder.push_block(&mut block)?;
                builder.push(records.line, records.cells())?;
            }
        }
    }
    builder.push_block(&mut block)
}

/// A piece of the text that begins with a record.
struct Part<'t> {
    text: &'t str,
    first_line: u64,
    lines: u64,
}

fn parts<'t>(body: &'t str, starts: &[usize], first_line: u64) -> Vec<Part<'t>> {
    let begins = std::iter::once(0).chain(starts.iter().copied());
    let ends = starts.iter().copied().chain([body.len()]);
    let texts = begins.zip(ends).map(|(begin, end)| body.get(begin..end).unwrap_or_default());
    let lines = parallel::together(texts.collect(), |text: &str| (text, quotes::line_ends(text.as_bytes())));
    let mut first_line = first_line;
    let mut part = |(text, lines)| {
        let part = Part { text, first_line, lines };
        first_line += lines;
        part
    };
    lines.into_iter().map(&mut part).collect()
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

/// Where records begin, about where it is wanted. A quote that is never closed swallows rows without a word; it is looked for
/// before anything is read.
fn checked(body: &str, dialect: Dialect, first_line: u64, name: &str, wanted: &[usize]) -> Result<Vec<usize>> {
    let open = match quotes::check(body, dialect, width(body, dialect), wanted) {
        // A reader would take a mark at the start of its part away, which read whole is text.
        Ok(starts) => return Ok(starts.into_iter().filter(|start| !has_mark(body, *start)).collect()),
        Err(open) => open,
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

fn has_mark(body: &str, start: usize) -> bool {
    body.get(start..).is_some_and(|rest| rest.starts_with('\u{feff}'))
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
    fn cells_are_cleaned_zero_bytes_are_said_and_headers_alone_are_a_table() {
        for text in ["a,b\n=\"007\",1\n", "a,b\n\"=\"\"007\"\"\",1\n", "a,b\n\"=\\\"007\\\"\",1\n"] {
            assert_eq!(read(text).cell(0, 0), "007", "{text}");
        }
        // So far down that the double quote does not tell against single ones.
        let text = "'a','b'\n".to_string() + &"'xx','1'\n".repeat(40_000) + "'='\"007\",'1'\n";
        assert_eq!(read(&text).cell(40_000, 0), "007");
        let table = read("name\nx\0y\n");
        assert_eq!((table.cell(0, 0), table.source.format.contains("zero bytes")), ("x y", true));
        assert_eq!(read("a,b\n").n_rows(), 0);
        assert_eq!(read("a,b").headers(), ["a", "b"]);
    }

    #[test]
    fn a_cell_is_too_large_wherever_it_stands() {
        let text = |bytes: usize| "a,b\n".to_string() + &"1,2\n".repeat(300) + "1," + &"x".repeat(bytes) + "\n3,4\n";
        assert_eq!(read(&text(CELL_BYTES_MAX)).n_rows(), 302);
        let error = table_of(text(CELL_BYTES_MAX + 1).as_bytes(), "t.csv").unwrap_err();
        assert_eq!(error.code(), "cell_too_large");
        assert!(error.to_string().contains("line 302"), "{error}");
    }

    #[test]
    fn an_open_quote_stops_the_reading() {
        let error = table_of(b"sep=,\na,b,c\n1,2,3\n\"1,2,3\n4,5,6\n", "t.csv").unwrap_err();
        assert_eq!(
            (error.code(), error.problems()[0].place.as_deref()),
            ("unclosed_quote", Some("t.csv:4"))
        );
    }

    /// A text read in parts is the text read whole: cells, lines, ragged rows, quotes over the cut.
    #[test]
    fn parts_are_read_as_the_whole() {
        let row = |i: usize| match i % 97 {
            0 => format!("{i},\"line\nbreak, {i}\",3,4\r\n"),
            1 => format!("{i},short\n\n"),
            2 => format!("{i},\"say \"\"x\"\"\",3,4,5\n"),
            3 => format!(",name {i},,\n"),
            4 => "\t,,,\n".to_string(),
            _ => format!("{i},name {i},{},x\n", i * 7),
        };
        let text: String = std::iter::once("id,name,n,note\n".to_string())
            .chain((0..150_000).map(row))
            .collect();
        assert!(text.len() > 2 << 20, "long enough to be cut");
        let table = read(&text);
        let mut whole = Records::new(&text, 1, dialect::detect(&text).dialect);
        assert!(whole.advance());
        for at in 0..table.n_rows() {
            while whole.advance() && whole.cells().all(|cell| cell.trim().is_empty()) {}
            let cells: Vec<&str> = whole.cells().take(4).collect();
            assert_eq!(table.row(at).take(cells.len()).collect::<Vec<_>>(), cells);
            assert_eq!(table.line(at), whole.line);
            assert_eq!(table.surplus(at).0, whole.cells().count().saturating_sub(4));
        }
        assert!(!whole.advance());
        assert_eq!(
            (table.n_rows(), table.short_rows, table.n_long_rows()),
            (148_453, 1_547, 1_547)
        );
    }
}
