//! Looks through the workspace for files of account data and ranks them with what speaks for each (K3).

mod kinds;
mod notes;
mod walk;

use std::collections::BTreeMap;

use serde_json::Value;

use super::file::{self, Head};
use super::outline::{self, Outline};
use super::paths::{Folders, shown};
use super::{columns, header, joins, listed, quoted, sniff};
use crate::error::{Error, Result};
use crate::model::control::Control;
use crate::model::discovery::{Candidate, Discovery, Holds, Looked, Note, Rows};
use crate::model::load::LoadPlan;
use crate::model::money::{counted, grouped};
use crate::model::role::Role;
use crate::model::table::Table;
use kinds::ACCOUNT_WORDS;
use walk::{Limits, Place};

/// Files that are opened; those named like account data come first.
const FILES_MAX: usize = 500;
/// Bytes of files that have to be read whole, in all, each counted as at least `WHOLE_BYTES_MIN`.
const WHOLE_BYTES_MAX: u64 = 128 << 20;
const WHOLE_BYTES_MIN: u64 = 1 << 20;
/// Notes that are named (K3).
const NOTES_MAX: usize = 10;
/// Reasons that are kept for the case that nothing is found.
const REFUSED_MAX: usize = 5;

/// Words in a file's name that speak against the real thing.
const DOUBT_WORDS: [&str; 11] = [
    "sample", "example", "template", "test", "fixture", "demo", "old", "backup", "copy", "archive", "draft",
];

/// What lies in the workspace and the allowed folders. `ours` is how files begin that this program wrote: they are results,
/// not books. Error: `cancelled`.
pub fn discover(folders: &Folders, ours: &[&str], control: &Control) -> Result<Discovery> {
    within(folders, ours, walk::LIMITS, FILES_MAX, control)
}

/// [`discover`] in the folders themselves and in few of their files: for a hint beside an error. Error: `cancelled`.
pub fn beside(folders: &Folders, ours: &[&str], control: &Control) -> Result<Discovery> {
    const FILES: usize = 50;
    let limits = Limits {
        depth: 0,
        ..walk::LIMITS
    };
    within(folders, ours, limits, FILES, control)
}

fn within(folders: &Folders, ours: &[&str], limits: Limits, files: usize, control: &Control) -> Result<Discovery> {
    let walk = walk::walk(folders, limits, control)?;
    let mut places: Vec<(bool, Place)> = walk
        .places
        .into_iter()
        .map(|place| (!speaks(&place, &ACCOUNT_WORDS), place))
        .collect();
    // The sort is stable: within both halves the walk's own order stays.
    places.sort_by_key(|(plain, _)| *plain);
    let mut look = Look {
        folders,
        ours,
        control,
        whole_bytes: WHOLE_BYTES_MAX,
        found: Discovery {
            looked: Looked {
                folders: walk.folders,
                left_out: walk.left_out + places.len().saturating_sub(files),
                ..Looked::default()
            },
            ..Discovery::default()
        },
        refused: Vec::new(),
    };
    for (at, (_, place)) in places.iter().take(files).enumerate() {
        control.at("looking into files", at as u64, places.len() as u64)?;
        look.look_into(place)?;
    }
    Ok(look.ranked())
}

struct Look<'a> {
    folders: &'a Folders,
    ours: &'a [&'a str],
    control: &'a Control,
    /// Bytes that may still be read of files that are read whole.
    whole_bytes: u64,
    found: Discovery,
    /// How far from account data, path and reason.
    refused: Vec<(u8, String, String)>,
}

