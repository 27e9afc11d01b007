//! Decoding by example: what is forgiven, what is reported, what is offered.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;
use crate::model::tier::Tier;

#[derive(Debug, Deserialize, PartialEq, Default)]
#[serde(deny_unknown_fields, default)]
struct Outer {
    csms: usize,
    share: f64,
    snap: bool,
    inner: Inner,
    by_tier: BTreeMap<Tier, f64>,
    factors: Vec<Factor>,
    tiers: Vec<Tier>,
}

#[derive(Debug, Deserialize, PartialEq, Default)]
#[serde(deny_unknown_fields, default)]
struct Inner {
    low_below: f64,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Factor {
    name: String,
    weight: f64,
}

fn places(value: Value) -> Vec<String> {
    decode::<Outer>(value, "")
        .unwrap_err()
        .into_iter()
        .map(|p| p.place.unwrap())
        .collect()
}

#[test]
fn numbers_in_quotes_and_whole_floats_are_forgiven() {
    let outer: Outer = decode(json!({"csms": "4", "share": ".5", "snap": "true"}), "").unwrap();
    assert_eq!(
        outer,
        Outer {
            csms: 4,
            share: 0.5,
            snap: true,
            ..Outer::default()
        }
    );
    assert_eq!(decode::<Outer>(json!({"csms": 4.0}), "").unwrap().csms, 4);
}

#[test]
fn every_problem_is_reported_with_its_path_and_fix() {
    let problems = decode::<Outer>(json!({"csm": 3, "share": "half", "inner": {"low_bellow": 0.2}}), "").unwrap_err();
    let places: Vec<_> = problems.iter().map(|p| p.place.clone().unwrap()).collect();
    assert_eq!(places, ["csm", "share", "inner.low_bellow"]);
    assert_eq!(problems[0].fix, Some(json!({"csms": 3})));
    assert_eq!(problems[1].message, "\"half\" is not a number");
    assert_eq!(problems[2].fix, Some(json!({"inner": {"low_below": 0.2}})));
}

#[test]
fn bad_entries_of_lists_keep_their_index_and_hide_nothing_behind_them() {
    let value = json!({
        "factors": [{"name": "a", "weight": "x"}, {"name": "b", "weight": "y"}, {"name": "c"}],
        "inner": {"low_below": "z"},
        "tiers": ["plg", "hi_touch", "midtouch"],
    });
    assert_eq!(
        places(value),
        [
            "factors.0.weight",
            "factors.1.weight",
            "factors.2.weight",
            "inner.low_below",
            "tiers.1",
            "tiers.2"
        ]
    );
    let fix = decode::<Outer>(
        json!({"factors": [{"name": "a", "weight": 1}, {"name": "b", "wight": 2}]}),
        "",
    )
    .unwrap_err()[0]
        .fix
        .clone();
    assert_eq!(
        fix,
        Some(json!({"factors": [{"name": "a", "weight": 1}, {"name": "b", "weight": 2}]})),
        "lists replace"
    );
    let fix = decode::<Outer>(json!({"tiers": ["plg", "hightouch"]}), "").unwrap_err()[0]
        .fix
        .clone();
    assert_eq!(fix, Some(json!({"tiers": ["plg", "high_touch"]})));
}

#[test]
fn long_lists_with_the_same_slip_are_one_problem() {
    let quoted: Vec<Value> = (0..2_000)
        .map(|i| json!({"name": format!("f{i}"), "weight": "0.5"}))
        .collect();
    assert_eq!(decode::<Outer>(json!({"factors": quoted}), "").unwrap().factors.len(), 2_000);
    let slips: Vec<Value> = (0..500).map(|i| json!({"nam": format!("f{i}"), "weight": 1})).collect();
    let problems = decode::<Outer>(json!({"factors": slips}), "").unwrap_err();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(decode::<Outer>(problems[0].fix.clone().unwrap(), "").is_ok());
}

#[test]
fn an_unlikely_choice_is_listed_and_not_guessed() {
    let problems = decode::<Outer>(json!({"tiers": ["kmeans", "hightouch"]}), "").unwrap_err();
    assert!(
        problems.iter().all(|problem| problem.fix.is_none()),
        "half a fix is none: {problems:?}"
    );
}

#[test]
fn keys_that_are_choices_are_named_and_mended() {
    let problems = decode::<Outer>(json!({"by_tier": {"plg": 1, "hightouch": 2}}), "").unwrap_err();
    assert_eq!(problems[0].place.as_deref(), Some("by_tier.hightouch"));
    assert_eq!(problems[0].fix, Some(json!({"by_tier": {"plg": 1, "high_touch": 2}})));
    assert_eq!(
        places(json!({"by_tier": {"plg": 1, "mid_touch": "many"}})),
        ["by_tier.mid_touch"]
    );
}
