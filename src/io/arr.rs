//! Where ARR comes from, and the questions that stop a load because ARR hangs on them (S1, S4).

use std::collections::HashSet;

use serde_json::json;

use super::answers::{self, ARR_UNIT, CONTRACT_VALUE, DUPLICATES};
use super::columns::Inferred;
use super::joins::{can_roll_up, is_priced_by_interval, is_subscriptions};
use super::{dictionary, quoted};
use crate::error::{Error, Problem, Result};
use crate::model::load::{JoinKind, LoadPlan};
use crate::model::role::Role;
use crate::model::table::Table;
use crate::model::values::{Decimal, is_amount, present};

/// What an account's ARR is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ArrFrom {
    /// The columns of ARR, MRR and committed ARR.
    Columns,
    /// Rows of subscriptions in the book itself, rolled up.
    RollUp,
    /// The value of the whole contract over its term.
    ContractOverTerm,
}

/// Decides where ARR comes from. Errors: `arr_not_found`, `no_name_or_id`, and the questions about ARR: `question_duplicates`
/// (roll up?), `question_contract_value`, `question_arr_unit`.
pub(crate) fn settle(table: &Table, inferred: &Inferred, plan: &LoadPlan) -> Result<ArrFrom> {
    let has = |role: Role| inferred.roles.contains_key(&role);
    let mut problems = Vec::new();
    if !has(Role::Id) && !has(Role::Name) {
        problems.push(no_name_or_id(table, inferred));
    }
    let asked = answers::is(plan, DUPLICATES, "roll_up");
    // Prices may lie in a joined file; whether they are found is known when the rows are rolled up.
    let priced = plan
        .joins
        .iter()
        .any(|join| matches!(join.kind, JoinKind::Items | JoinKind::Prices));
    if asked && !can_roll_up(table) && !priced {
        problems.push(not_subscriptions(table));
    }
    let from = match () {
        () if asked => ArrFrom::RollUp,
        () if has(Role::Arr) || has(Role::Mrr) => ArrFrom::Columns,
        () if answers::is(plan, CONTRACT_VALUE, "over_term") && has(Role::Tcv) && has(Role::TermMonths) => {
            ArrFrom::ContractOverTerm
        }
        () => {
            problems.push(match () {
                () if is_subscriptions(table) => roll_up(table),
                () if has(Role::Tcv) && has(Role::TermMonths) && !plan.answers.contains_key(CONTRACT_VALUE) => {
                    contract_value(table, inferred)
                }
                () => arr_not_found(table, inferred),
            });
            ArrFrom::Columns
        }
    };
    if problems.is_empty() && from == ArrFrom::Columns && !plan.answers.contains_key(ARR_UNIT) {
        problems.extend(chartmogul_cents(table, inferred));
        problems.extend(hundredfold(table, inferred));
    }
    Error::unless_none(problems).map(|()| from)
}

/// In words, for every answer about the whole.
pub(crate) fn words(from: ArrFrom, table: &Table, inferred: &Inferred) -> String {
    let header = |role: Role| {
        let column = inferred.roles.get(&role)?.column;
        let header = table.headers().get(column).map(|header| quoted(header))?;
        let worked_out = column >= table.n_read();
        Some((header, worked_out))
    };
    match (from, header(Role::Arr), header(Role::Mrr)) {
        (ArrFrom::RollUp, ..) => "ARR is rolled up from the live subscription rows of the book".into(),
        (ArrFrom::ContractOverTerm, ..) => {
            let (value, term) = (header(Role::Tcv), header(Role::TermMonths));
            let name = |found: Option<(String, bool)>| found.map(|(header, _)| header).unwrap_or_default();
            format!("ARR is 12 times {} over {} in months", name(value), name(term))
        }
        (_, Some((header, true)), _) => format!("ARR is rolled up from a joined file, as {header}"),
        (_, Some((header, false)), _) => format!("ARR is read from {header}"),
        (_, None, Some((header, _))) => format!("ARR is 12 times {header}"),
        (_, None, None) => "ARR is read from committed amounts".into(),
    }
}

