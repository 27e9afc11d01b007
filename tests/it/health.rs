//! Health: golden numbers, half-open edges, what a lost cell may never do, and real columns of real books.

use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{AS_OF, Place, cases, fix_of};

/// What each account's cells say; a blank text is a blank cell.
const HEADERS: [&str; 9] = [
    "Created Date",
    "DAU/MAU",
    "Feature Adoption",
    "CSAT",
    "Open Escalations",
    "Exec Sponsor",
    "Champion",
    "NPS",
    "Go-Live Date",
];

fn written(rows: &[Vec<String>], without: Option<usize>) -> String {
    let keep = |i: &usize| Some(*i) != without;
    let mut text = String::from("Account ID,ARR");
    (0..HEADERS.len())
        .filter(keep)
        .for_each(|i| write!(text, ",{}", HEADERS[i]).unwrap());
    for (n, cells) in rows.iter().enumerate() {
        write!(text, "\nA{n:03},{}", 1_000 + n * 977).unwrap();
        (0..HEADERS.len())
            .filter(keep)
            .for_each(|i| write!(text, ",{}", cells[i]).unwrap());
    }
    text + "\n"
}

fn loaded(text: &str) -> Place {
    let place = Place::with_book(text);
    place.json(
        "load_book",
        &json!({"path": "book.csv", "as_of": AS_OF, "answers": answers()}),
    );
    place
}

/// Scales that a range of a few accounts cannot tell.
fn answers() -> Value {
    json!({"usage_scale": "ratio", "adoption_scale": "ratio", "csat_scale": "ratio", "nps_scale": "points"})
}

/// Ids of the accounts with a status.
fn with_status(place: &Place, status: &str) -> Vec<String> {
    let page = place.json(
        "list_accounts",
        &json!({"where": {"health": status}, "limit": 50, "sort": "name"}),
    );
    assert_eq!(page["data"]["next_cursor"], Value::Null);
    let accounts = page["data"]["accounts"].as_array().unwrap();
    accounts
        .iter()
        .map(|account| account["account_id"].as_str().unwrap().to_string())
        .collect()
}

/// The statuses of a book by default, with tiers assigned so that accounts can be listed.
fn healthy(text: &str) -> Vec<String> {
    let place = loaded(text);
    place.json("define_axes", &json!({}));
    place.json("assign_tiers", &json!({}));
    place.json("score_health", &json!({"preset": "keep"}));
    with_status(&place, "healthy")
}

fn explained(place: &Place, account: &str) -> Value {
    place.json("explain_account", &json!({"account": account}))["data"]["health"].clone()
}

/// One component over one column, so that its score is the account's.
fn scored_by(rule: &Value, header: &str, cells: &[(&str, f64)]) {
    let mut text = format!("Account ID,ARR,{header}\n");
    for (i, (cell, _)) in cells.iter().enumerate() {
        writeln!(text, "A{i:02},{},{cell}", 1_000 * (i + 1)).unwrap();
    }
    let place = loaded(&text);
    place.json("define_axes", &json!({}));
    place.json("assign_tiers", &json!({}));
    let edit = json!({"components": [{"name": "one", "weight": 1}], "signals": {"one": rule}});
    place.json("score_health", &edit);
    for (i, (cell, score)) in cells.iter().enumerate() {
        assert_eq!(
            explained(&place, &format!("A{i:02}"))["score"],
            json!(score),
            "{cell} by {rule}"
        );
    }
}

