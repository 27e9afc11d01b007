//! The same four accounts as a file of every format and dialect.

use std::io::{Cursor, Read as _, Write as _};
use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};
use serde_json::{Value, json};

/// A row of the table of formats.
pub struct Case {
    pub format: &'static str,
    pub dialect: &'static str,
    pub name: &'static str,
    pub bytes: Vec<u8>,
    /// Part of what the answer calls the format.
    pub said: &'static str,
    /// A finding that must be there.
    pub note: Option<&'static str>,
    pub set_aside: usize,
}

const HEADERS: [&str; 5] = ["Account ID", "Account Name", "ARR", "Renewal Date", "NPS"];
const ROWS: [[&str; 5]; 4] = [
    ["A-1", "Acme, Inc.", "120000.50", "2026-09-01", "40"],
    ["A-2", "Müller & Söhne", "85000", "2027-01-15", "-5"],
    ["A-3", "Zoë; \"Z\" Ltd", "4200.25", "2026-12-31", ""],
    ["A-4", "North | South", "990", "2026-07-01", "70"],
];

pub fn all() -> Vec<Case> {
    [texts(), encoded(), workbooks(), json_files(), others()]
        .into_iter()
        .flatten()
        .collect()
}

fn case(format: &'static str, dialect: &'static str, name: &'static str, bytes: impl Into<Vec<u8>>) -> Case {
    Case {
        format,
        dialect,
        name,
        bytes: bytes.into(),
        said: "",
        note: None,
        set_aside: 0,
    }
}

impl Case {
    fn said(self, said: &'static str) -> Case {
        Case { said, ..self }
    }

    fn note(self, code: &'static str) -> Case {
        Case {
            note: Some(code),
            ..self
        }
    }
}

/// The book as delimited text; quotes stand where they must.
fn text(delimiter: char, end: &str) -> String {
    lines(&rows(), delimiter).join(end) + end
}

fn rows() -> Vec<Vec<String>> {
    let owned = |row: &[&str; 5]| row.map(str::to_string).to_vec();
    std::iter::once(owned(&HEADERS)).chain(ROWS.iter().map(owned)).collect()
}

fn lines(rows: &[Vec<String>], delimiter: char) -> Vec<String> {
    let quoted = |cell: &String| match cell.contains([delimiter, '"', '\n']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.clone(),
    };
    let line = |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(&delimiter.to_string());
    rows.iter().map(line).collect()
}

/// The book with a column of notes, each row's from its number.
fn with_notes(note: impl Fn(usize) -> String) -> String {
    let mut rows = rows();
    for (i, row) in rows.iter_mut().enumerate() {
        row.push(if i == 0 { "Notes".into() } else { note(i) });
    }
    lines(&rows, ',').join("\n") + "\n"
}

fn texts() -> Vec<Case> {
    let csv = |dialect, text: String| case("delimited text", dialect, "book.csv", text);
    let commas = text(',', "\n");
    let european = text(';', "\n")
        .replace("120000.50", "120.000,50")
        .replace("85000", "85.000")
        .replace("4200.25", "4.200,25");
    let ended = format!("{commas}{}\nTotal,,210190.75,,\nConfidential,,,,\n", lines(&rows(), ',')[0]);
    let titled = format!("Accounts by ARR\nGenerated 2026-06-30,,,,\n\n{commas}");
    let (short, long) = (
        commas.replace("4200.25,2026-12-31,", "4200.25,2026-12-31"),
        commas.replace("-01,70", "-01,70,,"),
    );
    let backslashed = commas.replace("\"\"Z\"\"", "\\\"Z\\\"");
    vec![
        csv("comma", commas.clone()).said("comma"),
        csv("semicolon", european).said("semicolon"),
        csv("tab", text('\t', "\n")).said("tab"),
        csv("bar", text('|', "\n")).said("bar"),
        csv("sep=", format!("sep=;\n{}", text(';', "\n"))).said("semicolon"),
        csv("doubled quotes", commas.clone()),
        csv("backslash quotes", backslashed).said("backslash"),
        csv("line breaks in cells", with_notes(|i| format!("call {i}\n\nthen, \"write\""))),
        csv("CRLF", text(',', "\r\n")),
        csv("CR", text(',', "\r")),
        csv("title lines", titled).note("rows_above_header"),
        Case {
            set_aside: 3,
            ..csv("totals and footnotes", ended)
        },
        csv("blank lines", format!("\n\n{}\n\n", commas.replace("\nA-3", "\n\n,,,,\nA-3"))),
        csv("short rows", short).note("ragged_rows"),
        csv("long rows", long),
    ]
}

