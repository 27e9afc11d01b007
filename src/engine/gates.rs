//! The nine gates that say whether a model may ship, and where to go back to when it may not (S12, M39–M47).

mod score_rule;

use std::collections::HashSet;

use serde::Serialize;

use super::capacity::{CapacityPlan, Status};
use super::flags::Flags;
use super::score::{Edges, FactorScore, Strategic, reads_arr_alone};
use super::stability::Stability;
use super::tier_score::TierScore;
use super::tiering::Segmentation;
use crate::model::load::Loaded;
use crate::model::money::{counted, grouped_text, short_text};
use crate::model::policy::Policy;
use crate::model::signal::Signal;
use crate::model::tier::{Row, Rule, Tier};

/// What a gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing to object to.
    Pass,
    /// Ship with open eyes.
    Warn,
    /// Does not ship.
    Fail,
}

/// One gate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gate {
    /// Stable id.
    pub id: &'static str,
    /// For people.
    pub name: &'static str,
    /// What it says.
    pub verdict: Verdict,
    /// Why, with the numbers.
    pub detail: String,
    /// The tool to go back to when the gate does not pass.
    pub route_back: &'static str,
}

/// How far the inputs carry the model (M38).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Every factor is fed and nearly every cell is there.
    High,
    /// Something is missing.
    Medium,
    /// Less than half of strategic value is known, or there is no strategic axis.
    Low,
}

/// The nine gates over one model.
#[derive(Debug, Clone, PartialEq)]
pub struct GateReport {
    /// Always nine, in the order M39–M47.
    pub gates: Vec<Gate>,
    /// How far the inputs carry the model.
    pub confidence: Confidence,
    /// Every input that is missing, in words (M47).
    pub gaps: Vec<String>,
}

/// Proof that no gate fails: the only way to the header APPROVED.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approved(());

/// Everything that the gates look at.
pub struct Evidence<'a> {
    /// The book with its set-aside rows.
    pub loaded: &'a Loaded,
    /// The model.
    pub policy: &'a Policy,
    /// Strategic value.
    pub strategic: &'a Strategic,
    /// The tier score, under rule `score`.
    pub tier_score: Option<&'a TierScore>,
    /// Tiers.
    pub segmentation: &'a Segmentation,
    /// Flags and comments.
    pub flags: &'a Flags,
    /// Demand against headcount.
    pub plan: &'a CapacityPlan,
    /// ±10%.
    pub stability: &'a Stability,
}

/// Largest High-Touch book of M20: up to this many accounts per CSM, everyone can be High-Touch.
const HIGH_TOUCH_BOOK: f64 = 15.0;
/// From this coverage on, 0..1 weighted by factor, inputs count as complete (S12).
const COVERAGE_HIGH: f64 = 0.9;
/// Below this coverage, less than half of strategic value is known and confidence is low (S12).
const COVERAGE_LOW: f64 = 0.5;

/// Runs the gates.
pub fn run(evidence: &Evidence) -> GateReport {
    let (confidence, gaps) = confidence(evidence);
    let gates = vec![
        no_empty_tiers(evidence),
        arr_reconciles(evidence),
        rubric_consistent(evidence),
        flags_compatible(evidence),
        capacity_explicit(evidence),
        mid_touch_share(evidence),
        stability(evidence),
        triggers_documented(evidence),
        gaps_flagged(confidence, &gaps),
    ];
    GateReport { gates, confidence, gaps }
}

/// Whether the whole book would fit High-Touch (S7): accounts ≤ 15 × CSMs.
pub fn whole_book_fits(accounts: usize, csms: Option<f64>) -> bool {
    csms.is_some_and(|csms| accounts as f64 <= HIGH_TOUCH_BOOK * csms)
}

impl GateReport {
    /// The proof that the model may ship, if it may.
    pub fn approved(&self) -> Option<Approved> {
        self.gates
            .iter()
            .all(|gate| gate.verdict != Verdict::Fail)
            .then_some(Approved(()))
    }

    /// How many gates say so.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.gates.iter().filter(|gate| gate.verdict == verdict).count()
    }

    /// The gates that fail.
    pub fn failing(&self) -> impl Iterator<Item = &Gate> {
        self.gates.iter().filter(|gate| gate.verdict == Verdict::Fail)
    }
}

impl Verdict {
    /// The code: `pass`.
    pub fn code(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Warn => "warn",
            Verdict::Fail => "fail",
        }
    }
}