/// G1 and H5–H7: 32% of 40% is 80, by steps 60; 70 with a trend of ±15% is 72.1 and 67.9.
#[test]
fn the_golden_numbers_of_the_three_ways_to_score() {
    scored_by(
        &json!({"kind": "linear", "column": "DM", "target": 40}),
        "DM",
        &[("32", 80.0), ("44", 100.0), ("-3", 0.0)],
    );
    let steps = json!([[50, 1.0], [40, 0.8], [30, 0.6], [20, 0.4], [10, 0.2]]);
    let threshold = json!({"kind": "threshold", "column": "DM", "steps": steps});
    scored_by(
        &threshold,
        "DM",
        &[("32", 60.0), ("50", 100.0), ("49.99", 80.0), ("10", 20.0), ("9.9", 0.0)],
    );
    let base = json!({"kind": "linear", "column": "Base", "target": 100});
    let trend = json!({"kind": "trend", "of": [base], "column": "Moved"});
    scored_by(&trend, "Base,Moved", &[("70,0.15", 72.1), ("70,-0.15", 67.9), ("70,0", 70.0)]);
    let over = json!({"kind": "trend", "of": [base], "over": ["Now", "Before"]});
    scored_by(&over, "Base,Now,Before", &[("70,115,100", 72.1), ("70,85,100", 67.9)]);
}

/// H24: without anything before there is no trend; the score is then unknown, not 70.
#[test]
fn a_trend_from_nothing_is_unknown() {
    let place = loaded("Account ID,ARR,Base,Now,Before\nA1,1000,70,5,0\nA2,2000,70,5,\nA3,3000,70,5,5\nA4,9000,70,9,10\n");
    place.json("define_axes", &json!({}));
    place.json("assign_tiers", &json!({}));
    let base = json!({"kind": "linear", "column": "Base", "target": 100});
    let trend = json!({"kind": "trend", "of": [base], "over": ["Now", "Before"]});
    place.json(
        "score_health",
        &json!({"components": [{"name": "one", "weight": 1}], "signals": {"one": trend}}),
    );
    for (account, status) in [("A1", "unknown"), ("A2", "unknown"), ("A3", "stable")] {
        assert_eq!(explained(&place, account)["status"], status, "{account}");
    }
}

/// X23: bands are half-open on two decimals, in every preset.
#[test]
fn edges_are_half_open() {
    for (preset, edges) in [
        (
            "keep",
            vec![
                ("79.95", "stable"),
                ("79.994", "stable"),
                ("79.995", "healthy"),
                ("80", "healthy"),
                ("60", "stable"),
                ("59.99", "at_risk"),
                ("40", "at_risk"),
                ("39.99", "critical"),
                ("0", "critical"),
                ("100", "healthy"),
            ],
        ),
        (
            "health",
            vec![
                ("85", "thriving"),
                ("84.99", "healthy"),
                ("70", "healthy"),
                ("69.99", "neutral"),
                ("49.99", "at_risk"),
                ("29.99", "critical"),
            ],
        ),
        ("analyst", vec![("80", "green"), ("79.99", "yellow"), ("59.99", "red")]),
    ] {
        let mut text = String::from("Account ID,ARR,Score\n");
        for (i, (score, _)) in edges.iter().enumerate() {
            writeln!(text, "A{i},{},{score}", 1_000 * (i + 1)).unwrap();
        }
        let place = loaded(&text);
        place.json("define_axes", &json!({}));
        place.json("assign_tiers", &json!({}));
        let rule = json!({"kind": "linear", "column": "Score", "target": 100});
        let edit = json!({"preset": preset, "components": [{"name": "one", "weight": 1}], "signals": {"one": rule}});
        place.json("score_health", &edit);
        for (i, (score, status)) in edges.iter().enumerate() {
            assert_eq!(explained(&place, &format!("A{i}"))["status"], *status, "{preset} {score}");
        }
    }
}

fn cells() -> impl Strategy<Value = Vec<String>> {
    let maybe = |cell: BoxedStrategy<String>| prop_oneof![9 => cell, 1 => Just(String::new())];
    let share = || prop_oneof![2 => 60u32..=100, 1 => 0u32..=100].prop_map(|n| format!("{}", f64::from(n) / 100.0));
    let words = |words: Vec<&'static str>| proptest::sample::select(words).prop_map(str::to_string);
    (
        maybe(words(vec!["2024-01-15", "2026-06-01", "2026-05-20"]).boxed()),
        maybe((0u32..=60).prop_map(|n| format!("{}", f64::from(n) / 100.0)).boxed()),
        maybe(share().boxed()),
        maybe(share().boxed()),
        maybe(words(vec!["0", "0", "1", "3"]).boxed()),
        maybe(words(vec!["Yes", "Yes", "No"]).boxed()),
        maybe(words(vec!["Jo Park", "Yes", "left", "No"]).boxed()),
        maybe((-100i32..=100).prop_map(|n| n.to_string()).boxed()),
        maybe(words(vec!["2026-06-20", "No", "2026-09-01"]).boxed()),
    )
        .prop_map(|(a, b, c, d, e, f, g, h, i)| vec![a, b, c, d, e, f, g, h, i])
}

