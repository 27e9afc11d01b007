//! `calibrate_capacity`: CSMs needed against CSMs available, by tier, and what each CSM carries.

use serde_json::{Map, Value, json};

use super::options::{self, Applied};
use super::{StepAnswer, View, amount, count, resources};
use crate::engine::calibrate::Calibration;
use crate::engine::capacity::{Ratio, Status, TierDemand};
use crate::engine::touch::{TierHours, TouchBudget, budget};
use crate::model::finding::Finding;
use crate::model::money::short_text;
use crate::model::policy::BookSize;
use crate::model::presets;
use crate::model::tier::Rule;
use crate::report::{Block, Report, Section, Table};

/// The answer of `calibrate_capacity`; the revision is what an option must be taken with.
pub fn answer(view: View, found: &Calibration, applied: Option<&Applied>, revision: &str) -> StepAnswer {
    let touch = budget(&view.outcome.plan, &view.policy.capacity);
    let mut sections = Vec::new();
    if let Some(applied) = applied {
        sections.push(Section::key("Applied", vec![Block::Text(applied.decision.clone())]));
    }
    sections.push(Section::key("Demand", vec![Block::Table(demand_table(view))]));
    sections.extend(options::sections(view, found));
    sections
        .extend(super::tiers::grid_table(view).map(|grid| Section::new("ARR row by strategic bin", vec![Block::Table(grid)])));
    sections.push(Section::new("ARR per CSM", vec![Block::Table(arr_table(view))]));
    sections.extend(resources::sections(view));
    sections.push(Section::new("Touch budget", vec![Block::Table(touch_table(view, &touch))]));
    if applied.is_some() {
        settle(&mut sections);
    }
    let mut findings = findings(view);
    findings.extend(options::findings(view, found));
    findings.extend(touch_short(&touch));
    findings.extend(arr_asks_for_more(view));
    let mut next = match (view.outcome.plan.available, applied) {
        (Some(_), None) => vec!["validate to run the nine gates".to_string()],
        (Some(_), Some(done)) if done.id == "previous" => vec!["validate to run the nine gates".to_string()],
        (Some(_), Some(_)) => vec!["validate to run the nine gates; apply \"previous\" takes the option back".to_string()],
        (None, _) => vec!["calibrate_capacity with csms, your CSM headcount".to_string()],
    };
    next.extend(options::next(found, revision).filter(|_| applied.is_none()));
    let report = Report {
        step: "calibrate_capacity".into(),
        verdict: verdict(view),
        findings,
        sections,
        next,
    };
    let mut data = data(view, &touch);
    options::put(&mut data, view, found, applied);
    StepAnswer {
        report,
        data: Value::Object(data),
    }
}

