//! What stays, what is decided again, and what is said about it when books, rubrics and cuts change.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::support::{AS_OF, EXAMPLE, Place, plain_book};

/// The example without one column.
fn without(column: &str) -> String {
    let mut reader = csv::Reader::from_path(EXAMPLE).unwrap();
    let headers = reader.headers().unwrap().clone();
    let gone = headers.iter().position(|header| header == column).unwrap();
    let keep = |record: &csv::StringRecord| -> Vec<String> {
        let cells = record.iter().enumerate().filter(|(i, _)| *i != gone);
        cells.map(|(_, cell)| cell.to_string()).collect()
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(keep(&headers)).unwrap();
    for record in reader.records() {
        writer.write_record(keep(&record.unwrap())).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn codes(answer: &Value) -> Vec<String> {
    let findings = answer["findings"].as_array().unwrap();
    findings.iter().map(|f| f["code"].as_str().unwrap().to_string()).collect()
}

fn weights(place: &Place) -> Vec<(String, Value, Value)> {
    let answer = place.json("define_axes", &json!({}));
    let factors = answer["data"]["strategic_axis"]["factors"].as_array().unwrap().clone();
    let one = |f: &Value| {
        (
            f["name"].as_str().unwrap().to_string(),
            f["weight_used"].clone(),
            f["on"].clone(),
        )
    };
    factors.iter().map(one).collect()
}

/// Weights stay from quarter to quarter, whichever columns the next export has; what came or went is said.
#[test]
fn weights_stay_when_a_column_is_gone_or_new() {
    let place = Place::with_example();
    place.tiers();
    let before = weights(&place);
    place.write("q2.csv", without("Logo Tier"));
    place.json("load_book", &json!({"path": "q2.csv", "as_of": "2026-09-30"}));
    assert_eq!(weights(&place), before);
    let tiers = place.json("score_strategic", &json!({}));
    assert!(codes(&tiers).contains(&"factor_column_missing".to_string()), "{tiers}");

    let place = Place::with_book(&without("Logo Tier"));
    place.tiers();
    let before = weights(&place);
    place.write("q2.csv", std::fs::read_to_string(EXAMPLE).unwrap());
    place.json("load_book", &json!({"path": "q2.csv", "as_of": "2026-09-30"}));
    assert_eq!(weights(&place), before);
    let scored = place.json("score_strategic", &json!({}));
    assert!(codes(&scored).contains(&"factors_could_be_on".to_string()), "{scored}");
    // The team's own signal is a decision, and turns its factor on.
    let signal = json!({"signals": {"strategic_logo": {"kind": "levels", "column": "Logo Tier", "scores": {"A": 1}}}});
    place.json("score_strategic", &signal);
    assert_eq!(weights(&place)[0].2, true);
    // Deriving the axes again decides everything again.
    place.json("define_axes", &json!({"method": "auto"}));
    assert!(weights(&place).iter().all(|(_, _, on)| *on == true));
}

/// Cuts derived again leave nothing behind that was decided with the old ones.
#[test]
fn axes_derived_again_ask_for_tiers_again_and_renew_the_baseline() {
    let amounts: Vec<i64> = (1..=80).map(|i| i * i * 7_700).collect();
    let place = Place::with_book(&plain_book(&amounts));
    place.tiers();
    let grown: Vec<i64> = amounts.iter().map(|cents| cents * 3 / 2).collect();
    place.write("q2.csv", plain_book(&grown));
    place.json("load_book", &json!({"path": "q2.csv", "as_of": "2026-09-30"}));
    let kept = place.json("assign_tiers", &json!({}));
    assert!(codes(&kept).contains(&"recalibrate".to_string()), "{kept}");
    place.json("define_axes", &json!({"method": "auto"}));
    for tool in ["calibrate_capacity", "validate", "write_report"] {
        let refused = place.refused(tool, &json!({}));
        assert!(
            refused.starts_with("error[tiers_not_assigned]") && refused.contains("assign_tiers"),
            "{refused}"
        );
    }
    let again = place.json("assign_tiers", &json!({}));
    assert!(
        !codes(&again)
            .iter()
            .any(|code| code == "recalibrate" || code == "kept_from_baseline"),
        "{again}"
    );
    let filled = again["data"]["tiers"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|t| t["accounts"] != 0)
        .count();
    assert_eq!(filled, 4);
}

/// Cuts of the team's own under rule `arr` shape rows only, and the answer says where tiers start instead.
#[test]
fn given_row_cuts_that_decide_nothing_are_said() {
    let amounts: Vec<i64> = (1..=60).map(|i| i * 31_000).collect();
    let place = Place::with_book(&plain_book(&amounts));
    let axes = place.json(
        "define_axes",
        &json!({"path": "book.csv", "as_of": AS_OF, "cuts": {"low": 5000, "high": 9000}}),
    );
    assert!(codes(&axes).contains(&"cuts_not_used".to_string()), "{axes}");
    let refused = Place::with_book(&plain_book(&amounts)).refused("define_axes", &json!({"path": "book.csv", "method": "given"}));
    assert!(refused.starts_with("error[missing_argument]"), "{refused}");
}

/// Bins that the team gave stay until it hands them back.
#[test]
fn bins_go_back_to_automatic() {
    let place = Place::with_example();
    place.axes();
    place.json("define_axes", &json!({"bins": {"low_below": 0.2, "high_above": 0.9}}));
    place.json("assign_tiers", &json!({}));
    place.json("define_axes", &json!({"bins": "auto"}));
    let tiers = place.json("assign_tiers", &json!({}));
    assert_eq!(tiers["data"]["bins"], json!({"low_below": 0.3, "high_above": 0.6}));
}

/// A factor leaves the rubric with all that fed it, and the model says so.
#[test]
fn a_factor_can_leave_the_rubric() {
    let place = Place::with_example();
    place.tiers();
    let fed = json!({
        "signals": {"reference_value": {"kind": "scale", "column": "NPS", "from": 0, "to": 80}},
        "judgements": [{"account": "ACC-10041", "scores": {"reference_value": 0.5}, "why": "known"}],
    });
    place.json("score_strategic", &fed);
    let rubric = json!([
        {"name": "strategic_logo", "weight": 0.4},
        {"name": "expansion_potential", "weight": 0.3},
        {"name": "product_influence", "weight": 0.3},
    ]);
    place.json("define_axes", &json!({"factors": rubric}));
    let model = place.model();
    assert!(
        !model.contains("[strategic.signals") && !model.contains("ACC-10041"),
        "{model}"
    );
    assert!(model.contains("2 signals and judgements"), "{model}");
}

/// Revenue is not strategic value: a signal that reads ARR alone is refused, in parts and in the file too.
#[test]
fn arr_alone_is_no_signal() {
    let place = Place::with_example();
    place.tiers();
    let arr = json!({"kind": "scale", "column": "ARR (USD)", "from": 0, "to": 100_000});
    let flag = json!({"kind": "flag", "column": "Reference"});
    for signal in [arr.clone(), json!({"combine": "max", "of": [arr, flag]})] {
        let refused = place.refused("score_strategic", &json!({"signals": {"reference_value": signal}}));
        assert!(refused.starts_with("error[signal_reads_arr]"), "{refused}");
    }
    let sneaked = "\n[strategic.signals.reference_value]\nkind = \"scale\"\ncolumn = \"role:arr\"\nfrom = 0\nto = 100000\n";
    place.write(".keep-segment/segmentation.toml", place.model() + sneaked);
    let gates = place.json("validate", &json!({}));
    assert_eq!(gates["data"]["ship"], false);
    assert!(codes(&gates).contains(&"rubric_consistent".to_string()), "{gates}");
}

/// Held accounts are listed with both tiers, and two cuts close together let nobody go who is near either.
#[test]
fn held_accounts_are_listed() {
    let mut book = String::from("Account ID,Account Name,ARR,Current Tier\n");
    for (i, (arr, today)) in [
        (980, "tech_touch"),
        (1060, "tech_touch"),
        (5200, "Mid-Touch"),
        (9000, "Platinum"),
    ]
    .iter()
    .enumerate()
    {
        writeln!(book, "A{i},Account {i},{arr},{today}").unwrap();
    }
    let place = Place::with_book(&book);
    place.axes();
    let cuts = "[tiers]\narr_cuts = { high_touch = 5000, mid_touch = 1050, tech_touch = 1000 }\n";
    place.write(
        ".keep-segment/segmentation.toml",
        place.model().replacen("[tiers]\n", cuts, 1),
    );
    let tiers = place.json("assign_tiers", &json!({}));
    let held: Vec<(&str, &str, &str)> = tiers["data"]["held"]
        .as_array()
        .unwrap()
        .iter()
        .map(|h| {
            (
                h["account"].as_str().unwrap(),
                h["held_in"].as_str().unwrap(),
                h["would_be"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        held,
        [
            ("A2", "mid_touch", "high_touch"),
            ("A1", "tech_touch", "mid_touch"),
            ("A0", "tech_touch", "plg")
        ]
    );
    assert!(codes(&tiers).contains(&"current_tier_unread".to_string()), "{tiers}");
}

/// What a box has no room for stands in the report that its edge names.
#[test]
fn every_finding_of_a_run_is_in_its_report() {
    let amounts: Vec<i64> = (1..=90).map(|i| i * 41_000).collect();
    let place = Place::with_book(&plain_book(&amounts));
    let ran = place.run(&["--csms", "3", "--json"]);
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    let report = place.read("out/segmentation.md");
    let findings = answer["findings"].as_array().unwrap();
    assert!(findings.len() > 3, "{findings:?}");
    for finding in findings {
        // The report escapes a few characters; the words before the first of them are enough to find it.
        let words: String = finding["text"]
            .as_str()
            .unwrap()
            .chars()
            .take_while(|c| !"`_()|<>&~*#".contains(*c))
            .collect();
        assert!(report.contains(words.trim()), "{words}");
    }
}

/// A price list with fewer prices than tiers fills as many tiers, and the model says why the rest is empty.
#[test]
fn few_prices_fill_few_tiers_and_say_why() {
    let prices: Vec<i64> = [(50_000, 60), (100_000, 30), (200_000, 10)]
        .iter()
        .flat_map(|(p, n)| vec![*p; *n])
        .collect();
    let place = Place::with_book(&plain_book(&prices));
    let ran = place.run(&["--csms", "3"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    let model = place.read("out/segmentation.toml");
    assert!(model.contains("tech_touch = \"3 prices cannot fill four tiers\""), "{model}");
}
