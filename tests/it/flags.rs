//! The flags of `run` do what the arguments of the tools do, and errors name flags that mend the command.

use serde_json::Value;

use crate::support::{AS_OF, Place};

const BOOK: &str = "Account ID,Account Name\nA1,Acme\nA2,Beta\nA3,Gamma\n";
const SUBSCRIPTIONS: &str = "\
account_id,mrr,currency,status\n\
A1,100,USD,active\n\
A1,50,EUR,active\n\
A2,70,USD,canceled\n\
A3,10,USD,active\n";

fn answer(place: &Place, arguments: &[&str]) -> Value {
    let ran = place.cli(&[&["run"], arguments, &["--json", "--as-of", AS_OF]].concat());
    assert!(ran.err.is_empty(), "{}", ran.err);
    serde_json::from_str(&ran.out).unwrap()
}

/// Accounts and ARR over all tiers.
fn totals(answer: &Value) -> (u64, f64) {
    let tiers = answer["data"]["tiers"].as_array().unwrap();
    let accounts = tiers.iter().map(|tier| tier["accounts"].as_u64().unwrap()).sum();
    (accounts, tiers.iter().map(|tier| tier["arr"].as_f64().unwrap()).sum())
}

#[test]
fn joins_rates_and_answers_come_as_flags() {
    let place = Place::new();
    place.write("book.csv", BOOK);
    std::fs::create_dir(place.path("logs")).unwrap();
    place.write("logs/subs.csv", SUBSCRIPTIONS);
    let joined = ["book.csv", "--join", "subscriptions=logs/subs.csv"];
    let asked = place.cli(&[&["run"], &joined[..]].concat());
    assert!(asked.err.contains("rates: for `EUR` a number, USD per unit"), "{}", asked.err);
    let with_rates = answer(&place, &[&joined[..], &["--rates", "EUR=1.5"]].concat());
    // 12 × (100 + 50 × 1.5) + 12 × 10; Beta has no live subscription.
    assert_eq!(totals(&with_rates), (2, 2_220.0), "{with_rates:#}");
    let in_json = r#"{"path": "logs/subs.csv", "kind": "subscriptions", "key": "account_id"}"#;
    let as_json = answer(&place, &["book.csv", "--join", in_json, "--rates", "EUR=1.5"]);
    assert_eq!(totals(&as_json), totals(&with_rates));
    let kept = answer(
        &place,
        &["--model", "keep-segment-out/segmentation.toml", "--columns", "currency="],
    );
    assert_eq!(totals(&kept), (2, 2_220.0), "the model keeps joins and rates: {kept:#}");
}

#[test]
fn a_sheet_is_chosen_and_a_wrong_one_is_mended_by_the_flag_that_the_error_prints() {
    let place = Place::new();
    let table = |name: &str, arr: u32| {
        format!(
            "## {name}\n\n| Account ID | Account Name | ARR |\n| --- | --- | --- |\n| A1 | Acme | {arr} |\n| A2 | Beta | {arr} |\n\n"
        )
    };
    place.write("books.md", &(table("March's", 100) + &table("April's", 200)));
    let april = answer(&place, &["books.md", "--sheet", "April's"]);
    assert_eq!(totals(&april), (2, 400.0));
    let wrong = place.cli(&["run", "books.md", "--sheet", "Aprils"]);
    assert!(
        wrong
            .err
            .ends_with("next:  keep-segment run again with --sheet 'April'\\''s'\n"),
        "{}",
        wrong.err
    );
}

#[test]
fn accounts_that_left_stay_when_asked() {
    let place = Place::new();
    place.write("book.csv", "Account ID,ARR,Status\nA1,100,Churned\nA2,200,Churned\n");
    let without = place.cli(&["run", "book.csv"]);
    assert!(without.err.contains("--keep-churned"), "{}", without.err);
    let kept = answer(&place, &["book.csv", "--keep-churned"]);
    assert_eq!(totals(&kept), (2, 300.0));
}

#[test]
fn flags_that_cannot_be_read_are_named_together() {
    let place = Place::new();
    let ran = place.cli(&[
        "run",
        "b.csv",
        "--join",
        "subs=x.csv",
        "--join",
        "x.csv",
        "--rates",
        "EUR=much",
    ]);
    insta::assert_snapshot!(ran.err, @"
    error[bad_argument]: no kind of join `subs`
      where: --join; found: `subscriptions`; expected: KIND=FILE, such as subscriptions=subs.csv, or JSON with path, kind, key and sheet
    error[bad_argument]: `x.csv` has no `=`
      where: --join; expected: KIND=FILE, such as subscriptions=subs.csv, or JSON with path, kind, key and sheet
    error[bad_argument]: `much` is no rate
      where: --rates EUR; expected: a number above 0, such as EUR=1.08
      next:  keep-segment run again
    ");
}
