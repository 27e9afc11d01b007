//! The benchmark's pipeline, told by `benches/model.toml`, gives the benchmark's own output for every account.
//!
//! `KEEP_SEGMENT_BENCH` is the folder with the other engines (`../shared/bench` beside the checkout), `KEEP_SEGMENT_ROWS` how
//! many accounts are compared with theirs, and `KEEP_SEGMENT_PYTHON` a Python that has numpy and polars.

#[path = "../../benches/spec/book.rs"]
mod book;

use std::path::PathBuf;
use std::process::Command;

use serde_json::json;

use crate::support::{AS_OF, Place, TIERS, amount, cents};

const MODEL: &str = include_str!("../../benches/model.toml");

/// Amounts at a cut, a cent beside it, and where ±10% just reaches it or just does not.
const EDGES: [i64; 20] = [
    0,
    1,
    909_090,
    909_091,
    999_999,
    1_000_000,
    1_000_001,
    1_111_110,
    1_111_111,
    1_111_112,
    9_090_908,
    9_090_909,
    9_090_910,
    9_090_911,
    9_999_999,
    10_000_000,
    11_111_110,
    11_111_111,
    11_111_112,
    2_500_000_000,
];

/// What the benchmark says of an account.
#[derive(Debug, PartialEq)]
struct Account {
    id: String,
    cents: i64,
    sv_bp: i64,
    bin: String,
    tier: String,
    flip10: bool,
}

/// How a book is cut: quantiles may lie between cents.
struct Boundaries {
    low: f64,
    high: f64,
    is_log: bool,
}

/// The cells of a row as the benchmark types them.
struct Cells {
    id: String,
    cents: i64,
    sv_bp: i64,
}

fn drawn(rows: usize, spread: f64) -> String {
    let mut text = book::csv(rows - EDGES.len(), spread, 42);
    for (at, cents) in EDGES.into_iter().enumerate() {
        let arr = amount(cents);
        let logo = ["", "A", "B", "C"][at % 4];
        text += &format!(
            "EDGE-{at},Edge {at},{arr},finance,10,{},{logo},false,{},false,85,55,0.25,2020-01-01\n",
            at % 11,
            at % 5 == 0
        );
    }
    text
}

fn cells(row: &csv::StringRecord) -> Cells {
    let number = |at: usize| row[at].parse::<f64>().unwrap();
    let or_zero = |at: usize| if row[at].is_empty() { 0.0 } else { number(at) };
    let says = |at: usize| &row[at] == "true";
    let logo = match &row[6] {
        "A" => 1.0,
        "B" => 0.6,
        "C" => 0.3,
        _ => 0.0,
    };
    let (nps, health) = (or_zero(11), or_zero(10));
    let expansion = ((number(5) / number(4) - 0.5) * 2.5).clamp(0.0, 1.0) * 0.7 + (number(12) * 2.0).clamp(0.0, 1.0) * 0.3;
    let influence = if says(8) {
        1.0
    } else {
        ((nps - 30.0) * 0.0125).clamp(0.0, 0.5)
    };
    let reference = match () {
        () if says(7) => 1.0,
        () if nps >= 50.0 && health >= 80.0 => 0.6,
        () if nps >= 30.0 => 0.2,
        () => 0.0,
    };
    let regulation = match (says(9), &row[3]) {
        (true, _) => 1.0,
        (_, "healthcare" | "finance" | "government") => 0.4,
        _ => 0.0,
    };
    let sv = 0.25 * logo + 0.25 * expansion + 0.2 * influence + 0.15 * reference + 0.15 * regulation;
    Cells {
        id: row[0].to_string(),
        cents: (number(2) * 100.0 + 0.5).floor() as i64,
        sv_bp: (sv * 10_000.0 + 0.5).floor() as i64,
    }
}

fn read(text: &str) -> Vec<Cells> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.records().map(|row| cells(&row.unwrap())).collect()
}

fn boundaries(accounts: &[Cells]) -> Boundaries {
    let mut sorted: Vec<i64> = accounts.iter().map(|account| account.cents).collect();
    sorted.sort_unstable();
    let top: i64 = sorted.iter().rev().take(sorted.len().div_ceil(10)).sum();
    let is_log = top as f64 / sorted.iter().sum::<i64>() as f64 > 0.5;
    let quantile = |at: f64| {
        let position = at * (sorted.len() - 1) as f64;
        let (below, above) = (
            sorted[position.floor() as usize] as f64,
            sorted[position.ceil() as usize] as f64,
        );
        below + (above - below) * position.fract()
    };
    match is_log {
        true => Boundaries {
            low: 1e6,
            high: 1e7,
            is_log,
        },
        false => Boundaries {
            low: quantile(0.25),
            high: quantile(0.75),
            is_log,
        },
    }
}

