//! The account book: who the accounts are, what they pay, and how to read any of their other cells.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;

use super::finding::Finding;
use super::money::Money;
use super::role::Role;
use super::table::{Arena, Table};
use super::values::{self, DateOrder};

/// The accounts of one company at one date, as columns. Account `i` is the same account in every column.
#[derive(Debug, Clone)]
pub struct Book {
    /// The cells that the accounts were read from.
    pub table: Arc<Table>,
    /// Which column plays which role.
    pub roles: BTreeMap<Role, RoleColumn>,
    /// Currency code of every amount.
    pub currency: String,
    /// The date at which the book is read.
    pub as_of: Date,
    ids: Arena,
    names: Arena,
    arr_cents: Vec<i64>,
    rows: Vec<u32>,
    by_id: Vec<u32>,
    by_arr: Vec<u32>,
}

/// A column in a role.
#[derive(Debug, Clone, PartialEq)]
pub struct RoleColumn {
    /// Column index in the table.
    pub column: usize,
    /// What raw numbers are multiplied by to reach the role's unit (health 0..1 by 100).
    pub unit: f64,
}

/// One account on its way into a book.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Account id; the name where the book has no ids.
    pub id: String,
    /// Account name; the id where the book has no names.
    pub name: String,
    /// ARR.
    pub arr: Money,
    /// Row of the table.
    pub row: usize,
}

/// Why a row is not an account of the book (S2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No amount.
    MissingArr,
    /// A text that is no amount.
    UnparseableArr,
    /// An amount below zero.
    NegativeArr,
    /// The same row again.
    Duplicate,
    /// The account has left.
    Churned,
    /// The row was deleted in its system.
    Deleted,
    /// A total, a footer or a repeated header.
    NotARow,
    /// An amount in a currency that has no rate.
    ForeignCurrency,
}

impl Reason {
    /// The code: `missing_arr`.
    pub fn code(self) -> &'static str {
        match self {
            Reason::MissingArr => "missing_arr",
            Reason::UnparseableArr => "unparseable_arr",
            Reason::NegativeArr => "negative_arr",
            Reason::Duplicate => "duplicate",
            Reason::Churned => "churned",
            Reason::Deleted => "deleted",
            Reason::NotARow => "not_a_row",
            Reason::ForeignCurrency => "foreign_currency",
        }
    }
}

/// A row that was set aside.
#[derive(Debug, Clone, PartialEq)]
pub struct SetAside {
    /// Row of the table.
    pub row: usize,
    /// Why.
    pub reason: Reason,
    /// Its ARR in book currency, where it has a readable one.
    pub arr: Option<Money>,
    /// The detail that a person needs, such as the cell that could not be read.
    pub note: String,
}

/// What a column was taken for, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnGuess {
    /// The header as it stands in the file.
    pub header: String,
    /// The role, if any.
    pub role: Option<Role>,
    /// 0..1.
    pub confidence: f64,
    /// The reason in words.
    pub evidence: String,
}

/// A question that the data cannot answer, with the fragment that settles it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Question {
    /// Stable id, the key in `answers`.
    pub id: &'static str,
    /// The question, with the reading that was used meanwhile.
    pub text: String,
    /// The argument fragment that answers it.
    pub fix: Value,
}

/// How good the data is (H58). Shares are 0..1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Default)]
pub struct Quality {
    /// Share of cells that are filled, over the columns with a role.
    pub completeness: f64,
    /// Share of rows that are not duplicates.
    pub uniqueness: f64,
    /// Days from the newest change in the book to `as_of`; null when no column tells.
    pub freshness_days: Option<i64>,
}

/// What a caller says about how a file is to be read.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadPlan {
    /// The date at which the book is read.
    pub as_of: Date,
    /// Roles given by header; they win over what the reader finds.
    pub columns: BTreeMap<Role, String>,
    /// Answers to questions.
    pub answers: BTreeMap<String, String>,
    /// Book-currency units per unit of a foreign currency.
    pub rates: BTreeMap<String, f64>,
    /// Keep accounts that have left.
    pub keep_churned: bool,
}

