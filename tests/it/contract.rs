//! What scripts and agents rely on: JSON fields, orders, ids, headers, sizes of the tool list (design, part 4).

use serde_json::{Value, json};

use crate::support::{AS_OF, HEADER, Place, TIERS, cents, rows};

const GATES: [&str; 9] = [
    "no_empty_tiers",
    "arr_reconciles",
    "rubric_consistent",
    "flags_compatible",
    "capacity_explicit",
    "mid_touch_share",
    "stability",
    "triggers_documented",
    "gaps_flagged",
];

/// Paths that `data` has at least; `[]` steps into the first entry of a list that must not be empty.
const FIELDS: [(&str, &[&str]); 7] = [
    (
        "load_book",
        &[
            "book.id",
            "book.path",
            "book.format",
            "rows_read",
            "accounts",
            "total_arr",
            "currency",
            "as_of",
            "columns[].header",
            "columns[].role",
            "columns[].confidence",
            "columns[].evidence",
            "set_aside[].reason",
            "set_aside[].rows",
            "set_aside[].arr",
            "set_aside[].examples",
            "quality.completeness",
            "quality.uniqueness",
            "quality.freshness_days",
            "questions",
        ],
    ),
    (
        "define_axes",
        &[
            "arr_axis.method",
            "arr_axis.reason",
            "arr_axis.cuts.low",
            "arr_axis.cuts.high",
            "arr_axis.bands[].label",
            "arr_axis.bands[].from",
            "arr_axis.bands[].to",
            "arr_axis.bands[].accounts",
            "arr_axis.bands[].arr",
            "concentration.top10_share",
            "concentration.top20_share",
            "concentration.max_share",
            "concentration.gini",
            "quantiles.low",
            "quantiles.high",
            "strategic_axis.factors[].name",
            "strategic_axis.factors[].weight_given",
            "strategic_axis.factors[].weight_used",
            "strategic_axis.factors[].on",
            "strategic_axis.bins.low_below",
            "strategic_axis.bins.high_above",
            "strategic_axis.bins.moved",
        ],
    ),
    (
        "score_strategic",
        &[
            "scored",
            "bins.low",
            "bins.medium",
            "bins.high",
            "factors[].name",
            "factors[].weight_used",
            "factors[].coverage",
            "factors[].mean",
            "factors[].source",
            "uncertain.accounts",
            "uncertain.arr",
            "uncertain.top",
            "judge_first[].account",
            "judge_first[].arr",
            "judge_first[].unknown",
        ],
    ),
    (
        "assign_tiers",
        &[
            "rule",
            "cuts",
            "tiers[].tier",
            "tiers[].name",
            "tiers[].accounts",
            "tiers[].arr",
            "tiers[].account_share",
            "tiers[].arr_share",
            "grid[].row",
            "grid[].bin",
            "grid[].accounts",
            "grid[].arr",
            "grid[].tier",
            "flags[].flag",
            "flags[].accounts",
            "comments[].account",
            "comments[].text",
        ],
    ),
    (
        "calibrate_capacity",
        &[
            "needed.low",
            "needed.typical",
            "needed.high",
            "available",
            "gap",
            "status",
            "tiers[].tier",
            "tiers[].accounts",
            "tiers[].arr",
            "tiers[].book_min",
            "tiers[].book_max",
            "tiers[].fte_low",
            "tiers[].fte_typical",
            "tiers[].fte_high",
            "tiers[].arr_per_csm",
        ],
    ),
    (
        "validate",
        &[
            "ship",
            "gates[].id",
            "gates[].name",
            "gates[].verdict",
            "gates[].detail",
            "gates[].route_back",
            "stability.within_10pct_accounts",
            "stability.account_share",
            "stability.arr_share",
            "stability.sample[].account",
            "stability.sample[].direction",
            "stability.sample[].from",
            "stability.sample[].to",
        ],
    ),
    ("write_report", &["files[].path", "files[].format", "sections", "status"]),
];

fn arguments(tool: &str) -> Value {
    match tool {
        "load_book" => json!({"path": "book.csv", "as_of": AS_OF}),
        "calibrate_capacity" => json!({"csms": 6}),
        _ => json!({}),
    }
}

/// The example with a row that is set aside.
fn place() -> Place {
    let place = Place::with_example();
    let text = place.read("book.csv") + "ACC-99999,Gone Ltd,Retail,EMEA,,soon,Team,,,,,,,,,,,,,,,\n";
    place.write("book.csv", text);
    place
}

