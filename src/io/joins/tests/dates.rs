//! Day and month in joined files: one order a file, and a question where ARR hangs on it.

use super::*;

const BOOK: &str = "account_id,name\n1,Acme\n2,Beta\n3,Gama\n";

#[test]
fn one_column_decides_for_the_file() {
    let text = "account_id,start date,end date,arr\n1,01/10/2026,31/12/2027,1000\n2,01/02/2026,31/01/2027,500\n";
    let loaded = joined(BOOK, &[(JoinKind::Subscriptions, text)], &[]).unwrap();
    assert_eq!(arr_of(&loaded), [("2", 500)], "the first starts in October");
    assert!(loaded.questions.iter().all(|question| question.id != "date_order"));
}

#[test]
fn arr_that_hangs_on_the_order_is_asked_for() {
    let text = "account_id,start date,end date,arr\n1,01/10/2025,05/07/2026,1000\n2,01/02/2025,05/08/2026,500\n";
    let files = [(JoinKind::Subscriptions, text)];
    let error = joined(BOOK, &files, &[]).unwrap_err();
    assert_eq!(
        (error.code(), error.problems()[0].place.as_deref(), error.fix()),
        (
            "question_date_order",
            Some("answers.date_order"),
            Some(json!({"answers": {"date_order": "day_first"}}))
        )
    );
    let loaded = joined(BOOK, &files, &[("date_order", "day_first")]).unwrap();
    assert_eq!(arr_of(&loaded), [("1", 1000), ("2", 500)]);
    let loaded = joined(BOOK, &files, &[("date_order", "month_first")]).unwrap();
    assert!(loaded.book.is_empty());
    // Either way they have begun: nothing but the age of the accounts hangs on it.
    let starts = "account_id,start date,arr\n1,01/10/2025,1000\n2,01/02/2025,500\n";
    let loaded = joined(BOOK, &[(JoinKind::Subscriptions, starts)], &[]).unwrap();
    assert_eq!(arr_of(&loaded), [("1", 1000), ("2", 500)]);
    assert!(
        loaded
            .questions
            .iter()
            .any(|q| q.id == "date_order" && q.text.contains("`subscriptions.csv`"))
    );
}

#[test]
fn rows_of_the_book_itself_are_read_by_the_same_rule() {
    let decided = "subscription_id,account_id,start date,end date,amount,interval\n\
        s1,1,01/10/2026,31/12/2027,100,month\ns2,2,01/02/2026,31/01/2027,50,month\n";
    let loaded = joined(decided, &[], &[("duplicates", "roll_up")]).unwrap();
    assert_eq!(arr_of(&loaded), [("2", 600)]);
    assert!(loaded.questions.iter().all(|question| question.id != "date_order"));
    let open = "subscription_id,account_id,start date,end date,amount,interval\n\
        s1,1,01/10/2025,05/07/2026,100,month\ns2,2,01/02/2025,05/08/2026,50,month\n";
    assert_eq!(
        joined(open, &[], &[("duplicates", "roll_up")]).unwrap_err().code(),
        "question_date_order"
    );
}

#[test]
fn who_has_left_is_asked_for_too() {
    let book = "account_id,arr,churn date\n1,100,05/07/2026\n2,200,\n";
    assert_eq!(joined(book, &[], &[]).unwrap_err().code(), "question_date_order");
    assert_eq!(joined(book, &[], &[("date_order", "day_first")]).unwrap().book.len(), 2);
    let past = "account_id,arr,churn date\n1,100,05/07/2025\n2,200,\n";
    assert_eq!(joined(past, &[], &[]).unwrap().book.len(), 1);
    let paying = "account_id,arr\n1,100\n2,200\n";
    let churn = [(JoinKind::Churn, "account_id,churn_date\n1,05/07/2026\n")];
    assert_eq!(joined(paying, &churn, &[]).unwrap_err().code(), "question_date_order");
    let usage = [(JoinKind::Usage, "account_id,usage_date\n1,05/06/2026\n")];
    let loaded = joined(paying, &usage, &[]).unwrap();
    assert!(
        loaded
            .questions
            .iter()
            .any(|q| q.id == "date_order" && q.text.contains("`usage.csv`"))
    );
}
