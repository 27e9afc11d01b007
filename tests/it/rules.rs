//! What stands beside the tiers: the rules compared, what each CSM carries, patterns that spoil a model, migration, motions.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::support::{Place, TIERS, rows};

fn codes(answer: &Value) -> Vec<&str> {
    let findings = answer["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}

fn document(place: &Place) -> String {
    let written = place.json("write_report", &json!({}));
    place.read(written["data"]["files"][0]["path"].as_str().unwrap())
}

fn segments(place: &Place) -> BTreeMap<String, String> {
    place.json("write_report", &json!({"out": "out"}));
    let all = rows(&place.read("out/segments.csv"));
    all.into_iter()
        .map(|row| (row["account_id"].clone(), row["primary_segment"].clone()))
        .collect()
}

/// What the comparison says of another rule is what the tiers are once that rule is in force.
#[test]
fn the_rules_are_compared_as_they_would_place() {
    let place = Place::with_example();
    let now = place.tiers();
    let grid = segments(&place);
    let of = |rule: &str| {
        let rules = now["data"]["rules"].as_array().unwrap();
        rules.iter().find(|of| of["rule"] == rule).unwrap().clone()
    };
    assert_eq!(
        (of("grid")["in_force"].clone(), of("grid")["moved_accounts"].clone()),
        (json!(true), json!(0))
    );
    for rule in ["arr", "score"] {
        let then = place.json("assign_tiers", &json!({"rule": rule}));
        let counts: Vec<Value> = TIERS.iter().map(|tier| of(rule)["tiers"][tier].clone()).collect();
        let placed: Vec<Value> = (0..4).map(|at| then["data"]["tiers"][at]["accounts"].clone()).collect();
        assert_eq!(counts, placed, "{rule}");
        let moved = segments(&place).iter().filter(|(id, tier)| grid[*id] != **tier).count();
        assert_eq!(of(rule)["moved_accounts"], moved, "{rule}");
    }
    let largest = now["data"]["disputed"]["largest"].as_array().unwrap();
    assert!(!largest.is_empty() && largest.len() <= 10);
    let arr: Vec<f64> = largest.iter().map(|account| account["arr"].as_f64().unwrap()).collect();
    assert!(arr.is_sorted_by(|a, b| a >= b), "{arr:?}");
}

/// A book with one owner who carries far more than the others, and accounts that nobody owns.
fn owned(much: usize) -> String {
    let mut book = String::from("Account ID,Account Name,CSM,ARR\n");
    let owners = [("Ann", 10), ("Bob", 10), ("Cy, the \"second\"", 10), ("Dee", much), ("", 3)];
    for (at, (owner, n)) in owners.into_iter().enumerate() {
        for i in 0..n {
            let cell = owner.replace('"', "\"\"");
            writeln!(book, "A{at}{i:03},Account {at} {i},\"{cell}\",{}", 1_000 + 100 * i).unwrap();
        }
    }
    book
}

#[test]
fn the_load_of_each_owner_adds_up() {
    let place = Place::with_book(&owned(40));
    place.tiers();
    let capacity = place.json("calibrate_capacity", &json!({"csms": 4}));
    let load = &capacity["data"]["load"];
    assert_eq!((&load["owners"], &load["unowned_accounts"]), (&json!(4), &json!(3)));
    let top = load["top"].as_array().unwrap();
    assert_eq!((&top[0]["owner"], &top[0]["accounts"]), (&json!("Dee"), &json!(40)));
    assert_eq!(top.iter().map(|owner| owner["accounts"].as_u64().unwrap()).sum::<u64>(), 70);
    for owner in top {
        let tiers: u64 = TIERS.iter().map(|tier| owner[tier].as_u64().unwrap()).sum();
        assert_eq!(owner["accounts"], tiers, "{owner}");
    }
    assert!(codes(&capacity).contains(&"load_uneven"), "{capacity}");
    let even = Place::with_book(&owned(12));
    even.tiers();
    assert!(!codes(&even.json("calibrate_capacity", &json!({"csms": 4}))).contains(&"load_uneven"));
}

#[test]
fn a_book_without_owners_has_no_load() {
    let place = Place::with_book(&crate::support::plain_book(&[100_000, 200_000, 900_000]));
    place.tiers();
    let capacity = place.json("calibrate_capacity", &json!({"csms": 1}));
    assert_eq!(capacity["data"]["load"], Value::Null);
    assert!(!codes(&capacity).contains(&"high_touch_unowned"));
}

#[test]
fn an_ordinary_book_shows_no_pattern_that_spoils_it() {
    let place = Place::with_example();
    let tiers = place.tiers();
    let capacity = place.json("calibrate_capacity", &json!({"csms": 6}));
    let spoils = [
        "arr_only_tiers",
        "static_segmentation",
        "same_engagement",
        "leakage",
        "leakage_low_arr",
        "no_migration_path",
        "resource_mismatch",
        "high_touch_unowned",
    ];
    for code in codes(&tiers).into_iter().chain(codes(&capacity)) {
        assert!(!spoils.contains(&code), "{code}");
    }
}

#[test]
fn arr_alone_is_named_where_the_book_says_more() {
    let place = Place::with_example();
    place.axes();
    let by_arr = place.json("assign_tiers", &json!({"rule": "arr"}));
    assert!(codes(&by_arr).contains(&"arr_only_tiers"), "{by_arr}");
    let bare = Place::with_book(&crate::support::plain_book(&[100_000, 200_000, 900_000]));
    bare.axes();
    let by_arr = bare.json("assign_tiers", &json!({"rule": "arr"}));
    assert!(!codes(&by_arr).contains(&"arr_only_tiers"), "nothing else is fed: {by_arr}");
}

#[test]
fn a_baseline_grows_old() {
    let place = Place::with_example();
    place.tiers();
    for (as_of, old) in [("2027-06-30", false), ("2027-07-01", true)] {
        place.json("load_book", &json!({"path": "book.csv", "as_of": as_of}));
        let tiers = place.json("assign_tiers", &json!({}));
        assert_eq!(codes(&tiers).contains(&"static_segmentation"), old, "{as_of}");
    }
}

#[test]
fn one_way_of_serving_everyone_is_named() {
    let same = Place::with_book(&crate::support::plain_book(&[500_000; 30]));
    same.axes();
    let tiers = same.json("assign_tiers", &json!({}));
    assert!(codes(&tiers).contains(&"same_engagement"), "{tiers}");
    let few = Place::with_book(&crate::support::plain_book(&[500_000; 10]));
    few.axes();
    assert!(!codes(&few.json("assign_tiers", &json!({}))).contains(&"same_engagement"));
    let place = Place::with_example();
    place.tiers();
    let size = json!({"min": 30, "max": 50});
    place.json(
        "calibrate_capacity",
        &json!({"csms": 6, "book_sizes": {"high_touch": size, "mid_touch": size, "tech_touch": size}}),
    );
    let tiers = place.json("assign_tiers", &json!({}));
    assert!(codes(&tiers).contains(&"same_engagement"), "{tiers}");
}

/// Under the score an account with much ARR and nothing else can end in self-serve, and one with little in High-Touch.
#[test]
fn leakage_is_named_both_ways() {
    let mut book = String::from("Account ID,Account Name,ARR,Rest\n");
    for i in 0..40 {
        let rest = if i < 4 { 100 } else { 0 };
        writeln!(book, "A{i:02},Account {i},{},{rest}", 1_000 * (i + 1)).unwrap();
    }
    let place = Place::with_book(&book);
    place.axes();
    let mut model = place.model();
    for part in ["contract_length", "payment", "growth", "brand"] {
        writeln!(
            model,
            "[tiers.score.signals.{part}]\nkind = \"scale\"\ncolumn = \"Rest\"\nfrom = 0.0\nto = 100.0\n"
        )
        .unwrap();
    }
    place.write(".keep-segment/segmentation.toml", &model);
    let tiers = place.json("assign_tiers", &json!({"rule": "score"}));
    let found = codes(&tiers);
    assert!(found.contains(&"leakage") && found.contains(&"leakage_low_arr"), "{tiers}");
}

#[test]
fn migration_is_written_shown_and_missed() {
    let place = Place::with_example();
    place.tiers();
    let model = place.model();
    assert!(
        model.contains("[migration]") && model.contains("up_after_high_quarters = 2"),
        "{model}"
    );
    let text = document(&place);
    for line in [
        "They change nothing in this report",
        "to Mid-Touch when ARR is above $25K, without asking anyone",
        "to High-Touch Enterprise when ARR is above $100K, when a person agrees",
        "goal: 15% of Tech-Touch Pooled accounts reach Mid-Touch in a year",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    let (before, from) = model.split_once("[migration]").unwrap();
    let kept: String = from
        .split_inclusive('\n')
        .skip_while(|line| !line.starts_with('[') || line.contains("migration"))
        .collect();
    place.write(".keep-segment/segmentation.toml", format!("{before}{kept}"));
    let tiers = place.json("assign_tiers", &json!({}));
    assert!(codes(&tiers).contains(&"no_migration_path"), "{tiers}");
    assert!(document(&place).contains("No rule says how an account moves"));
}

/// Each scheme has its own motions and targets, and what its source leaves open is marked.
#[test]
fn motions_follow_the_scheme() {
    for (scheme, own, other) in [
        ("service", "8 to 15 accounts per CSM", "states no shares and no targets"),
        ("keep", "5 to 8 accounts per CSM", "(5% to 10%)"),
        ("analyst", "white-glove onboarding over 60 days", "135% (125% to 140%)"),
        (
            "health",
            "QBR twice a year, outreach every two months",
            "(as in scheme service)",
        ),
    ] {
        let place = Place::with_example();
        place.axes();
        place.json("assign_tiers", &json!({"scheme": scheme}));
        let report = document(&place);
        assert!(report.contains(own) && report.contains(other), "{scheme}: {report}");
    }
}

/// One person in several spellings is one owner, and a word for nobody is none.
#[test]
fn owners_are_people_not_spellings() {
    let owners = [
        "Ann Lee",
        "ann lee",
        "ANN LEE ",
        "Ann  Lee",
        "Unassigned",
        "TBD",
        "Bob",
        "n/a",
        "",
    ];
    let mut book = String::from("Account ID,ARR,CSM\n");
    for (i, owner) in owners.iter().enumerate() {
        book += &format!("A{i},{},{owner}\n", 10_000 + i * 5_000);
    }
    let place = Place::with_book(&book);
    place.tiers();
    let load = place.json("calibrate_capacity", &json!({"csms": 2}))["data"]["load"].clone();
    assert_eq!(
        (&load["owners"], &load["unowned_accounts"]),
        (&json!(2), &json!(4)),
        "{load:#}"
    );
    assert_eq!(load["top"][0]["accounts"], 4, "{load:#}");
}

/// Looking at another rule decides nothing: parts stay on or off, and cuts get no younger.
#[test]
fn looking_at_another_rule_decides_nothing() {
    let book = |third: &str| -> String {
        let row = |i: usize| format!("A{i:02},{},{}\n", 1_000 + i * i * 90, i % 37);
        format!("Account ID,ARR,{third}\n") + &(0..40).map(row).collect::<String>()
    };
    let place = Place::with_book(&book("Contract Term"));
    place.axes();
    place.json("assign_tiers", &json!({"rule": "score"}));
    place.write("book.csv", book("Something Else"));
    let counts = |answer: &Value| -> Vec<Value> {
        let tiers = answer["data"]["tiers"].as_array().unwrap();
        tiers.iter().map(|tier| tier["accounts"].clone()).collect()
    };
    let before = place.json("assign_tiers", &json!({}));
    assert!(before["findings"].to_string().contains("part_column_missing"), "{before:#}");
    place.json("assign_tiers", &json!({"rule": "arr"}));
    let after = place.json("assign_tiers", &json!({"rule": "score"}));
    assert_eq!(counts(&before), counts(&after));
    assert!(after["findings"].to_string().contains("part_column_missing"), "{after:#}");
}

/// A section without a rule in it is no path.
#[test]
fn an_empty_migration_section_is_no_path() {
    let place = Place::with_example();
    place.tiers();
    let model = place.model();
    let mut inside = false;
    let kept = |line: &&str| {
        inside = if line.starts_with('[') {
            line.contains("migration")
        } else {
            inside
        };
        !inside
    };
    let others: Vec<&str> = model.lines().filter(kept).collect();
    place.write(".keep-segment/segmentation.toml", others.join("\n") + "\n[migration]\n");
    let answer = place.json("assign_tiers", &json!({}));
    assert!(answer["findings"].to_string().contains("no_migration_path"), "{answer:#}");
    place.write(".keep-segment/segmentation.toml", model);
    let answer = place.json("assign_tiers", &json!({}));
    assert!(!answer["findings"].to_string().contains("no_migration_path"), "{answer:#}");
}
