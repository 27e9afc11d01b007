//! How each tier is served under the naming scheme in force, and what its source expects it to hold and to reach (S9).

use super::View;
use crate::model::motions::{Shares, Targets, expected_shares, motion, targets};
use crate::model::tier::Tier;
use crate::report::{Block, Table, text};

/// Motions, expectations and targets; also used by the report document.
pub fn blocks(view: View) -> Vec<Block> {
    let mut blocks = vec![Block::Table(motion_table(view))];
    match target_table(view) {
        Some(table) => blocks.push(Block::Table(table)),
        None => blocks.push(Block::Text(
            "The source of this scheme states no shares and no targets; schemes keep and health state shares, analyst targets."
                .into(),
        )),
    }
    blocks
}

fn motion_table(view: View) -> Table {
    let mut table = Table::new(&["Tier", "Usual ratio", "CSM", "Cadence", "Channels", "Playbooks", "Escalation"]);
    let scheme = view.policy.tiers.scheme;
    for tier in Tier::ALL {
        let mut cells = vec![tier.name(scheme).to_string()];
        cells.extend(motion(scheme, tier).filled(tier));
        table.push(cells);
    }
    table
}

/// What the scheme's source expects, beside what the tiers hold; none where it states nothing.
fn target_table(view: View) -> Option<Table> {
    let scheme = view.policy.tiers.scheme;
    let expected = |tier| expected_shares(scheme, tier);
    let aims = |tier| targets(scheme, tier);
    if Tier::ALL
        .iter()
        .all(|tier| expected(*tier).is_none() && aims(*tier).is_none())
    {
        return None;
    }
    let mut table = Table::new(&[
        "Tier",
        ">Accounts (expected)",
        ">ARR (expected)",
        ">NRR (usual)",
        ">GRR",
        ">Accounts that expand",
        ">Churn",
    ]);
    for tier in Tier::ALL {
        let total = view.outcome.segmentation.total(tier);
        let [accounts, arr] = against(
            [view.account_share(total.accounts), view.arr_share(total.arr_cents)],
            expected(tier),
        );
        let [nrr, grr, expand, churn] = aimed(aims(tier));
        table.push([tier.name(scheme).to_string(), accounts, arr, nrr, grr, expand, churn]);
    }
    Some(table)
}

fn against([accounts, arr]: [f64; 2], expected: Option<Shares>) -> [String; 2] {
    let of = |share: f64, range: Option<(f64, f64)>| {
        let range = range.map_or("not stated".to_string(), |(from, to)| span(from, to));
        format!("{} ({range})", text::percent(share))
    };
    [of(accounts, expected.map(|e| e.0)), of(arr, expected.map(|e| e.1))]
}

fn aimed(targets: Option<Targets>) -> [String; 4] {
    let Some(aim) = targets else {
        return std::array::from_fn(|_| "not stated".to_string());
    };
    let (from, to) = aim.nrr_usual;
    [
        format!("{} ({})", text::percent(aim.nrr), span(from, to)),
        text::percent(aim.grr),
        text::percent(aim.expansion_accounts),
        format!("under {}", text::percent(aim.churn_below)),
    ]
}

fn span(from: f64, to: f64) -> String {
    format!("{} to {}", text::percent(from), text::percent(to))
}
