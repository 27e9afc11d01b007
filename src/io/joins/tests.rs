//! Joined files: who finds whom, what counts, and that every row is accounted for.

mod currencies;
mod dates;
mod keys;
mod standing;

use std::collections::BTreeMap;

use jiff::civil::date;
use serde_json::json;

use crate::error::Result;
use crate::io::{book, table_of};
use crate::model::control::Control;
use crate::model::load::{Join, JoinKind, Joined, LoadPlan, Loaded, Reason};
use crate::model::role::Role;
use crate::model::table::Table;

const PAYING: &str = "Account ID,Account Name,ARR\nA1,Acme,10\nA2,Beta,20\nA3,Gamma,30\n";
const BOOK: &str = "Account ID,Account Name,Industry\nA1,Acme,Retail\nA2,Beta Inc.,Health\nA3,Gamma,Retail\n";

fn plan(joins: &[(JoinKind, Option<&str>)], answers: &[(&str, &str)]) -> LoadPlan {
    let join = |(kind, key): &(JoinKind, Option<&str>)| Join {
        path: format!("{}.csv", kind.code()),
        kind: *kind,
        key: key.map(str::to_string),
        date: None,
        sheet: None,
    };
    LoadPlan {
        joins: joins.iter().map(join).collect(),
        answers: answers.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect(),
        ..LoadPlan::at(date(2026, 6, 30))
    }
}

fn joined(text: &str, files: &[(JoinKind, &str)], answers: &[(&str, &str)]) -> Result<Loaded> {
    let joins: Vec<(JoinKind, Option<&str>)> = files.iter().map(|(kind, _)| (*kind, None)).collect();
    load(text, files, &plan(&joins, answers))
}

fn load(text: &str, files: &[(JoinKind, &str)], plan: &LoadPlan) -> Result<Loaded> {
    let table = |text: &str, name: &str| table_of(text.as_bytes(), name);
    let tables: Vec<Table> = files
        .iter()
        .map(|(kind, text)| table(text, &format!("{}.csv", kind.code())).unwrap())
        .collect();
    book::build(table(text, "book.csv")?, &tables, plan, &Control::default())
}

/// Rows read = rows that count + left out + of no account.
fn assert_accounted(joined: &Joined) {
    let left: usize = joined.left_out.iter().map(|left| left.rows).sum();
    assert_eq!(
        joined.rows_read,
        joined.rows_used + left + joined.rows_unmatched,
        "{joined:?}"
    );
}

fn arr_of(loaded: &Loaded) -> Vec<(&str, i64)> {
    (0..loaded.book.len())
        .map(|i| (loaded.book.id(i), loaded.book.arr(i).0 / 100))
        .collect()
}

fn left_out(joined: &Joined) -> Vec<(&'static str, usize)> {
    joined.left_out.iter().map(|left| (left.reason, left.rows)).collect()
}

#[test]
fn live_rows_come_to_a_year_and_the_rest_is_counted() {
    let subscriptions = "subscription_id,account_id,status,start_date,end_date,mrr\n\
        s1,A1,active,2025-01-01,,100\n\
        s2,A1,active,2025-01-01,2026-07-01,50.5\n\
        s3,A1,active,2025-01-01,2026-06-30,999\n\
        s4,A1,canceled,2025-01-01,,999\n\
        s5,A1,active,2026-07-01,,999\n\
        s6,A2,trialing,2026-06-01,,10\n\
        s7,A3,active,2024-01-01,2025-01-01,70\n\
        s8,Z9,active,2024-01-01,,30\n\
        s9,A1,active,2025-01-01,,soon\n";
    let loaded = joined(BOOK, &[(JoinKind::Subscriptions, subscriptions)], &[]).unwrap();
    assert_eq!(arr_of(&loaded), [("A1", 1_806), ("A2", 0)]);
    let [aside] = loaded.set_aside.as_slice() else {
        panic!("{:?}", loaded.set_aside)
    };
    assert_eq!(
        (aside.reason, aside.note.as_str()),
        (Reason::Churned, "no subscription is live")
    );
    let report = &loaded.joins[0];
    assert_accounted(report);
    assert_eq!(
        left_out(report),
        [
            ("ended", 2),
            ("canceled", 1),
            ("not_started", 1),
            ("trial", 1),
            ("unreadable", 1)
        ]
    );
    assert_eq!(
        (report.rows_unmatched, &report.keys_unmatched[..]),
        (1, &["Z9".to_string()][..])
    );
    assert_eq!((report.arr_cents, report.arr_unmatched_cents), (Some(180_600), Some(36_000)));
    assert!(
        loaded.arr_source.contains("rolled up from a joined file"),
        "{}",
        loaded.arr_source
    );
}

