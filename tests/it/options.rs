//! Options over the tools: taken with their revision, taken back, refused when stale; what-if changes nothing; `run --apply`.

use serde_json::{Value, json};

use crate::support::{AS_OF, Place, rows};

/// The example with tiers assigned.
fn tiered() -> Place {
    let place = Place::with_example();
    place.axes();
    place.tiers();
    place
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn an_option_is_taken_with_its_revision_and_taken_back() {
    let place = tiered();
    let shown = place.json("calibrate_capacity", &json!({"csms": 3}));
    let before = place.model();
    let option = shown["data"]["options"][0].clone();
    assert_eq!((&option["id"], &option["gap"]), (&json!("A"), &json!(0)), "{option}");
    assert_eq!(shown["data"]["gap"], 1);

    // Looking at the options again changes nothing, so the revision still holds.
    place.json("calibrate_capacity", &json!({}));
    assert_eq!(place.model(), before);
    let taken = place.json("calibrate_capacity", &json!({"apply": "a", "revision": shown["revision"]}));
    let data = &taken["data"];
    assert_eq!(
        (&data["gap"], &data["needed"]["typical"]),
        (&json!(0), &option["needed"]),
        "{data:#}"
    );
    assert_eq!(data["applied"]["after"]["cuts"], option["cuts"]);
    assert_eq!(data["applied"]["after"]["bins"], option["bins"]);
    let decision = data["applied"]["decision"].as_str().unwrap();
    let moved = format!("{} accounts", option["moved_accounts"]);
    assert!(
        decision.contains("CSMs needed 4, gap 1 become 3, gap 0") && decision.contains(&moved),
        "{decision}"
    );
    let model = place.model();
    assert!(
        model.contains("method = \"given\"") && model.contains(decision) && model.contains(AS_OF),
        "{model}"
    );
    let axes = place.json("define_axes", &json!({}));
    assert_eq!(axes["data"]["arr_axis"]["cuts"], option["cuts"], "the cuts stay");

    let back = place.json("calibrate_capacity", &json!({"apply": "previous"}));
    assert_eq!(back["data"]["applied"]["after"], data["applied"]["before"]);
    assert_eq!(back["data"]["gap"], 1);
    let again = place.json("calibrate_capacity", &json!({"apply": "previous"}));
    assert_eq!(again["data"]["applied"]["after"], data["applied"]["after"]);
}

#[test]
fn an_option_of_another_model_or_book_is_refused() {
    let place = tiered();
    let none = place.refused("calibrate_capacity", &json!({"apply": "previous"}));
    let early = place.refused("calibrate_capacity", &json!({"apply": "A", "revision": "x"}));
    let shown = place.json("calibrate_capacity", &json!({"csms": 3}));
    let revision = &shown["revision"];
    let without = place.refused("calibrate_capacity", &json!({"apply": "A"}));
    let unknown = place.refused("calibrate_capacity", &json!({"apply": "Z", "revision": revision}));
    let other_headcount = place.refused("calibrate_capacity", &json!({"csms": 5, "apply": "A", "revision": revision}));
    assert!(other_headcount.starts_with("error[stale_option]"), "{other_headcount}");
    let book = place.read("book.csv");
    place.write("book.csv", book.replacen("ACC-", "ACC-9", 1));
    let other_book = place.refused("calibrate_capacity", &json!({"apply": "A", "revision": revision}));
    assert!(other_book.starts_with("error[stale_option]"), "{other_book}");
    place.write("book.csv", book);
    insta::assert_snapshot!([none, early, without, unknown].join("\n"), @r#"
    error[nothing_to_undo]: no option has been applied to this model
      where: apply
      expected: `previous` after an option was applied
      next:  calibrate_capacity
    error[stale_option]: the options were for revision `x`, and the model or the book has changed since
      where: revision
      expected: the revision of the model and book as they are now, after looking at the options anew
      fix:   {"apply":null,"revision":null}
      next:  calibrate_capacity
    error[missing_argument]: `apply` takes an option as it was shown, so it needs that answer's `revision`
      where: revision
      expected: the revision printed with the options
      next:  calibrate_capacity without apply shows the options with their revision
    error[unknown_option]: no option `Z`
      where: apply
      found: A (best fit), B (closest to today), C (most stable), D (most ARR covered), E (balanced)
      expected: A, B, C, D, E, `previous`
      next:  calibrate_capacity without apply lists the options
    "#);
    let stale = place.refused("calibrate_capacity", &json!({"apply": "A", "revision": "0123456789ab"}));
    insta::assert_snapshot!(stale, @r#"
    error[stale_option]: the options were for revision `0123456789ab`, and the model or the book has changed since
      where: revision
      expected: the revision of the model and book as they are now, after looking at the options anew
      fix:   {"apply":null,"revision":null}
      next:  calibrate_capacity
    "#);
}

#[test]
fn without_apply_only_headcount_and_book_sizes_are_kept() {
    let place = tiered();
    let before = place.model();
    place.json(
        "calibrate_capacity",
        &json!({"csms": 3, "book_sizes": {"mid_touch": {"min": 30, "max": 60}}}),
    );
    let after = place.model();
    let decided = |model: &str| {
        let policy = keep_segment::store::parse(model, "model").unwrap();
        (policy.axis.cuts, policy.strategic.bins, policy.tiers.arr_cuts)
    };
    assert_eq!(decided(&before), decided(&after));
    assert!(
        after.contains("csms = 3") && after.contains("[capacity.book_sizes.mid_touch]"),
        "{after}"
    );
}

#[test]
fn a_what_if_shows_who_moves_and_changes_nothing() {
    let place = tiered();
    place.json("calibrate_capacity", &json!({"csms": 6}));
    let before = place.model();
    let tiers = |place: &Place| place.json("assign_tiers", &json!({}))["data"]["tiers"].clone();
    let now = tiers(&place);
    let change = json!({"cuts": {"high": 40_000}, "bins": {"high_above": 0.7}, "csms": 2});
    let answer = place.json("calibrate_capacity", &json!({"compare": change}));
    let compare = &answer["data"]["compare"];
    assert_eq!(place.model(), before);
    assert_eq!(compare["tiers"]["before"], now);
    let moves = compare["moves"].as_array().unwrap();
    assert_eq!(
        json!(moves.len().max(compare["moves_total"].as_u64().unwrap_or(0) as usize)),
        compare["moved_accounts"]
    );
    assert!(moves.iter().all(|m| m["from"] != m["to"]) && !moves.is_empty(), "{compare:#}");
    assert!(
        moves
            .windows(2)
            .all(|pair| number(&pair[0]["arr"]) >= number(&pair[1]["arr"])),
        "largest first"
    );
    assert_eq!(compare["available"], json!({"before": 6, "after": 2}));
    assert_eq!(
        compare["gates"],
        json!([{"id": "capacity_explicit", "before": "pass", "after": "warn"}])
    );

    // Doing it comes to the same.
    place.json("define_axes", &json!({"cuts": {"high": 40_000}, "bins": {"high_above": 0.7}}));
    place.json("calibrate_capacity", &json!({"csms": 2}));
    assert_eq!(compare["tiers"]["after"], tiers(&place));
}

#[test]
fn weights_and_signals_can_be_tried() {
    let place = tiered();
    let by_weights = place.json(
        "calibrate_capacity",
        &json!({"compare": {"weights": {"strategic_logo": 0.6}}}),
    );
    assert!(number(&by_weights["data"]["compare"]["moved_accounts"]) > 0.0);
    let signal = json!({"kind": "flag", "column": "Region", "yes": ["EMEA"]});
    let by_signal = place.json(
        "calibrate_capacity",
        &json!({"compare": {"signals": {"reference_value": signal}}}),
    );
    assert!(number(&by_signal["data"]["compare"]["moved_accounts"]) > 0.0);
    let wrong = json!({"compare": {
        "cuts": {"top": 5}, "weights": {"logo": 0.5, "strategic_logo": 1.5}, "bins": {"low_below": 0.9},
    }});
    insta::assert_snapshot!(place.refused("calibrate_capacity", &wrong), @"
    error[unknown_argument]: the rubric has no factor `logo`
      where: compare.weights.logo; found: `strategic_logo`, `expansion_potential`
    error[unknown_argument]: tiers go by rule `grid`, which has no cut `top`
      where: compare.cuts.top; expected: low, high
    error[bad_argument]: bins low_below 0.9 and high_above 0.6 do not rise within 0..1
      where: compare.bins; expected: 0 <= low_below < high_above <= 1
      next:  calibrate_capacity again
    ");
    insta::assert_snapshot!(place.refused("calibrate_capacity", &json!({"csms": 4, "compare": {"csms": 5}})), @"
    error[bad_argument]: `compare` changes nothing, so nothing else can be asked in the same call
      where: compare
      expected: compare alone; a headcount to try goes into compare.csms
      next:  calibrate_capacity again
    ");
}

#[test]
fn run_takes_an_option_by_its_id() {
    let place = Place::with_example();
    let without = place.cli(&["run", "book.csv", "--csms", "3", "--as-of", AS_OF, "--json"]);
    let with = place.cli(&["run", "book.csv", "--csms", "3", "--as-of", AS_OF, "--json", "--apply", "A"]);
    let data = |out: &str| serde_json::from_str::<Value>(out).unwrap()["data"].clone();
    let (without, with) = (data(&without.out), data(&with.out));
    assert_eq!((&without["gap"], &with["gap"]), (&json!(1), &json!(0)), "{with:#}");
    assert!(place.read("keep-segment-out/segmentation.toml").contains("A (best fit)"));
    let kept = [
        "run",
        "--model",
        "keep-segment-out/segmentation.toml",
        "--json",
        "--apply",
        "previous",
    ];
    assert_eq!(data(&place.cli(&kept).out)["gap"], 1);
    let unknown = place.cli(&["run", "book.csv", "--csms", "3", "--as-of", AS_OF, "--apply", "X"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.starts_with("error[unknown_option]"), "{}", unknown.err);
}

/// The two margins of `segments.csv` are what the engine's rule says of each account, read back from the file.
#[test]
fn margins_stand_beside_each_account() {
    let place = Place::with_example();
    place.cli(&["run", "book.csv", "--csms", "6", "--as-of", AS_OF]);
    let near = rows(&place.read("keep-segment-out/segments.csv"));
    for row in &near {
        let change: f64 = row["nearest_arr_change"].parse().unwrap_or(1.0);
        // A tier changes at 10% more or less only if its nearest change is no farther than that.
        if row["within_10pct"] == "true" {
            assert!(change.abs() <= 0.1001, "{row:?}");
        }
    }
    assert!(near.iter().any(|row| !row["nearest_value_change"].is_empty()));
}

/// At the ends of its range a weight changes no bin, and a step further it does.
#[test]
fn weight_ranges_end_where_an_account_changes_bin() {
    let place = tiered();
    let weights = place.json("validate", &json!({}))["data"]["stability"]["weights"].clone();
    let weights = weights.as_array().unwrap();
    assert!(weights.len() >= 2, "{weights:?}");
    let bins = |place: &Place| place.json("score_strategic", &json!({}))["data"]["bins"].clone();
    let rubric = |factor: &str, weight: f64| -> Value {
        let all: f64 = weights.iter().map(|w| number(&w["weight"])).sum();
        let own = weights
            .iter()
            .find(|w| w["factor"] == factor)
            .map(|w| number(&w["weight"]))
            .unwrap();
        let of = |w: &Value| match w["factor"] == factor {
            true => weight,
            false => number(&w["weight"]) / (all - own) * (1.0 - weight),
        };
        json!({"factors": weights.iter().map(|w| json!({"name": w["factor"], "weight": of(w)})).collect::<Vec<_>>()})
    };
    let trial = |factor: &str, weight: f64| -> Value {
        let place = tiered();
        // Bins stay where the whole rubric placed them.
        let edges = place.json("assign_tiers", &json!({}))["data"]["bins"].clone();
        let mut asked = rubric(factor, weight);
        asked["bins"] = edges;
        place.json("define_axes", &asked);
        bins(&place)
    };
    let range = &weights[0];
    let factor = range["factor"].as_str().unwrap();
    let now = bins(&place);
    let (from, to) = (number(&range["from"]), number(&range["to"]));
    assert_eq!(trial(factor, from), now, "{range}");
    assert_eq!(trial(factor, to), now, "{range}");
    assert_ne!(trial(factor, from - 0.002), now, "{range}");
    assert_ne!(trial(factor, to + 0.002), now, "{range}");
}

/// No option leaves High-Touch with one or two accounts, on the examples, real books where they are, and 50 generated ones.
#[test]
fn no_option_is_one_to_laugh_at() {
    let mut books: Vec<(String, Place, Value)> = vec![
        (
            "example".into(),
            Place::with_example(),
            json!({"path": "book.csv", "as_of": AS_OF}),
        ),
        (
            "three gates".into(),
            Place::new(),
            json!({"path": "book.csv", "as_of": AS_OF}),
        ),
    ];
    books[1]
        .1
        .write("book.csv", std::fs::read("examples/three-gates.csv").unwrap());
    for seed in 0..50 {
        books.push((
            format!("generated {seed}"),
            generated(seed),
            json!({"path": "book.csv", "as_of": AS_OF}),
        ));
    }
    books.extend(real());
    let mut shown = 0;
    for (name, place, load) in books {
        place.json("load_book", &load);
        for tool in ["define_axes", "score_strategic", "assign_tiers"] {
            place.json(tool, &json!({}));
        }
        let data = |csms: f64| place.json("calibrate_capacity", &json!({"csms": csms}))["data"].clone();
        let needed = number(&data(1.0)["needed"]["typical"]);
        for csms in [(needed / 2.0).ceil(), needed, needed * 2.0] {
            let data = data(csms);
            let reached = number(&data["searched"]["rails"]["high_touch_least"]);
            for option in data["options"].as_array().unwrap() {
                let high_touch = number(&option["high_touch_accounts"]);
                assert!(
                    high_touch >= 3.0 || high_touch >= reached && reached < 3.0,
                    "{name}, {csms} CSMs: {option}"
                );
                assert!(number(&option["mid_touch_share"]) <= 0.6, "{name}: {option}");
                let larger = number(&option["gap"]).abs() > number(&data["gap"]).abs();
                assert!(!larger || !option["note"].is_null(), "{name}, {csms} CSMs: {option}");
                shown += 1;
            }
            assert!(
                !data["options"].as_array().unwrap().is_empty() || !data["infeasible"].is_null(),
                "{name}"
            );
        }
    }
    assert!(shown > 150, "{shown} options");
}

/// A book of its own shape: 30 to 400 accounts, narrow or wide, with signals that some lack.
fn generated(seed: u64) -> Place {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03;
    let mut next = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) % below
    };
    let accounts = 30 + next(370);
    let spread = 1 + next(4) as u32;
    let mut text = String::from("Account ID,ARR,Logo Tier,NPS,Design Partner,Seats Used,Seats Licensed\n");
    for at in 0..accounts {
        let arr = (0..spread).fold(3_000 + next(2_000), |arr, _| arr * (80 + next(220)) / 100);
        let logo = ["A", "B", "C", "C", ""][next(5) as usize];
        let partner = ["Yes", "No", "No"][next(3) as usize];
        let (nps, used) = (next(120) as i64 - 40, next(100));
        text += &format!("A{at:04},{arr},{logo},{nps},{partner},{used},100\n");
    }
    Place::with_book(&text)
}

/// The books of territories, and subscriptions joined to their accounts.
fn real() -> Vec<(String, Place, Value)> {
    let Some(folder) = crate::books::real_books() else {
        return Vec::new();
    };
    let mut books = Vec::new();
    for (name, path) in [
        ("territory 40", "territory/book_40.csv"),
        ("territory 150", "territory/book_150.csv"),
    ] {
        let Ok(bytes) = std::fs::read(folder.join(path)) else {
            continue;
        };
        let place = Place::new();
        place.write("book.csv", bytes);
        books.push((name.to_string(), place, json!({"path": "book.csv", "as_of": AS_OF})));
    }
    let files = ["accounts.csv", "subscriptions.csv"].map(|file| std::fs::read(folder.join("ravenstack").join(file)));
    if let [Ok(accounts), Ok(subscriptions)] = files {
        let place = Place::new();
        place.write("accounts.csv", accounts);
        place.write("subscriptions.csv", subscriptions);
        let joins = json!([{"path": "subscriptions.csv", "kind": "subscriptions"}]);
        let load = json!({"path": "accounts.csv", "as_of": "2024-12-31", "joins": joins});
        books.push(("ravenstack".to_string(), place, load));
    }
    books
}

/// A rail that the model itself breaks does not leave it as the only choice, and an option outside says so.
#[test]
fn a_tight_rail_says_what_stands_outside_it() {
    let place = tiered();
    place.json("calibrate_capacity", &json!({"csms": 3}));
    let model = place.model() + "\n[rails]\nhigh_touch_max = 0.05\n";
    place.write(".keep-segment/segmentation.toml", model);
    let data = place.json("calibrate_capacity", &json!({}))["data"].clone();
    let options = data["options"].as_array().unwrap();
    for option in options {
        let high_touch = number(&option["high_touch_accounts"]);
        assert!(
            high_touch <= 11.0 || option["note"].as_str().unwrap().contains("its rail allows 11"),
            "{option}"
        );
    }
    assert!(
        options.iter().any(|option| number(&option["high_touch_accounts"]) <= 11.0),
        "{options:?}"
    );
    assert_eq!(data["searched"]["rails"]["high_touch_max"], 0.05);
}

#[test]
fn a_what_if_refuses_what_score_strategic_refuses() {
    let place = tiered();
    let signal = json!({"kind": "scale", "column": "NPSS", "from": 0, "to": 80});
    let refused = place.refused(
        "calibrate_capacity",
        &json!({"compare": {"signals": {"reference_value": signal}}}),
    );
    assert!(
        refused.contains("compare.signals.reference_value") && refused.contains("NPSS"),
        "{refused}"
    );
    let one = place.refused("calibrate_capacity", &json!({"compare": {"weights": {"logo": 0.5}}}));
    assert_eq!(one.matches("error[").count(), 1, "{one}");
}

/// Signals that bring a second factor turn rule `arr` into the grid: compare decides the bins as assigning would.
#[test]
fn a_what_if_that_changes_the_rule_comes_to_what_doing_it_comes_to() {
    let mut text = String::from("Account ID,ARR,X,Y\n");
    for at in 0..120 {
        text += &format!("A{at:03},{},{},{}\n", 1_000 + at * at * 7, at * 37 % 100, at * 53 % 100);
    }
    let place = Place::with_book(&text);
    place.json("load_book", &json!({"path": "book.csv", "as_of": AS_OF}));
    place.tiers();
    let scale = |column: &str| json!({"kind": "scale", "column": column, "from": 0, "to": 100});
    let signals = json!({"strategic_logo": scale("X"), "reference_value": scale("Y")});
    let compared = place.json("calibrate_capacity", &json!({"compare": {"signals": signals}}))["data"]["compare"].clone();
    place.json("score_strategic", &json!({"signals": signals}));
    let done = place.json("assign_tiers", &json!({}))["data"].clone();
    assert_eq!(done["rule"], "grid");
    assert_eq!(compared["tiers"]["after"], done["tiers"]);
}

/// Taken back, the cuts are as old as they were.
#[test]
fn previous_keeps_the_date_of_the_cuts() {
    let place = tiered();
    let shown = place.json("calibrate_capacity", &json!({"csms": 3}));
    let placed = |place: &Place| keep_segment::store::parse(&place.model(), "model").unwrap().axis.placed;
    let before = placed(&place);
    place.json("calibrate_capacity", &json!({"apply": "A", "revision": shown["revision"]}));
    place.json("load_book", &json!({"path": "book.csv", "as_of": "2026-09-30"}));
    place.json("calibrate_capacity", &json!({"apply": "previous"}));
    assert_eq!(placed(&place), before);
}

/// A book with no smallest size needs no CSM, at no size; hysteresis of 0 holds nobody.
#[test]
fn open_ends_and_no_hysteresis() {
    let place = tiered();
    let sizes = json!({"csms": 10, "preset": "keep", "book_sizes": {"plg": {"max": 1}}});
    let needed = place.json("calibrate_capacity", &sizes)["data"]["needed"].clone();
    assert!(number(&needed["low"]) <= number(&needed["typical"]) && number(&needed["typical"]) <= number(&needed["high"]));

    let at_the_cut = "Account ID,ARR,Current Tier\nA1,1000,plg\nA2,2000,plg\nA3,4000,plg\nA4,8000,plg\nA5,9000,plg\n";
    let place = Place::with_book(at_the_cut);
    place.json("load_book", &json!({"path": "book.csv", "as_of": AS_OF}));
    place.tiers();
    let held = |place: &Place| {
        place.json("assign_tiers", &json!({}))["data"]["held"]
            .as_array()
            .unwrap()
            .len()
    };
    let model = place.model().replace("hysteresis = 0.1", "hysteresis = 0.0");
    place.write(".keep-segment/segmentation.toml", model);
    assert_eq!(held(&place), 0);
}