/// One row per subscription: adding rows up as they stand would count what has ended, and months as years.
fn roll_up(table: &Table) -> Problem {
    let message = format!(
        "{} looks like one row per subscription: shall live rows be brought to a year and added up by account?",
        quoted(&table.source.path)
    );
    Problem::new("question_duplicates", message)
        .at("answers.duplicates")
        .expected("roll_up; or columns.arr, where a column holds the ARR of the account")
        .fix(json!({"answers": {DUPLICATES: "roll_up"}}))
}

/// What an answer is refused with that takes rows for subscriptions that are none.
pub(crate) fn not_subscriptions(table: &Table) -> Problem {
    let message = format!(
        "the rows of {} are no subscriptions that can be rolled up",
        quoted(&table.source.path)
    );
    Problem::new("bad_answer", message)
        .at("answers.duplicates")
        .expected("sum, latest or first; roll_up needs an amount (arr, mrr, or amount with interval) and dates or a status")
}

fn contract_value(table: &Table, inferred: &Inferred) -> Problem {
    let header = |role: Role| {
        let column = inferred.roles.get(&role).and_then(|found| table.headers().get(found.column));
        column.map(|header| quoted(header)).unwrap_or_default()
    };
    let message = format!(
        "{} has no ARR, and {} is the value of a whole contract: shall it be divided by {} in months and taken 12 times?",
        quoted(&table.source.path),
        header(Role::Tcv),
        header(Role::TermMonths)
    );
    Problem::new("question_contract_value", message)
        .at(format!("answers.{CONTRACT_VALUE}"))
        .expected("over_term; or columns.arr, where another column holds ARR")
        .fix(json!({"answers": {CONTRACT_VALUE: "over_term"}}))
}

/// Names the columns that look like ARR and are not, and offers the likeliest column of numbers.
fn arr_not_found(table: &Table, inferred: &Inferred) -> Problem {
    const LOOKED_AT_MAX: usize = 500;
    let refused: Vec<String> = inferred
        .guesses
        .iter()
        .filter(|g| g.role.is_none() && (g.evidence.starts_with("not ARR") || g.evidence.starts_with("header looks like")))
        .filter(|g| dictionary::money_rank(&dictionary::header(&g.header)) < 2)
        .take(3)
        .map(|g| {
            format!(
                "{} was not taken: {}",
                quoted(&g.header),
                g.evidence.trim_start_matches("not ARR: ")
            )
        })
        .collect();
    let mut numeric: Vec<(u8, &str)> = Vec::new();
    for (index, guess) in inferred.guesses.iter().enumerate().filter(|(_, g)| g.role.is_none()) {
        let filled = || table.column(index).filter_map(present).take(LOOKED_AT_MAX);
        let amounts = filled().filter(|c| is_amount(c)).count();
        if amounts == 0 || amounts * 2 < filled().count() {
            continue;
        }
        numeric.push((dictionary::money_rank(&dictionary::header(&guess.header)), &guess.header));
    }
    numeric.sort_by_key(|(rank, _)| *rank);
    let why = if refused.is_empty() {
        String::new()
    } else {
        format!("; {}", refused.join("; "))
    };
    let message = format!("no column of {} holds ARR or MRR{why}", quoted(&table.source.path));
    let problem = Problem::new("arr_not_found", message)
        .at("columns.arr")
        .found(numeric.iter().map(|(_, header)| quoted(header)))
        .expected(
            "the header of what an account pays a year (columns.arr) or a month (columns.mrr), or a join of kind subscriptions",
        );
    let is_trap = |header: &str| dictionary::trap(&dictionary::header(header)).is_some();
    // An amount for an interval is no ARR, whatever its header: such a file is joined, not read as a book.
    if is_priced_by_interval(table) {
        return problem
            .expected("a book of accounts; this file can be joined to one as kind `subscriptions`, `items` or `prices`");
    }
    match numeric.first() {
        // A count of employees is no candidate, whatever else is missing; nor is what has just been refused.
        Some((rank, best)) if *rank < 3 && !is_trap(best) => problem.fix(json!({"columns": {"arr": best}})),
        _ => problem,
    }
}

