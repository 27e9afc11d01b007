//! One account explained, and accounts listed: the smallest change is proved by making it, pages do not overlap.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{AS_OF, Place, fix_of, rows};

fn tier_of(place: &Place, account: &str) -> String {
    place.json("explain_account", &json!({"account": account}))["data"]["tier"]
        .as_str()
        .unwrap()
        .to_string()
}

/// The example's ids.
fn ids(place: &Place) -> Vec<String> {
    let text = place.read("book.csv");
    rows(&text)
        .iter()
        .map(|row| row["Account ID"].clone())
        .filter(|id| !id.is_empty())
        .collect()
}

/// Every account of the example: the change that is named moves it to the tier that is named, and a little less does not.
#[test]
fn nearest_changes_are_proved_by_making_them() {
    let place = Place::with_example();
    place.axes();
    place.json("score_strategic", &json!({}));
    place.tiers();
    let (by_arr, by_factor) = proved(&place);
    assert!(by_arr > 100 && by_factor > 20, "{by_arr} of ARR, {by_factor} of factors");
}

/// The same under the other rules, and where hysteresis holds accounts in the tier that the book names.
#[test]
fn nearest_changes_hold_under_every_rule() {
    let text = std::fs::read_to_string(crate::support::EXAMPLE).unwrap();
    let few: Vec<&str> = text.lines().step_by(4).collect();
    let held: Vec<String> = few
        .iter()
        .enumerate()
        .map(|(i, line)| match i {
            0 => format!("{line},Current Tier"),
            i => format!("{line},{}", ["High-Touch", "Mid-Touch", "Tech-Touch", "PLG", ""][i % 5]),
        })
        .collect();
    for (book, rule) in [
        (few.join("\n"), "arr"),
        (few.join("\n"), "score"),
        (held.join("\n"), "grid"),
        (held.join("\n"), "score"),
    ] {
        let place = Place::with_book(&book);
        place.axes();
        place.json("assign_tiers", &json!({"rule": rule}));
        let (by_arr, by_factor) = proved(&place);
        assert!(by_arr + by_factor > 20, "{rule}: {by_arr} of ARR, {by_factor} of factors");
    }
}

/// A signal may read ARR against another column: strategic value then falls as ARR rises, and both are looked at together.
#[test]
fn nearest_changes_hold_where_strategic_value_moves_with_arr() {
    let mut book = String::from("Account ID,ARR (USD),TAM,Logo Tier,Design Partner\n");
    for i in 0..48_u32 {
        let arr = 1_500 + i * i * 31;
        let tam = arr + 900 + i * 7919 % 40_000;
        let (logo, partner) = (["A", "B", "C", ""][i as usize % 4], ["Yes", "No", "No"][i as usize % 3]);
        book += &format!("A{i:02},{arr},{tam},{logo},{partner}\n");
    }
    let place = Place::with_book(&book);
    place.tiers();
    let (by_arr, by_factor) = proved(&place);
    assert!(by_arr > 15, "{by_arr} of ARR, {by_factor} of factors");
}

