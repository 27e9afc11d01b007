//! The top of the page: the numbers that decide, the verdict in sentences, the tiers, and what is gravest.

use crate::error::Result;
use crate::model::finding::Severity;
use crate::model::tier::Tier;
use crate::report::document::{Document, finding_line};
use crate::report::steps::{self, View, count};
use crate::report::{charts, text};

use super::parts::Part;

/// A headline number.
pub(super) struct Tile {
    pub(super) name: &'static str,
    pub(super) value: String,
    pub(super) note: String,
}

/// Findings shown at the top; all of them stand further down.
const GRAVEST: usize = 5;

/// Six numbers, so that each is read (H80).
pub(super) fn tiles(document: &Document) -> Vec<Tile> {
    let view = document.view;
    let tile = |name, value, note| Tile { name, value, note };
    let gates = &view.outcome.gates;
    let gaps = gates.gaps.len();
    let missing = match gaps {
        0 => "no input is missing".to_string(),
        1 => "1 input is missing".to_string(),
        n => format!("{} inputs are missing", count(n)),
    };
    vec![
        tile("Accounts", count(view.book().len()), filled(view)),
        tile("ARR", view.short(view.book().total_cents()), top(view)),
        served(view),
        csms(view),
        at_risk(document),
        tile("Calibration confidence", gates.confidence.code().to_string(), missing),
    ]
}

fn filled(view: View) -> String {
    let filled = view.outcome.segmentation.filled().count();
    format!("in {filled} of {} tiers", Tier::ALL.len())
}

fn top(view: View) -> String {
    let share = view.outcome.axis.concentration.top10_share;
    share.map_or("nobody pays".to_string(), |share| {
        format!("the largest 10% hold {}", text::percent(share))
    })
}

fn served(view: View) -> Tile {
    let total = view.outcome.segmentation.total(Tier::HighTouch);
    Tile {
        name: Tier::HighTouch.name(view.policy.tiers.scheme),
        value: count(total.accounts),
        note: format!(
            "{} of accounts, {} of ARR",
            text::percent(view.account_share(total.accounts)),
            text::percent(view.arr_share(total.arr_cents))
        ),
    }
}

fn csms(view: View) -> Tile {
    let plan = &view.outcome.plan;
    Tile {
        name: "CSMs needed",
        value: count(plan.needed_typical as usize),
        note: match (plan.available, plan.gap()) {
            (Some(available), Some(gap)) => format!("{available} available, gap {gap}"),
            _ => "available not given, gap unknown".to_string(),
        },
    }
}

fn at_risk(document: &Document) -> Tile {
    let (view, health) = (document.view, &document.care.health);
    let name = "ARR at risk";
    if health.components.iter().all(|component| !component.on) {
        return Tile {
            name,
            value: "unknown".into(),
            note: "no column feeds health".into(),
        };
    }
    let tally = &document.tallies.book;
    Tile {
        name,
        value: view.short(tally.at_risk_cents),
        note: format!(
            "{}, {} of ARR",
            steps::accounts(tally.at_risk),
            text::percent(view.arr_share(tally.at_risk_cents))
        ),
    }
}

/// Verdicts, tiers, gravest findings.
pub(super) fn parts(document: &Document) -> Result<Vec<Part>> {
    let view = document.view;
    let mut parts = vec![
        Part::text(&format!("{}.", steps::gates::verdict(view))),
        Part::text(&format!("{}.", steps::capacity::verdict(view))),
        Part::figures(vec![charts::mix(view)?]),
    ];
    let grave = document.findings.iter().filter(|finding| finding.severity != Severity::Info);
    let lines: Vec<_> = grave.map(finding_line).collect();
    if !lines.is_empty() {
        let more = match lines.len().saturating_sub(GRAVEST) {
            0 => String::new(),
            n => format!("; {} more under Findings", count(n)),
        };
        parts.push(Part::text(&format!("To look at first{more}:")));
        parts.push(Part::List(lines.iter().take(GRAVEST).map(|line| text::spans(line)).collect()));
    }
    Ok(parts)
}
