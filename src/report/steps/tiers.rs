//! `assign_tiers`: the four tiers, the grid, flags and comments, and what stands out.

use serde_json::{Map, Value, json};

use super::options::{bins_json, cuts_json};
use super::rules::Rules;
use super::{StepAnswer, View, accounts, amount, count, put_list, share};
use crate::model::tier::{Bin, Row, Rule, Tier, cell};
use crate::parallel;
use crate::report::{Block, Report, Section, Table, text};

/// The answer of `assign_tiers`.
pub fn answer(view: View) -> StepAnswer {
    let rules = Rules::of(view);
    let report = Report {
        step: "assign_tiers".into(),
        verdict: verdict(view),
        findings: super::tier_findings::all(view),
        sections: sections(view, &rules),
        next: vec!["calibrate_capacity with your CSM headcount".into()],
    };
    StepAnswer {
        report,
        data: data(view, &rules),
    }
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

/// The grid with counts, also used by the report document; none but under rule `grid`.
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
            cells.push(format!("{} {}", count(n), view.tier_label(cell(row, bin))));
        }
        table.push(cells);
    }
    Some(table)
}

/// One cell of the grid with what it holds.
pub struct GridCell {
    /// ARR row.
    pub row: Row,
    /// Strategic bin.
    pub bin: Bin,
    /// Accounts.
    pub accounts: usize,
    /// Their ARR in cents.
    pub arr_cents: i128,
}

/// The nine cells, as the grid is drawn; under another rule nothing is in them.
pub fn grid(view: View) -> Vec<GridCell> {
    type Held = [[(usize, i128); 3]; 3];
    let segmentation = &view.outcome.segmentation;
    let parts = parallel::in_parts(segmentation.bins.len(), parallel::LEAST, |accounts| {
        let mut held = Held::default();
        for account in accounts {
            let Some(bin) = segmentation.bin(account) else { continue };
            let row = held.get_mut(segmentation.row(account).index());
            if let Some((n, cents)) = row.and_then(|row| row.get_mut(bin.index())) {
                *n += 1;
                *cents += i128::from(view.book().arr(account).0);
            }
        }
        held
    });
    let in_cell = |held: &Held, row: Row, bin: Bin| held.get(row.index()).and_then(|row| row.get(bin.index())).copied();
    let cell = |(row, bin)| {
        let held = parts.iter().filter_map(|held| in_cell(held, row, bin));
        let (accounts, arr_cents) = held.fold((0, 0), |(n, cents), (more, amount)| (n + more, cents + amount));
        GridCell {
            row,
            bin,
            accounts,
            arr_cents,
        }
    };
    let all = Row::DRAWN.into_iter().flat_map(|row| Bin::ALL.map(|bin| (row, bin)));
    all.map(cell).collect()
}

fn verdict(view: View) -> String {
    let mid = view.account_share(view.outcome.segmentation.total(Tier::MidTouch).accounts);
    let filled = view.outcome.segmentation.filled().count();
    let by = match view.outcome.rule {
        Rule::Arr => " by ARR alone",
        Rule::Score => " by tier score",
        _ => "",
    };
    format!(
        "{}, {} ARR in {filled} tiers{by}; Mid-Touch {} of accounts",
        accounts(view.book().len()),
        view.short(view.book().total_cents()),
        text::percent(mid)
    )
}

fn sections(view: View, rules: &Rules) -> Vec<Section> {
    let mut sections = vec![Section::key("Tiers", vec![Block::Table(tier_table(view))])];
    if let Some(grid) = grid_table(view) {
        sections.push(Section::key("ARR row by strategic bin", vec![Block::Table(grid)]));
    }
    sections.extend(super::scored::section(view));
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
    let mut side_by_side = rules.blocks(view);
    let disputed = side_by_side.split_off(1.min(side_by_side.len()));
    sections.push(Section::new("The three rules side by side", side_by_side));
    sections.push(Section::full_only("Accounts on which the rules do not agree", disputed));
    sections.push(Section::full_only("Motions", super::motions::blocks(view)));
    sections
}

/// Accounts that hysteresis keeps in today's tier, largest first (S16), also used by the report document.
pub fn held_table(view: View) -> Table {
    let held = &view.outcome.segmentation.held;
    let mut table = Table::new(&["Held account", ">ARR", "Held in", "Would be"]);
    for (account, would_be) in held.iter().take(super::ROWS_MAX) {
        table.push([
            text::clean(view.book().name(*account)),
            view.exact(view.book().arr(*account)),
            view.tier_label(view.outcome.segmentation.tier(*account)).to_string(),
            view.tier_label(*would_be).to_string(),
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

fn data(view: View, rules: &Rules) -> Value {
    let outcome = view.outcome;
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
    let thresholds = outcome.segmentation.thresholds;
    let mut data = Map::new();
    data.insert("rule".into(), json!(outcome.rule));
    data.insert("scheme".into(), json!(view.policy.tiers.scheme));
    data.insert("cuts".into(), cuts_json(thresholds));
    data.insert("bins".into(), bins_json(thresholds));
    data.insert("tiers".into(), tiers_json(view));
    data.insert("grid".into(), Value::Array(cells));
    data.insert("score".into(), super::scored::json(view));
    rules.put(&mut data, view);
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