proptest! {
    #![proptest_config(cases(24))]

    /// Whatever cell or column is lost, nobody is healthy who was not.
    #[test]
    fn losing_a_cell_or_a_column_never_makes_an_account_healthy(mut rows in vec(cells(), 4..12), lost in any::<proptest::sample::Index>(), column in 0..HEADERS.len()) {
        // One account that is well in all respects, so that every column has a cell.
        rows.push(["2024-01-15", "0.55", "0.95", "0.98", "0", "Yes", "Yes", "90", "2024-03-01"].map(str::to_string).to_vec());
        let before = healthy(&written(&rows, None));
        prop_assert!(before.contains(&format!("A{:03}", rows.len() - 1)), "{before:?}");
        let without = healthy(&written(&rows, Some(column)));
        for account in &without {
            prop_assert!(before.contains(account), "{account} is healthy without {}", HEADERS[column]);
        }
        let at = lost.index(rows.len() - 1);
        for cell in 0..HEADERS.len() {
            let mut fewer = rows.clone();
            fewer[at][cell] = String::new();
            for account in healthy(&written(&fewer, None)) {
                prop_assert!(before.contains(&account), "{account} is healthy without its {}", HEADERS[cell]);
            }
        }
    }
}

/// A case further down must not mend an account whose first case has lost its cell: what could have held is counted.
#[test]
fn a_blank_in_an_earlier_case_does_not_mend() {
    let place = loaded("Account ID,ARR,Bugs,Smile\nA1,1000,9,5\nA2,2000,,5\nA3,3000,0,5\n");
    place.json("define_axes", &json!({}));
    place.json("assign_tiers", &json!({}));
    let rule = json!({"kind": "cases", "cases": [
        {"when": [{"column": "Bugs", "op": "gt", "value": 5}], "score": 0.1},
        {"when": [{"column": "Smile", "op": "ge", "value": 5}], "score": 1.0},
    ]});
    place.json(
        "score_health",
        &json!({"components": [{"name": "one", "weight": 1}], "signals": {"one": rule}}),
    );
    let seen = |account: &str| {
        let health = explained(&place, account);
        (
            health["status"].clone(),
            health["provisional"].clone(),
            health["floor"].clone(),
        )
    };
    assert_eq!(seen("A1"), (json!("critical"), json!(false), json!(10.0)));
    assert_eq!(seen("A2"), (json!("stable"), json!(true), json!(10.0)));
    assert_eq!(seen("A3"), (json!("healthy"), json!(false), json!(100.0)));
}

/// An account of which nothing but the id is known is unknown, and never counts as at risk.
#[test]
fn an_account_with_an_id_only_is_unknown() {
    let mut rows = vec![vec![String::new(); HEADERS.len()]];
    rows.extend((0..5).map(|_| {
        ["2024-01-15", "0.1", "0.2", "0.3", "3", "No", "No", "-50", ""]
            .map(str::to_string)
            .to_vec()
    }));
    let place = loaded(&written(&rows, None));
    place.json("define_axes", &json!({}));
    place.json("assign_tiers", &json!({}));
    let answer = place.json("score_health", &json!({}));
    assert_eq!(answer["data"]["unknown"], 1);
    let health = explained(&place, "A000");
    assert_eq!(
        (&health["status"], &health["score"], &health["coverage"]),
        (&json!("unknown"), &json!(null), &json!(0.0))
    );
    assert_eq!(with_status(&place, "critical").len(), 5);
}

