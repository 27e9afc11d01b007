//! The model file over time: what stays next quarter, what is renewed, what a person wrote, and same bytes for same inputs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::support::{AS_OF, EXAMPLE, Place, rows};

/// The example with every amount times `percent`/100: another quarter of the same vendor.
fn next_quarter(percent: i64) -> String {
    let text = std::fs::read_to_string(EXAMPLE).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(reader.headers().unwrap()).unwrap();
    for record in reader.records() {
        let record = record.unwrap();
        let cell = |(column, cell): (usize, &str)| match column {
            5 => {
                let cents: i64 = cell.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap();
                crate::support::amount(cents * percent / 100)
            }
            _ => cell.to_string(),
        };
        writer.write_record(record.iter().enumerate().map(cell)).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn decided(model: &str) -> Value {
    let document: toml_edit::DocumentMut = model.parse().unwrap();
    let text = |keys: &[&str]| {
        let item = keys.iter().try_fold(document.as_item(), |item, key| item.get(key));
        item.map(|item| item.to_string().trim().to_string())
    };
    json!({
        "cuts": text(&["axis", "cuts"]),
        "method": text(&["axis", "method"]),
        "bins": text(&["strategic", "bins"]),
        "factors": text(&["strategic", "factors"]),
    })
}

fn codes(answer: &Value) -> Vec<&str> {
    answer["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["code"].as_str().unwrap())
        .collect()
}

/// A second quarter through the tools: cuts, bins and weights stay, the date is renewed, the drift is said (S16).
#[test]
fn a_second_quarter_keeps_what_was_decided() {
    let place = Place::with_example();
    place.tiers();
    let before = place.model();
    place.write("q3.csv", next_quarter(170));
    let loaded = place.json("load_book", &json!({"path": "q3.csv"}));
    assert_eq!(loaded["data"]["as_of"], "2026-07-15", "today, since no date is given");
    let axes = place.json("define_axes", &json!({}));
    let tiers = place.json("assign_tiers", &json!({}));
    let after = place.model();
    assert_eq!(decided(&before), decided(&after));
    assert!(
        after.contains("as_of = \"2026-07-15\"") && after.contains("path = \"q3.csv\""),
        "{after}"
    );
    assert!(codes(&axes).contains(&"cuts_drifted"), "{}", axes["findings"]);
    let drift = format!("{}{}", axes["findings"], tiers["findings"]);
    assert!(
        drift.contains("outside P") && drift.contains("define_axes with method auto"),
        "{drift}"
    );

    place.json("define_axes", &json!({"method": "auto"}));
    place.json("assign_tiers", &json!({}));
    let again = place.model();
    assert_ne!(decided(&before)["cuts"], decided(&again)["cuts"], "method auto derives again");
    assert!(!codes(&place.json("define_axes", &json!({}))).contains(&"cuts_drifted"));
}

/// The same over `run --model`; the baseline still names the quarter in which cuts were decided.
#[test]
fn a_second_quarter_over_run() {
    let place = Place::with_example();
    assert_eq!(place.run(&["--csms", "6"]).code, 0);
    std::fs::copy(place.path("out/segmentation.toml"), place.path("kept.toml")).unwrap();
    let before = place.read("kept.toml");
    place.write("book.csv", next_quarter(130));
    let ran = place.cli(&[
        "run",
        "book.csv",
        "--model",
        "kept.toml",
        "--as-of",
        "2026-09-30",
        "--out",
        "out2",
    ]);
    assert!(ran.code < 2, "{ran:?}");
    let after = place.read("kept.toml");
    assert_eq!(decided(&before), decided(&after));
    assert_eq!(
        after,
        place.read("out2/segmentation.toml"),
        "the named file is kept up to date"
    );
    assert!(
        after.contains("as_of = \"2026-09-30\"") && after.contains("csms = 6"),
        "{after}"
    );
    assert!(after.split("[baseline]").nth(1).unwrap().contains(AS_OF), "{after}");
}

/// What a person writes into the file survives every tool: comments, order, layout of what was not changed.
#[test]
fn comments_in_the_model_survive() {
    let place = Place::with_example();
    place.tiers();
    let model = place.model();
    let noted = model
        .replacen(
            "schema = 1",
            "# The board approved this on 2 July.\nschema = 1 # do not touch",
            1,
        )
        .replacen("[axis]", "# Round prices, says Ana.\n[axis]", 1);
    assert_ne!(model, noted);
    let noted = format!("{noted}\n# The last word.\n");
    place.write(".keep-segment/segmentation.toml", &noted);
    place.json("load_book", &json!({"path": "book.csv", "as_of": "2026-07-01"}));
    place.json("define_axes", &json!({"cuts": {"low": 9000, "high": 30000}}));
    place.json(
        "score_strategic",
        &json!({"judgements": [{"account": "ACC-10041", "scores": {"strategic_logo": 0.9}, "why": "known # name"}]}),
    );
    place.json(
        "assign_tiers",
        &json!({"flags": {"vip": {"when": {"all": [{"column": "Region", "op": "eq", "value": "EMEA"}]}}}}),
    );
    place.json("calibrate_capacity", &json!({"csms": 7}));
    place.json("validate", &json!({"seed": 7}));
    let after = place.model();
    for comment in [
        "# The board approved this on 2 July.",
        "# do not touch",
        "# Round prices, says Ana.",
        "# The last word.",
    ] {
        assert_eq!(after.matches(comment).count(), 1, "{comment}\n{after}");
    }
    for written in [
        "low = 9000",
        "high = 30000",
        "known # name",
        "[flags.vip",
        "csms = 7",
        "seed = 7",
    ] {
        assert!(after.contains(written), "{written}\n{after}");
    }
}

/// Two runs give the same bytes in every file; so does a run from the model file alone (design, part 1).
#[test]
fn the_same_inputs_give_the_same_bytes() {
    let files = [
        "segmentation.md",
        "segmentation.html",
        "segments.csv",
        "segmentation.toml",
        "set-aside.csv",
    ];
    let place = Place::with_example();
    let first = place.run(&["--csms", "6"]);
    let kept: Vec<String> = files.iter().map(|file| place.read(&format!("out/{file}"))).collect();
    let second = place.run(&["--csms", "6"]);
    assert_eq!(first.out, second.out);
    for (file, before) in files.iter().zip(&kept) {
        assert_eq!(*before, place.read(&format!("out/{file}")), "{file} of a second run");
    }
    std::fs::copy(place.path("out/segmentation.toml"), place.path("m.toml")).unwrap();
    let alone = place.cli(&["run", "--model", "m.toml", "--out", "out"]);
    assert_eq!((alone.code, alone.out), (0, first.out), "{}", alone.err);
    for (file, before) in files.iter().zip(&kept) {
        assert_eq!(
            *before,
            place.read(&format!("out/{file}")),
            "{file} from the model file alone"
        );
    }
    assert_eq!(place.read("m.toml"), kept[3]);
}

/// Every tool called twice with the same arguments answers with the same bytes and leaves the same files.
#[test]
fn tools_called_twice_answer_the_same() {
    let place = Place::with_example();
    let chain = [
        ("load_book", json!({"path": "book.csv", "as_of": AS_OF})),
        ("define_axes", json!({})),
        (
            "score_strategic",
            json!({"judgements": [{"account": "ACC-10042", "scores": {"strategic_logo": 1}, "why": "w"}]}),
        ),
        ("assign_tiers", json!({"scheme": "keep"})),
        ("calibrate_capacity", json!({"csms": 6, "preset": "keep"})),
        ("validate", json!({"stability_limits": {"pass": 0.2}})),
        ("write_report", json!({"company": "Acme"})),
    ];
    for (tool, arguments) in chain {
        let first = (place.json(tool, &arguments), place.boxed(tool, &arguments));
        let model = place.model();
        let second = (place.json(tool, &arguments), place.boxed(tool, &arguments));
        assert_eq!(first.1, second.1, "{tool}");
        assert_eq!(first.0["data"], second.0["data"], "{tool}");
        assert_eq!(model, place.model(), "{tool}");
        assert_eq!(second.0["revision"], place.json(tool, &arguments)["revision"]);
    }
}

/// Unknown keys and impossible values in the file are errors that name the place and the likeliest key.
#[test]
fn mistakes_in_the_model_file_are_named() {
    let place = Place::with_example();
    place.tiers();
    let model = place.model();
    let broken = [
        (model.replacen("[axis]", "[axsi]", 1), "axis"),
        (model.replacen("snap = ", "snpa = ", 1), "snap"),
        (model.replacen("hysteresis = ", "hysterisis = ", 1), "hysteresis"),
        (model.replacen("schema = 1", "schema = 2", 1), "schema"),
        (model.replacen("schema = 1\n", "", 1), "schema"),
        (model.replacen("hysteresis = 0.1", "hysteresis = 7", 1), "tiers.hysteresis"),
        (model.replacen("[axis]", "[axis", 1), "segmentation.toml:"),
        (format!("{model}\n[flags.VIP]\nwhen = {{ all = [] }}\n"), "VIP"),
        (
            format!("{model}\n[strategic.judgements.X.scores]\nstrategic_logoo = 0.5\n"),
            "strategic_logo`",
        ),
    ];
    for (text, named) in broken {
        assert_ne!(text, model, "{named}");
        place.write(".keep-segment/segmentation.toml", &text);
        let error = place.refused("validate", &json!({}));
        assert!(error.contains(named), "{named}: {error}");
        assert_eq!(place.model(), text, "a file with a mistake is left as it is");
    }
}

/// Given cuts and bins are kept by everything but a call that derives them again.
#[test]
fn given_cuts_and_bins_stay() {
    let place = Place::with_example();
    place.json(
        "define_axes",
        &json!({"path": "book.csv", "as_of": AS_OF, "cuts": {"low": 12_345.67, "high": "40000"}, "bins": {"low_below": 0.25, "high_above": 0.7}}),
    );
    place.json("assign_tiers", &json!({}));
    place.write("q3.csv", next_quarter(300));
    let given = json!({"low": 12_345.67, "high": 40_000});
    for (tool, arguments) in [
        ("load_book", json!({"path": "q3.csv"})),
        ("define_axes", json!({})),
        ("define_axes", json!({"snap": true})),
        ("assign_tiers", json!({"rule": "grid"})),
    ] {
        place.json(tool, &arguments);
        let axes = place.json("define_axes", &json!({}))["data"].clone();
        assert_eq!(
            (&axes["arr_axis"]["method"], &axes["arr_axis"]["cuts"]),
            (&json!("given"), &given),
            "after {tool} {arguments}"
        );
        let bins = &axes["strategic_axis"]["bins"];
        assert_eq!(
            (&bins["low_below"], &bins["high_above"]),
            (&json!(0.25), &json!(0.7)),
            "after {tool}"
        );
    }
    let auto = place.json("define_axes", &json!({"method": "auto"}))["data"].clone();
    assert_eq!(auto["arr_axis"]["method"], "quartile");
    assert_eq!(
        auto["strategic_axis"]["bins"]["low_below"],
        json!(0.25),
        "given bins are kept (S6)"
    );
}

/// A judgement of an off factor is stored, changes nothing, and says which call turns the factor on; then its weight is shared.
#[test]
fn off_factors_wait_for_their_call() {
    let mut book = String::from("Account ID,Account Name,ARR,Logo Tier,Reference\n");
    for i in 0..40 {
        writeln!(
            book,
            "A{i:02},Account {i},{},{},{}",
            1_000 + i * i * 90,
            ["A", "B", "C"][i % 3],
            ["Yes", "No"][i % 2]
        )
        .unwrap();
    }
    let place = Place::with_book(&book);
    let before = place.tiers()["data"].clone();
    let used = |place: &Place| -> Vec<(String, f64, f64, bool)> {
        let axes = place.json("define_axes", &json!({}));
        let factors = axes["data"]["strategic_axis"]["factors"].as_array().unwrap().clone();
        let one = |f: &Value| {
            let number = |key: &str| f[key].as_f64().unwrap();
            (
                f["name"].as_str().unwrap().to_string(),
                number("weight_given"),
                number("weight_used"),
                f["on"] == true,
            )
        };
        factors.iter().map(one).collect()
    };
    let shares = used(&place);
    let on: f64 = shares.iter().filter(|f| f.3).map(|f| f.1).sum();
    for (name, given, found, is_on) in &shares {
        let wanted = if *is_on { given / on } else { 0.0 };
        assert!((found - wanted).abs() < 1e-4, "{name}: {found}, not {wanted}");
    }
    assert_eq!(shares.iter().filter(|f| f.3).count(), 2, "{shares:?}");

    let judged = json!({"judgements": [{"account": "A01", "scores": {"product_influence": 1.0}, "why": "asked by Ana"}]});
    let scored = place.json("score_strategic", &judged);
    let said = scored["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["code"] == "judgement_of_off_factor")
        .cloned()
        .unwrap();
    assert!(said["text"].as_str().unwrap().contains("define_axes"), "{said}");
    assert!(place.model().contains("asked by Ana"));
    assert_eq!(
        place.json("assign_tiers", &json!({}))["data"],
        before,
        "one judgement must not reshuffle everyone"
    );

    let factors: Vec<Value> = shares
        .iter()
        .map(|(name, given, _, _)| match name.as_str() {
            "product_influence" => json!({"name": name, "weight": given, "on": true}),
            _ => json!({"name": name, "weight": given}),
        })
        .collect();
    place.json("define_axes", &json!({"factors": factors}));
    let after = used(&place);
    let on: f64 = after.iter().filter(|f| f.3).map(|f| f.1).sum();
    assert_eq!(after.iter().filter(|f| f.3).count(), 3);
    assert!(
        after.iter().all(|f| (f.2 - if f.3 { f.1 / on } else { 0.0 }).abs() < 1e-4),
        "{after:?}"
    );

    // Null takes the judgement back.
    let back = json!({"judgements": [{"account": "A01", "scores": {"product_influence": null}}]});
    place.json("score_strategic", &back);
    assert!(!place.model().contains("asked by Ana"), "{}", place.model());
}

/// Hysteresis: an account whose tier today is known keeps it until its ARR passes the cut by more than 10%, and is listed.
#[test]
fn hysteresis_holds_accounts_near_a_cut() {
    // Cuts at 10,000, 20,000 and 40,000; each case: ARR, tier today, tier then.
    let cases = [
        (39_000, "High-Touch", "high_touch"),
        (36_000, "High-Touch", "high_touch"),
        (35_999, "High-Touch", "mid_touch"),
        (44_000, "Mid-Touch", "mid_touch"),
        (44_001, "Mid-Touch", "high_touch"),
        (40_000, "", "high_touch"),
        (39_999, "", "mid_touch"),
        (9_500, "Tech-Touch", "tech_touch"),
        (8_999, "Tech-Touch", "plg"),
        (11_000, "PLG", "plg"),
        (11_001, "PLG", "tech_touch"),
        (21_000, "High-Touch", "mid_touch"),
        (19_000, "Mid-Touch", "mid_touch"),
        (15_000, "Mid-Touch", "tech_touch"),
        (50_000, "High-Touch", "high_touch"),
    ];
    let mut book = String::from("Account ID,Account Name,ARR,Current Tier\n");
    for (i, (arr, today, _)) in cases.iter().enumerate() {
        writeln!(book, "A{i:02},Account {i},{arr},{today}").unwrap();
    }
    let place = Place::with_book(&book);
    place.axes();
    let model = place.model();
    let cuts = "arr_cuts = { high_touch = 40000, mid_touch = 20000, tech_touch = 10000 }\n";
    let given = model
        .replacen("[tiers]\n", &format!("[tiers]\n{cuts}"), 1)
        .replacen("rule = \"auto\"", "rule = \"arr\"", 1);
    place.write(".keep-segment/segmentation.toml", &given);
    let tiers = place.json("assign_tiers", &json!({}));
    assert!(place.model().contains("40000"), "{}", place.model());
    place.json("write_report", &json!({"formats": ["csv"], "out": "report"}));
    let found = rows(&place.read("report/segments.csv"));
    let mut wrong = Vec::new();
    for (row, (arr, today, then)) in found.iter().zip(cases) {
        if row["primary_segment"] != then {
            wrong.push(format!("{arr} today {today:?}: {}, not {then}", row["primary_segment"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let held = tiers["findings"].to_string();
    assert!(
        held.contains("held") || tiers["data"].to_string().contains("held"),
        "{}",
        tiers
    );
}
