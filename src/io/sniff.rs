//! What a file is, from its first bytes: delimited text in UTF-8, or something that is refused by name.

use crate::error::{Error, Problem, Result};

use super::quoted;

/// The text of a file of delimited text. Errors: `empty_file`, `unsupported_format`, `unsupported_encoding`.
pub(crate) fn text<'a>(bytes: &'a [u8], path: &str) -> Result<&'a str> {
    if let Some(what) = foreign_format(bytes) {
        let message = format!("{} is {what}; delimited text is read", quoted(path));
        return Err(Problem::new("unsupported_format", message)
            .at("path")
            .expected("the same data saved as CSV (UTF-8)")
            .into());
    }
    if is_utf16(bytes) {
        let message = format!("{} is in UTF-16, which Excel calls Unicode Text", quoted(path));
        return Err(encoding(message));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let message = format!("line {} of {} is not UTF-8 text", last_line(before), quoted(path));
            return Err(encoding(message));
        }
    };
    if text.trim().is_empty() {
        return Err(Problem::new("empty_file", format!("{} is empty", quoted(path)))
            .at("path")
            .expected("a header and rows")
            .into());
    }
    if is_markdown_table(text) {
        let message = format!("{} is a Markdown table; delimited text is read", quoted(path));
        return Err(Problem::new("unsupported_format", message)
            .at("path")
            .expected("the same data saved as CSV (UTF-8)")
            .into());
    }
    Ok(text)
}

fn encoding(message: String) -> Error {
    Problem::new("unsupported_encoding", message)
        .at("path")
        .expected("UTF-8: in a spreadsheet, save as `CSV UTF-8`")
        .into()
}

/// The line, counted from 1, on which `before` ends. Line ends are LF, CRLF or CR.
fn last_line(before: &[u8]) -> usize {
    let feeds = before.iter().filter(|b| **b == b'\n').count();
    let returns = before.iter().filter(|b| **b == b'\r').count();
    1 + if feeds > 0 { feeds } else { returns }
}

fn foreign_format(bytes: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 10] = [
        (b"PK\x03\x04", "an Excel workbook or another ZIP archive"),
        (b"PK\x05\x06", "an empty ZIP archive"),
        (b"\xd0\xcf\x11\xe0", "an old Excel workbook (XLS)"),
        (b"PAR1", "a Parquet file"),
        (b"\x1f\x8b", "compressed (gzip)"),
        (b"\x28\xb5\x2f\xfd", "compressed (zstd)"),
        (b"SQLite format 3", "an SQLite database"),
        (b"%PDF", "a PDF"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
    ];
    if let Some((_, what)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Some(what);
    }
    const LOOKED_AT: usize = 4_096;
    let head = bytes.get(..bytes.len().min(LOOKED_AT)).unwrap_or_default();
    let control = head.iter().filter(|b| (1..9).contains(*b) || (14..27).contains(*b)).count();
    if control * 20 > head.len() {
        return Some("a binary file");
    }
    let bare = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let lower = bare.get(..bare.len().min(16)).unwrap_or_default().to_ascii_lowercase();
    let after = bare.get(1..).unwrap_or_default().trim_ascii_start();
    if bare.starts_with(b"{") || (bare.starts_with(b"[") && after.starts_with(b"{")) {
        return Some("JSON");
    }
    let markup: [&[u8]; 4] = [b"<?xml", b"<html", b"<!doctype", b"<table"];
    markup.iter().any(|m| lower.starts_with(m)).then_some("HTML or XML")
}

/// A byte order mark, or every other byte zero.
fn is_utf16(bytes: &[u8]) -> bool {
    const LOOKED_AT: usize = 1_024;
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return true;
    }
    let head = bytes.get(..bytes.len().min(LOOKED_AT)).unwrap_or_default();
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    head.len() >= 8 && zeros(0).max(zeros(1)) * 5 > head.len() * 2
}

/// A rule such as `|---|:--|` among the first lines.
fn is_markdown_table(text: &str) -> bool {
    let rule = |line: &str| line.contains('|') && line.contains("---") && line.chars().all(|c| "|-: \t\r".contains(c));
    text.lines().take(10).any(rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_delimited_text_is_refused_by_name() {
        let cases: [(&[u8], &str, &str); 12] = [
            (b"PK\x03\x04rest", "unsupported_format", "Excel"),
            (b"PAR1....", "unsupported_format", "Parquet"),
            (b"\xef\xbb\xbf [\n {\"a\": 1}]", "unsupported_format", "JSON"),
            (b"{\"a\": 1}", "unsupported_format", "JSON"),
            (b"<!DOCTYPE html>", "unsupported_format", "HTML"),
            (b"\x01\x02\x03\x04\x05abc", "unsupported_format", "binary"),
            (b"# A\n\n| a | b |\n|---|---|\n", "unsupported_format", "Markdown"),
            (b"\xff\xfea\0b\0", "unsupported_encoding", "UTF-16"),
            (b"a\0,\0b\0\n\0c\0,\0d\0", "unsupported_encoding", "UTF-16"),
            (b"a,b\nT\xe9ch,1\n", "unsupported_encoding", "line 2"),
            (b"", "empty_file", "empty"),
            (b"\xef\xbb\xbf\r\n \n", "empty_file", "empty"),
        ];
        for (bytes, code, word) in cases {
            let error = text(bytes, "f").unwrap_err();
            assert_eq!(error.code(), code);
            assert!(error.to_string().contains(word), "{error}");
        }
        assert_eq!(text(b"\xef\xbb\xbfa,b\n", "f").unwrap(), "a,b\n");
        assert_eq!(text(b"[id],b\n", "f").unwrap(), "[id],b\n");
    }
}
