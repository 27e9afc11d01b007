//! Checks of the model document that types cannot make: every problem at once, each with its path in the document.

mod health;
mod migration;
mod rules;

use serde_json::json;

use super::policy::{Factor, Policy, SCHEMA};
use super::presets::touches;
use super::signal::{Condition, Op};
use super::tier::Tier;
use crate::error::Problem;

/// Flags are kept as bits in reports; more than this is a mistake.
const FLAGS_MAX: usize = 64;
const FACTORS: std::ops::RangeInclusive<usize> = 3..=5; // M9
/// No CSM serves more accounts than this; a larger book size is a slip of the keys.
const BOOK_MAX: u32 = 1_000_000;

/// Everything that is wrong with the model's values.
pub fn check(policy: &Policy) -> Vec<Problem> {
    let mut problems = Vec::new();
    if policy.schema != SCHEMA {
        let text = format!("schema {} is not known; this program reads schema {SCHEMA}", policy.schema);
        problems.push(Problem::new("bad_schema", text).at("schema"));
    }
    if i64::try_from(policy.seed).is_err() {
        let text = format!("seed {} is out of range", policy.seed);
        problems.push(bad("seed", text, "a whole number from 0 to 9223372036854775807"));
    }
    axis(policy, &mut problems);
    factors(policy, &mut problems);
    judgements(policy, &mut problems);
    tiers(policy, &mut problems);
    rules::score_rule(policy, &mut problems);
    capacity(policy, &mut problems);
    limits(policy, &mut problems);
    rails(policy, &mut problems);
    migration::migration(policy, &mut problems);
    health::health(policy, &mut problems);
    problems
}

fn bad(place: &str, message: impl Into<String>, expected: &str) -> Problem {
    Problem::new("bad_argument", message).at(place).expected(expected)
}

fn axis(policy: &Policy, problems: &mut Vec<Problem>) {
    if let Some(cuts) = policy.axis.cuts
        && (cuts.low >= cuts.high || cuts.low.0 <= 0)
    {
        let text = format!("cuts low {} and high {} do not rise", cuts.low, cuts.high);
        problems.push(bad("axis.cuts", text, "0 < low < high, amounts in the book's currency"));
    }
    if let Some(bins) = policy.strategic.bins {
        let inside = |edge: f64| (0.0..=1.0).contains(&edge);
        if !inside(bins.low_below) || !inside(bins.high_above) || bins.low_below >= bins.high_above {
            let text = format!(
                "bins low_below {} and high_above {} do not rise within 0..1",
                bins.low_below, bins.high_above
            );
            problems.push(
                bad("strategic.bins", text, "0 <= low_below < high_above <= 1")
                    .fix(json!({"strategic": {"bins": {"low_below": 0.3, "high_above": 0.6}}})),
            );
        }
    }
}

fn factors(policy: &Policy, problems: &mut Vec<Problem>) {
    let factors = &policy.strategic.factors;
    let place = "strategic.factors";
    if !FACTORS.contains(&factors.len()) {
        problems.push(bad(
            place,
            format!("the rubric has {} factors", factors.len()),
            "3 to 5 factors",
        ));
    }
    for (i, factor) in factors.iter().enumerate() {
        if factor.name.trim().is_empty() || factors.iter().skip(i + 1).any(|other| other.name == factor.name) {
            problems.push(bad(
                place,
                format!("factor name `{}` is blank or stands twice", factor.name),
                "one name per factor",
            ));
        }
        if !(0.0..=1.0).contains(&factor.weight) {
            problems.push(bad(
                &format!("{place}.{i}.weight"),
                format!("weight {}", factor.weight),
                "0..1",
            ));
        }
    }
    let sum: f64 = factors.iter().map(|f| f.weight).sum();
    if (sum - 1.0).abs() > 1e-9 {
        let text = format!("weights sum to {}", (sum * 1e6).round() / 1e6);
        let problem = bad(place, text, "a sum of 1");
        problems.push(
            match problems
                .iter()
                .any(|problem| problem.place.as_deref().is_some_and(|at| at.starts_with(place)))
            {
                true => problem,
                false => problem.fix(json!({"strategic": {"factors": rescaled(factors, sum)}})),
            },
        );
    }
    for factor in policy.strategic.signals.keys() {
        unknown_factor(policy, factor, &format!("strategic.signals.{factor}"), problems);
    }
}

