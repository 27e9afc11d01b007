//! `score_strategic`: takes signals and judgements, and scores every account.

use std::collections::BTreeMap;

use serde_json::json;

use super::book::merge;
use super::session::{Session, Step, view};
use super::signals::{Feeds, account_problem, best};
use super::{Answer, Common, Context};
use crate::engine::{self, resolve};
use crate::error::{Error, Problem, Result};
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

/// Everything wrong with one signal of a factor, with a fix that mends factor and column together.
pub(super) fn signal_problems(policy: &Policy, book: &Book, factor: &str, signal: Option<&Signal>) -> Vec<Problem> {
    factors(policy).problems(book, factor, signal)
}

/// What signals of this tool may feed.
fn factors(policy: &Policy) -> Feeds<'_> {
    Feeds {
        what: "factor",
        unknown: "unknown_factor",
        of: "the rubric",
        names: policy.strategic.factors.iter().map(|f| f.name.as_str()).collect(),
        arr_alone: Some("strategic value is what revenue does not say"),
    }
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
        if let Some(problem) = factors(policy).unknown(factor, place.clone()) {
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
