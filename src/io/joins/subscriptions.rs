//! Subscription rows: which of them are live at a date, what each is worth a year, and what they come to per account (S18).

use jiff::civil::Date;

use super::costs::{self, Cost};
use super::lookups::Lookups;
use super::price::{Price, Priced};
use super::{Matched, NewColumn, UNREADABLE, words};
use crate::error::{Problem, Result};
use crate::io::{formats, quoted};
use crate::model::column::Column;
use crate::model::load::LoadPlan;
use crate::model::money::Money;
use crate::model::role::Role;
use crate::model::table::Table;
use crate::model::values::{self, DateOrder, DateStyle, present, trim};

/// Name of the column that says how an account's subscriptions stand: `live`, `trial`, `not_started` or `ended`.
pub(super) const STATE: &str = "state";
/// Name of the column of their currency.
pub(super) const CURRENCY: &str = "currency";
/// Why a subscription that is yet to come does not count.
pub(crate) const NOT_STARTED: &str = "not_started";

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
    dates: Dates,
    trial: Option<usize>,
    deleted: Option<usize>,
    own_id: Option<usize>,
    pub(super) price: Price<'t>,
    as_of: Date,
}

/// The columns of dates, with how each writes them.
#[derive(Clone, Copy)]
struct Dates {
    start: Option<(usize, DateStyle)>,
    end: Option<(usize, DateStyle)>,
    asked: Option<(usize, DateStyle)>,
    trial_end: Option<(usize, DateStyle)>,
}

impl Dates {
    fn of(table: &Table, plan: &LoadPlan) -> Dates {
        let order = formats::order_in(table, plan);
        let dated = |names: &[&str]| words::find(table, names).map(|column| (column, formats::dates_of(table, column, order)));
        Dates {
            start: dated(&words::START),
            end: dated(&words::END),
            asked: dated(&words::ASKED_TO_END),
            trial_end: dated(&words::TRIAL_END),
        }
    }

    /// Columns whose order nothing tells.
    fn open(&self) -> Vec<usize> {
        let all = [self.start, self.end, self.asked, self.trial_end];
        all.into_iter()
            .flatten()
            .filter(|(_, style)| formats::is_open(*style))
            .map(|(column, _)| column)
            .collect()
    }

    /// The same with the open ones in this order.
    fn read_as(self, order: DateOrder) -> Dates {
        let read = |column: Option<(usize, DateStyle)>| {
            column.map(|(column, style)| match formats::is_open(style) {
                true => (column, DateStyle { order, ..style }),
                false => (column, style),
            })
        };
        Dates {
            start: read(self.start),
            end: read(self.end),
            asked: read(self.asked),
            trial_end: read(self.trial_end),
        }
    }
}

