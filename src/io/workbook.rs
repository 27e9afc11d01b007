//! Excel workbooks (XLSX): the sheet that holds the accounts, cell by cell, dates as dates.

use std::io::{Cursor, Read};

use calamine::{CellErrorType, DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx};

use super::builder::{Builder, COLUMNS_MAX};
use super::header::LOOKED_AT;
use super::pick::{self, Offer};
use super::typed::number_text;
use super::{guarded, quoted};
use crate::error::{Error, Problem, Result};
use crate::model::control::Control;
use crate::model::finding::Finding;
use crate::model::table::{Counted, Source, Table};

/// Bytes to which one part of a workbook may unpack (S18).
const PART_BYTES_MAX: u64 = 512 << 20;
/// Bytes of text in one sheet, as large as any file may be: one text can stand in every cell and take its room once.
const TEXT_BYTES_MAX: usize = 1 << 30;
/// Parts of a workbook.
const PARTS_MAX: usize = 10_000;

type Book<'b> = Xlsx<Cursor<&'b [u8]>>;

/// The table of accounts in this workbook. Hidden rows and columns count; formulas give the value that was saved with them.
///
/// Errors: `workbook_unreadable`, `unsupported_format`, `workbook_too_large`, those of [`pick::pick`] and [`Builder`].
pub(crate) fn read(bytes: &[u8], source: Source, sheet: Option<&str>, control: &Control) -> Result<Table> {
    let name = source.path.clone();
    check(bytes, &name, PART_BYTES_MAX, control)?;
    guarded(&name, "workbook_unreadable", || {
        read_checked(bytes, source, sheet, TEXT_BYTES_MAX, control)
    })
}

fn read_checked(bytes: &[u8], mut source: Source, sheet: Option<&str>, most: usize, control: &Control) -> Result<Table> {
    let name = source.path.clone();
    control.at("opening the workbook", 0, 1)?;
    let mut book: Book = Xlsx::new(Cursor::new(bytes)).map_err(|e| unreadable(&name, &e.to_string()))?;
    let sheets = sheets(&book, sheet);
    let mut offers = Vec::with_capacity(sheets.len());
    for sheet in &sheets {
        let rows = first_rows(&mut book, sheet, &name, most)?;
        offers.push(Offer::new(sheet.clone(), &rows));
    }
    let picked = pick::pick(&offers, sheet, &name, "sheet")?;
    let Some(chosen) = sheets.get(picked.at) else {
        return Builder::new(source, 0, control).finish();
    };
    source.format = format!("xlsx (sheet {})", quoted(chosen).replace('`', ""));
    source.counted = Counted::Row;
    let rows_stated = book
        .worksheet_cells_reader(chosen)
        .map_or(0, |sheet| u64::from(sheet.dimensions().end.0) + 1);
    let mut builder = Builder::new(source, rows_stated, control);
    builder.notes(picked.note);
    let mut errors = 0;
    each_row(&mut book, chosen, &name, most, |row, cells| {
        errors += cells.iter().filter(|cell| is_error(cell)).count();
        builder.push(row, cells.iter().map(String::as_str)).map(|()| true)
    })?;
    if errors > 0 {
        let text = format!(
            "{errors} cells of the sheet hold spreadsheet errors such as #REF!; they are read as blank. Mend them in the workbook"
        );
        builder.notes([Finding::warning("error_cells", text)]);
    }
    builder.finish()
}

/// Refuses what is no workbook, and a workbook of which one part unpacks to more than `most` bytes.
pub(crate) fn check(bytes: &[u8], name: &str, most: u64, control: &Control) -> Result<()> {
    check_kind(bytes, name)?;
    check_parts(bytes, name, most, control)
}

/// Refuses the older binary formats, encrypted workbooks, and other archives by name.
fn check_kind(bytes: &[u8], name: &str) -> Result<()> {
    let what = if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        let wide: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        match bytes.windows(wide.len()).any(|window| window == wide) {
            true => "a workbook under a password",
            false => "an old Excel workbook (XLS)",
        }
    } else {
        let archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| unreadable(name, &e.to_string()))?;
        let has = |part: &str| archive.file_names().flatten().any(|name| name == part);
        match () {
            () if has("xl/workbook.xml") => return Ok(()),
            () if has("xl/workbook.bin") => "a binary workbook (XLSB)",
            () if has("content.xml") => "an OpenDocument file",
            () => "a ZIP archive, not a workbook",
        }
    };
    Err(Problem::new("unsupported_format", format!("{} is {what}", quoted(name)))
        .at("path")
        .expected("the same data saved as XLSX without a password, or as CSV")
        .into())
}

/// A small archive can unpack to gigabytes, whatever sizes it states: parts that could are unpacked into nothing first.
fn check_parts(bytes: &[u8], name: &str, most: u64, control: &Control) -> Result<()> {
    // Deflate shrinks at most 1032 times.
    const RATIO_MAX: u64 = 1_032;
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|e| unreadable(name, &e.to_string()))?;
    if archive.len() > PARTS_MAX {
        return Err(too_large(name, &format!("has {} parts", archive.len())));
    }
    for at in 0..archive.len() {
        let part = archive.by_index(at).map_err(|e| unreadable(name, &e.to_string()))?;
        if part.compressed_size().saturating_mul(RATIO_MAX) <= most {
            continue;
        }
        control.at("opening the workbook", 0, 0)?;
        let unpacked = std::io::copy(&mut part.take(most + 1), &mut std::io::sink());
        if unpacked.map_err(|e| unreadable(name, &e.to_string()))? > most {
            return Err(too_large(
                name,
                &format!("unpacks to more than {} MiB in one part", most >> 20),
            ));
        }
    }
    Ok(())
}

