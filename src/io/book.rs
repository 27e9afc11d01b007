//! From a table to an account book: roles, amounts, one currency, one row per account, and nothing lost on the way (S1–S4).

use std::collections::HashSet;
use std::sync::Arc;

use super::arr::{self, ArrFrom};
use super::builder::too_much_text;
use super::codes::Codes;
use super::columns::{self, Inferred};
use super::draft::{self, Draft};
use super::joins::{self, Lookups, Shape};
use super::notes::{self, Facts};
use super::rows;
use super::{answers, currency, duplicates, formats, parents};
use crate::error::{Problem, Result};
use crate::model::book::{Book, Entry, RoleColumn};
use crate::model::control::Control;
use crate::model::load::{Join, JoinKind, LoadPlan, Loaded, Reason, SetAside};
use crate::model::money::Money;
use crate::model::role::Role;
use crate::model::table::Table;
use crate::parallel;

/// Builds the book (S1–S4). Rows read = accounts + merged + set aside, and so it is with ARR.
///
/// Errors: those of `answers::check`, `joins::apply`, `columns::infer`, `arr::settle`, `currency::settle` and
/// `duplicates::settle`, and `cancelled`.
pub fn build(mut table: Table, joined: &[Table], plan: &LoadPlan, control: &Control) -> Result<Loaded> {
    const STAGES: u64 = 5;
    answers::check(plan)?;
    control.at("joining files", 0, STAGES)?;
    let joins = joins::apply(&mut table, joined, plan)?;
    if table.has_lost() {
        return Err(too_much_text(&table.source.path).into());
    }
    table.settle();
    control.at("recognising columns", 1, STAGES)?;
    let inferred = columns::infer(&table, &joins.added, plan)?;
    let table = Arc::new(table);
    let from = arr::settle(&table, &inferred, plan)?;
    check_left(&table, &inferred, joins.standing.state, plan)?;
    let mut codes = Codes::default();
    control.at("reading amounts", 2, STAGES)?;
    let mut drafts = rows::read(&table, &inferred, from, joins.standing, plan, &mut codes);
    if from == ArrFrom::RollUp {
        let lines = Shape::of(&table, plan)?.lines(&Lookups::of(&plan.joins, joined, plan)?, plan)?;
        let is_priced = |join: &Join| matches!(join.kind, JoinKind::Items | JoinKind::Prices);
        let priced_elsewhere = joins::may_be_live(&table) && plan.joins.iter().any(is_priced);
        if !priced_elsewhere && !joins::can_roll_up(&table) && lines.iter().all(|line| line.cents.is_none()) {
            return Err(arr::not_subscriptions(&table).into());
        }
        rows::roll_up(&mut drafts, &lines, &mut codes);
    }
    let dated = [Role::Modified, Role::Created, Role::Renewal]
        .iter()
        .find_map(|role| inferred.roles.get(role));
    let dates = |found: &RoleColumn| inferred.formats.dates(found.column, || table.counted(found.column));
    let looked_at = duplicates::Columns {
        name: inferred.roles.get(&Role::Name).map(|c| c.column),
        dated,
        dates: dated.map(dates).unwrap_or_default(),
        subscriptions: joins::is_subscriptions(&table),
        joined_arr: inferred
            .roles
            .get(&Role::Arr)
            .map(|c| c.column)
            .filter(|c| *c >= table.n_read()),
    };
    duplicates::count_once(&mut drafts, &table, &looked_at);
    let currency = currency::settle(&mut drafts, &codes, amount_header(&table, &inferred), plan)?;
    control.at("looking for duplicates", 3, STAGES)?;
    let arr_read_cents = arr_of(&drafts);
    let outcome = duplicates::settle(&mut drafts, &table, &looked_at, &currency, plan)?;
    let mut gone: HashSet<usize> = outcome.gone.iter().copied().collect();
    let parent = inferred.roles.get(&Role::Parent).map(|found| found.column);
    let families = parents::settle(&mut drafts, &gone, &table, parent, plan)?;
    gone.extend(&families.gone);
    control.at("building the book", 4, STAGES)?;
    let remarkable = draft::remarkable(&drafts);
    let set_aside = set_aside(&remarkable);
    let entries = entries(&table, &drafts, &gone);
    let facts = Facts {
        table: &table,
        roles: &inferred.roles,
        drafts: &drafts,
        remarkable: &remarkable,
        set_aside: &set_aside,
        merged: outcome.merged,
        as_of: plan.as_of,
        currency: &currency,
    };
    let quality = notes::quality(&facts);
    let mut questions = inferred.questions.clone();
    questions.extend(joins.questions);
    questions.extend(notes::blank_amounts(&facts, plan));
    questions.extend(families.question);
    let mut findings = table.notes.clone();
    findings.extend(inferred.findings.clone());
    findings.extend(joins.findings);
    findings.extend(notes::findings(&facts, &quality));
    findings.extend(outcome.similar);
    findings.extend(families.finding);
    findings.sort_by_key(|f| f.severity);
    let (rows_read, arr_source) = (drafts.len(), arr::words(from, &table, &inferred));
    let book = Book::new(
        Arc::clone(&table),
        inferred.formats,
        inferred.roles,
        currency,
        plan.as_of,
        entries,
    );
    reconciled(Loaded {
        book,
        arr_source,
        rows_read,
        merged: gone.len(),
        set_aside,
        arr_read_cents,
        columns: inferred.guesses,
        quality,
        joins: joins.joined,
        questions,
        findings,
    })
}

