//! The questions that a book may raise and the choices that answer them, all in one place.

use serde_json::json;

use super::{quoted, scale};
use crate::error::{Error, Problem, Result, candidates};
use crate::model::load::LoadPlan;

/// Which of differing rows of one account count.
pub(crate) const DUPLICATES: &str = "duplicates";
/// The book's currency; any code answers it.
pub(crate) const CURRENCY: &str = "currency";
/// Whether amounts are in cents.
pub(crate) const ARR_UNIT: &str = "arr_unit";
/// Whether `186.000` is a hundred and eighty-six or a hundred and eighty-six thousand.
pub(crate) const ARR_DOTS: &str = "arr_dots";
/// What a blank amount means.
pub(crate) const BLANK_ARR: &str = "blank_arr";
/// Whether a contract's value is brought to a year by its term.
pub(crate) const CONTRACT_VALUE: &str = "contract_value";
/// Whether an amount is for one unit or for all of them.
pub(crate) const QUANTITY: &str = "quantity";
/// Whether `3/4/2026` is in March or in April.
pub(crate) const DATE_ORDER: &str = "date_order";
/// Whether accounts that are marked as left count where their subscriptions are live.
pub(crate) const LEFT_BUT_LIVE: &str = "left_but_live";
/// Whether accounts below a parent count as the parent.
pub(crate) const PARENTS: &str = "parents";

const CHOICES: [(&str, &[&str]); 9] = [
    (DUPLICATES, &["sum", "latest", "first", "roll_up"]),
    (ARR_UNIT, &["cents", "units"]),
    (ARR_DOTS, &["thousands", "decimals"]),
    (BLANK_ARR, &["set_aside", "zero"]),
    (CONTRACT_VALUE, &["over_term", "ignore"]),
    (QUANTITY, &["per_unit", "total"]),
    (DATE_ORDER, &["month_first", "day_first"]),
    (LEFT_BUT_LIVE, &["keep", "set_aside"]),
    (PARENTS, &["separate", "roll_up"]),
];

/// Whether the caller answered a question so.
pub(crate) fn is(plan: &LoadPlan, question: &str, choice: &str) -> bool {
    plan.answers.get(question).is_some_and(|answer| answer == choice)
}

/// Refuses answers to questions that there are not, and choices that a question does not have.
pub(crate) fn check(plan: &LoadPlan) -> Result<()> {
    let known: Vec<&str> = CHOICES
        .iter()
        .map(|(id, _)| *id)
        .chain([CURRENCY])
        .chain(scale::question_ids())
        .collect();
    let mut problems = Vec::new();
    for (id, answer) in &plan.answers {
        if !known.contains(&id.as_str()) {
            problems.push(unknown(id, answer, &known));
        } else if let Some((_, choices)) = CHOICES
            .iter()
            .find(|(known, choices)| known == id && !choices.contains(&answer.as_str()))
        {
            problems.push(bad(id, answer, choices));
        }
    }
    Error::unless_none(problems)
}

fn unknown(id: &str, answer: &str, known: &[&str]) -> Problem {
    let problem = Problem::new("unknown_question", format!("there is no question {}", quoted(id)))
        .at(format!("answers.{id}"))
        .expected(known.join(", "));
    match candidates(id, known.iter().copied(), 1).first() {
        Some(best) => problem.fix(json!({"answers": {*best: answer, id: null}})),
        None => problem.fix(json!({"answers": {id: null}})),
    }
}

/// The error for an answer that is not among the choices.
pub(crate) fn bad(id: &str, answer: &str, choices: &[&str]) -> Problem {
    let problem = Problem::new("bad_answer", format!("{} does not answer `{id}`", quoted(answer)))
        .at(format!("answers.{id}"))
        .expected(choices.join(", "));
    // A guess would be an answer that nobody gave; only a likely slip is mended.
    match candidates(answer, choices.iter().copied(), 1).first() {
        Some(near) => problem.fix(json!({"answers": {id: near}})),
        None => problem,
    }
}
