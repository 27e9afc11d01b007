//! A what-if: who would move, from where to where, and what the team and the gates would make of it (S11).

use serde_json::{Map, Value, json};

use super::capacity::plain_number;
use super::options::thresholds_text;
use super::{StepAnswer, View, accounts, amount, put_list};
use crate::model::tier::Tier;
use crate::report::{Block, Report, Section, Table, text};

/// The answer of `compare`: what stands against what would be.
pub fn answer(before: View, after: View) -> StepAnswer {
    let moves = moves(before, after);
    let gates = gate_changes(before, after);
    let report = Report {
        step: "calibrate_capacity".into(),
        verdict: verdict(before, after, &moves),
        findings: Vec::new(),
        sections: sections(before, after, &moves, &gates),
        next: vec!["calibrate_capacity with compare for another change; nothing was changed by this one".into()],
    };
    StepAnswer {
        report,
        data: data(before, after, &moves, &gates),
    }
}

/// An account that would move.
struct Move {
    account: usize,
    from: Tier,
    to: Tier,
}

/// The accounts that would move, largest first.
fn moves(before: View, after: View) -> Vec<Move> {
    let tiers = |view: View, account| view.outcome.segmentation.tier(account);
    let moved = |account: usize| {
        let (from, to) = (tiers(before, account), tiers(after, account));
        (from != to).then_some(Move { account, from, to })
    };
    before.book().by_arr().filter_map(moved).collect()
}

fn moved_cents(view: View, moves: &[Move]) -> i128 {
    moves.iter().map(|m| i128::from(view.book().arr(m.account).0)).sum()
}

/// Gates whose verdict would change: id, before, after.
fn gate_changes(before: View, after: View) -> Vec<(&'static str, &'static str, &'static str)> {
    let pairs = before.outcome.gates.gates.iter().zip(&after.outcome.gates.gates);
    pairs
        .filter(|(was, now)| was.verdict != now.verdict)
        .map(|(was, now)| (was.id, was.verdict.code(), now.verdict.code()))
        .collect()
}

fn verdict(before: View, after: View, moves: &[Move]) -> String {
    let cents = moved_cents(before, moves);
    format!(
        "{} ({}) would move; CSMs needed {} would be {}",
        accounts(moves.len()),
        before.short(cents),
        before.outcome.plan.needed_typical,
        after.outcome.plan.needed_typical
    )
}

fn sections(before: View, after: View, moves: &[Move], gates: &[(&str, &str, &str)]) -> Vec<Section> {
    let scheme = before.policy.tiers.scheme;
    let mut tiers = Table::new(&["Tier", ">Accounts now", ">Accounts then", ">ARR then"]);
    for tier in Tier::ALL {
        let (was, now) = (
            before.outcome.segmentation.total(tier),
            after.outcome.segmentation.total(tier),
        );
        tiers.push([
            tier.name(scheme).to_string(),
            was.accounts.to_string(),
            now.accounts.to_string(),
            after.short(now.arr_cents),
        ]);
    }
    let mut who = Table::new(&["Account", ">ARR", "From", "To"]);
    for m in moves.iter().take(super::ROWS_MAX) {
        who.push([
            text::clean(before.book().name(m.account)),
            before.exact(before.book().arr(m.account)),
            m.from.label().to_string(),
            m.to.label().to_string(),
        ]);
    }
    let currency = &before.book().currency;
    let [was, now] = [before, after].map(|view| thresholds_text(view.outcome.segmentation.thresholds, currency));
    let mut lines = Vec::new();
    if was != now {
        lines.push(format!("{was} would be {now}"));
    }
    lines.extend(weight_changes(before, after));
    lines.push(after.outcome.plan.sentence());
    lines.extend(gates.iter().map(|(id, was, now)| format!("gate {id}: {was} would be {now}")));
    vec![
        Section::key("What would change", vec![Block::List(lines)]),
        Section::key("Tiers", vec![Block::Table(tiers)]),
        Section::key("Who would move", vec![Block::Table(who)]),
    ]
}

/// Factors whose weight in force would be another.
fn weight_changes(before: View, after: View) -> Vec<String> {
    let pairs = before.outcome.strategic.factors.iter().zip(&after.outcome.strategic.factors);
    pairs
        .filter(|(was, now)| (was.weight_used - now.weight_used).abs() > 1e-9)
        .map(|(was, now)| {
            format!(
                "weight of {}: {:.3} would be {:.3}",
                was.name, was.weight_used, now.weight_used
            )
        })
        .collect()
}

fn data(before: View, after: View, moves: &[Move], gates: &[(&str, &str, &str)]) -> Value {
    let both = |value: fn(View) -> Value| json!({"before": value(before), "after": value(after)});
    let cents = moved_cents(before, moves);
    let mut compare = Map::new();
    compare.insert("moved_accounts".into(), json!(moves.len()));
    compare.insert("moved_arr".into(), amount(cents));
    let entry = |m: &Move| {
        json!({
            "account_id": before.book().id(m.account),
            "name": text::clean(before.book().name(m.account)),
            "arr": before.book().arr(m.account),
            "from": m.from.code(),
            "to": m.to.code(),
        })
    };
    put_list(&mut compare, "moves", moves.iter().map(entry));
    compare.insert("needed".into(), both(|view| json!(view.outcome.plan.needed_typical)));
    compare.insert(
        "available".into(),
        both(|view| json!(view.outcome.plan.available.map(plain_number))),
    );
    compare.insert("gap".into(), both(|view| json!(view.outcome.plan.gap().map(plain_number))));
    compare.insert("tiers".into(), both(super::tiers::tiers_json));
    let gate = |(id, was, now): &(&str, &str, &str)| json!({"id": id, "before": was, "after": now});
    compare.insert("gates".into(), json!(gates.iter().map(gate).collect::<Vec<_>>()));
    json!({"compare": compare})
}