fn has(value: &Value, path: &str) -> bool {
    let mut at = value;
    for part in path.split('.') {
        let (key, list) = part.strip_suffix("[]").map_or((part, false), |key| (key, true));
        let Some(next) = at.get(key) else { return false };
        at = next;
        if list {
            let Some(first) = at.as_array().and_then(|list| list.first()) else {
                return false;
            };
            at = first;
        }
    }
    true
}

/// Every tool's JSON has the fields of the contract, in the envelope of the contract.
#[test]
fn every_field_of_the_contract_is_there() {
    let place = place();
    let mut missing = Vec::new();
    for (tool, fields) in FIELDS {
        let answer = place.json(tool, &arguments(tool));
        let keys: Vec<&String> = answer.as_object().unwrap().keys().collect();
        assert_eq!(
            keys,
            ["step", "verdict", "model", "revision", "findings", "next", "report", "data"],
            "{tool}"
        );
        assert_eq!((&answer["step"], &answer["model"]), (&json!(tool), &json!("segmentation")));
        let verdict = answer["verdict"].as_str().unwrap();
        assert!(
            !verdict.contains('\n') && verdict.contains(|c: char| c.is_ascii_digit()),
            "{tool}: {verdict}"
        );
        missing.extend(
            fields
                .iter()
                .filter(|path| !has(&answer["data"], path))
                .map(|path| format!("{tool}: {path}")),
        );
        assert_findings_are_sorted(&answer);
        for next in answer["next"].as_array().unwrap() {
            assert!(keep_segment::tools::find(next.as_str().unwrap()).is_some(), "{tool}: {next}");
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

fn assert_findings_are_sorted(answer: &Value) {
    let order = ["critical", "warning", "info"];
    let found = answer["findings"].as_array().unwrap();
    let ranks: Vec<usize> = found
        .iter()
        .map(|f| order.iter().position(|s| *s == f["severity"]).unwrap())
        .collect();
    assert!(ranks.is_sorted(), "{}", answer["findings"]);
    for finding in found {
        let code = finding["code"].as_str().unwrap();
        assert!(
            !code.is_empty() && code.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit()),
            "{code}"
        );
        assert!(!finding["text"].as_str().unwrap().is_empty());
    }
}

/// Tiers stand in one order everywhere, gates in theirs, the grid has nine cells, and all totals agree to the cent.
#[test]
fn orders_and_totals_agree() {
    let place = place();
    let book = place.json("load_book", &arguments("load_book"))["data"].clone();
    place.json("define_axes", &json!({}));
    let tiers = place.json("assign_tiers", &json!({}))["data"].clone();
    let capacity = place.json("calibrate_capacity", &json!({"csms": 6}))["data"].clone();
    let gates = place.json("validate", &json!({}))["data"].clone();
    let listed = |data: &Value| {
        data["tiers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|t| t["tier"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(listed(&tiers), TIERS);
    assert_eq!(listed(&capacity), TIERS);
    let ids: Vec<&Value> = gates["gates"].as_array().unwrap().iter().map(|gate| &gate["id"]).collect();
    assert_eq!(ids, GATES);
    assert_eq!(tiers["grid"].as_array().unwrap().len(), 9);
    for list in ["tiers", "grid"] {
        let total = |key: &str| {
            tiers[list]
                .as_array()
                .unwrap()
                .iter()
                .map(|t| t[key].as_f64().unwrap())
                .sum::<f64>()
        };
        assert_eq!(total("accounts"), book["accounts"].as_f64().unwrap(), "{list}");
        assert!((total("arr") - book["total_arr"].as_f64().unwrap()).abs() < 0.005, "{list}");
    }
    assert_eq!((&book["rows_read"], &book["accounts"]), (&json!(221), &json!(220)));
    assert_eq!(book["total_arr"], json!(5_600_000));
    for list in ["account_share", "arr_share"] {
        let shares = tiers["tiers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|t| t[list].as_f64().unwrap())
            .sum::<f64>();
        assert!((shares - 1.0).abs() < 0.001, "{list} {shares}");
    }
}

/// `segments.csv`: the exact header, input order, codes only, two and four decimals.
#[test]
fn segments_are_as_the_contract_says() {
    let place = place();
    assert_eq!(place.run(&["--csms", "6"]).code, 0);
    let text = place.read("out/segments.csv");
    assert_eq!(text.lines().next(), Some(HEADER));
    let input: Vec<String> = rows(&place.read("book.csv"))
        .iter()
        .map(|row| row["Account ID"].clone())
        .collect();
    let found = rows(&text);
    assert_eq!(
        found.iter().map(|row| &row["account_id"]).collect::<Vec<_>>(),
        input[..220].iter().collect::<Vec<_>>()
    );
    for row in &found {
        cents(&row["arr"]);
        let (_, decimals) = row["strategic_value"].split_once('.').unwrap();
        assert_eq!(decimals.len(), 4, "{row:?}");
        assert!(TIERS.contains(&row["primary_segment"].as_str()));
        assert!(["low", "mid", "high"].contains(&row["arr_row"].as_str()), "{row:?}");
        assert!(["low", "medium", "high"].contains(&row["strategic_bin"].as_str()), "{row:?}");
        assert!(["true", "false"].contains(&row["within_10pct"].as_str()), "{row:?}");
        assert!(!row["arr_band"].is_empty() && !row["override_flags"].contains(','), "{row:?}");
    }
    assert!(
        found.iter().any(|row| row["override_flags"].contains(';')),
        "several flags are joined"
    );
}

/// `run --json`: the envelope with step `run` and the fields of S18.
#[test]
fn run_prints_its_envelope() {
    let place = place();
    let ran = place.run(&["--csms", "high_touch=3,mid_touch=2,tech_touch=1", "--json"]);
    assert!(ran.code < 2, "{ran:?}");
    let answer: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(answer["step"], "run");
    for field in [
        "ship",
        "tiers[].tier",
        "needed.typical",
        "available",
        "gap",
        "gates[].id",
        "files[]",
    ] {
        assert!(has(&answer["data"], field), "{field}: {}", answer["data"]);
    }
    assert_eq!(
        (&answer["data"]["available"], &answer["data"]["ship"]),
        (&json!(6), &json!(ran.code == 0))
    );
    assert_findings_are_sorted(&answer);
    for file in answer["data"]["files"].as_array().unwrap() {
        place.read(file.as_str().unwrap());
    }
}

/// The list of tools fits small contexts: 8,000 tokens in all, about 350 each.
#[test]
fn the_tool_list_is_small() {
    let mut total = 0;
    let mut large = Vec::new();
    for tool in keep_segment::tools::all() {
        let schema = Value::Object((tool.schema)()).to_string();
        let bytes = tool.name.len() + tool.title.len() + tool.description.len() + schema.len();
        total += bytes;
        let schema_tokens = schema.len() / 4;
        println!("{}: {} tokens, schema {schema_tokens}", tool.name, bytes / 4);
        if schema_tokens > 350 {
            large.push(format!("{}: {schema_tokens}", tool.name));
        }
        assert!(tool.description.contains("Example: {"), "{}", tool.name);
        let example = tool.description.split("Example: ").nth(1).unwrap();
        serde_json::from_str::<Value>(example).unwrap_or_else(|e| panic!("{}: {e}", tool.name));
    }
    assert!(total as f64 / 3.5 < 8_000.0, "{total} bytes");
    assert!(large.is_empty(), "schemas over 350 tokens: {}", large.join(", "));
}

/// Lists that grow with the book show at most 50 entries, with how many there are beside them.
#[test]
fn long_lists_are_cut_with_their_total() {
    let mut book = String::from("Account ID,Account Name,ARR,Logo Tier,Reference,Health Score,Seats Licensed,Seats Used\n");
    for i in 0..400 {
        let logo = ["A", "", "C"][i % 3];
        book += &format!("A{i},Account {i},{},{logo},{},30,100,95\n", 9_000 + i * 5, ["", "Yes"][i % 2]);
    }
    let place = Place::with_book(&book);
    place.axes();
    let scored = place.json("score_strategic", &json!({}))["data"].clone();
    let tiers = place.json("assign_tiers", &json!({}))["data"].clone();
    let gates = place.json("validate", &json!({}))["data"].clone();
    for (data, list) in [
        (&scored, "judge_first"),
        (&tiers, "comments"),
        (&scored["uncertain"], "top"),
        (&gates["stability"], "accounts"),
    ] {
        let shown = data[list].as_array().unwrap().len();
        assert!(shown <= 50, "{list}: {shown}");
        if shown == 50 {
            assert!(data[format!("{list}_total")].as_u64().unwrap() > 50, "{list}");
        }
    }
    assert_eq!(tiers["comments_total"], 400, "every account is at risk and ready to expand");
}