fn encoded() -> Vec<Case> {
    let csv = |dialect, bytes: Vec<u8>| case("delimited text", dialect, "book.csv", bytes);
    let commas = text(',', "\n");
    let little = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let big = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    let marked = format!("\u{feff}{commas}");
    let latin = |text: &str| {
        text.chars()
            .map(|c| if c == '—' { 0x97 } else { c as u8 })
            .collect::<Vec<u8>>()
    };
    let zeros = commas.replace("A-1", "A-1\0").replace("\nA-4", "\n\0A-4");
    vec![
        csv("UTF-8 with BOM", marked.clone().into_bytes()).said("UTF-8"),
        csv("UTF-16LE with BOM", little(&marked)).said("UTF-16LE"),
        csv("UTF-16BE with BOM", big(&marked)).said("UTF-16BE"),
        csv("UTF-16LE without BOM", little(&commas)).said("UTF-16LE"),
        csv("UTF-16BE without BOM", big(&commas)).said("UTF-16BE"),
        csv("Windows-1252", latin(&with_notes(|i| format!("call — {i}")))).said("Windows-1252"),
        csv("Latin-1", latin(&commas)).said("Windows-1252"),
        csv("NUL bytes", zeros.into_bytes()),
    ]
}

/// Writes the book into a sheet from `row` on, numbers as numbers.
fn fill(sheet: &mut Worksheet, row: u32, date: impl Fn(&mut Worksheet, u32, &str)) {
    for (column, header) in HEADERS.iter().enumerate() {
        sheet.write(row, column as u16, *header).unwrap();
    }
    for (i, cells) in ROWS.iter().enumerate() {
        let row = row + 1 + i as u32;
        for column in [0, 1] {
            sheet.write(row, column, cells[usize::from(column)]).unwrap();
        }
        sheet.write(row, 2, cells[2].parse::<f64>().unwrap()).unwrap();
        date(sheet, row, cells[3]);
        if let Ok(nps) = cells[4].parse::<f64>() {
            sheet.write(row, 4, nps).unwrap();
        }
    }
}

fn as_text(sheet: &mut Worksheet, row: u32, date: &str) {
    sheet.write(row, 3, date).unwrap();
}

fn as_date(sheet: &mut Worksheet, row: u32, date: &str) {
    let format = Format::new().set_num_format("d.m.yyyy");
    let date = ExcelDateTime::parse_from_str(date).unwrap();
    sheet.write_datetime_with_format(row, 3, date, &format).unwrap();
}

fn as_serial(sheet: &mut Worksheet, row: u32, date: &str) {
    let date = ExcelDateTime::parse_from_str(date).unwrap();
    sheet.write(row, 3, date.to_excel()).unwrap();
}

fn saved(fill: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(&mut book);
    book.save_to_buffer().unwrap()
}

fn one_sheet(write: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    saved(|book| write(book.add_worksheet()))
}

/// The same workbook counting its days from 1904, as old Macs did.
fn from_1904(bytes: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for i in 0..archive.len() {
        let mut part = archive.by_index(i).unwrap();
        let mut content = String::new();
        part.read_to_string(&mut content).unwrap();
        out.start_file(part.name().unwrap(), zip::write::SimpleFileOptions::default())
            .unwrap();
        let content = content.replace("<workbookPr ", "<workbookPr date1904=\"1\" ");
        out.write_all(content.as_bytes()).unwrap();
    }
    out.finish().unwrap().into_inner()
}