impl Confidence {
    /// The code: `high`.
    pub fn code(self) -> &'static str {
        match self {
            Confidence::High => "high",
            Confidence::Medium => "medium",
            Confidence::Low => "low",
        }
    }
}

fn gate(id: &'static str, name: &'static str, route_back: &'static str, verdict: Verdict, detail: String) -> Gate {
    Gate {
        id,
        name,
        verdict,
        detail,
        route_back,
    }
}

fn no_empty_tiers(e: &Evidence) -> Gate {
    let empty: Vec<Tier> = Tier::ALL
        .into_iter()
        .filter(|t| e.segmentation.total(*t).accounts == 0)
        .collect();
    let documented = &e.policy.tiers.documented_empty;
    let open: Vec<&str> = empty
        .iter()
        .filter(|t| !documented.contains_key(t))
        .map(|t| t.code())
        .collect();
    let rows = [Row::Low, Row::Mid, Row::High]
        .into_iter()
        .filter(|row| e.segmentation.rows.contains(row))
        .count();
    let (verdict, detail) = match (empty.is_empty(), open.is_empty()) {
        (true, _) => (Verdict::Pass, "every tier has accounts".to_string()),
        (false, true) => {
            let why = |t: &Tier| format!("{} ({})", t.code(), documented.get(t).map_or("", String::as_str));
            (
                Verdict::Pass,
                format!(
                    "empty as documented: {}",
                    empty.iter().map(why).collect::<Vec<_>>().join(", ")
                ),
            )
        }
        _ if whole_book_fits(e.segmentation.tiers.len(), e.plan.available) => (
            Verdict::Warn,
            format!("{} empty; the whole book fits High-Touch anyway", open.join(", ")),
        ),
        _ if rows <= 1 => (
            Verdict::Warn,
            format!("{} empty: ARR does not tell these accounts apart", open.join(", ")),
        ),
        _ => (
            Verdict::Fail,
            format!(
                "{} empty without a reason; {}, or give assign_tiers documented_empty {{\"{}\": \"why\"}}",
                open.join(", "),
                match e.tier_score {
                    Some(_) => "feed more parts of the tier score or change [tiers.score]",
                    None => "move the cuts",
                },
                open.first().unwrap_or(&"plg")
            ),
        ),
    };
    gate("no_empty_tiers", "No empty tiers", "assign_tiers", verdict, detail)
}

fn arr_reconciles(e: &Evidence) -> Gate {
    let tiers: i128 = e.segmentation.totals.iter().map(|t| t.arr_cents).sum();
    let book = &e.loaded.book;
    let aside: i128 = e
        .loaded
        .set_aside
        .iter()
        .filter_map(|row| row.arr)
        .map(|arr| i128::from(arr.0))
        .sum();
    let rows = book.len() + e.loaded.merged + e.loaded.set_aside.len();
    let holds =
        tiers == book.total_cents() && rows == e.loaded.rows_read && book.total_cents() + aside == e.loaded.arr_read_cents;
    let detail = format!(
        "tiers {} = book {}; {} = {} + {} merged + {} set aside",
        grouped_text(tiers),
        grouped_text(book.total_cents()),
        counted(e.loaded.rows_read, "row"),
        counted(book.len(), "account"),
        e.loaded.merged,
        e.loaded.set_aside.len()
    );
    gate(
        "arr_reconciles",
        "ARR reconciles",
        "load_book",
        if holds { Verdict::Pass } else { Verdict::Fail },
        detail,
    )
}