fn too_large(name: &str, what: &str) -> Error {
    Problem::new("workbook_too_large", format!("{} {what}", quoted(name)))
        .at("path")
        .expected("a smaller workbook, or the sheet saved as CSV")
        .into()
}

fn unreadable(name: &str, why: &str) -> Error {
    let why: String = why.chars().filter(|c| !c.is_control()).take(120).collect();
    Problem::new(
        "workbook_unreadable",
        format!("{} cannot be read as a workbook: {why}", quoted(name)),
    )
    .at("path")
    .expected("an XLSX file that a spreadsheet opens, or the sheet saved as CSV")
    .into()
}

/// Names of the sheets that may hold a table: the visible ones unless a hidden one is named or there is no other.
fn sheets(book: &Book, wanted: Option<&str>) -> Vec<String> {
    let tables = || {
        book.sheets_metadata()
            .iter()
            .filter(|sheet| sheet.typ == SheetType::WorkSheet)
    };
    let visible: Vec<String> = tables()
        .filter(|sheet| sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .collect();
    match visible.is_empty() || wanted.is_some() {
        true => tables().map(|sheet| sheet.name.clone()).collect(),
        false => visible,
    }
}

fn first_rows(book: &mut Book, sheet: &str, name: &str, most: usize) -> Result<Vec<Vec<String>>> {
    let mut rows = Vec::new();
    each_row(book, sheet, name, most, |_, cells| {
        rows.push(cells.to_vec());
        Ok(rows.len() < LOOKED_AT)
    })?;
    Ok(rows)
}

/// Calls `take` with each row that holds anything and its number, until it says to stop; more text than `most` bytes is refused.
fn each_row(
    book: &mut Book,
    sheet: &str,
    name: &str,
    most: usize,
    mut take: impl FnMut(u64, &[String]) -> Result<bool>,
) -> Result<()> {
    let mut reader = book
        .worksheet_cells_reader(sheet)
        .map_err(|e| unreadable(name, &e.to_string()))?;
    let mut row: Vec<String> = Vec::new();
    let (mut number, mut bytes) = (0, 0);
    while let Some(cell) = reader.next_cell().map_err(|e| unreadable(name, &e.to_string()))? {
        let (at, column) = cell.get_position();
        let text = text(cell.get_value());
        if text.is_empty() {
            continue;
        }
        bytes += text.len();
        if bytes > most {
            let what = format!("holds more than {} MiB of text in sheet {}", most >> 20, quoted(sheet));
            return Err(too_large(name, &what));
        }
        let (at, column) = (u64::from(at) + 1, column as usize);
        if column >= COLUMNS_MAX {
            let message = format!("row {at} of {} reaches into column {}", quoted(name), column + 1);
            return Err(Problem::new("too_many_columns", message)
                .at("path")
                .expected(format!("at most {COLUMNS_MAX}"))
                .into());
        }
        if at != number {
            if !row.is_empty() && !take(number, &row)? {
                return Ok(());
            }
            row.clear();
            number = at;
        }
        row.resize(row.len().max(column + 1), String::new());
        if let Some(slot) = row.get_mut(column) {
            *slot = text;
        }
    }
    if !row.is_empty() {
        take(number, &row)?;
    }
    Ok(())
}

/// A cell as the text that the same cell has in a CSV file.
fn text(cell: &DataRef) -> String {
    match cell {
        DataRef::Empty => String::new(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number_text(number.to_string()),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_string(),
        DataRef::Bool(yes) => yes.to_string(),
        DataRef::DateTime(date) => date_text(date),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => error_text(error).to_string(),
    }
}

/// A date without its time at midnight; a duration as the number that it is.
fn date_text(date: &ExcelDateTime) -> String {
    if date.is_duration() || date.as_f64() < 0.0 {
        return date.as_f64().to_string();
    }
    let (year, month, day, hours, minutes, seconds, _) = date.to_ymd_hms_milli();
    match (hours, minutes, seconds) {
        (0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
        _ => format!("{year:04}-{month:02}-{day:02} {hours:02}:{minutes:02}:{seconds:02}"),
    }
}

fn error_text(error: &CellErrorType) -> &'static str {
    match error {
        CellErrorType::Div0 => "#DIV/0!",
        CellErrorType::NA => "#N/A",
        CellErrorType::Name => "#NAME?",
        CellErrorType::Null => "#NULL!",
        CellErrorType::Num => "#NUM!",
        CellErrorType::Value => "#VALUE!",
        _ => "#REF!",
    }
}

fn is_error(cell: &str) -> bool {
    cell.starts_with('#') && cell.ends_with(['!', '?']) && cell.len() <= 7
}

#[cfg(test)]
mod tests;
