//! What the tiers give rise to: who is left out, what drifted, what is held, what contradicts.

use super::{View, accounts, count};
use crate::engine::gates::whole_book_fits;
use crate::engine::score::Feed;
use crate::engine::tiering::Thresholds;
use crate::model::finding::Finding;
use crate::model::money::{Money, short_text};
use crate::model::policy::{Baseline, Method};
use crate::model::presets;
use crate::model::tier::{Row, Rule, Tier};
use crate::report::text;

/// Everything the tiers give rise to, also shown by `run`.
pub fn all(view: View) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(no_axis(&view, false));
    findings.extend(unused_cuts(view));
    let changed = |finding: &&Finding| matches!(finding.code, "factor_column_missing" | "factors_could_be_on" | "bins_drifted");
    findings.extend(
        view.outcome
            .strategic_findings
            .iter()
            .filter(changed)
            .filter(|_| view.outcome.rule != Rule::Score)
            .cloned(),
    );
    findings.extend(super::scored::findings(view));
    findings.extend(largest_finding(view));
    findings.extend(drift_findings(view));
    findings.extend(share_range_finding(view));
    findings.extend(super::patterns::findings(view));
    findings.extend(held_finding(view));
    let unread = view.outcome.segmentation.unread_tiers;
    if unread > 0 {
        let text = format!(
            "today's tier of {} names none that is known: they are placed as if new",
            accounts(unread)
        );
        findings.push(Finding::info("current_tier_unread", text));
    }
    findings.extend(contradiction_finding(view));
    let idle = &view.outcome.flags.idle;
    if !idle.is_empty() {
        findings.push(Finding::info("flags_idle", format!("no column sets {}", idle.join(", "))));
    }
    if whole_book_fits(view.book().len(), view.outcome.plan.available) {
        let text = format!(
            "{} for {}: the whole book fits High-Touch",
            accounts(view.book().len()),
            csms(view)
        );
        findings.push(Finding::info("whole_book_fits", text));
    }
    findings
}

/// WARNING when cuts were given for rows that the rule does not use.
pub fn unused_cuts(view: View) -> Option<Finding> {
    let decides = match view.outcome.rule {
        Rule::Arr => "with ARR alone deciding, tiers start at [tiers.arr_cuts] of the model file",
        Rule::Score => "with rule score deciding, tiers start at 80, 60 and 40 points of the tier score",
        Rule::Auto | Rule::Grid => return None,
    };
    (view.policy.axis.method == Method::Given).then(|| {
        let text = format!("the cuts given shape the ARR rows only: {decides}");
        Finding::warning("cuts_not_used", text)
    })
}

/// CRITICAL when tiers follow ARR for want of a strategic axis (S7).
pub fn no_axis(view: &View, before_tiers: bool) -> Option<Finding> {
    if view.outcome.rule != Rule::Arr || view.policy.tiers.rule == Rule::Arr {
        return None;
    }
    let fed = view.outcome.strategic.n_on();
    let follow = if before_tiers { "will follow" } else { "follow" };
    let factors = &view.outcome.strategic.factors;
    let cure = match factors.iter().filter(|f| f.source == Feed::Waiting).count() {
        0 => {
            let off: Vec<&str> = factors.iter().filter(|f| !f.on).map(|f| presets::feeders(&f.name)).collect();
            format!("to change that, add columns ({}) or judge accounts", off.join("; "))
        }
        n => format!("columns of this book would feed {n} more: define_axes with method auto takes them in"),
    };
    let text = format!("{fed} of {} factors fed, so tiers {follow} ARR alone; {cure}", factors.len());
    Some(Finding::critical("no_strategic_axis", text))
}

fn csms(view: View) -> String {
    let n = view.outcome.plan.available.unwrap_or(0.0);
    format!("{n} CSM{}", if n == 1.0 { "" } else { "s" })
}

/// WARNING when more than half of the ten largest are outside High-Touch, with what keeps each out.
fn largest_finding(view: View) -> Option<Finding> {
    const LARGEST: usize = 10;
    let paying = view.book().by_arr().filter(|i| view.book().arr(*i).0 > 0);
    let largest: Vec<usize> = paying.take(LARGEST).collect();
    if largest.len() < LARGEST {
        return None;
    }
    let out: Vec<usize> = largest
        .iter()
        .copied()
        .filter(|i| view.outcome.segmentation.tier(*i) != Tier::HighTouch)
        .collect();
    if out.len() * 2 <= largest.len() {
        return None;
    }
    let named: Vec<String> = out
        .iter()
        .map(|i| format!("{} ({})", view.named(*i), what_keeps_out(view, *i)))
        .collect();
    let text = format!(
        "{} of the {} largest accounts are outside High-Touch: {}",
        out.len(),
        largest.len(),
        named.join(", ")
    );
    Some(Finding::warning("largest_not_high_touch", text))
}

