//! What-if: a change looked at account by account before anyone makes it (S11).

use std::collections::BTreeMap;

use serde_json::json;

use super::axes;
use super::capacity::{self, CapacityEdit};
use super::session::{Renames, Session, Step, in_arguments, view};
use super::strategic;
use super::{Answer, Common, Context};
use crate::engine::{self, resolve};
use crate::error::{Error, Problem, Result};
use crate::io::quoted;
use crate::model::book::Book;
use crate::model::check::check;
use crate::model::load::Loaded;
use crate::model::money::Money;
use crate::model::policy::{BinMethod, Cuts, Method, Policy, TierCuts};
use crate::model::signal::Signal;
use crate::model::tier::Rule;
use crate::report::steps;

/// A change to look at. What is not said stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Change {
    /// ARR cuts by name: `low` and `high`, or under rule `arr` the tier that starts there.
    pub cuts: BTreeMap<String, Money>,
    /// The low bin edge.
    pub low_below: Option<f64>,
    /// The high bin edge.
    pub high_above: Option<f64>,
    /// Weights by factor; the weights that are not named share what is left in proportion.
    pub weights: BTreeMap<String, f64>,
    /// CSMs in all.
    pub csms: Option<f64>,
    /// Signals by factor.
    pub signals: BTreeMap<String, Signal>,
}

/// Where a path of the model document is found in `compare`.
const RENAMES: Renames = &[
    ("axis.cuts", "compare.cuts"),
    ("tiers.arr_cuts", "compare.cuts"),
    ("strategic.bins", "compare.bins"),
    ("strategic.factors", "compare.weights"),
    ("strategic.signals", "compare.signals"),
    ("capacity", "compare"),
];

/// Compares the model with what it would be. Nothing is written.
pub(super) fn compare(context: &Context, common: &Common, edit: &CapacityEdit, change: &Change) -> Result<Answer> {
    let others = CapacityEdit {
        compare: None,
        ..edit.clone()
    };
    if others != CapacityEdit::default() {
        return Err(Problem::new(
            "bad_argument",
            "`compare` changes nothing, so nothing else can be asked in the same call",
        )
        .at("compare")
        .expected("compare alone; a headcount to try goes into compare.csms")
        .into());
    }
    let session = Session::open(context, common)?;
    let loaded = session.load_after(Step::Axes)?;
    let before = session.settled(&loaded)?;
    let changed = changed(&session.policy, &loaded, change)?;
    let after = engine::run(&loaded, &changed);
    let answer = steps::what_if::answer(view(&loaded, &session.policy, &before), view(&loaded, &changed, &after));
    session.show(&answer, &loaded.content(), "compare")
}

/// The model with the change. Errors: what the model's checks refuse, in terms of `compare`.
fn changed(policy: &Policy, loaded: &Loaded, change: &Change) -> Result<Policy> {
    let mut policy = policy.clone();
    if policy.tiers.rule == Rule::Score {
        Error::unless_none(decide_nothing(change))?;
    }
    let mut problems = weights(&mut policy, &loaded.book, &change.weights);
    axes::give_bins(&mut policy, change.low_below, change.high_above);
    for (factor, signal) in &change.signals {
        let wrong = strategic::signal_problems(&policy, &loaded.book, factor, Some(signal));
        problems.extend(wrong.into_iter().map(in_compare));
    }
    if !change.signals.is_empty() {
        policy.strategic.signals.extend(change.signals.clone());
        resolve::refeed(&mut policy, &loaded.book, change.signals.keys());
    }
    // Weights and signals may change the rule, and what is not decided for it yet is decided as assign_tiers would.
    problems.extend(cuts(&mut policy, &loaded.book, &change.cuts));
    if problems.is_empty() && check(&policy).is_empty() {
        resolve::tiers(&mut policy, &loaded.book);
    }
    if change.csms.is_some() {
        let edit = CapacityEdit {
            csms: change.csms,
            ..CapacityEdit::default()
        };
        capacity::apply(&mut policy, &loaded.book, &edit);
    }
    problems.extend(check(&policy).into_iter().map(|mut problem| {
        problem.fix = None;
        in_arguments(problem, RENAMES)
    }));
    Error::unless_none(problems)?;
    Ok(policy)
}

