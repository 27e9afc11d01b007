//! Subscription rows: which of them are live at a date, what each is worth a year, and what they come to per account (S18).

use jiff::civil::Date;

use super::lookups::Lookups;
use super::price::Price;
use super::{Matched, NewColumn, words};
use crate::error::{Problem, Result};
use crate::io::{formats, quoted};
use crate::model::load::LoadPlan;
use crate::model::money::Money;
use crate::model::role::Role;
use crate::model::table::{Arena, Table};
use crate::model::values::{self, DateStyle, present};

/// Name of the column that says how an account's subscriptions stand: `live`, `trial` or `ended`.
pub(super) const STATE: &str = "state";

/// How a subscription stands at a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It counts.
    Live,
    /// It does not count, and the account is there.
    Trial,
    /// It does not count, for this reason.
    Out(&'static str),
}

/// A subscription row, read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    pub(crate) state: State,
    /// What it is worth a year, in cents; none where no amount can be read.
    pub(crate) cents: Option<i64>,
    /// The currency that the row names.
    pub(crate) currency: Option<String>,
}

/// The columns of a table of subscriptions.
pub(crate) struct Shape<'t> {
    table: &'t Table,
    status: Option<usize>,
    start: Option<(usize, DateStyle)>,
    end: Option<(usize, DateStyle)>,
    asked: Option<(usize, DateStyle)>,
    trial: Option<usize>,
    trial_end: Option<(usize, DateStyle)>,
    deleted: Option<usize>,
    own_id: Option<usize>,
    pub(super) price: Price<'t>,
    as_of: Date,
}

