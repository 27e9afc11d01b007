//! The account book: who the accounts are, what they pay, and how to read any of their other cells.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::format::Formats;
use super::memo::Memo;
use super::money::Money;
use super::role::Role;
use super::table::{Arena, Table};
use super::values::{self, DateStyle, Decimal};
use crate::parallel;

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
    ids: Labels,
    names: Labels,
    arr_cents: Vec<i64>,
    total_cents: i128,
    rows: Vec<u32>,
    by_id: Vec<u32>,
    by_arr: Vec<u32>,
    formats: Formats,
    memo: Memo,
}

/// A column in a role.
#[derive(Debug, Clone, PartialEq)]
pub struct RoleColumn {
    /// Column index in the table.
    pub column: usize,
    /// How raw numbers reach the role's unit.
    pub unit: Unit,
}

/// From the numbers of a column to the unit of its role.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Unit {
    /// Multiplied: health 0..1 by 100.
    Times(f64),
    /// Answers from 0 to 10 to "how likely are you to recommend us": promoters (9, 10) are 100 points, passives (7, 8) 0,
    /// detractors −100.
    NpsAnswers,
}

impl Default for Unit {
    fn default() -> Self {
        Unit::Times(1.0)
    }
}

impl Unit {
    /// The number in the role's unit.
    pub fn of(self, number: f64) -> f64 {
        match self {
            Unit::Times(factor) => number * factor,
            Unit::NpsAnswers if number >= 9.0 => 100.0,
            Unit::NpsAnswers if number >= 7.0 => 0.0,
            Unit::NpsAnswers => -100.0,
        }
    }
}

/// One account on its way into a book.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// Account id, the name where the book has no ids; none where it stands in the column of ids.
    pub id: Option<Cow<'a, str>>,
    /// Account name, the id where the book has no names; none where it stands in the column of names.
    pub name: Option<Cow<'a, str>>,
    /// ARR.
    pub arr: Money,
    /// Row of the table.
    pub row: usize,
}

/// What accounts are called: by a column that calls every one of them so, else by texts of their own.
#[derive(Debug, Clone)]
enum Labels {
    Column(usize),
    Own(Arena),
}

impl Labels {
    fn of<'e>(
        table: &Table,
        role: Option<&RoleColumn>,
        some_own: bool,
        labels: impl Iterator<Item = (usize, Option<Cow<'e, str>>)>,
    ) -> Labels {
        if let Some(found) = role.filter(|_| !some_own) {
            return Labels::Column(found.column);
        }
        let cell = |row: usize| role.and_then(|found| values::present(table.cell(row, found.column)));
        let mut texts = Arena::default();
        labels.for_each(|(row, own)| texts.push(own.as_deref().or_else(|| cell(row)).unwrap_or("")));
        Labels::Own(texts)
    }
}

