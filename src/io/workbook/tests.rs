//! Workbooks as people leave them: titles, several sheets, dates, errors, hidden rows.

use std::io::{Read, Write};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use crate::io::{table, table_of};
use crate::model::control::Control;
use crate::model::table::Source;

fn book(fill: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(&mut book);
    book.save_to_buffer().unwrap()
}

fn accounts() -> Vec<u8> {
    book(|book| {
        let notes = book.add_worksheet().set_name("Read me").unwrap();
        notes.write(0, 0, "Month").unwrap();
        notes.write(1, 0, "May").unwrap();
        let sheet = book.add_worksheet().set_name("Accounts").unwrap();
        sheet.merge_range(0, 0, 0, 3, "Accounts, June 2026", &Format::new()).unwrap();
        for (column, header) in ["Account", "ARR", "Renewal Date", "Reference", "NPS"].iter().enumerate() {
            sheet.write(2, column as u16, *header).unwrap();
        }
        let day = Format::new().set_num_format("d.m.yyyy");
        sheet.write(3, 0, "Acme").unwrap();
        sheet.write(3, 1, 1_450_000.5).unwrap();
        let date = ExcelDateTime::from_ymd(2026, 9, 1).unwrap();
        sheet.write_datetime_with_format(3, 2, date, &day).unwrap();
        sheet.write_boolean(3, 3, true).unwrap();
        sheet.write(5, 0, "Beta").unwrap();
        sheet.write(5, 1, "$1,200").unwrap();
        sheet
            .write_formula(5, 4, rust_xlsxwriter::Formula::new("=1/0").set_result("#DIV/0!"))
            .unwrap();
        sheet.set_row_hidden(5).unwrap();
        sheet.set_column_hidden(1).unwrap();
    })
}

#[test]
fn the_sheet_of_accounts_is_read_as_its_csv_would_be() {
    let table = table_of(&accounts(), "book.xlsx").unwrap();
    assert_eq!(table.headers(), ["Account", "ARR", "Renewal Date", "Reference", "NPS"]);
    let rows: Vec<Vec<&str>> = (0..table.n_rows()).map(|row| table.row(row).collect()).collect();
    assert_eq!(
        rows,
        [
            ["Acme", "1450000.5", "2026-09-01", "true", ""],
            ["Beta", "$1,200", "", "", "#DIV/0!"]
        ]
    );
    assert_eq!((table.place(0), table.place(1)), ("row 4".into(), "row 6".into()));
    assert_eq!(table.source.format, "xlsx (sheet Accounts)");
    let notes: Vec<&str> = table.notes.iter().map(|note| note.code).collect();
    assert_eq!(notes, ["sheet_chosen", "error_cells", "rows_above_header"]);
    let other = table_by_name("Read me");
    assert_eq!(other.headers(), ["Month"]);
}

fn table_by_name(sheet: &str) -> crate::model::table::Table {
    table(&accounts(), "book.xlsx", Some(sheet), &Control::default()).unwrap()
}

#[test]
fn what_is_no_workbook_is_refused_by_name() {
    let mut whole = accounts();
    let archive = |names: &[&str]| {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for name in names {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(b"<x/>").unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    let wide: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let ole = |rest: &[u8]| [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), rest].concat();
    whole.truncate(whole.len() / 2);
    for (bytes, code, word) in [
        (archive(&["a.txt"]), "unsupported_format", "ZIP archive"),
        (archive(&["xl/workbook.bin"]), "unsupported_format", "XLSB"),
        (archive(&["mimetype", "content.xml"]), "unsupported_format", "OpenDocument"),
        (archive(&["xl/workbook.xml"]), "workbook_unreadable", "cannot be read"),
        (ole(b"old"), "unsupported_format", "XLS"),
        (ole(&wide), "unsupported_format", "password"),
        (whole, "workbook_unreadable", "cannot be read"),
    ] {
        let error = table_of(&bytes, "book.xlsx").unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(word), "{error}");
    }
}

/// What a part states about its size is not believed: it is unpacked into nothing, up to the limit.
#[test]
fn a_small_file_that_unpacks_to_much_more_is_refused() {
    const LIMIT: u64 = 1 << 20;
    let packed = |bytes: u64| {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        zip.start_file("xl/worksheets/sheet1.xml", options).unwrap();
        std::io::copy(&mut std::io::repeat(b' ').take(bytes), &mut zip).unwrap();
        zip.finish().unwrap().into_inner()
    };
    let bomb = packed(8 << 20);
    assert!((bomb.len() as u64) < LIMIT / 10);
    let code = |bytes: &[u8]| {
        super::check_parts(bytes, "bomb.xlsx", LIMIT, &Control::default())
            .err()
            .map(|e| e.code())
    };
    assert_eq!((code(&bomb), code(&packed(LIMIT / 2))), (Some("workbook_too_large"), None));
}

/// One text may stand in every cell and take its room in the file once.
#[test]
fn a_sheet_of_too_much_text_is_refused_whole() {
    let bytes = book(|book| {
        let sheet = book.add_worksheet();
        sheet.write(0, 0, "Account").unwrap();
        sheet.write(0, 1, "ARR").unwrap();
        for row in 1..500 {
            sheet.write(row, 0, "x".repeat(1_000)).unwrap();
            sheet.write(row, 1, row).unwrap();
        }
    });
    let read = |most: usize| super::read_checked(&bytes, Source::default(), None, most, &Control::default());
    assert_eq!(read(1 << 20).unwrap().n_rows(), 499);
    assert_eq!(read(400_000).unwrap_err().code(), "workbook_too_large");
}

/// A number has a decimal point whatever the texts of the sheet have.
#[test]
fn typed_numbers_cannot_be_taken_for_thousands() {
    let bytes = book(|book| {
        let sheet = book.add_worksheet();
        for (column, (header, cell)) in [("Account", "A"), ("Adoption", "85,5")].into_iter().enumerate() {
            sheet.write(0, column as u16, header).unwrap();
            sheet.write(1, column as u16, cell).unwrap();
        }
        sheet.write(0, 2, "ARR").unwrap();
        sheet.write(1, 2, 186.125).unwrap();
    });
    assert_eq!(table_of(&bytes, "t.xlsx").unwrap().cell(0, 2), "186.1250");
}