impl<'t> Shape<'t> {
    /// The columns by their names.
    pub(crate) fn of(table: &'t Table, plan: &LoadPlan) -> Result<Shape<'t>> {
        let find = |names: &[&str]| words::find(table, names);
        let fallback = formats::order_of(plan);
        let dated = |column: Option<usize>| column.map(|column| (column, formats::dates_of(table, column, fallback)));
        Ok(Shape {
            table,
            status: find(&words::STATUS),
            start: dated(find(&words::START)),
            end: dated(find(&words::END)),
            asked: dated(find(&words::ASKED_TO_END)),
            trial: find(&words::TRIAL),
            trial_end: dated(find(&words::TRIAL_END)),
            deleted: find(&words::DELETED),
            own_id: find(&words::SUBSCRIPTION_ID),
            price: Price::of(table, plan)?,
            as_of: plan.as_of,
        })
    }

    /// Every row of the table, read. Error: `question_quantity`.
    pub(crate) fn lines(&self, lookups: &Lookups) -> Result<Vec<Line>> {
        self.price.check_quantity(|row| self.state(row) == State::Live)?;
        Ok((0..self.table.n_rows()).map(|row| self.line(row, lookups)).collect())
    }

    fn line(&self, row: usize, lookups: &Lookups) -> Line {
        let own_id = self.own_id.map_or("", |column| self.table.cell(row, column));
        let priced = lookups.priced(&self.price, row, own_id);
        Line {
            state: self.state(row),
            cents: priced.cents,
            currency: priced.currency,
        }
    }

    fn state(&self, row: usize) -> State {
        let cell = |column: Option<usize>| column.and_then(|column| present(self.table.cell(row, column)));
        let date = |column: Option<(usize, DateStyle)>| {
            let (column, style) = column?;
            values::date(self.table.cell(row, column), style)
        };
        if cell(self.deleted).is_some_and(|text| values::truthy(text) != Some(false)) {
            return State::Out("deleted");
        }
        let by_status = cell(self.status).and_then(by_status);
        if let Some(State::Out(reason)) = by_status {
            return State::Out(reason);
        }
        if date(self.start).is_some_and(|start| start > self.as_of) {
            return State::Out("not_started");
        }
        // Half open: what ends on a day is no longer there on that day.
        let ended = |end: Option<Date>| end.is_some_and(|end| end <= self.as_of);
        let cancelled = self.end.is_none() && by_status.is_none() && ended(date(self.asked));
        if ended(date(self.end)) || cancelled {
            return State::Out("ended");
        }
        let tried = cell(self.trial).and_then(values::truthy) == Some(true);
        // A status that says live knows better than the end of a trial that was paid for early.
        let trying = by_status.is_none() && date(self.trial_end).is_some_and(|end| end > self.as_of);
        match tried || trying || by_status == Some(State::Trial) {
            true => State::Trial,
            false => State::Live,
        }
    }

    fn start_of(&self, row: usize) -> Option<Date> {
        let (column, style) = self.start?;
        values::date(self.table.cell(row, column), style)
    }
}

/// Whether rows of a table look like subscriptions: an amount for an interval with dates, a status or a subscription's id, or
/// a subscription's id with a start, an end and an amount.
pub(crate) fn is_subscriptions(table: &Table) -> bool {
    let has = |names: &[&str]| words::find(table, names).is_some();
    let own = has(&words::SUBSCRIPTION_OF);
    let dated = has(&words::START) && (has(&words::END) || has(&words::ASKED_TO_END));
    let for_interval = is_priced_by_interval(table);
    let monthly = has(&words::MONTHLY) || has(&words::ANNUAL);
    (for_interval && (own || dated || has(&words::STATUS))) || (own && dated && (for_interval || monthly))
}

/// Whether a table has amounts for an interval: subscriptions, their lines, or a price list.
pub(crate) fn is_priced_by_interval(table: &Table) -> bool {
    let has = |names: &[&str]| words::find(table, names).is_some();
    has(&words::AMOUNT) && has(&words::INTERVAL)
}

/// Whether rows of a table can be rolled up when somebody says that they are subscriptions.
pub(crate) fn can_roll_up(table: &Table) -> bool {
    let has = |names: &[&str]| words::find(table, names).is_some();
    let priced = has(&words::MONTHLY) || has(&words::ANNUAL) || is_priced_by_interval(table);
    priced && (has(&words::START) || has(&words::END) || has(&words::STATUS))
}

/// What a status says; none for a word that is not known, so that dates decide.
fn by_status(status: &str) -> Option<State> {
    let word: String = status.to_lowercase().replace(['_', '-'], " ");
    Some(match word.trim() {
        "active" | "live" | "past due" | "current" | "in force" | "renewed" | "non renewing" | "aktiv" | "actif" | "activo" => {
            State::Live
        }
        "trialing" | "trial" | "in trial" | "trialling" => State::Trial,
        "canceled" | "cancelled" | "gekündigt" | "résilié" | "cancelado" => State::Out("canceled"),
        "ended" | "expired" | "terminated" | "churned" | "lapsed" | "closed" | "inactive" | "completed" => State::Out("ended"),
        "unpaid" => State::Out("unpaid"),
        "paused" | "on hold" => State::Out("paused"),
        "incomplete" | "incomplete expired" => State::Out("incomplete"),
        "pending" | "draft" | "future" | "scheduled" | "signed" => State::Out("not_started"),
        _ => return None,
    })
}

/// What the rows of one account come to.
#[derive(Default, Clone)]
struct Rolled {
    cents: i128,
    live: usize,
    trial: usize,
    out: usize,
    currency: Option<String>,
    since: Option<Date>,
}

/// Rolls subscriptions up to ARR. Errors: those of [`Shape`], `several_currencies`, `arr_too_large`.
pub(super) fn join(matched: &mut Matched, lookups: &Lookups, n_book: usize, plan: &LoadPlan) -> Result<Vec<NewColumn>> {
    let shape = Shape::of(matched.table, plan)?;
    if !shape.price.has_amount() && !lookups.has_prices() {
        return Err(no_amount(matched).into());
    }
    let lines = shape.lines(lookups)?;
    let base = commonest(&lines);
    let mut rolled: Vec<Rolled> = vec![Rolled::default(); n_book];
    let mut lost: i128 = 0;
    for (row, line) in lines.iter().enumerate() {
        let cents = in_base(line, base.as_deref(), plan)?;
        let Some(account) = matched.rows.get(row).copied().flatten() else {
            lost += i128::from(cents.filter(|_| line.state == State::Live).unwrap_or(0));
            continue;
        };
        let left_out = match (line.state, cents) {
            (State::Live, Some(_)) => None,
            (State::Live, None) => Some("unreadable"),
            (State::Trial, _) => Some("trial"),
            (State::Out(reason), _) => Some(reason),
        };
        if let Some(reason) = left_out {
            matched.leave_out(reason, cents.unwrap_or(0));
        }
        let Some(sum) = rolled.get_mut(account as usize) else {
            continue;
        };
        match line.state {
            State::Live => {
                sum.cents += i128::from(cents.unwrap_or(0));
                sum.live += 1;
                sum.currency = sum.currency.take().or_else(|| base.clone());
                let start = shape.start_of(row);
                sum.since = [sum.since, start].into_iter().flatten().min();
            }
            State::Trial => sum.trial += 1,
            State::Out(_) => sum.out += 1,
        }
    }
    matched.report.arr_cents = Some(rolled.iter().map(|sum| sum.cents).sum());
    matched.report.arr_unmatched_cents = Some(lost);
    columns(matched, &rolled, shape.price.words())
}

fn columns(matched: &Matched, rolled: &[Rolled], words: &str) -> Result<Vec<NewColumn>> {
    let file = quoted(&matched.report.path);
    let (mut arr, mut live, mut state, mut since, mut currency) = (
        Arena::default(),
        Arena::default(),
        Arena::default(),
        Arena::default(),
        Arena::default(),
    );
    for sum in rolled {
        let known = sum.live + sum.trial + sum.out > 0;
        let cents = i64::try_from(sum.cents).map_err(|_| Problem::new("arr_too_large", "the ARR of an account does not fit"))?;
        arr.push(&if known { Money(cents).plain() } else { String::new() });
        live.push(&if known { sum.live.to_string() } else { String::new() });
        state.push(match (sum.live, sum.trial, known) {
            (1.., ..) => "live",
            (_, 1.., _) => "trial",
            (_, _, true) => "ended",
            _ => "",
        });
        since.push(&sum.since.map(|date| date.to_string()).unwrap_or_default());
        currency.push(sum.currency.as_deref().unwrap_or(""));
    }
    let dated = rolled.iter().any(|sum| sum.since.is_some());
    let named = rolled.iter().any(|sum| sum.currency.is_some());
    let column = |name: &str, role: Option<Role>, evidence: String, cells: Arena| NewColumn {
        header: matched.named(name),
        role,
        evidence,
        cells,
    };
    let mut columns = vec![
        column(
            "arr",
            Some(Role::Arr),
            format!("live rows of {file}, {words}, summed by account"),
            arr,
        ),
        column("live", None, format!("live rows of {file}"), live),
        column(STATE, None, format!("whether {file} has live rows for the account"), state),
    ];
    if dated {
        columns.push(column(
            "since",
            Some(Role::Created),
            format!("first start among the live rows of {file}"),
            since,
        ));
    }
    if named {
        columns.push(column(
            "currency",
            Some(Role::Currency),
            format!("currency of the rows of {file}"),
            currency,
        ));
    }
    Ok(columns)
}

/// The currency that most rows are in.
fn commonest(lines: &[Line]) -> Option<String> {
    let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for code in lines
        .iter()
        .filter(|line| line.state == State::Live)
        .filter_map(|line| line.currency.as_deref())
    {
        *counts.entry(code).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(code, n)| (*n, std::cmp::Reverse(*code)))?;
    Some(most.0.to_string())
}

/// A line's amount in the commonest currency. Error: `several_currencies`, where there is no rate.
fn in_base(line: &Line, base: Option<&str>, plan: &LoadPlan) -> Result<Option<i64>> {
    let (Some(cents), Some(code), Some(base)) = (line.cents, line.currency.as_deref(), base) else {
        return Ok(line.cents);
    };
    if code == base || line.state != State::Live {
        return Ok(Some(cents));
    }
    match plan.rates.get(code) {
        Some(rate) => Ok(crate::io::currency::converted(cents, *rate)),
        None => Err(Problem::new(
            "several_currencies",
            format!("subscriptions are in {base} and in {code}, so they cannot be added"),
        )
        .at("rates")
        .expected(format!("a number for {code}: {base} per {code}"))
        .fix(serde_json::json!({"rates": {code: format!("{base} per {code}")}}))
        .into()),
    }
}

fn no_amount(matched: &Matched) -> Problem {
    let file = quoted(&matched.report.path);
    Problem::new(
        "arr_not_found",
        format!("no column of {file} holds what a subscription is worth"),
    )
    .at("joins")
    .found(matched.table.headers().iter().map(|header| quoted(header)))
    .expected("a column such as arr, mrr, or amount with an interval; or a join of kind prices that has them")
}
