//! Loading as a whole: small books by case, and the real ones where they are there.
#![allow(clippy::disallowed_methods)] // The manifest of the damaged books is read here.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::civil::date;
use serde_json::json;

use super::*;
use crate::io::set_aside::set_aside_csv;
use crate::io::{Folders, load, table_of};
use crate::model::control::Control;

fn plan(answers: &[(&str, &str)]) -> LoadPlan {
    let answers = answers.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    LoadPlan {
        answers,
        ..LoadPlan::at(date(2026, 11, 23))
    }
}

fn read_with(text: &str, plan: &LoadPlan) -> Result<Loaded> {
    table_of(text.as_bytes(), "t.csv").and_then(|table| build(table, &[], plan, &Control::default()))
}

fn read(text: &str) -> Result<Loaded> {
    read_with(text, &plan(&[]))
}

fn aside(loaded: &Loaded) -> Vec<(u64, &'static str)> {
    loaded
        .set_aside
        .iter()
        .map(|s| (loaded.book.table.line(s.row), s.reason.code()))
        .collect()
}

#[test]
fn every_reason_is_found_on_its_line() {
    let text = "id,name,arr,status,is_deleted\n\
                1,A,100,active,\n\
                2,B,,active,\n\
                3,C,TBD,active,\n\
                4,D,-5,active,\n\
                1,A,100,active,\n\
                5,E,70,Churned,\n\
                6,F,60,active,true\n\
                id,name,arr,status,is_deleted\n\
                7,G,0,active,\n\
                ,,50,active,\n\
                ,Grand Total:,330,,\n\
                Confidential - do not distribute,,,,\n";
    let loaded = read(text).unwrap();
    assert_eq!(
        aside(&loaded),
        [
            (3, "missing_arr"),
            (4, "unparseable_arr"),
            (5, "negative_arr"),
            (6, "duplicate"),
            (7, "churned"),
            (8, "deleted"),
            (9, "not_a_row"),
            (12, "not_a_row"),
            (13, "not_a_row"),
        ]
    );
    let ids: Vec<&str> = (0..loaded.book.len()).map(|i| loaded.book.id(i)).collect();
    assert_eq!(
        (ids, loaded.rows_read, loaded.book.total_cents()),
        (vec!["1", "7", "row 11"], 12, 15_000)
    );
    assert_eq!(loaded.arr_read_cents, 15_000 - 500 + 10_000 + 7_000 + 6_000);
}

#[test]
fn amounts_come_from_arr_then_mrr_then_committed() {
    let text = "name,arr,mrr,committed_arr\nA,100,50,\nB,,50,\nC,0,,900\nD,,,800\nE,5,,700\nF,x,50,600\n";
    let loaded = read(text).unwrap();
    let amounts: Vec<i64> = loaded.book.arr_cents().to_vec();
    assert_eq!(amounts, [10_000, 60_000, 90_000, 80_000, 500]);
    assert_eq!(aside(&loaded), [(7, "unparseable_arr")]);
    assert!(
        loaded
            .findings
            .iter()
            .any(|f| f.code == "committed_arr" && f.text.starts_with("2 accounts")),
        "{:?}",
        loaded.findings
    );
}

#[test]
fn churned_by_date_counts_from_as_of() {
    let text = "name,arr,churned_at\nA,1,2026-11-23\nB,2,2026-11-24\nC,3,\n";
    assert_eq!(aside(&read(text).unwrap()), [(2, "churned")]);
    let kept = LoadPlan {
        keep_churned: true,
        ..plan(&[])
    };
    assert_eq!(read_with(text, &kept).unwrap().book.len(), 3);
}

#[test]
fn a_firm_called_total_is_an_account() {
    let text = "name,owner,arr,segment,industry\nTotal,Ann,5,Enterprise,Oil\nB,Ann,6,SMB,IT\nTotal,,11,,\n";
    assert_eq!(aside(&read(text).unwrap()), [(4, "not_a_row")]);
}

