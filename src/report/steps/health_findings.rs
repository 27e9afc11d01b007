//! What health scores give rise to: too little known, too much at risk, and the slips that models of health are prone to (H89).

use serde_json::{Map, Value, json};

use super::health::Tally;
use super::{View, accounts};
use crate::engine::health::{ComponentScore, Health};
use crate::engine::stats::{ranks, spearman};
use crate::model::finding::Finding;
use crate::model::health::{Preset, UNKNOWN};
use crate::model::tier::Tier;
use crate::report::text;

/// No component may weigh more (H9).
const WEIGHT_MAX: f64 = 0.40;
/// More ARR at risk than this is out of the usual range (H63).
const AT_RISK_MAX: f64 = 0.15;

/// Everything that health gives rise to.
pub(super) fn all(view: View, health: &Health, tally: &Tally, tiered: bool) -> Vec<Finding> {
    let on: Vec<&ComponentScore> = health.components.iter().filter(|component| component.on).collect();
    if on.is_empty() {
        return vec![nothing_fed(health)];
    }
    let mut findings = Vec::new();
    findings.extend(revenue_inside(&on));
    findings.extend(skewed(view, health, tally).or_else(|| at_risk_high(view, tally)));
    findings.extend(unsettled(view, health));
    findings.extend(unknown(view, tally));
    findings.extend(heavy(health));
    findings.extend(one_source(health, &on));
    findings.extend(all_time(&on));
    findings.extend(equal_weights(health));
    findings.extend(too_young(health));
    findings.extend(formal_score(view, health));
    if !tiered {
        let text = "tiers are not assigned yet: weights by tier and at-risk ARR by tier come after assign_tiers";
        findings.push(Finding::info("no_tiers_yet", text));
    }
    findings
}

fn nothing_fed(health: &Health) -> Finding {
    let needs: Vec<String> = health
        .components
        .iter()
        .map(|c| {
            format!(
                "{} needs {}",
                c.name,
                c.source.trim_start_matches("off: needs ").trim_start_matches("off: ")
            )
        })
        .collect();
    let text = format!(
        "no component is fed, so the health of every account is unknown: {}",
        needs.join("; ")
    );
    Finding::critical("no_health_data", text)
}

/// Health must not be revenue by another name.
fn revenue_inside(on: &[&ComponentScore]) -> Option<Finding> {
    let named: Vec<&str> = on.iter().filter(|c| c.reads_arr).map(|c| c.name.as_str()).collect();
    (!named.is_empty()).then(|| {
        let text = format!(
            "{} reads ARR: large accounts look healthy because they are large; give it another column",
            named.join(", ")
        );
        Finding::warning("revenue_in_health", text)
    })
}

fn at_risk_high(view: View, tally: &Tally) -> Option<Finding> {
    let at_risk = view.arr_share(tally.at_risk_cents);
    (at_risk > AT_RISK_MAX).then(|| {
        let text = format!(
            "{} ({}) at risk hold {:.1}% of ARR, above the usual 15%: start with the accounts to do first",
            accounts(tally.at_risk),
            view.short(tally.at_risk_cents),
            at_risk * 100.0
        );
        Finding::warning("at_risk_arr_high", text)
    })
}

/// Nearly everyone in one corner says more of the targets than of the accounts (H16); with the call that fits a target to
/// the book.
fn skewed(view: View, health: &Health, tally: &Tally) -> Option<Finding> {
    const ENOUGH: usize = 20;
    const SHARE: f64 = 0.8;
    let known = health.accounts.len() - tally.accounts(UNKNOWN);
    if known < ENOUGH || (tally.at_risk as f64) < SHARE * known as f64 {
        return None;
    }
    let own = view.policy.health.as_ref().map(|model| &model.signals);
    let by_default = |c: &&ComponentScore| own.is_none_or(|signals| !signals.contains_key(&c.name));
    let fitted = health.components.iter().filter(by_default).find_map(|component| {
        let (role, target) = crate::model::health::target(&component.name)?;
        let decile = component.upper_decile.filter(|decile| *decile > 0.0 && *decile < 100.0)?;
        let target = (target * decile / 100.0 * 1_000.0).round() / 1_000.0;
        let rule = json!({"kind": "linear", "column": format!("role:{role}"), "target": target});
        let arguments = json!({"signals": {component.name.as_str(): rule}});
        Some(format!(
            "; the best tenth of your accounts reaches {decile:.0} of 100 in {}: score_health with {arguments} takes them as the target",
            component.name
        ))
    });
    let text = format!(
        "{} ({}, {} of ARR) are at risk: targets that nearly all miss say little of who is in danger{}",
        accounts(tally.at_risk),
        view.short(tally.at_risk_cents),
        text::percent(view.arr_share(tally.at_risk_cents)),
        fitted.unwrap_or_default()
    );
    Some(Finding::warning("health_skewed", text))
}

