//! Logs of usage, tickets, survey answers and churn: what they say of each account at a date.

use std::collections::HashSet;

use jiff::civil::Date;

use super::keys::given_column;
use super::{Matched, NewColumn, words};
use crate::error::{Problem, Result};
use crate::io::{formats, quoted};
use crate::model::column::Column;
use crate::model::load::{JoinKind, LoadPlan};
use crate::model::role::Role;
use crate::model::table::Table;
use crate::model::values::{self, DateOrder, DateStyle, marks, present};

const MONTH_DAYS: i32 = 30;
const QUARTER_DAYS: i32 = 90;
const YEAR_DAYS: i32 = 365;

/// The columns that a log adds. Error: `join_column_not_found`.
pub(super) fn join(kind: JoinKind, matched: &mut Matched, n_book: usize, plan: &LoadPlan) -> Result<Vec<NewColumn>> {
    match kind {
        JoinKind::Usage => usage(matched, n_book, plan),
        JoinKind::Tickets => tickets(matched, n_book, plan),
        JoinKind::Nps => nps(matched, n_book, plan),
        _ => churn(matched, n_book, plan),
    }
}

/// A log that has been read: its table, dates and `as_of`.
struct Log<'t> {
    table: &'t Table,
    dated: (usize, DateStyle),
    as_of: Date,
}

impl<'t> Log<'t> {
    fn of(matched: &Matched<'t>, names: &[&str], what: &str, plan: &LoadPlan) -> Result<Log<'t>> {
        let table = matched.table;
        let column = match &matched.date {
            Some((header, place)) => given_column(table, header, place)?,
            None => dated(table, names, what)?,
        };
        Ok(Log {
            table,
            dated: (column, formats::dates_of(table, column, formats::order_in(table, plan))),
            as_of: plan.as_of,
        })
    }

    fn date(&self, row: usize) -> Option<Date> {
        values::date(self.table.cell(row, self.dated.0), self.dated.1)
    }

    /// Days from a row's date to `as_of`; negative for what is still to come.
    fn age_days(&self, row: usize) -> Option<i32> {
        self.as_of
            .since((jiff::Unit::Day, self.date(row)?))
            .ok()
            .map(|span| span.get_days())
    }

    fn cell(&self, row: usize, column: Option<usize>) -> Option<&'t str> {
        present(self.table.cell(row, column?))
    }

    fn yes(&self, row: usize, column: Option<usize>) -> bool {
        self.cell(row, column).is_some_and(|text| values::truthy(text) != Some(false))
    }
}

fn needed(table: &Table, names: &[&str], what: &str) -> Result<usize> {
    words::find(table, names).ok_or_else(|| {
        missing(table, what)
            .found(table.headers().iter().map(|header| quoted(header)))
            .expected(format!("a column called {}", listed(names)))
            .into()
    })
}

/// The column that says when: by its header, or as the only one that holds dates.
fn dated(table: &Table, names: &[&str], what: &str) -> Result<usize> {
    if let Some(column) = words::find(table, names) {
        return Ok(column);
    }
    let columns = 0..table.headers().len();
    let dates: Vec<usize> = columns.filter(|column| holds_dates(table, *column)).collect();
    if let [only] = dates[..] {
        return Ok(only);
    }
    let likely = match dates.is_empty() {
        true => (0..table.headers().len()).collect(),
        false => dates,
    };
    let headers = likely.into_iter().filter_map(|column| table.headers().get(column));
    Err(missing(table, what)
        .found(headers.map(|header| quoted(header)))
        .expected(format!("`date` in that entry of joins, or a column called {}", listed(names)))
        .into())
}

fn missing(table: &Table, what: &str) -> Problem {
    let message = format!("no column of {} says {what}", quoted(&table.source.path));
    Problem::new("join_column_not_found", message).at("path")
}

fn listed(names: &[&str]) -> String {
    let names = names.iter().take(4).map(|name| format!("`{name}`"));
    names.collect::<Vec<_>>().join(", ")
}

/// Whether the first filled cells of a column are dates, nearly all of them.
fn holds_dates(table: &Table, column: usize) -> bool {
    const LOOKED_AT: usize = 200;
    let style = formats::dates_of(table, column, DateOrder::DayFirst);
    let filled: Vec<&str> = table.column(column).filter_map(present).take(LOOKED_AT).collect();
    let dates = filled
        .iter()
        .filter(|cell| cell.len() >= 6 && values::date(cell, style).is_some());
    !filled.is_empty() && dates.count() * 10 >= filled.len() * 9
}