#[test]
fn books_in_other_languages_load() {
    for text in [
        "Kundennummer;Kunde;Jährlich wiederkehrender Umsatz;Waehrung;Kundenstatus\n1;Acme;100;EUR;aktiv\n\
         2;Beta;50;EUR;Gekündigt\n;Gesamtsumme:;150;;\n",
        "N° client;Nom du client;Revenu annuel récurrent;Devise;Statut\n1;Acme;100;EUR;actif\n2;Beta;50;EUR;Résilié\n\
         ;Total général;150;;\n",
        "Número de cliente;Nombre cliente;Ingresos recurrentes anuales;Moneda;Estado del cliente\n1;Acme;100;EUR;activo\n\
         2;Beta;50;EUR;De baja\n;Suma total;150;;\n",
    ] {
        let loaded = read(text).unwrap();
        assert_eq!(aside(&loaded), [(3, "churned"), (4, "not_a_row")], "{text}");
        let book = &loaded.book;
        assert_eq!(
            (book.id(0), book.currency.as_str(), book.total_cents()),
            ("1", "EUR", 10_000),
            "{text}"
        );
    }
    let error = read("Kunde;Jahresumsatz\nAcme;5000000\n").unwrap_err();
    assert_eq!((error.code(), error.fix()), ("arr_not_found", None));
    let narrow = "name,arr\nA,1\nCopyright (c) 2000-2026 salesforce.com,\n";
    assert_eq!(aside(&read(narrow).unwrap()), [(3, "not_a_row")]);
}

#[test]
fn duplicates_follow_the_answer() {
    let text = "id,name,arr,updated_at\n1,Acme Inc,5,2026-01-02\n1,ACME,5,2026-01-02\n1,Acme,7,2026-01-03\n2,B,1,2026-01-01\n";
    let error = read(text).unwrap_err();
    assert_eq!(error.code(), "question_duplicates");
    assert_eq!(error.fix(), Some(json!({"answers": {"duplicates": "sum"}})));
    for (answer, total, merged, lines) in [
        ("sum", 1_300, 1, vec![(3, "duplicate")]),
        ("latest", 800, 0, vec![(2, "duplicate"), (3, "duplicate")]),
        ("first", 600, 0, vec![(3, "duplicate"), (4, "duplicate")]),
    ] {
        let loaded = read_with(text, &plan(&[("duplicates", answer)])).unwrap();
        assert_eq!(
            (loaded.book.total_cents(), loaded.merged, aside(&loaded)),
            (total, merged, lines),
            "{answer}"
        );
    }
    assert_eq!(
        read_with(text, &plan(&[("duplicates", "roll_up")])).unwrap_err().code(),
        "bad_answer"
    );
    assert_eq!(
        read_with(text, &plan(&[("duplicate", "sum")])).unwrap_err().code(),
        "unknown_question"
    );
    let undated = "id,arr\n1,5\n1,6\n";
    assert_eq!(
        read_with(undated, &plan(&[("duplicates", "latest")])).unwrap_err().code(),
        "latest_needs_date"
    );
}

#[test]
fn names_alike_but_for_the_suffix_both_stay() {
    let loaded = read("name,arr\nAcme Inc,5\nAcme,6\nBeta,1\nBETA ,1\n").unwrap();
    assert_eq!((loaded.book.len(), aside(&loaded)), (3, vec![(5, "duplicate")]));
    assert!(
        loaded.findings.iter().any(|f| f.code == "similar_names"),
        "{:?}",
        loaded.findings
    );
    assert_eq!(read("name,arr\nAcme,5\nacme,6\n").unwrap_err().code(), "question_duplicates");
}