/// Words that people write into such columns: who is gone is no champion, what is not done is not done.
#[test]
fn words_in_the_columns_mean_what_they_say() {
    let one = |header: &str, component: &str, cells: &[(&str, Option<f64>)]| {
        let mut text = format!("Account ID,ARR,{header},DAU/MAU,Feature Adoption\n");
        for (i, (cell, _)) in cells.iter().enumerate() {
            writeln!(text, "A{i:02},{},{cell},0.2,0.5", 1_000 * (i + 1)).unwrap();
        }
        let place = loaded(&text);
        place.json("define_axes", &json!({}));
        place.json("assign_tiers", &json!({}));
        place.json("score_health", &json!({"preset": "keep"}));
        for (i, (cell, score)) in cells.iter().enumerate() {
            let health = explained(&place, &format!("A{i:02}"));
            let drivers = health["drivers"].as_array().unwrap();
            let driver = drivers.iter().find(|driver| driver["component"] == component).unwrap();
            assert_eq!(driver["score"], json!(score), "{header} `{cell}`");
        }
    };
    let (yes, no) = (Some(100.0), Some(0.0));
    one(
        "Champion",
        "relationship_quality",
        &[
            ("Jo Park", yes),
            ("Yes", yes),
            ("No", no),
            ("left", no),
            ("left the company", no),
            ("Departed 2026-03", no),
            ("Former: Bob", no),
            ("Inactive - Bob", no),
            ("vacant", no),
            ("TBD", no),
            ("?", no),
            ("Ann Cleftwood", yes),
            ("None", None),
        ],
    );
    let (half, all, none) = (Some(50.0), Some(100.0), Some(0.0));
    one(
        "Open Escalations",
        "support_health",
        &[
            ("0", all),
            ("1", half),
            ("2", none),
            ("No", all),
            ("Yes", none),
            ("closed", all),
            ("-1", all),
            ("Resolved", all),
        ],
    );
}

/// Below half of the weight nothing is said; from half on it is.
#[test]
fn half_of_the_weight_must_be_known() {
    let header = "Account ID,ARR,DAU/MAU,Feature Adoption,CSAT,NPS,Champion,Exec Sponsor,Open Escalations";
    // All five components are on; usage and adoption are half of the weight, adoption and support less.
    let place = loaded(&format!(
        "{header}\nA1,1000,0.2,0.5,,,,,\nA2,2000,,0.5,0.5,,,,0\nA3,3000,0.4,1,1,100,Yes,Yes,0\nA4,4000,0.2,,0.5,,,,\n"
    ));
    place.json("define_axes", &json!({}));
    place.json("assign_tiers", &json!({}));
    place.json("score_health", &json!({}));
    for (account, coverage, status, score) in [
        ("A1", 0.5, "at_risk", json!(50.0)),
        ("A2", 0.4, "unknown", json!(62.5)),
        ("A3", 1.0, "healthy", json!(100.0)),
        ("A4", 0.4, "unknown", json!(50.0)),
    ] {
        let health = explained(&place, account);
        assert_eq!(
            (health["coverage"].as_f64().unwrap(), &health["status"], &health["score"]),
            (coverage, &json!(status), &score),
            "{account}"
        );
    }
}