/// Rows of the log that count, each with its account and age in days; the others are left out and counted.
fn counting(matched: &mut Matched, log: &Log) -> Vec<(usize, usize, i32)> {
    let pairs: Vec<(usize, usize)> = matched.pairs().collect();
    matched.report.newest = (0..log.table.n_rows()).filter_map(|row| log.date(row)).max();
    let mut rows = Vec::with_capacity(pairs.len());
    for (row, account) in pairs {
        match log.age_days(row) {
            None => matched.leave_out("undated", 0),
            Some(age) if age < 0 => matched.leave_out("after_as_of", 0),
            Some(age) => rows.push((row, account, age)),
        }
    }
    rows
}

/// Columns under construction: a cell for each book row, blank where nothing is known.
struct Columns<'m, 't> {
    matched: &'m Matched<'t>,
    built: Vec<NewColumn>,
}

impl Columns<'_, '_> {
    fn add(&mut self, name: &str, role: Option<Role>, words: &str, cells: impl Iterator<Item = Option<String>>) {
        let mut arena = Column::default();
        cells.for_each(|cell| arena.push(&cell.unwrap_or_default()));
        self.built.push(NewColumn {
            header: self.matched.named(name),
            role,
            evidence: format!("{words}, from {}", quoted(&self.matched.report.path)),
            cells: arena,
        });
    }
}

fn ratio(value: f64) -> String {
    let rounded = (value * 10_000.0).round() / 10_000.0;
    // A change of exactly nothing is 0, not −0.
    format!("{}", if rounded == 0.0 { 0.0 } else { rounded })
}

#[derive(Default, Clone)]
struct Use<'t> {
    now: f64,
    before: f64,
    days: HashSet<i32>,
    users: HashSet<&'t str>,
    user_days: HashSet<(i32, &'t str)>,
    features: HashSet<&'t str>,
    last_days: Option<i32>,
}

/// Usage over the last 30 days against the 30 before (H24), breadth over 90 days, and how often people come back.
fn usage(matched: &mut Matched, n_book: usize, plan: &LoadPlan) -> Result<Vec<NewColumn>> {
    let log = Log::of(matched, &words::USED_AT, "when something was used", plan)?;
    let (feature, user, count) = (
        words::find(log.table, &words::FEATURE),
        words::find(log.table, &words::USER),
        words::find(log.table, &words::COUNT),
    );
    let mut accounts: Vec<Use> = vec![Use::default(); n_book];
    let mut all_features: HashSet<&str> = HashSet::new();
    let decimal = count
        .map(|column| marks(log.table.counted(column)).decided().unwrap_or_default())
        .unwrap_or_default();
    for (row, account, age) in counting(matched, &log) {
        let Some(account) = accounts.get_mut(account) else { continue };
        let times = log
            .cell(row, count)
            .map_or(Some(1.0), |text| decimal.number(text))
            .unwrap_or(0.0);
        account.last_days = Some(account.last_days.map_or(age, |last| last.min(age)));
        if age < MONTH_DAYS {
            account.now += times;
            account.days.insert(age);
            if let Some(user) = log.cell(row, user) {
                account.users.insert(user);
                account.user_days.insert((age, user));
            }
        } else if age < 2 * MONTH_DAYS {
            account.before += times;
        }
        if let Some(feature) = log.cell(row, feature) {
            all_features.insert(feature);
            if age < QUARTER_DAYS {
                account.features.insert(feature);
            }
        }
    }
    let mut columns = Columns {
        matched,
        built: Vec::new(),
    };
    let known = |of: fn(&Use) -> String| move |account: &Use| account.last_days.map(|_| of(account));
    columns.add(
        "events_30d",
        None,
        "uses in the last 30 days",
        accounts.iter().map(known(|a| ratio(a.now))),
    );
    let trend = |a: &Use| (a.before > 0.0).then(|| ratio((a.now - a.before) / a.before));
    let words_of_trend = "change of the last 30 days against the 30 before, as a ratio";
    columns.add("trend", Some(Role::UsageTrend), words_of_trend, accounts.iter().map(trend));
    match user.is_some() {
        // Daily over monthly active users: user days a day, over the users of the month.
        true => {
            let stickiness = |a: &Use| {
                let daily = a.user_days.len() as f64 / f64::from(MONTH_DAYS);
                a.last_days.map(|_| {
                    ratio(if a.users.is_empty() {
                        0.0
                    } else {
                        daily / a.users.len() as f64
                    })
                })
            };
            columns.add(
                "dau_mau",
                Some(Role::Usage),
                "daily over monthly active users, last 30 days",
                accounts.iter().map(stickiness),
            );
        }
        false => {
            let active = known(|a| ratio(a.days.len() as f64 / f64::from(MONTH_DAYS)));
            let words = "share of the last 30 days with any use; it stands in for DAU/MAU, since no column names users";
            columns.add("active_days", Some(Role::Usage), words, accounts.iter().map(active));
        }
    }
    if feature.is_some() {
        let n = all_features.len().max(1) as f64;
        let adopted = |a: &Use| a.last_days.map(|_| ratio(a.features.len() as f64 / n));
        let words = format!(
            "share of the {} features in the log that were used in the last 90 days",
            all_features.len()
        );
        columns.add("adoption", Some(Role::Adoption), &words, accounts.iter().map(adopted));
    }
    columns.add(
        "last_days",
        None,
        "days since the last use",
        accounts.iter().map(|a| a.last_days.map(|days| days.to_string())),
    );
    Ok(columns.built)
}

