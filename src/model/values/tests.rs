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
        ("1.234,50", 123_450, None),
        ("1,20,000", 12_000_000, None),
        ("₹46,50,000.50", 465_000_050, Some("INR")),
        ("1'234'567.90", 123_456_790, None),
        ("CHF 1’234.-", 123_400, Some("CHF")),
        ("1'200.--", 120_000, None),
        ("85 000", 8_500_000, None),
        ("1\u{202f}450\u{202f}000", 145_000_000, None),
        ("R$ 5", 500, Some("BRL")),
        ("Rs. 1,000", 100_000, Some("INR")),
        ("5 kr", 500, None),
        ("1.5 crore", 1_500_000_000, None),
        ("2 lakh", 20_000_000, None),
        ("1.2 Mio", 120_000_000, None),
        ("'1200", 120_000, None),
        ("–500", -50_000, None),
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
        "0,500",
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
fn a_column_of_decimal_commas_reads_its_own_way() {
    for (text, cents) in [
        ("1.234,50", Some(123_450)),
        ("1.234", Some(123_400)),
        ("12,5", Some(1_250)),
        ("85\u{202f}000,00 €", Some(8_500_000)),
        ("1'234,50", Some(123_450)),
        ("1,45 Mio. €", Some(145_000_000)),
        ("85 Tsd. €", Some(8_500_000)),
        ("1.234,-", Some(123_400)),
        ("(1.234,50)", Some(-123_450)),
        ("1,234.50", Some(123_450)),
        ("1.23", None),
        ("1.234.5", None),
    ] {
        assert_eq!(Decimal::Comma.money(text).map(|amount| amount.cents), cents, "{text}");
    }
    assert_eq!(
        (Decimal::Comma.number("12,5 %"), Decimal::Comma.number("0,85")),
        (Some(0.125), Some(0.85))
    );
}

#[test]
fn separators_say_which_sign_is_decimal() {
    for (cells, decided) in [
        (vec!["1,234.50", "1,234"], Some(Decimal::Point)),
        (vec!["85000.0", "120,000"], Some(Decimal::Point)),
        (vec!["1,20,000"], Some(Decimal::Point)),
        (vec!["12,50", "1.234"], Some(Decimal::Comma)),
        (vec!["1.234.567"], Some(Decimal::Comma)),
        (vec!["186.000", "12"], None),
        (vec!["186,000", "12"], Some(Decimal::Point)),
        (vec!["12", ""], Some(Decimal::Point)),
    ] {
        assert_eq!(marks(cells.iter().map(|cell| (*cell, 1))).decided(), decided, "{cells:?}");
    }
    let marks = marks([("186.000", 1), ("1.200", 1)].into_iter());
    assert_eq!((marks.open_dots, marks.example), (2, Some("186.000")));
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
        ("Ja", Some(true)),
        ("oui", Some(true)),
        ("Nein", Some(false)),
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
        assert_eq!(date(text, order.into()), wanted, "{text}");
    }
    for (cells, order) in [
        (vec!["2026-01-02", ""], DateOrder::Iso),
        (vec!["1/2/2026"], DateOrder::Undecided),
        (vec!["1/2/2026", "23/2/2026"], DateOrder::DayFirst),
        (vec!["1/2/2026", "2/23/2026"], DateOrder::MonthFirst),
        (vec!["23/2/2026", "2/23/2026"], DateOrder::Mixed),
    ] {
        assert_eq!(date_style(cells.into_iter().map(|cell| (cell, 1))).order, order);
    }
}

#[test]
fn dates_are_read_in_words_and_numbers_too() {
    let serial = DateStyle {
        numeric: Numeric::Serial,
        ..DateStyle::default()
    };
    let feb = Some(day(2026, 2, 5));
    for text in [
        "Feb 5, 2026",
        "5 February 2026",
        "05-Feb-26",
        "Thursday, February 5, 2026 10:30 AM",
        "5. Februar 2026",
        "5 févr. 2026",
        "5 de febrero de 2026",
        "20260205",
        "2026/02/05",
        "2026-02-05T00:00:00Z",
    ] {
        assert_eq!(date(text, DateStyle::default()), feb, "{text}");
    }
    assert_eq!(date("46058", serial), feb);
    assert_eq!(date("46058.75", serial), feb);
    for text in [
        "46058",
        "Acme",
        "Feb",
        "Marching 5 2026 x",
        "2026",
        "12 Main St 2026",
        "99990101",
    ] {
        assert_eq!(date(text, DateStyle::default()), None, "{text}");
    }
    for (cells, numeric) in [
        (vec!["46058", "45000", ""], Numeric::Serial),
        (vec!["1770249600"], Numeric::Seconds),
        (vec!["1770249600000"], Numeric::Millis),
        (vec!["2024", "2025"], Numeric::None),
        (vec!["46058", "2026-01-01", "2026-01-02"], Numeric::None),
    ] {
        let style = date_style(cells.iter().map(|cell| (*cell, 1)));
        assert_eq!(style.numeric, numeric, "{cells:?}");
        if numeric != Numeric::None && numeric != Numeric::Serial {
            assert_eq!(date(cells[0], style), feb, "{cells:?}");
        }
    }
    assert_eq!(date_style([("3.4.2026", 1)].into_iter()).order, DateOrder::DayFirst);
    assert_eq!(date("3/4/99", DateOrder::MonthFirst.into()), Some(day(1999, 3, 4)));
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

#[test]
fn terms_are_read_in_months_and_years() {
    for (text, months) in [
        ("24", Some(24)),
        ("24 months", Some(24)),
        ("2 years", Some(24)),
        ("1.5 yrs", Some(18)),
        ("36 Monate", Some(36)),
        ("0", None),
        ("1.5", None),
        ("open", None),
        ("", None),
    ] {
        assert_eq!(term_months(text), months, "{text}");
    }
}
