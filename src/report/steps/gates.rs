//! `validate`: the nine gates, whether the model may ship, and how firmly accounts stand.

use serde_json::{Map, Value, json};

use super::{StepAnswer, View, count, put_list, share};
use crate::engine::gates::Verdict;
use crate::engine::margin::{Margins, WeightRange, weight_ranges};
use crate::engine::score::{BasisPoints, Edges};
use crate::model::finding::Finding;
use crate::model::tier::Rule;
use crate::report::{Block, Report, Section, Table, text};

/// The answer of `validate`.
pub fn answer(view: View) -> StepAnswer {
    let report = Report {
        step: "validate".into(),
        verdict: verdict(view),
        findings: findings(view),
        sections: vec![
            Section::key("Gates", vec![Block::Table(gate_table(view))]),
            Section::new("Stability", vec![Block::List(stability_lines(view))]),
            Section::full_only("Why", vec![Block::List(gate_lines(view))]),
            Section::full_only("How far weights can move", vec![Block::Table(weight_table(view))]),
            Section::full_only("Accounts that change tier at ARR ±10%", vec![Block::Table(near_table(view))]),
        ],
        next: vec![next(view)],
    };
    StepAnswer {
        report,
        data: data(view),
    }
}

/// "APPROVED: …" or "DRAFT: …", also used by `run` and the report document.
pub fn verdict(view: View) -> String {
    let gates = &view.outcome.gates;
    let (pass, warn) = (gates.count(Verdict::Pass), gates.count(Verdict::Warn));
    if gates.approved().is_some() {
        return format!("APPROVED: no gate fails ({pass} pass, {warn} warn)");
    }
    let mut back: Vec<&str> = Vec::new();
    for gate in gates.failing() {
        if !back.contains(&gate.route_back) {
            back.push(gate.route_back);
        }
    }
    let failing: Vec<&str> = gates.failing().map(|gate| gate.id).collect();
    format!(
        "DRAFT: {} of {} gates fail ({}); go back to {}",
        failing.len(),
        gates.gates.len(),
        failing.join(", "),
        back.join(", ")
    )
}

/// One finding for each gate that does not pass, also shown by `run`.
pub fn findings(view: View) -> Vec<Finding> {
    let finding = |gate: &crate::engine::gates::Gate| match gate.verdict {
        Verdict::Pass => None,
        Verdict::Warn => Some(Finding::warning(gate.id, format!("{}: {}", gate.name, gate.detail))),
        Verdict::Fail => Some(Finding::critical(
            gate.id,
            format!("{}: {}; back to {}", gate.name, gate.detail, gate.route_back),
        )),
    };
    view.outcome.gates.gates.iter().filter_map(finding).collect()
}

/// The gates, also used by the report document.
pub fn gate_table(view: View) -> Table {
    let mut table = Table::new(&["Gate", "Verdict", "Back to"]);
    for gate in &view.outcome.gates.gates {
        let back = if gate.verdict == Verdict::Pass { "-" } else { gate.route_back };
        table.push([gate.name, gate.verdict.code(), back]);
    }
    table
}

/// The gates with their numbers, for the page.
pub fn detail_table(view: View) -> Table {
    let mut table = Table::new(&["Gate", "Verdict", "Found", "Back to"]);
    for gate in &view.outcome.gates.gates {
        let back = if gate.verdict == Verdict::Pass { "" } else { gate.route_back };
        table.push([gate.name, gate.verdict.code(), &gate.detail, back]);
    }
    table
}

/// Each gate with its numbers, also used by the report document.
pub fn gate_lines(view: View) -> Vec<String> {
    view.outcome
        .gates
        .gates
        .iter()
        .map(|gate| format!("{} {}: {}", gate.verdict.code(), gate.name, gate.detail))
        .collect()
}

/// Stability in words, also used by the report document.
pub fn stability_lines(view: View) -> Vec<String> {
    let stability = &view.outcome.stability;
    let mut lines = vec![format!(
        "{} of {} accounts ({}), {} of ARR, change tier at ARR ±10%",
        count(stability.near.len()),
        count(view.book().len()),
        text::percent(stability.account_share),
        text::percent(stability.arr_share)
    )];
    let drawn = |s: &crate::engine::stability::Sampled| match s.direction {
        "none" => format!("{} stays", text::name(&s.account)),
        direction => format!(
            "{} goes {} to {} ({direction})",
            text::name(&s.account),
            s.from.code(),
            s.to.code()
        ),
    };
    let sample: Vec<String> = stability.sample.iter().map(drawn).collect();
    if !sample.is_empty() {
        lines.push(format!("sample with seed {}: {}", view.policy.seed, sample.join(", ")));
    }
    for step in &stability.moves {
        lines.push(format!(
            "moving the {} cut from {} to {} would leave {} near a cut, not {}",
            step.cut,
            view.exact(step.from),
            view.exact(step.to),
            count(step.after),
            count(step.before)
        ));
    }
    lines
}