fn workbooks() -> Vec<Case> {
    const DAYS_TO_1904: f64 = 1_462.0;
    let xlsx = |dialect, bytes| case("XLSX", dialect, "book.xlsx", bytes).said("xlsx");
    let several = saved(|book| {
        let notes = book.add_worksheet().set_name("Read me").unwrap();
        notes.write(0, 0, "Region").unwrap();
        notes.write(1, 0, "North").unwrap();
        fill(book.add_worksheet().set_name("Accounts").unwrap(), 0, as_text);
    });
    let titled = one_sheet(|sheet| {
        sheet.merge_range(0, 0, 1, 4, "Accounts, June 2026", &Format::new()).unwrap();
        fill(sheet, 3, as_text);
    });
    let shifted = one_sheet(|sheet| {
        let format = Format::new().set_num_format("d.m.yyyy");
        fill(sheet, 0, |sheet, row, date| {
            let days = ExcelDateTime::parse_from_str(date).unwrap().to_excel() - DAYS_TO_1904;
            sheet.write_with_format(row, 3, days, &format).unwrap();
        });
    });
    let texts = one_sheet(|sheet| {
        for (row, cells) in rows().iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                sheet.write_string(row as u32, column as u16, cell).unwrap();
            }
        }
    });
    let errors = one_sheet(|sheet| {
        fill(sheet, 0, as_text);
        let broken = Formula::new("=1/0").set_result("#DIV/0!");
        sheet.write_formula(3, 4, broken).unwrap();
    });
    let hidden = one_sheet(|sheet| {
        fill(sheet, 0, as_text);
        sheet.set_row_hidden(2).unwrap();
        sheet.set_column_hidden(2).unwrap();
    });
    vec![
        xlsx("one sheet", one_sheet(|sheet| fill(sheet, 0, as_text))),
        xlsx("several sheets", several).said("sheet Accounts").note("sheet_chosen"),
        xlsx("merged title", titled).note("rows_above_header"),
        xlsx("dates", one_sheet(|sheet| fill(sheet, 0, as_date))),
        xlsx("dates counted from 1904", from_1904(&shifted)),
        xlsx("date serials", one_sheet(|sheet| fill(sheet, 0, as_serial))),
        xlsx("numbers as text", texts),
        xlsx("error cells", errors).note("error_cells"),
        xlsx("hidden rows and columns", hidden),
    ]
}

/// A cell as JSON would hold it.
fn value(column: usize, cell: &str) -> Value {
    match column {
        _ if cell.is_empty() => Value::Null,
        2 => json!(cell.parse::<f64>().unwrap()),
        4 => json!(cell.parse::<i64>().unwrap()),
        _ => json!(cell),
    }
}

fn record(row: &[&str; 5], columns: std::ops::Range<usize>) -> Value {
    let cells = columns.map(|column| (HEADERS[column].to_string(), value(column, row[column])));
    Value::Object(cells.filter(|(_, value)| !value.is_null()).collect())
}

fn json_files() -> Vec<Case> {
    let file = |dialect, value: Value| case("JSON", dialect, "book.json", value.to_string()).said("json");
    let records: Vec<Value> = ROWS.iter().map(|row| record(row, 0..5)).collect();
    let column = |column: usize| ROWS.iter().map(move |row| value(column, row[column]));
    let columns = (0..5).map(|i| (HEADERS[i].to_string(), column(i).collect::<Value>()));
    let numbered = (0..5).map(|i| {
        let cells = column(i).enumerate().map(|(row, cell)| (row.to_string(), cell));
        (HEADERS[i].to_string(), Value::Object(cells.collect()))
    });
    let by_id = ROWS.iter().map(|row| (row[0].to_string(), record(row, 1..5)));
    let data: Vec<Vec<Value>> = ROWS.iter().map(|row| (0..5).map(|i| value(i, row[i])).collect()).collect();
    let arrays: Vec<Value> = std::iter::once(json!(HEADERS))
        .chain(data.iter().map(|row| json!(row)))
        .collect();
    let nested: Vec<Value> = ROWS
        .iter()
        .map(|row| {
            let terms = json!({"arr": value(2, row[2]), "renewal_date": row[3]});
            json!({"account": {"id": row[0], "name": row[1]}, "contract": terms, "survey": {"nps": value(4, row[4])}})
        })
        .collect();
    let salesforce: Vec<Value> = records
        .iter()
        .map(|record| {
            let mut record = record.clone();
            record["attributes"] = json!({"type": "Account", "url": "/services/data/v61.0/sobjects/Account/1"});
            record
        })
        .collect();
    let jsonl: String = records.iter().map(|record| format!("{record}\n")).collect();
    vec![
        file("array of objects", json!(records)),
        file("object of columns", Value::Object(columns.collect())),
        file("columns by row number", Value::Object(numbered.collect())),
        file("objects by id", Value::Object(by_id.collect())),
        file("array of arrays", json!(arrays)),
        file("columns and data", json!({"columns": HEADERS, "data": data})),
        case("JSON", "JSON Lines", "book.jsonl", jsonl).said("json"),
        file("nested objects", json!(nested)),
        file(
            "list under a key",
            json!({"meta": {"rows": 4}, "result": {"accounts": records}}),
        ),
        file(
            "Salesforce records",
            json!({"totalSize": 4, "done": true, "records": salesforce}),
        ),
    ]
}