impl Look<'_> {
    fn look_into(&mut self, place: &Place) -> Result<()> {
        let path = shown(self.folders, &place.path);
        // What cannot be opened is no candidate: loading it would fail as well.
        let Ok(mut head) = file::head(&place.path, outline::TEXT_BYTES) else {
            return Ok(());
        };
        self.found.looked.files += 1;
        if self.ours.iter().any(|begins| head.bytes.starts_with(begins.as_bytes())) {
            return Ok(());
        }
        if ending(place) == "md" {
            let words = notes::words(&String::from_utf8_lossy(&head.bytes));
            if !words.is_empty() {
                let path = path.clone();
                self.found.notes.push(Note { path, words });
            }
        }
        if outline::needs_all(&head.bytes, &path) {
            let cost = head.size.max(WHOLE_BYTES_MIN);
            if head.size <= outline::WHOLE_BYTES_MAX && cost <= self.whole_bytes {
                self.whole_bytes -= cost;
                head = file::head(&place.path, outline::WHOLE_BYTES_MAX).unwrap_or(head);
            }
        }
        match candidate(place, &path, &head, self.control) {
            Ok(candidate) => self.found.candidates.push(candidate),
            Err(No::Stopped(error)) => return Err(error),
            Err(No::Because(code, why)) => {
                self.found.looked.left_out += usize::from(matches!(code, "file_too_large" | "workbook_too_large"));
                self.refused.push((distance(place), path, why));
            }
        }
        Ok(())
    }

    fn ranked(mut self) -> Discovery {
        self.found
            .candidates
            .sort_by(|a, b| b.worth.cmp(&a.worth).then_with(|| a.path.cmp(&b.path)));
        self.found
            .notes
            .sort_by(|a, b| b.words.len().cmp(&a.words.len()).then_with(|| a.path.cmp(&b.path)));
        self.found.notes.truncate(NOTES_MAX);
        self.refused.sort();
        let refused = self.refused.into_iter().take(REFUSED_MAX);
        self.found.looked.refused = refused.map(|(_, path, why)| (path, why)).collect();
        self.found
    }
}

