//! A model that is used on another file: what it keeps of the first one is said, forgotten where it cannot apply, or taken back by a fix.

use serde_json::{Value, json};

use crate::support::{AS_OF, Place, fix_of, with_fix};

const OLD: &str = "Account ID,Account,Worth\nA1,Acme,100\nA1,Acme,100\nA2,Beta,200\nA1,Acme,50\n";

fn two_tables(names: [&str; 2]) -> String {
    let table =
        |name: &str, arr: u32| format!("## {name}\n\n| Account | ARR |\n| --- | --- |\n| Acme | {arr} |\n| Beta | {arr} |\n\n");
    table(names[0], 100) + &table(names[1], 200)
}

fn total(answer: &Value) -> f64 {
    answer["data"]["total_arr"].as_f64().unwrap()
}

fn finding<'a>(answer: &'a Value, code: &str) -> Option<&'a str> {
    let findings = answer["findings"].as_array().unwrap();
    let found = findings.iter().find(|finding| finding["code"] == code)?;
    found["text"].as_str()
}

/// `sheet: null` and a blank one forget the sheet; a table may be named by its number.
#[test]
fn a_sheet_is_forgotten_and_named_by_number() {
    let place = Place::new();
    place.write("books.md", two_tables(["March", "April"]));
    for sheet in [json!("April"), json!("2"), json!(2), json!("table 2")] {
        let loaded = place.json("load_book", &json!({"path": "books.md", "sheet": sheet, "as_of": AS_OF}));
        assert_eq!(total(&loaded), 400.0, "{sheet}");
        assert!(place.model().contains("sheet = "));
    }
    for nothing in [json!(null), json!("")] {
        place.json("load_book", &json!({"sheet": 2}));
        let asked = place.refused("load_book", &json!({"sheet": nothing}));
        assert!(asked.starts_with("error[question_sheet]"), "{asked}");
    }
    place.write("one.csv", "Account,ARR\nAcme,7\n");
    let refused = place.refused("load_book", &json!({"path": "one.csv", "sheet": "April"}));
    let call = json!({"path": "one.csv", "sheet": "April"});
    let loaded = place.json("load_book", &with_fix(&call, &fix_of(&refused).unwrap()));
    assert_eq!(total(&loaded), 7.0);
    assert!(!place.model().contains("sheet ="), "{}", place.model());
}

/// Another file need not have the sheet of the first one, and the same file must.
#[test]
fn a_kept_sheet_that_another_file_lacks_is_forgotten() {
    let place = Place::new();
    place.write("march.md", two_tables(["March", "Old"]));
    place.json("load_book", &json!({"path": "march.md", "sheet": "March", "as_of": AS_OF}));
    place.write("april.csv", "Account,ARR\nAcme,7\n");
    assert_eq!(total(&place.json("load_book", &json!({"path": "april.csv"}))), 7.0);
    place.json("load_book", &json!({"path": "march.md", "sheet": "March", "as_of": AS_OF}));
    place.write("march.md", two_tables(["April", "Old"]));
    let refused = place.refused("load_book", &json!({}));
    assert!(
        refused.contains("the model keeps this") && refused.contains(r#"{"sheet":null}"#),
        "{refused}"
    );
}

/// Columns and answers of the model that are applied to another file are listed, once.
#[test]
fn what_is_applied_to_another_file_is_said() {
    let place = Place::with_book(OLD);
    let call = json!({"path": "book.csv", "as_of": AS_OF, "columns": {"arr": "Worth"}, "answers": {"duplicates": "sum"}});
    let first = place.json("load_book", &call);
    assert_eq!((total(&first), finding(&first, "kept_from_model")), (350.0, None));
    assert_eq!(finding(&place.json("load_book", &json!({})), "kept_from_model"), None);
    place.write("next.csv", "Account ID,Account,Worth\nA1,Acme,1\nA1,Acme,2\n");
    let next = place.json("load_book", &json!({"path": "next.csv"}));
    let said = finding(&next, "kept_from_model").unwrap();
    for word in ["`book.csv`", "columns arr = `Worth`", "answers duplicates = `sum`"] {
        assert!(said.contains(word), "{said}");
    }
    let own = json!({"path": "book.csv", "columns": {"arr": "Worth"}, "answers": {"duplicates": "sum"}});
    assert_eq!(
        finding(&place.json("load_book", &own), "kept_from_model"),
        None,
        "given again"
    );
}

/// An entry of the model that does not fit the new file is named as the model's, and the fix takes it back.
#[test]
fn what_does_not_fit_another_file_can_be_taken_back() {
    let place = Place::new();
    place.write(
        "subs.csv",
        "account_id,mrr,start_date,end_date,subscription_id\nA1,10,2025-01-01,,s1\nA1,5,2025-01-01,,s2\n",
    );
    let rolled =
        json!({"path": "subs.csv", "as_of": AS_OF, "answers": {"duplicates": "roll_up"}, "columns": {"id": "account_id"}});
    place.json("load_book", &rolled);
    place.write("next.csv", "Key,Account,ARR\nA1,Acme,70\n");
    let mut call = json!({"path": "next.csv"});
    for code in ["column_not_found", "bad_answer"] {
        let refused = place.refused("load_book", &call);
        assert!(refused.starts_with(&format!("error[{code}]")), "{refused}");
        assert!(refused.contains("the model keeps this from an earlier call"), "{refused}");
        call = with_fix(&call, &fix_of(&refused).unwrap());
    }
    assert_eq!(call["answers"], json!({"duplicates": null}));
    assert_eq!(total(&place.json("load_book", &call)), 70.0);
    // An entry that the call itself gives is not the model's.
    let own = place.refused("load_book", &json!({"columns": {"arr": "Nowhere"}}));
    assert!(!own.contains("the model keeps"), "{own}");
}

/// Without a book the fix alone is a whole call: it names the file.
#[test]
fn a_fix_names_the_file_where_no_book_is_loaded() {
    let place = Place::with_book("Account ID,Account,ARR\nA1,Acme,1\nA1,Acme,2\n");
    let refused = place.refused("load_book", &json!({"path": "book.csv"}));
    let fix = fix_of(&refused).unwrap();
    assert_eq!(fix["path"], "book.csv");
    assert_eq!(total(&place.json("load_book", &fix)), 3.0);
    let again = place.refused("load_book", &json!({"path": "book.csv", "answers": {"duplicates": null}}));
    assert_eq!(fix_of(&again).unwrap().get("path"), None, "the model names the book: {again}");
}

/// A file with a header and no rows is no book, for either face.
#[test]
fn a_header_alone_is_no_book() {
    let place = Place::with_book("Account,ARR\n");
    let refused = place.refused("load_book", &json!({"path": "book.csv"}));
    assert!(
        refused.starts_with("error[no_accounts]") && refused.contains("a header and no rows"),
        "{refused}"
    );
    assert!(!place.path(".keep-segment/segmentation.toml").exists());
}
