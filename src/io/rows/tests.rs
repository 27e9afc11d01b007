//! Amounts as they stand in rows: cut at their comma, in cents, typed by their file, and which of two rows is the latest.

use jiff::civil::date;

use crate::error::Result;
use crate::io::{book, table_of};
use crate::model::control::Control;
use crate::model::load::{LoadPlan, Loaded};
use crate::model::role::Role;

fn read(text: &str, name: &str, answers: &[(&str, &str)]) -> Result<Loaded> {
    let plan = LoadPlan {
        answers: answers.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect(),
        ..LoadPlan::at(date(2026, 11, 23))
    };
    book::build(table_of(text.as_bytes(), name)?, &[], &plan, &Control::default())
}

/// ARR by account, and the lines that were set aside.
type Outcome = (Vec<(String, i64)>, Vec<(u64, &'static str)>);

fn outcome(loaded: &Loaded) -> Outcome {
    let book = &loaded.book;
    let arr = (0..book.len())
        .map(|i| (book.name(i).to_string(), book.arr(i).0 / 100))
        .collect();
    let aside = loaded
        .set_aside
        .iter()
        .map(|row| (book.table.line(row.row), row.reason.code()));
    (arr, aside.collect())
}

#[test]
fn an_amount_cut_at_its_comma_is_never_read() {
    for text in [
        // The surplus cell is the other half.
        "Account,Owner,ARR\nAcme,Jo,$1,795.00\nBeta,Al,600\nGama,Bo,700\n",
        // The surplus cell is the blank that the other half pushed out.
        "Account,ARR,Notes\nAcme,$1,795.00,\nBeta,600,x\nGama,700,y\n",
        "Account,ARR,Notes\nAcme,\"1\",795,,\nBeta,600,x,\nGama,700,y,\n",
    ] {
        let (arr, aside) = outcome(&read(text, "t.csv", &[]).unwrap());
        assert_eq!(arr, [("Beta".to_string(), 600), ("Gama".to_string(), 700)], "{text}");
        assert_eq!(aside, [(2, "unparseable_arr")], "{text}");
    }
    let all = "Account,ARR,Notes\nAcme,$1,795.00,\nBeta,$2,600.00,\n";
    assert_eq!(outcome(&read(all, "t.csv", &[]).unwrap()).1.len(), 2);
}

#[test]
fn a_delimiter_at_the_end_of_each_line_cuts_nothing() {
    let text = "Account,ARR,Health\nAcme,600,100,\nBeta,9000,80,\nGama,7000,70,\n";
    let (arr, aside) = outcome(&read(text, "t.csv", &[]).unwrap());
    assert_eq!((arr.len(), aside.len()), (3, 0));
}

#[test]
fn the_unit_of_arr_says_nothing_of_other_amounts() {
    let text = "id,Name,ARR,MRR,CARR\n1,A,1200000,1000,\n2,B,2400000,2000,\n3,C,,100,\n4,D,,,500\n";
    let (arr, _) = outcome(&read(text, "t.csv", &[("arr_unit", "cents")]).unwrap());
    let of = |name: &str| arr.iter().find(|(n, _)| n == name).map(|(_, arr)| *arr);
    assert_eq!((of("A"), of("C"), of("D")), (Some(12_000), Some(1_200), Some(500)));
    // Where MRR is in the unit of ARR the answer holds for both.
    let alike = "id,Name,ARR,MRR\n1,A,1200000,100000\n2,B,2400000,200000\n3,C,,10000\n";
    let (arr, _) = outcome(&read(alike, "t.csv", &[("arr_unit", "cents")]).unwrap());
    assert_eq!(arr.last(), Some(&("C".to_string(), 1_200)));
    let alone = "id,Name,MRR\n1,A,100000\n";
    let (arr, _) = outcome(&read(alone, "t.csv", &[("arr_unit", "cents")]).unwrap());
    assert_eq!(arr, [("A".to_string(), 12_000)]);
}

#[test]
fn numbers_that_the_file_types_have_a_point() {
    let text = r#"[{"name": "A", "arr": 186.125, "adoption": "85,5"}, {"name": "B", "arr": 12.5, "adoption": "70,25"}]"#;
    let (arr, aside) = outcome(&read(text, "t.json", &[]).unwrap());
    assert_eq!((arr, aside.len()), (vec![("A".to_string(), 186), ("B".to_string(), 12)], 0));
    let open = r#"[{"name": "A", "arr": 186.125}, {"name": "B", "arr": 85.500}]"#;
    assert_eq!(outcome(&read(open, "t.json", &[]).unwrap()).0[0].1, 186);
}

#[test]
fn the_latest_row_is_found_by_the_order_of_dates_that_was_given() {
    let text = "id,Name,ARR,Created\n1,A,100,11/04/2026\n1,A,200,02/05/2026\n2,B,300,01/01/2026\n";
    for (order, arr) in [("day_first", 200), ("month_first", 100)] {
        let loaded = read(text, "t.csv", &[("duplicates", "latest"), ("date_order", order)]).unwrap();
        assert_eq!(outcome(&loaded).0[0].1, arr, "{order}");
    }
}

#[test]
fn rows_that_are_no_subscriptions_do_not_roll_up_whatever_is_joined() {
    use crate::model::load::{Join, JoinKind};
    let text = "id,name\n1,A\n2,B\n";
    let usage = "account_id,event date,feature\n1,2026-06-01,x\n";
    let items = "subscription_id,unit amount,interval\nzz,100,month\n";
    for (kind, joined) in [(JoinKind::Usage, usage), (JoinKind::Items, items)] {
        let join = Join {
            path: "j.csv".into(),
            kind,
            key: (kind == JoinKind::Usage).then(|| "account_id".to_string()),
            date: None,
            sheet: None,
        };
        let plan = LoadPlan {
            answers: [("duplicates".to_string(), "roll_up".to_string())].into(),
            joins: vec![join],
            ..LoadPlan::at(date(2026, 11, 23))
        };
        let tables = [table_of(joined.as_bytes(), "j.csv").unwrap()];
        let book = table_of(text.as_bytes(), "t.csv").unwrap();
        let error = book::build(book, &tables, &plan, &Control::default()).unwrap_err();
        assert!(error.problems().iter().any(|p| p.code == "bad_answer"), "{kind:?} {error}");
    }
}

#[test]
fn a_long_chain_of_parents_takes_no_time() {
    let mut text = String::from("id,name,arr,parent\n0,Top,1,\n");
    (1..30_000).for_each(|i| text.push_str(&format!("{i},N{i},1,{}\n", i - 1)));
    let loaded = read(&text, "t.csv", &[("parents", "roll_up")]).unwrap();
    assert_eq!((loaded.book.len(), loaded.book.total_cents()), (1, 3_000_000));
    assert!(loaded.book.roles.contains_key(&Role::Parent));
}
