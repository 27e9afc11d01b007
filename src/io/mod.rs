//! Files in: where they may lie, what format they are, and how their rows become an account book.
//!
//! `paths` → `sniff` → `delimited` → `columns` → `book`: each yields what the next one takes.

pub mod book;
mod codes;
pub mod columns;
mod currency;
pub mod delimited;
mod dictionary;
mod duplicates;
mod notes;
pub mod paths;
mod quotes;
mod rows;
mod scale;
pub mod set_aside;
mod sniff;

use crate::error::Result;
use crate::model::book::{LoadPlan, Loaded};
pub use delimited::read_table;
pub use paths::{Folders, canonical_dir, resolve, shown};

/// Reads the book at `path`: resolves, reads and builds it (S1–S4). Errors name `load_book` as the next tool.
pub fn load(folders: &Folders, path: &str, plan: &LoadPlan) -> Result<Loaded> {
    read_table(folders, path)
        .and_then(|table| book::build(table, plan))
        .map_err(|error| error.or_next("load_book"))
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
