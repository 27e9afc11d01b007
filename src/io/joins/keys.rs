//! How a row of a joined file finds its account: by the book's ids or names, or through another joined file.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::json;

use super::{Matched, words};
use crate::error::{Problem, Result, candidates};
use crate::io::duplicates::bare_name;
use crate::io::{dictionary, quoted};
use crate::model::column::Column;
use crate::model::role::Role;
use crate::model::table::Table;
use crate::model::values::present;

/// Everything that leads to accounts.
pub(super) struct Keys {
    spaces: Vec<Space>,
    /// The first row of each row's account: several rows may be one.
    firsts: Vec<u32>,
}

/// One set of keys: the ids of the book, its names, or the ids of another joined file.
struct Space {
    words: String,
    /// The header in words, to be met again in another file.
    header: String,
    /// Whether these are the book's own names: they are compared without case.
    named: bool,
    rows: Rows,
    /// Names without their legal suffix, for those that no full name meets.
    bare: Rows,
}

/// The account of each key; none where a key is that of several.
type Rows = HashMap<String, Option<u32>>;

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
        let column = |role: Role| roles.get(&role).copied();
        let firsts = firsts(book, column(Role::Id), column(Role::Name));
        let mut spaces = Vec::new();
        for role in [Role::Id, Role::Name] {
            if let Some(column) = column(role) {
                spaces.push(Space::of(book, column, role == Role::Name, &firsts));
            }
        }
        for (column, header) in book.headers().iter().enumerate() {
            let header = dictionary::header(header);
            let other = !roles.values().any(|taken| *taken == column);
            let id = header.words.last().is_some_and(|word| word == "id")
                && !header.words.iter().any(|word| word == "parent" || word == "owner");
            if other && id {
                spaces.push(Space::of(book, column, false, &firsts));
            }
        }
        Keys { spaces, firsts }
    }

    /// The first row of each account.
    pub(super) fn accounts(&self) -> impl Iterator<Item = usize> + '_ {
        let is_first = |(row, first): (usize, &u32)| (row == *first as usize).then_some(row);
        self.firsts.iter().enumerate().filter_map(is_first)
    }

    /// What is known of an account stands on each of its rows, so that rows which are alike stay alike (S3).
    pub(super) fn on_every_row(&self, cells: Column) -> Column {
        if self.accounts().count() == self.firsts.len() {
            return cells;
        }
        let mut spread = Column::default();
        self.firsts.iter().for_each(|first| spread.push(cells.get(*first as usize)));
        spread
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
            rows: Rows::new(),
            bare: Rows::new(),
        };
        for (row, account) in matched.pairs() {
            space.add(matched.table.cell(row, column), account as u32);
        }
        self.spaces.push(space);
    }

    /// The column that leads to accounts, given or found, and where each row leads. Errors: `column_not_found`,
    /// `join_key_not_found`.
    pub(super) fn find(&self, table: &Table, given: Option<&str>, place: &str) -> Result<Found> {
        let best = match given {
            Some(header) => self.best(
                table,
                [given_column(table, header, &format!("{place}.key"))?].into_iter(),
                true,
            ),
            None => self.best(table, 0..table.n_columns(), false),
        };
        let Some((column, space)) = best else {
            return Err(self.not_found(table, given, place).into());
        };
        let header = table.headers().get(column).map(|header| quoted(header)).unwrap_or_default();
        Ok(Found {
            column,
            words: format!("{header} to {}", space.words),
            rows: table.column(column).map(|cell| space.get(cell)).collect(),
        })
    }

    /// The column, and what it leads through, that leads to most.
    fn best(&self, table: &Table, columns: impl Iterator<Item = usize>, given: bool) -> Option<(usize, &Space)> {
        let mut best: Option<(Rank, usize, &Space)> = None;
        for column in columns {
            for space in &self.spaces {
                let rank = space.rank(table, column, given);
                if rank.hits > 0 && best.as_ref().is_none_or(|(most, ..)| rank > *most) {
                    best = Some((rank, column, space));
                }
            }
        }
        best.map(|(_, column, space)| (column, space))
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
        let problem = Problem::new("join_key_not_found", message)
            .at(format!("{place}.key"))
            .found(table.headers().iter().map(|header| quoted(header)))
            .expected("a header whose cells are ids or names of the book's accounts");
        let other = given.and_then(|_| self.best(table, 0..table.n_columns(), false));
        match other.and_then(|(column, _)| table.headers().get(column)) {
            Some(header) => problem.fix(json!({ "key": header })),
            None => problem,
        }
    }

    fn examples(&self) -> String {
        let first = |space: &Space| space.rows.keys().min().map(|key| quoted(key));
        self.spaces.iter().filter_map(first).take(2).collect::<Vec<_>>().join(" and ")
    }
}

