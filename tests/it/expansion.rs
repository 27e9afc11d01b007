//! Expansion: what each factor hits, what the levels take, and that bad health blocks them (S14).

use serde_json::{Value, json};

use crate::support::{AS_OF, Place, fix_of};

const HEADER: &str = "Account ID,ARR,Seats Licensed,Seats Used,Feature Requests,Headcount Growth,Number of Teams,API Usage Growth,DAU/MAU,Feature Adoption,CSAT";

/// Each row: id, the five factors' cells, and usage that is good or bad.
fn place() -> Place {
    let rows = [
        "ALL,10000,100,81,3,0.10,2,25%,0.4,1,1",
        "EDGE,11000,100,80,2,0.09,1,24%,0.4,1,1",
        "THREE,12000,100,90,5,0.2,1,0%,0.4,1,1",
        "TWO,13000,100,90,5,0,1,0%,0.4,1,1",
        "ONE,14000,100,90,0,0,1,0%,0.4,1,1",
        "SICK,15000,100,99,9,0.5,4,50%,0.01,0.1,0.1",
        "BLANK,16000,,,,,,,0.4,1,1",
        "GUESS,17000,100,90,3,,,,0.4,1,1",
    ];
    let place = Place::with_book(&format!("{HEADER}\n{}\n", rows.join("\n")));
    let answers =
        json!({"company_growth_scale": "ratio", "usage_scale": "ratio", "adoption_scale": "ratio", "csat_scale": "ratio"});
    place.json("load_book", &json!({"path": "book.csv", "as_of": AS_OF, "answers": answers}));
    place.json("define_axes", &json!({}));
    place.json("assign_tiers", &json!({}));
    place
}

fn expansion(place: &Place, account: &str) -> Value {
    place.json("explain_account", &json!({"account": account}))["data"]["expansion"].clone()
}

/// K9 with the cut-offs of S14: seats above 80%, three requests, growth, more than one team, an API spike.
#[test]
fn each_factor_hits_at_its_edge_and_levels_count_hits() {
    let place = place();
    let answer = place.json("score_expansion", &json!({}));
    for (account, level, hits) in [
        ("ALL", "high", 5),
        ("EDGE", "low", 0),
        ("THREE", "high", 3),
        ("TWO", "medium", 2),
        ("ONE", "medium", 1),
        ("BLANK", "unknown", 0),
        ("GUESS", "medium", 2),
    ] {
        let found = expansion(&place, account);
        assert_eq!(
            (&found["level"], found["hits"].as_array().unwrap().len()),
            (&json!(level), hits),
            "{account}: {found}"
        );
    }
    let data = &answer["data"];
    assert_eq!(data["levels"], json!({"high": 2, "medium": 4, "low": 1, "unknown": 1}));
    let factor = |name: &str| {
        let factors = data["factors"].as_array().unwrap();
        factors.iter().find(|factor| factor["name"] == name).unwrap().clone()
    };
    assert_eq!(
        (&factor("seat_utilization")["hits"], &factor("seat_utilization")["coverage"]),
        (&json!(6), &json!(0.875))
    );
    assert_eq!(
        (&factor("api_growth")["hits"], &factor("api_growth")["coverage"]),
        (&json!(2), &json!(0.75))
    );
}

/// U3: an account at risk is never HIGH; it is named as blocked, with its ARR.
#[test]
fn bad_health_blocks_high() {
    let place = place();
    let answer = place.json("score_expansion", &json!({}));
    let blocked = &answer["data"]["blocked_by_health"];
    assert_eq!(blocked.as_array().unwrap().len(), 1, "{blocked}");
    assert_eq!(
        (&blocked[0]["account"], &blocked[0]["hits"].as_array().unwrap().len()),
        (&json!("SICK"), &5)
    );
    assert_eq!(
        expansion(&place, "SICK"),
        json!({"level": "medium", "hits": ["seat_utilization", "feature_requests", "company_growth", "multi_team", "api_growth"], "unknown": 0, "blocked_by_health": true})
    );
    let finding = answer["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["code"] == "expansion_blocked")
        .unwrap();
    assert!(finding["text"].as_str().unwrap().contains("1 account ($15.0K)"), "{finding}");
}

/// X16: which way the seat signal is read stands in words, and a team can turn it round.
#[test]
fn the_seat_signal_is_said_and_can_be_turned() {
    let place = place();
    let text = |answer: &Value| answer["findings"].to_string();
    let usual = place.json("score_expansion", &json!({}));
    assert!(text(&usual).contains("more than 80% of licensed seats"), "{usual:#}");
    let turned = place.json(
        "score_expansion",
        &json!({"signals": {"seat_utilization": {"kind": "cases", "cases": [{"when": [{"column": "role:seat_utilization", "op": "lt", "value": 0.85}], "score": 1}]}}}),
    );
    assert!(text(&turned).contains("your own signal"), "{turned:#}");
    assert_eq!(turned["data"]["factors"][0]["hits"], 2);
    let back = place.json("score_expansion", &json!({"signals": {"seat_utilization": null}}));
    assert_eq!(back["data"], usual["data"]);
}

/// Levels take as many hits as the team says; cuts that make no sense are refused with a fix that works.
#[test]
fn cuts_can_be_moved() {
    let place = place();
    let strict = place.json("score_expansion", &json!({"cuts": {"high": 4, "medium": 2}}));
    assert_eq!(
        strict["data"]["levels"],
        json!({"high": 1, "medium": 4, "low": 2, "unknown": 1})
    );
    let refused = place.refused("score_expansion", &json!({"cuts": {"high": 1, "medium": 2}}));
    place.json("score_expansion", &fix_of(&refused).unwrap());
}

/// Without tiers there is nothing to say it by; without factors all is unknown.
#[test]
fn it_needs_tiers_and_says_what_feeds_it() {
    let place = Place::with_book("Account ID,ARR\nA1,1000\nA2,2000\nA3,5000\n");
    place.json("define_axes", &json!({"path": "book.csv", "as_of": AS_OF}));
    let early = place.refused("score_expansion", &json!({}));
    assert!(early.starts_with("error[tiers_not_assigned]"), "{early}");
    place.json("assign_tiers", &json!({}));
    let answer = place.json("score_expansion", &json!({}));
    assert_eq!(answer["findings"][0]["code"], "no_expansion_data");
    assert_eq!(answer["data"]["levels"]["unknown"], 3);
}
