//! `calibrate_capacity`: CSMs needed against CSMs available, by tier, and what each CSM carries.

use serde_json::{Value, json};

use super::{StepAnswer, View, amount, count};
use crate::engine::capacity::{Ratio, Status, TierDemand};
use crate::model::finding::Finding;
use crate::model::money::short_text;
use crate::model::policy::BookSize;
use crate::model::presets;
use crate::report::{Block, Report, Section, Table};

/// The answer of `calibrate_capacity`.
pub fn answer(view: View) -> StepAnswer {
    let report = Report {
        step: "calibrate_capacity".into(),
        verdict: verdict(view),
        findings: findings(view),
        sections: vec![
            Section::key("Demand", vec![Block::Table(demand_table(view))]),
            Section::key("ARR per CSM", vec![Block::Table(arr_table(view))]),
        ],
        next: vec![match view.outcome.plan.available {
            Some(_) => "validate to run the nine gates".into(),
            None => "calibrate_capacity with csms, your CSM headcount".into(),
        }],
    };
    StepAnswer {
        report,
        data: data(view),
    }
}

/// The sentence with its status, also used by `run`.
pub fn verdict(view: View) -> String {
    let plan = &view.outcome.plan;
    let range = format!(
        "{} with the largest books to {} with the smallest",
        plan.needed_low, plan.needed_high
    );
    match plan.status {
        Some(status) => format!("{}: {} ({range})", plan.sentence(), status.code()),
        None => format!("{} ({range})", plan.sentence()),
    }
}

/// What the plan has to say, also shown by `run`.
pub fn findings(view: View) -> Vec<Finding> {
    let plan = &view.outcome.plan;
    let mut findings = Vec::new();
    match (plan.status, plan.available) {
        (Some(Status::Shortage), Some(available)) => findings.push(Finding::warning(
            "capacity_short",
            format!(
                "{available} CSMs, and even the largest books need {}: raise the cuts or the high bin edge, or hire",
                plan.needed_low
            ),
        )),
        (Some(Status::Slack), Some(available)) => findings.push(Finding::info(
            "capacity_slack",
            format!(
                "{available} CSMs, and the smallest books need {}: lower the cuts to serve more accounts closely",
                plan.needed_high
            ),
        )),
        _ => {}
    }
    let short: Vec<String> = plan.tiers.iter().filter_map(tier_short).collect();
    if !short.is_empty() {
        findings.push(Finding::warning(
            "tier_short",
            format!("too few CSMs in {}", short.join(", ")),
        ));
    }
    let cost = view.policy.capacity.csm_cost;
    let unaffordable: Vec<String> = plan
        .unaffordable(cost.0)
        .into_iter()
        .map(|(tier, cents)| format!("{} carries {}", tier.label(), short_text(cents, &view.book().currency)))
        .collect();
    if !unaffordable.is_empty() {
        let floor = short_text(i128::from(cost.0) * 4, &view.book().currency);
        findings.push(Finding::warning(
            "unaffordable_touch",
            format!(
                "ARR per CSM at the largest book is under {floor}, four times a CSM's cost: {}",
                unaffordable.join(", ")
            ),
        ));
    }
    findings
}

/// Demand by tier, also used by the report document.
pub fn demand_table(view: View) -> Table {
    let mut table = Table::new(&["Tier", ">Accounts", ">Accounts per CSM", ">CSMs low/typical/high"]);
    for tier in &view.outcome.plan.tiers {
        table.push([
            tier.tier.name(view.policy.tiers.scheme).to_string(),
            count(tier.total.accounts),
            book_text(tier.book),
            format!("{} / {} / {}", fte(tier.low), fte(tier.typical), fte(tier.high)),
        ]);
    }
    table
}

/// "8-15", "1000+", "none".
pub fn book_text(book: BookSize) -> String {
    match (book.min, book.max) {
        (Some(min), Some(max)) => format!("{min}-{max}"),
        (Some(min), None) => format!("{min}+"),
        (None, Some(max)) => format!("up to {max}"),
        (None, None) => "none".into(),
    }
}

fn arr_table(view: View) -> Table {
    let currency = &view.book().currency;
    let major = |value: f64| short_text((value * 100.0) as i128, currency);
    let target = |range: Option<(f64, f64)>| match range {
        Some((0.0, to)) => format!("under {}", major(to)),
        Some((from, to)) => format!("{} to {}", major(from), major(to)),
        None => "-".into(),
    };
    let mut table = Table::new(&["Tier", ">ARR", ">ARR per CSM", ">Usual"]);
    for tier in &view.outcome.plan.tiers {
        table.push([
            tier.tier.name(view.policy.tiers.scheme).to_string(),
            view.short(tier.total.arr_cents),
            tier.arr_per_csm()
                .map_or("-".into(), |cents| short_text(cents.round() as i128, currency)),
            target(presets::arr_per_csm_range(tier.tier)),
        ]);
    }
    let csms = view.outcome.plan.available.filter(|csms| *csms > 0.0);
    let total = view.book().total_cents();
    table.push([
        "All tiers".to_string(),
        view.short(total),
        csms.map_or("-".into(), |csms| short_text((total as f64 / csms).round() as i128, currency)),
        target(Some(presets::ARR_PER_CSM_ALL)),
    ]);
    table
}

fn tier_short(tier: &TierDemand) -> Option<String> {
    let available = tier.available?;
    (available < tier.low.ceil() as f64).then(|| format!("{} ({available} of at least {})", tier.tier.label(), tier.low.ceil()))
}

fn fte(ratio: Ratio) -> String {
    format!("{:.1}", ratio.value())
}

fn data(view: View) -> Value {
    let plan = &view.outcome.plan;
    let rounded = |value: f64| (value * 10_000.0).round() / 10_000.0;
    let tier = |t: &TierDemand| {
        json!({
            "tier": t.tier.code(),
            "accounts": t.total.accounts,
            "arr": amount(t.total.arr_cents),
            "book_min": t.book.min,
            "book_max": t.book.max,
            "fte_low": rounded(t.low.value()),
            "fte_typical": rounded(t.typical.value()),
            "fte_high": rounded(t.high.value()),
            "csms": t.available,
            "arr_per_csm": t.arr_per_csm().map(|cents| amount(cents.round() as i128)),
        })
    };
    json!({
        "needed": {"low": plan.needed_low, "typical": plan.needed_typical, "high": plan.needed_high},
        "available": plan.available.map(plain_number),
        "gap": plan.gap().map(plain_number),
        "status": plan.status.map(Status::code),
        "sentence": plan.sentence(),
        "tiers": plan.tiers.iter().map(tier).collect::<Vec<_>>(),
    })
}

/// 4 rather than 4.0.
pub fn plain_number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        json!(value as i64)
    } else {
        json!(value)
    }
}
