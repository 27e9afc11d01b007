//! Files joined to the book: each row finds its account, and what the rows say becomes columns of the book (S18).

mod columns;
mod costs;
mod events;
mod keys;
mod kinds;
mod lookups;
mod mended;
mod price;
mod subscriptions;
mod words;

use std::collections::{BTreeMap, HashSet};

use super::columns::given_or_found;
use super::{formats, listed, quoted};
use crate::error::{Problem, Result};
use crate::model::book::Unit;
use crate::model::column::Column;
use crate::model::finding::Finding;
use crate::model::load::{Join, JoinKind, Joined, KEYS_KEPT, LeftOut, LoadPlan, Question};
use crate::model::money::counted;
use crate::model::role::Role;
use crate::model::table::Table;
use keys::Keys;
pub(crate) use kinds::{by_subscription, kind_of};
pub(crate) use lookups::Lookups;
pub(crate) use subscriptions::{
    Line, NOT_STARTED, Shape, State, can_roll_up, is_priced_by_interval, is_subscriptions, may_be_live,
};
pub(crate) use words::dated;

/// Why a live row without a readable amount does not count.
const UNREADABLE: &str = "unreadable";

/// What the joins made of the book.
#[derive(Default)]
pub(crate) struct Applied {
    pub(crate) joined: Vec<Joined>,
    /// Columns that were worked out, by index.
    pub(crate) added: BTreeMap<usize, Added>,
    pub(crate) questions: Vec<Question>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) standing: Standing,
}

/// The columns that say how an account's subscriptions stand, and in which currency they are.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Standing {
    pub(crate) state: Option<usize>,
    pub(crate) currency: Option<usize>,
}

/// What is known of a column that was worked out: its header says nothing more.
pub(crate) struct Added {
    pub(crate) role: Option<Role>,
    /// A column of the book's own that plays the role comes first.
    pub(crate) yields: bool,
    /// From its numbers to the unit of the role; none where the numbers have to be looked at.
    pub(crate) unit: Option<Unit>,
    pub(crate) evidence: String,
}

/// A column on its way into the book: one cell for each of its rows.
struct NewColumn {
    header: String,
    role: Option<Role>,
    evidence: String,
    cells: Column,
}

/// The rows of a joined file with the book row of each, and what has been counted so far.
struct Matched<'t> {
    table: &'t Table,
    /// The column that leads to accounts.
    key: usize,
    /// The column of dates that was given, and where.
    date: Option<(&'t str, String)>,
    /// Rows of the book, by row of the joined table; none where the key leads nowhere.
    rows: Vec<Option<u32>>,
    report: Joined,
}

/// Adds what the joined files say to the book. Errors: `join_key_not_found`, `joined_twice`, those of each kind.
pub(crate) fn apply(book: &mut Table, tables: &[Table], plan: &LoadPlan) -> Result<Applied> {
    let mut applied = Applied::default();
    if plan.joins.is_empty() {
        return Ok(applied);
    }
    once(&plan.joins)?;
    let lookups = Lookups::of(&plan.joins, tables, plan)?;
    let roles = given_or_found(book, plan)?;
    let mut keys = Keys::of_book(book, &roles);
    let mut joined: BTreeMap<usize, Joined> = BTreeMap::new();
    for (at, join, table) in staged(&plan.joins, tables) {
        let place = format!("joins.{at}");
        if matches!(join.kind, JoinKind::Items | JoinKind::Prices) {
            let subscriptions = subscriptions_of(&plan.joins, tables).unwrap_or(book);
            let report = match join.kind {
                JoinKind::Items => lookups.items_report(subscriptions),
                _ => lookups
                    .prices_report(subscriptions, plan)
                    .map_err(|e| e.under(&plan.joins, at))?,
            };
            joined.insert(at, report);
            continue;
        }
        let mut matched = matched(&keys, join, table, &place).map_err(|e| e.under(&plan.joins, at))?;
        let added = match join.kind {
            JoinKind::Subscriptions => {
                keys.learn(&matched, &words::SUBSCRIPTION_ID, "subscriptions");
                subscriptions::join(&mut matched, &lookups, book.n_rows(), plan).map_err(|e| e.under(&plan.joins, at))?
            }
            JoinKind::Columns => columns::join(&mut matched, book),
            kind => events::join(kind, &mut matched, book.n_rows(), plan).map_err(|e| e.under(&plan.joins, at))?,
        };
        if join.kind != JoinKind::Columns {
            applied.questions.extend(formats::open_dates(table, plan));
        }
        for column in added {
            matched.report.columns.push(column.header.clone());
            if column.header == matched.named(subscriptions::STATE) {
                applied.standing.state = Some(book.n_columns());
            }
            if column.header == matched.named(subscriptions::CURRENCY) {
                applied.standing.currency = Some(book.n_columns());
            }
            // Columns of accounts are recognised by their headers, as those of the book are.
            if join.kind != JoinKind::Columns {
                applied.added.insert(
                    book.n_columns(),
                    Added {
                        role: column.role,
                        yields: matches!(column.role, Some(Role::Created | Role::Currency)),
                        // Marks are as they were given; all else was worked out in the unit of its role.
                        unit: (column.role != Some(Role::Csat)).then(Unit::default),
                        evidence: column.evidence,
                    },
                );
            }
            book.push_column(column.header, keys.on_every_row(column.cells));
        }
        joined.insert(at, matched.report);
    }
    applied.joined = joined.into_values().collect();
    applied.findings = applied.joined.iter().flat_map(|joined| findings(joined, plan)).collect();
    Ok(applied)
}