#[derive(Default, Clone)]
struct Support {
    open: usize,
    recent: usize,
    escalated: usize,
    urgent: usize,
    marks: Vec<f64>,
}

/// Tickets: an account without any has none, so its counts are 0; its satisfaction stays unknown.
fn tickets(matched: &mut Matched, n_book: usize, plan: &LoadPlan) -> Result<Vec<NewColumn>> {
    let log = Log::of(matched, &words::OPENED_AT, "when a ticket was opened", plan)?;
    let find = |names: &[&str]| words::find(log.table, names);
    let order = formats::order_in(log.table, plan);
    let closed = find(&words::CLOSED_AT).map(|column| (column, formats::dates_of(log.table, column, order)));
    let (status, mark) = (find(&words::STATUS), find(&words::SATISFACTION));
    let (escalated, priority) = (find(&words::ESCALATED), find(&words::PRIORITY));
    let decimal = mark
        .map(|column| marks(log.table.counted(column)).decided().unwrap_or_default())
        .unwrap_or_default();
    let mut accounts: Vec<Support> = vec![Support::default(); n_book];
    for (row, account, age) in counting(matched, &log) {
        let Some(account) = accounts.get_mut(account) else { continue };
        let solved = log.cell(row, status).is_some_and(|text| {
            [
                "closed",
                "solved",
                "resolved",
                "done",
                "completed",
                "geschlossen",
                "gelöst",
                "erledigt",
                "fermé",
                "résolu",
                "cerrado",
                "resuelto",
            ]
            .iter()
            .any(|w| w.eq_ignore_ascii_case(text))
        });
        let closed_at = closed.and_then(|(column, style)| values::date(log.table.cell(row, column), style));
        let open = match (closed_at, closed.is_some()) {
            (Some(date), _) => date > log.as_of,
            (None, true) => !solved,
            (None, false) => status.is_some() && !solved,
        };
        let is_escalated = log.yes(row, escalated);
        let is_urgent = log.cell(row, priority).is_some_and(|text| {
            [
                "urgent", "critical", "p1", "1", "highest", "blocker", "dringend", "kritisch", "critique", "urgente", "crítico",
            ]
            .iter()
            .any(|w| w.eq_ignore_ascii_case(text))
        });
        account.open += usize::from(open);
        account.recent += usize::from(age < QUARTER_DAYS);
        account.escalated += usize::from(is_escalated && (open || age < QUARTER_DAYS));
        account.urgent += usize::from(is_urgent && age < QUARTER_DAYS);
        if age < YEAR_DAYS {
            account
                .marks
                .extend(log.cell(row, mark).and_then(|text| decimal.number(text)));
        }
    }
    let mut columns = Columns {
        matched,
        built: Vec::new(),
    };
    let counted = |of: fn(&Support) -> usize| move |account: &Support| Some(of(account).to_string());
    columns.add(
        "open",
        Some(Role::Tickets),
        "tickets open at the date of the book",
        accounts.iter().map(counted(|a| a.open)),
    );
    columns.add(
        "opened_90d",
        None,
        "tickets opened in the last 90 days",
        accounts.iter().map(counted(|a| a.recent)),
    );
    if escalated.is_some() {
        let words = "tickets escalated and open, or opened in the last 90 days";
        columns.add(
            "escalations",
            Some(Role::Escalations),
            words,
            accounts.iter().map(counted(|a| a.escalated)),
        );
    }
    if priority.is_some() {
        columns.add(
            "urgent_90d",
            None,
            "urgent tickets of the last 90 days",
            accounts.iter().map(counted(|a| a.urgent)),
        );
    }
    if mark.is_some() {
        let mean = |a: &Support| (!a.marks.is_empty()).then(|| ratio(a.marks.iter().sum::<f64>() / a.marks.len() as f64));
        columns.add(
            "csat",
            Some(Role::Csat),
            "mean satisfaction of the last 365 days",
            accounts.iter().map(mean),
        );
    }
    Ok(columns.built)
}