/// The choice has been made: what it was made from goes into the full report.
fn settle(sections: &mut [Section]) {
    const STAY: [&str; 3] = ["Applied", "Demand", "What the team can carry"];
    for section in sections.iter_mut().filter(|section| !STAY.contains(&section.title.as_str())) {
        section.key = false;
        section.full_only = true;
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
    let by_rule = |usual: &'static str, under_score: &'static str| match view.outcome.rule {
        Rule::Score => under_score,
        _ => usual,
    };
    match (plan.status, plan.available) {
        (Some(Status::Shortage), Some(available)) => findings.push(Finding::warning(
            "capacity_short",
            format!(
                "{available} CSMs, and even the largest books need {}: {}, or hire",
                plan.needed_low,
                by_rule(
                    "raise the cuts or the high bin edge",
                    "weigh the tier score otherwise ([tiers.score])"
                )
            ),
        )),
        (Some(Status::Slack), Some(available)) => findings.push(Finding::info(
            "capacity_slack",
            format!(
                "{available} CSMs, and the smallest books need {}: {} to serve more accounts closely",
                plan.needed_high,
                by_rule("lower the cuts", "weigh the tier score otherwise ([tiers.score])")
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
    findings.extend(resources::findings(view));
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
    let target = |range| usual_arr(range, currency);
    let mut table = Table::new(&[
        "Tier",
        ">ARR",
        ">ARR per CSM",
        ">Usual",
        ">CSMs by accounts",
        ">CSMs by ARR",
        "Binds",
    ]);
    for tier in &view.outcome.plan.tiers {
        table.push([
            tier.tier.name(view.policy.tiers.scheme).to_string(),
            view.short(tier.total.arr_cents),
            tier.arr_per_csm()
                .map_or("-".into(), |cents| short_text(cents.round() as i128, currency)),
            target(presets::arr_per_csm_range(tier.tier)),
            fte(tier.typical),
            by_arr(tier).map_or("-".into(), |csms| format!("{csms:.1}")),
            binds(tier).unwrap_or("-").to_string(),
        ]);
    }
    let csms = view.outcome.plan.available.filter(|csms| *csms > 0.0);
    let total = view.book().total_cents();
    table.push([
        "All tiers".to_string(),
        view.short(total),
        csms.map_or("-".into(), |csms| short_text((total as f64 / csms).round() as i128, currency)),
        target(Some(presets::ARR_PER_CSM_ALL)),
        String::new(),
        String::new(),
        String::new(),
    ]);
    table
}

/// The ARR per CSM that the sources aim at, in words.
pub fn usual_arr(range: Option<(f64, f64)>, currency: &str) -> String {
    let major = |value: f64| short_text((value * 100.0) as i128, currency);
    match range {
        Some((0.0, to)) => format!("under {}", major(to)),
        Some((from, to)) => format!("{} to {}", major(from), major(to)),
        None => "-".into(),
    }
}

/// CSMs that a tier needs if none carries more ARR than is usual (K15); none where the sources set no bound.
fn by_arr(tier: &TierDemand) -> Option<f64> {
    let (_, most) = presets::arr_per_csm_range(tier.tier)?;
    Some(tier.total.arr_cents as f64 / (most * 100.0))
}

/// Which bound asks for more CSMs: accounts per CSM, or ARR per CSM.
fn binds(tier: &TierDemand) -> Option<&'static str> {
    let by_arr = by_arr(tier).filter(|_| tier.total.accounts > 0)?;
    Some(if by_arr > tier.typical.value() { "arr" } else { "accounts" })
}

fn touch_table(view: View, touch: &TouchBudget) -> Table {
    let mut table = Table::new(&["Tier", ">Hours per account", ">Hours a year", ">Hours there are"]);
    let hours = |hours: Option<f64>| hours.map_or("-".to_string(), |hours| count(hours.round() as usize));
    for tier in &touch.tiers {
        table.push([
            tier.tier.name(view.policy.tiers.scheme).to_string(),
            format!("{:.1}", tier.per_account),
            hours(Some(tier.needed)),
            hours(tier.available),
        ]);
    }
    table.push([
        "All tiers".to_string(),
        String::new(),
        hours(Some(touch.needed)),
        hours(touch.available),
    ]);
    table
}

fn touch_short(touch: &TouchBudget) -> Option<Finding> {
    let available = touch.available.filter(|available| touch.needed > *available)?;
    let text = format!(
        "the motions take {} hours a year and the CSMs have {}: fewer touches, shorter ones (capacity.minutes in the model), or fewer accounts in the upper tiers",
        count(touch.needed.round() as usize),
        count(available.round() as usize)
    );
    Some(Finding::warning("touch_budget_short", text))
}

/// INFO when the usual ARR per CSM (K15) asks for at least twice the CSMs that the book sizes do: the plan goes by accounts.
fn arr_asks_for_more(view: View) -> Option<Finding> {
    let plan = &view.outcome.plan;
    let asked: f64 = plan.tiers.iter().filter_map(by_arr).sum();
    (asked >= 2.0 * plan.needed_typical as f64 && asked > 1.0).then(|| {
        let text = format!(
            "at the usual ARR per CSM the tiers would take {asked:.1} CSMs, by accounts {}: the plan goes by accounts, smaller book sizes \
             bring the two together",
            plan.needed_typical
        );
        Finding::info("arr_asks_for_more", text)
    })
}

fn tier_short(tier: &TierDemand) -> Option<String> {
    let available = tier.available?;
    (available < tier.low.ceil() as f64).then(|| format!("{} ({available} of at least {})", tier.tier.label(), tier.low.ceil()))
}

fn fte(ratio: Ratio) -> String {
    format!("{:.1}", ratio.value())
}

fn data(view: View, touch: &TouchBudget) -> Map<String, Value> {
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
            "fte_by_arr": by_arr(t).map(rounded),
            "binds": binds(t),
            "arr_per_csm": t.arr_per_csm().map(|cents| amount(cents.round() as i128)),
        })
    };
    let hours = |t: &TierHours| {
        json!({
            "tier": t.tier.code(),
            "hours_per_account": rounded(t.per_account),
            "hours_needed": rounded(t.needed),
            "hours_available": t.available.map(rounded),
        })
    };
    let fields = [
        (
            "needed",
            json!({"low": plan.needed_low, "typical": plan.needed_typical, "high": plan.needed_high}),
        ),
        ("available", json!(plan.available.map(plain_number))),
        ("gap", json!(plan.gap().map(plain_number))),
        ("status", json!(plan.status.map(Status::code))),
        ("sentence", json!(plan.sentence())),
        ("tiers", json!(plan.tiers.iter().map(tier).collect::<Vec<_>>())),
        ("csm_time", resources::time_json(view)),
        ("load", resources::load_json(view)),
        (
            "touch",
            json!({
                "tiers": touch.tiers.iter().map(hours).collect::<Vec<_>>(),
                "hours_needed": rounded(touch.needed),
                "hours_available": touch.available.map(rounded),
            }),
        ),
    ];
    fields.into_iter().map(|(key, value)| (key.to_string(), value)).collect()
}

/// 4 rather than 4.0.
pub fn plain_number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        json!(value as i64)
    } else {
        json!(value)
    }
}