fn rubric_consistent(e: &Evidence) -> Gate {
    if let Some(scored) = e.tier_score {
        return score_rule::consistent(e, scored);
    }
    let given: f64 = e.strategic.factors.iter().map(|f| f.weight_given).sum();
    let used: f64 = e.strategic.factors.iter().map(|f| f.weight_used).sum();
    let on = e.strategic.n_on();
    let in_range = e.strategic.factors.iter().filter(|f| f.on).all(|f| f.scores.are_shares());
    let signals = &e.policy.strategic.signals;
    let reads = |(_, signal): &(&String, &Signal)| reads_arr_alone(&e.loaded.book, signal);
    let arr_read = signals.iter().find(reads).map(|(factor, _)| factor);
    let bins = Edges::of(e.policy.strategic.bins);
    let sums = (given - 1.0).abs() <= 1e-9 && (on == 0 || (used - 1.0).abs() <= 1e-9);
    let (verdict, detail) = match () {
        () if !sums => (
            Verdict::Fail,
            format!("weights sum to {given}, in force to {used}; both must be 1"),
        ),
        () if arr_read.is_some() => (
            Verdict::Fail,
            format!("the signal of {} reads ARR alone", arr_read.map_or("", String::as_str)),
        ),
        () if !in_range => (Verdict::Fail, "a factor score lies outside 0..1".into()),
        () if bins.low >= bins.high => (Verdict::Fail, "the low bin edge is not below the high one".into()),
        () if e.segmentation.rule == Rule::Arr => (
            Verdict::Warn,
            format!("{on} of {} factors on: tiers follow ARR alone", e.strategic.factors.len()),
        ),
        () => (
            Verdict::Pass,
            format!("{on} of {} factors on, one set of weights", e.strategic.factors.len()),
        ),
    };
    let back = if arr_read.is_some() {
        "score_strategic"
    } else {
        "define_axes"
    };
    gate("rubric_consistent", "Rubric consistent", back, verdict, detail)
}

fn flags_compatible(e: &Evidence) -> Gate {
    let [at_risk, ready] = ["at_risk_retention", "expansion_ready"].map(|name| e.flags.set(name).unwrap_or_default());
    let pairs = at_risk.iter().zip(ready).enumerate();
    let both: Vec<usize> = pairs
        .filter(|(_, (at_risk, ready))| **at_risk && **ready)
        .map(|(i, _)| i)
        .collect();
    let contradictions = e.flags.comments.iter().filter(|c| c.kind == "contradiction");
    let commented: HashSet<usize> = contradictions.map(|c| c.account).collect();
    let cents: i128 = both.iter().map(|i| i128::from(e.loaded.book.arr(*i).0)).sum();
    let arr = short_text(cents, &e.loaded.book.currency);
    let n = both.len();
    let (verdict, detail) = match both.iter().filter(|i| !commented.contains(i)).count() {
        0 if n == 0 => (Verdict::Pass, "no account carries flags that contradict".to_string()),
        0 => (
            Verdict::Warn,
            format!("{n} at risk and expansion-ready at once ({arr}), each with its comment"),
        ),
        silent => (Verdict::Fail, format!("{silent} of {n} contradictions carry no comment")),
    };
    gate("flags_compatible", "Flags compatible", "assign_tiers", verdict, detail)
}

fn capacity_explicit(e: &Evidence) -> Gate {
    let capacity = &e.policy.capacity;
    let sizes_given = capacity.preset.is_some() || !capacity.book_sizes.is_empty();
    let sentence = e.plan.sentence();
    let (verdict, detail) = match e.plan.status {
        Some(Status::Shortage) => (Verdict::Warn, format!("{sentence}; short")),
        Some(_) => (Verdict::Pass, sentence),
        None if sizes_given => (Verdict::Warn, format!("{sentence}; book sizes are given, headcount is not")),
        None => (Verdict::Fail, format!("{sentence}; give csms or book sizes")),
    };
    gate(
        "capacity_explicit",
        "Capacity explicit",
        "calibrate_capacity",
        verdict,
        detail,
    )
}

/// The tool that can move accounts: cuts and bins, unless fixed bands decide; then another rule.
fn placed_by(e: &Evidence) -> &'static str {
    match e.segmentation.rule {
        Rule::Score => "assign_tiers",
        _ => "define_axes",
    }
}

fn mid_touch_share(e: &Evidence) -> Gate {
    let accounts = e.segmentation.tiers.len();
    let mid = e.segmentation.total(Tier::MidTouch).accounts;
    let share = if accounts == 0 { 0.0 } else { mid as f64 / accounts as f64 };
    let limit = e.policy.gates.mid_touch_max;
    let verdict = if share > limit { Verdict::Fail } else { Verdict::Pass };
    let detail = format!(
        "Mid-Touch holds {:.1}% of accounts; at most {:.0}%",
        share * 100.0,
        limit * 100.0
    );
    gate("mid_touch_share", "Mid-Touch share", placed_by(e), verdict, detail)
}

