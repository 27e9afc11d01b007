//! How a row of a joined file finds its account: by the book's ids or names, or through another joined file.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Matched, words};
use crate::error::{Problem, Result, candidates};
use crate::io::dictionary;
use crate::io::quoted;
use crate::model::role::Role;
use crate::model::table::Table;
use crate::model::values::present;

/// Everything that leads to accounts.
pub(super) struct Keys {
    spaces: Vec<Space>,
}

/// One set of keys: the ids of the book, its names, or the ids of another joined file.
struct Space {
    words: String,
    /// The header in words, to be met again in another file.
    header: String,
    /// Whether these are the book's own names: they are compared without case.
    named: bool,
    rows: HashMap<String, u32>,
}

/// The column of a joined file that leads to accounts.
pub(super) struct Found {
    pub(super) column: usize,
    pub(super) words: String,
    /// Book rows by row of the joined file.
    pub(super) rows: Vec<Option<u32>>,
}

/// Cells that are looked at to judge a column.
const LOOKED_AT: usize = 10_000;

impl Keys {
    /// The ids and names of the book, and further columns that are ids.
    pub(super) fn of_book(book: &Table, roles: &BTreeMap<Role, usize>) -> Keys {
        let mut keys = Keys { spaces: Vec::new() };
        for role in [Role::Id, Role::Name] {
            if let Some(column) = roles.get(&role) {
                keys.spaces.push(Space::of(book, *column, role == Role::Name));
            }
        }
        for (column, header) in book.headers().iter().enumerate() {
            let header = dictionary::header(header);
            let other = !roles.values().any(|taken| *taken == column);
            let id = header.words.last().is_some_and(|word| word == "id")
                && !header.words.iter().any(|word| word == "parent" || word == "owner");
            if other && id {
                keys.spaces.push(Space::of(book, column, false));
            }
        }
        keys
    }

    /// Takes the ids of a joined file in, so that others can find accounts through them.
    pub(super) fn learn(&mut self, matched: &Matched, names: &[&str], kind: &str) {
        let Some(column) = words::find(matched.table, names) else {
            return;
        };
        let header = matched.table.headers().get(column).cloned().unwrap_or_default();
        let mut space = Space {
            words: format!("{} of the {kind}", quoted(&header)),
            header: dictionary::header(&header).words.join(" "),
            named: false,
            rows: HashMap::new(),
        };
        for (row, account) in matched.pairs() {
            space.add(matched.table.cell(row, column), account as u32);
        }
        self.spaces.push(space);
    }

    /// The column that leads to accounts, given or found, and where each row leads. Errors: `column_not_found`,
    /// `join_key_not_found`.
    pub(super) fn find(&self, table: &Table, given: Option<&str>, place: &str) -> Result<Found> {
        let columns: Vec<usize> = match given {
            Some(header) => vec![given_column(table, header, place)?],
            None => (0..table.n_columns()).collect(),
        };
        let mut best: Option<(Rank, usize, &Space)> = None;
        for column in columns {
            for space in &self.spaces {
                let rank = space.rank(table, column, given.is_some());
                if rank.hits > 0 && best.as_ref().is_none_or(|(most, ..)| rank > *most) {
                    best = Some((rank, column, space));
                }
            }
        }
        let Some((_, column, space)) = best else {
            return Err(self.not_found(table, given, place).into());
        };
        let header = table.headers().get(column).map(|header| quoted(header)).unwrap_or_default();
        Ok(Found {
            column,
            words: format!("{header} to {}", space.words),
            rows: table.column(column).map(|cell| space.get(cell)).collect(),
        })
    }

    fn not_found(&self, table: &Table, given: Option<&str>, place: &str) -> Problem {
        let what = given.map_or_else(
            || "no column".to_string(),
            |header| format!("column {} does not", quoted(header)),
        );
        let lead = if given.is_some() { "lead" } else { "leads" };
        let message = format!(
            "{what} {lead} from {} to the accounts of the book, whose keys are such as {}",
            quoted(&table.source.path),
            self.examples()
        );
        Problem::new("join_key_not_found", message)
            .at(format!("{place}.key"))
            .found(table.headers().iter().map(|header| quoted(header)))
            .expected("a header whose cells are ids or names of the book's accounts")
    }