/// A book with everything the reader decided on the way.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The accounts.
    pub book: Book,
    /// Rows below the header that hold anything.
    pub rows_read: usize,
    /// Rows that became part of another account because the caller said to (`duplicates: sum`).
    pub merged: usize,
    /// Rows set aside, in file order.
    pub set_aside: Vec<SetAside>,
    /// ARR read over all rows, in book currency: kept plus set aside.
    pub arr_read_cents: i128,
    /// What each column was taken for, in file order.
    pub columns: Vec<ColumnGuess>,
    /// How good the data is.
    pub quality: Quality,
    /// What stayed open.
    pub questions: Vec<Question>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

impl Book {
    /// A book of these accounts, in input order.
    pub fn new(table: Arc<Table>, roles: BTreeMap<Role, RoleColumn>, currency: String, as_of: Date, entries: &[Entry]) -> Book {
        let mut book = Book {
            table,
            roles,
            currency,
            as_of,
            ids: Arena::default(),
            names: Arena::default(),
            arr_cents: Vec::with_capacity(entries.len()),
            rows: Vec::with_capacity(entries.len()),
            by_arr: Vec::new(),
            by_id: (0..u32::try_from(entries.len()).unwrap_or(u32::MAX)).collect(),
        };
        for entry in entries {
            book.ids.push(&entry.id);
            book.names.push(&entry.name);
            book.arr_cents.push(entry.arr.0);
            book.rows.push(u32::try_from(entry.row).unwrap_or(u32::MAX));
        }
        let mut by_id = std::mem::take(&mut book.by_id);
        by_id.sort_by(|a, b| book.id(*a as usize).cmp(book.id(*b as usize)));
        let mut by_arr = by_id.clone();
        by_arr.sort_by_key(|i| std::cmp::Reverse(book.arr(*i as usize)));
        (book.by_id, book.by_arr) = (by_id, by_arr);
        book
    }

    /// Number of accounts.
    pub fn len(&self) -> usize {
        self.arr_cents.len()
    }

    /// Whether there are no accounts.
    pub fn is_empty(&self) -> bool {
        self.arr_cents.is_empty()
    }

    /// The account's id.
    pub fn id(&self, account: usize) -> &str {
        self.ids.get(account)
    }

    /// The account's name.
    pub fn name(&self, account: usize) -> &str {
        self.names.get(account)
    }

    /// ARR of every account in cents, in input order.
    pub fn arr_cents(&self) -> &[i64] {
        &self.arr_cents
    }

    /// ARR of one account.
    pub fn arr(&self, account: usize) -> Money {
        Money(self.arr_cents.get(account).copied().unwrap_or(0))
    }

    /// ARR of the whole book in cents.
    pub fn total_cents(&self) -> i128 {
        self.arr_cents.iter().map(|c| i128::from(*c)).sum()
    }

