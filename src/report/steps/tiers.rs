//! `assign_tiers`: the four tiers, the grid, flags and comments, and what stands out.

use serde_json::{Map, Value, json};

use super::{StepAnswer, View, accounts, amount, count, put_list, share};
use crate::engine::gates::whole_book_fits;
use crate::engine::score::Edges;
use crate::engine::tiering::Thresholds;
use crate::model::finding::Finding;
use crate::model::money::{Money, short_text};
use crate::model::policy::{Baseline, Method};
use crate::model::presets;
use crate::model::tier::{Bin, Row, Rule, Tier, cell};
use crate::report::{Block, Report, Section, Table, text};

/// The answer of `assign_tiers`.
pub fn answer(view: View) -> StepAnswer {
    let report = Report {
        step: "assign_tiers".into(),
        verdict: verdict(view),
        findings: findings(view),
        sections: sections(view),
        next: vec!["calibrate_capacity with your CSM headcount".into()],
    };
    StepAnswer {
        report,
        data: data(view),
    }
}

/// Everything the tiers give rise to, also shown by `run`.
pub fn findings(view: View) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(no_axis_finding(&view, false));
    findings.extend(unused_cuts_finding(view));
    findings.extend(largest_finding(view));
    findings.extend(drift_findings(view));
    findings.extend(share_range_finding(view));
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

/// WARNING when cuts were given for rows that rule `arr` does not use.
pub fn unused_cuts_finding(view: View) -> Option<Finding> {
    let unused = view.outcome.rule == Rule::Arr && view.policy.axis.method == Method::Given;
    unused.then(|| {
        let text =
            "the cuts given shape the ARR rows only: with ARR alone deciding, tiers start at [tiers.arr_cuts] of the model file";
        Finding::warning("cuts_not_used", text)
    })
}

/// CRITICAL when tiers follow ARR for want of a strategic axis (S7).
pub fn no_axis_finding(view: &View, before_tiers: bool) -> Option<Finding> {
    if view.outcome.rule != Rule::Arr || view.policy.tiers.rule == Rule::Arr {
        return None;
    }
    let fed = view.outcome.strategic.n_on();
    let follow = if before_tiers { "will follow" } else { "follow" };
    let off: Vec<String> = view
        .outcome
        .strategic
        .factors
        .iter()
        .filter(|f| !f.on)
        .map(|f| presets::feeders(&f.name).to_string())
        .collect();
    Some(Finding::critical(
        "no_strategic_axis",
        format!(
            "{fed} of {} factors fed, so tiers {follow} ARR alone; to change that, add columns ({}) or judge accounts",
            view.outcome.strategic.factors.len(),
            off.join("; ")
        ),
    ))
}

/// The tier table, also used by `run` and the report document.
pub fn tier_table(view: View) -> Table {
    let mut table = Table::new(&["Tier", ">Accounts", ">ARR", ">ARR share"]);
    for tier in Tier::ALL {
        let total = view.outcome.segmentation.total(tier);
        table.push([
            tier.name(view.policy.tiers.scheme).to_string(),
            count(total.accounts),
            view.short(total.arr_cents),
            text::percent(view.arr_share(total.arr_cents)),
        ]);
    }
    table
}

/// The grid with counts, also used by the report document; none under rule `arr`.
pub fn grid_table(view: View) -> Option<Table> {
    if view.outcome.rule != Rule::Grid {
        return None;
    }
    let counts = grid(view);
    let mut table = Table::new(&["ARR row", ">low", ">medium", ">high"]);
    for row in Row::DRAWN {
        let mut cells = vec![row.code().to_string()];
        for bin in Bin::ALL {
            let n = counts.iter().find(|c| c.row == row && c.bin == bin).map_or(0, |c| c.accounts);
            cells.push(format!("{} {}", count(n), cell(row, bin).label()));
        }
        table.push(cells);
    }
    Some(table)
}

/// One cell of the grid with what it holds.
struct GridCell {
    row: Row,
    bin: Bin,
    accounts: usize,
    arr_cents: i128,
}

fn grid(view: View) -> Vec<GridCell> {
    let all = Row::DRAWN.into_iter().flat_map(|row| Bin::ALL.map(|bin| (row, bin)));
    let mut cells: Vec<GridCell> = all
        .map(|(row, bin)| GridCell {
            row,
            bin,
            accounts: 0,
            arr_cents: 0,
        })
        .collect();
    for account in 0..view.book().len() {
        let row = view.outcome.segmentation.row(account);
        let Some(bin) = view.outcome.segmentation.bin(account) else {
            continue;
        };
        if let Some(cell) = cells.iter_mut().find(|cell| cell.row == row && cell.bin == bin) {
            cell.accounts += 1;
            cell.arr_cents += i128::from(view.book().arr(account).0);
        }
    }
    cells
}

fn verdict(view: View) -> String {
    let mid = view.account_share(view.outcome.segmentation.total(Tier::MidTouch).accounts);
    let by = match view.outcome.rule {
        Rule::Arr => " by ARR alone",
        _ => "",
    };
    format!(
        "{}, {} ARR in 4 tiers{by}; Mid-Touch {} of accounts",
        accounts(view.book().len()),
        view.short(view.book().total_cents()),
        text::percent(mid)
    )
}

fn csms(view: View) -> String {
    let n = view.outcome.plan.available.unwrap_or(0.0);
    format!("{n} CSM{}", if n == 1.0 { "" } else { "s" })
}