/// Intervals, counts, quantities and cents, as billing systems write them.
#[test]
fn intervals_counts_and_cents_come_to_the_same_year() {
    for (header, row, arr) in [
        ("interval,amount", "month,10.00", 120),
        ("interval,amount", "Yearly,1200", 1_200),
        ("interval,amount", "week,10", 520),
        ("interval,amount", "quarterly,300", 1_200),
        ("billing_frequency,price", "annual,999.99", 999),
        (
            "plan_interval,plan_interval_count,plan_amount,plan_oid",
            "month,6,150000,p",
            3_000,
        ),
        (
            "interval,interval_count,unit_amount,quantity,currency,livemode",
            "month,3,1000,4,usd,true",
            160,
        ),
        (
            "interval,interval_count,unit_amount,quantity,currency,livemode",
            "month,1,1000,4,jpy,true",
            48_000,
        ),
        ("arr,mrr", "1200,100", 1_200),
        ("mrr_cents", "10000", 1_200),
    ] {
        let text = format!("account_id,status,{header}\nA1,active,{row}\n");
        let loaded = joined(BOOK, &[(JoinKind::Subscriptions, &text)], &[]).unwrap_or_else(|e| panic!("{header}: {e}"));
        assert_eq!(loaded.book.total_cents() / 100, arr, "{header}: {row}");
    }
}

#[test]
fn what_could_be_read_two_ways_is_asked() {
    let ask = |text: &str, answers: &[(&str, &str)]| joined(BOOK, &[(JoinKind::Subscriptions, text)], answers);
    let units = "account_id,status,interval,amount,quantity\nA1,active,month,10,3\n";
    let error = ask(units, &[]).unwrap_err();
    assert_eq!(
        (error.code(), error.fix()),
        ("question_quantity", Some(json!({"answers": {"quantity": "per_unit"}})))
    );
    let total = |answer: &str| ask(units, &[("quantity", answer)]).unwrap().book.total_cents() / 100;
    assert_eq!((total("per_unit"), total("total")), (360, 120));
    let cents = "account_id,status,interval,interval_count,amount,currency\nA1,active,month,1,1000,usd\n";
    assert_eq!(ask(cents, &[]).unwrap_err().code(), "question_arr_unit");
    let total = |answer: &str| ask(cents, &[("arr_unit", answer)]).unwrap().book.total_cents() / 100;
    assert_eq!((total("cents"), total("units")), (120, 12_000));
    let two = "account_id,status,interval,amount,currency\nA1,active,month,10,USD\nA1,active,month,10,EUR\n";
    assert_eq!(ask(two, &[]).unwrap_err().code(), "several_currencies");
    let rated = LoadPlan {
        rates: BTreeMap::from([("USD".to_string(), 0.5)]),
        ..plan(&[(JoinKind::Subscriptions, None)], &[])
    };
    let loaded = load(BOOK, &[(JoinKind::Subscriptions, two)], &rated).unwrap();
    assert_eq!((loaded.book.currency.as_str(), loaded.book.total_cents()), ("EUR", 18_000));
}