/// U1: three signs stand in for usage and adoption of young accounts; what else is known counts as for any other.
#[test]
fn signs_of_a_start_stand_in_for_usage_of_young_accounts() {
    let header = "Account ID,ARR,Created Date,DAU/MAU,Kickoff Date,Go-Live Date,CSAT";
    let place = loaded(&format!(
        "{header}\nY3,1000,2026-06-01,0.05,2026-06-02,2026-06-20,1\nY2,2000,2026-06-01,0.05,2026-06-02,No,1\n\
         Y1,3000,2026-06-01,0,No,2026-09-01,1\nY0,4000,2026-06-01,,,,1\nBAD,4500,2026-06-01,0.05,2026-06-02,2026-06-20,0\n\
         OLD,5000,2020-06-01,0.05,2020-06-02,2020-07-01,0\nDAY90,6000,2026-04-01,0.4,No,No,1\n"
    ));
    place.json("define_axes", &json!({}));
    place.json("assign_tiers", &json!({}));
    let csat = json!({"kind": "linear", "column": "CSAT", "target": 1});
    let components = json!([{"name": "product_usage", "weight": 0.7}, {"name": "support_health", "weight": 0.3}]);
    let answer = place.json(
        "score_health",
        &json!({"components": components, "signals": {"support_health": csat}}),
    );
    assert_eq!(answer["data"]["cold_start"], 5);
    for (account, score, status, young) in [
        ("Y3", json!(100.0), "healthy", true),
        ("Y2", json!(76.67), "stable", true),
        ("Y1", json!(30.0), "critical", true),
        ("Y0", json!(100.0), "unknown", true),
        ("BAD", json!(70.0), "stable", true),
        ("OLD", json!(8.75), "critical", false),
        ("DAY90", json!(100.0), "healthy", false),
    ] {
        let health = explained(&place, account);
        assert_eq!(
            (&health["score"], &health["status"], &health["cold_start"]),
            (&score, &json!(status), &json!(young)),
            "{account}: {health}"
        );
    }
    // A score of the book's own, or components that no sign can stand in for, are left alone.
    let own = place.json(
        "score_health",
        &json!({"components": [{"name": "support_health", "weight": 1}]}),
    );
    assert_eq!(own["data"]["unknown"], 0);
    assert_eq!(explained(&place, "Y1")["score"], 100.0);
}

/// U1 and H74: the same account weighs usage more the further down it is served.
#[test]
fn weights_can_go_by_tier() {
    let mut text = String::from("Account ID,ARR,DAU/MAU,Exec Sponsor,NPS\n");
    for i in 0..40 {
        writeln!(text, "A{i:02},{},0.4,No,-100", 1_000 * (i + 1) * (i + 1)).unwrap();
    }
    let place = loaded(&text);
    place.json("define_axes", &json!({}));
    place.json("assign_tiers", &json!({"rule": "arr"}));
    let answer = place.json("score_health", &json!({"preset": "by_tier"}));
    let means: Vec<f64> = answer["data"]["by_tier"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tier| tier["mean"].as_f64().unwrap())
        .collect();
    assert_eq!(means, [50.0, 55.0, 70.0, 80.0], "behavioural is at 100, the rest at 0");

    let own = json!({"components": [
        {"name": "use", "weight": 0.5, "by_tier": {"plg": 0.9}},
        {"name": "mood", "weight": 0.5, "by_tier": {"plg": 0.1}},
    ], "signals": {"use": {"kind": "linear", "column": "DAU/MAU", "target": 0.4}, "mood": {"kind": "scale", "column": "NPS", "from": -100, "to": 100}}});
    let answer = place.json("score_health", &own);
    assert_eq!(answer["data"]["by_tier"][3]["mean"], 90.0);
    assert_eq!(answer["data"]["by_tier"][0]["mean"], 50.0);
    let mut wrong = own.clone();
    wrong["components"][1]["by_tier"]["plg"] = json!(0.3);
    let refused = place.refused("score_health", &wrong);
    assert!(refused.contains("weights in plg sum to 1.2"), "{refused}");
}

/// The same file at the same date gives the same scores on any day, and in any order of its rows.
#[test]
fn scores_hang_on_the_file_and_its_date_alone() {
    let rows: Vec<Vec<String>> = (0..12)
        .map(|i| {
            ["2025-01-15", "", "0.61", "0.72", "1", "Yes", "left", "20", ""]
                .iter()
                .enumerate()
                .map(|(at, cell)| {
                    if at == 1 {
                        format!("0.{:02}", i * 3 + 3)
                    } else {
                        (*cell).to_string()
                    }
                })
                .collect()
        })
        .collect();
    let text = written(&rows, None);
    let data = |text: &str| {
        let place = loaded(text);
        place.json("define_axes", &json!({}));
        place.json("assign_tiers", &json!({}));
        let mut data = place.json("score_health", &json!({}))["data"].clone();
        data["components"].take();
        data
    };
    let (head, body) = text.split_once('\n').unwrap();
    let mut turned: Vec<&str> = body.lines().collect();
    turned.reverse();
    assert_eq!(data(&text), data(&text));
    assert_eq!(data(&text), data(&format!("{head}\n{}\n", turned.join("\n"))));
}

