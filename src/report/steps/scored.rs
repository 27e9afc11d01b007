//! The tier score in words, tables and JSON: its parts with their weights, what feeds them, and an account's score.

use serde_json::{Value, json};

use super::{View, count, share};
use crate::engine::cells::Columns;
use crate::engine::tier_score::{self, PartScore};
use crate::model::finding::Finding;
use crate::model::tier::Tier;
use crate::report::{Block, Section, Table, text};

/// How the two parts are read that a number alone does not explain.
const NOTES: [&str; 2] = [
    "ARR percentile: the share of paying accounts that pay less, plus half of those that pay the same; an account without ARR \
     stands at 0. What another amount would do is told with the other accounts as they are.",
    "Seat capacity is room to grow: by default the share of seats that nobody uses, so low use counts for the account here, \
     while expansion potential of the grid counts high use.",
];

/// What scoring noticed, under rule `score`.
pub fn findings(view: View) -> Vec<Finding> {
    let scored = view.outcome.tier_score.as_ref();
    scored.map_or_else(Vec::new, |scored| {
        tier_score::findings(scored, &Columns::new(view.book()), view.policy)
    })
}

/// The section of `assign_tiers`, under rule `score`.
pub fn section(view: View) -> Option<Section> {
    let blocks = blocks(view);
    (!blocks.is_empty()).then(|| Section::key("Tier score", blocks))
}

/// The parts and how they are read, also used by the report document; nothing under another rule.
pub fn blocks(view: View) -> Vec<Block> {
    let Some(table) = table(view) else { return Vec::new() };
    let notes = NOTES.map(str::to_string).to_vec();
    vec![Block::Table(table), Block::List(notes)]
}

fn table(view: View) -> Option<Table> {
    let scored = view.outcome.tier_score.as_ref()?;
    let mut table = Table::new(&["Part", ">Weight (given)", ">Known", ">Mean", "Group", "From"]);
    for p in &scored.parts {
        let weight = |weight: f64| format!("{weight:.4}");
        table.push([
            p.part.code().to_string(),
            format!("{} ({})", weight(p.score.weight_used), weight(p.score.weight_given)),
            text::percent(p.score.coverage),
            if p.score.on {
                format!("{:.1}", p.score.mean * 100.0)
            } else {
                "-".into()
            },
            p.group.code().to_string(),
            text::clean(&p.score.source.to_string()),
        ]);
    }
    Some(table)
}

/// How much of the score is known, for calibration confidence.
pub fn known(view: View) -> String {
    let scored = view.outcome.tier_score.as_ref();
    let (coverage, on) = scored.map_or((0.0, 0), |scored| (scored.coverage(), scored.on().count()));
    format!(
        "{} of the tier score, by weight over the {} of 9 parts that are fed, is known",
        text::percent(coverage),
        count(on)
    )
}

/// An account's tier score as printed; none under another rule.
pub fn score_text(view: View, account: usize) -> Option<String> {
    let scored = view.outcome.tier_score.as_ref()?;
    let hundredths = scored.of(account, view.book().arr(account).0);
    Some(format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

/// What puts an account into a tier (H49): a score is compared as printed.
pub fn entry(tier: Tier) -> &'static str {
    match tier {
        Tier::HighTouch => "tier score from 80.00",
        Tier::MidTouch => "tier score from 60.00 to under 80.00",
        Tier::TechTouch => "tier score from 40.00 to under 60.00",
        Tier::Plg => "tier score under 40.00",
    }
}

/// The tier score for `data.score`; null under another rule.
pub fn json(view: View) -> Value {
    let Some(scored) = &view.outcome.tier_score else {
        return Value::Null;
    };
    let part = |p: &PartScore| {
        json!({
            "part": p.part,
            "group": p.group,
            "weight_given": share(p.score.weight_given),
            "weight_used": share(p.score.weight_used),
            "on": p.score.on,
            "coverage": share(p.score.coverage),
            "mean": share(p.score.mean),
            "source": p.score.source.to_string(),
        })
    };
    let group = |group: &crate::model::policy::GroupWeights| {
        let of = || scored.on().filter(|p| p.group == group.group);
        let used: f64 = of().map(|p| p.score.weight_used).sum();
        let mean: f64 = of().map(|p| p.score.weight_used * p.score.mean).sum();
        json!({
            "group": group.group,
            "weight_given": share(group.weight),
            "weight_used": share(used),
            "mean": if used > 0.0 { share(mean / used) } else { Value::Null },
        })
    };
    let total: f64 = scored.on().map(|p| p.score.weight_used * p.score.mean).sum();
    json!({
        "groups": view.policy.tiers.score.groups().iter().map(group).collect::<Vec<_>>(),
        "parts": scored.parts.iter().map(part).collect::<Vec<_>>(),
        "coverage": share(scored.coverage()),
        "mean": share(total),
    })
}