fn what_keeps_out(view: View, account: usize) -> String {
    let segmentation = &view.outcome.segmentation;
    if segmentation.held.iter().any(|(held, _)| *held == account) {
        return format!("held in {}", view.tier_label(segmentation.tier(account)));
    }
    match segmentation.thresholds {
        Thresholds::Arr(Some(cuts)) => format!("under {}", view.exact(cuts.high_touch)),
        Thresholds::Arr(None) => "pays nothing".into(),
        Thresholds::Score => {
            super::scored::score_text(view, account).map_or_else(String::new, |score| format!("tier score {score}"))
        }
        Thresholds::Grid { .. } if segmentation.row(account) == Row::Low => "ARR in the low row".into(),
        Thresholds::Grid { edges, .. } => {
            let high = edges.high_above();
            let unknown = view.outcome.strategic.unknown_factors(account);
            let blank = if unknown.is_empty() {
                String::new()
            } else {
                format!(", {} blank", unknown.len())
            };
            format!(
                "strategic {:.2}, not above {high:.2}{blank}",
                view.outcome.strategic.value_of(account)
            )
        }
    }
}

/// How far rule `arr` lies from the shares that K5 aims at.
fn share_range_finding(view: View) -> Option<Finding> {
    if view.outcome.rule != Rule::Arr {
        return None;
    }
    let outside = |value: f64, (from, to): (f64, f64)| {
        let distance = if value < from { value - from } else { (value - to).max(0.0) };
        (distance.abs() > 0.0005).then(|| format!("{:+.1}", distance * 100.0))
    };
    let mut off = Vec::new();
    for tier in Tier::ALL {
        let total = view.outcome.segmentation.total(tier);
        let (of_accounts, of_arr) = presets::share_ranges(tier);
        let parts = [
            outside(view.account_share(total.accounts), of_accounts).map(|d| format!("accounts {d}")),
            outside(view.arr_share(total.arr_cents), of_arr).map(|d| format!("ARR {d}")),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if !parts.is_empty() {
            off.push(format!("{} {}", tier.label(), parts.join(", ")));
        }
    }
    let text = match off.as_slice() {
        [] => "every tier's share of accounts and ARR lies in the usual range".to_string(),
        off => format!("points outside the usual shares of accounts and ARR: {}", off.join("; ")),
    };
    Some(Finding::info("share_ranges", text))
}

fn held_finding(view: View) -> Option<Finding> {
    let held = &view.outcome.segmentation.held;
    let moved = &view.outcome.segmentation.moved;
    if held.is_empty() && moved.is_empty() {
        return None;
    }
    let cents: i128 = held.iter().map(|(i, _)| i128::from(view.book().arr(*i).0)).sum();
    let text = format!(
        "against today's tiers: {} placed elsewhere, {} ({}) held within {} of a cut",
        accounts(moved.len()),
        count(held.len()),
        view.short(cents),
        text::percent(view.policy.tiers.hysteresis)
    );
    Some(Finding::info("held_by_hysteresis", text))
}

fn contradiction_finding(view: View) -> Option<Finding> {
    let both: Vec<usize> = view
        .outcome
        .flags
        .comments
        .iter()
        .filter(|c| c.kind == "contradiction")
        .map(|c| c.account)
        .collect();
    if both.is_empty() {
        return None;
    }
    let cents: i128 = both.iter().map(|i| i128::from(view.book().arr(*i).0)).sum();
    let text = format!(
        "{} ({}) at risk and expansion-ready at once; each carries a comment",
        accounts(both.len()),
        view.short(cents)
    );
    Some(Finding::warning("flag_contradictions", text))
}

/// WARNING when a trigger of re-calibration has been reached since the baseline (M49, M50).
fn drift_findings(view: View) -> Vec<Finding> {
    let (Some(baseline), Some(triggers)) = (&view.policy.baseline, &view.policy.triggers) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    if baseline.as_of != view.book().as_of {
        findings.push(Finding::info("kept_from_baseline", since_baseline(view, baseline)));
    }
    if let Some(limit) = triggers.tier_arr_move.filter(|_| baseline.as_of != view.book().as_of) {
        let moved: Vec<String> = Tier::ALL
            .into_iter()
            .filter_map(|tier| tier_move(view, baseline, tier, limit))
            .collect();
        if !moved.is_empty() {
            let text = format!(
                "tier ARR moved {} or more since {}: {}; define_axes with method auto calibrates again",
                text::percent(limit),
                baseline.as_of,
                moved.join(", ")
            );
            findings.push(Finding::warning("recalibrate", text));
        }
    }
    if let (Some(limit), Some(before), Some(now)) = (triggers.headcount_move, baseline.csms, view.outcome.plan.available)
        && (now - before).abs() >= limit * before
        && now != before
    {
        let text = format!(
            "headcount moved from {before} to {now}, {} or more: calibrate again",
            text::percent(limit)
        );
        findings.push(Finding::warning("recalibrate", text));
    }
    findings
}

fn since_baseline(view: View, baseline: &Baseline) -> String {
    format!(
        "cuts, bins and weights are kept from {}: then {} and {}, now {} and {}",
        baseline.as_of,
        accounts(baseline.accounts),
        baseline.arr.short(&view.book().currency),
        accounts(view.book().len()),
        view.short(view.book().total_cents())
    )
}

fn tier_move(view: View, baseline: &Baseline, tier: Tier, limit: f64) -> Option<String> {
    let before = baseline.tiers.get(&tier)?.0;
    let now = view.outcome.segmentation.total(tier).arr_cents;
    let change = (now as f64 - before as f64) / before as f64;
    let reached = if before == 0 { now > 0 } else { change.abs() >= limit };
    reached.then(|| {
        let currency = &view.book().currency;
        format!(
            "{} {} to {}",
            tier.label(),
            Money(before).short(currency),
            short_text(now, currency)
        )
    })
}
