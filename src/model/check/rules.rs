//! Checks of the weights and signals of rule `score`.

use super::bad;
use crate::error::Problem;
use crate::model::policy::Policy;
use crate::model::tier_score::Part;

/// Weights that do not sum to 1, and a signal for the part that the engine works out itself.
pub(super) fn score_rule(policy: &Policy, problems: &mut Vec<Problem>) {
    let groups = policy.tiers.score.groups();
    let weights = groups.map(|group| (group.group.code(), group.weight));
    sums_to_one("tiers.score", " = { weight = ", " }", &weights, problems);
    for group in &groups {
        let parts = group.parts.map(|(part, weight)| (part.code(), weight));
        sums_to_one(&format!("tiers.score.{}", group.group.code()), " = ", "", &parts, problems);
    }
    if policy.tiers.score.signals.contains_key(&Part::ArrPercentile) {
        problems.push(bad(
            "tiers.score.signals.arr_percentile",
            "the ARR percentile is worked out from the book and takes no signal",
            "signals for the other parts only",
        ));
    }
}

fn sums_to_one(place: &str, before: &str, after: &str, weights: &[(&str, f64)], problems: &mut Vec<Problem>) {
    let sum: f64 = weights.iter().map(|(_, weight)| weight).sum();
    let inside = weights.iter().all(|(_, weight)| (0.0..=1.0).contains(weight));
    if inside && (sum - 1.0).abs() <= 1e-9 {
        return;
    }
    let n = weights.len() as f64;
    let rescaled = |weight: f64| if inside && sum > 0.0 { weight / sum } else { 1.0 / n };
    let rounded = |weight: f64| (weight * 10_000.0).round() / 10_000.0;
    let rest: f64 = weights.iter().skip(1).map(|(_, weight)| rounded(rescaled(*weight))).sum();
    let line = |(at, (name, weight)): (usize, &(&str, f64))| {
        let weight = if at == 0 {
            rounded(1.0 - rest)
        } else {
            rounded(rescaled(*weight))
        };
        format!("{name}{before}{weight}{after}")
    };
    let fix: Vec<String> = weights.iter().enumerate().map(line).collect();
    let text = format!("weights sum to {}", rounded(sum));
    problems.push(bad(
        place,
        text,
        &format!(
            "0..1 each with a sum of 1, in [{place}] of the model file: {}",
            fix.join("; ")
        ),
    ));
}
