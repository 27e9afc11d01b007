//! Checks of the migration rules: shares and scores in range, moves that go up with their amounts.

use super::bad;
use crate::error::Problem;
use crate::model::policy::Policy;
use crate::model::tier::Tier;

/// No rule waits longer than this many quarters, ten years.
const QUARTERS: std::ops::RangeInclusive<u32> = 1..=40;

pub(super) fn migration(policy: &Policy, problems: &mut Vec<Problem>) {
    let Some(rules) = &policy.migration else { return };
    let quarters = [
        ("up_after_high_quarters", rules.up_after_high_quarters),
        ("down_after_quiet_quarters", rules.down_after_quiet_quarters),
    ];
    for (key, n) in quarters.into_iter().filter_map(|(key, n)| Some((key, n?))) {
        if !QUARTERS.contains(&n) {
            problems.push(bad(&format!("migration.{key}"), format!("{n} quarters"), "1..40"));
        }
    }
    let health = [
        ("at_risk_below", rules.at_risk_below),
        ("recovered_above", rules.recovered_above),
    ];
    for (key, score) in health.into_iter().filter_map(|(key, score)| Some((key, score?))) {
        if !(0.0..=100.0).contains(&score) {
            problems.push(bad(&format!("migration.{key}"), format!("health {score}"), "0..100"));
        }
    }
    if let (Some(below), Some(above)) = (rules.at_risk_below, rules.recovered_above)
        && below > above
    {
        let text = format!("an account would be at risk under {below} and well again from {above}");
        problems.push(bad("migration.recovered_above", text, "at least at_risk_below"));
    }
    if rules.tech_to_mid_a_year.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
        problems.push(bad(
            "migration.tech_to_mid_a_year",
            "the goal is no share",
            "0..1, 0.15 for 15%",
        ));
    }
    for (at, step) in rules.moves.iter().enumerate() {
        let lower = |other: &crate::model::policy::TierMove| other.to < step.to && other.arr_above <= step.arr_above;
        let twice = rules.moves.iter().skip(at + 1).any(|other| other.to == step.to);
        if step.arr_above.0 <= 0 || step.to == Tier::Plg || twice || rules.moves.iter().any(lower) {
            let text = format!(
                "{} from {} does not rise with the other moves",
                step.to.code(),
                step.arr_above
            );
            problems.push(bad(
                &format!("migration.moves.{at}.arr_above"),
                text,
                "one amount above 0 a tier, higher for a higher tier; nothing moves up to plg",
            ));
        }
    }
}
