//! Which row of a table is its header: titles, notes and blank lines often stand above it.

use std::collections::HashSet;

use super::dictionary::{self, Match};
use crate::model::role::Role;
use crate::model::values::{DateStyle, date, number, present, trim};

/// Rows that are looked at; a header lies within them.
pub(crate) const LOOKED_AT: usize = 60;

/// What the first rows of a table say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    /// The header; none when the first row is data already.
    pub(crate) row: Option<usize>,
    /// How much the header speaks of accounts: compares tables of one file, and files of one folder.
    pub(crate) worth: u32,
}

/// Finds the header among the first rows.
///
/// The row that names the most roles wins, the first of several. Where none names a role it is the first row of words as
/// wide as the table.
pub(crate) fn find<S: AsRef<str>>(rows: &[Vec<S>]) -> Found {
    let looks: Vec<Look> = rows.iter().take(LOOKED_AT).map(|row| Look::of(row)).collect();
    let width = usual_width(&looks);
    let mut best: Option<(usize, u32)> = None;
    for (at, (row, _)) in rows
        .iter()
        .zip(&looks)
        .enumerate()
        .filter(|(_, (_, look))| look.may_be_header(width))
    {
        let worth = worth_of(row);
        if best.is_none_or(|(_, most)| worth > most) {
            best = Some((at, worth));
        }
    }
    let worded = |look: &&Look| look.filled * 2 > width && look.numbers == 0;
    match best {
        Some((at, worth)) if worth > 0 => Found { row: Some(at), worth },
        _ => Found {
            row: looks.iter().position(|look| worded(&look)),
            worth: 0,
        },
    }
}

/// What one row looks like.
struct Look {
    filled: usize,
    /// Cells that are numbers, amounts or dates.
    numbers: usize,
}

impl Look {
    fn of<S: AsRef<str>>(row: &[S]) -> Look {
        let mut look = Look { filled: 0, numbers: 0 };
        for cell in row.iter().filter_map(|cell| present(cell.as_ref())) {
            look.filled += 1;
            look.numbers += usize::from(counts(cell));
        }
        look
    }

    /// A header is words, and nearly as wide as what stands below it; a title or a note is narrower.
    fn may_be_header(&self, width: usize) -> bool {
        self.filled > 0 && self.numbers * 4 <= self.filled && self.filled * 3 >= width
    }
}

/// A number, an amount or a date.
fn counts(cell: &str) -> bool {
    number(cell).is_some() || date(cell, DateStyle::default()).is_some()
}

/// What a row is worth as a header.
fn worth_of<S: AsRef<str>>(row: &[S]) -> u32 {
    let mut roles: HashSet<Role> = HashSet::new();
    let words = row
        .iter()
        .filter_map(|cell| present(cell.as_ref()))
        .filter(|cell| !counts(cell));
    words.map(|cell| worth(cell, &mut roles)).sum()
}

/// What a header cell is worth: the columns without which there is no book count most.
fn worth(cell: &str, seen: &mut HashSet<Role>) -> u32 {
    const LETTERS_MAX: usize = 80;
    if trim(cell).chars().count() > LETTERS_MAX {
        return 0;
    }
    let header = dictionary::header(cell);
    let found = dictionary::roles(&header)
        .into_iter()
        .find(|sense| !seen.contains(&sense.role));
    let Some(sense) = found else {
        return u32::from(dictionary::trap(&header).is_some());
    };
    seen.insert(sense.role);
    let whole = match sense.role {
        Role::Arr | Role::Mrr => 12,
        Role::Id | Role::Name | Role::CommittedArr | Role::Tcv => 6,
        _ => 4,
    };
    match sense.how {
        Match::Exact | Match::Alias => whole,
        Match::Weak | Match::Within => whole / 2,
        Match::Fuzzy => whole / 3,
    }
}

/// The width that most rows have, the wider of two as common.
fn usual_width(looks: &[Look]) -> usize {
    let mut counts: Vec<(usize, usize)> = Vec::new();
    for look in looks.iter().filter(|look| look.filled > 0) {
        match counts.iter_mut().find(|(width, _)| *width == look.filled) {
            Some((_, n)) => *n += 1,
            None => counts.push((look.filled, 1)),
        }
    }
    counts
        .into_iter()
        .max_by_key(|(width, n)| (*n, *width))
        .map_or(0, |(width, _)| width)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> Vec<Vec<&str>> {
        text.lines().map(|line| line.split(',').collect()).collect()
    }

    #[test]
    fn the_header_is_found_below_titles_and_notes() {
        for (text, wanted) in [
            ("Account,ARR,Owner\nAcme,5,Jo\n", Some(0)),
            ("Account book Q3,,\n,,\nAccount,ARR,Owner\nAcme,5,Jo\nBeta,6,Jo\n", Some(2)),
            ("ARR by account,,\nAs of,2026-06-30,\nAccount,ARR,Owner\nAcme,5,Jo\n", Some(2)),
            ("Customers,,Money,\nName,Industry,ARR,MRR\nAcme,Health,5,1\n", Some(1)),
            ("Name,Status,Notes\nAcme,Churned,Reference\nBeta,Active,Industry\n", Some(0)),
            ("Kto,Betrag\nAcme,5\n", Some(0)),
            ("Acme,120000,West\nBeta,60000,East\n", None),
            ("", None),
        ] {
            assert_eq!(find(&row(text)).row, wanted, "{text}");
        }
    }

    #[test]
    fn a_table_of_accounts_is_worth_more_than_another() {
        let worth = |text: &str| find(&row(text)).worth;
        assert!(worth("Account,ARR\nA,1\n") > worth("Name,Industry\nA,x\n"));
        assert!(worth("Name,Industry\nA,x\n") > worth("Month,Target\nJan,5\n"));
    }
}
