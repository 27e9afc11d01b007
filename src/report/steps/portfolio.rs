//! Tier × health × stage: the named groups and the accounts that call for something, in box, report and JSON (A6–A8, H51).

use serde_json::{Map, Value, json};

use super::health::{drivers_line, score_text};
use super::{View, amount, count, put_list};
use crate::engine::Care;
use crate::engine::portfolio::{Action, Group};
use crate::model::health::{BandKind, UNKNOWN};
use crate::model::lifecycle::Play;
use crate::report::{Block, Section, Table, text};

/// The few accounts to begin with, for the box; none when nothing calls for action.
pub fn first(view: View, care: &Care) -> Option<Section> {
    const SHOWN: usize = 3;
    let mut table = Table::new(&["Account", ">ARR", "Why", "Due"]);
    for action in care.portfolio.actions.iter().take(SHOWN) {
        let Some(play) = action.first() else { continue };
        table.push([
            text::clean(view.book().name(action.account)),
            view.book().arr(action.account).full(&view.book().currency),
            play.when.to_string(),
            format!("{}, {}", due(play.due_hours), play.owner),
        ]);
    }
    let title = format!(
        "Do first, by ARR at stake ({} accounts call for something)",
        count(care.portfolio.actions.len())
    );
    (!table.rows.is_empty()).then(|| Section::key(title, vec![Block::Table(table)]))
}

/// All actions and all groups, for the full report.
pub fn sections(view: View, care: &Care) -> Vec<Section> {
    let mut sections = Vec::new();
    if !care.portfolio.actions.is_empty() {
        sections.push(Section::full_only(
            "Actions by ARR at stake",
            vec![Block::Table(action_table(view, care, super::ROWS_MAX))],
        ));
    }
    sections.push(Section::full_only(
        "Tier, health and stage together",
        vec![Block::Table(group_table(view, care))],
    ));
    sections
}

/// What accounts call for, most ARR first, also used by the report document.
pub fn action_table(view: View, care: &Care, rows: usize) -> Table {
    let mut table = Table::new(&["Account", ">ARR", "Action", "Due", "Owner", ">Health", "Pulled down by"]);
    for action in care.portfolio.actions.iter().take(rows) {
        let Some(first) = action.first() else { continue };
        let account = action.account;
        let tier = Some(view.outcome.segmentation.tier(account));
        table.push([
            text::clean(view.book().name(account)),
            view.book().arr(account).full(&view.book().currency),
            format!("{}: {}", first.when, first.action),
            due(first.due_hours),
            first.owner.to_string(),
            score_text(&care.health, account),
            drivers_line(&care.health, account, tier),
        ]);
    }
    table
}

/// The groups with what each calls for, also used by the report document.
pub fn group_table(view: View, care: &Care) -> Table {
    let mut table = Table::new(&[
        "Group",
        "Tier",
        "Health",
        "Stage",
        ">Accounts",
        ">ARR",
        "Calls for",
        "Owner",
        "Due",
    ]);
    for group in &care.portfolio.groups {
        let thin = if group.is_thin() { " (thin)" } else { "" };
        table.push([
            group.named.name.to_string(),
            group.tier.name(view.policy.tiers.scheme).to_string(),
            light(group.health).to_string(),
            group.stage.code().replace('_', " "),
            format!("{}{thin}", count(group.accounts)),
            view.short(group.arr_cents),
            group.named.action.to_string(),
            group.named.owner.to_string(),
            due(group.named.due_hours),
        ]);
    }
    table
}

/// Groups and actions into a step's data.
pub fn put(data: &mut Map<String, Value>, view: View, care: &Care) {
    let group = |group: &Group| {
        json!({
            "name": group.named.name,
            "tier": group.tier.code(),
            "health": light(group.health),
            "stage": group.stage.code(),
            "accounts": group.accounts,
            "arr": amount(group.arr_cents),
            "thin": group.is_thin(),
            "action": group.named.action,
            "owner": group.named.owner,
            "due_hours": group.named.due_hours,
        })
    };
    put_list(data, "groups", care.portfolio.groups.iter().map(group));
    let action = |action: &Action| action_json(view, care, action);
    put_list(data, "actions", care.portfolio.actions.iter().map(action));
}

fn action_json(view: View, care: &Care, action: &Action) -> Value {
    let account = action.account;
    json!({
        "account": view.book().id(account),
        "name": view.book().name(account),
        "arr": view.book().arr(account),
        "tier": view.outcome.segmentation.tier(account).code(),
        "health": care.health.points(account),
        "plays": action.plays.iter().map(play_json).collect::<Vec<_>>(),
    })
}

/// A play as JSON, also used by `explain_account`.
pub fn play_json(play: &Play) -> Value {
    json!({
        "code": play.code,
        "when": play.when,
        "action": play.action,
        "owner": play.owner,
        "due_hours": play.due_hours,
    })
}

/// Green, yellow, red, whatever the preset calls its bands (A6).
pub fn light(health: Option<BandKind>) -> &'static str {
    match health {
        Some(BandKind::Good) => "green",
        Some(BandKind::Middle) => "yellow",
        Some(BandKind::AtRisk) => "red",
        None => UNKNOWN,
    }
}

/// "24 h", "1 week", "3 months".
pub fn due(hours: u32) -> String {
    match hours {
        hours if hours < 168 => format!("{hours} h"),
        168 => "1 week".into(),
        hours if hours < 720 => format!("{} weeks", hours / 168),
        720 => "1 month".into(),
        hours => format!("{} months", hours / 720),
    }
}
