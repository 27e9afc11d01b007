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
            .ends_with("next:  keep-segment run again; replace --sheet 'Aprils' by --sheet 'April'\\''s'\n"),
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

/// A wrong flag is replaced by what the error prints, and one left blank takes an answer of the model back.
#[test]
fn the_flags_that_an_error_prints_replace_the_wrong_ones() {
    let place = Place::new();
    place.write("book.csv", "Account ID,ARR\nA1,100\nA1,200\n");
    let wrong = place.cli(&["run", "book.csv", "--answers", "duplicate=sum"]);
    assert!(
        wrong
            .err
            .ends_with("next:  keep-segment run again; replace --answers 'duplicate=sum' by --answers 'duplicates=sum'\n"),
        "{}",
        wrong.err
    );
    let unknown = place.cli(&["run", "book.csv", "--answers", "zzz=sum,duplicates=sum"]);
    assert!(
        unknown
            .err
            .ends_with("next:  keep-segment run again without --answers 'zzz=sum'\n"),
        "{}",
        unknown.err
    );
    assert_eq!(
        totals(&answer(&place, &["book.csv", "--answers", "duplicates=sum"])),
        (1, 300.0)
    );
    let both = ["book.csv", "--answers", "duplicate=", "--answers", "duplicates=sum"];
    assert_eq!(
        totals(&answer(&place, &both)),
        (1, 300.0),
        "blank takes back what nobody gave"
    );
    let back = place.cli(&[
        "run",
        "--model",
        "keep-segment-out/segmentation.toml",
        "--answers",
        "duplicates=",
    ]);
    assert!(back.err.starts_with("error[question_duplicates]"), "{}", back.err);
    let typo = place.cli(&["run", "bok.csv"]);
    assert!(typo.err.contains("replace 'bok.csv' by 'book.csv'"), "{}", typo.err);
}

/// A role that the model gives and another file lacks: no flag forgets it, so the model file is named.
#[test]
fn a_column_of_the_model_that_another_file_lacks_is_taken_out_of_the_file() {
    let place = Place::new();
    place.write("book.csv", "Account ID,Worth\nA1,100\nA2,200\n");
    answer(&place, &["book.csv", "--columns", "arr=Worth"]);
    place.write("next.csv", "Account ID,ARR\nA1,100\nA2,200\n");
    let kept = place.cli(&["run", "next.csv", "--model", "keep-segment-out/segmentation.toml"]);
    assert!(
        kept.err
            .ends_with("next:  take columns.arr out of the model file, then keep-segment run again\n"),
        "{}",
        kept.err
    );
    let model = place.read("keep-segment-out/segmentation.toml");
    assert!(model.contains("Worth"), "{model}");
}

/// A book without ARR names the subscriptions that lie beside it, as the flag that joins them.
#[test]
fn subscriptions_beside_a_book_without_arr_are_offered() {
    let place = Place::new();
    place.write("data/accounts.csv", BOOK);
    let alone = place.cli(&["run", "data/accounts.csv"]);
    assert!(
        alone.err.contains("error[arr_not_found]") && !alone.err.contains("beside it"),
        "{}",
        alone.err
    );
    let subscriptions = "subscription_id,account_id,start_date,end_date,mrr\ns1,A1,2025-01-01,,10\ns2,A2,2025-02-01,,5\n";
    place.write("data/subs.csv", subscriptions);
    let asked = place.cli(&["run", "data/accounts.csv"]);
    assert!(
        asked.err.contains("`data/subs.csv` beside it may be joined as subscriptions"),
        "{}",
        asked.err
    );
    let flag = asked
        .err
        .split("with --join '")
        .nth(1)
        .and_then(|rest| rest.split('\'').next())
        .unwrap();
    assert_eq!(totals(&answer(&place, &["data/accounts.csv", "--join", flag])), (2, 180.0));
}