/// Accounts that score well on what is known, and cannot be called well for what is not; with the call that settles on it.
fn unsettled(view: View, health: &Health) -> Option<Finding> {
    let capped: Vec<usize> = view
        .book()
        .by_arr()
        .filter(|account| health.of(*account).is_some_and(|health| health.provisional))
        .collect();
    if capped.is_empty() {
        return None;
    }
    let cents: i128 = capped.iter().map(|account| i128::from(view.book().arr(*account).0)).sum();
    let off: Vec<&str> = health
        .components
        .iter()
        .filter(|component| !component.on || component.is_partly_fed())
        .map(|component| component.name.as_str())
        .collect();
    let way_out = match off.is_empty() {
        true => "fill the cells that are blank or cannot be read".to_string(),
        false => format!(
            "add columns for {}, or settle on what there is: score_health with {}",
            off.join(", "),
            settled(health)
        ),
    };
    let text = format!(
        "{} ({}) score well on what is known and are held back, since what is missing could spoil it: {way_out}",
        accounts(capped.len()),
        view.short(cents)
    );
    Some(Finding::info("health_provisional", text))
}

/// The arguments that leave out what no column feeds, with the weights in force, in every tier where they differ.
fn settled(health: &Health) -> Value {
    let on: Vec<&ComponentScore> = health.components.iter().filter(|component| component.on).collect();
    let plain = whole(on.iter().map(|component| component.weight_used));
    let by_tier: Vec<(Tier, Vec<f64>)> = Tier::ALL
        .into_iter()
        .map(|tier| (tier, whole(on.iter().map(|component| component.used_in(Some(tier))))))
        .filter(|(_, weights)| *weights != plain)
        .collect();
    let component = |(at, component): (usize, &&ComponentScore)| {
        let mut entry = json!({"name": component.name, "weight": plain.get(at)});
        let tiers: Map<String, Value> = by_tier
            .iter()
            .map(|(tier, w)| (tier.code().into(), json!(w.get(at))))
            .collect();
        if let (Some(entry), false) = (entry.as_object_mut(), tiers.is_empty()) {
            entry.insert("by_tier".into(), Value::Object(tiers));
        }
        entry
    };
    let mut arguments = Map::new();
    if on.len() < health.components.len() {
        arguments.insert("components".into(), on.iter().enumerate().map(component).collect());
    }
    let partly = on.iter().filter(|component| component.is_partly_fed());
    let signals: Map<String, Value> = partly
        .filter_map(|component| Some((component.name.clone(), serde_json::to_value(component.fed_signal()?).ok()?)))
        .collect();
    if !signals.is_empty() {
        arguments.insert("signals".into(), Value::Object(signals));
    }
    Value::Object(arguments)
}

/// Weights with four decimals that sum to 1: what rounding leaves goes to the first.
fn whole(weights: impl Iterator<Item = f64>) -> Vec<f64> {
    let rounded = |weight: f64| (weight * 10_000.0).round() / 10_000.0;
    let mut weights: Vec<f64> = weights.map(rounded).collect();
    let rest = rounded(1.0 - weights.iter().skip(1).sum::<f64>());
    if let Some(first) = weights.first_mut() {
        *first = rest;
    }
    weights
}

fn unknown(view: View, tally: &Tally) -> Option<Finding> {
    let total = tally
        .statuses
        .iter()
        .find(|total| total.status == UNKNOWN)
        .filter(|total| total.accounts > 0)?;
    let text = format!(
        "{} ({}) are unknown: less than half of what health needs is known of them",
        accounts(total.accounts),
        view.short(total.arr_cents)
    );
    Some(match view.arr_share(total.arr_cents) > 0.5 {
        true => Finding::warning("health_unknown", text),
        false => Finding::info("health_unknown", text),
    })
}

