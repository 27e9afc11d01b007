//! What loading a book takes and gives: how it is to be read, what was set aside, what stayed open.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::book::Book;
use super::decode::sheet_if_any;
use super::finding::Finding;
use super::money::Money;
use super::role::Role;

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
    /// Texts of the status column that mean no customer, such as a trial; their case does not count.
    pub not_customers: Vec<String>,
    /// The sheet, or the table among several.
    pub sheet: Option<String>,
    /// Files that are joined to the book.
    pub joins: Vec<Join>,
}

/// A file that is joined to the book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// Relative to the workspace, or absolute.
    pub path: String,
    /// What its rows are.
    pub kind: JoinKind,
    /// The header that says which account, or which row of another joined file, a row belongs to; found when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The header that says when something happened, in a log; found when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The sheet, or the table among several.
    #[serde(default, deserialize_with = "sheet_if_any", skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
}

/// What the rows of a joined file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JoinKind {
    /// Subscriptions or contracts: they roll up to ARR.
    Subscriptions,
    /// Lines of subscriptions, with a price and a quantity each.
    Items,
    /// Prices or plans: amount, currency, interval.
    Prices,
    /// Usage events.
    Usage,
    /// Support tickets.
    Tickets,
    /// Survey answers.
    Nps,
    /// Churn events.
    Churn,
    /// Further columns of accounts, one row each.
    Columns,
}

impl JoinKind {
    /// Every kind.
    pub const ALL: [JoinKind; 8] = [
        JoinKind::Subscriptions,
        JoinKind::Items,
        JoinKind::Prices,
        JoinKind::Usage,
        JoinKind::Tickets,
        JoinKind::Nps,
        JoinKind::Churn,
        JoinKind::Columns,
    ];

    /// The code: `subscriptions`.
    pub fn code(self) -> &'static str {
        match self {
            JoinKind::Subscriptions => "subscriptions",
            JoinKind::Items => "items",
            JoinKind::Prices => "prices",
            JoinKind::Usage => "usage",
            JoinKind::Tickets => "tickets",
            JoinKind::Nps => "nps",
            JoinKind::Churn => "churn",
            JoinKind::Columns => "columns",
        }
    }

    /// The kind that the name of a file speaks of: `crm/subscriptions_2026.csv`.
    pub fn of_name(path: &str) -> Option<JoinKind> {
        const WORDS: [(&str, JoinKind); 11] = [
            ("churn", JoinKind::Churn),
            ("ticket", JoinKind::Tickets),
            ("nps", JoinKind::Nps),
            ("survey", JoinKind::Nps),
            ("usage", JoinKind::Usage),
            ("item", JoinKind::Items),
            ("price", JoinKind::Prices),
            ("plans", JoinKind::Prices),
            ("subscription", JoinKind::Subscriptions),
            ("contract", JoinKind::Subscriptions),
            ("column", JoinKind::Columns),
        ];
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default().to_lowercase();
        WORDS.iter().find(|(word, _)| name.contains(word)).map(|(_, kind)| *kind)
    }
}

impl LoadPlan {
    /// A plan that leaves everything to the reader.
    pub fn at(as_of: Date) -> LoadPlan {
        LoadPlan {
            as_of,
            columns: BTreeMap::new(),
            answers: BTreeMap::new(),
            rates: BTreeMap::new(),
            keep_churned: false,
            not_customers: Vec::new(),
            sheet: None,
            joins: Vec::new(),
        }
    }
}

/// What came of a joined file: its own certificate.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Joined {
    /// The path as messages show it.
    pub path: String,
    /// The code of its kind.
    pub kind: &'static str,
    /// What was recognised: `csv (comma, UTF-8)`.
    pub format: String,
    /// SHA-256 of the file's bytes.
    pub sha256: String,
    /// The header that leads to accounts, and through what.
    pub key: String,
    /// Rows below the header that hold anything: used + left out + unmatched.
    pub rows_read: usize,
    /// Rows that counted.
    pub rows_used: usize,
    /// Rows that did not count, by reason.
    pub left_out: Vec<LeftOut>,
    /// Rows whose key leads to no account.
    pub rows_unmatched: usize,
    /// Those keys, each once, in file order; at most [`KEYS_KEPT`] of them.
    pub keys_unmatched: Vec<String>,
    /// How many different keys lead nowhere.
    pub n_keys_unmatched: usize,
    /// Rows elsewhere that need a key which this file does not hold, as a price list may lack a plan.
    pub rows_missing: usize,
    /// Those keys, each once; at most [`KEYS_KEPT`] of them.
    pub keys_missing: Vec<String>,
    /// How many different keys are missing.
    pub n_keys_missing: usize,
    /// Accounts of the book that no row leads to.
    pub accounts_without: usize,
    /// ARR of the rows that counted; none where the kind has no amounts.
    pub arr_cents: Option<i128>,
    /// ARR of the rows that lead to no account.
    pub arr_unmatched_cents: Option<i128>,
    /// The newest date of a log, whether or not its row counted.
    pub newest: Option<Date>,
    /// Headers of the columns that were added to the book.
    pub columns: Vec<String>,
}

/// Rows of a joined file that did not count for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// `ended`, `canceled`, `trial`, `not_started`, `paused`, `unpaid`, `unreadable`, `after_as_of` and the like.
    pub reason: &'static str,
    /// How many.
    pub rows: usize,
    /// Their ARR, where they have a readable one.
    pub arr_cents: i128,
}

/// Unmatched keys that are kept for showing.
pub const KEYS_KEPT: usize = 50;

/// A book with everything the reader decided on the way.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The accounts.
    pub book: Book,
    /// Where ARR comes from, in words.
    pub arr_source: String,
    /// Rows below the header that hold anything.
    pub rows_read: usize,
    /// Rows that became part of another account because the caller said to (`duplicates: sum` or `roll_up`, `parents: roll_up`).
    pub merged: usize,
    /// Rows set aside, in file order.
    pub set_aside: Vec<SetAside>,
    /// ARR read over all rows, in book currency: kept plus set aside.
    pub arr_read_cents: i128,
    /// What each column was taken for, in file order.
    pub columns: Vec<ColumnGuess>,
    /// How good the data is.
    pub quality: Quality,
    /// Files that were joined, in the order given.
    pub joins: Vec<Joined>,
    /// What stayed open.
    pub questions: Vec<Question>,
    /// What was noticed.
    pub findings: Vec<Finding>,
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
    /// Its status is one of those that the team says are no customers.
    NotCustomer,
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
            Reason::NotCustomer => "not_customer",
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
    /// The account has not left: it is yet to come.
    pub not_started: bool,
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

impl Loaded {
    /// What the content of the book and of all joined files comes to: the same content, the same text.
    pub fn content(&self) -> String {
        let hashes = std::iter::once(&self.book.table.source.sha256).chain(self.joins.iter().map(|joined| &joined.sha256));
        hashes.map(String::as_str).collect::<Vec<_>>().join(" ")
    }
}
