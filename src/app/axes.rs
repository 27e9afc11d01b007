//! `define_axes`: places the ARR cuts and sets the rubric.

use std::sync::Arc;

use super::book::{self, BookEdit};
use super::kept::{Kept, with_path};
use super::session::{Session, Step, populated, view};
use super::{Answer, Common, Context};
use crate::engine::score::Edges;
use crate::engine::{self, resolve};
use crate::error::{Problem, Result};
use crate::model::book::Book;
use crate::model::load::Loaded;
use crate::model::money::Money;
use crate::model::policy::{BinMethod, Bins, Cuts, Factor, Method, Policy};
use crate::report::steps;

/// What a call says about the axes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AxesEdit {
    /// The book, loaded first when anything is said of it.
    pub book: BookEdit,
    /// How to derive the cuts.
    pub method: Option<Method>,
    /// New low cut.
    pub cut_low: Option<Money>,
    /// New high cut.
    pub cut_high: Option<Money>,
    /// Round the cuts.
    pub snap: Option<bool>,
    /// The rubric, whole.
    pub factors: Option<Vec<Factor>>,
    /// Let the tool place the bin edges again.
    pub auto_bins: bool,
    /// New low bin edge.
    pub low_below: Option<f64>,
    /// New high bin edge.
    pub high_above: Option<f64>,
}

fn read(context: &Context, policy: &mut Policy, edit: &BookEdit) -> Result<Arc<Loaded>> {
    let kept = Kept::of(policy, edit);
    book::apply(context, policy, edit)?;
    kept.load(context, policy).and_then(populated)
}

/// Defines the axes and shows what they hold.
pub fn define(context: &Context, common: &Common, edit: &AxesEdit) -> Result<Answer> {
    let mut session = Session::open(context, common)?;
    let loaded = match edit.book == BookEdit::default() {
        true => session.load_after(Step::Book)?,
        false => {
            let before = session.policy.book.clone();
            read(context, &mut session.policy, &edit.book)
                .map_err(|error| with_path(error, before.as_ref(), edit.book.path.as_deref()))?
        }
    };
    apply(&mut session.policy, &loaded.book, edit)?;
    session.check(&[
        ("axis.cuts", "cuts"),
        ("strategic.bins", "bins"),
        ("strategic.factors", "factors"),
    ])?;
    let outcome = engine::run(&loaded, &session.policy);
    let mut answer = steps::axes::answer(view(&loaded, &session.policy, &outcome));
    if edit.book.path.is_some() {
        answer.report.findings.extend(loaded.findings.clone());
    }
    session.finish(&answer, &loaded.content(), "axes")
}

/// Derives what is not decided yet and writes what is given.
pub(super) fn apply(policy: &mut Policy, book: &Book, edit: &AxesEdit) -> Result<()> {
    let given = edit.cut_low.is_some() || edit.cut_high.is_some();
    let snap = edit.snap.unwrap_or(policy.axis.snap);
    let asked = match (edit.method, edit.snap) {
        (Some(Method::Given), _) | (None, None) => None,
        (Some(method), _) => Some(method),
        (None, Some(_)) if policy.axis.method == Method::Given => None,
        (None, Some(_)) => Some(policy.axis.method),
    };
    if let (Some(method), true) = (asked, given && edit.method.is_some()) {
        return Err(Problem::new(
            "bad_argument",
            format!("method `{}` derives the cuts, and cuts are given too", method.code()),
        )
        .at("method")
        .expected("method \"given\" with cuts, or a method without cuts")
        .fix(serde_json::json!({"method": "given"}))
        .into());
    }
    // A book in which nobody paid left no cuts; the next one may.
    let undecided = policy.axis.cuts.is_none();
    let keep = given || edit.method == Some(Method::Given);
    if !keep && (asked.is_some() || undecided) {
        if asked.is_some() {
            resolve::reopen(policy);
        }
        resolve::axis(policy, book, asked.unwrap_or(Method::Auto), snap);
    } else if keep {
        give_cuts(policy, book, edit)?;
    }
    policy.axis.snap = snap;
    if let Some(factors) = &edit.factors {
        set_factors(policy, book, factors);
    }
    if edit.auto_bins {
        resolve::reopen_bins(policy);
    }
    give_bins(policy, edit.low_below, edit.high_above);
    Ok(())
}

/// Bin edges as the team gives them; an edge that is not given stays.
pub(super) fn give_bins(policy: &mut Policy, low_below: Option<f64>, high_above: Option<f64>) {
    if low_below.is_none() && high_above.is_none() {
        return;
    }
    let now = Edges::of(policy.strategic.bins).bins(BinMethod::Given);
    policy.strategic.bins = Some(Bins {
        low_below: low_below.unwrap_or(now.low_below),
        high_above: high_above.unwrap_or(now.high_above),
        method: BinMethod::Given,
    });
}

/// A new rubric: what fed factors that left it goes with them, and which factors are on is decided anew.
pub(super) fn set_factors(policy: &mut Policy, book: &Book, factors: &[Factor]) {
    policy.strategic.factors = factors.to_vec();
    let stays = |name: &String| factors.iter().any(|factor| factor.name == *name);
    let signals = policy.strategic.signals.len();
    policy.strategic.signals.retain(|name, _| stays(name));
    let mut dropped = signals - policy.strategic.signals.len();
    for judgement in policy.strategic.judgements.values_mut() {
        let before = judgement.scores.len();
        judgement.scores.retain(|name, _| stays(name));
        dropped += before - judgement.scores.len();
    }
    policy
        .strategic
        .judgements
        .retain(|_, judgement| !judgement.scores.is_empty());
    if dropped > 0 {
        let text = format!("{dropped} signals and judgements of factors that left the rubric were dropped");
        policy.decide(book.as_of, "define_axes", text);
    }
    if let Some(baseline) = &mut policy.baseline {
        baseline.factors_on = None;
        baseline.tiers.clear();
    }
}

fn give_cuts(policy: &mut Policy, book: &Book, edit: &AxesEdit) -> Result<()> {
    let before = policy.axis.clone();
    let low = edit.cut_low.or(before.cuts.map(|c| c.low));
    let high = edit.cut_high.or(before.cuts.map(|c| c.high));
    let (Some(low), Some(high)) = (low, high) else {
        return Err(Problem::new("missing_argument", "both cuts are needed the first time")
            .at("cuts")
            .expected("{\"low\": amount, \"high\": amount}")
            .into());
    };
    policy.axis.method = Method::Given;
    policy.axis.placed = Some(book.as_of);
    policy.axis.cuts = Some(Cuts { low, high });
    if low < high && low.0 > 0 {
        resolve::record_axis(policy, book, &before);
    }
    Ok(())
}