/// How well a column leads to accounts, the weightiest first.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
struct Rank {
    /// Share of its values that lead somewhere, less where its header does not say that they do.
    weight: f64,
    /// Whether its header says that it does.
    hint: u8,
    hits: usize,
}

/// The first row of each row's account: one account has one id, or without ids one name (S3).
fn firsts(book: &Table, id: Option<usize>, name: Option<usize>) -> Vec<u32> {
    let cell = |row: usize, column: Option<usize>| column.and_then(|column| present(book.cell(row, column)));
    let mut seen: HashMap<(bool, String), u32> = HashMap::with_capacity(book.n_rows());
    (0..book.n_rows())
        .map(|row| {
            let own = u32::try_from(row).unwrap_or(u32::MAX);
            let account = match (cell(row, id), cell(row, name)) {
                (Some(id), _) => (true, id.to_string()),
                (None, Some(name)) => (false, name.to_lowercase()),
                (None, None) => return own,
            };
            *seen.entry(account).or_insert(own)
        })
        .collect()
}

fn enter(rows: &mut Rows, key: String, account: u32) {
    let held = rows.entry(key).or_insert(Some(account));
    *held = held.filter(|held| *held == account);
}

impl Space {
    fn of(book: &Table, column: usize, named: bool, firsts: &[u32]) -> Space {
        let header = book.headers().get(column).cloned().unwrap_or_default();
        let mut space = Space {
            words: quoted(&header),
            header: dictionary::header(&header).words.join(" "),
            named,
            rows: Rows::with_capacity(book.n_rows()),
            bare: Rows::new(),
        };
        for (cell, first) in book.column(column).zip(firsts) {
            space.add(cell, *first);
        }
        space
    }

    fn add(&mut self, cell: &str, account: u32) {
        let Some(key) = self.key(cell) else { return };
        if self.named {
            enter(&mut self.bare, bare_name(&key), account);
        }
        enter(&mut self.rows, key, account);
    }

    /// The account of a key: by the whole name before the bare one, and none where several accounts have it.
    fn get(&self, cell: &str) -> Option<u32> {
        let key = self.key(cell)?;
        match self.rows.get(&key) {
            Some(account) => *account,
            None if self.named => self.bare.get(&bare_name(&key)).copied().flatten(),
            None => None,
        }
    }

    /// A cell as it is compared: names without case, `1001.0` as `1001`, Salesforce's 18 letters as the 15 that they repeat.
    fn key(&self, cell: &str) -> Option<String> {
        let text = present(cell)?;
        if self.named {
            return Some(text.to_lowercase());
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
        // A column that holds a few of the keys by chance must not beat the one that holds them all.
        let trust = match hint {
            0 => 0.4,
            1 => 0.45,
            _ => 1.0,
        };
        Rank {
            weight: trust * hits as f64 / values.len().max(1) as f64,
            hint,
            hits,
        }
    }
}

/// The column of a header that was given at a place, such as `joins.0.key`. Error: `column_not_found`.
pub(super) fn given_column(table: &Table, header: &str, place: &str) -> Result<usize> {
    table.find(header).ok_or_else(|| {
        let near = candidates(header, table.headers().iter().map(String::as_str), 5);
        let message = format!("no column {} in {}", quoted(header), quoted(&table.source.path));
        let problem = Problem::new("column_not_found", message).at(place);
        let argument = place.rsplit('.').next().unwrap_or_default();
        match near.first() {
            Some(best) => problem.found(near.iter().copied().map(quoted)).fix(json!({ argument: best })),
            None => problem.found(table.headers().iter().map(|header| quoted(header))),
        }
        .into()
    })
}