/// Customers, subscriptions, their lines and a price list, each in a file of its own.
#[test]
fn prices_are_looked_up_through_the_lines() {
    let subscriptions = "id,customer_id,status,created\nsub1,A1,active,2025-01-01\nsub2,A2,past_due,2025-01-01\n";
    let items = "id,subscription_id,plan_id,quantity\ni1,sub1,p1,2\ni2,sub1,p2,1\ni3,sub2,p3,1\ni4,sub9,p1,1\n";
    let prices = "id,amount,currency,interval,interval_count,livemode\np1,150000,usd,month,1,TRUE\np2,120000,usd,year,1,TRUE\np3,90000,usd,month,6,TRUE\n";
    let files = [
        (JoinKind::Subscriptions, subscriptions),
        (JoinKind::Items, items),
        (JoinKind::Prices, prices),
    ];
    let loaded = joined(BOOK, &files, &[]).unwrap();
    assert_eq!(arr_of(&loaded), [("A1", 37_200), ("A2", 1_800)]);
    loaded.joins.iter().for_each(assert_accounted);
    assert_eq!(
        (loaded.joins[1].rows_unmatched, loaded.joins[1].keys_unmatched[0].as_str()),
        (1, "sub9")
    );
}

/// A line without a price must not make its subscription cheaper: the account has no amount, and the plan is named.
#[test]
fn a_price_that_no_file_holds_is_named() {
    let subscriptions = "id,customer_id,status,created\nsub1,A1,active,2025-01-01\nsub2,A2,active,2025-01-01\n";
    let items = "id,subscription_id,plan_id,quantity\ni1,sub1,p1,2\ni2,sub1,p9,1\ni3,sub2,p1,1\n";
    let prices = "id,amount,currency,interval,interval_count,livemode\np1,150000,usd,month,1,TRUE\np2,5,usd,month,1,TRUE\n";
    let files = [
        (JoinKind::Subscriptions, subscriptions),
        (JoinKind::Items, items),
        (JoinKind::Prices, prices),
    ];
    let loaded = joined(BOOK, &files, &[]).unwrap();
    loaded.joins.iter().for_each(assert_accounted);
    assert_eq!(loaded.joins[0].left_out[0].reason, "unreadable");
    let prices = &loaded.joins[2];
    assert_eq!((prices.rows_used, prices.left_out[0].reason), (1, "unused"));
    assert_eq!(
        (prices.rows_missing, prices.keys_missing.as_slice()),
        (1, &["p9".to_string()][..])
    );
    let said = loaded.findings.iter().find(|finding| finding.code == "prices_missing");
    assert!(said.is_some_and(|finding| finding.text.contains("`p9`")));
}

/// Stripe keeps the end of a trial that was paid for early; the status says that it is over.
#[test]
fn a_status_that_says_live_ends_a_trial() {
    let subscriptions = "subscription_id,customer_id,mrr,status,trial_end\n\
                         s1,A1,10,active,2026-09-01\ns2,A2,10,,2026-09-01\ns3,A2,7,,2026-01-01\n";
    let loaded = joined(BOOK, &[(JoinKind::Subscriptions, subscriptions)], &[]).unwrap();
    assert_eq!(arr_of(&loaded), [("A1", 120), ("A2", 84)]);
    assert_eq!(loaded.joins[0].left_out[0].reason, "trial");
}

#[test]
fn keys_are_found_by_id_by_name_and_through_another_file() {
    let subscriptions = "subscription_id,company,mrr,status\ns1,acme,10,active\ns2,BETA,20,active\n";
    let usage = "subscription_id,usage_date\ns1,2026-06-29\ns2,2026-06-20\n";
    let loaded = joined(
        BOOK,
        &[(JoinKind::Subscriptions, subscriptions), (JoinKind::Usage, usage)],
        &[],
    )
    .unwrap();
    assert_eq!(arr_of(&loaded), [("A1", 120), ("A2", 240)]);
    assert!(
        loaded.joins[0].key.contains("`company` to `Account Name`"),
        "{}",
        loaded.joins[0].key
    );
    assert!(
        loaded.joins[1].key.contains("of the subscriptions"),
        "{}",
        loaded.joins[1].key
    );
    let given = plan(&[(JoinKind::Subscriptions, Some("ref"))], &[]);
    let by_key = "ref,account_id,mrr\nA2,A1,10\n";
    assert_eq!(
        arr_of(&load(BOOK, &[(JoinKind::Subscriptions, by_key)], &given).unwrap()),
        [("A2", 120)]
    );
    for (text, plan, code) in [
        (
            "ref,mrr\nnope,10\n",
            plan(&[(JoinKind::Subscriptions, None)], &[]),
            "join_key_not_found",
        ),
        (
            by_key,
            plan(&[(JoinKind::Subscriptions, Some("reff"))], &[]),
            "column_not_found",
        ),
    ] {
        let error = load(BOOK, &[(JoinKind::Subscriptions, text)], &plan).unwrap_err();
        assert_eq!(
            (error.code(), error.problems()[0].place.as_deref()),
            (code, Some("joins.0.key"))
        );
    }
    let twice = [(JoinKind::Subscriptions, by_key), (JoinKind::Subscriptions, by_key)];
    assert_eq!(joined(BOOK, &twice, &[]).unwrap_err().code(), "joined_twice");
}