impl Book {
    /// A book of these accounts, in input order: their rows rise.
    pub fn new<'e>(
        table: Arc<Table>,
        formats: Formats,
        roles: BTreeMap<Role, RoleColumn>,
        currency: String,
        as_of: Date,
        entries: impl Iterator<Item = Entry<'e>> + Clone,
    ) -> Book {
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let most = entries.size_hint().1.unwrap_or(0);
        let (mut arr_cents, mut rows) = (Vec::with_capacity(most), Vec::with_capacity(most));
        let [mut own_ids, mut own_names] = [false; 2];
        for entry in entries.clone() {
            arr_cents.push(entry.arr.0);
            rows.push(narrow(entry.row));
            own_ids |= entry.id.is_some();
            own_names |= entry.name.is_some();
        }
        let (id, name) = (roles.get(&Role::Id), roles.get(&Role::Name));
        let mut book = Book {
            ids: Labels::of(&table, id, own_ids, entries.clone().map(|e| (e.row, e.id))),
            names: Labels::of(&table, name, own_names, entries.map(|e| (e.row, e.name))),
            arr_cents,
            rows,
            total_cents: 0,
            table,
            formats,
            roles,
            currency,
            as_of,
            by_arr: Vec::new(),
            memo: Memo::default(),
            by_id: Vec::new(),
        };
        book.memo = Memo::of(book.len());
        book.total_cents = book.arr_cents.iter().map(|cents| i128::from(*cents)).sum();
        debug_assert!(book.rows.is_sorted_by(|a, b| a < b));
        let n = narrow(book.len());
        let by_id = parallel::sorted((0..n).collect(), |a, b| {
            let id = |i: &u32| book.id(*i as usize);
            id(a).cmp(id(b)).then(a.cmp(b))
        });
        let arr = |i: &u32| std::cmp::Reverse(book.arr(*i as usize));
        let by_arr = (0..n).zip(&by_id).map(|(at, i)| (arr(i), at)).collect();
        let by_arr = parallel::sorted(by_arr, Ord::cmp);
        book.by_arr.reserve_exact(by_id.len());
        book.by_arr
            .extend(by_arr.into_iter().filter_map(|(_, at)| by_id.get(at as usize).copied()));
        book.by_id = by_id;
        book
    }

    /// A book of one of these accounts, with another ARR.
    pub fn alone(&self, account: usize, arr: Money) -> Book {
        let entry = Entry {
            id: Some(self.id(account).into()),
            name: Some(self.name(account).into()),
            arr,
            row: self.rows.get(account).copied().unwrap_or(u32::MAX) as usize,
        };
        Book::new(
            Arc::clone(&self.table),
            self.formats.clone(),
            self.roles.clone(),
            self.currency.clone(),
            self.as_of,
            std::iter::once(entry),
        )
    }

    /// What was worked out from this book before.
    pub fn memo(&self) -> &Memo {
        &self.memo
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
        self.label(&self.ids, account)
    }

    /// The account's name.
    pub fn name(&self, account: usize) -> &str {
        self.label(&self.names, account)
    }

    /// The row of the table that each account was read from, in input order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = usize> + Clone + '_ {
        self.rows.iter().map(|row| *row as usize)
    }

    /// Which of the different texts of a column each account has; none where they are many, or more than accounts.
    pub fn codes(&self, column: usize) -> Option<Arc<Vec<u16>>> {
        let (codes, n_different) = self.table.texts(column)?.codes()?;
        if n_different > self.len() {
            return None;
        }
        // Rows rise, so all of them are in their places.
        if self.rows.len() == codes.len() {
            return Some(Arc::clone(codes));
        }
        let picked = || -> Vec<u16> { self.rows().map(|row| codes.get(row).copied().unwrap_or_default()).collect() };
        Some(self.memo.get(format!("codes {column}"), picked))
    }

    fn label<'b>(&'b self, labels: &'b Labels, account: usize) -> &'b str {
        match labels {
            Labels::Column(column) => self.cell(account, *column),
            Labels::Own(own) => own.get(account),
        }
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
        self.total_cents
    }

    /// Accounts in id order: the order of every float sum and every sample (S17).
    pub fn by_id(&self) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.by_id.iter().map(|i| *i as usize)
    }

    /// Accounts by ARR, largest first, ties by id.
    pub fn by_arr(&self) -> impl DoubleEndedIterator<Item = usize> + ExactSizeIterator + '_ {
        self.by_arr.iter().map(|i| *i as usize)
    }

    /// The account at this place of [`Book::by_id`].
    pub fn nth_by_id(&self, place: usize) -> Option<usize> {
        self.by_id.get(place).map(|account| *account as usize)
    }

    /// The account at this place of [`Book::by_arr`].
    pub fn nth_by_arr(&self, place: usize) -> Option<usize> {
        self.by_arr.get(place).map(|account| *account as usize)
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
        let by_header = self.table.find(reference).map(|column| ColumnRef::Cells {
            column,
            unit: Unit::default(),
        });
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
            ColumnRef::Cells { column, unit } => self.decimal(*column).number(self.cell(account, *column)).map(|n| unit.of(n)),
            ColumnRef::Quotient { over, under } => {
                let under = self.number(account, under)?;
                let over = self.number(account, over)?;
                (under != 0.0).then(|| over / under)
            }
            ColumnRef::Count { column } => values::list_len(self.cell(account, *column)),
            ColumnRef::Arr => Some(self.arr(account).0 as f64 / 100.0),
        }
    }

    /// How a column writes its dates.
    pub fn dates(&self, column: usize) -> DateStyle {
        self.formats.dates(column, || self.table.counted(column))
    }

    /// The decimal sign of a column.
    pub fn decimal(&self, column: usize) -> Decimal {
        self.formats.decimal(column, || self.table.counted(column))
    }
}

/// Where the values of a signal or condition come from.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnRef {
    /// The account's ARR, wherever it came from.
    Arr,
    /// A column's cells, numbers brought to `unit`.
    Cells {
        /// Column index in the table.
        column: usize,
        /// How raw numbers reach the role's unit.
        unit: Unit,
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