fn tier(sv_bp: i64, amount: f64, at: &Boundaries) -> &'static str {
    let row = usize::from(amount >= at.low) + usize::from(amount >= at.high);
    let [high, mid, tech, plg] = TIERS;
    match sv_bp {
        ..3000 => [plg, tech, mid][row],
        3000..=6000 => [tech, mid, mid][row],
        _ => [mid, high, high][row],
    }
}

fn golden(text: &str) -> (Vec<Account>, Boundaries) {
    let accounts = read(text);
    let at = boundaries(&accounts);
    let judged = |account: Cells| {
        let arr = account.cents as f64;
        let now = tier(account.sv_bp, arr, &at);
        let bin = match account.sv_bp {
            ..3000 => "low",
            3000..=6000 => "medium",
            _ => "high",
        };
        Account {
            flip10: tier(account.sv_bp, arr * 0.9, &at) != now || tier(account.sv_bp, arr * 1.1, &at) != now,
            id: account.id,
            cents: account.cents,
            sv_bp: account.sv_bp,
            bin: bin.to_string(),
            tier: now.to_string(),
        }
    };
    (accounts.into_iter().map(judged).collect(), at)
}

/// What the built program writes for a book under a model.
fn ours(text: &str, model: &str) -> Vec<Account> {
    let place = Place::with_book(text);
    place.write("model.toml", model);
    let ran = place.run(&["--model", "model.toml"]);
    assert!(ran.code < 2, "{}", ran.err);
    let segments = place.read("out/segments.csv");
    let mut reader = csv::Reader::from_reader(segments.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let place = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let (value, bin, tier, near) = (
        place("strategic_value"),
        place("strategic_bin"),
        place("primary_segment"),
        place("within_10pct"),
    );
    let account = |row: csv::StringRecord| Account {
        id: row[0].to_string(),
        cents: cents(&row[2]),
        sv_bp: row[value].replacen('.', "", 1).parse().unwrap(),
        bin: row[bin].to_string(),
        tier: row[tier].to_string(),
        flip10: &row[near] == "true",
    };
    reader.records().map(|row| account(row.unwrap())).collect()
}

fn model(low_cents: i64, high_cents: i64) -> String {
    let cuts = "cuts = { low = 10000, high = 100000 }";
    assert!(MODEL.contains(cuts));
    MODEL.replace(
        cuts,
        &format!("cuts = {{ low = {}, high = {} }}", amount(low_cents), amount(high_cents)),
    )
}

fn differing<'a>(ours: &'a [Account], golden: &'a [Account]) -> Vec<(&'a Account, &'a Account)> {
    assert_eq!(ours.len(), golden.len(), "every row is an account");
    ours.iter().zip(golden).filter(|(own, wanted)| own != wanted).collect()
}

fn assert_same(ours: &[Account], golden: &[Account]) {
    let differing = differing(ours, golden);
    let first = &differing[..differing.len().min(5)];
    assert!(
        differing.is_empty(),
        "{} of {} differ: {first:#?}",
        differing.len(),
        golden.len()
    );
}

/// Decades: every account of a book in which the largest tenth holds more than half.
#[test]
fn every_account_of_a_top_heavy_book_is_as_specified() {
    let text = drawn(10_000, book::TOP_HEAVY);
    let (golden, at) = golden(&text);
    assert!(at.is_log);
    for tier in TIERS {
        assert!(golden.iter().filter(|account| account.tier == tier).count() > 30, "{tier}");
    }
    assert!(golden.iter().filter(|account| account.flip10).count() > 300);
    assert_same(&ours(&text, MODEL), &golden);
}

/// CSMs by tier are accounts over book size; the benchmark rounds each tier up, we round their sum.
#[test]
fn csms_follow_from_the_same_book_sizes() {
    let place = Place::with_book(&drawn(10_000, book::TOP_HEAVY));
    place.write(".keep-segment/segmentation.toml", MODEL);
    place.json("load_book", &json!({"path": "book.csv", "as_of": AS_OF}));
    place.json("assign_tiers", &json!({}));
    let data = &place.json("calibrate_capacity", &json!({}))["data"];
    let mut sum = 0.0;
    for (tier, book) in TIERS.into_iter().zip([12.0, 60.0, 350.0, 1000.0]) {
        let rows = data["tiers"].as_array().unwrap();
        let row = rows.iter().find(|row| row["tier"] == tier).unwrap();
        let csms = row["accounts"].as_f64().unwrap() / book;
        sum += csms;
        assert!((row["fte_typical"].as_f64().unwrap() - csms).abs() < 1e-4, "{row}");
    }
    assert_eq!(data["needed"]["typical"].as_f64(), Some(sum.ceil()));
}