#[test]
fn logs_become_columns_with_roles() {
    let usage = "account_id,usage_date,feature_name,user_id,usage_count\n\
        A1,2026-06-30,x,u1,3\nA1,2026-06-29,y,u2,1\nA1,2026-05-20,x,u1,2\nA2,2026-05-20,z,u3,5\nA1,2026-07-01,x,u1,9\nA1,soon,x,u1,9\n";
    let tickets = "account_id,submitted_at,closed_at,priority,satisfaction_score,escalation_flag\n\
        A1,2026-06-01,,urgent,,True\nA1,2026-01-01,2026-01-02,low,4.0,False\nA1,2026-01-01,2026-08-02,low,2.0,False\n";
    let nps = "account_id,date,score\nA1,2026-06-01,10\nA1,2026-05-01,9\nA1,2026-04-01,3\nA1,2024-01-01,0\nA1,2026-03-01,77\n";
    let churn = "account_id,churn_date,is_reactivation\nA3,2026-01-01,False\nA2,2025-01-01,False\nA2,2025-02-01,True\n";
    let files = [
        (JoinKind::Usage, usage),
        (JoinKind::Tickets, tickets),
        (JoinKind::Nps, nps),
        (JoinKind::Churn, churn),
    ];
    let loaded = joined(PAYING, &files, &[]).unwrap();
    loaded.joins.iter().for_each(assert_accounted);
    let number = |role: &str, account: usize| {
        let column = loaded.book.column(role).unwrap_or_else(|| panic!("{role}"));
        loaded
            .book
            .number(account, &column)
            .map(|n| (n * 10_000.0).round() / 10_000.0)
    };
    assert_eq!((loaded.book.len(), loaded.set_aside[0].reason), (2, Reason::Churned));
    assert_eq!(
        (number("usage.events_30d", 0), number("usage.events_30d", 1)),
        (Some(4.0), Some(0.0))
    );
    assert_eq!(
        (number("role:usage_trend", 0), number("role:usage_trend", 1)),
        (Some(1.0), Some(-1.0))
    );
    assert_eq!(
        number("role:usage", 0),
        Some(0.0333),
        "two user days of thirty, over two users"
    );
    assert_eq!(
        (number("role:adoption", 0), number("role:adoption", 1)),
        (Some(0.6667), Some(0.3333))
    );
    assert_eq!((number("role:tickets", 0), number("role:tickets", 1)), (Some(2.0), Some(0.0)));
    assert_eq!(
        (number("role:escalations", 0), number("role:csat", 0)),
        (Some(1.0), Some(0.6))
    );
    assert_eq!(number("role:nps", 0), Some(33.3333));
    assert_eq!((number("role:nps", 1), number("role:csat", 1)), (None, None));
    assert_eq!(left_out(&loaded.joins[0]), [("after_as_of", 1), ("undated", 1)]);
    assert_eq!(left_out(&loaded.joins[2]), [("no_answer_from_0_to_10", 1)]);
}

