//! What a file is, from its first bytes and lines: a format that is read, or something that is refused by name.

use crate::error::{Problem, Result};

use super::quoted;

/// A format that holds tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Excel and OpenDocument workbooks.
    Workbook,
    /// Parquet.
    Parquet,
    /// Text; what is in it is decided once it is decoded.
    Text,
}

/// A format of decoded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextFormat {
    /// JSON, or JSON Lines.
    Json,
    /// Tables between bars, perhaps among prose.
    Markdown,
    /// Anything else.
    Delimited,
}

/// The format by the first bytes. Error: `unsupported_format`.
pub(crate) fn format(bytes: &[u8], name: &str) -> Result<Format> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Ok(Format::Workbook);
    }
    if bytes.starts_with(b"PAR1") {
        return Ok(Format::Parquet);
    }
    match foreign(bytes) {
        Some(what) => Err(refused(name, what)),
        None => Ok(Format::Text),
    }
}

/// The format of a text. Error: `unsupported_format` for HTML and XML.
pub(crate) fn text_format(text: &str, name: &str) -> Result<TextFormat> {
    let bare = text.trim_start();
    let lower: String = bare.chars().take(16).collect::<String>().to_lowercase();
    let markup = ["<?xml", "<html", "<!doctype", "<table", "<meta", "<style"];
    if markup.iter().any(|tag| lower.starts_with(tag)) {
        return Err(refused(name, "HTML or XML (some `.xls` exports are)"));
    }
    let after = bare.get(1..).unwrap_or_default().trim_start();
    let list = bare.starts_with('[') && (after.starts_with(['{', '[']) || after.starts_with(']'));
    let object = bare.starts_with('{') && (after.starts_with('"') || after.starts_with('}'));
    Ok(match () {
        () if list || object => TextFormat::Json,
        () if has_markdown_table(text) => TextFormat::Markdown,
        () => TextFormat::Delimited,
    })
}

/// A rule such as `|---|:--|` under a line with bars.
pub(crate) fn is_markdown_rule(line: &str) -> bool {
    let line = line.trim();
    // A row of cells that each hold one dash is data.
    let ruled = line.contains("--") || line.contains(":-");
    ruled && line.contains('|') && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ' | '\t'))
}

/// Whether a rule stands in the text itself, and not in a note between quotes of a delimited file.
fn has_markdown_table(text: &str) -> bool {
    const LINES: usize = 2_000;
    let (mut at, mut quoted_to) = (0, 0);
    text.split_inclusive('\n').take(LINES).any(|line| {
        let start = at;
        at += line.len();
        let ruled = start >= quoted_to && is_markdown_rule(line);
        while quoted_to < at {
            let from = quoted_to.max(start);
            quoted_to = match cell_end(text, from, at) {
                Some(end) => end,
                None => break,
            };
        }
        ruled
    })
}

/// Where the first quoted cell closes that opens between two places of a text, as delimited files write such cells.
fn cell_end(text: &str, from: usize, to: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let edge = |at: Option<usize>| {
        let byte = at.and_then(|at| bytes.get(at));
        byte.is_none_or(|byte| matches!(byte, b',' | b';' | b'\t' | b'|' | b'\n' | b'\r'))
    };
    let opens = (from..to).filter(|at| bytes.get(*at) == Some(&b'"') && edge(at.checked_sub(1)));
    for open in opens {
        let mut at = open + 1;
        loop {
            at += bytes.get(at..)?.iter().position(|byte| *byte == b'"')?;
            if bytes.get(at + 1) != Some(&b'"') {
                break;
            }
            at += 2;
        }
        if edge(Some(at + 1)) {
            return Some(at + 1);
        }
    }
    None
}

fn refused(name: &str, what: &str) -> crate::error::Error {
    Problem::new(
        "unsupported_format",
        format!("{} is {what}, which holds no table that can be read", quoted(name)),
    )
    .at("path")
    .expected("CSV or other delimited text, XLSX, JSON, Markdown or Parquet")
    .into()
}

fn foreign(bytes: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 11] = [
        (b"PK\x05\x06", "an empty ZIP archive"),
        (b"\x1f\x8b", "compressed (gzip)"),
        (b"\x28\xb5\x2f\xfd", "compressed (zstd)"),
        (b"BZh", "compressed (bzip2)"),
        (b"SQLite format 3", "an SQLite database"),
        (b"%PDF", "a PDF"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"GIF8", "a picture"),
        (b"\x7fELF", "a program"),
        (b"{\\rtf", "a word processor's file (RTF)"),
    ];
    if let Some((_, what)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Some(what);
    }
    const LOOKED_AT: usize = 4_096;
    let head = bytes.get(..bytes.len().min(LOOKED_AT)).unwrap_or_default();
    let control = head.iter().filter(|b| (1..9).contains(*b) || (14..27).contains(*b)).count();
    (control * 20 > head.len()).then_some("a binary file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_known_by_their_first_bytes() {
        for (bytes, wanted) in [
            (&b"PK\x03\x04rest"[..], Ok(Format::Workbook)),
            (b"PAR1....", Ok(Format::Parquet)),
            (b"a,b\n", Ok(Format::Text)),
            (b"\xff\xfea\0,\0", Ok(Format::Text)),
            (b"\x1f\x8b\x08", Err("gzip")),
            (b"%PDF-1.7", Err("PDF")),
            (b"\x01\x02\x03\x04\x05abc", Err("binary")),
        ] {
            match (format(bytes, "f"), wanted) {
                (Ok(found), Ok(wanted)) => assert_eq!(found, wanted),
                (Err(error), Err(word)) => assert!(error.code() == "unsupported_format" && error.to_string().contains(word)),
                (found, wanted) => panic!("{bytes:?}: {found:?}, {wanted:?}"),
            }
        }
    }

    #[test]
    fn texts_are_known_by_their_first_lines() {
        for (text, wanted) in [
            ("[\n {\"a\": 1}]", TextFormat::Json),
            ("{\"a\": [1]}", TextFormat::Json),
            ("{ }", TextFormat::Json),
            ("[id],b\n", TextFormat::Delimited),
            ("{x},b\n", TextFormat::Delimited),
            ("# A\n\n| a | b |\n|---|---|\n", TextFormat::Markdown),
            ("a|b\n--|:-:\n1|2\n", TextFormat::Markdown),
            ("a,b\n1,\"x\n| a | b |\n|---|---|\n\"\n", TextFormat::Delimited),
            ("a,b\n1,\"say \"\"x\"\"\n|---|---|\"\n2,3\n", TextFormat::Delimited),
            ("\"Open\n\n| a | b |\n|---|---|\n", TextFormat::Markdown),
            ("\"Said,\" he\n| a | b |\n|---|---|\n| \"x\" | 1 |\n", TextFormat::Markdown),
            ("a \"b\n| a | b |\n|---|---|\n|\"x|1\"|2|\n", TextFormat::Markdown),
            ("a|b\n1|2\n", TextFormat::Delimited),
        ] {
            assert_eq!(text_format(text, "f").unwrap(), wanted, "{text}");
        }
        assert!(text_format("<!DOCTYPE html>", "f").unwrap_err().to_string().contains("HTML"));
    }
}