#[test]
fn currencies_need_rates_or_an_answer() {
    let text = "name,arr,currency\nA,100,USD\nB,100,usd\nC,50,EUR\n";
    let error = read(text).unwrap_err();
    assert_eq!(error.code(), "several_currencies");
    assert_eq!(error.fix(), None, "a rate that nobody gave would be a placeholder");
    let rated = LoadPlan {
        rates: BTreeMap::from([("EUR".to_string(), 1.1)]),
        ..plan(&[])
    };
    assert_eq!(read_with(text, &rated).unwrap().book.total_cents(), 25_500);
    let loaded = read_with(text, &plan(&[("currency", "USD")])).unwrap();
    assert_eq!(
        (loaded.book.total_cents(), aside(&loaded)),
        (20_000, vec![(4, "foreign_currency")])
    );
    assert_eq!(read("name,arr\nA,€5\nB,€6\n").unwrap().book.currency, "EUR");
    assert_eq!(read("name,arr (EUR)\nA,5\n").unwrap().book.currency, "EUR");
    assert_eq!(read("name,arr\nA,$5\nB,€6\n").unwrap_err().code(), "several_currencies");
    assert_eq!(read("name,arr\nA,USD 5\nB,6\n").unwrap().book.currency, "USD");
}

#[test]
fn what_is_not_arr_is_refused_by_name() {
    let error = read("Id,Name,AnnualRevenue\n1,A,5000000\n").unwrap_err();
    assert_eq!(
        (error.code(), error.fix()),
        ("arr_not_found", None),
        "what is refused is not offered"
    );
    assert!(error.to_string().contains("customer itself earns"), "{error}");
    let error = read("name,current_arr,x\nA,soon,1\nB,later,2\n").unwrap_err();
    assert!(error.to_string().contains("no amounts that can be read"), "{error}");
    assert_eq!(read("owner,arr\nA,1\n").unwrap_err().code(), "no_name_or_id");
    // Two columns that are as likely ARR are a question; a less likely one is a warning.
    assert_eq!(read("name,arr,arr\nA,1,2\n").unwrap_err().code(), "question_arr_column");
    let rival = read("name,arr,total arr\nA,1,2\n").unwrap();
    assert!(
        rival.findings.iter().any(|finding| finding.code == "arr_rival"),
        "{:?}",
        rival.findings
    );
    // Without quotes the comma of an amount cuts its cell in two.
    let loaded = read("name,arr,status\nA,$1,795.00,Active\nB,2000,Active\n").unwrap();
    assert_eq!((loaded.book.len(), aside(&loaded)), (1, vec![(2, "unparseable_arr")]));
    // Dots may stand between thousands: that is a question about ARR, so it stops.
    let dots = "name;arr\nA;186.000\nB;250.000\n";
    assert_eq!(read(dots).unwrap_err().code(), "question_arr_dots");
    let answered = |answer: &str| read_with(dots, &plan(&[("arr_dots", answer)])).unwrap().book.total_cents();
    assert_eq!((answered("thousands"), answered("decimals")), (43_600_000, 43_600));
    // A second group of three, or decimals after a comma elsewhere in the file, leave one reading.
    assert_eq!(
        read("name;arr\nA;186.000\nB;1.250.000\n").unwrap().book.total_cents(),
        143_600_000
    );
    let beside = "name;arr;tam\nA;186.000;5,5\nB;250.000;1.000,25\n";
    assert_eq!(read(beside).unwrap().book.total_cents(), 43_600_000);
    assert_eq!(read("name;arr\nA;83.333\nB;41.67\n").unwrap().book.total_cents(), 12_500);
}

/// A book without accounts is an answer that says so: what was set aside is not lost.
#[test]
fn a_book_without_accounts_says_why() {
    for (text, rows) in [
        ("name,arr\n", 0),
        ("name,arr,churned\nA,1,yes\n", 1),
        ("name,arr\nA,soon\n", 1),
    ] {
        let columns = BTreeMap::from([(Role::Arr, "arr".to_string())]);
        let loaded = read_with(text, &LoadPlan { columns, ..plan(&[]) }).unwrap();
        assert_eq!((loaded.book.len(), loaded.rows_read), (0, rows), "{text}");
        assert_eq!(loaded.findings[0].code, "no_accounts", "{text}");
    }
}

