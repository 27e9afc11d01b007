//! Several files through the built binary: subscriptions that come to ARR, logs that become columns, on real exports.

use std::path::Path;

use serde_json::{Value, json};

use crate::books::real_books;
use crate::support::{Place, assert_is_error, fix_of, with_fix};

/// A workspace with the files of one of the real books, where it is there.
fn place_of(book: &str) -> Option<Place> {
    let folder = real_books()?.join(book);
    if !folder.is_dir() {
        println!("skipped: there is no {}", folder.display());
        return None;
    }
    let place = Place::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let name = path.file_name().and_then(|name| name.to_str()).unwrap();
        place.write(name, std::fs::read(&path).unwrap());
    }
    Some(place)
}

/// Every joined file accounts for its rows; the accounts and ARR of the book.
fn certified(answer: &Value) -> (u64, f64) {
    let data = &answer["data"];
    let number = |value: &Value| value.as_u64().unwrap();
    let rows = |list: &Value| list.as_array().unwrap().iter().map(|row| number(&row["rows"])).sum::<u64>();
    assert_eq!(
        number(&data["rows_read"]),
        number(&data["accounts"]) + number(&data["merged"]) + rows(&data["set_aside"])
    );
    for joined in data["joins"].as_array().into_iter().flatten() {
        let counted = number(&joined["rows_used"]) + rows(&joined["left_out"]) + number(&joined["rows_unmatched"]);
        assert_eq!(number(&joined["rows_read"]), counted, "{joined}");
    }
    (number(&data["accounts"]), data["total_arr"].as_f64().unwrap())
}

fn roles(answer: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
    let columns = answer["data"]["columns"].as_array().unwrap();
    columns.iter().map(|c| (text(&c["header"]), text(&c["role"]))).collect()
}

/// Without the column of this header.
fn without(csv_file: &Path, header: &str) -> Vec<u8> {
    let mut reader = csv::Reader::from_path(csv_file).unwrap();
    let at = reader.headers().unwrap().iter().position(|name| name == header).unwrap();
    let kept = |record: &csv::StringRecord| {
        let cells = record.iter().enumerate().filter(|(i, _)| *i != at);
        cells.map(|(_, cell)| cell.to_string()).collect::<Vec<String>>()
    };
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(kept(&reader.headers().unwrap().clone())).unwrap();
    for record in reader.records() {
        writer.write_record(kept(&record.unwrap())).unwrap();
    }
    writer.into_inner().unwrap()
}

/// Live subscriptions at the end of the data come to the same ARR from the year's amount and from twelve times the month's.
#[test]
fn ravenstack_comes_to_its_active_arr_twice() {
    let Some(place) = place_of("ravenstack") else { return };
    let call = |place: &Place| {
        let joins = json!([{"path": "subscriptions.csv", "kind": "subscriptions"}]);
        place.json(
            "load_book",
            &json!({"path": "accounts.csv", "as_of": "2024-12-31", "joins": joins}),
        )
    };
    let stated = call(&place);
    assert_eq!(certified(&stated), (500, 121_915_296.0));
    let bare = without(&place.path("subscriptions.csv"), "arr_amount");
    place.write("subscriptions.csv", bare);
    let monthly = call(&place);
    assert_eq!(certified(&monthly), (500, 121_915_296.0));
    let source = |answer: &Value| answer["data"]["joins"][0]["arr"].clone();
    assert_eq!(source(&stated), source(&monthly));
}

/// Usage finds its accounts through subscriptions; each log gives the columns that later steps score.
#[test]
fn ravenstack_s_logs_become_columns_with_roles() {
    let Some(place) = place_of("ravenstack") else { return };
    let joins = json!([
        {"path": "feature_usage.csv", "kind": "usage"},
        {"path": "subscriptions.csv", "kind": "subscriptions"},
        {"path": "support_tickets.csv", "kind": "tickets"},
        {"path": "churn_events.csv", "kind": "churn"},
    ]);
    let answer = place.json(
        "load_book",
        &json!({"path": "accounts.csv", "as_of": "2024-12-31", "joins": joins}),
    );
    assert_eq!(certified(&answer), (500, 121_915_296.0));
    let key = answer["data"]["joins"][0]["key"].as_str().unwrap();
    assert!(key.contains("subscription_id"), "{key}");
    let roles = roles(&answer);
    for (header, role) in [
        ("subscriptions.arr", "arr"),
        ("usage.trend", "usage_trend"),
        ("tickets.escalations", "escalations"),
        ("tickets.csat", "csat"),
    ] {
        assert!(roles.contains(&(header.into(), role.into())), "{header}: {roles:?}");
    }
}

/// What a customer earns is not what it pays.
#[test]
fn revenue_of_the_customer_is_not_taken_for_arr() {
    for (book, file, header) in [
        ("maven_crm", "accounts.csv", "revenue"),
        ("json_exports", "salesforce_Account.json", "AnnualRevenue"),
    ] {
        let Some(place) = place_of(book) else { continue };
        let ran = place.call("load_book", &json!({"path": file, "as_of": "2026-06-30"}));
        assert_eq!(ran.code, 2, "{ran:?}");
        assert_is_error(&ran.out);
        assert!(ran.out.contains("error[arr_not_found]"), "{}", ran.out);
        assert!(ran.out.contains(&format!("`{header}` was not taken")), "{}", ran.out);
        assert!(!ran.out.contains("fix:"), "{}", ran.out);
    }
}