/// The same factors with weights that sum to 1, four decimals each.
fn rescaled(factors: &[Factor], sum: f64) -> Vec<Factor> {
    let rounded = |weight: f64| (weight * 10_000.0).round() / 10_000.0;
    let mut fixed = factors.to_vec();
    for factor in &mut fixed {
        factor.weight = if sum > 0.0 {
            rounded(factor.weight / sum)
        } else {
            rounded(1.0 / factors.len() as f64)
        };
    }
    let rest: f64 = 1.0 - fixed.iter().skip(1).map(|factor| factor.weight).sum::<f64>();
    if let Some(first) = fixed.first_mut() {
        first.weight = rounded(rest);
    }
    fixed
}

fn judgements(policy: &Policy, problems: &mut Vec<Problem>) {
    for (account, judgement) in &policy.strategic.judgements {
        for (factor, score) in &judgement.scores {
            let place = format!("strategic.judgements.{account}.scores.{factor}");
            unknown_factor(policy, factor, &place, problems);
            if !(0.0..=1.0).contains(score) {
                problems.push(bad(&place, format!("score {score} is out of range"), "0..1"));
            }
        }
    }
}

fn unknown_factor(policy: &Policy, factor: &str, place: &str, problems: &mut Vec<Problem>) {
    let names: Vec<&str> = policy.strategic.factors.iter().map(|f| f.name.as_str()).collect();
    if names.contains(&factor) {
        return;
    }
    let mut found = crate::error::candidates(factor, names.iter().copied(), 5);
    if found.is_empty() {
        found = names;
    }
    problems.push(
        Problem::new("unknown_factor", format!("no factor `{factor}` in the rubric"))
            .at(place)
            .found(found.into_iter().map(|name| format!("`{name}`"))),
    );
}

fn tiers(policy: &Policy, problems: &mut Vec<Problem>) {
    if let Some(cuts) = policy.tiers.arr_cuts
        && !(cuts.tech_touch <= cuts.mid_touch && cuts.mid_touch <= cuts.high_touch && cuts.tech_touch.0 > 0)
    {
        problems.push(bad(
            "tiers.arr_cuts",
            "the cuts do not rise",
            "0 < tech_touch <= mid_touch <= high_touch",
        ));
    }
    if !(0.0..=0.5).contains(&policy.tiers.hysteresis) {
        problems.push(bad(
            "tiers.hysteresis",
            format!("hysteresis {} is out of range", policy.tiers.hysteresis),
            "0..0.5, a share of the cut",
        ));
    }
    if policy.flags.len() > FLAGS_MAX {
        problems.push(bad(
            "flags",
            format!("the model has {} flags", policy.flags.len()),
            "at most 64",
        ));
    }
    for name in policy.flags.keys() {
        let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !plain {
            problems.push(bad(
                &format!("flags.{name}"),
                format!("`{name}` cannot name a flag"),
                "lower-case letters, digits and _",
            ));
        }
    }
    for (name, when) in policy
        .flags
        .iter()
        .filter_map(|(name, rule)| Some((name, rule.when.as_ref()?)))
    {
        let place = format!("flags.{name}.when");
        if when.conditions().is_empty() {
            problems.push(bad(
                &place,
                "no condition is given",
                "all or any with at least one {column, op, value}",
            ));
        }
        let unordered = |condition: &&Condition| condition.asks_order() && !condition.has_order();
        if let Some(condition) = when.conditions().iter().find(unordered) {
            let text = format!(
                "the condition on `{}` compares with neither a number nor a date",
                condition.column
            );
            problems.push(bad(&place, text, "a number, a date such as 2026-06-30, or as_of-90d"));
        }
        let bare = |condition: &&Condition| condition.op != Op::Present && condition.value.is_none();
        if let Some(condition) = when.conditions().iter().find(bare) {
            problems.push(bad(
                &place,
                format!("the condition on `{}` has no value", condition.column),
                "{column, op, value}",
            ));
        }
    }
    for (tier, why) in &policy.tiers.documented_empty {
        if why.trim().is_empty() {
            problems.push(bad(
                &format!("tiers.documented_empty.{}", tier.code()),
                "no reason is given",
                "why the tier is empty",
            ));
        }
    }
}