#[test]
fn subscriptions_in_the_book_itself_roll_up_on_request() {
    let text = "subscription_id,customer_id,start_date,end_date,interval,amount,status\n\
                s1,C1,2025-01-01,,month,10,active\n\
                s2,C1,2025-01-01,2026-01-01,month,99,active\n\
                s3,C1,2025-01-01,,year,60,active\n\
                s4,C2,2025-01-01,,month,5,trialing\n\
                s5,C3,2025-01-01,,month,5,canceled\n\
                s6,C2,2025-01-01,,month,7,active\n";
    let error = read(text).unwrap_err();
    assert_eq!(
        (error.code(), error.fix()),
        ("question_duplicates", Some(json!({"answers": {"duplicates": "roll_up"}})))
    );
    let loaded = read_with(text, &plan(&[("duplicates", "roll_up")])).unwrap();
    let arr: Vec<(&str, i64)> = (0..loaded.book.len())
        .map(|i| (loaded.book.id(i), loaded.book.arr(i).0))
        .collect();
    assert_eq!(arr, [("C1", 18_000), ("C2", 8_400)]);
    assert_eq!(
        (loaded.rows_read, loaded.merged, aside(&loaded)),
        (6, 2, vec![(3, "churned"), (6, "churned")])
    );
    assert!(loaded.arr_source.contains("rolled up"));
    // Where MRR is a column too, rows that have ended must not be added up either.
    let periods = "subscription_id,customer_id,start_date,end_date,monthly_amount\n1,7,2025-01-01,2025-02-01,50\n2,7,2025-02-01,2027-01-01,75\n";
    assert_eq!(
        read(periods).unwrap_err().fix(),
        Some(json!({"answers": {"duplicates": "roll_up"}}))
    );
    let loaded = read_with(periods, &plan(&[("duplicates", "roll_up")])).unwrap();
    assert_eq!((loaded.book.total_cents(), loaded.arr_read_cents), (90_000, 150_000));
}

#[test]
fn a_contract_is_brought_to_a_year_only_on_request() {
    let text = "name,total contract value,contract term\nA,3000,36\nB,1000,2 years\nC,500,open\n";
    let error = read(text).unwrap_err();
    assert_eq!(
        (error.code(), error.fix()),
        (
            "question_contract_value",
            Some(json!({"answers": {"contract_value": "over_term"}}))
        )
    );
    let loaded = read_with(text, &plan(&[("contract_value", "over_term")])).unwrap();
    assert_eq!(
        (loaded.book.total_cents(), aside(&loaded)),
        (150_000, vec![(4, "unparseable_arr")])
    );
    assert_eq!(
        read_with(text, &plan(&[("contract_value", "ignore")])).unwrap_err().code(),
        "arr_not_found"
    );
    assert_eq!(read("name,tcv\nA,3000\n").unwrap_err().code(), "arr_not_found");
    // A price list has an amount, and it is nobody's ARR.
    let prices = read("id,unit_amount,interval,interval_count\np1,2999,month,1\n").unwrap_err();
    assert_eq!(prices.code(), "arr_not_found");
    assert!(!prices.to_string().contains("fix:"), "{prices}");
}

#[test]
fn blank_amounts_are_set_aside_or_nothing_to_pay() {
    let text = "name,arr\nA,5\nB,\n";
    let loaded = read(text).unwrap();
    assert_eq!(
        (aside(&loaded), loaded.questions[0].id),
        (vec![(3, "missing_arr")], "blank_arr")
    );
    let loaded = read_with(text, &plan(&[("blank_arr", "zero")])).unwrap();
    assert_eq!(
        (loaded.book.len(), loaded.book.total_cents(), loaded.questions.len()),
        (2, 500, 0)
    );
    let loaded = read_with(text, &plan(&[("blank_arr", "set_aside")])).unwrap();
    assert_eq!((loaded.book.len(), loaded.questions.len()), (1, 0));
}