/// Anti-patterns that the model shows (H89): each is named under its own input and not under another.
#[test]
fn slips_of_the_model_are_findings() {
    let mut text = String::from("Account ID,ARR,DAU/MAU,NPS,Total Logins\n");
    for i in 0..30 {
        writeln!(
            text,
            "A{i:02},{},{},{},{}",
            1_000 * (i + 1),
            f64::from(i) / 40.0,
            i * 3,
            i * 10
        )
        .unwrap();
    }
    let place = loaded(&text);
    place.json("define_axes", &json!({}));
    place.json("assign_tiers", &json!({}));
    let use_ = json!({"kind": "linear", "column": "DAU/MAU", "target": 0.4});
    let mood = json!({"kind": "scale", "column": "NPS", "from": -100, "to": 100});
    let logins = json!({"kind": "linear", "column": "Total Logins", "target": 200});
    let arr = json!({"kind": "linear", "column": "role:arr", "target": 30000});
    let codes = |components: Value, signals: Value| -> Vec<String> {
        let answer = place.json("score_health", &json!({"components": components, "signals": signals}));
        let findings = answer["findings"].as_array().unwrap();
        findings
            .iter()
            .map(|finding| finding["code"].as_str().unwrap().to_string())
            .collect()
    };
    let of = |weights: &[(&str, f64)]| -> Value {
        weights
            .iter()
            .map(|(name, weight)| json!({"name": name, "weight": weight}))
            .collect()
    };
    let signals = json!({"a": use_, "b": mood, "c": logins, "d": arr});
    let has = |codes: &[String], code: &str| codes.iter().any(|c| c == code);
    let sound = codes(
        of(&[("a", 0.4), ("b", 0.35), ("e", 0.25)]),
        json!({"a": use_, "b": mood, "e": {"kind": "threshold", "column": "NPS", "steps": [[30, 1.0]]}}),
    );
    for code in [
        "component_heavy",
        "health_one_source",
        "equal_weights",
        "all_time_totals",
        "revenue_in_health",
    ] {
        assert!(!has(&sound, code), "{code} in {sound:?}");
    }
    for (weights, code) in [
        (vec![("a", 0.6), ("b", 0.4)], "component_heavy"),
        (vec![("a", 1.0)], "health_one_source"),
        (vec![("a", 0.5), ("b", 0.5)], "equal_weights"),
        (vec![("a", 0.4), ("b", 0.3), ("c", 0.3)], "all_time_totals"),
        (vec![("a", 0.4), ("b", 0.3), ("d", 0.3)], "revenue_in_health"),
    ] {
        let mut named = signals.clone();
        named
            .as_object_mut()
            .unwrap()
            .retain(|name, _| weights.iter().any(|(weight, _)| weight == name));
        named["e"] = Value::Null;
        let absent: Vec<&str> = ["a", "b", "c", "d", "e"]
            .into_iter()
            .filter(|name| !weights.iter().any(|(w, _)| w == name))
            .collect();
        for name in absent {
            named[name] = Value::Null;
        }
        let found = codes(of(&weights), named);
        assert!(has(&found, code), "{code} not in {found:?}");
    }
}