/// WARNING when more than half of the ten largest are outside High-Touch, with what keeps each out.
fn largest_finding(view: View) -> Option<Finding> {
    const LARGEST: usize = 10;
    let paying = view.book().by_arr().into_iter().filter(|i| view.book().arr(*i).0 > 0);
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
        return format!("held in {}", segmentation.tier(account).label());
    }
    match segmentation.thresholds {
        Thresholds::Arr(Some(cuts)) => format!("under {}", view.exact(cuts.high_touch)),
        Thresholds::Arr(None) => "pays nothing".into(),
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
    if let Some(limit) = triggers.tier_arr_move {
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

fn sections(view: View) -> Vec<Section> {
    let mut sections = vec![Section::key("Tiers", vec![Block::Table(tier_table(view))])];
    if let Some(grid) = grid_table(view) {
        sections.push(Section::key("ARR row by strategic bin", vec![Block::Table(grid)]));
    }
    let mut flags = Table::new(&["Flag", ">Accounts", "Unlocks"]);
    for flag in &view.outcome.flags.flags {
        flags.push([flag.name.clone(), count(flag.accounts()), flag.unlocks.to_string()]);
    }
    let counts: Vec<String> = view
        .outcome
        .flags
        .flags
        .iter()
        .map(|flag| format!("{} {}", flag.name, count(flag.accounts())))
        .collect();
    if !counts.is_empty() {
        sections.push(Section::key("Flags", vec![Block::Text(counts.join(", "))]));
        sections.push(Section::full_only("What flags unlock", vec![Block::Table(flags)]));
    }
    let comment = |c: &crate::engine::flags::Comment| format!("{}: {}", view.named(c.account), c.text);
    let comments: Vec<String> = view.outcome.flags.comments.iter().take(500).map(comment).collect();
    if !comments.is_empty() {
        sections.push(Section::full_only("Comments", vec![Block::List(comments)]));
    }
    sections.push(Section::full_only(
        "Held in today's tier",
        vec![Block::Table(held_table(view))],
    ));
    sections.push(Section::full_only("Motions", vec![Block::Table(motion_table(view))]));
    sections
}

/// Accounts that hysteresis keeps in today's tier, largest first (S16), also used by the report document.
pub fn held_table(view: View) -> Table {
    let mut held = view.outcome.segmentation.held.clone();
    held.sort_by_key(|(account, _)| (std::cmp::Reverse(view.book().arr(*account)), *account));
    let mut table = Table::new(&["Held account", ">ARR", "Held in", "Would be"]);
    for (account, would_be) in held.iter().take(super::ROWS_MAX) {
        table.push([
            text::clean(view.book().name(*account)),
            view.exact(view.book().arr(*account)),
            view.outcome.segmentation.tier(*account).label().to_string(),
            would_be.label().to_string(),
        ]);
    }
    table
}

/// How each tier is served (S9), also used by the report document.
pub fn motion_table(view: View) -> Table {
    let mut table = Table::new(&["Tier", "CSM", "Cadence", "Channels", "Playbooks", "Escalation"]);
    for tier in Tier::ALL {
        let motion = presets::motion(tier);
        table.push([
            tier.name(view.policy.tiers.scheme),
            motion.coverage,
            motion.cadence,
            motion.channels,
            motion.playbooks,
            motion.escalation,
        ]);
    }
    table
}

/// Tiers as JSON, also used by `run`.
pub fn tiers_json(view: View) -> Value {
    let entry = |tier: Tier| {
        let total = view.outcome.segmentation.total(tier);
        json!({
            "tier": tier.code(),
            "name": tier.name(view.policy.tiers.scheme),
            "accounts": total.accounts,
            "arr": amount(total.arr_cents),
            "account_share": share(view.account_share(total.accounts)),
            "arr_share": share(view.arr_share(total.arr_cents)),
        })
    };
    Value::Array(Tier::ALL.into_iter().map(entry).collect())
}

fn data(view: View) -> Value {
    let outcome = view.outcome;
    let cuts: Map<String, Value> = outcome
        .segmentation
        .thresholds
        .arr_cuts()
        .into_iter()
        .map(|(name, cents)| (name.to_string(), json!(Money(cents))))
        .collect();
    let cells: Vec<Value> = match outcome.rule {
        Rule::Grid => grid(view)
            .into_iter()
            .map(|c| {
                json!({"row": c.row, "bin": c.bin, "accounts": c.accounts, "arr": amount(c.arr_cents), "tier": cell(c.row, c.bin).code()})
            })
            .collect(),
        _ => Vec::new(),
    };
    let flags: Vec<Value> = outcome
        .flags
        .flags
        .iter()
        .map(|flag| json!({"flag": flag.name, "accounts": flag.accounts()}))
        .collect();
    let edges = Edges::of(view.policy.strategic.bins);
    let mut data = Map::new();
    data.insert("rule".into(), json!(outcome.rule));
    data.insert("scheme".into(), json!(view.policy.tiers.scheme));
    data.insert("cuts".into(), Value::Object(cuts));
    let high = edges.high_above();
    let bins = json!({"low_below": edges.low_below(), "high_above": high});
    data.insert("bins".into(), if outcome.rule == Rule::Grid { bins } else { Value::Null });
    data.insert("tiers".into(), tiers_json(view));
    data.insert("grid".into(), Value::Array(cells));
    data.insert("flags".into(), Value::Array(flags));
    let comment = |c: &crate::engine::flags::Comment| json!({"account": view.book().id(c.account), "text": c.text});
    put_list(&mut data, "comments", outcome.flags.comments.iter().map(comment));
    let held = |(account, would_be): &(usize, Tier)| {
        json!({
            "account": view.book().id(*account),
            "arr": view.book().arr(*account),
            "held_in": outcome.segmentation.tier(*account).code(),
            "would_be": would_be.code(),
        })
    };
    put_list(&mut data, "held", outcome.segmentation.held.iter().map(held));
    data.insert("moved_from_current".into(), json!(outcome.segmentation.moved.len()));
    Value::Object(data)
}
