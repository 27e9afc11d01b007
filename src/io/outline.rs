//! The outline of a file: the table that loading it would take, as far as its beginning shows it, read by the loader's own readers.

use super::file::Head;
use super::sniff::{self, Format, TextFormat};
use super::{parquet, quoted, table, text, workbook};
use crate::error::{Error, Problem, Result};
use crate::model::control::Control;
use crate::model::discovery::Rows;
use crate::model::table::Table;

/// Bytes that are read of a text; what comes after them is judged by them.
pub(crate) const TEXT_BYTES: u64 = 1 << 16;
/// Bytes of the largest file that is read whole because its end has to be known, and what a part of it may unpack to.
pub(crate) const WHOLE_BYTES_MAX: u64 = 8 << 20;
const PART_BYTES_MAX: u64 = 64 << 20;
/// Rows of the longest Parquet file that is looked into.
const ROWS_MAX: usize = 200_000;

/// The beginning of a table.
pub(crate) struct Outline {
    pub(crate) table: Table,
    pub(crate) rows: Rows,
}

/// Whether a file that starts like this is read only as a whole.
pub(crate) fn needs_all(start: &[u8], name: &str) -> bool {
    matches!(sniff::format(start, name), Ok(Format::Workbook | Format::Parquet))
}

/// The outline of a file of which this much is at hand. Errors: those of the readers, `file_too_large` and
/// `workbook_too_large`.
pub(crate) fn of(head: &Head, name: &str, sheet: Option<&str>, control: &Control) -> Result<Outline> {
    let (bytes, whole) = (head.bytes.as_slice(), head.bytes.len() as u64 >= head.size);
    match sniff::format(bytes, name)? {
        Format::Text if !whole => return beginning(head, name, sheet, control),
        Format::Workbook if whole => workbook::check(bytes, name, PART_BYTES_MAX, control)?,
        Format::Parquet if whole && parquet::n_rows(bytes, name)? <= ROWS_MAX => {}
        Format::Text => {}
        Format::Workbook | Format::Parquet => return Err(too_large(name)),
    }
    let table = table(bytes, name, sheet, control)?;
    let rows = Rows::Counted(table.n_rows() as u64);
    Ok(Outline { table, rows })
}

fn too_large(name: &str) -> Error {
    let message = format!("{} is too large to be looked into before it is named", quoted(name));
    Problem::new("file_too_large", message).at("path").into()
}

/// A text that goes on after what is at hand.
fn beginning(head: &Head, name: &str, sheet: Option<&str>, control: &Control) -> Result<Outline> {
    let bytes = whole_lines(&head.bytes);
    let decoded = text::decode(bytes, name)?;
    let body = decoded.text.as_ref();
    let table = match sniff::text_format(body, name)? {
        TextFormat::Json => table(closed(body).as_bytes(), name, sheet, control)?,
        _ => match table(bytes, name, sheet, control) {
            // A quote that is open where the text is cut is no fault.
            Err(error) if error.code() == "unclosed_quote" => {
                table(before_line(body, line_of(&error)).as_bytes(), name, sheet, control)?
            }
            done => done?,
        },
    };
    let rows = table.n_rows() as u64 * head.size / (bytes.len() as u64).max(1);
    Ok(Outline {
        table,
        rows: Rows::About(two_digits(rows)),
    })
}

/// The line that an error names as its place.
fn line_of(error: &Error) -> usize {
    let place = error.problems().first().and_then(|problem| problem.place.as_deref());
    place.and_then(|place| place.rsplit_once(':')?.1.parse().ok()).unwrap_or(0)
}

/// The text before a line, counted from 1.
fn before_line(text: &str, line: usize) -> &str {
    let end = if text.contains('\n') { '\n' } else { '\r' };
    let len: usize = text.split_inclusive(end).take(line.saturating_sub(1)).map(str::len).sum();
    text.get(..len).unwrap_or_default()
}

/// A JSON document that was cut somewhere, ended at the last value that is whole; text after whole values stays as it is.
fn closed(text: &str) -> String {
    let mut open: Vec<char> = Vec::new();
    let (mut inside, mut escaped) = (false, false);
    let mut whole: Option<(usize, String)> = None;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' => inside = !inside,
            _ if inside => {}
            '[' => open.push(']'),
            '{' => open.push('}'),
            ']' | '}' => drop(open.pop()),
            // What stands before a comma is whole, however deep it lies.
            ',' if !open.is_empty() => whole = Some((at, open.iter().rev().collect())),
            _ => {}
        }
    }
    match whole.filter(|_| inside || !open.is_empty()) {
        Some((at, closing)) => text.get(..at).unwrap_or_default().to_string() + &closing,
        None => text.to_string(),
    }
}

