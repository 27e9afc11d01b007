//! What each text in a cell means, as tables of cases.

use jiff::civil::date as day;

use super::*;

#[test]
fn blanks_and_null_words_are_absent() {
    for blank in [
        "", " ", "\u{a0}", "-", "–", "N/A", "#N/A", "na", "NULL", "None", "nil", "NaN", "(blank)", "#REF!", "#DIV/0!",
    ] {
        assert_eq!(present(blank), None, "{blank:?}");
    }
    for (cell, text) in [
        (" a ", "a"),
        ("\u{a0}b\u{202f}", "b"),
        ("TBD", "TBD"),
        ("0", "0"),
        ("--", "--"),
    ] {
        assert_eq!(present(cell), Some(text));
    }
}

#[test]
fn amounts_are_exact_or_refused() {
    let usd = Some("USD");
    for (text, cents, currency) in [
        ("120000", 12_000_000, None),
        ("$1,234.50", 123_450, None),
        ("1,234", 123_400, None),
        ("12k", 1_200_000, None),
        ("1.2M", 120_000_000, None),
        ("1.5B", 150_000_000_000, None),
        ("1.5 bn", 150_000_000_000, None),
        ("USD 5", 500, usd),
        ("usd5", 500, usd),
        ("US$5", 500, usd),
        ("$5 USD", 500, usd),
        ("5 EUR", 500, Some("EUR")),
        ("€5", 500, Some("EUR")),
        ("5€", 500, Some("EUR")),
        ("₹85,000", 8_500_000, Some("INR")),
        ("(500)", -50_000, None),
        ("$(500)", -50_000, None),
        ("-500", -50_000, None),
        ("-$500", -50_000, None),
        ("500-", -50_000, None),
        ("+5", 500, None),
        ("1.2E+5", 12_000_000, None),
        ("7.00000E+15", 700_000_000_000_000_000, None),
        ("0.005", 1, None),
        ("-0.005", -1, None),
        ("0.0049999", 0, None),
        ("844.195", 84_420, None),
        ("29.85", 2_985, None),
        (".5", 50, None),
        ("5.", 500, None),
        ("0", 0, None),
        ("1e-200", 0, None),
        ("3.14159265358979323846264338327950288419716939937510", 314, None),
        ("92233720368547758.07", i64::MAX, None),
    ] {
        assert_eq!(money(text), Some(Amount { cents, currency }), "{text}");
    }
    for text in [
        "12,5",
        "1.234,50",
        "1,20,000",
        "0,500",
        "85 000",
        "TBD",
        "banana",
        "",
        ".",
        "$",
        "1.2.3",
        "92233720368547758.08",
        "1e300",
        "5%",
        "--5",
        "(-5)",
        "€5 USD",
        "5/mo",
        "12,345,67",
        "1234,567",
        "five",
        "0x10",
        "١٢",
        "inf",
        "2026-11-23",
        "1_000",
    ] {
        assert_eq!(money(text), None, "{text}");
    }
}

#[test]
fn numbers_are_those_of_the_text() {
    for (text, number_) in [
        ("0.1", 0.1),
        ("85%", 0.85),
        ("33.3%", 0.333),
        ("1,234.5", 1234.5),
        ("$350,000", 350_000.0),
        ("12k", 12_000.0),
        ("-3", -3.0),
        ("(3)", -3.0),
        ("1e-3", 0.001),
        ("0.30000000000000004", 0.30000000000000004),
    ] {
        assert_eq!(number(text), Some(number_), "{text}");
    }
    for text in ["", "inf", "nan", "1,2", "high", "1e400", "-", "12:30", "7590-VHVEG"] {
        assert_eq!(number(text), None, "{text}");
    }
}

#[test]
fn yes_and_no_in_the_words_of_exports() {
    for (text, answer) in [
        ("Yes", Some(true)),
        ("x", Some(true)),
        ("✓", Some(true)),
        (" FALSE ", Some(false)),
        ("0", Some(false)),
    ] {
        assert_eq!(truthy(text), answer, "{text}");
    }
    assert_eq!((truthy(""), truthy("maybe"), truthy("2")), (None, None, None));
}

#[test]
fn dates_follow_their_column() {
    let nov = Some(day(2026, 11, 23));
    for (text, order, wanted) in [
        ("2026-11-23", DateOrder::Iso, nov),
        ("2026-11-23T10:00:00.000+0000", DateOrder::Iso, nov),
        ("2026-11-23 09:30", DateOrder::Iso, nov),
        ("11/23/2026", DateOrder::MonthFirst, nov),
        ("23.11.2026", DateOrder::DayFirst, nov),
        ("23-11-26 10:00", DateOrder::DayFirst, nov),
        ("2/3/2026", DateOrder::DayFirst, Some(day(2026, 3, 2))),
        ("2/3/2026", DateOrder::Undecided, Some(day(2026, 2, 3))),
        ("2026-02-30", DateOrder::Iso, None),
        ("2026-11-23 soon", DateOrder::Iso, None),
        ("1.2.3", DateOrder::Iso, None),
        ("2026", DateOrder::Iso, None),
        ("n/a", DateOrder::Iso, None),
    ] {
        assert_eq!(date(text, order), wanted, "{text}");
    }
    for (cells, order) in [
        (vec!["2026-01-02", ""], DateOrder::Iso),
        (vec!["1/2/2026"], DateOrder::Undecided),
        (vec!["1/2/2026", "23/2/2026"], DateOrder::DayFirst),
        (vec!["1/2/2026", "2/23/2026"], DateOrder::MonthFirst),
        (vec!["23/2/2026", "2/23/2026"], DateOrder::Mixed),
    ] {
        assert_eq!(date_order(cells.into_iter()), order);
    }
}

#[test]
fn lists_are_counted() {
    let cases = [
        ("Platform, Analytics", Some(2.0)),
        ("a;b|c", Some(3.0)),
        ("4", Some(4.0)),
        ("One", Some(1.0)),
        ("a,,", Some(1.0)),
        ("", None),
    ];
    for (cell, n) in cases {
        assert_eq!(list_len(cell), n, "{cell}");
    }
}

#[test]
fn cells_that_would_run_become_text() {
    for (cell, safe) in [
        ("=1+1", "'=1+1"),
        ("@x", "'@x"),
        ("-500", "-500"),
        ("-1+2", "'-1+2"),
        ("\tx", "'\tx"),
        ("Acme", "Acme"),
        ("-", "'-"),
    ] {
        assert_eq!(csv_safe(cell), safe);
    }
}