#[test]
fn children_count_by_themselves_or_with_the_topmost_above_them() {
    let text = "id,name,arr,parent\n1,Top,100,\n2,Mid,10,1\n3,Low,1,Mid\n4,Own,7,Elsewhere\n5,X,3,6\n6,Y,4,5\n";
    let loaded = read(text).unwrap();
    assert_eq!((loaded.book.len(), loaded.questions[0].id), (6, "parents"));
    let loaded = read_with(text, &plan(&[("parents", "roll_up")])).unwrap();
    let arr: Vec<(&str, i64)> = (0..loaded.book.len())
        .map(|i| (loaded.book.id(i), loaded.book.arr(i).0 / 100))
        .collect();
    // X and Y name each other: both come to the first of the two.
    assert_eq!(arr, [("1", 111), ("4", 7), ("5", 7)]);
    assert_eq!((loaded.merged, loaded.questions.len()), (3, 0));
    assert_eq!(read_with(text, &plan(&[("parents", "separate")])).unwrap().questions.len(), 0);
}

#[test]
fn arr_a_hundred_times_its_mrr_is_asked() {
    let text = "name,arr,mrr\nA,120000,100\nB,240000,200\n";
    let error = read(text).unwrap_err();
    assert_eq!(
        (error.code(), error.to_string().contains("1,200 times")),
        ("question_arr_unit", true)
    );
    assert_eq!(
        read_with(text, &plan(&[("arr_unit", "cents")])).unwrap().book.total_cents(),
        360_000
    );
    assert_eq!(read("name,arr,mrr\nA,1200,100\n").unwrap().book.total_cents(), 120_000);
}

#[test]
fn answers_that_answer_nothing_are_refused_together() {
    let error = read_with(
        "name,arr\nA,1\n",
        &plan(&[("duplicate", "sum"), ("parents", "rollup"), ("arr_unit", "pence")]),
    )
    .unwrap_err();
    let codes: Vec<&str> = error.problems().iter().map(|p| p.code).collect();
    assert_eq!(codes, ["bad_answer", "unknown_question", "bad_answer"]);
    assert_eq!(error.problems()[2].fix, Some(json!({"answers": {"parents": "roll_up"}})));
}

#[test]
fn dates_that_could_be_either_are_asked_and_answered() {
    let text = "name,arr,created,renewal\nA,1,3/4/2026,1/5/2026\nB,2,5/6/2026,2/5/2026\n";
    let loaded = read(text).unwrap();
    let question = &loaded.questions[0];
    assert_eq!(
        (question.id, &question.fix),
        ("date_order", &json!({"answers": {"date_order": "day_first"}}))
    );
    let created = |loaded: &Loaded| {
        let column = loaded.book.roles[&Role::Created].column;
        crate::model::values::date(loaded.book.cell(0, column), loaded.book.dates(column))
    };
    assert_eq!(created(&loaded), Some(date(2026, 3, 4)));
    let answered = read_with(text, &plan(&[("date_order", "day_first")])).unwrap();
    assert_eq!((created(&answered), answered.questions.len()), (Some(date(2026, 4, 3)), 0));
    // Another column of the file decides.
    let told = read("name,arr,created,renewal\nA,1,3/4/2026,13/5/2026\n").unwrap();
    assert_eq!((created(&told), told.questions.len()), (Some(date(2026, 4, 3)), 0));
    assert!(told.columns[2].evidence.contains("rest of the file"), "{:?}", told.columns[2]);
}

#[test]
fn amounts_in_cents_are_said_to_be() {
    assert_eq!(read("name,mrr_cents\nA,12345\n").unwrap().book.total_cents(), 148_140);
    let text = "UUID,NAME,MRR,ARR,PLAN_NAME,BILLING_CYCLE,SUBSCRIBER_SINCE\nu,A,100,1200,p,month,2024-01-01\n";
    assert_eq!(read(text).unwrap_err().code(), "question_arr_unit");
    assert_eq!(
        read_with(text, &plan(&[("arr_unit", "cents")])).unwrap().book.total_cents(),
        1_200
    );
    assert_eq!(
        read_with(text, &plan(&[("arr_unit", "units")])).unwrap().book.total_cents(),
        120_000
    );
}

