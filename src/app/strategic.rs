//! `score_strategic`: takes signals and judgements, and scores every account.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::book::merge;
use super::readable;
use super::session::{Session, Step, view};
use super::{Answer, Common, Context};
use crate::engine::score::reads_arr_alone;
use crate::engine::{self, resolve};
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
    let mut problems = Vec::new();
    for (factor, signal) in &edit.signals {
        problems.extend(signal_problems(&session.policy, &loaded.book, factor, signal.as_ref()));
    }
    problems.extend(judgement_problems(&session.policy, &loaded.book, &edit.judgements));
    Error::unless_none(problems)?;
    merge(&mut session.policy.strategic.signals, &edit.signals);
    if !edit.signals.is_empty() {
        resolve::refeed(&mut session.policy, &loaded.book, edit.signals.keys());
    }
    judge(&mut session.policy, &loaded.book, &edit.judgements);
    session.check(&[("strategic.signals", "signals"), ("strategic.judgements", "judgements")])?;
    let outcome = engine::run(&loaded, &session.policy);
    let answer = steps::strategic::answer(view(&loaded, &session.policy, &outcome));
    session.finish(&answer, &loaded.content(), "strategic")
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

/// Everything wrong with one signal, with a fix that mends factor and column together.
pub(super) fn signal_problems(policy: &Policy, book: &Book, factor: &str, signal: Option<&Signal>) -> Vec<Problem> {
    let place = format!("signals.{factor}");
    let mut name = factor.to_string();
    let mut rule = serde_json::to_value(signal).unwrap_or(Value::Null);
    let mut problems = Vec::new();
    if let Some(problem) = factor_problem(policy, factor, place.clone()) {
        name = best(&problem).unwrap_or(name);
        problems.push(problem);
    }
    let columns = signal.map(Signal::columns).unwrap_or_default();
    for problem in columns
        .iter()
        .filter_map(|column| column_problem(book, column, format!("{place}.column")))
    {
        rule = with_column(book, &rule, &problem).unwrap_or(rule);
        problems.push(problem);
    }
    if signal.is_some_and(|signal| reads_arr_alone(book, signal)) {
        rule = Value::Null;
        problems.push(
            Problem::new(
                "signal_reads_arr",
                format!("{factor} would read ARR alone; strategic value is what revenue does not say"),
            )
            .at(place.clone())
            .expected("another column, or ARR against one: {\"kind\": \"ratio\", \"over\": [\"role:arr\", \"role:tam\"], ..}"),
        );
    }
    let wrong = signal
        .map(|signal| readable::problems(book, signal, &place))
        .unwrap_or_default();
    if !wrong.is_empty() && problems.iter().all(|problem| problem.code == "unknown_factor") {
        rule = signal
            .and_then(|signal| readable::with_yes(book, signal, &rule))
            .unwrap_or(rule);
    }
    problems.extend(wrong);
    let changed = name != factor || Some(&rule) != serde_json::to_value(signal).ok().as_ref();
    if let (Some(first), true) = (problems.first_mut(), changed) {
        first.fix = Some(json!({"signals": Map::from_iter([(name, rule)])}));
    }
    problems
}

/// The rule on the likeliest of the columns that a problem names and that it can read.
fn with_column(book: &Book, rule: &Value, problem: &Problem) -> Option<Value> {
    rule.get("column")?;
    problem.found.iter().find_map(|found| {
        let mut mended = rule.clone();
        *mended.get_mut("column")? = Value::from(found.trim_matches('`'));
        let signal = serde_json::from_value::<Signal>(mended.clone()).ok()?;
        let is_read = readable::problems(book, &signal, "").is_empty() && !reads_arr_alone(book, &signal);
        is_read.then_some(mended)
    })
}

/// Everything wrong with the judgements.
fn judgement_problems(policy: &Policy, book: &Book, edits: &[JudgementEdit]) -> Vec<Problem> {
    // The text shows five problems; looking for likely names costs a walk over the book each time.
    const SEARCHED_FOR: usize = 5;
    let mut problems: Vec<Problem> = Vec::new();
    let mut mended = Vec::with_capacity(edits.len());
    let mut whole = true;
    for (i, edit) in edits.iter().enumerate() {
        if book.find(&edit.account).is_none() {
            let near = problems.len() < SEARCHED_FOR;
            problems.push(account_problem(book, &edit.account, format!("judgements.{i}.account"), near));
            whole = false;
        }
        let (scores, wrong) = score_problems(policy, edit, &format!("judgements.{i}.scores"));
        whole &= scores.len() == edit.scores.len();
        problems.extend(wrong);
        mended.push(json!({"account": edit.account, "scores": scores, "why": edit.why}));
    }
    // Whose score it is cannot be guessed, so the list is offered only when nothing but factor names had to be mended.
    if let (Some(first), true) = (problems.first_mut(), whole) {
        first.fix = Some(json!({"judgements": mended}));
    }
    problems
}

/// The scores that can stand, under the factors that were meant, and what is wrong with the others.
fn score_problems(policy: &Policy, edit: &JudgementEdit, place: &str) -> (BTreeMap<String, Option<f64>>, Vec<Problem>) {
    let mut scores = BTreeMap::new();
    let mut problems = Vec::new();
    for (factor, score) in &edit.scores {
        let place = format!("{place}.{factor}");
        let mut name = Some(factor.clone());
        if let Some(problem) = factor_problem(policy, factor, place.clone()) {
            name = best(&problem);
            problems.push(problem);
        }
        match score {
            Some(score) if !(0.0..=1.0).contains(score) => {
                problems.push(
                    Problem::new("bad_argument", format!("score {score} is out of range"))
                        .at(place)
                        .expected("0..1"),
                );
            }
            score => scores.extend(name.map(|name| (name, *score))),
        }
    }
    (scores, problems)
}

fn factor_problem(policy: &Policy, factor: &str, place: String) -> Option<Problem> {
    let names: Vec<&str> = policy.strategic.factors.iter().map(|f| f.name.as_str()).collect();
    if names.contains(&factor) {
        return None;
    }
    let near = candidates(factor, names.iter().copied(), 5);
    let problem = Problem::new("unknown_factor", format!("no factor `{factor}` in the rubric")).at(place);
    Some(match near.is_empty() {
        true => problem.expected(names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
        false => problem.found(near.into_iter().map(|name| format!("`{name}`"))),
    })
}

/// The first candidate of a problem.
pub(super) fn best(problem: &Problem) -> Option<String> {
    problem.found.first().map(|found| found.trim_matches('`').to_string())
}

fn judge(policy: &mut Policy, book: &Book, edits: &[JudgementEdit]) {
    for edit in edits {
        let Some(account) = book.find(&edit.account) else { continue };
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

fn account_problem(book: &Book, wanted: &str, place: String, search: bool) -> Problem {
    const SEARCHED: usize = 50_000;
    let likely: Vec<usize> = if search {
        book.by_id().take(SEARCHED).collect()
    } else {
        Vec::new()
    };
    let names = likely.iter().flat_map(|i| [book.id(*i), book.name(*i)]);
    // What the caller needs is an id; a name leads to the id of its account.
    let mut ids: Vec<&str> = Vec::new();
    for near in candidates(wanted, names, 10) {
        let id = book.find(near).map_or(near, |account| book.id(account));
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Problem::new("account_not_found", format!("no account `{wanted}`, or several of that name"))
        .at(place)
        .found(ids.into_iter().take(5).map(|id| format!("`{id}`")))
        .expected("an account id of the book")
}