fn heavy(health: &Health) -> Option<Finding> {
    let heaviest = |c: &ComponentScore| {
        let by_tier = Tier::ALL.map(|tier| c.used_in(Some(tier)));
        by_tier.into_iter().fold(c.weight_used, f64::max)
    };
    let heavy: Vec<String> = health
        .components
        .iter()
        .filter(|c| health.components.len() > 1 && heaviest(c) > WEIGHT_MAX + 1e-9)
        .map(|c| format!("{} {}", c.name, text::percent(heaviest(c))))
        .collect();
    (!heavy.is_empty()).then(|| {
        let text = format!(
            "{} weighs more than 40%: one number decides the score (H9; the presets self_serve, usage_based and by_tier mean it so)",
            heavy.join(", ")
        );
        Finding::warning("component_heavy", text)
    })
}

fn one_source(health: &Health, on: &[&ComponentScore]) -> Option<Finding> {
    let mut headers: Vec<&String> = on.iter().flat_map(|component| &component.headers).collect();
    headers.sort();
    headers.dedup();
    if headers.len() > 1 {
        return None;
    }
    let only = headers.first().map(|header| text::name(header)).unwrap_or_default();
    Some(match health.preset {
        Preset::Book => Finding::info(
            "health_from_book",
            format!(
                "health is the book's own score {only}: what goes into it, and how fresh it is, is not seen here; preset keep scores \
                 usage, adoption, support, relationship and NPS where columns feed them"
            ),
        ),
        _ => Finding::warning(
            "health_one_source",
            format!("health rests on {only} alone: add usage, support or satisfaction before anyone acts on it"),
        ),
    })
}

fn all_time(on: &[&ComponentScore]) -> Option<Finding> {
    const WORDS: [&str; 5] = ["total", "lifetime", "all time", "alltime", "cumulative"];
    let is_total = |header: &&String| {
        let plain = header.to_lowercase().replace(['_', '-'], " ");
        WORDS
            .iter()
            .any(|word| plain.split(' ').any(|part| part == *word) || (word.contains(' ') && plain.contains(word)))
    };
    let named: Vec<String> = on
        .iter()
        .flat_map(|component| &component.headers)
        .filter(is_total)
        .map(|header| text::name(header))
        .collect();
    (!named.is_empty()).then(|| {
        let text = format!(
            "{} reads as an all-time total: it never falls, so it cannot warn; take the last 30 or 90 days",
            named.join(", ")
        );
        Finding::warning("all_time_totals", text)
    })
}

fn equal_weights(health: &Health) -> Option<Finding> {
    let first = health.components.first()?.weight_given;
    let equal = health.components.len() > 1 && health.components.iter().all(|c| (c.weight_given - first).abs() < 1e-9);
    equal.then(|| {
        let text = "all components weigh the same: a weight is a claim about what keeps accounts, and equal ones make none";
        Finding::info("equal_weights", text)
    })
}

fn too_young(health: &Health) -> Option<Finding> {
    let young = health.accounts.iter().filter(|account| account.cold_start).count();
    (young > 0 && !health.has_signs).then(|| {
        let text = format!(
            "{} under the cold-start age are scored as if grown: columns for kickoff, go_live and usage would feed a score of their own",
            accounts(young)
        );
        Finding::info("cold_start", text)
    })
}

/// K7 scores health only where there is no formal score; where there is one, it says how the two agree.
fn formal_score(view: View, health: &Health) -> Option<Finding> {
    let book = view.book();
    let header = book
        .headers_of("role:health")
        .into_iter()
        .next()
        .filter(|_| health.preset != Preset::Book)?;
    let column = book.column("role:health")?;
    let both = |account: usize| Some((book.number(account, &column)?, f64::from(health.of(account)?.score?)));
    let (own, scored): (Vec<f64>, Vec<f64>) = book.by_id().filter_map(both).unzip();
    let agreement = match spearman(&ranks(&own), &ranks(&scored)) {
        Some(rho) => format!(" (rank correlation with this one {rho:.2})"),
        None => String::new(),
    };
    let text = format!(
        "the book holds a score of its own, {}{agreement}: preset book takes it instead",
        text::name(&header)
    );
    Some(Finding::info("formal_score", text))
}