/// Each kind that gives ARR or looks prices up can be joined once: two of them would count revenue twice.
fn once(joins: &[Join]) -> Result<()> {
    for kind in [JoinKind::Subscriptions, JoinKind::Items, JoinKind::Prices] {
        let mut of_kind = joins.iter().enumerate().filter(|(_, join)| join.kind == kind);
        if let (Some(_), Some((at, join))) = (of_kind.next(), of_kind.next()) {
            let message = format!(
                "two files are joined as {}: {} is the second",
                kind.code(),
                quoted(&join.path)
            );
            return Err(Problem::new("joined_twice", message)
                .at(format!("joins.{at}"))
                .expected("one file of this kind; put the rows of both into one file")
                .into());
        }
    }
    Ok(())
}

fn subscriptions_of<'t>(joins: &[Join], tables: &'t [Table]) -> Option<&'t Table> {
    let mut pairs = joins.iter().zip(tables);
    pairs
        .find(|(join, _)| join.kind == JoinKind::Subscriptions)
        .map(|(_, table)| table)
}

/// Subscriptions come before what finds accounts through them; columns come first of all.
fn staged<'a>(joins: &'a [Join], tables: &'a [Table]) -> Vec<(usize, &'a Join, &'a Table)> {
    let mut staged: Vec<(usize, &Join, &Table)> = joins.iter().zip(tables).enumerate().map(|(at, (j, t))| (at, j, t)).collect();
    staged.sort_by_key(|(at, join, _)| {
        let stage = match join.kind {
            JoinKind::Columns => 0,
            JoinKind::Subscriptions => 1,
            _ => 2,
        };
        (stage, *at)
    });
    staged
}

/// Finds the account of every row.
fn matched<'t>(keys: &Keys, join: &'t Join, table: &'t Table, place: &str) -> Result<Matched<'t>> {
    let found = keys.find(table, join.key.as_deref(), place)?;
    let mut report = Joined {
        path: table.source.path.clone(),
        kind: join.kind.code(),
        format: table.source.format.clone(),
        sha256: table.source.sha256.clone(),
        key: found.words,
        rows_read: table.n_rows(),
        ..Joined::default()
    };
    let mut reached: HashSet<usize> = HashSet::new();
    let mut nowhere: HashSet<&str> = HashSet::new();
    for (row, account) in found.rows.iter().enumerate() {
        match account {
            Some(account) => {
                reached.insert(*account as usize);
            }
            None => {
                report.rows_unmatched += 1;
                let key = table.cell(row, found.column).trim();
                if nowhere.insert(key) && report.keys_unmatched.len() < KEYS_KEPT {
                    report.keys_unmatched.push(key.to_string());
                }
            }
        }
    }
    report.n_keys_unmatched = nowhere.len();
    report.accounts_without = keys.accounts().filter(|account| !reached.contains(account)).count();
    report.rows_used = table.n_rows() - report.rows_unmatched;
    Ok(Matched {
        table,
        key: found.column,
        date: join.date.as_deref().map(|header| (header, format!("{place}.date"))),
        rows: found.rows,
        report,
    })
}