/// Stops where it hangs on the order of day and month which accounts have left: their ARR hangs on it too (S4).
fn check_left(table: &Table, inferred: &Inferred, state: Option<usize>, plan: &LoadPlan) -> Result<()> {
    let decides = |row: &usize| state.is_none_or(|state| table.cell(*row, state).is_empty());
    let rows = || (0..table.n_rows()).filter(decides);
    for role in [Role::Churned, Role::Deleted]
        .iter()
        .filter_map(|role| inferred.roles.get(role))
    {
        let style = inferred.formats.dates(role.column, || table.counted(role.column));
        formats::check_left(table, (role.column, style), rows(), plan)?;
    }
    Ok(())
}

/// The header of the column that amounts are read from.
fn amount_header<'t>(table: &'t Table, inferred: &Inferred) -> &'t str {
    let amount = inferred.roles.get(&Role::Arr).or(inferred.roles.get(&Role::Mrr));
    amount
        .and_then(|found| table.headers().get(found.column))
        .map_or("", String::as_str)
}

/// The promise of S2, checked on every load: a broken one is a defect of this program and must not pass as an answer.
fn reconciled(loaded: Loaded) -> Result<Loaded> {
    let aside: i128 = loaded.set_aside.iter().filter_map(|s| s.arr).map(|m| i128::from(m.0)).sum();
    let rows = loaded.book.len() + loaded.merged + loaded.set_aside.len();
    if rows == loaded.rows_read && loaded.book.total_cents() + aside == loaded.arr_read_cents {
        return Ok(loaded);
    }
    Err(Problem::new(
        "internal",
        "rows or ARR were lost while the book was read; please report this",
    )
    .into())
}

fn arr_of(drafts: &[Draft]) -> i128 {
    let sum = |range| {
        let rows: &[Draft] = drafts.get(range).unwrap_or_default();
        rows.iter().filter_map(|draft| draft.cents).map(i128::from).sum::<i128>()
    };
    parallel::in_parts(drafts.len(), parallel::LEAST, sum).into_iter().sum()
}

fn set_aside(drafts: &[&Draft]) -> Vec<SetAside> {
    let aside = |draft: &&Draft| {
        let reason: Reason = draft.fate?;
        Some(SetAside {
            row: draft.row,
            reason,
            arr: draft.cents.map(Money),
            note: draft.note.clone(),
            not_started: draft.not_started,
        })
    };
    drafts.iter().filter_map(aside).collect()
}

fn entries<'d>(table: &'d Table, drafts: &'d [Draft], gone: &'d HashSet<usize>) -> impl Iterator<Item = Entry<'d>> + Clone {
    let kept = drafts
        .iter()
        .enumerate()
        .filter(|(at, d)| d.fate.is_none() && !gone.contains(at));
    kept.map(|(_, draft)| {
        let missing = |text: &str| text.is_empty().then(|| draft.label(table));
        Entry {
            id: missing(draft.id),
            name: missing(draft.name),
            arr: Money(draft.cents.unwrap_or(0)),
            row: draft.row,
        }
    })
}

#[cfg(test)]
mod tests;