fn markdown(line: impl Fn(Vec<String>) -> String) -> String {
    let mut rows = rows()
        .into_iter()
        .map(|row| row.into_iter().map(|cell| cell.replace('|', "\\|")).collect());
    let header = line(rows.next().unwrap());
    let rule = line(vec!["---".to_string(); 5]);
    let body: Vec<String> = rows.map(line).collect();
    format!("{header}\n{rule}\n{}\n", body.join("\n"))
}

fn others() -> Vec<Case> {
    let barred = markdown(|cells| format!("| {} |", cells.join(" | ")));
    let bare = markdown(|cells| cells.join(" | "));
    let marked = barred
        .replace("| A-1 |", "| `A-1` |")
        .replace("Acme, Inc.", "**Acme, Inc.**")
        .replace("Müller & Söhne", "[Müller &amp; Söhne](https://example.com)");
    let md = |dialect, text: String| case("Markdown", dialect, "book.md", text).said("markdown");
    vec![
        md(
            "table among prose",
            format!("# Accounts\n\nAs of June.\n\n{barred}\nThat is all.\n"),
        ),
        md("no outer bars", bare),
        md("marked-up cells", marked),
        case("Parquet", "text, doubles, dates", "book.parquet", parquet(false)).said("parquet"),
        case("Parquet", "decimals and times", "book.parquet", parquet(true)).said("parquet"),
    ]
}

fn parquet(decimals: bool) -> Vec<u8> {
    let (arr, renewal) = match decimals {
        true => ("int64 arr (DECIMAL(18, 2))", "int64 renewal_date (TIMESTAMP(MICROS, true))"),
        false => ("double arr", "int32 renewal_date (DATE)"),
    };
    let schema = format!(
        "message book {{ required binary account_id (UTF8); required binary account_name (UTF8); required {arr}; \
         required {renewal}; optional group survey {{ optional int32 nps; }} }}"
    );
    let mut bytes = Vec::new();
    let schema = Arc::new(parse_message_type(&schema).unwrap());
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = |fill: &dyn Fn(&mut SerializedColumnWriter)| {
        let mut column = group.next_column().unwrap().unwrap();
        fill(&mut column);
        column.close().unwrap();
    };
    let texts = |at: usize| ROWS.map(|row| ByteArray::from(row[at])).to_vec();
    let days = ROWS.map(|row| (ExcelDateTime::parse_from_str(row[3]).unwrap().to_excel() - 25_569.0) as i32);
    let amounts = ROWS.map(|row| row[2].parse::<f64>().unwrap());
    let nps: Vec<i32> = ROWS.iter().filter_map(|row| row[4].parse().ok()).collect();
    let known = ROWS.map(|row| if row[4].is_empty() { 0 } else { 2 });
    for at in [0, 1] {
        column(&|c| assert!(c.typed::<ByteArrayType>().write_batch(&texts(at), None, None).is_ok()));
    }
    match decimals {
        true => {
            let cents = amounts.map(|amount| (amount * 100.0).round() as i64);
            let micros = days.map(|day| (i64::from(day) * 86_400 + 3_600) * 1_000_000);
            column(&|c| assert!(c.typed::<Int64Type>().write_batch(&cents, None, None).is_ok()));
            column(&|c| assert!(c.typed::<Int64Type>().write_batch(&micros, None, None).is_ok()));
        }
        false => {
            column(&|c| assert!(c.typed::<DoubleType>().write_batch(&amounts, None, None).is_ok()));
            column(&|c| assert!(c.typed::<Int32Type>().write_batch(&days, None, None).is_ok()));
        }
    }
    column(&|c| assert!(c.typed::<Int32Type>().write_batch(&nps, Some(&known), None).is_ok()));
    group.close().unwrap();
    writer.close().unwrap();
    bytes
}

/// The reference book as a workbook and as Parquet, to be broken.
pub fn to_break() -> (Vec<u8>, Vec<u8>) {
    (one_sheet(|sheet| fill(sheet, 0, as_text)), parquet(false))
}