fn stability(e: &Evidence) -> Gate {
    let limits = e.policy.gates.stability;
    let hysteresis = e.policy.tiers.hysteresis >= 0.10;
    let (near, share) = (e.stability.near.len(), e.stability.account_share);
    let change = if near == 1 { "changes" } else { "change" };
    let numbers = format!(
        "{} ({:.1}%) {change} tier at ARR ±10%",
        counted(near, "account"),
        share * 100.0
    );
    let (verdict, detail) = match () {
        () if share <= limits.pass => (Verdict::Pass, format!("{numbers}; at most {:.0}%", limits.pass * 100.0)),
        () if hysteresis => (
            Verdict::Warn,
            format!(
                "{numbers}; a warning only, since hysteresis keeps known tiers within {:.0}% of a cut",
                e.policy.tiers.hysteresis * 100.0
            ),
        ),
        () if share <= limits.warn || near < 3 => (Verdict::Warn, format!("{numbers}, without hysteresis")),
        () => (
            Verdict::Fail,
            format!("{numbers}, over {:.0}% without hysteresis", limits.warn * 100.0),
        ),
    };
    gate("stability", "Stability at ±10%", placed_by(e), verdict, detail)
}

fn triggers_documented(e: &Evidence) -> Gate {
    let triggers = e.policy.triggers.clone();
    let present = triggers.as_ref().map_or([false; 5], |t| {
        [
            t.baseline_months.is_some(),
            t.tier_arr_move.is_some(),
            t.headcount_move.is_some(),
            t.tier_churn_over_target.is_some(),
            t.product_line_launch.is_some(),
        ]
    });
    let lines = [
        "baseline_months = 12",
        "tier_arr_move = 0.2",
        "headcount_move = 0.15",
        "tier_churn_over_target = 1.5",
        "product_line_launch = true",
    ];
    let missing: Vec<&str> = lines
        .into_iter()
        .zip(present)
        .filter(|(_, there)| !there)
        .map(|(line, _)| line)
        .collect();
    let (verdict, detail) = match missing.as_slice() {
        [] => (
            Verdict::Pass,
            "four triggers and the yearly baseline are in the model".to_string(),
        ),
        missing => (
            Verdict::Fail,
            format!("add to [triggers] of the model file: {}", missing.join("; ")),
        ),
    };
    gate("triggers_documented", "Triggers documented", "validate", verdict, detail)
}

fn gaps_flagged(confidence: Confidence, gaps: &[String]) -> Gate {
    let verdict = if confidence == Confidence::Low {
        Verdict::Warn
    } else {
        Verdict::Pass
    };
    let named = if gaps.is_empty() {
        "no input is missing".to_string()
    } else {
        const NAMED: usize = 2;
        let more = match gaps.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!("; {more} more"),
        };
        format!("{}{more}", gaps.iter().take(NAMED).cloned().collect::<Vec<_>>().join("; "))
    };
    gate(
        "gaps_flagged",
        "Gaps flagged",
        "score_strategic",
        verdict,
        format!("calibration confidence {}; {named}", confidence.code()),
    )
}

/// Calibration confidence from coverage, with every gap in words (M38, M47).
fn confidence(e: &Evidence) -> (Confidence, Vec<String>) {
    let mut gaps = Vec::new();
    let factors: Vec<&FactorScore> = match e.tier_score {
        Some(scored) => scored.parts.iter().map(|part| &part.score).collect(),
        None => e.strategic.factors.iter().collect(),
    };
    for factor in factors.iter().filter(|f| f.weight_given > 0.0) {
        if !factor.on {
            gaps.push(format!("{} is {}", factor.name, factor.source));
        } else if factor.coverage < 1.0 {
            gaps.push(format!(
                "{} is known for {:.0}% of accounts ({})",
                factor.name,
                (factor.coverage * 100.0).floor(),
                factor.source
            ));
        }
    }
    if !e.flags.idle.is_empty() {
        gaps.push(format!("no column sets these flags: {}", e.flags.idle.join(", ")));
    }
    if e.plan.available.is_none() {
        gaps.push("CSM headcount is not given".to_string());
    }
    let all_on = factors.iter().all(|f| f.on || f.weight_given == 0.0);
    let coverage = e.tier_score.map_or_else(|| e.strategic.coverage(), TierScore::coverage);
    let arr_alone = e.segmentation.rule == Rule::Arr || e.tier_score.is_some_and(TierScore::is_arr_alone);
    let confidence = match () {
        () if arr_alone || coverage < COVERAGE_LOW => Confidence::Low,
        () if all_on && coverage >= COVERAGE_HIGH => Confidence::High,
        () => Confidence::Medium,
    };
    (confidence, gaps)
}
