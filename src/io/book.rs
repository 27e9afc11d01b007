//! From a table to an account book: roles, amounts, one currency, one row per account, and nothing lost on the way (S1–S4).

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde_json::json;

use super::codes::Codes;
use super::columns::{self, Inferred};
use super::currency;
use super::duplicates;
use super::notes::{self, Facts};
use super::rows::{self, Draft};
use super::{dictionary, formats, quoted, scale};
use crate::error::{Error, Problem, Result, candidates};
use crate::model::book::{Book, Entry, RoleColumn};
use crate::model::load::{LoadPlan, Loaded, Reason, SetAside};
use crate::model::money::Money;
use crate::model::role::Role;
use crate::model::table::Table;
use crate::model::values::{is_amount, present};

/// Builds the book (S1–S4). Rows read = accounts + merged + set aside, and so it is with ARR.
///
/// Errors: those of [`columns::infer`], `unknown_question`, `arr_not_found`, `no_name_or_id`, `question_arr_unit`,
/// `several_currencies`, `question_duplicates`, `bad_answer`.
pub fn build(table: Table, plan: &LoadPlan) -> Result<Loaded> {
    check_answers(plan)?;
    let inferred = columns::infer(&table, plan)?;
    check_roles(&table, &inferred, plan)?;
    let table = Arc::new(table);
    let mut codes = Codes::default();
    let mut drafts = rows::read(&table, &inferred.roles, &inferred.formats, plan, &mut codes);
    let amount = inferred
        .roles
        .get(&Role::Arr)
        .or(inferred.roles.get(&Role::Mrr))
        .and_then(|c| table.headers().get(c.column));
    let currency = currency::settle(&mut drafts, &codes, amount.map_or("", String::as_str), plan)?;
    let arr_read_cents = drafts.iter().filter_map(|d| d.cents).map(i128::from).sum();
    let dated = [Role::Modified, Role::Created, Role::Renewal]
        .iter()
        .find_map(|role| inferred.roles.get(role));
    let looked_at = duplicates::Columns {
        name: inferred.roles.get(&Role::Name).map(|c| c.column),
        dated,
    };
    let outcome = duplicates::settle(&mut drafts, &table, &looked_at, &currency, plan)?;
    let gone: HashSet<usize> = outcome.gone.iter().copied().collect();
    let set_aside = set_aside(&drafts);
    let entries = entries(&table, &drafts, &gone);
    let facts = Facts {
        table: &table,
        roles: &inferred.roles,
        drafts: &drafts,
        set_aside: &set_aside,
        merged: outcome.merged,
        as_of: plan.as_of,
        currency: &currency,
    };
    let quality = notes::quality(&facts);
    let mut findings = table.notes.clone();
    findings.extend(inferred.findings);
    findings.extend(notes::findings(&facts, &quality));
    findings.extend(outcome.similar);
    findings.sort_by_key(|f| f.severity);
    let rows_read = drafts.len();
    let book = Book::new(
        Arc::clone(&table),
        inferred.formats,
        inferred.roles,
        currency,
        plan.as_of,
        &entries,
    );
    let loaded = Loaded {
        book,
        rows_read,
        merged: outcome.merged,
        set_aside,
        arr_read_cents,
        columns: inferred.guesses,
        quality,
        questions: inferred.questions,
        findings,
    };
    reconciled(loaded)
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

fn check_answers(plan: &LoadPlan) -> Result<()> {
    let known: Vec<&str> = ["duplicates", "currency", "arr_unit", formats::DOTS, formats::DATES]
        .into_iter()
        .chain(scale::question_ids())
        .collect();
    let mut problems = Vec::new();
    for (id, answer) in plan.answers.iter().filter(|(id, _)| !known.contains(&id.as_str())) {
        let near = candidates(id, known.iter().copied(), 1);
        let problem =
            Problem::new("unknown_question", format!("there is no question {}", quoted(id))).at(format!("answers.{id}"));
        let problem = problem.expected(known.join(", "));
        problems.push(match near.first() {
            Some(best) => problem.fix(json!({"answers": {*best: answer}})),
            None => problem,
        });
    }
    for (id, answer) in &plan.answers {
        let choices = match id.as_str() {
            "arr_unit" => Some(&["cents", "units"][..]),
            id => formats::choices(id),
        };
        if let Some(choices) = choices.filter(|choices| !choices.contains(&answer.as_str())) {
            problems.push(scale::bad_answer(id, answer, choices));
        }
    }
    Error::unless_none(problems)
}

fn check_roles(table: &Table, inferred: &Inferred, plan: &LoadPlan) -> Result<()> {
    let has = |role: Role| inferred.roles.contains_key(&role);
    let mut problems = Vec::new();
    if !has(Role::Arr) && !has(Role::Mrr) {
        problems.push(arr_not_found(table, inferred));
    }
    if !has(Role::Id) && !has(Role::Name) {
        problems.push(no_name_or_id(table, inferred));
    }
    if problems.is_empty() && !plan.answers.contains_key("arr_unit") {
        problems.extend(chartmogul_cents(table, &inferred.roles));
    }
    Error::unless_none(problems)
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
        .expected("the header of what an account pays a year (columns.arr) or a month (columns.mrr)");
    let is_trap = |header: &str| dictionary::trap(&dictionary::header(header)).is_some();
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

/// ChartMogul writes MRR and ARR in cents and says so nowhere in the file; a hundredfold ARR must not slip in.
fn chartmogul_cents(table: &Table, roles: &BTreeMap<Role, RoleColumn>) -> Option<Problem> {
    let has = |words: &str| table.headers().iter().any(|h| dictionary::header(h).words.join(" ") == words);
    let column = roles.get(&Role::Arr).or(roles.get(&Role::Mrr))?.column;
    let header = table.headers().get(column)?;
    let whole = table
        .column(column)
        .filter_map(present)
        .take(500)
        .all(|c| c.bytes().all(|b| b.is_ascii_digit()));
    (has("subscriber since") && has("billing cycle") && whole && !dictionary::in_cents(header)).then(|| {
        let message = format!(
            "this looks like a ChartMogul export, whose {} is in cents: is it?",
            quoted(header)
        );
        Problem::new("question_arr_unit", message)
            .at("answers.arr_unit")
            .expected("cents or units")
            .fix(json!({"answers": {"arr_unit": "cents"}}))
    })
}

fn set_aside(drafts: &[Draft]) -> Vec<SetAside> {
    let aside = |draft: &Draft| {
        let reason: Reason = draft.fate?;
        Some(SetAside {
            row: draft.row,
            reason,
            arr: draft.cents.map(Money),
            note: draft.note.clone(),
        })
    };
    drafts.iter().filter_map(aside).collect()
}

fn entries(table: &Table, drafts: &[Draft], gone: &HashSet<usize>) -> Vec<Entry> {
    let kept = drafts
        .iter()
        .enumerate()
        .filter(|(at, d)| d.fate.is_none() && !gone.contains(at));
    kept.map(|(_, draft)| {
        let id = draft.label(table);
        let name = if draft.name.is_empty() {
            id.clone()
        } else {
            draft.name.to_string()
        };
        Entry {
            id,
            name,
            arr: Money(draft.cents.unwrap_or(0)),
            row: draft.row,
        }
    })
    .collect()
}

#[cfg(test)]
mod tests;