/// Under rule `score` a part can be the smallest change; a column that is the part's score shows it.
#[test]
fn a_part_of_the_tier_score_moves_an_account() {
    let mut book = String::from("Account ID,ARR (USD),Fit,Pays\n");
    for i in 0..40_u32 {
        book += &format!(
            "A{i:02},{}.50,0.{:04},0.{:04}\n",
            1_000 + i * i * 37,
            i * 241 % 10_000,
            i * 977 % 10_000
        );
    }
    let place = Place::with_book(&book);
    place.axes();
    let model = place.model()
        + "\n[tiers.score.signals]\nfit = { kind = \"scale\", column = \"Fit\", from = 0, to = 1 }\npayment = { kind = \"scale\", column = \"Pays\", from = 0, to = 1 }\n";
    place.write(".keep-segment/segmentation.toml", model);
    place.json("assign_tiers", &json!({"rule": "score"}));
    let mut proved = 0;
    for i in 0..40 {
        let id = format!("A{i:02}");
        let said = place.json("explain_account", &json!({"account": id}))["data"].clone();
        for change in said["nearest_change"].as_array().unwrap() {
            let at = match change["input"].as_str().unwrap() {
                "fit" => 2,
                "payment" => 3,
                _ => continue,
            };
            let (from, to) = (change["from"].as_f64().unwrap(), change["to"].as_f64().unwrap());
            let with = |score: f64| -> String {
                let line = |line: &str| {
                    let mut cells: Vec<String> = line.split(',').map(str::to_string).collect();
                    if cells[0] == id {
                        cells[at] = format!("{score:.4}");
                    }
                    cells.join(",") + "\n"
                };
                book.lines().map(line).collect()
            };
            place.write("book.csv", with(to));
            assert_eq!(tier_of(&place, &id), change["tier"].as_str().unwrap(), "{id}: {change}");
            place.write("book.csv", with(to - 0.0001 * (to - from).signum()));
            assert_eq!(
                tier_of(&place, &id),
                said["tier"].as_str().unwrap(),
                "{id}: less than {change}"
            );
            place.write("book.csv", &book);
            proved += 1;
        }
    }
    assert!(proved > 15, "{proved} changes of parts");
}

/// Makes each change that is named, and one a little smaller; how many there were of ARR and of factors.
fn proved(place: &Place) -> (usize, usize) {
    let book = place.read("book.csv");
    let mut proved = (0, 0);
    for id in ids(place) {
        let said = place.json("explain_account", &json!({"account": id}))["data"].clone();
        let changes = said["nearest_change"].as_array().unwrap();
        assert!(changes.len() <= 2, "{id}: {said:#}");
        for change in changes {
            let (input, to) = (change["input"].as_str().unwrap(), change["to"].as_f64().unwrap());
            let from = change["from"].as_f64();
            if input == "arr" {
                assert_eq!(from, said["arr"].as_f64(), "{id}");
                let cent = 0.01 * (to - from.unwrap()).signum();
                place.write("book.csv", with_arr(&book, &id, to));
                assert_eq!(tier_of(place, &id), change["tier"].as_str().unwrap(), "{id}: {change}");
                place.write("book.csv", with_arr(&book, &id, to - cent));
                assert_eq!(
                    tier_of(place, &id),
                    said["tier"].as_str().unwrap(),
                    "{id}: a cent less than {change}"
                );
                place.write("book.csv", &book);
                proved.0 += 1;
                continue;
            }
            if said["factors"]
                .as_array()
                .unwrap()
                .iter()
                .any(|factor| factor["name"] == "arr_percentile")
            {
                continue;
            }
            let judged = |score: f64| {
                let judgement = json!({"judgements": [{"account": id, "scores": {input: score}, "why": "a proof"}]});
                place.json("score_strategic", &judgement);
                tier_of(place, &id)
            };
            assert_eq!(judged(to), change["tier"].as_str().unwrap(), "{id}: {change}");
            let step = 0.0001 * (to - from.unwrap_or(0.0)).signum();
            let less = ((to - step) * 10_000.0).round() / 10_000.0;
            assert_eq!(judged(less), said["tier"].as_str().unwrap(), "{id}: less than {change}");
            place.json(
                "score_strategic",
                &json!({"judgements": [{"account": id, "scores": {input: null}}]}),
            );
            proved.1 += 1;
        }
    }
    proved
}

/// The book with another amount for one account.
fn with_arr(book: &str, id: &str, amount: f64) -> String {
    let header = book.lines().next().unwrap();
    let at = header.split(',').position(|name| name == "ARR (USD)").unwrap();
    let mut out = String::new();
    for line in book.lines() {
        if !line.starts_with(&format!("{id},")) {
            out += line;
            out.push('\n');
            continue;
        }
        let record = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(line.as_bytes())
            .records()
            .next()
            .unwrap()
            .unwrap();
        let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
        let cell = format!("{amount:.2}");
        writer
            .write_record(
                record
                    .iter()
                    .enumerate()
                    .map(|(i, old)| if i == at { cell.as_str() } else { old }),
            )
            .unwrap();
        out += &String::from_utf8(writer.into_inner().unwrap()).unwrap();
    }
    out
}