/// The bytes up to the last line end that is whole, or to the last whole character where there is none.
fn whole_lines(bytes: &[u8]) -> &[u8] {
    let most = bytes.len().saturating_sub(1);
    let last = |end: u8| bytes.iter().take(most).rposition(|byte| *byte == end);
    let end = match last(b'\n').or_else(|| last(b'\r')) {
        // In UTF-16 with the small byte first a zero belongs to the line end.
        Some(at) => at + 1 + usize::from(at % 2 == 0 && bytes.get(at + 1) == Some(&0)),
        None => match std::str::from_utf8(bytes) {
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => bytes.len(),
        },
    };
    bytes.get(..end).unwrap_or(bytes)
}

/// An estimate says no more than it knows: 12,345 becomes 12,000.
fn two_digits(n: u64) -> u64 {
    let mut step = 1;
    while n / step >= 100 {
        step *= 10;
    }
    n / step * step
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The outline of the first `most` bytes of a text.
    fn cut(bytes: &[u8], most: usize) -> Outline {
        let head = Head {
            bytes: bytes[..most.min(bytes.len())].to_vec(),
            size: bytes.len() as u64,
        };
        of(&head, "t", None, &Control::default()).unwrap_or_else(|e| panic!("{e}"))
    }

    #[test]
    fn a_cut_text_gives_the_table_and_about_how_many_rows() {
        let csv: String = (0..1000).map(|i| format!("A{i:04},Ärzte {i:04},{}\n", 1000 + i)).collect();
        let csv = format!("id,name,arr\n{csv}");
        let record = |i| format!("{{\"id\": \"A{i:04}\", \"name\": \"B, {{[\\\"\", \"tags\": [1, 2], \"arr\": {i}}}");
        let records: Vec<String> = (1000..2000).map(record).collect();
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let lines = records.join("\n");
        for (bytes, format) in [
            (csv.clone().into_bytes(), "csv (comma, UTF-8)"),
            (csv.replace('\n', "\r").into_bytes(), "csv (comma, UTF-8)"),
            (wide(&csv), "csv (comma, UTF-16LE)"),
            (
                csv.encode_utf16().flat_map(u16::to_be_bytes).collect(),
                "csv (comma, UTF-16BE)",
            ),
            (lines.into_bytes(), "json lines (UTF-8)"),
            (format!("[{}]", records.join(",")).into_bytes(), "json (UTF-8)"),
            (
                format!("{{\"a\": 1, \"data\": [\n{}\n]}}", records.join(",\n")).into_bytes(),
                "json (UTF-8)",
            ),
            (
                format!("|id|name|arr|\n|---|---|---|\n{}", csv.replace(',', "|")).into_bytes(),
                "markdown (UTF-8)",
            ),
        ] {
            for most in [2_001, 2_002, 2_003, 2_040] {
                let outline = cut(&bytes, most);
                let headers = outline.table.headers();
                assert!(
                    headers[0] == "id" && headers.contains(&"arr".to_string()),
                    "{format}: {headers:?}"
                );
                assert_eq!(outline.table.source.format, format);
                let Rows::About(rows) = outline.rows else { panic!("{format}") };
                assert!((800..=1_200).contains(&rows), "{format}: {rows}");
            }
        }
    }

    #[test]
    fn a_quote_that_the_cut_leaves_open_costs_its_row_only() {
        let note = "\"a note\nof two lines\"";
        let csv: String = (0..200).map(|i| format!("A{i},{note},{i}\n")).collect();
        let csv = format!("id,note,arr\n{csv}");
        for most in 1_000..1_060 {
            let outline = cut(csv.as_bytes(), most);
            assert!(outline.table.n_rows() > 25, "{most}: {}", outline.table.n_rows());
        }
    }

    #[test]
    fn estimates_are_round() {
        assert_eq!([7, 99, 101, 12_345].map(two_digits), [7, 99, 100, 12_000]);
    }
}