/// What is held back for want of a column comes with the call that settles on what there is, and the call works.
#[test]
fn the_call_that_settles_on_what_there_is_works() {
    let mut text = String::from("Account ID,ARR,DAU/MAU,Feature Adoption,CSAT\n");
    for i in 0..20 {
        writeln!(text, "A{i:02},{},0.39,0.95,0.96", 1_000 * (i + 1)).unwrap();
    }
    let place = loaded(&text);
    place.json("define_axes", &json!({}));
    place.json("assign_tiers", &json!({}));
    let held = place.json("score_health", &json!({}));
    assert_eq!(
        held["data"]["statuses"][1],
        json!({"status": "stable", "accounts": 20, "arr": 210000, "provisional": 20})
    );
    let finding = held["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["code"] == "health_provisional")
        .unwrap();
    let call = finding["text"].as_str().unwrap().split("score_health with ").nth(1).unwrap();
    let settled = place.json("score_health", &serde_json::from_str(call).unwrap());
    assert_eq!(settled["data"]["statuses"][0]["accounts"], 20, "{call}");
    assert!(!settled["findings"].to_string().contains("health_provisional"), "{settled:#}");
}

/// Every slip of a call at once, and the fix works when it is sent back.
#[test]
fn slips_of_a_call_can_be_mended_from_the_text() {
    let place = loaded("Account ID,ARR,DAU/MAU,CSAT\nA1,1000,0.3,0.8\nA2,2000,0.1,0.9\n");
    let typo = place.refused(
        "score_health",
        &json!({"signals": {"product_usag": {"kind": "linear", "column": "DAU MAU", "target": 0.4}}}),
    );
    let fix = fix_of(&typo).unwrap();
    place.json("score_health", &fix);
    let sum = place.refused(
        "score_health",
        &json!({"components": [{"name": "product_usage", "weight": 0.6}, {"name": "support_health", "weight": 0.6}]}),
    );
    place.json("score_health", &fix_of(&sum).unwrap());
    let preset = place.refused("score_health", &json!({"preset": "keeep"}));
    let kind = place.refused(
        "score_health",
        &json!({"signals": {"product_usage": {"kind": "linear", "column": "DAU/MAU"}}}),
    );
    insta::assert_snapshot!([typo, sum, preset, kind].join("\n"), @r#"
    error[unknown_component]: no component `product_usag` in the health score
      where: signals.product_usag; found: `product_usage`
    error[column_not_found]: no column `DAU MAU` in `book.csv`
      where: signals.product_usag.column; found: `DAU/MAU`
      fix:   {"signals":{"product_usage":{"kind":"scale","column":"DAU/MAU","from":0.0,"to":0.4}}}
      next:  score_health again
    error[bad_argument]: weights sum to 1.2
      where: components
      expected: a sum of 1
      fix:   {"components":[{"name":"product_usage","weight":0.5},{"name":"support_health","weight":0.5}]}
      next:  score_health again
    error[bad_argument]: `keeep` is not one of the choices
      where: preset
      expected: `keep`, `health`, `self_serve`, `enterprise`, `usage_based`, `high_touch_services`, `analyst`, `by_tier`, `book`
      fix:   {"preset":"keep"}
      next:  score_health again
    error[bad_argument]: `target` is missing or not above 0: it is the number that scores 1
      where: signals.product_usage
      next:  score_health again
    "#);
}

/// Signals of another preset wait in the model; own ones go with their components.
#[test]
fn a_signal_does_not_stand_in_the_way_of_another_preset() {
    let place = loaded("Account ID,ARR,DAU/MAU,CSAT\nA1,1000,0.3,0.8\nA2,2000,0.1,0.9\n");
    let usage = json!({"kind": "linear", "column": "DAU/MAU", "target": 0.3});
    place.json("score_health", &json!({"signals": {"product_usage": usage}}));
    place.json("score_health", &json!({"preset": "health"}));
    let mood = json!({"components": [{"name": "mood", "weight": 1}], "signals": {"mood": {"kind": "linear", "column": "CSAT", "target": 1}}});
    place.json("score_health", &mood);
    place.json("score_health", &json!({"components": []}));
    assert!(!place.model().contains("mood"), "{}", place.model());
    let back = place.json("score_health", &json!({"preset": "keep"}));
    assert_eq!(back["data"]["components"][0]["mean"], 66.67, "its signal was kept");
    let refused = place.refused("score_health", &json!({"signals": {"mood": usage}}));
    assert!(refused.starts_with("error[unknown_component]"), "{refused}");
}

/// The at-risk flag sees scored health, and only once it is scored.
#[test]
fn scored_health_sets_the_flag_for_accounts_at_risk() {
    let mut text = String::from("Account ID,ARR,DAU/MAU,Feature Adoption\n");
    for i in 0..20 {
        writeln!(text, "A{i:02},{},{},0.9", 1_000 * (i + 1), if i < 5 { "0.01" } else { "0.4" }).unwrap();
    }
    let place = loaded(&text);
    place.json("define_axes", &json!({}));
    let flagged = |answer: &Value| {
        let flags = answer["data"]["flags"].as_array().unwrap();
        flags
            .iter()
            .find(|flag| flag["flag"] == "at_risk_retention")
            .map(|flag| flag["accounts"].clone())
    };
    assert_eq!(flagged(&place.json("assign_tiers", &json!({}))), None);
    place.json("score_health", &json!({}));
    assert_eq!(flagged(&place.json("assign_tiers", &json!({}))), Some(json!(5)));
    let off = place.json("assign_tiers", &json!({"flags": {"at_risk_retention": null}}));
    assert_eq!(flagged(&off), None);
}

/// Health before tiers answers without them, and with weights by tier once they are there.
#[test]
fn health_comes_before_tiers_too() {
    let place = loaded("Account ID,ARR,DAU/MAU,CSAT\nA1,1000,0.3,0.8\nA2,2000,0.1,0.9\n");
    let early = place.json("score_health", &json!({}));
    assert_eq!(early["data"]["by_tier"], json!([]));
    assert!(early["findings"].to_string().contains("no_tiers_yet"));
    let nothing = Place::new().refused("score_health", &json!({}));
    assert!(nothing.starts_with("error[book_not_loaded]"), "{nothing}");
}

/// A book of names and ARR: health is unknown for all, and says what it needs.
#[test]
fn a_book_without_any_column_for_health_says_so() {
    let place = loaded("Account ID,ARR\nA1,1000\nA2,2000\nA3,4000\n");
    let answer = place.json("score_health", &json!({}));
    assert_eq!(answer["data"]["unknown"], 3);
    assert_eq!(answer["findings"][0]["code"], "no_health_data");
}

fn book(name: &str) -> Option<std::path::PathBuf> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/books")
        .join(name);
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}

/// Real books: the score that a book holds is taken when little else is there, and joined tables feed the components.
#[test]
fn real_books_are_scored_from_real_columns() {
    let Some(territory) = book("territory/book_150.csv") else {
        return;
    };
    let place = Place::with_book(&std::fs::read_to_string(territory).unwrap());
    place.tiers();
    let answer = place.json("score_health", &json!({}));
    let data = &answer["data"];
    assert_eq!(
        (
            &data["preset"],
            &data["components"][0]["name"],
            &data["components"][0]["coverage"]
        ),
        (&json!("book"), &json!("health_score"), &json!(1.0))
    );
    assert_eq!(data["unknown"], 0);

    let Some(folder) = book("ravenstack") else { return };
    let place = Place::new();
    for file in [
        "accounts.csv",
        "subscriptions.csv",
        "feature_usage.csv",
        "support_tickets.csv",
    ] {
        place.write(file, std::fs::read(folder.join(file)).unwrap());
    }
    let joins = json!([
        {"path": "subscriptions.csv", "kind": "subscriptions"},
        {"path": "feature_usage.csv", "kind": "usage"},
        {"path": "support_tickets.csv", "kind": "tickets"},
    ]);
    place.json(
        "load_book",
        &json!({"path": "accounts.csv", "as_of": "2024-12-31", "joins": joins}),
    );
    place.json("define_axes", &json!({}));
    place.json("assign_tiers", &json!({}));
    let answer = place.json("score_health", &json!({}));
    let data = &answer["data"];
    assert_eq!(data["preset"], "keep");
    let on: Vec<(&str, f64)> = data["components"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|component| component["on"] == true)
        .map(|component| (component["name"].as_str().unwrap(), component["coverage"].as_f64().unwrap()))
        .collect();
    assert_eq!(
        on,
        [("product_usage", 1.0), ("feature_adoption", 1.0), ("support_health", 1.0)]
    );
    let accounts: u64 = data["statuses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|status| status["accounts"].as_u64().unwrap())
        .sum();
    assert_eq!(accounts, 500);
    place.json("score_expansion", &json!({}));
    place.boxed("score_health", &json!({}));
}