/// Whoever asks "why?" sees one screen: the band, the factors with points, health, expansion, flags, motion.
#[test]
fn an_account_is_explained_on_one_screen() {
    let place = Place::with_example();
    place.tiers();
    let id = ids(&place)[1].clone();
    let shown = place.boxed("explain_account", &json!({"account": id}));
    insta::assert_snapshot!(shown, @"
    ╭─ KEEP ── explain_account ───────────────────────────────────────────────────────────────────────╮

      ## `Lombholt Outfitters LLC` (`ACC-10042`): Mid-Touch, $31.04K ARR; health 85.00 healthy,
         expansion low

      ### Why this tier
      - ARR $31.04K (band $27K+) lies in the high row: mid from $8.9K, high from $27K
      - strategic value 0.4208 is medium: low under 0.30, high above 0.60
      - high row and medium bin make Mid-Touch

      ### Factors
      ┌─────────────────────┬────────────────┬────────┬────────────────────────────────┐
      │ Factor              │ Score × weight │ Points │ Source                         │
      ├─────────────────────┼────────────────┼────────┼────────────────────────────────┤
      │ strategic_logo      │    0.60 × 0.25 │ 0.1500 │ Logo Tier (default)            │
      │ expansion_potential │    0.48 × 0.25 │ 0.1208 │ Seats Used, Seats Licensed...  │
      │ product_influence   │    0.00 × 0.20 │ 0.0000 │ Design Partner (default)       │
      │ reference_value     │    1.00 × 0.15 │ 0.1500 │ Case Study, Reference, NPS,... │
      │ regulatory_exposure │    0.00 × 0.15 │ 0.0000 │ Regulated, Industry (default)  │
      └─────────────────────┴────────────────┴────────┴────────────────────────────────┘

      ### Smallest change that would move it
      - up to High-Touch: product_influence from 0.0000 to 0.8961
      - down to Tech-Touch: ARR from $31.04K to $8,899.99 (-71.3%)

      ### Health, expansion, flags
      - health 85.00 healthy: 100% of the weight in force known
      - pulled down by health_score -15.00
      - stage mature; expansion low: no factor hits; unknown: feature_requests, company_growth,
        multi_team, api_growth
      - flags strategic_champion, multi_product

      ### Motion
      - shared CSM pool with account ownership, AE on expansion calls; check-in every two months, QBR
        twice a year

      ### Next
      → calibrate_capacity with compare shows what another cut or weight would do

    ╰─────────────────────────────────────────────────────────────────────────────────────────────────╯
    ");
    let data = &place.json("explain_account", &json!({"account": id}))["data"];
    for field in [
        "account",
        "tier",
        "why",
        "factors",
        "nearest_change",
        "health",
        "expansion",
        "flags",
        "motion",
    ] {
        assert!(!data[field].is_null(), "{field} in {data:#}");
    }
    for field in ["score", "status", "coverage", "provisional", "cold_start"] {
        assert!(data["health"].get(field).is_some(), "{field} in {data:#}");
    }
    let points: f64 = data["factors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|factor| factor["points"].as_f64().unwrap())
        .sum();
    assert!(
        (points - data["strategic_value"].as_f64().unwrap()).abs() < 0.0005,
        "{data:#}"
    );
}

/// A name will do where one account has it, in any case; otherwise ids that are near.
#[test]
fn an_account_is_found_by_id_or_name() {
    let place =
        Place::with_book("Account ID,Account Name,ARR\nA1,Acme,1000\nA2,Beta,2000\nA3,Beta,9000\nA4,`do this` | now,5000\n");
    place.tiers();
    let id = |account: &str| place.json("explain_account", &json!({"account": account}))["data"]["account"].clone();
    assert_eq!(id("A1"), "A1");
    assert_eq!(id("acme"), "A1");
    assert_eq!(id("`do this` | now"), "A4");
    place.boxed("explain_account", &json!({"account": "A4"}));
    let none = place.refused("explain_account", &json!({}));
    place.json("explain_account", &fix_of(&none).unwrap());
    let two = place.refused("explain_account", &json!({"account": "Beta"}));
    let typo = place.refused("explain_account", &json!({"account": "Acmee"}));
    assert_eq!(fix_of(&typo), None, "whose account was meant is not guessed");
    let part = place.refused("explain_account", &json!({"account": "now"}));
    place.json("explain_account", &fix_of(&part).unwrap());
    let early = Place::new().refused("explain_account", &json!({"account": "A1"}));
    insta::assert_snapshot!([none, two, typo, early].join("\n"), @r#"
    error[missing_argument]: no account is named
      where: account
      expected: an account id of the book, or a name that only one account has
      fix:   {"account":"A3"}
      next:  explain_account again
    error[account_not_found]: several accounts are called `Beta`: their ids tell them apart
      where: account
      found: `A3`, `A2`
      expected: an account id of the book
      next:  explain_account with one of these ids, or list_accounts to see more
    error[account_not_found]: no account `Acmee`
      where: account
      found: `A1` (`Acme`)
      expected: an account id of the book
      next:  explain_account with one of these ids, or list_accounts to see more
    error[book_not_loaded]: no book has been loaded, and this step builds on it
      where: model
      next:  load_book with path, the account export
    "#);
}

fn page(place: &Place, arguments: &Value) -> Value {
    place.json("list_accounts", arguments)["data"].clone()
}

fn listed(data: &Value) -> Vec<String> {
    let accounts = data["accounts"].as_array().unwrap();
    accounts
        .iter()
        .map(|account| account["account_id"].as_str().unwrap().to_string())
        .collect()
}

/// Pages follow each other without gap or overlap, in every order, and together are the whole book.
#[test]
fn pages_cover_the_book_in_every_order() {
    let place = Place::with_example();
    place.tiers();
    let all: BTreeSet<String> = ids(&place).into_iter().collect();
    for sort in ["arr", "name", "strategic_value", "health", "margin"] {
        for order in ["asc", "desc"] {
            let mut seen: Vec<String> = Vec::new();
            let mut cursor = Value::Null;
            loop {
                let data = page(&place, &json!({"sort": sort, "order": order, "limit": 50, "cursor": cursor}));
                seen.extend(listed(&data));
                cursor = data["next_cursor"].clone();
                if cursor.is_null() {
                    break;
                }
            }
            assert_eq!(seen.iter().cloned().collect::<BTreeSet<_>>(), all, "{sort} {order}");
            assert_eq!(seen.len(), all.len(), "{sort} {order}");
        }
    }
    let largest = page(&place, &json!({"limit": 2}));
    let arr = |i: usize| largest["accounts"][i]["arr"].as_f64().unwrap();
    assert!(arr(0) >= arr(1));
    assert_eq!(largest["accounts"].as_array().unwrap().len(), 2);
    let fields: BTreeSet<&str> = largest["accounts"][0]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    for field in [
        "account_id",
        "name",
        "arr",
        "tier",
        "strategic_value",
        "health",
        "expansion",
        "flags",
    ] {
        assert!(fields.contains(field), "{field} in {fields:?}");
    }
}

/// Filters agree with what the other tools count; several words mean any of them, several filters all.
#[test]
fn filters_agree_with_the_other_tools() {
    let place = Place::with_example();
    let tiers = place.tiers();
    let total = |filter: Value| page(&place, &json!({"where": filter}))["total"].as_u64().unwrap();
    for tier in tiers["data"]["tiers"].as_array().unwrap() {
        assert_eq!(json!(total(json!({"tier": tier["tier"]}))), tier["accounts"]);
    }
    for cell in tiers["data"]["grid"].as_array().unwrap() {
        assert_eq!(
            json!(total(json!({"row": cell["row"], "bin": cell["bin"]}))),
            cell["accounts"],
            "{cell}"
        );
    }
    for flag in tiers["data"]["flags"].as_array().unwrap() {
        assert_eq!(json!(total(json!({"flag": flag["flag"]}))), flag["accounts"], "{flag}");
    }
    let health = place.json("score_health", &json!({}));
    for status in health["data"]["statuses"].as_array().unwrap() {
        assert_eq!(
            json!(total(json!({"health": status["status"]}))),
            status["accounts"],
            "{status}"
        );
    }
    let expansion = place.json("score_expansion", &json!({}));
    for (level, accounts) in expansion["data"]["levels"].as_object().unwrap() {
        assert_eq!(&json!(total(json!({"expansion": level}))), accounts, "{level}");
    }
    let near = place.json("validate", &json!({}))["data"]["stability"]["within_10pct_accounts"].clone();
    assert_eq!(json!(total(json!({"near_cut": true}))), near);
    let both = total(json!({"tier": ["high_touch", "plg"]}));
    assert_eq!(both, total(json!({"tier": "high_touch"})) + total(json!({"tier": "plg"})));
    let none = place.json("list_accounts", &json!({"where": {"tier": "plg", "row": "high"}}));
    assert_eq!((&none["data"]["total"], &none["data"]["accounts"]), (&json!(0), &json!([])));
}

/// A cursor holds for its own question on its own book; a limit that is too large is clamped and said.
#[test]
fn cursors_and_limits_are_checked() {
    let place = Place::with_example();
    place.tiers();
    let first = page(&place, &json!({"limit": 5}));
    let cursor = &first["next_cursor"];
    let second = page(&place, &json!({"limit": 500, "cursor": cursor}));
    assert_eq!(second["accounts"].as_array().unwrap().len(), 50);
    assert_eq!(
        page(&place, &json!({"limit": 5, "cursor": cursor})),
        page(&place, &json!({"limit": 5, "cursor": cursor}))
    );
    let other_order = place.refused("list_accounts", &json!({"sort": "name", "cursor": cursor}));
    let other_filter = place.refused("list_accounts", &json!({"where": {"tier": "plg"}, "cursor": cursor}));
    place.json("define_axes", &json!({"cuts": {"low": 5000}}));
    place.json("assign_tiers", &json!({}));
    let other_model = place.refused("list_accounts", &json!({"cursor": cursor}));
    for refused in [other_order, other_filter, other_model] {
        assert!(refused.starts_with("error[stale_cursor]"), "{refused}");
    }
    let clamped = place.json("list_accounts", &json!({"limit": 0}));
    assert_eq!(clamped["data"]["accounts"].as_array().unwrap().len(), 1);
    assert_eq!(clamped["findings"][0]["code"], "limit_clamped");
    let wrong = place.refused(
        "list_accounts",
        &json!({"where": {"tier": "hightouch", "health": "sick"}, "sort": "size"}),
    );
    let filters = place.refused("list_accounts", &json!({"where": {"tier": "hightouch", "health": "sick"}}));
    let fix = fix_of(&place.refused("list_accounts", &json!({"where": {"tier": "high_tuch"}}))).unwrap();
    place.json("list_accounts", &fix);
    insta::assert_snapshot!([wrong, filters].join("\n"), @"
    error[bad_argument]: `size` is not one of the choices
      where: sort
      expected: `arr`, `name`, `strategic_value`, `health`, `margin`
      next:  list_accounts again
    error[bad_argument]: no tier `hightouch`
      where: where.tier; expected: `high_touch`, `mid_touch`, `tech_touch`, `plg`
    error[bad_argument]: no health `sick`
      where: where.health; expected: `healthy`, `stable`, `at_risk`, `critical`, `unknown`, `green`, `yellow`, `red`
      next:  list_accounts again
    ");
}

/// Neither tool changes the model, and both draw boxes whatever the names say.
#[test]
fn asking_changes_nothing() {
    let place = Place::with_book(&format!(
        "Account ID,Account Name,ARR\n{}",
        (0..60)
            .map(|i| format!("A{i:02},\"<b>│ ignore all{i}\",{}\n", 1_000 + i * 500))
            .collect::<String>()
    ));
    place.json("define_axes", &json!({"path": "book.csv", "as_of": AS_OF}));
    place.json("assign_tiers", &json!({}));
    let before = place.model();
    place.boxed("list_accounts", &json!({"limit": 50}));
    place.boxed("explain_account", &json!({"account": "A07"}));
    assert_eq!(place.model(), before);
}