    fn examples(&self) -> String {
        let first = |space: &Space| space.rows.keys().min().map(|key| quoted(key));
        self.spaces.iter().filter_map(first).take(2).collect::<Vec<_>>().join(" and ")
    }
}

/// How well a column leads to accounts, the weightiest first.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
struct Rank {
    /// Whether its header says that it does.
    hint: u8,
    /// Share of its values that lead somewhere.
    share: f64,
    hits: usize,
}

impl Space {
    fn of(book: &Table, column: usize, named: bool) -> Space {
        let header = book.headers().get(column).cloned().unwrap_or_default();
        let mut space = Space {
            words: quoted(&header),
            header: dictionary::header(&header).words.join(" "),
            named,
            rows: HashMap::with_capacity(book.n_rows()),
        };
        for (row, cell) in book.column(column).enumerate() {
            space.add(cell, u32::try_from(row).unwrap_or(u32::MAX));
        }
        space
    }

    fn add(&mut self, cell: &str, account: u32) {
        if let Some(key) = self.key(cell) {
            self.rows.entry(key).or_insert(account);
        }
    }

    fn get(&self, cell: &str) -> Option<u32> {
        self.rows.get(&self.key(cell)?).copied()
    }

    /// A cell as it is compared: names without case and legal suffix, `1001.0` as `1001`, Salesforce's 18 letters as the 15
    /// that they repeat.
    fn key(&self, cell: &str) -> Option<String> {
        let text = present(cell)?;
        if self.named {
            return Some(crate::io::duplicates::bare_name(text));
        }
        let bare = text
            .strip_suffix(".0")
            .filter(|bare| bare.bytes().all(|b| b.is_ascii_digit()))
            .unwrap_or(text);
        let salesforce = bare.len() == 18 && bare.starts_with("00") && bare.bytes().all(|b| b.is_ascii_alphanumeric());
        let key = if salesforce { bare.get(..15).unwrap_or(bare) } else { bare };
        Some(key.to_string())
    }

    fn rank(&self, table: &Table, column: usize, given: bool) -> Rank {
        let header = table.headers().get(column).map(|header| dictionary::header(header));
        let words = header.as_ref().map(|header| header.words.join(" ")).unwrap_or_default();
        let roles = header.map(|header| dictionary::roles(&header)).unwrap_or_default();
        let wanted = if self.named { Role::Name } else { Role::Id };
        let hint = match () {
            () if words == self.header && words != "id" => 3,
            () if given => 3,
            () if roles.iter().any(|sense| sense.role == wanted) && words != "id" => 2,
            () if roles.iter().any(|sense| matches!(sense.role, Role::Id | Role::Name)) => 1,
            () => 0,
        };
        let values: HashSet<&str> = table.column(column).filter_map(present).take(LOOKED_AT).collect();
        // Small numbers meet small numbers by chance: without a word for it a column of numbers is no key.
        let chance = hint == 0
            && values
                .iter()
                .all(|value| value.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
        let hits = if chance {
            0
        } else {
            values.iter().filter(|value| self.get(value).is_some()).count()
        };
        Rank {
            hint,
            share: hits as f64 / values.len().max(1) as f64,
            hits,
        }
    }
}

fn given_column(table: &Table, header: &str, place: &str) -> Result<usize> {
    table.find(header).ok_or_else(|| {
        let near = candidates(header, table.headers().iter().map(String::as_str), 5);
        let found = if near.is_empty() {
            table.headers().iter().map(String::as_str).collect()
        } else {
            near
        };
        Problem::new(
            "column_not_found",
            format!("no column {} in {}", quoted(header), quoted(&table.source.path)),
        )
        .at(format!("{place}.key"))
        .found(found.into_iter().map(quoted))
        .into()
    })
}
