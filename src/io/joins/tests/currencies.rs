//! Joined amounts in several currencies, price lists, quantities, and rows whose amount cannot be read.

use super::*;

const BOOK: &str = "account_id,name\n1,Acme\n2,Beta\n3,Gama\n";
const BARE: &str = "subscription_id,account_id,status\ns1,1,active\ns2,2,active\n";

fn with_rates(text: &str, files: &[(JoinKind, &str)], answers: &[(&str, &str)], rates: &[(&str, f64)]) -> Result<Loaded> {
    let joins: Vec<(JoinKind, Option<&str>)> = files.iter().map(|(kind, _)| (*kind, None)).collect();
    let mut plan = plan(&joins, answers);
    plan.rates = rates.iter().map(|(code, rate)| (code.to_string(), *rate)).collect();
    load(text, files, &plan)
}

#[test]
fn items_of_one_subscription_in_two_currencies_need_a_rate() {
    let items = "subscription_id,amount,currency,interval\ns1,100,USD,month\ns1,100,EUR,month\ns2,50,USD,month\n";
    let files = [(JoinKind::Subscriptions, BARE), (JoinKind::Items, items)];
    for answers in [&[][..], &[("currency", "USD")][..]] {
        let error = joined(BOOK, &files, answers).unwrap_err();
        let problem = &error.problems()[0];
        assert_eq!((error.code(), problem.fix.as_ref()), ("several_currencies", None));
        assert!(problem.expected.as_deref().unwrap().contains("`EUR`"), "{problem:?}");
    }
    let loaded = with_rates(BOOK, &files, &[], &[("EUR", 1.5)]).unwrap();
    assert_eq!(arr_of(&loaded), [("1", 3_000), ("2", 600)]);
}

#[test]
fn a_price_list_is_read_in_the_currency_of_the_subscription() {
    let prices = "plan,amount,currency,interval\nPro,100,USD,month\nPro,90,EUR,month\n";
    let named = "subscription_id,account_id,status,plan,currency\ns1,1,active,Pro,EUR\ns2,2,active,Pro,EUR\n";
    let loaded = joined(BOOK, &[(JoinKind::Subscriptions, named), (JoinKind::Prices, prices)], &[]).unwrap();
    assert_eq!(
        (arr_of(&loaded), loaded.book.currency.as_str()),
        (vec![("1", 1_080), ("2", 1_080)], "EUR")
    );
    let bare = "subscription_id,account_id,status,plan\ns1,1,active,Pro\ns2,2,canceled,Pro\n";
    let error = joined(BOOK, &[(JoinKind::Subscriptions, bare), (JoinKind::Prices, prices)], &[]).unwrap_err();
    assert_eq!(error.code(), "several_prices");
    // What has ended needs no price.
    let ended = bare
        .replace("active", "canceled")
        .replace("s2,2,canceled,Pro", "s2,2,active,One");
    let prices = format!("{prices}One,10,USD,month\n");
    let loaded = joined(BOOK, &[(JoinKind::Subscriptions, &ended), (JoinKind::Prices, &prices)], &[]).unwrap();
    assert_eq!(arr_of(&loaded), [("2", 120)]);
    let intervals = "plan,amount,interval\nPro,100,month\nPro,1000,year\n";
    let yearly = "account_id,status,plan,interval\n1,active,Pro,year\n2,active,Pro,month\n";
    let loaded = joined(BOOK, &[(JoinKind::Subscriptions, yearly), (JoinKind::Prices, intervals)], &[]).unwrap();
    assert_eq!(arr_of(&loaded), [("1", 1_000), ("2", 1_200)]);
}

#[test]
fn quantities_of_items_are_asked_for_as_those_of_subscriptions() {
    let items = "subscription_id,amount,quantity,interval\ns1,100,10,month\ns2,50,1,month\n";
    let files = [(JoinKind::Subscriptions, BARE), (JoinKind::Items, items)];
    assert_eq!(joined(BOOK, &files, &[]).unwrap_err().code(), "question_quantity");
    for (answer, arr) in [("per_unit", 12_000), ("total", 1_200)] {
        let loaded = joined(BOOK, &files, &[("quantity", answer)]).unwrap();
        assert_eq!(arr_of(&loaded), [("1", arr), ("2", 600)]);
    }
    let ended = BARE.replace("s1,1,active", "s1,1,canceled");
    let files = [(JoinKind::Subscriptions, ended.as_str()), (JoinKind::Items, items)];
    assert_eq!(arr_of(&joined(BOOK, &files, &[]).unwrap()), [("2", 600)]);
}