#[test]
fn columns_of_accounts_are_recognised_like_the_books_own() {
    let more = "account_id,NPS,Account Name\nA1,40,other\nA1,50,other\nA2,-10,x\n";
    let text = "Account ID,Account Name,ARR\nA1,Acme,10\nA2,Beta,20\n";
    let loaded = joined(text, &[(JoinKind::Columns, more)], &[]).unwrap();
    let column = loaded.book.column("role:nps").unwrap();
    assert_eq!(
        (loaded.book.number(0, &column), loaded.book.number(1, &column)),
        (Some(40.0), Some(-10.0))
    );
    assert_eq!(
        (loaded.book.name(0), left_out(&loaded.joins[0])),
        ("Acme", vec![("second_row", 1)])
    );
    assert_accounted(&loaded.joins[0]);
    assert!(loaded.book.roles.contains_key(&Role::Nps));
}

/// A flag that says churned does not stand against live subscriptions, and a flag that says nothing does not stand against
/// subscriptions that have ended.
#[test]
fn live_subscriptions_decide_over_flags() {
    let text = "Account ID,Account Name,churned\nA1,Acme,True\nA2,Beta,False\n";
    let subscriptions = "account_id,start_date,end_date,mrr\nA1,2025-01-01,,10\nA2,2025-01-01,2025-02-01,10\n";
    let loaded = joined(text, &[(JoinKind::Subscriptions, subscriptions)], &[]).unwrap();
    assert_eq!(arr_of(&loaded), [("A1", 120)]);
}

#[test]
fn subscriptions_are_known_by_german_french_and_spanish_headers() {
    for text in [
        "Kundennummer;Vertragsbeginn;Vertragsende;Monatsbetrag;Währung\nA1;2025-01-01;;10,50;EUR\nA2;2024-01-01;2025-01-01;99,00;EUR\n",
        "id client;date de début;date de fin;montant mensuel;devise\nA1;2025-01-01;;10,50;EUR\nA2;2024-01-01;2025-01-01;99,00;EUR\n",
        "id cliente;fecha de inicio;fecha de fin;importe mensual;moneda\nA1;2025-01-01;;10,50;EUR\nA2;2024-01-01;2025-01-01;99,00;EUR\n",
    ] {
        let loaded = joined(BOOK, &[(JoinKind::Subscriptions, text)], &[]).unwrap();
        assert_eq!(arr_of(&loaded), [("A1", 126)], "{text}");
        assert_eq!(loaded.joins[0].left_out[0].reason, "ended", "{text}");
    }
}

/// A log in a language without a word list still says when, by its only column of dates or the one that is named.
#[test]
fn the_date_of_a_log_is_found_by_its_cells_or_named() {
    let tickets = |header: &str, row: &str| format!("Nr,Account ID,{header}\n1,A1,{row}\n2,A1,{row}\n");
    let one = tickets("Kiedy", "2026-06-01");
    let files = [(JoinKind::Tickets, one.as_str())];
    let loaded = joined(PAYING, &files, &[]).unwrap();
    assert_eq!(loaded.joins[0].rows_used, 2);
    let two = tickets("Kiedy,Koniec", "2026-06-01,2026-06-05");
    let files = [(JoinKind::Tickets, two.as_str())];
    let error = joined(PAYING, &files, &[]).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("found: `Kiedy`, `Koniec`") && text.contains("`date` in that entry"),
        "{text}"
    );
    let mut named = plan(&[(JoinKind::Tickets, None)], &[]);
    named.joins[0].date = Some("Kiedi".into());
    let error = load(PAYING, &files, &named).unwrap_err().to_string();
    assert!(
        error.contains("where: joins.0.date") && error.contains(r#""date":"Kiedy""#),
        "{error}"
    );
    named.joins[0].date = Some("Kiedy".into());
    assert_eq!(load(PAYING, &files, &named).unwrap().joins[0].rows_used, 2);
    let none = tickets("Was", "x");
    let error = joined(PAYING, &[(JoinKind::Tickets, none.as_str())], &[])
        .unwrap_err()
        .to_string();
    assert!(error.contains("found: `Nr`, `Account ID`, `Was`"), "{error}");
}
