//! Numbers that the sources state, reached the way a user reaches them.

use serde_json::{Value, json};

use crate::support::{AS_OF, Place, TIERS, cents, rows};

/// Twelve accounts of every row: ids `L01`, `M01`, `H01`, and amounts on both sides of cuts at 10,000 and 50,000.
const NINE: &str = "Account ID,Account Name,ARR
LL,Low Low,9999.99
LM,Low Medium,9999.99
LH,Low High,500
ML,Mid Low,10000
MM,Mid Medium,10000.00
MH,Mid High,49999.99
HL,High Low,50000
HM,High Medium,50000.00
HH,High High,90000
E3,Exactly .3,20000
E6,Exactly .6,20000
E60005,A hair above .6,20000
E60004,Rounds to .6,20000
E29995,Rounds to .3,20000
E29994,Rounds to .2999,20000
";

fn judgement(account: &str, scores: [f64; 3]) -> Value {
    json!({"account": account, "scores": {"a": scores[0], "b": scores[1], "c": scores[2]}, "why": "stated"})
}

/// Segments of a workspace by account id.
fn segment(place: &Place, account: &str) -> std::collections::BTreeMap<String, String> {
    place.json("write_report", &json!({"formats": ["csv"], "out": "report"}));
    let segments = rows(&place.read("report/segments.csv"));
    segments.into_iter().find(|row| row["account_id"] == account).unwrap()
}

fn judged_place(weights: [f64; 3], judgements: &[Value]) -> Place {
    let place = Place::with_book(NINE);
    let factor = |name: &str, weight: f64| json!({"name": name, "weight": weight, "on": true});
    place.json(
        "define_axes",
        &json!({
            "path": "book.csv", "as_of": AS_OF,
            "cuts": {"low": 10_000, "high": 50_000}, "method": "given",
            "bins": {"low_below": 0.3, "high_above": 0.6},
            "factors": [factor("a", weights[0]), factor("b", weights[1]), factor("c", weights[2])],
        }),
    );
    place.json("score_strategic", &json!({"judgements": judgements}));
    place.json("assign_tiers", &json!({}));
    place
}