/// What rule `score` does not look at: its bands are fixed, and its weights and signals are its own.
fn decide_nothing(change: &Change) -> Vec<Problem> {
    let asked = [
        ("cuts", !change.cuts.is_empty()),
        ("bins", change.low_below.is_some() || change.high_above.is_some()),
        ("weights", !change.weights.is_empty()),
        ("signals", !change.signals.is_empty()),
    ];
    let refused = asked.into_iter().filter(|(_, asked)| *asked).map(|(what, _)| {
        Problem::new(
            "bad_argument",
            format!("tiers go by rule `score`, where {what} of the grid decide nothing"),
        )
        .at(format!("compare.{what}"))
        .expected("csms; weights and signals of the tier score stand in [tiers.score] of the model file")
        .next("assign_tiers with {\"rule\": \"grid\"} to try cuts, bins, weights and signals")
    });
    refused.collect()
}

/// A problem of an argument of score_strategic, where `compare` has it; its fix goes the same way.
fn in_compare(mut problem: Problem) -> Problem {
    problem.place = problem.place.map(|place| format!("compare.{place}"));
    problem.fix = problem.fix.map(|fix| json!({ "compare": fix }));
    problem
}

fn cuts(policy: &mut Policy, book: &Book, given: &BTreeMap<String, Money>) -> Vec<Problem> {
    if given.is_empty() {
        return Vec::new();
    }
    let rule = resolve::rule(policy, book);
    let known: &[&str] = match rule {
        Rule::Arr => &["high_touch", "mid_touch", "tech_touch"],
        _ => &["low", "high"],
    };
    let unknown = given.keys().filter(|name| !known.contains(&name.as_str()));
    let problems: Vec<Problem> = unknown
        .map(|name| {
            Problem::new(
                "unknown_argument",
                format!("tiers go by rule `{}`, which has no cut {}", rule.code(), quoted(name)),
            )
            .at(format!("compare.cuts.{name}"))
            .expected(known.join(", "))
        })
        .collect();
    let cut = |name: &str, now: Option<Money>| given.get(name).copied().or(now);
    match rule {
        Rule::Arr => {
            let now = policy.tiers.arr_cuts;
            let high = cut("high_touch", now.map(|cuts| cuts.high_touch));
            let mid = cut("mid_touch", now.map(|cuts| cuts.mid_touch));
            let tech = cut("tech_touch", now.map(|cuts| cuts.tech_touch));
            if let (Some(high_touch), Some(mid_touch), Some(tech_touch)) = (high, mid, tech) {
                policy.tiers.arr_cuts = Some(TierCuts {
                    high_touch,
                    mid_touch,
                    tech_touch,
                    method: BinMethod::Given,
                });
            }
        }
        _ => {
            let now = policy.axis.cuts;
            if let (Some(low), Some(high)) = (cut("low", now.map(|cuts| cuts.low)), cut("high", now.map(|cuts| cuts.high))) {
                policy.axis.method = Method::Given;
                policy.axis.cuts = Some(Cuts { low, high });
            }
        }
    }
    problems
}

/// The weights that are given, and the others in proportion, so that all sum to 1.
fn weights(policy: &mut Policy, book: &Book, given: &BTreeMap<String, f64>) -> Vec<Problem> {
    if given.is_empty() {
        return Vec::new();
    }
    let mut factors = policy.strategic.factors.clone();
    let names: Vec<String> = factors.iter().map(|factor| factor.name.clone()).collect();
    let unknown = given.keys().filter(|name| !names.contains(name));
    let mut problems: Vec<Problem> = unknown
        .map(|name| {
            Problem::new("unknown_argument", format!("the rubric has no factor {}", quoted(name)))
                .at(format!("compare.weights.{name}"))
                .found(names.iter().map(|name| format!("`{name}`")))
        })
        .collect();
    if !problems.is_empty() {
        return problems;
    }
    let asked: f64 = given.values().sum();
    let rest: f64 = factors
        .iter()
        .filter(|f| !given.contains_key(&f.name))
        .map(|f| f.weight)
        .sum();
    if given.values().any(|weight| !(0.0..=1.0).contains(weight)) || asked > 1.0 + 1e-9 {
        let message = format!("the weights given sum to {asked}");
        problems.push(
            Problem::new("bad_argument", message)
                .at("compare.weights")
                .expected("0..1 each, at most 1 in all"),
        );
        return problems;
    }
    for factor in factors.iter_mut() {
        factor.weight = match given.get(&factor.name) {
            Some(weight) => *weight,
            None if rest > 0.0 => factor.weight / rest * (1.0 - asked),
            None => factor.weight,
        };
    }
    axes::set_factors(policy, book, &factors);
    problems
}