#[derive(Default, Clone)]
struct Answers {
    promoters: i32,
    detractors: i32,
    n: i32,
    latest: Option<(i32, f64)>,
}

/// Survey answers of the last 365 days as points: promoters less detractors, over all (X21).
fn nps(matched: &mut Matched, n_book: usize, plan: &LoadPlan) -> Result<Vec<NewColumn>> {
    let log = Log::of(matched, &words::ANSWERED_AT, "when an answer was given", plan)?;
    let answer = needed(log.table, &words::ANSWER, "what was answered")?;
    let decimal = marks(log.table.counted(answer)).decided().unwrap_or_default();
    let mut accounts: Vec<Answers> = vec![Answers::default(); n_book];
    let mut unread = 0;
    for (row, account, age) in counting(matched, &log) {
        let Some(account) = accounts.get_mut(account) else { continue };
        let given = log
            .cell(row, Some(answer))
            .and_then(|text| decimal.number(text))
            .filter(|n| (0.0..=10.0).contains(n));
        let Some(given) = given else {
            unread += 1;
            continue;
        };
        if account.latest.is_none_or(|(last, _)| age < last) {
            account.latest = Some((age, given));
        }
        if age < YEAR_DAYS {
            account.n += 1;
            account.promoters += i32::from(given >= 9.0);
            account.detractors += i32::from(given < 7.0);
        }
    }
    for _ in 0..unread {
        matched.leave_out("no_answer_from_0_to_10", 0);
    }
    let mut columns = Columns {
        matched,
        built: Vec::new(),
    };
    let points = |a: &Answers| (a.n > 0).then(|| ratio(f64::from((a.promoters - a.detractors) * 100) / f64::from(a.n)));
    columns.add(
        "points",
        Some(Role::Nps),
        "promoters less detractors in points, answers of the last 365 days",
        accounts.iter().map(points),
    );
    columns.add(
        "answers",
        None,
        "answers of the last 365 days",
        accounts.iter().map(|a| (a.n > 0).then(|| a.n.to_string())),
    );
    columns.add(
        "latest",
        None,
        "latest answer, 0 to 10",
        accounts.iter().map(|a| a.latest.map(|(_, given)| ratio(given))),
    );
    Ok(columns.built)
}

#[derive(Default, Clone)]
struct Losses {
    n: usize,
    /// Age and whether the account came back with it.
    latest: Option<(i32, bool, Date)>,
}

/// Churn events: an account whose latest one is no return has left, unless its subscriptions say otherwise.
fn churn(matched: &mut Matched, n_book: usize, plan: &LoadPlan) -> Result<Vec<NewColumn>> {
    let log = Log::of(matched, &words::CHURNED_AT, "when an account left", plan)?;
    let rows = matched.pairs().map(|(row, _)| row);
    formats::check_left(log.table, log.dated, rows, plan)?;
    let back = words::find(log.table, &words::REACTIVATED);
    let mut accounts: Vec<Losses> = vec![Losses::default(); n_book];
    for (row, account, age) in counting(matched, &log) {
        let (Some(account), Some(date)) = (accounts.get_mut(account), log.date(row)) else {
            continue;
        };
        let returned = log.yes(row, back);
        account.n += usize::from(!returned);
        if account.latest.is_none_or(|(last, ..)| age <= last) {
            account.latest = Some((age, returned, date));
        }
    }
    let mut columns = Columns {
        matched,
        built: Vec::new(),
    };
    let left = |a: &Losses| {
        a.latest
            .filter(|(_, returned, _)| !returned)
            .map(|(.., date)| date.to_string())
    };
    columns.add(
        "left_at",
        Some(Role::Churned),
        "latest churn event, where no return followed",
        accounts.iter().map(left),
    );
    columns.add(
        "events",
        None,
        "churn events up to the date of the book",
        accounts.iter().map(|a| Some(a.n.to_string())),
    );
    Ok(columns.built)
}