impl Matched<'_> {
    /// Rows with their book row, where they have one.
    fn pairs(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let with_account = |(row, account): (usize, &Option<u32>)| Some((row, account.as_ref().copied()? as usize));
        self.rows.iter().enumerate().filter_map(with_account)
    }

    /// Notes that a row did not count.
    fn leave_out(&mut self, reason: &'static str, cents: i64) {
        self.report.rows_used = self.report.rows_used.saturating_sub(1);
        let arr_cents = i128::from(cents);
        match self.report.left_out.iter_mut().find(|left| left.reason == reason) {
            Some(left) => (left.rows, left.arr_cents) = (left.rows + 1, left.arr_cents + arr_cents),
            None => self.report.left_out.push(LeftOut {
                reason,
                rows: 1,
                arr_cents,
            }),
        }
    }

    /// The name of an added column: `usage.trend`.
    fn named(&self, column: &str) -> String {
        format!("{}.{column}", self.report.kind)
    }
}

/// What a person should know about a joined file.
fn findings(joined: &Joined, plan: &LoadPlan) -> Vec<Finding> {
    let mut findings = Vec::new();
    let file = quoted(&joined.path);
    findings.extend(stale(joined, plan));
    findings.extend(unreadable(joined));
    if joined.rows_unmatched > 0 {
        let keys = listed(joined.keys_unmatched.iter().map(String::as_str).take(KEYS_KEPT));
        let text = format!(
            "{} of {file} belong to no account of the book ({}: {keys}); they count nowhere. Add those accounts, or export both files at once",
            counted(joined.rows_unmatched, "row"),
            counted(joined.n_keys_unmatched, "key")
        );
        findings.push(Finding::warning("join_rows_unmatched", text));
    }
    if joined.rows_missing > 0 {
        let text = format!(
            "{} a price that {file} does not hold ({}: {}), so what they cost is unknown; join the file that lists them",
            match joined.rows_missing {
                1 => "1 row names".to_string(),
                n => format!("{n} rows name"),
            },
            counted(joined.n_keys_missing, "key"),
            listed(joined.keys_missing.iter().map(String::as_str))
        );
        findings.push(Finding::warning("prices_missing", text));
    }
    if joined.accounts_without > 0 {
        let text = format!(
            "{} of the book without a row in {file}",
            counted(joined.accounts_without, "account")
        );
        findings.push(Finding::info("join_accounts_without", text));
    }
    let left: Vec<String> = joined
        .left_out
        .iter()
        .map(|left| format!("{} {}", left.rows, left.reason))
        .collect();
    if !left.is_empty() {
        let text = format!("rows of {file} that do not count: {}", left.join(", "));
        findings.push(Finding::info("join_rows_left_out", text));
    }
    findings
}

/// Live rows whose amount cannot be read make ARR too small, or unknown.
fn unreadable(joined: &Joined) -> Option<Finding> {
    let rows = joined.left_out.iter().find(|left| left.reason == UNREADABLE)?.rows;
    let text = format!(
        "{} of {} without a readable amount: an account counts without it, and is set aside if it has no other. Fill amount, \
         interval and quantity",
        counted(rows, "live row"),
        quoted(&joined.path)
    );
    Some(Finding::warning("join_rows_unreadable", text))
}

/// A log that ends long before the date of the book says nothing about the days that are asked for.
fn stale(joined: &Joined, plan: &LoadPlan) -> Option<Finding> {
    const DAYS_MAX: i32 = 90;
    let newest = joined.newest?;
    let days = plan.as_of.since((jiff::Unit::Day, newest)).ok()?.get_days();
    (days > DAYS_MAX).then(|| {
        let text = format!(
            "{} ends on {newest}, {days} days before {}: windows such as 30 days are empty. Export it again, or give an as_of that \
             it covers",
            quoted(&joined.path),
            plan.as_of
        );
        Finding::warning("join_stale", text)
    })
}

#[cfg(test)]
mod tests;