/// Why a file is no candidate.
enum No {
    /// The code of the error, if there was one, and the reason in words.
    Because(&'static str, String),
    /// The look itself ends here.
    Stopped(Error),
}

impl From<Error> for No {
    fn from(error: Error) -> No {
        match (error.code(), error.problems().first()) {
            ("cancelled", _) | (_, None) => No::Stopped(error),
            (code, Some(problem)) => No::Because(code, problem.message.clone()),
        }
    }
}

fn candidate(place: &Place, path: &str, head: &Head, control: &Control) -> std::result::Result<Candidate, No> {
    // Prose is no table, and slow to be taken for one.
    if ending(place) == "md" && !String::from_utf8_lossy(&head.bytes).lines().any(sniff::is_markdown_rule) {
        return Err(No::Because("", "no table".to_string()));
    }
    let (Outline { table, rows }, asked) = outlined(head, path, control)?;
    let (sheet, asked) = asked.unzip();
    let roles = columns::given_or_found(&table, &LoadPlan::at(jiff::civil::Date::ZERO))?;
    let (holds, signs) =
        kinds::of(&table, &roles, speaks(place, &ACCOUNT_WORDS)).map_err(|why| No::Because("", why.to_string()))?;
    let has_amount = roles.contains_key(&Role::Arr) || roles.contains_key(&Role::Mrr) || joins::can_roll_up(&table);
    let evidence = match holds {
        Holds::Book => spoken_roles(&table, &roles),
        Holds::Join(_) => {
            let headers = signs.iter().filter_map(|column| table.headers().get(*column));
            vec![format!("{} in its header", listed(headers.map(String::as_str)))]
        }
    };
    let worth = match holds {
        Holds::Book => worth_of_book(place, has_amount, rows, &table),
        Holds::Join(_) => u32::try_from(signs.len()).unwrap_or(u32::MAX).clamp(1, JOIN_WORTH_MAX),
    };
    let evidence = evidence
        .into_iter()
        .chain(remarks(place, holds, has_amount, rows))
        .chain(asked)
        .chain([about(head, rows)])
        .collect();
    Ok(Candidate {
        path: path.to_string(),
        format: table.source.format.clone(),
        rows,
        worth,
        roles: roles.into_keys().collect(),
        holds,
        has_amount,
        sheet: sheet.flatten(),
        evidence,
    })
}

/// The table to name where several are alike, and the question in words.
type Asked = (Option<String>, String);

/// The outline, of the likeliest table where several are alike; then what loading the file will ask.
fn outlined(head: &Head, path: &str, control: &Control) -> Result<(Outline, Option<Asked>)> {
    match outline::of(head, path, None, control) {
        Err(error) if error.code() == "question_sheet" => {
            let fix = error.fix();
            let sheet = fix.as_ref().and_then(|fix| fix.get("sheet")).and_then(Value::as_str);
            let message = error.problems().first().map(|problem| problem.message.as_str());
            let asked = format!("loading it asks: {}", message.unwrap_or_default());
            Ok((
                outline::of(head, path, sheet, control)?,
                Some((sheet.map(str::to_string), asked)),
            ))
        }
        done => Ok((done?, None)),
    }
}

/// The columns without which there is no book by name, the others by role.
fn spoken_roles(table: &Table, roles: &BTreeMap<Role, usize>) -> Vec<String> {
    const NAMED: [Role; 4] = [Role::Arr, Role::Mrr, Role::Id, Role::Name];
    const LISTED: usize = 6;
    let header = |role: &Role| Some(format!("{role} in {}", quoted(table.headers().get(*roles.get(role)?)?)));
    let mut spoken: Vec<String> = NAMED.iter().filter_map(header).collect();
    let others: Vec<&str> = roles
        .keys()
        .filter(|role| !NAMED.contains(role))
        .map(|role| role.code())
        .collect();
    if !others.is_empty() {
        let more = others.len().saturating_sub(LISTED);
        let rest = if more > 0 { format!(", {more} more") } else { String::new() };
        let listed = others.into_iter().take(LISTED).collect::<Vec<_>>().join(", ");
        spoken.push(format!("also {listed}{rest}"));
    }
    spoken
}

const FEW_ROWS: u64 = 5;

fn remarks(place: &Place, holds: Holds, has_amount: bool, rows: Rows) -> Vec<String> {
    let mut said = Vec::new();
    if holds == Holds::Book && !has_amount {
        said.push("no column of ARR or MRR".to_string());
    }
    if speaks(place, &ACCOUNT_WORDS) {
        said.push("its name speaks of accounts".to_string());
    }
    if speaks(place, &DOUBT_WORDS) {
        said.push("its name speaks of a sample or an old copy".to_string());
    }
    if rows.number() < FEW_ROWS {
        said.push("few rows".to_string());
    }
    said
}

fn about(head: &Head, rows: Rows) -> String {
    let size = match head.size {
        n if n < 1_000 => format!("{n} bytes"),
        n if n < 1_000_000 => format!("{} KB", n / 1_000),
        n => format!("{} MB", grouped(n / 1_000_000)),
    };
    let n = counted(usize::try_from(rows.number()).unwrap_or(usize::MAX), "row");
    match rows {
        Rows::Counted(_) => format!("{n}, {size}"),
        Rows::About(_) => format!("about {n}, judged by its beginning; {size}"),
    }
}

/// What can be joined to a book is worth less than any book; a book with amounts is worth more than any without.
const JOIN_WORTH_MAX: u32 = 9;
const NO_AMOUNT_WORTH: i64 = 10;
const BOOK_WORTH: i64 = 100;

/// How much speaks for a book: what its header says, then the file's name, its rows and how deep it lies.
fn worth_of_book(place: &Place, has_amount: bool, rows: Rows, table: &Table) -> u32 {
    const HINT: i64 = 4;
    let mut points = i64::from(header::find(&[table.headers().to_vec()]).worth);
    points += HINT * i64::from(speaks(place, &ACCOUNT_WORDS));
    points -= 2 * HINT * i64::from(speaks(place, &DOUBT_WORDS));
    points -= HINT * i64::from(rows.number() < FEW_ROWS);
    points -= i64::try_from(place.depth).unwrap_or(0);
    let points = match has_amount {
        true => BOOK_WORTH + points.max(0),
        false => (NO_AMOUNT_WORTH + points.max(0)).min(BOOK_WORTH - 1),
    };
    u32::try_from(points).unwrap_or(0)
}

/// How far a file that is no candidate is from being one: nobody needs to hear of every note and setting.
fn distance(place: &Place) -> u8 {
    let table = !matches!(ending(place).as_str(), "md" | "txt" | "json" | "gz" | "zip");
    match (speaks(place, &ACCOUNT_WORDS), table) {
        (true, true) => 0,
        (true, false) => 1,
        (false, true) => 2,
        (false, false) => 3,
    }
}

fn ending(place: &Place) -> String {
    let ending = place
        .path
        .extension()
        .map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    ending.unwrap_or_default()
}

/// Whether one of the words stands in the file's name.
fn speaks(place: &Place, words: &[&str]) -> bool {
    let name = place
        .path
        .file_stem()
        .map(|name| name.to_string_lossy().to_lowercase())
        .unwrap_or_default();
    name.split(|c: char| !c.is_alphabetic()).any(|part| words.contains(&part))
}

#[cfg(test)]
mod tests;
