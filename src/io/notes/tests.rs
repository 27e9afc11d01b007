//! What loading says about statuses and duplicates, on small books.

use jiff::civil::date;

use crate::error::Result;
use crate::io::book::build;
use crate::io::table_of;
use crate::model::control::Control;
use crate::model::load::{LoadPlan, Loaded};

fn read(text: &str, not_customers: &[&str]) -> Result<Loaded> {
    let plan = LoadPlan {
        not_customers: not_customers.iter().map(|status| status.to_string()).collect(),
        ..LoadPlan::at(date(2026, 11, 23))
    };
    table_of(text.as_bytes(), "t.csv").and_then(|table| build(table, &[], &plan, &Control::default()))
}

/// Trials and leads are told, and set aside once the team has said so; a column of stages is no list of statuses.
#[test]
fn other_statuses_are_told_and_can_be_set_aside() {
    let text = "id,name,arr,status\n1,A,100,Aktiv\n2,B,50,Test\n3,C,70,test\n4,D,5,\n5,E,8,Gekündigt\n6,F,9,Active - M&A\n";
    let told = |loaded: &Loaded| {
        let mine = loaded.findings.iter().find(|f| f.code == "other_statuses");
        mine.map(|finding| finding.text.clone())
    };
    let loaded = read(text, &[]).unwrap();
    let words = told(&loaded).unwrap();
    assert!(
        words.contains("`Test` (1 account, $50), `test` (1 account, $70); load_book"),
        "{words}"
    );
    assert_eq!(loaded.book.len(), 5);
    let loaded = read(text, &["TEST "]).unwrap();
    let aside: Vec<(usize, &str)> = loaded.set_aside.iter().map(|s| (s.row, s.reason.code())).collect();
    assert_eq!(aside, [(1, "not_customer"), (2, "not_customer"), (4, "churned")]);
    assert_eq!(told(&loaded), None);
    let stages = "id,name,arr,status\n1,A,100,Onboarding\n2,B,50,Adoption\n";
    assert_eq!(told(&read(stages, &[]).unwrap()), None);
}

#[test]
fn the_question_of_duplicates_shows_the_amounts() {
    let error = read("id,name,arr\n1,A,100\n1,A,2500.50\n2,B,5\n", &[])
        .unwrap_err()
        .to_string();
    assert!(error.contains("found: `1` 2 rows of 100.00 and 2,500.50"), "{error}");
}
