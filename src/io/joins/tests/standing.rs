//! How accounts stand by what is joined: left and live at once, not started, and logs that end too early.

use super::*;

fn said<'l>(loaded: &'l Loaded, code: &str) -> Option<&'l str> {
    let finding = loaded.findings.iter().find(|finding| finding.code == code);
    finding.map(|finding| finding.text.as_str())
}

#[test]
fn accounts_marked_as_left_that_are_live_are_told_of() {
    let text = "Account ID,Account Name,churned\nA1,Acme,True\nA2,Beta,False\n";
    let subscriptions = "account_id,start_date,end_date,mrr\nA1,2025-01-01,,10\nA2,2025-01-01,,10\n";
    let files = [(JoinKind::Subscriptions, subscriptions)];
    let loaded = joined(text, &files, &[]).unwrap();
    let told = said(&loaded, "left_but_live").unwrap();
    assert!(told.starts_with("1 account, $120 ARR, marked as left by `churned`"), "{told}");
    let loaded = joined(text, &files, &[("left_but_live", "set_aside")]).unwrap();
    assert_eq!((arr_of(&loaded), said(&loaded, "left_but_live")), (vec![("A2", 120)], None));
    let churn = (JoinKind::Churn, "account_id,churn_date\nA2,2026-01-01\n");
    let loaded = joined("Account ID\nA1\nA2\n", &[files[0], churn], &[]).unwrap();
    assert!(said(&loaded, "left_but_live").unwrap().contains("`churn.left_at`"));
    assert_eq!(loaded.book.len(), 2);
    // Without subscriptions a mark says what it says.
    let loaded = joined("Account ID,ARR,churned\nA1,10,True\nA2,20,False\n", &[], &[]).unwrap();
    assert_eq!((loaded.book.len(), said(&loaded, "left_but_live")), (1, None));
}

#[test]
fn accounts_that_have_not_started_have_not_left() {
    let subscriptions = "account_id,start_date,end_date,mrr\nA1,2026-09-01,,10\nA2,2025-01-01,2026-01-01,10\nA3,2025-01-01,,10\n";
    let loaded = joined(BOOK, &[(JoinKind::Subscriptions, subscriptions)], &[]).unwrap();
    let aside: Vec<(Reason, &str)> = loaded.set_aside.iter().map(|row| (row.reason, row.note.as_str())).collect();
    assert_eq!(
        aside,
        [
            (Reason::Churned, "not started: its subscriptions begin after 2026-06-30"),
            (Reason::Churned, "no subscription is live")
        ]
    );
    let (to_come, left) = (
        said(&loaded, "rows_not_started").unwrap(),
        said(&loaded, "rows_churned").unwrap(),
    );
    assert!(to_come.contains("`A1`") && !to_come.contains("keep_churned"), "{to_come}");
    assert!(left.starts_with("1 row set aside") && !left.contains("`A1`"), "{left}");
    let book = "subscription_id,account_id,start date,end date,amount,interval\n\
        s1,1,2026-10-01,,100,month\ns2,2,2025-02-01,,50,month\n";
    let loaded = joined(book, &[], &[("duplicates", "roll_up")]).unwrap();
    assert!(said(&loaded, "rows_not_started").is_some() && said(&loaded, "rows_churned").is_none());
}

#[test]
fn a_log_that_ends_long_before_the_book_is_told_of() {
    let paying = "account_id,arr\nA1,100\nA2,200\n";
    for (newest, stale) in [("2026-03-31", true), ("2026-04-02", false), ("2026-09-01", false)] {
        let usage = format!("account_id,usage_date\nA1,2025-06-05\nA2,{newest}\n");
        let loaded = joined(paying, &[(JoinKind::Usage, &usage)], &[]).unwrap();
        assert_eq!(
            said(&loaded, "join_stale").is_some_and(|text| text.contains(newest)),
            stale,
            "{newest}"
        );
    }
}

/// A blank there says that the account has not left.
#[test]
fn completeness_leaves_out_who_has_not_left() {
    let paying = "account_id,arr,industry\nA1,100,\nA2,200,\n";
    let loaded = joined(paying, &[(JoinKind::Churn, "account_id,churn_date\nA1,2026-09-01\n")], &[]).unwrap();
    let told = said(&loaded, "completeness").unwrap();
    assert!(told.contains("`industry`") && !told.contains("left_at"), "{told}");
}
