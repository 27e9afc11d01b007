//! `list_accounts`: one page of accounts with tier, strategic value, health and expansion.

use serde_json::{Map, Value, json};

use super::health::{score_text, words};
use super::{StepAnswer, View, accounts, amount, count, share};
use crate::engine::Care;
use crate::engine::margin::{ArrChange, Margins};
use crate::model::finding::Finding;
use crate::model::tier::Rule;
use crate::report::{Block, Report, Section, Table, text};

/// What stands in the last column of the box: what the list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// Health and expansion.
    Care,
    /// Strategic value.
    Value,
    /// Health with its score.
    Health,
    /// The nearest change of tier by ARR.
    Margin,
}

/// A page of the list.
pub struct Page {
    /// How many accounts come before it.
    pub from: usize,
    /// Accounts that the filter picks.
    pub total: usize,
    /// Their ARR in cents.
    pub arr_cents: i128,
    /// Those of the page, in order.
    pub accounts: Vec<usize>,
    /// What the last column shows.
    pub sort: Shows,
    /// Where the next page begins; none on the last.
    pub next_cursor: Option<String>,
    /// What was changed of what was asked.
    pub findings: Vec<Finding>,
}

/// The answer of `list_accounts`.
pub fn answer(view: View, care: &Care, page: &Page) -> StepAnswer {
    let shown = match page.accounts.len() {
        n if n == page.total => String::new(),
        0 => "; none from here on".into(),
        n => format!("; {} to {} here", count(page.from + 1), count(page.from + n)),
    };
    let verdict = format!("{}, {} ARR{shown}", accounts(page.total), view.short(page.arr_cents));
    let next = match &page.next_cursor {
        Some(cursor) => format!("list_accounts with cursor {cursor} for the next page, or explain_account for one of them"),
        None => "explain_account for one of them".into(),
    };
    let table = table(view, care, page);
    let report = Report {
        step: "list_accounts".into(),
        verdict,
        findings: page.findings.clone(),
        sections: match page.accounts.is_empty() {
            true => Vec::new(),
            false => vec![Section::key("Accounts", vec![Block::Table(table)])],
        },
        next: vec![next],
    };
    StepAnswer {
        report,
        data: data(view, care, page),
    }
}

fn table(view: View, care: &Care, page: &Page) -> Table {
    let last = match page.sort {
        Shows::Care => "Health, expansion",
        Shows::Value => ">Strategic value",
        Shows::Health => "Health",
        Shows::Margin => "Nearest change by ARR",
    };
    let mut table = Table::new(&["Account", ">ARR", "Tier", last]);
    for account in &page.accounts {
        let id = view.book().id(*account);
        let name = view.book().name(*account);
        table.push([
            text::clean(if name == id { id.to_string() } else { format!("{id} {name}") }.as_str()),
            view.book().arr(*account).full(&view.book().currency),
            view.tier_label(view.outcome.segmentation.tier(*account)).to_string(),
            shown(view, care, page.sort, *account),
        ]);
    }
    table
}

fn shown(view: View, care: &Care, what: Shows, account: usize) -> String {
    let status = words(care.health.status(account));
    match what {
        Shows::Care => format!("{status}, {}", care.expansion.level(account)),
        Shows::Value if view.outcome.rule == Rule::Grid => format!("{:.4}", view.outcome.strategic.value_of(account)),
        Shows::Value => "-".into(),
        Shows::Health => format!("{} {status}", score_text(&care.health, account)),
        Shows::Margin => match margin(view, account) {
            Some((share, change)) => format!("{:+.1}% to {}", share * 100.0, view.tier_label(change.tier)),
            None => "none".into(),
        },
    }
}

fn margin(view: View, account: usize) -> Option<(f64, ArrChange)> {
    let cents = view.book().arr(account).0;
    let value = view.outcome.strategic.value.get(account).copied().unwrap_or(0);
    let hysteresis = view.policy.tiers.hysteresis;
    Margins::of_account(&view.outcome.segmentation, hysteresis, account, cents, value).nearest_arr(cents)
}

fn data(view: View, care: &Care, page: &Page) -> Value {
    let scored = view.outcome.rule == Rule::Grid;
    let entry = |account: &usize| {
        let flags: Vec<&str> = view.outcome.flags.of(*account).collect();
        json!({
            "account_id": view.book().id(*account),
            "name": view.book().name(*account),
            "arr": view.book().arr(*account),
            "tier": view.outcome.segmentation.tier(*account).code(),
            "strategic_value": if scored { share(view.outcome.strategic.value_of(*account)) } else { Value::Null },
            "health": care.health.status(*account),
            "health_score": care.health.points(*account),
            "expansion": care.expansion.level(*account),
            "flags": flags,
            "margin": margin(view, *account).map(|(change, _)| share(change)),
            "near_cut": view.outcome.segmentation.is_near(*account),
        })
    };
    let mut data = Map::new();
    data.insert("total".into(), json!(page.total));
    data.insert("arr".into(), amount(page.arr_cents));
    data.insert("accounts".into(), Value::Array(page.accounts.iter().map(entry).collect()));
    data.insert("next_cursor".into(), json!(page.next_cursor));
    Value::Object(data)
}