    /// Accounts in id order: the order of every float sum and every sample (S17).
    pub fn by_id(&self) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.by_id.iter().map(|i| *i as usize)
    }

    /// Accounts by ARR, largest first, ties by id.
    pub fn by_arr(&self) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.by_arr.iter().map(|i| *i as usize)
    }

    /// The account with this id, or the only account with this name.
    pub fn find(&self, wanted: &str) -> Option<usize> {
        let hit = self.by_id.binary_search_by(|i| self.id(*i as usize).cmp(wanted));
        if let Some(account) = hit.ok().and_then(|at| self.by_id.get(at)) {
            return Some(*account as usize);
        }
        let mut named = (0..self.len()).filter(|i| self.name(*i) == wanted);
        let first = named.next()?;
        named.next().is_none().then_some(first)
    }

    /// The raw cell of an account, without surrounding blanks; null words (`n/a`, `-`) are blank.
    pub fn cell(&self, account: usize, column: usize) -> &str {
        let row = self.rows.get(account).copied().unwrap_or(u32::MAX);
        values::present(self.table.cell(row as usize, column)).unwrap_or("")
    }

    /// A column by `role:NAME`, by header, or by role code; `None` when the book has no such column.
    pub fn column(&self, reference: &str) -> Option<ColumnRef> {
        if let Some(code) = reference.strip_prefix("role:") {
            return self.role_column(Role::parse(code)?);
        }
        let by_header = self
            .table
            .find(reference)
            .map(|column| ColumnRef::Cells { column, unit: 1.0 });
        by_header.or_else(|| self.role_column(Role::parse(reference)?))
    }

    fn role_column(&self, role: Role) -> Option<ColumnRef> {
        if role == Role::Arr {
            return Some(ColumnRef::Arr);
        }
        if let Some(found) = self.roles.get(&role) {
            return Some(ColumnRef::Cells {
                column: found.column,
                unit: found.unit,
            });
        }
        match role {
            Role::SeatUtilization => Some(ColumnRef::Quotient {
                over: Box::new(self.role_column(Role::SeatsUsed)?),
                under: Box::new(self.role_column(Role::SeatsLicensed)?),
            }),
            Role::ProductCount => Some(ColumnRef::Count {
                column: self.roles.get(&Role::Products)?.column,
            }),
            _ => None,
        }
    }

    /// Whether the column holds the book's own ARR: no signal may read it alone (M9).
    pub fn is_arr(&self, column: &ColumnRef) -> bool {
        let amounts = [Role::Arr, Role::Mrr, Role::CommittedArr, Role::Tcv];
        let ColumnRef::Cells { column, .. } = column else {
            return *column == ColumnRef::Arr;
        };
        amounts
            .iter()
            .any(|role| self.roles.get(role).is_some_and(|c| c.column == *column))
    }

    /// The headers that a reference reads, for saying where a value comes from.
    pub fn headers_of(&self, reference: &str) -> Vec<String> {
        fn columns(found: &ColumnRef, out: &mut Vec<usize>) {
            match found {
                ColumnRef::Arr => {}
                ColumnRef::Cells { column, .. } | ColumnRef::Count { column } => out.push(*column),
                ColumnRef::Quotient { over, under } => {
                    columns(over, out);
                    columns(under, out);
                }
            }
        }
        let mut found = Vec::new();
        match self.column(reference) {
            Some(ColumnRef::Arr) => return vec!["ARR".into()],
            Some(column) => columns(&column, &mut found),
            None => {}
        }
        found
            .into_iter()
            .filter_map(|column| self.table.headers().get(column).cloned())
            .collect()
    }

    /// The text of an account's cell; blank where unknown.
    pub fn text(&self, account: usize, column: &ColumnRef) -> String {
        match column {
            ColumnRef::Cells { column, .. } => self.cell(account, *column).to_string(),
            _ => self.number(account, column).map(|n| n.to_string()).unwrap_or_default(),
        }
    }

    /// The number in an account's cell, in the role's unit; `None` where blank or not a number.
    pub fn number(&self, account: usize, column: &ColumnRef) -> Option<f64> {
        match column {
            ColumnRef::Cells { column, unit } => values::number(self.cell(account, *column)).map(|n| n * unit),
            ColumnRef::Quotient { over, under } => {
                let under = self.number(account, under)?;
                let over = self.number(account, over)?;
                (under != 0.0).then(|| over / under)
            }
            ColumnRef::Count { column } => values::list_len(self.cell(account, *column)),
            ColumnRef::Arr => Some(self.arr(account).0 as f64 / 100.0),
        }
    }

    /// How day and month stand in a column's dates.
    pub fn date_order(&self, column: usize) -> DateOrder {
        values::date_order((0..self.len()).map(|i| self.cell(i, column)))
    }
}

/// Where the values of a signal or condition come from.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnRef {
    /// The account's ARR, wherever it came from.
    Arr,
    /// A column's cells, numbers multiplied by `unit`.
    Cells {
        /// Column index in the table.
        column: usize,
        /// Factor to the role's unit.
        unit: f64,
    },
    /// One column over another.
    Quotient {
        /// Numerator.
        over: Box<ColumnRef>,
        /// Denominator.
        under: Box<ColumnRef>,
    },
    /// How many items a cell lists, or the count it states.
    Count {
        /// Column index in the table.
        column: usize,
    },
}
