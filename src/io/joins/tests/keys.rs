//! Who finds whom: names beside names alike, rows of one account, and the columns that are no keys.

use serde_json::json;

use super::*;

const SUBSCRIPTIONS: JoinKind = JoinKind::Subscriptions;

/// Two firms that differ in the legal suffix keep their own subscriptions; a bare name that both have is nobody's.
#[test]
fn the_whole_name_comes_before_the_bare_one() {
    let book = "account_id,name\n1,Acme Inc\n2,Acme LLC\n3,Beta\n";
    let text = "customer,arr,status\nACME INC,1000,active\nAcme LLC,9000,active\nAcme,70,active\nBeta GmbH,500,active\n";
    let loaded = joined(book, &[(SUBSCRIPTIONS, text)], &[]).unwrap();
    assert_eq!(arr_of(&loaded), [("1", 1000), ("2", 9000), ("3", 500)]);
    let report = &loaded.joins[0];
    assert_eq!(
        (report.rows_unmatched, report.keys_unmatched.as_slice()),
        (1, &["Acme".to_string()][..])
    );
    let twice = "account_id,name\n1,Acme\n2,Acme\n3,Beta\n";
    let loaded = joined(twice, &[(SUBSCRIPTIONS, "customer,arr\nAcme,10\nBeta,20\n")], &[]).unwrap();
    assert_eq!((arr_of(&loaded), loaded.joins[0].rows_unmatched), (vec![("3", 20)], 1));
}

/// A plan that is called like one account is no key beside a column that holds the ids of all.
#[test]
fn the_share_of_keys_that_meet_decides() {
    let text = "name,customer_id,arr,status\nAcme,1,100,active\nGold,2,200,active\nPro,3,300,active\n";
    let loaded = joined("id,name\n1,Acme\n2,Beta\n3,Gama\n", &[(SUBSCRIPTIONS, text)], &[]).unwrap();
    assert_eq!(arr_of(&loaded), [("1", 100), ("2", 200), ("3", 300)]);
    // Small numbers under a bare `id` meet by chance, however many of them do.
    let text = "id,account_id,arr\n1,3,10\n2,3,20\n3,9,40\n";
    let loaded = joined("id,name\n1,Acme\n2,Beta\n3,Gama\n", &[(SUBSCRIPTIONS, text)], &[]).unwrap();
    assert_eq!(arr_of(&loaded), [("3", 30)]);
}

/// The key of joined columns says no more than the book does, and must not become its id.
#[test]
fn the_key_of_joined_columns_plays_no_role() {
    let book = "id,name,arr\n1,Acme,100\n1,Acme,150\n2,Beta,200\n3,Gama,300\n";
    let health = "account_id,health\n1,80\n2,60\n";
    let files = [(JoinKind::Columns, health)];
    assert_eq!(joined(book, &files, &[]).unwrap_err().code(), "question_duplicates");
    let loaded = joined(book, &files, &[("duplicates", "sum")]).unwrap();
    assert_eq!(arr_of(&loaded), [("1", 250), ("2", 200), ("3", 300)]);
    assert_eq!(loaded.joins[0].columns, ["health"]);
    // Another column of ids, which only some accounts have.
    let other = "name,account_id\nAcme,A\nBeta,B\n";
    let loaded = joined(
        "id,name,arr\n1,Acme,100\n2,Beta,200\n3,Gama,300\n",
        &[(JoinKind::Columns, other)],
        &[],
    )
    .unwrap();
    assert_eq!(arr_of(&loaded), [("1", 100), ("2", 200), ("3", 300)]);
}

/// What a file says of an account stands on each of its rows, so identical rows stay identical.
#[test]
fn identical_rows_stay_identical() {
    let book = "account_id,name,arr\n1,Acme,100\n1,Acme,100\n2,Beta,200\n3,Gama,300\n";
    let health = "account_id,health\n1,80\n2,60\n";
    let loaded = joined(book, &[(JoinKind::Columns, health)], &[]).unwrap();
    assert_eq!(arr_of(&loaded), [("1", 100), ("2", 200), ("3", 300)]);
    assert_eq!((loaded.set_aside.len(), loaded.set_aside[0].reason), (1, Reason::Duplicate));
    assert_eq!(loaded.joins[0].accounts_without, 1);
}

/// ARR that was rolled up is the account's, whichever of its rows is kept and however many there are.
#[test]
fn a_roll_up_counts_once() {
    let text = "account_id,arr\n1,1000\n2,200\n";
    let identical = "account_id,name\n1,Acme\n1,Acme\n2,Beta\n";
    let loaded = joined(identical, &[(SUBSCRIPTIONS, text)], &[]).unwrap();
    assert_eq!(arr_of(&loaded), [("1", 1000), ("2", 200)]);
    assert_eq!(loaded.set_aside[0].reason, Reason::Duplicate);
    let differing = "account_id,name,modified\n1,Acme,2026-01-01\n1,Acme SE,2026-02-01\n2,Beta,2026-01-01\n";
    for choice in ["sum", "latest", "first"] {
        let loaded = joined(differing, &[(SUBSCRIPTIONS, text)], &[("duplicates", choice)]).unwrap();
        assert_eq!(arr_of(&loaded), [("1", 1000), ("2", 200)], "{choice}");
    }
    // The first row was deleted: the second holds the ARR.
    let deleted = "account_id,name,is deleted\n1,Acme,yes\n1,Acme,no\n2,Beta,no\n";
    assert_eq!(
        arr_of(&joined(deleted, &[(SUBSCRIPTIONS, text)], &[]).unwrap()),
        [("1", 1000), ("2", 200)]
    );
}

/// An error about one join is mended by the list of all, as it was sent.
#[test]
fn errors_about_keys_mend_the_whole_list() {
    let items = "sub_ref,subscription_id,amount,interval\ns1,s2,100,month\ns2,s1,50,month\n";
    let subscriptions = "subscription_id,account_id,status\ns1,1,active\ns2,2,active\n";
    let files = [(SUBSCRIPTIONS, subscriptions), (JoinKind::Items, items)];
    let book = "id,name\n1,A\n2,B\n";
    let of = |keys: [Option<&str>; 2]| {
        load(
            book,
            &files,
            &plan(&[(SUBSCRIPTIONS, keys[0]), (JoinKind::Items, keys[1])], &[]),
        )
    };
    let error = of([None, Some("subscription")]).unwrap_err();
    assert_eq!(
        (error.code(), error.problems()[0].place.as_deref()),
        ("column_not_found", Some("joins.1.key"))
    );
    let list = |first: serde_json::Value, second: serde_json::Value| json!({"joins": [first, second]});
    assert_eq!(
        error.fix(),
        Some(list(
            json!({"path": "subscriptions.csv", "kind": "subscriptions"}),
            json!({"path": "items.csv", "kind": "items", "key": "subscription_id"})
        ))
    );
    for wrong in ["acount_id", "status"] {
        let fix = of([Some(wrong), Some("subscription_id")]).unwrap_err().fix();
        let mended = json!({"path": "subscriptions.csv", "kind": "subscriptions", "key": "account_id"});
        let other = json!({"path": "items.csv", "kind": "items", "key": "subscription_id"});
        assert_eq!(fix, Some(list(mended, other)), "{wrong}");
    }
    assert_eq!(arr_of(&of([None, Some("sub_ref")]).unwrap()), [("1", 1200), ("2", 600)]);
}
