//! Files in: where they may lie, what format they are, and how their rows become an account book.
//!
//! `paths` → `file` → `sniff` → a reader of that format → `builder` → `columns` → `book`: each yields what the next one takes.
//! After the reader nothing knows the format.

mod alike;
mod answers;
mod arr;
pub mod book;
mod builder;
mod by_values;
mod codes;
mod columns;
mod currency;
mod delimited;
mod dialect;
mod dictionary;
mod discover;
mod draft;
mod duplicates;
mod file;
mod fit;
mod formats;
mod header;
mod joins;
mod json;
mod json_shape;
mod markdown;
mod notes;
mod outline;
mod parents;
mod parquet;
pub mod paths;
mod pick;
mod quotes;
mod records;
mod rows;
mod sample;
mod scale;
pub mod set_aside;
mod sniff;
mod text;
mod typed;
mod veto;
mod workbook;

use serde_json::json;

use crate::error::{Problem, Result};
use crate::model::control::Control;
use crate::model::load::{Join, LoadPlan, Loaded};
use crate::model::table::{Source, Table};
pub use discover::{beside as discover_beside, discover};
pub use file::{FileState, sha256, sha256_of, state};
pub use paths::{Folders, canonical_dir, resolve, shown};
use sniff::{Format, TextFormat};

/// Reads the book at `path`: resolves, reads and builds it (S1–S4). Errors name `load_book` as the next tool.
pub fn load(folders: &Folders, path: &str, plan: &LoadPlan, control: &Control) -> Result<Loaded> {
    // About half of a load is reading; files take their turn in it.
    const READING: f64 = 0.5;
    let n_files = plan.joins.len() + 1;
    let read = |at: usize, path: &str, sheet: Option<&str>| -> Result<Table> {
        let turn = |at: usize| READING * at as f64 / n_files as f64;
        let control = control.part(turn(at), turn(at + 1));
        let content = file::read(folders, path, &control.part(0.0, 0.1))?;
        let mut table = table(&content.bytes, &content.name, sheet, &control.part(0.1, 1.0))?;
        table.source.sha256 = content.sha256;
        Ok(table)
    };
    let load = || {
        let book = read(0, path, plan.sheet.as_deref())?;
        let joined = |(at, join): (usize, &Join)| {
            read(at + 1, &join.path, join.sheet.as_deref()).map_err(|error| error.under(&plan.joins, at))
        };
        let tables = plan.joins.iter().enumerate().map(joined).collect::<Result<Vec<Table>>>()?;
        book::build(book, &tables, plan, &control.part(READING, 1.0))
    };
    load().map_err(|error| error.or_next("load_book"))
}

/// The table in these bytes, whatever their format; `name` is how messages call the file. Of several tables the one that
/// `sheet` names, else the one that looks most like accounts. The hash of its source is for the caller to add.
pub fn table(bytes: &[u8], name: &str, sheet: Option<&str>, control: &Control) -> Result<Table> {
    let source = Source {
        path: name.to_string(),
        ..Source::default()
    };
    match sniff::format(bytes, name)? {
        Format::Text => {
            let text = text::decode(bytes, name)?;
            let (body, encoding) = (text.text.as_ref(), text.encoding);
            let mut table = match sniff::text_format(body, name)? {
                TextFormat::Delimited => single(sheet, name).and_then(|()| delimited::read(body, source, encoding, control))?,
                TextFormat::Json => json::read(body, source, encoding, sheet, control)?,
                TextFormat::Markdown => markdown::read(body, source, encoding, sheet, control)?,
            };
            table.notes.extend(text.note);
            Ok(table)
        }
        Format::Workbook => workbook::read(bytes, source, sheet, control),
        Format::Parquet => single(sheet, name).and_then(|()| parquet::read(bytes, source, control)),
    }
}

/// A format of one table has no sheets to choose from.
fn single(sheet: Option<&str>, name: &str) -> Result<()> {
    match sheet {
        None => Ok(()),
        Some(sheet) => {
            let message = format!("{} is one table and has no sheet {}", quoted(name), quoted(sheet));
            Err(Problem::new("sheet_not_found", message)
                .at("sheet")
                .expected("no sheet: null forgets one")
                .fix(json!({"sheet": null}))
                .into())
        }
    }
}

/// Runs a reader of somebody else's: a file that makes it panic is an unreadable file, not a fault of the call.
fn guarded<T>(name: &str, code: &'static str, read: impl FnOnce() -> Result<T>) -> Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).unwrap_or_else(|_| {
        let message = format!("{} is broken in a way that its reader could not take", quoted(name));
        Err(Problem::new(code, message)
            .at("path")
            .expected("the same data exported again, or as CSV")
            .into())
    })
}

/// [`table`] of a file whose sheet nobody names, watched by nobody.
#[cfg(test)]
pub(crate) fn table_of(bytes: &[u8], name: &str) -> Result<Table> {
    table(bytes, name, None, &Control::default())
}

/// A name from the data as it may stand in a message: between backticks, at most 40 characters.
pub(crate) fn quoted(name: &str) -> String {
    const LONGEST: usize = 40;
    let flat = name.chars().map(|c| if c.is_control() { ' ' } else { c });
    if name.chars().count() <= LONGEST {
        return format!("`{}`", flat.collect::<String>());
    }
    format!("`{}...`", flat.take(LONGEST - 3).collect::<String>())
}

/// Up to five names in backticks, and how many more there are.
pub(crate) fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    const SHOWN: usize = 5;
    let names: Vec<&str> = names.collect();
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(|n| quoted(n)).collect();
    if names.len() > SHOWN {
        shown.push(format!("{} more", names.len() - SHOWN));
    }
    shown.join(", ")
}