impl<'t> Shape<'t> {
    /// The columns by their names.
    pub(crate) fn of(table: &'t Table, plan: &LoadPlan) -> Result<Shape<'t>> {
        let find = |names: &[&str]| words::find(table, names);
        Ok(Shape {
            table,
            status: find(&words::STATUS),
            dates: Dates::of(table, plan),
            trial: find(&words::TRIAL),
            deleted: find(&words::DELETED),
            own_id: find(&words::SUBSCRIPTION_ID),
            price: Price::of(table, plan)?,
            as_of: plan.as_of,
        })
    }

    /// Every row of the table, read. Errors: `question_date_order`, `question_quantity`, `several_prices`,
    /// `several_currencies`.
    pub(crate) fn lines(&self, lookups: &Lookups, plan: &LoadPlan) -> Result<Vec<Line>> {
        self.check_dates()?;
        let states: Vec<State> = (0..self.table.n_rows()).map(|row| self.state(row, self.dates)).collect();
        let is_live = |row: usize| states.get(row) == Some(&State::Live);
        self.price.check_quantity(is_live)?;
        let own_id = |row: usize| self.own_id.map_or("", |column| self.table.cell(row, column).trim());
        let live = (0..self.table.n_rows()).filter(|row| is_live(*row)).map(own_id).collect();
        lookups.check_quantity(&live)?;
        let priced: Vec<Vec<Priced>> = (0..self.table.n_rows())
            .map(|row| lookups.priced(&self.price, row, own_id(row)))
            .collect();
        let open = |row: &usize| is_live(*row) && priced.get(*row).is_some_and(|parts| parts.iter().any(|part| part.open));
        if let Some(row) = (0..self.table.n_rows()).find(open) {
            return Err(lookups.which_price(&self.table.place(row)).into());
        }
        costs::in_one_currency(&states, priced, plan)
    }

    /// Stops with a question where whether a row counts hangs on the order of day and month.
    fn check_dates(&self) -> Result<()> {
        let open = self.dates.open();
        let kind = |row: usize, order: DateOrder| match self.state(row, self.dates.read_as(order)) {
            State::Out(_) => State::Out(""),
            other => other,
        };
        let hangs = |row: usize| kind(row, DateOrder::DayFirst) != kind(row, DateOrder::MonthFirst);
        match !open.is_empty() && (0..self.table.n_rows()).any(hangs) {
            true => Err(formats::which_order(self.table, &open, "whether subscriptions count").into()),
            false => Ok(()),
        }
    }

    fn state(&self, row: usize, dates: Dates) -> State {
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
        if date(dates.start).is_some_and(|start| start > self.as_of) {
            return State::Out(NOT_STARTED);
        }
        // Half open: what ends on a day is no longer there on that day.
        let ended = |end: Option<Date>| end.is_some_and(|end| end <= self.as_of);
        let cancelled = dates.end.is_none() && by_status.is_none() && ended(date(dates.asked));
        if ended(date(dates.end)) || cancelled {
            return State::Out("ended");
        }
        let tried = cell(self.trial).and_then(values::truthy) == Some(true);
        // A status that says live knows better than the end of a trial that was paid for early.
        let trying = by_status.is_none() && date(dates.trial_end).is_some_and(|end| end > self.as_of);
        match tried || trying || by_status == Some(State::Trial) {
            true => State::Trial,
            false => State::Live,
        }
    }

    fn start_of(&self, row: usize) -> Option<Date> {
        let (column, style) = self.dates.start?;
        values::date(self.table.cell(row, column), style)
    }

    /// A row whose amount cannot be read, in words that are no amount.
    fn unread(&self, row: usize) -> String {
        format!("{}: {}", self.table.place(row), trim(self.price.text_of(row)))
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

/// Whether rows of a table may be live or not, whatever they are worth: their prices may lie in a joined file.
pub(crate) fn may_be_live(table: &Table) -> bool {
    let has = |names: &[&str]| words::find(table, names).is_some();
    has(&words::STATUS) || has(&words::START) || has(&words::END)
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
        "pending" | "draft" | "future" | "scheduled" | "signed" => State::Out(NOT_STARTED),
        _ => return None,
    })
}

/// What the rows of one account come to.
#[derive(Default, Clone)]
struct Rolled {
    cents: i128,
    /// Live rows, and those of them that count.
    live: usize,
    counted: usize,
    trial: usize,
    to_come: usize,
    out: usize,
    /// A live row without a readable amount.
    unread: Option<String>,
    /// Live rows in a currency without a rate.
    foreign: Option<(String, i128)>,
    since: Option<Date>,
}

impl Rolled {
    fn add(&mut self, state: State, cost: &Cost) {
        match state {
            State::Live => self.live += 1,
            State::Trial => self.trial += 1,
            State::Out(NOT_STARTED) => self.to_come += 1,
            State::Out(_) => self.out += 1,
        }
        match cost {
            _ if state != State::Live => {}
            Cost::Cents(cents) => {
                self.cents += i128::from(*cents);
                self.counted += 1;
            }
            Cost::Foreign(code, cents) => {
                let (held, sum) = self.foreign.get_or_insert_with(|| (code.clone(), 0));
                *sum += if held == code { i128::from(*cents) } else { 0 };
            }
            Cost::Unread => {}
        }
    }
}

/// Rolls subscriptions up to ARR. Errors: those of [`Shape`], `several_currencies`, `arr_too_large`.
pub(super) fn join(matched: &mut Matched, lookups: &Lookups, n_book: usize, plan: &LoadPlan) -> Result<Vec<NewColumn>> {
    let shape = Shape::of(matched.table, plan)?;
    if !shape.price.has_amount() && !lookups.has_prices() {
        return Err(no_amount(matched).into());
    }
    let lines = shape.lines(lookups, plan)?;
    let (base, costs) = costs::in_base(&lines, plan)?;
    let mut rolled: Vec<Rolled> = vec![Rolled::default(); n_book];
    let mut lost: i128 = 0;
    for (row, (line, cost)) in lines.iter().zip(&costs).enumerate() {
        let Some(account) = matched.rows.get(row).copied().flatten() else {
            lost += match cost {
                Cost::Cents(cents) if line.state == State::Live => i128::from(*cents),
                _ => 0,
            };
            continue;
        };
        let (left_out, cents) = match (line.state, cost) {
            (State::Live, Cost::Cents(_)) => (None, 0),
            (State::Live, Cost::Unread) => (Some(UNREADABLE), 0),
            (State::Live, Cost::Foreign(..)) => (Some("foreign_currency"), 0),
            (State::Trial, cost) => (Some("trial"), cost.cents()),
            (State::Out(reason), cost) => (Some(reason), cost.cents()),
        };
        if let Some(reason) = left_out {
            matched.leave_out(reason, cents);
        }
        let Some(sum) = rolled.get_mut(account as usize) else {
            continue;
        };
        sum.add(line.state, cost);
        if line.state == State::Live {
            sum.since = [sum.since, shape.start_of(row)].into_iter().flatten().min();
        }
        if left_out == Some(UNREADABLE) {
            sum.unread.get_or_insert_with(|| shape.unread(row));
        }
    }
    matched.report.arr_cents = Some(rolled.iter().map(|sum| sum.cents).sum());
    matched.report.arr_unmatched_cents = Some(lost);
    columns(matched, &rolled, base.as_deref(), shape.price.words())
}

fn columns(matched: &Matched, rolled: &[Rolled], base: Option<&str>, words: &str) -> Result<Vec<NewColumn>> {
    let file = quoted(&matched.report.path);
    let (mut arr, mut live, mut state, mut since, mut currency) = (
        Column::default(),
        Column::default(),
        Column::default(),
        Column::default(),
        Column::default(),
    );
    for sum in rolled {
        let known = sum.live + sum.trial + sum.to_come + sum.out > 0;
        let lost = sum.live > 0 && sum.counted == 0;
        let foreign = sum.foreign.as_ref().filter(|_| lost);
        let cents = foreign.map_or(sum.cents, |(_, cents)| *cents);
        let cents = i64::try_from(cents).map_err(|_| Problem::new("arr_too_large", "the ARR of an account does not fit"))?;
        arr.push(&match (known, &sum.unread) {
            (false, _) => String::new(),
            // What the account pays is not known, and is not nothing: the row is set aside by this cell.
            (true, Some(unread)) if lost && foreign.is_none() => unread.clone(),
            (true, _) => Money(cents).plain(),
        });
        live.push(&if known { sum.live.to_string() } else { String::new() });
        state.push(match (sum.live, sum.trial, sum.out, sum.to_come) {
            (1.., ..) => "live",
            (_, 1.., ..) => "trial",
            (_, _, 1.., _) => "ended",
            (.., 1..) => NOT_STARTED,
            _ => "",
        });
        since.push(&sum.since.map(|date| date.to_string()).unwrap_or_default());
        let code = foreign.map(|(code, _)| code.as_str()).or(base);
        currency.push(code.filter(|_| sum.live > 0).unwrap_or(""));
    }
    let dated = rolled.iter().any(|sum| sum.since.is_some());
    let named = base.is_some() && rolled.iter().any(|sum| sum.live > 0);
    let column = |name: &str, role: Option<Role>, evidence: String, cells: Column| NewColumn {
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
            CURRENCY,
            Some(Role::Currency),
            format!("currency of the rows of {file}"),
            currency,
        ));
    }
    Ok(columns)
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
