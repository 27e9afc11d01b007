//! The engine: pure functions from a book and a model to tiers, plan and gates. This page is the pipeline.

pub mod axes;
pub mod calibrate;
pub mod capacity;
pub mod cells;
mod condition;
pub mod cuts;
pub mod expansion;
pub mod explain;
pub mod flags;
pub mod gaps;
pub mod gates;
pub mod health;
pub mod load;
pub mod margin;
pub mod nudge;
pub mod percentile;
pub mod portfolio;
pub mod resolve;
pub mod rules;
pub mod score;
pub mod scores;
pub mod series;
pub mod stability;
pub mod stats;
mod summary;
pub mod tier_score;
pub mod tiering;
pub mod touch;
mod unread;

use std::borrow::Cow;
use std::sync::Arc;

use crate::model::finding::Finding;
use crate::model::load::Loaded;
use crate::model::policy::Policy;
use crate::model::tier::Rule;

use axes::ArrAxis;
use capacity::CapacityPlan;
use cells::Columns;
use expansion::Expansion;
use flags::Flags;
use gates::{Evidence, GateReport};
use health::Health;
use portfolio::Portfolio;
use score::Strategic;
use stability::Stability;
use stats::Amounts;
use tier_score::TierScore;
use tiering::Segmentation;

/// Everything that follows from a book and a model.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The paying accounts' amounts, sorted.
    pub amounts: Arc<Amounts>,
    /// ARR axis.
    pub axis: ArrAxis,
    /// What placing the axis noticed.
    pub axis_findings: Vec<Finding>,
    /// Strategic value.
    pub strategic: Arc<Strategic>,
    /// What scoring noticed.
    pub strategic_findings: Vec<Finding>,
    /// `grid`, `arr` or `score`.
    pub rule: Rule,
    /// The tier score, under rule `score`.
    pub tier_score: Option<TierScore>,
    /// One tier per account.
    pub segmentation: Segmentation,
    /// Health, once the team has had it scored.
    pub health: Option<Health>,
    /// Flags and comments.
    pub flags: Flags,
    /// Demand against headcount.
    pub plan: CapacityPlan,
    /// ±10%.
    pub stability: Stability,
    /// The nine gates.
    pub gates: GateReport,
}

/// Runs the whole pipeline over cuts and bins that are in the model; see [`resolve`] for how they get there.
pub fn run(loaded: &Loaded, policy: &Policy) -> Arc<Outcome> {
    let memo = loaded.book.memo();
    memo.recent("outcome", policy, || work_out(loaded, policy))
}

fn work_out(loaded: &Loaded, policy: &Policy) -> Outcome {
    let book = &loaded.book;
    let columns = Columns::new(book);
    let amounts = Amounts::of_book(book);
    let axis = axes::describe(book, &amounts, &policy.axis);
    let axis_findings = axes::findings(&axis, &amounts, &book.currency);
    let strategic = score::score(&columns, policy);
    let mut strategic_findings = score::findings(&strategic, &columns, policy);
    let rule = tiering::rule(policy.tiers.rule, &strategic);
    if rule == Rule::Grid {
        strategic_findings.extend(tiering::bins_drift(book, &strategic, policy));
    }
    let tier_score = (rule == Rule::Score).then(|| tier_score::score(&columns, &amounts, policy));
    let segmentation = tiering::assign(book, &strategic, tier_score.as_ref(), policy, rule);
    let health = policy
        .health
        .as_ref()
        .map(|model| health::score(&columns, model, Some(&segmentation)));
    let flags = flags::flag(&columns, policy, &segmentation, health.as_ref());
    let plan = capacity::plan(policy, &segmentation);
    let stability = stability::measure(book, &amounts, &strategic, &segmentation, policy.seed);
    let gates = gates::run(&Evidence {
        loaded,
        policy,
        strategic: &strategic,
        tier_score: tier_score.as_ref(),
        segmentation: &segmentation,
        flags: &flags,
        plan: &plan,
        stability: &stability,
    });
    Outcome {
        amounts,
        axis,
        axis_findings,
        strategic,
        strategic_findings,
        rule,
        tier_score,
        segmentation,
        health,
        flags,
        plan,
        stability,
        gates,
    }
}

/// How the accounts are doing: what Customer Success looks at beside the tier.
#[derive(Debug, Clone)]
pub struct Care<'a> {
    /// Health of every account.
    pub health: Cow<'a, Health>,
    /// Readiness to expand.
    pub expansion: Expansion,
    /// Tier × health × stage, and what to do first.
    pub portfolio: Portfolio,
}

/// Health, expansion and what follows, by the model or by the defaults where it says nothing yet.
pub fn care<'a>(loaded: &Loaded, policy: &Policy, outcome: &'a Outcome) -> Care<'a> {
    let health = match &outcome.health {
        Some(health) => Cow::Borrowed(health),
        None => {
            let model = policy.health.clone().unwrap_or_default();
            Cow::Owned(health::score(
                &Columns::new(&loaded.book),
                &model,
                Some(&outcome.segmentation),
            ))
        }
    };
    care_with(loaded, policy, outcome, health)
}

/// [`care`] with a health that is scored already.
pub fn care_with<'a>(loaded: &Loaded, policy: &Policy, outcome: &Outcome, health: Cow<'a, Health>) -> Care<'a> {
    let columns = Columns::new(&loaded.book);
    let model = policy.expansion.clone().unwrap_or_default();
    let expansion = expansion::expand(&columns, &model, &health);
    let portfolio = portfolio::portfolio(&columns, &outcome.segmentation, &health);
    Care {
        health,
        expansion,
        portfolio,
    }
}