fn capacity(policy: &Policy, problems: &mut Vec<Problem>) {
    let capacity = &policy.capacity;
    let valid = |csms: f64| (0.0..=100_000.0).contains(&csms);
    if capacity.csms.is_some_and(|csms| !valid(csms)) {
        problems.push(bad(
            "capacity.csms",
            "the headcount is negative or beyond belief",
            "0..100000",
        ));
    }
    for (tier, csms) in capacity.csms_by_tier.iter().filter(|(_, csms)| !valid(**csms)) {
        problems.push(bad(
            &format!("capacity.csms_by_tier.{}", tier.code()),
            format!("{csms} CSMs"),
            "0..100000",
        ));
    }
    let sum: f64 = capacity.csms_by_tier.values().sum();
    if let (false, Some(csms)) = (capacity.csms_by_tier.is_empty(), capacity.csms)
        && (csms - sum).abs() > 1e-9
    {
        problems.push(bad(
            "capacity.csms",
            format!("csms is {csms}, and csms_by_tier sums to {sum}"),
            "one of them, or equal sums",
        ));
    }
    let positive = |number: f64, most: f64| number > 0.0 && number <= most;
    if !positive(capacity.hours_per_csm, 8_760.0) {
        let text = format!("{} hours a year", capacity.hours_per_csm);
        problems.push(bad("capacity.hours_per_csm", text, "hours with customers in a year, above 0"));
    }
    let codes: Vec<&str> = Tier::ALL
        .iter()
        .flat_map(|tier| touches(*tier))
        .map(|touch| touch.code)
        .collect();
    for (code, minutes) in &capacity.minutes {
        if !codes.contains(&code.as_str()) || !(0.0..=10_000.0).contains(minutes) {
            let place = format!("capacity.minutes.{code}");
            problems.push(bad(
                &place,
                format!("{minutes} minutes"),
                &format!("0..10000 for one of {}", unique(&codes)),
            ));
        }
    }
    for tier in capacity.book_sizes.keys() {
        let place = format!("capacity.book_sizes.{}", tier.code());
        let book = capacity.book_size(*tier);
        let out = |size: Option<u32>| size.is_some_and(|size| size == 0 || size > BOOK_MAX);
        let falling = matches!((book.min, book.max), (Some(min), Some(max)) if min > max);
        if out(book.min) || out(book.max) || falling {
            let size = |size: Option<u32>| size.map_or("none".to_string(), |size| size.to_string());
            let text = format!(
                "books from {} to {} accounts per CSM do not rise",
                size(book.min),
                size(book.max)
            );
            problems.push(bad(
                &place,
                text,
                "1 <= min <= max <= 1000000; give both, what is left out is the preset's",
            ));
        }
    }
}

fn rails(policy: &Policy, problems: &mut Vec<Problem>) {
    let rails = &policy.rails;
    let rises = |[from, to]: [f64; 2]| 0.0 <= from && from <= to && to <= 1.0;
    let ranges = [
        ("low_cut", rails.low_cut.unwrap_or_default()),
        ("high_cut", rails.high_cut.unwrap_or_default()),
        ("low_edge", rails.low_edge),
        ("high_edge", rails.high_edge),
        ("edge_distance", [0.0, rails.edge_distance]),
        ("high_touch_max", [0.0, rails.high_touch_max]),
    ];
    for (key, [from, to]) in ranges.into_iter().filter(|(_, range)| !rises(*range)) {
        let text = format!("from {from} to {to} is no range within 0..1");
        problems.push(bad(&format!("rails.{key}"), text, "shares and quantiles from 0 to 1, rising"));
    }
}

fn limits(policy: &Policy, problems: &mut Vec<Problem>) {
    let share = |value: f64| (0.0..=1.0).contains(&value);
    let limits = policy.gates.stability;
    if !share(limits.pass) || !share(limits.warn) || limits.pass > limits.warn {
        problems.push(bad(
            "gates.stability",
            format!("pass {} and warn {} do not rise within 0..1", limits.pass, limits.warn),
            "0 <= pass <= warn <= 1",
        ));
    }
    if !share(policy.gates.mid_touch_max) {
        problems.push(bad(
            "gates.mid_touch_max",
            format!("{} is no share", policy.gates.mid_touch_max),
            "0..1",
        ));
    }
    if let Some(book) = &policy.book {
        for (currency, rate) in book.rates.iter().filter(|(_, rate)| !rate.is_finite() || **rate <= 0.0) {
            problems.push(bad(
                &format!("book.rates.{currency}"),
                format!("rate {rate}"),
                "a number above 0",
            ));
        }
        if book.target_nrr.is_some_and(|nrr| !(0.0..=10.0).contains(&nrr)) {
            problems.push(bad(
                "book.target_nrr",
                "the target is out of range",
                "a ratio such as 1.1 for 110%",
            ));
        }
    }
}

fn unique(codes: &[&str]) -> String {
    let mut sorted = codes.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted.join(", ")
}
