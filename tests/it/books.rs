//! Small, odd and real books through the built binary: a usable answer or a clear one, and nothing lost.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::boxes::assert_is_box;
use crate::html::assert_page_is_sound;
use crate::support::{HEADER, Place, Ran, TIERS, assert_is_error, cents, plain_book, rows};

/// What must hold of any run that answered; the answer's tiers as accounts per tier.
fn assert_answered(place: &Place, ran: &Ran, accounts: usize, total_cents: i64) -> Vec<usize> {
    assert!(ran.code == 0 || ran.code == 1, "{ran:?}");
    assert_eq!(ran.err, "");
    assert_is_box(ran.out.trim_end_matches('\n'));
    assert_eq!(ran.code == 1, ran.out.contains("DRAFT"), "{}", ran.out);
    let segments = place.read("out/segments.csv");
    assert_eq!(segments.lines().next(), Some(HEADER));
    let rows = rows(&segments);
    let mut ids: Vec<&str> = rows.iter().map(|row| row["account_id"].as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((rows.len(), ids.len()), (accounts, accounts), "every account once");
    assert_eq!(rows.iter().map(|row| cents(&row["arr"])).sum::<i64>(), total_cents);
    assert!(rows.iter().all(|row| TIERS.contains(&row["primary_segment"].as_str())));
    for file in ["segmentation.md", "segmentation.toml", "set-aside.csv"] {
        place.read(&format!("out/{file}"));
    }
    assert_page_is_sound(&place.read("out/segmentation.html"));
    let count = |tier: &str| rows.iter().filter(|row| row["primary_segment"] == tier).count();
    TIERS.iter().map(|tier| count(tier)).collect()
}

/// A spread of prices from 1,000 up.
fn spread(n: usize) -> Vec<i64> {
    (0..n as i64).map(|i| 100_000 + i * i * 12_345 + i * 777).collect()
}

/// Books of 1, 2, 12 and 19 accounts, few prices, free accounts, one whale: each ends in a box, in whole accounts and cents.
#[test]
fn small_and_odd_books_end_in_a_usable_answer() {
    let mut whale = spread(30);
    whale[7] = whale.iter().sum::<i64>() * 9_999;
    let mut free: Vec<i64> = spread(60);
    free.iter_mut().step_by(5).for_each(|x| *x = 0);
    free.iter_mut().skip(1).step_by(5).for_each(|x| *x = 0);
    let books: Vec<(&str, Vec<i64>)> = vec![
        ("one account", spread(1)),
        ("two accounts", spread(2)),
        ("two equal accounts", vec![500_000; 2]),
        ("twelve accounts", spread(12)),
        ("nineteen accounts", spread(19)),
        ("one price", vec![1_200_000; 80]),
        ("two prices", (0..80).map(|i| [120_000, 600_000][i % 2]).collect()),
        (
            "three prices",
            (0..90).map(|i| [120_000, 600_000, 2_400_000][i % 3]).collect(),
        ),
        ("two fifths free", free),
        ("all free", vec![0; 40]),
        ("one free account", vec![0]),
        ("one whale", whale),
        ("a cent each", vec![1; 25]),
        ("one pays, the rest are free", std::iter::once(9_900).chain([0; 30]).collect()),
    ];
    for (name, book) in books {
        let place = Place::with_book(&plain_book(&book));
        let ran = place.run(&["--csms", "3"]);
        assert!(ran.code < 2, "{name}: {ran:?}");
        assert_answered(&place, &ran, book.len(), book.iter().sum());
    }
}

/// With two factors fed the same odd books go through the grid, and every gate still answers.
#[test]
fn odd_books_go_through_the_grid_too() {
    let books: [(&str, Vec<i64>); 6] = [
        ("one", spread(1)),
        ("nineteen", spread(19)),
        ("one price", vec![700_000; 40]),
        (
            "three prices",
            (0..60).map(|i| [120_000, 600_000, 2_400_000][i % 3]).collect(),
        ),
        ("all free", vec![0; 25]),
        ("whale", spread(20).into_iter().chain([900_000_000_000]).collect()),
    ];
    for (name, book) in books {
        let mut text = String::from("Account ID,Account Name,ARR,Logo Tier,Reference\n");
        for (i, arr) in book.iter().enumerate() {
            let (logo, reference) = (["A", "B", "C"][i % 3], ["Yes", "No"][i % 2]);
            text += &format!("A{i},Account {i},{},{logo},{reference}\n", crate::support::amount(*arr));
        }
        let place = Place::with_book(&text);
        let ran = place.run(&["--csms", "3", "--json"]);
        assert!(ran.code < 2, "{name}: {ran:?}");
        let answer: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(answer["data"]["rule"], "grid", "{name}");
        assert_eq!(answer["data"]["gates"].as_array().unwrap().len(), 9, "{name}");
        assert_answered(&place, &place.run(&["--csms", "3"]), book.len(), book.iter().sum());
    }
}

/// Books without an account are errors that say so, with exit code 2 and nothing on stdout.
#[test]
fn books_without_accounts_are_clear_errors() {
    for (name, text) in [
        ("empty", ""),
        ("blank lines", "\n\n\n"),
        ("header only", "Account ID,Account Name,ARR\n"),
        ("no amount readable", "Account ID,Account Name,ARR\nA1,One,soon\nA2,Two,\n"),
        (
            "no amount column",
            "Account ID,Account Name,City\nA1,One,Paris\nA2,Two,Rome\n",
        ),
    ] {
        let ran = Place::with_book(text).run(&["--csms", "3"]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{name}: {ran:?}");
        assert_is_error(&ran.err);
    }
}

pub fn real_books() -> Option<PathBuf> {
    let named = std::env::var_os("KEEP_SEGMENT_BOOKS").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/books"));
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: there are no real books at {}", folder.display());
    None
}

/// Amount column in cents, over the rows that `keep` takes.
fn sum_of(
    path: &Path,
    column: &str,
    times: i64,
    keep: impl Fn(&std::collections::BTreeMap<String, String>) -> bool,
) -> (usize, i64) {
    let text = std::fs::read_to_string(path).unwrap();
    let kept: Vec<i64> = rows(&text)
        .iter()
        .filter(|row| keep(row))
        .map(|row| {
            let (whole, rest) = row[column].split_once('.').unwrap_or((&row[column], ""));
            cents(&format!("{whole}.{rest:0<2}")) * times
        })
        .collect();
    (kept.len(), kept.iter().sum())
}

/// Real books: the axis and the rule that fit them, every account once, ARR to the cent, and no draft with a plausible headcount.
#[test]
fn real_books_come_out_right() {
    let Some(folder) = real_books() else { return };
    let books = [
        ("territory/book_40.csv", "current_arr", 1, "3", 1),
        ("territory/book_150.csv", "current_arr", 1, "6", 1),
        ("telco/telco.csv", "MonthlyCharges", 12, "150", 0),
    ];
    for (name, column, times, csms, factors_on) in books {
        let path = folder.join(name);
        if !path.is_file() {
            println!("skipped: there is no {}", path.display());
            continue;
        }
        let live = |row: &std::collections::BTreeMap<String, String>| row.get("Churn").is_none_or(|churn| churn != "Yes");
        let (accounts, total) = sum_of(&path, column, times, live);
        let place = Place::with_book(&std::fs::read_to_string(&path).unwrap());
        let ran = place.run(&["--csms", csms]);
        assert_answered(&place, &ran, accounts, total);
        assert_eq!(ran.code, 0, "{name} is a draft:\n{}", ran.out);
        assert!(ran.out.contains("quartile"), "{name}:\n{}", ran.out);

        let axes = place.json(
            "define_axes",
            &serde_json::json!({"path": "book.csv", "as_of": crate::support::AS_OF}),
        );
        assert_eq!(axes["data"]["arr_axis"]["method"], "quartile", "{name}");
        let factors = axes["data"]["strategic_axis"]["factors"].as_array().unwrap().clone();
        assert_eq!(factors.iter().filter(|f| f["on"] == true).count(), factors_on, "{name}");
        let tiers = place.json("assign_tiers", &serde_json::json!({}));
        assert_eq!(tiers["data"]["rule"], "arr", "{name}");
        let said = tiers["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|f| f["code"] == "no_strategic_axis");
        assert!(said, "{name}: {}", tiers["findings"]);
        let (all, _) = sum_of(&path, column, times, |_| true);
        assert_eq!(rows(&place.read("out/set-aside.csv")).len(), all - accounts, "{name}");
    }
}
