//! Files that hold no table that can be read whole, one for each row of the table of what is refused.

use std::io::{Cursor, Write as _};

use super::files;

/// A row of the table of what is refused.
pub struct Case {
    pub file: &'static str,
    pub name: &'static str,
    pub bytes: Vec<u8>,
    /// What the error must mention.
    pub says: &'static str,
}

fn archive(names: &[&str]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in names {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(b"<x/>").unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A sheet of two gibibytes and more in a file of a few megabytes.
fn bomb() -> Vec<u8> {
    let blanks = vec![b' '; 1 << 20];
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Deflated)
        .compression_level(Some(1));
    zip.start_file("xl/workbook.xml", options).unwrap();
    for _ in 0..2_100 {
        zip.write_all(&blanks).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub fn all() -> Vec<Case> {
    let case = |file, name, bytes: Vec<u8>, says| Case { file, name, bytes, says };
    let ole = |rest: &[u8]| [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), rest].concat();
    let wide: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (workbook, parquet) = files::to_break();
    let half = |bytes: &[u8]| bytes[..bytes.len() / 2].to_vec();
    let swallowed = format!("id,name,arr\n1,\"Acme,5\n{}", "2,Beta,6\n".repeat(50));
    let deep = format!("[{{\"a\": {}1{}}}]", "[".repeat(5_000), "]".repeat(5_000));
    vec![
        case("unclosed quote", "b.csv", swallowed.into(), "would swallow 50 rows"),
        case("empty", "b.csv", Vec::new(), "empty"),
        case("old Excel", "b.xls", ole(b"Workbook"), "XLS"),
        case("binary Excel", "b.xlsb", archive(&["xl/workbook.bin"]), "XLSB"),
        case("OpenDocument", "b.ods", archive(&["mimetype", "content.xml"]), "OpenDocument"),
        case("workbook with a password", "b.xlsx", ole(&wide), "password"),
        case("workbook cut short", "b.xlsx", half(&workbook), "cannot be read"),
        case("workbook that unpacks to gigabytes", "b.xlsx", bomb(), "unpacks"),
        case(
            "HTML named .xls",
            "b.xls",
            b"<html><table><tr><td>1</td></tr></table></html>".to_vec(),
            "HTML",
        ),
        case(
            "JSON that breaks off",
            "b.json",
            b"[{\"name\": \"A\",\n \"arr\": ".to_vec(),
            "b.json:2",
        ),
        case(
            "JSON without a table",
            "b.json",
            b"{\"total\": 5, \"done\": true}".to_vec(),
            "no",
        ),
        case("JSON nested without end", "b.json", deep.into(), "deep"),
        case("Parquet cut short", "b.parquet", half(&parquet), "cannot be read"),
        case("gzip", "b.csv.gz", b"\x1f\x8b\x08\0\0\0".to_vec(), "gzip"),
        case("ZIP", "b.zip", archive(&["a.csv"]), "ZIP"),
        case("PDF", "b.pdf", b"%PDF-1.7\n".to_vec(), "PDF"),
        case("picture", "b.png", b"\x89PNG\r\n\x1a\n".to_vec(), "picture"),
        case("SQLite", "b.db", b"SQLite format 3\0".to_vec(), "SQLite"),
        case(
            "bytes of any other kind",
            "b.dat",
            (1..9).cycle().take(900).collect(),
            "binary",
        ),
    ]
}