/// Quartiles that are whole cents: every account again.
#[test]
fn every_account_of_an_even_book_is_as_specified() {
    let text = drawn(10_001, 0.5);
    let (golden, at) = golden(&text);
    assert!(!at.is_log && at.low.fract() == 0.0 && at.high.fract() == 0.0);
    assert_same(&ours(&text, &model(at.low as i64, at.high as i64)), &golden);
}

/// Quartiles between cents: rounded up they move no tier, and `within_10pct` only inside the cent that was rounded over.
#[test]
fn quartiles_between_cents_move_no_tier() {
    let text = drawn(10_000, 0.5);
    let (mut golden, at) = golden(&text);
    assert!(!at.is_log && at.low.fract() > 0.0);
    let accounts = ours(&text, &model(at.low.ceil() as i64, at.high.ceil() as i64));
    let over = |amount: f64| [at.low, at.high].iter().any(|cut| amount >= *cut && amount < cut.ceil());
    for (wanted, own) in golden.iter_mut().zip(&accounts) {
        let arr = wanted.cents as f64;
        if over(arr * 0.9) || over(arr * 1.1) {
            wanted.flip10 = own.flip10;
        }
    }
    assert_same(&accounts, &golden);
}

/// The comparison itself can fail: a weight, a cut or a bin that is a little off shows.
#[test]
fn a_model_that_is_a_little_off_is_noticed() {
    let text = drawn(2_000, book::TOP_HEAVY);
    let (golden, _) = golden(&text);
    for (from, to) in [
        ("weight = 0.2 },", "weight = 0.21 },"),
        ("low = 10000,", "low = 10000.01,"),
        ("from = 30, to = 110", "from = 30, to = 111"),
        ("high_above = 0.6 ", "high_above = 0.61 "),
        ("value = 80 }", "value = 86 }"),
    ] {
        assert!(MODEL.contains(from), "{from}");
        let mut off = MODEL.replacen(from, to, 1);
        if from.starts_with("weight") {
            off = off.replacen("weight = 0.15 },", "weight = 0.14 },", 1);
        }
        let accounts = ours(&text, &off);
        assert!(!differing(&accounts, &golden).is_empty(), "{to}");
    }
}

/// The same book through polars, where that is here.
#[test]
fn polars_says_the_same() {
    let Some((python, folder)) = others() else {
        println!("skipped: no python3 with numpy and polars, or no benchmark folder (KEEP_SEGMENT_PYTHON, KEEP_SEGMENT_BENCH)");
        return;
    };
    let rows = std::env::var("KEEP_SEGMENT_ROWS").unwrap_or_else(|_| "10000".into());
    let place = Place::new();
    let python = |script: &str, arguments: &[&str]| {
        let mut command = Command::new(&python);
        command.arg(folder.join(script)).args(arguments).current_dir(place.root());
        let output = command.output().unwrap();
        assert!(
            output.status.success(),
            "{script}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    python("gen.py", &[&rows, "book.csv"]);
    python("p_polars.py", &["book.csv", "polars.csv"]);
    let text = place.read("book.csv");
    let polars = place.read("polars.csv");
    let mut reader = csv::Reader::from_reader(polars.as_bytes());
    let account = |row: csv::StringRecord| Account {
        id: row[0].to_string(),
        cents: row[2].parse().unwrap(),
        sv_bp: row[5].parse().unwrap(),
        bin: row[6].to_string(),
        tier: row[7].to_string(),
        flip10: &row[8] == "1",
    };
    let polars: Vec<Account> = reader.records().map(|row| account(row.unwrap())).collect();
    assert_eq!(polars.len().to_string(), rows);
    assert_same(&golden(&text).0, &polars);
    assert_same(&ours(&text, MODEL), &polars);
}

fn others() -> Option<(PathBuf, PathBuf)> {
    let checkout = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let folder = std::env::var_os("KEEP_SEGMENT_BENCH").map_or_else(|| checkout.join("../shared/bench"), PathBuf::from);
    if !folder.join("p_polars.py").is_file() {
        return None;
    }
    let named = std::env::var_os("KEEP_SEGMENT_PYTHON").map(PathBuf::from);
    let pythons = named
        .into_iter()
        .chain([checkout.join("target/bench-venv/bin/python"), "python3".into()]);
    let can = |python: &PathBuf| {
        let tried = Command::new(python).args(["-c", "import numpy, polars"]).output();
        tried.is_ok_and(|output| output.status.success())
    };
    let python = pythons.into_iter().find(can)?;
    Some((python, folder))
}