fn no_name_or_id(table: &Table, inferred: &Inferred) -> Problem {
    let free: Vec<(usize, &str)> = inferred
        .guesses
        .iter()
        .enumerate()
        .filter(|(_, g)| g.role.is_none())
        .map(|(i, g)| (i, g.header.as_str()))
        .collect();
    let distinct = |column: usize| {
        let cells: Vec<&str> = table.column(column).filter_map(present).take(2_000).collect();
        cells.iter().collect::<HashSet<_>>().len()
    };
    let best = free.iter().max_by_key(|(i, _)| (distinct(*i), std::cmp::Reverse(*i)));
    let message = format!("no column of {} says which account a row is", quoted(&table.source.path));
    let problem = Problem::new("no_name_or_id", message)
        .at("columns.name")
        .found(free.iter().map(|(_, h)| quoted(h)));
    match best {
        Some((_, header)) => problem.fix(json!({"columns": {"name": header}})),
        None => problem.expected("a column of account names or ids"),
    }
}

fn unit_question(message: String) -> Problem {
    Problem::new("question_arr_unit", message)
        .at(format!("answers.{ARR_UNIT}"))
        .expected("cents or units")
        .fix(json!({"answers": {ARR_UNIT: "cents"}}))
}

/// ChartMogul writes MRR and ARR in cents and says so nowhere in the file; a hundredfold ARR must not slip in.
fn chartmogul_cents(table: &Table, inferred: &Inferred) -> Option<Problem> {
    let has = |words: &str| table.headers().iter().any(|h| dictionary::header(h).words.join(" ") == words);
    let column = inferred.roles.get(&Role::Arr).or(inferred.roles.get(&Role::Mrr))?.column;
    let header = table.headers().get(column)?;
    let whole = table
        .column(column)
        .filter_map(present)
        .take(500)
        .all(|c| c.bytes().all(|b| b.is_ascii_digit()));
    (has("subscriber since") && has("billing cycle") && whole && !dictionary::in_cents(header)).then(|| {
        unit_question(format!(
            "this looks like a ChartMogul export, whose {} is in cents: is it?",
            quoted(header)
        ))
    })
}

/// The roles that an answer to `arr_unit` is about: ARR, and MRR where it is in the unit of ARR; without ARR what stands in.
pub(crate) fn unit_answered(table: &Table, inferred: &Inferred) -> Vec<Role> {
    let first = [Role::Arr, Role::Mrr, Role::CommittedArr]
        .into_iter()
        .find(|role| inferred.roles.contains_key(role));
    let mut answered: Vec<Role> = first.into_iter().collect();
    if months_in_arr(table, inferred).is_some_and(|months| (11.4..=12.6).contains(&months)) {
        answered.push(Role::Mrr);
    }
    answered
}

/// How many times MRR ARR is, by the middle account.
fn months_in_arr(table: &Table, inferred: &Inferred) -> Option<f64> {
    const LOOKED_AT_MAX: usize = 500;
    let (arr, mrr) = (inferred.roles.get(&Role::Arr)?.column, inferred.roles.get(&Role::Mrr)?.column);
    let decimal = |column: usize| -> Decimal { inferred.formats.decimal(column, || table.counted(column)) };
    let (of_arr, of_mrr) = (decimal(arr), decimal(mrr));
    let ratio = |row: usize| {
        let (arr, mrr) = (
            of_arr.money(table.cell(row, arr))?.cents,
            of_mrr.money(table.cell(row, mrr))?.cents,
        );
        (arr > 0 && mrr > 0).then(|| arr as f64 / mrr as f64)
    };
    let mut ratios: Vec<f64> = (0..table.n_rows()).filter_map(ratio).take(LOOKED_AT_MAX).collect();
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied()
}

/// ARR a hundred times 12 × MRR: one of the two counts cents.
fn hundredfold(table: &Table, inferred: &Inferred) -> Option<Problem> {
    let months = months_in_arr(table, inferred)?;
    let header = |role: Role| {
        let column = inferred.roles.get(&role).and_then(|found| table.headers().get(found.column));
        column.map(|header| quoted(header)).unwrap_or_default()
    };
    (1_140.0..=1_260.0).contains(&months).then(|| {
        unit_question(format!(
            "{} is 1,200 times {}, as if it were in cents: is it?",
            header(Role::Arr),
            header(Role::Mrr)
        ))
    })
}