#[test]
fn the_set_aside_file_is_safe_to_open() {
    let loaded = read("name,arr\nA,1\n=cmd(),\n\"x, y\",-500\n").unwrap();
    let text = set_aside_csv(&loaded);
    assert_eq!(
        text,
        "line,reason,arr,note,name,arr\n3,missing_arr,,,'=cmd(),\n4,negative_arr,-500.00,,\"x, y\",-500\n"
    );
}

#[test]
fn quality_has_its_marks() {
    let loaded = read("name,arr,health,updated_at\nA,1,,2026-01-01\nB,2,,2025-01-01\nB,2,,2025-01-01\n").unwrap();
    let quality = loaded.quality;
    assert_eq!((quality.completeness, quality.freshness_days), (0.75, Some(326)));
    let codes: Vec<&str> = loaded.findings.iter().map(|f| f.code).collect();
    assert_eq!(codes, ["completeness", "uniqueness", "freshness", "rows_duplicate"]);
}

/// The folder of real books, or `None` with a printed line where it is missing.
fn books() -> Option<Folders> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/books");
    let folder = std::env::var_os("KEEP_SEGMENT_BOOKS").map_or(beside, PathBuf::from);
    match crate::io::canonical_dir(&folder) {
        Ok(workspace) => Some(Folders {
            workspace,
            allowed: Vec::new(),
        }),
        Err(_) => {
            println!("skipped: no books in {}", folder.display());
            None
        }
    }
}

#[test]
fn real_books_reconcile() {
    let Some(folders) = books() else { return };
    for (path, accounts, total_cents, aside) in [
        ("territory/book_150.csv", 149, 1_603_400_000, 0),
        ("territory/book_40.csv", 44, 477_600_000, 0),
        ("telco/telco.csv", 5_174, 380_382_900, 1_869),
    ] {
        let loaded = load(&folders, path, &plan(&[]), &Control::default()).unwrap();
        assert_eq!(
            (loaded.book.len(), loaded.book.total_cents(), loaded.set_aside.len()),
            (accounts, total_cents, aside),
            "{path}"
        );
    }
    let telco = load(&folders, "telco/telco.csv", &plan(&[]), &Control::default()).unwrap();
    assert_eq!(telco.arr_read_cents, 547_339_920);
    assert!(telco.set_aside.iter().all(|s| s.reason == Reason::Churned && s.arr.is_some()));
}

/// Every damaged version of the 245-account book gives what its manifest states, or the refusal that it asks for.
#[test]
fn ugly_books_give_what_their_manifest_states() {
    let Some(folders) = books() else { return };
    let text = std::fs::read_to_string(folders.workspace.join("ugly/manifest.json")).unwrap();
    let manifest: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    for entry in manifest {
        let file = entry["file"].as_str().unwrap();
        let loaded = load(&folders, &format!("ugly/{file}"), &plan(&[]), &Control::default());
        let refused = match file {
            "unclosed_quote.csv" => Some("unclosed_quote"),
            "multi_currency.csv" => Some("several_currencies"),
            _ => None,
        };
        if let Some(code) = refused {
            assert_eq!(loaded.err().map(|e| e.code()), Some(code), "{file}");
            continue;
        }
        let loaded = loaded.unwrap_or_else(|e| panic!("{file}: {e}"));
        let arr = loaded.book.total_cents() / 100;
        assert_eq!(
            (loaded.book.len() as u64, arr as u64),
            (entry["accounts"].as_u64().unwrap(), entry["arr_total"].as_u64().unwrap()),
            "{file}"
        );
        if let Some(currency) = entry["currency"].as_str() {
            assert_eq!(loaded.book.currency, currency, "{file}");
        }
        let aside = entry["set_aside"].as_u64().unwrap_or(0);
        assert_eq!(loaded.set_aside.len() as u64, aside, "{file}");
    }
}
