//! The set-aside file: every row that is no account, with its line and the reason (S2).

use crate::model::load::Loaded;
use crate::model::values::csv_safe;

/// How every such file begins, by which a file is known as ours.
pub const BEGINS: &str = "line,reason,arr,note";

/// The rows set aside as CSV: `line,reason,arr,note`, then the columns of the book.
///
/// ARR in major units with two decimals, blank where none could be read. Cells that a spreadsheet would run are made text.
pub fn set_aside_csv(loaded: &Loaded) -> String {
    let table = &loaded.book.table;
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut record = csv::StringRecord::new();
    for cell in ["line", "reason", "arr", "note"]
        .into_iter()
        .chain(table.headers().iter().map(String::as_str))
    {
        record.push_field(&csv_safe(cell));
    }
    // Writing into memory cannot fail; a record of another width could, and all have the same.
    let mut written = writer.write_record(&record).is_ok();
    for row in &loaded.set_aside {
        record.clear();
        record.push_field(&table.line(row.row).to_string());
        record.push_field(row.reason.code());
        record.push_field(&row.arr.map(|arr| arr.plain()).unwrap_or_default());
        record.push_field(&csv_safe(&row.note));
        table.row(row.row).for_each(|cell| record.push_field(&csv_safe(cell)));
        written &= writer.write_record(&record).is_ok();
    }
    debug_assert!(written);
    writer
        .into_inner()
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_default()
}
