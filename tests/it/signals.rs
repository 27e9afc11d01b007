//! Signals on columns that they cannot read, and factors beside ARR: nothing is scored silently.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::support::{AS_OF, Place, fix_of};

/// Accounts with a text that is no yes, a yes or no, and a number that falls as ARR grows.
fn place() -> Place {
    let mut book = String::from("Account ID,Account,ARR,Gender,Senior,Rank\n");
    for i in 0..40_u32 {
        let gender = if i % 4 == 0 { "Female" } else { "Male" };
        let senior = ["Yes", "No", "yes", "maybe"][i as usize % 4];
        writeln!(book, "A{i},Account {i},{},{gender},{senior},{}", 1_000 + i * 997, 100 - i).unwrap();
    }
    let place = Place::with_book(&book);
    place.json("define_axes", &json!({"path": "book.csv", "as_of": AS_OF}));
    place
}

fn factor<'a>(answer: &'a Value, name: &str) -> &'a Value {
    let factors = answer["data"]["factors"].as_array().unwrap();
    factors.iter().find(|factor| factor["name"] == name).unwrap()
}

/// A text that is neither yes nor no is no yes: most of them are an error, the others are unknown.
#[test]
fn a_flag_reads_yes_and_no_alone() {
    let place = place();
    let flag = |column: &str| json!({"signals": {"strategic_logo": {"kind": "flag", "column": column}}});
    let refused = place.refused("score_strategic", &flag("Gender"));
    assert!(refused.starts_with("error[column_not_yes_no]"), "{refused}");
    for word in ["`Gender`", "40 of its 40", "`Male`, `Female`"] {
        assert!(refused.contains(word), "{refused}");
    }
    let fix = fix_of(&refused).unwrap();
    assert_eq!(fix["signals"]["strategic_logo"]["yes"], json!(["Male"]));
    let logo = place.json("score_strategic", &fix);
    assert_eq!(factor(&logo, "strategic_logo")["mean"], 0.75);
    let senior = place.json("score_strategic", &flag("Senior"));
    assert_eq!(factor(&senior, "strategic_logo")["coverage"], 0.75);
    let part = json!({"combine": "max", "of": [{"kind": "flag", "column": "Gender"}, {"kind": "flag", "column": "Senior"}]});
    let refused = place.refused("score_strategic", &json!({"signals": {"strategic_logo": part}}));
    assert!(refused.contains("where: signals.strategic_logo.of.0.column"), "{refused}");
}

/// A scale on texts names the column and what it holds.
#[test]
fn a_scale_needs_numbers() {
    let place = place();
    let scale = json!({"kind": "scale", "column": "Gender", "from": 0, "to": 1});
    let refused = place.refused("score_strategic", &json!({"signals": {"strategic_logo": scale}}));
    assert!(
        refused.starts_with("error[column_not_numbers]") && refused.contains("`Male`, `Female`"),
        "{refused}"
    );
}

/// A factor that falls as ARR grows counts revenue the other way round; with the grid asked for, ARR alone needs its rule.
#[test]
fn what_runs_against_arr_is_said_so() {
    let place = place();
    let scale = json!({"kind": "scale", "column": "Rank", "from": 0, "to": 100});
    place.json("assign_tiers", &json!({"rule": "grid"}));
    let scored = place.json("score_strategic", &json!({"signals": {"strategic_logo": scale}}));
    let text = scored["findings"].to_string();
    assert!(
        text.contains("runs against ARR (rank correlation -1.00)") && !text.contains("revenue twice"),
        "{text}"
    );
    let boxed = place.boxed("score_strategic", &json!({}));
    assert!(boxed.contains(r#""rule": "arr""#), "{boxed}");
}

/// Low confidence has its true reason in the report.
#[test]
fn tiers_by_arr_alone_are_the_reason_of_low_confidence() {
    let place = Place::with_book("Account ID,Account,ARR\nA1,Acme,100\nA2,Beta,5000\nA3,Gama,70000\nA4,Delta,900\n");
    place.run(&["--csms", "1"]);
    let report = place.read("out/segmentation.md");
    assert!(report.contains("Confidence is low: tiers follow ARR alone"), "{report}");
}

/// A zero that only says that no text was understood is told, and a logo tier in words of the team's own is no zero at all.
#[test]
fn texts_that_no_default_rule_knows_are_told() {
    let book = |industries: [&str; 2], logos: [&str; 2]| {
        let mut book = String::from("Account ID,Account,ARR,Industry,Logo Tier\n");
        for i in 0..40_usize {
            writeln!(
                book,
                "A{i},Account {i},{},{},{}",
                1_000 + i * 997,
                industries[i % 2],
                logos[i % 2]
            )
            .unwrap();
        }
        let place = Place::with_book(&book);
        place.json("define_axes", &json!({"path": "book.csv", "as_of": AS_OF}));
        place.json("score_strategic", &json!({}))
    };
    let told = |scored: &Value| {
        let findings = scored["findings"].as_array().unwrap();
        let mine = findings.iter().filter(|finding| finding["code"] == "texts_not_known");
        mine.map(|finding| finding["text"].as_str().unwrap().to_string())
            .collect::<Vec<_>>()
    };
    let scored = book(["Handel", "Raumfahrt"], ["Strategic", "Core"]);
    let texts = told(&scored);
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert!(texts[0].contains("`core`, `strategic`: the factor is off"), "{texts:?}");
    assert!(
        texts[1].contains("`handel`, `raumfahrt`: it is 0 for every account"),
        "{texts:?}"
    );
    assert_eq!(factor(&scored, "strategic_logo")["on"], false);
    let scored = book(["Handel", "Versicherung"], ["Key", "a"]);
    assert!(told(&scored).is_empty(), "{scored}");
    assert_eq!(factor(&scored, "regulatory_exposure")["mean"], 0.3);
    assert_eq!(factor(&scored, "strategic_logo")["mean"], 0.5);
}