/// Accounts near a cut, largest first, also used by the report document.
pub fn near_table(view: View) -> Table {
    const SHOWN: usize = 200;
    let mut table = Table::new(&["Account", ">ARR", "Tier", "Nearest change", ">Strategic points"]);
    for account in view.outcome.stability.near.iter().take(SHOWN) {
        let value = view.outcome.strategic.value.get(*account).copied().unwrap_or(0);
        let arr = view.book().arr(*account);
        let margins = margins(view, *account, arr.0, value);
        let by_arr = margins.nearest_arr(arr.0);
        let by_value = margins.nearest_value(value);
        table.push([
            text::clean(view.book().name(*account)),
            view.exact(arr),
            view.tier_label(view.outcome.segmentation.tier(*account)).to_string(),
            by_arr.map_or("-".into(), |(share, to)| {
                format!("{:+.1}% ARR: {}", share * 100.0, view.tier_label(to.tier))
            }),
            by_value.map_or("-".into(), |(points, to)| {
                format!("{points:+.4}: {}", view.tier_label(to.tier))
            }),
        ]);
    }
    table
}

fn margins(view: View, account: usize, cents: i64, value: BasisPoints) -> Margins {
    Margins::of_account(
        &view.outcome.segmentation,
        view.policy.tiers.hysteresis,
        account,
        cents,
        value,
    )
}

/// For each factor, between which weights no account changes bin.
fn weight_table(view: View) -> Table {
    let mut table = Table::new(&["Factor", ">Weight", ">No account changes bin from", ">to"]);
    for range in weights(view) {
        let number = |weight: f64| format!("{weight:.3}");
        table.push([range.factor, number(range.weight), number(range.from), number(range.to)]);
    }
    table
}

fn weights(view: View) -> Vec<WeightRange> {
    match view.outcome.rule {
        Rule::Grid => weight_ranges(&view.outcome.strategic, Edges::of(view.policy.strategic.bins)),
        _ => Vec::new(),
    }
}

/// The step to go back to, or the one that hands the model over; also used by `run`.
pub fn next(view: View) -> String {
    let mut failing = view.outcome.gates.failing();
    match failing.next() {
        Some(gate) => format!("{}: {}", gate.route_back, gate.detail),
        None => "write_report to hand the model over".into(),
    }
}

fn data(view: View) -> Value {
    let stability = &view.outcome.stability;
    let near = |account: &usize| {
        let arr = view.book().arr(*account);
        let value = view.outcome.strategic.value.get(*account).copied().unwrap_or(0);
        let margins = margins(view, *account, arr.0, value);
        let by_value = margins.nearest_value(value);
        json!({
            "account": view.book().id(*account),
            "arr": arr,
            "tier": view.outcome.segmentation.tier(*account).code(),
            "arr_change": margins.nearest_arr(arr.0).map(|(by, to)| json!({"by": share(by), "tier": to.tier.code()})),
            "value_change": by_value.map(|(by, to)| json!({"by": share(by), "tier": to.tier.code()})),
        })
    };
    let mut of = Map::new();
    of.insert("within_10pct_accounts".into(), json!(stability.near.len()));
    of.insert("account_share".into(), share(stability.account_share));
    of.insert("arr_share".into(), share(stability.arr_share));
    of.insert("seed".into(), json!(view.policy.seed));
    of.insert("sample".into(), json!(stability.sample));
    of.insert("cut_moves".into(), json!(stability.moves));
    of.insert("weights".into(), json!(weights(view)));
    put_list(&mut of, "accounts", stability.near.iter().map(near));
    json!({
        "ship": view.outcome.gates.approved().is_some(),
        "gates": view.outcome.gates.gates,
        "confidence": view.outcome.gates.confidence,
        "gaps": view.outcome.gates.gaps,
        "stability": of,
    })
}