/// Nine cells by judgement, an amount equal to a cut stands above it, and .3 and .6 are medium (M10, M12, G13).
#[test]
fn nine_cells_and_their_edges() {
    let weights = [0.5, 0.3, 0.2];
    let (low, medium, high) = ([0.0; 3], [0.5; 3], [1.0; 3]);
    let cases = [
        ("LL", low, "low", "low", "plg"),
        ("LM", medium, "low", "medium", "tech_touch"),
        ("LH", high, "low", "high", "mid_touch"),
        ("ML", low, "mid", "low", "tech_touch"),
        ("MM", medium, "mid", "medium", "mid_touch"),
        ("MH", high, "mid", "high", "high_touch"),
        ("HL", low, "high", "low", "mid_touch"),
        ("HM", medium, "high", "medium", "mid_touch"),
        ("HH", high, "high", "high", "high_touch"),
        ("E3", [0.6, 0.0, 0.0], "mid", "medium", "mid_touch"),
        ("E6", [0.6; 3], "mid", "medium", "mid_touch"),
        ("E60005", [0.2001, 1.0, 1.0], "mid", "high", "high_touch"),
        ("E60004", [0.20008, 1.0, 1.0], "mid", "medium", "mid_touch"),
        ("E29995", [0.5999, 0.0, 0.0], "mid", "medium", "mid_touch"),
        ("E29994", [0.59988, 0.0, 0.0], "mid", "low", "tech_touch"),
    ];
    let judgements: Vec<Value> = cases.iter().map(|case| judgement(case.0, case.1)).collect();
    let place = judged_place(weights, &judgements);
    let mut wrong = Vec::new();
    for (account, _, row, bin, tier) in cases {
        let found = segment(&place, account);
        let got = [&found["arr_row"], &found["strategic_bin"], &found["primary_segment"]];
        if got != [row, bin, tier] {
            wrong.push(format!(
                "{account} {}: {got:?}, not {:?}",
                found["strategic_value"],
                [row, bin, tier]
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A composite of exactly .60005, .6 or .29995 falls the same way however its weights make it up (S6: half up, then compared).
#[test]
fn halves_round_up_whatever_makes_them() {
    let cases = [
        ([0.25, 0.25, 0.5], [0.4002, 0.0, 1.0], "0.6001", "high"),
        ([0.5, 0.3, 0.2], [1.0, 0.3335, 0.0], "0.6001", "high"),
        ([0.4, 0.35, 0.25], [1.0, 0.0, 0.8002], "0.6001", "high"),
        ([0.6, 0.3, 0.1], [1.0, 0.0, 0.0005], "0.6001", "high"),
        ([0.7, 0.2, 0.1], [0.85715, 0.0, 0.0], "0.6000", "medium"),
        ([0.1, 0.2, 0.7], [1.0, 1.0, 0.42857], "0.6000", "medium"),
        ([0.1, 0.2, 0.7], [0.0, 1.0, 0.1428], "0.3000", "medium"),
        ([0.2, 0.2, 0.6], [0.49975, 1.0, 0.0], "0.3000", "medium"),
        ([0.2, 0.7, 0.1], [0.0, 0.4285, 0.0], "0.3000", "medium"),
        ([0.1, 0.6, 0.3], [0.9995, 0.0, 0.6667], "0.3000", "medium"),
    ];
    let mut wrong = Vec::new();
    for (weights, scores, value, bin) in cases {
        let place = judged_place(weights, &[judgement("E3", scores)]);
        let found = segment(&place, "E3");
        if (found["strategic_value"].as_str(), found["strategic_bin"].as_str()) != (value, bin) {
            wrong.push(format!(
                "{weights:?} x {scores:?}: {} {}, not {value} {bin}",
                found["strategic_value"], found["strategic_bin"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Accounts that pay the same are never parted by an ARR cut, wherever the program puts its cuts.
#[test]
fn ties_are_never_split() {
    let books: [Vec<i64>; 4] = [
        (0..60).map(|i| [120_000, 480_000, 990_000, 2_500_000][i % 4]).collect(),
        (0..50).map(|i| (i as i64 % 7 + 1) * 100_000).collect(),
        (0..40).map(|i| 100_000 + i as i64 / 5).collect(),
        vec![500_000; 30],
    ];
    for book in books {
        let place = Place::with_book(&crate::support::plain_book(&book));
        let ran = place.run(&["--csms", "2"]);
        assert!(ran.code < 2, "{}", ran.err);
        let mut by_price = std::collections::BTreeMap::new();
        for row in rows(&place.read("out/segments.csv")) {
            let place = (
                row["arr_row"].clone(),
                row["arr_band"].clone(),
                row["primary_segment"].clone(),
            );
            let first = by_price.entry(cents(&row["arr"])).or_insert_with(|| place.clone());
            assert_eq!(*first, place, "{row:?}");
        }
    }
}

/// Source A's worked example: its own cuts over the example book give its accounts and its shares of ARR (A: 43/32/20/5%).
#[test]
fn the_worked_example_of_the_source() {
    let place = Place::with_example();
    place.write(
        "cuts.toml",
        "schema = 1\n\n[tiers]\nrule = \"arr\"\narr_cuts = { high_touch = 75000, mid_touch = 25000, tech_touch = 10000 }\n",
    );
    let ran = place.run(&["--csms", "6", "--model", "cuts.toml", "--json"]);
    assert!(ran.code < 2 && ran.err.is_empty(), "{ran:?}");
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(answer["data"]["rule"], "arr");
    let tiers = answer["data"]["tiers"].as_array().unwrap();
    let wanted = [(18, 43), (52, 32), (95, 20), (55, 5)];
    for ((tier, code), (accounts, share)) in tiers.iter().zip(TIERS).zip(wanted) {
        assert_eq!((&tier["tier"], &tier["accounts"]), (&json!(code), &json!(accounts)), "{tier}");
        let found = tier["arr_share"].as_f64().unwrap();
        assert_eq!((found * 100.0).round() as i64, share, "{tier}");
    }
    let total: i64 = rows(&place.read("out/segments.csv"))
        .iter()
        .map(|row| cents(&row["arr"]))
        .sum();
    assert_eq!(total, 560_000_000);
    assert!(place.read("cuts.toml").contains("high_touch = 75000"), "given cuts stay");
    // Strategic value is blank under this rule (S7).
    let blank =
        |row: &std::collections::BTreeMap<String, String>| row["strategic_value"].is_empty() && row["strategic_bin"].is_empty();
    assert!(rows(&place.read("out/segments.csv")).iter().all(blank));
}

/// The sentence of M43 is printed for a shortage, a fit, a slack, none, and per tier; gap is needed less available.
#[test]
fn the_capacity_sentence() {
    let place = Place::with_example();
    place.tiers();
    let cases = [
        (json!({"csms": 0}), "CSMs needed = 4, CSMs available = 0, gap = 4", "shortage"),
        (json!({"csms": 4}), "CSMs needed = 4, CSMs available = 4, gap = 0", "fits"),
        (
            json!({"csms": "6.5"}),
            "CSMs needed = 4, CSMs available = 6.5, gap = -2.5",
            "fits",
        ),
        (
            json!({"csms": 40}),
            "CSMs needed = 4, CSMs available = 40, gap = -36",
            "slack",
        ),
        (
            json!({"csms_by_tier": {"high_touch": 3, "mid_touch": 2}}),
            "CSMs needed = 6, CSMs available = 5, gap = 1",
            "fits",
        ),
    ];
    for (arguments, sentence, status) in cases {
        let data = place.json("calibrate_capacity", &arguments)["data"].clone();
        assert_eq!(
            (data["sentence"].as_str(), data["status"].as_str()),
            (Some(sentence), Some(status)),
            "{arguments}"
        );
        assert!(
            place.boxed("calibrate_capacity", &arguments).contains(sentence),
            "{arguments}"
        );
    }
    let fresh = Place::with_example();
    fresh.tiers();
    let data = fresh.json("calibrate_capacity", &json!({}))["data"].clone();
    assert_eq!(
        (&data["available"], &data["gap"], &data["status"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
}