/// Nested customers with the scores of another tool: both files hold the same four accounts.
#[test]
fn nested_json_is_read() {
    let Some(place) = place_of("json_exports") else { return };
    for file in ["csm_sample_customer_data.json", "csm_expected_output.json"] {
        let answer = place.json("load_book", &json!({"path": file, "as_of": "2026-06-30"}));
        assert_eq!(certified(&answer), (4, 393_000.0), "{file}");
    }
}

/// Lines of 1,500.00 a month, once and twice: amounts stand in cents, in the list of plans.
#[test]
fn cents_and_intervals_of_billing_tables_come_to_a_year() {
    let Some(place) = place_of("billing") else { return };
    let load = |prices: &str| {
        let joins = json!([
            {"path": "stripe_subscription_item.csv", "kind": "items"},
            {"path": prices, "kind": "prices"},
        ]);
        let arguments = json!({
            "path": "stripe_subscription_history.csv",
            "as_of": "2021-02-18",
            "answers": {"duplicates": "roll_up"},
            "joins": joins,
        });
        place.json("load_book", &arguments)
    };
    let answer = load("stripe_plan.csv");
    assert_eq!(certified(&answer), (2, 54_000.0));
    // The other list has none of the plans: nobody gets an amount, and the plans are named.
    let answer = load("stripe_price.csv");
    assert_eq!(certified(&answer), (0, 0.0));
    let missing = answer["data"]["joins"][1]["keys_missing"].as_array().unwrap();
    assert!(missing.contains(&json!("zb1")), "{missing:?}");
}

/// Periods of subscriptions without any file of accounts: half open, so one that ends on a day is gone on that day.
#[test]
fn subscription_rows_alone_are_rolled_up_when_asked() {
    let Some(place) = place_of("mrr_playbook") else { return };
    let arguments = json!({"path": "subscription_periods.csv", "as_of": "2019-11-15"});
    let asked = place.call("load_book", &arguments);
    assert!(asked.out.contains("error[question_duplicates]"), "{asked:?}");
    let answer = place.json(
        "load_book",
        &json!({"path": "subscription_periods.csv", "as_of": "2019-11-15", "answers": {"duplicates": "roll_up"}}),
    );
    assert_eq!(certified(&answer), (42, 22_080.0));
}

/// Three accounts with subscriptions beside them.
fn with_subscriptions() -> Place {
    let place = Place::new();
    place.write("book.csv", "id,name\n1,Acme\n2,Beta\n3,Gama\n");
    place.write(
        "subscriptions.csv",
        "subscription_id,account_id,status,arr\ns1,1,active,100\ns2,2,active,200\ns3,3,active,300\n",
    );
    place
}

/// What is missing or misspelt in a list of joins is named once, and the list as it was sent, mended, is the fix.
#[test]
fn errors_about_joins_mend_the_list() {
    let place = with_subscriptions();
    for (joins, code) in [
        (json!([{"path": "subscriptions.csv"}]), "missing_argument"),
        (json!([{"path": "subs.csv", "kind": "subscriptions"}]), "file_not_found"),
        (
            json!([{"path": "subscriptions.csv", "kind": "subscriptions", "key": "acct"}]),
            "column_not_found",
        ),
        (
            json!([{"path": "subscriptions.csv", "kind": "subscriptions", "key": "status"}]),
            "join_key_not_found",
        ),
        (
            json!([{"path": "subscriptions.csv", "kind": "subscriptions", "sheet": "A"}]),
            "sheet_not_found",
        ),
    ] {
        let arguments = json!({"path": "book.csv", "as_of": "2026-06-30", "joins": joins});
        let error = place.refused("load_book", &arguments);
        assert!(error.starts_with(&format!("error[{code}]")), "{error}");
        assert_eq!(error.matches("error[").count(), 1, "{error}");
        let answer = place.json("load_book", &with_fix(&arguments, &fix_of(&error).unwrap()));
        assert_eq!(certified(&answer), (3, 600.0), "{error}");
    }
    // A name that says nothing gives no fix, and the kinds that there are.
    place.write("x.csv", "account_id,arr\n1,100\n");
    let error = place.refused(
        "load_book",
        &json!({"path": "book.csv", "joins": [{"path": "x.csv"}, {"path": "x.csv"}]}),
    );
    assert_eq!(error.matches("error[missing_argument]").count(), 2, "{error}");
    assert!(
        error.contains("`subscriptions`, `items`") && !error.contains("fix:"),
        "{error}"
    );
}

/// Another book beside joined files of the quarter before is said, whether or not they are still there in a new version.
#[test]
fn joined_files_that_stay_are_named() {
    let place = with_subscriptions();
    let joins = json!([{"path": "subscriptions.csv", "kind": "subscriptions"}]);
    let kept = |answer: &Value| {
        let findings = answer["findings"].as_array().unwrap();
        findings.iter().any(|f| f["code"] == "joins_kept")
    };
    let first = place.json("load_book", &json!({"path": "book.csv", "joins": joins}));
    let same = place.json("load_book", &json!({"path": "book.csv"}));
    place.write("q3.csv", "id,name\n1,Acme\n2,Beta\n3,Gama\n");
    let other = place.json("load_book", &json!({"path": "q3.csv"}));
    let told = place.json("load_book", &json!({"path": "book.csv", "joins": joins}));
    assert_eq!([&first, &same, &other, &told].map(kept), [false, false, true, false]);
}
