//! Checks of the model's health and expansion sections.

use serde_json::json;

use super::bad;
use crate::error::{Problem, candidates};
use crate::model::expansion::FACTORS;
use crate::model::health::{COLD_START, Preset};
use crate::model::policy::{Component, Policy};
use crate::model::tier::Tier;

/// A score of more parts than this says nothing any more (H80: five to seven).
const COMPONENTS_MAX: usize = 12;
const PLACE: &str = "health.components";

/// Everything wrong with both sections.
pub(super) fn health(policy: &Policy, problems: &mut Vec<Problem>) {
    if let Some(health) = &policy.health {
        components(&health.components, problems);
        if !(0..=3650).contains(&health.cold_start_days) {
            let text = format!("{} days", health.cold_start_days);
            problems.push(bad("health.cold_start_days", text, "0..3650"));
        }
        // A signal may wait for a preset that is not in force; what no preset and no component knows is a slip.
        let presets = Preset::ALL.iter().flat_map(|preset| preset.components());
        let names: Vec<String> = health.components.iter().cloned().chain(presets).map(|c| c.name).collect();
        let known: Vec<&str> = names.iter().map(String::as_str).chain(COLD_START).collect();
        let given = health.signals.keys().map(String::as_str);
        unknown_names(given, &known, "health.signals", ("component", "unknown_component"), problems);
    }
    if let Some(expansion) = &policy.expansion {
        let given = expansion.signals.keys().map(String::as_str);
        unknown_names(given, &FACTORS, "expansion.signals", ("factor", "unknown_factor"), problems);
        let cuts = expansion.cuts;
        if cuts.medium == 0 || cuts.medium >= cuts.high || usize::from(cuts.high) > FACTORS.len() {
            let text = format!("high from {} hits and medium from {}", cuts.high, cuts.medium);
            problems.push(
                bad("expansion.cuts", text, "1 <= medium < high <= 5, hits of five factors")
                    .fix(json!({"expansion": {"cuts": {"high": 3, "medium": 1}}})),
            );
        }
    }
}

fn unknown_names<'a>(
    given: impl Iterator<Item = &'a str>,
    known: &[&str],
    place: &str,
    (what, code): (&str, &'static str),
    problems: &mut Vec<Problem>,
) {
    for name in given.filter(|name| !known.contains(name)) {
        let near = candidates(name, known.iter().copied(), 5);
        let found = if near.is_empty() { known.to_vec() } else { near };
        problems.push(
            Problem::new(code, format!("no {what} `{name}`"))
                .at(format!("{place}.{name}"))
                .found(found.into_iter().map(|name| format!("`{name}`"))),
        );
    }
}

fn components(components: &[Component], problems: &mut Vec<Problem>) {
    if components.is_empty() {
        return;
    }
    if components.len() > COMPONENTS_MAX {
        problems.push(bad(PLACE, format!("{} components", components.len()), "at most 12"));
    }
    let before = problems.len();
    for (i, component) in components.iter().enumerate() {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let named = !component.name.is_empty() && component.name.chars().all(plain);
        if !named || COLD_START.contains(&component.name.as_str()) {
            let text = format!("`{}` cannot name a component", component.name);
            problems.push(bad(&format!("{PLACE}.{i}.name"), text, "lower-case letters, digits and _"));
        }
        if components.iter().skip(i + 1).any(|other| other.name == component.name) {
            let text = format!("component `{}` stands twice", component.name);
            problems.push(bad(&format!("{PLACE}.{i}.name"), text, "one name per component"));
        }
        let weights = component.by_tier.values().chain([&component.weight]);
        if let Some(weight) = weights.into_iter().find(|weight| !(0.0..=1.0).contains(*weight)) {
            problems.push(bad(&format!("{PLACE}.{i}.weight"), format!("weight {weight}"), "0..1"));
        }
    }
    let sound = problems.len() == before;
    let sum = |weight: &dyn Fn(&Component) -> f64| components.iter().map(weight).sum::<f64>();
    let off = |sum: f64| (sum - 1.0).abs() > 1e-9;
    let plain = sum(&|c| c.weight);
    if off(plain) {
        let text = format!("weights sum to {}", (plain * 1e6).round() / 1e6);
        let problem = bad(PLACE, text, "a sum of 1");
        let by_tier = components.iter().any(|component| !component.by_tier.is_empty());
        let fix = (sound && plain > 0.0 && !by_tier).then(|| rescaled(components, plain));
        problems.push(match fix {
            Some(fixed) => problem.fix(json!({"health": {"components": fixed}})),
            None => problem,
        });
    }
    for tier in Tier::ALL {
        let in_tier = sum(&|c| c.weight_in(tier));
        if components.iter().any(|c| c.by_tier.contains_key(&tier)) && off(in_tier) {
            let text = format!("weights in {} sum to {}", tier.code(), (in_tier * 1e6).round() / 1e6);
            problems.push(bad(
                &format!("{PLACE}.by_tier.{}", tier.code()),
                text,
                "a sum of 1 in each tier",
            ));
        }
    }
}

/// The same components with weights that sum to 1, four decimals each.
fn rescaled(components: &[Component], sum: f64) -> Vec<Component> {
    let rounded = |weight: f64| (weight * 10_000.0).round() / 10_000.0;
    let mut fixed = components.to_vec();
    for component in &mut fixed {
        component.weight = rounded(component.weight / sum);
    }
    let rest: f64 = 1.0 - fixed.iter().skip(1).map(|component| component.weight).sum::<f64>();
    if let Some(first) = fixed.first_mut() {
        first.weight = rounded(rest);
    }
    fixed
}
