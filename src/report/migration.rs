//! The migration rules in words, for the document.

use super::{Block, text};
use crate::model::policy::{Approval, Migration};
use crate::model::tier::Scheme;

/// The rules, or that there are none.
pub fn blocks(rules: Option<&Migration>, scheme: Scheme, currency: &str) -> Vec<Block> {
    match rules.filter(|rules| !rules.is_empty()) {
        None => vec![Block::Text(
            "No rule says how an account moves between tiers: the model file has no [migration], or no rule in it.".into(),
        )],
        Some(rules) => vec![
            Block::Text(
                "Accounts move between tiers by these rules. They change nothing in this report: they need two books in time to \
                 look at."
                    .into(),
            ),
            Block::List(lines(rules, scheme, currency)),
        ],
    }
}

fn lines(rules: &Migration, scheme: Scheme, currency: &str) -> Vec<String> {
    use crate::model::tier::Tier;
    let name = |tier: Tier| tier.name(scheme);
    let yes = |on: Option<bool>, line: &str| on.filter(|on| *on).map(|_| line.to_string());
    let mut lines: Vec<String> = [
        yes(rules.up_at_renewal, "up when ARR has crossed the cut at renewal"),
        yes(rules.up_on_expansion, "up when an expansion carries ARR across the cut"),
        rules
            .up_after_high_quarters
            .map(|n| format!("up after {n} quarters running with high expansion potential")),
        yes(rules.down_at_renewal, "down when ARR is under the cut at renewal"),
        rules.down_after_quiet_quarters.map(|n| {
            format!(
                "from {} to {}, after a review, when {n} quarters brought no sign of expansion",
                name(Tier::HighTouch),
                name(Tier::MidTouch)
            )
        }),
    ]
    .into_iter()
    .flatten()
    .collect();
    lines.extend(rules.moves.iter().map(|step| {
        let who = match step.approval {
            Approval::Automatic => "without asking anyone",
            Approval::Manual => "when a person agrees",
        };
        format!(
            "to {} when ARR is above {}, {who}",
            name(step.to),
            step.arr_above.exact(currency)
        )
    }));
    lines.extend(
        rules
            .at_risk_below
            .map(|score| format!("served as at risk when health is under {score}, without asking anyone")),
    );
    if let Some(score) = rules.recovered_above {
        let days = rules
            .recovered_days
            .map(|days| format!(" for {days} days"))
            .unwrap_or_default();
        lines.push(format!("served as before when health has been above {score}{days}"));
    }
    lines.extend(rules.tech_to_mid_a_year.map(|share| {
        format!(
            "goal: {} of {} accounts reach {} in a year",
            text::percent(share),
            name(Tier::TechTouch),
            name(Tier::MidTouch)
        )
    }));
    lines
}
