//! `score_strategic`: takes signals and judgements, and scores every account.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::book::merge;
use super::session::{Session, Step, view};
use super::{Answer, Common, Context};
use crate::engine;
use crate::error::{Error, Problem, Result, candidates};
use crate::model::book::Book;
use crate::model::policy::{Judgement, Policy};
use crate::model::signal::Signal;
use crate::report::steps;

/// What a call says about strategic value. Maps are merged key by key; none removes a key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StrategicEdit {
    /// Signals by factor.
    pub signals: BTreeMap<String, Option<Signal>>,
    /// Judgements, in order.
    pub judgements: Vec<JudgementEdit>,
}

/// Scores of one account.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgementEdit {
    /// Account id, or its name where only one account has it.
    pub account: String,
    /// Score by factor; none takes the judgement back.
    pub scores: BTreeMap<String, Option<f64>>,
    /// The reason.
    pub why: String,
}

/// Scores every account.
pub fn score(context: &Context, common: &Common, edit: &StrategicEdit) -> Result<Answer> {
    let mut session = Session::open(context, common)?;
    let loaded = session.load_after(Step::Axes)?;
    merge(&mut session.policy.strategic.signals, &edit.signals);
    let mut problems = Vec::new();
    for (factor, signal) in edit
        .signals
        .iter()
        .filter_map(|(factor, signal)| Some((factor, signal.as_ref()?)))
    {
        problems.extend(signal_problems(&loaded.book, factor, signal));
    }
    judge(&mut session.policy, &loaded.book, &edit.judgements, &mut problems);
    if let Err(error) = session.check(&[("strategic.signals", "signals"), ("strategic.judgements", "judgements")]) {
        problems.extend(error.problems().iter().cloned());
    }
    if !problems.is_empty() {
        return Err(Error::all(problems).or_next("score_strategic"));
    }
    let outcome = engine::run(&loaded, &session.policy);
    let answer = steps::strategic::answer(view(&loaded, &session.policy, &outcome));
    session.finish(&answer, &loaded.book.table.source.sha256, "strategic")
}

/// A column that a rule names must be in the book (design, part 3).
pub(super) fn column_problem(book: &Book, reference: &str, place: String) -> Option<Problem> {
    if book.column(reference).is_some() {
        return None;
    }
    let headers = book.table.headers();
    let mut near = candidates(reference, headers.iter().map(String::as_str), 5);
    if near.is_empty() {
        near = headers.iter().take(8).map(String::as_str).collect();
    }
    let source = &book.table.source.path;
    Some(
        Problem::new("column_not_found", format!("no column `{reference}` in `{source}`"))
            .at(place)
            .found(near.into_iter().map(|name| format!("`{name}`"))),
    )
}

fn signal_problems(book: &Book, factor: &str, signal: &Signal) -> Vec<Problem> {
    let place = format!("signals.{factor}");
    let columns = signal.columns();
    let mut problems: Vec<Problem> = columns
        .iter()
        .filter_map(|c| column_problem(book, c, format!("{place}.column")))
        .map(|p| with_fix(p, factor, signal))
        .collect();
    let arr_alone = columns
        .iter()
        .all(|c| book.column(c).is_some_and(|column| book.is_arr(&column)));
    if arr_alone && problems.is_empty() {
        problems.push(
            Problem::new(
                "signal_reads_arr",
                format!("{factor} would read ARR alone; strategic value is what revenue does not say"),
            )
            .at(place)
            .expected("another column, or ARR against one: {\"kind\": \"ratio\", \"over\": [\"role:arr\", \"role:tam\"], ..}")
            .fix(json!({"signals": Map::from_iter([(factor.to_string(), Value::Null)])})),
        );
    }
    problems
}

/// The same signal over the likeliest column.
fn with_fix(mut problem: Problem, factor: &str, signal: &Signal) -> Problem {
    let best = problem.found.first().map(|found| found.trim_matches('`').to_string());
    let Some(best) = best else { return problem };
    let Ok(Value::Object(mut rule)) = serde_json::to_value(signal) else {
        return problem;
    };
    if rule.contains_key("column") {
        rule.insert("column".into(), Value::String(best));
        problem.fix = Some(json!({"signals": Map::from_iter([(factor.to_string(), Value::Object(rule))])}));
    }
    problem
}

fn judge(policy: &mut Policy, book: &Book, edits: &[JudgementEdit], problems: &mut Vec<Problem>) {
    for (i, edit) in edits.iter().enumerate() {
        let Some(account) = book.find(&edit.account) else {
            problems.push(account_problem(book, &edit.account, format!("judgements.{i}.account")));
            continue;
        };
        let id = book.id(account).to_string();
        let empty = Judgement {
            scores: BTreeMap::new(),
            why: String::new(),
        };
        let judgement = policy.strategic.judgements.entry(id.clone()).or_insert(empty);
        merge(&mut judgement.scores, &edit.scores);
        if !edit.why.trim().is_empty() {
            judgement.why.clone_from(&edit.why);
        }
        if judgement.scores.is_empty() {
            policy.strategic.judgements.remove(&id);
        }
    }
}

fn account_problem(book: &Book, wanted: &str, place: String) -> Problem {
    const SEARCHED: usize = 50_000;
    let ids = book.by_id().take(SEARCHED).map(|i| book.id(i));
    let names = book.by_id().take(SEARCHED).map(|i| book.name(i));
    let mut near: Vec<&str> = candidates(wanted, ids.chain(names), 8);
    near.dedup();
    Problem::new("account_not_found", format!("no account `{wanted}`, or several of that name"))
        .at(place)
        .found(near.into_iter().take(5).map(|name| format!("`{name}`")))
        .expected("an account id of the book")
}