/// What an account pays is not known, and is not nothing.
#[test]
fn live_rows_that_cannot_be_read_set_their_account_aside() {
    let text = "account_id,status,arr\n1,active,see contract\n2,active,500\n2,active,soon\n3,canceled,soon\n";
    let loaded = joined(BOOK, &[(JoinKind::Subscriptions, text)], &[]).unwrap();
    assert_eq!(arr_of(&loaded), [("2", 500)]);
    let aside: Vec<(Reason, &str)> = loaded.set_aside.iter().map(|row| (row.reason, row.note.as_str())).collect();
    assert_eq!(
        aside,
        [
            (Reason::UnparseableArr, "`line 2: see contract` is no amount that can be read"),
            (Reason::Churned, "no subscription is live")
        ]
    );
    let said = loaded
        .findings
        .iter()
        .find(|finding| finding.code == "join_rows_unreadable")
        .unwrap();
    assert!(said.text.starts_with("2 live rows"), "{}", said.text);
    let blank = "account_id,unit amount,quantity,interval\n1,100,,month\n2,50,2,month\n";
    assert_eq!(
        arr_of(&joined(BOOK, &[(JoinKind::Subscriptions, blank)], &[]).unwrap()),
        [("1", 1_200), ("2", 1_200)],
        "one unit where none is named"
    );
}

/// The currency of joined amounts is theirs; amounts of the book stay in the book's own.
#[test]
fn the_books_currency_stays_that_of_its_amounts() {
    let book = "id,name,MRR,Currency\n1,A,100,EUR\n2,B,100,USD\n3,C,100,EUR\n";
    let text = "account_id,arr,currency\n2,1200,USD\n";
    let files = [(JoinKind::Subscriptions, text)];
    assert_eq!(joined(book, &files, &[]).unwrap_err().code(), "several_currencies");
    let loaded = with_rates(book, &files, &[], &[("USD", 0.5)]).unwrap();
    assert_eq!(
        (arr_of(&loaded), loaded.book.currency.as_str()),
        (vec![("1", 1_200), ("2", 600), ("3", 1_200)], "EUR")
    );
    let nameless = "id,name,MRR,unit\n1,A,100,EUR\n2,B,100,USD\n3,C,100,EUR\n";
    assert_eq!(joined(nameless, &files, &[]).unwrap_err().code(), "several_currencies");
}

#[test]
fn the_answered_currency_is_the_one_that_rows_are_added_in() {
    let text = "account_id,arr,currency\n1,1000,EUR\n2,500,EUR\n3,100,USD\n3,7,GBP\n2,9,GBP\n";
    let files = [(JoinKind::Subscriptions, text)];
    let error = joined(BOOK, &files, &[]).unwrap_err();
    let problem = &error.problems()[0];
    assert_eq!((error.code(), problem.fix.as_ref()), ("several_currencies", None));
    assert!(problem.expected.as_deref().unwrap().contains("`GBP`, `USD`"), "{problem:?}");
    let error = with_rates(BOOK, &files, &[], &[("USD", 0.9)]).unwrap_err();
    let expected = error.problems()[0].expected.clone().unwrap();
    assert!(expected.contains("`GBP`") && !expected.contains("`USD`"), "{expected}");
    let rates = [("EUR", 1.1), ("GBP", 2.0)];
    let loaded = with_rates(BOOK, &files, &[("currency", "USD")], &rates).unwrap();
    assert_eq!(arr_of(&loaded), [("1", 1_100), ("2", 568), ("3", 114)]);
    // Without rates the named currency sets the others aside, as in a book.
    let loaded = joined(BOOK, &files, &[("currency", "USD")]).unwrap();
    assert_eq!(arr_of(&loaded), [("3", 100)]);
    assert_eq!(left_out(&loaded.joins[0]), [("foreign_currency", 4)]);
    assert!(loaded.set_aside.iter().all(|row| row.reason == Reason::ForeignCurrency));
    assert_accounted(&loaded.joins[0]);
}
