//! Bytes, tables and arguments that nobody would write: never a panic, never a hang, every row accounted for.
//!
//! `KEEP_SEGMENT_FUZZ_SECONDS` sets how long each of the three runs takes (5 unless set), `KEEP_SEGMENT_FUZZ_SEED` where it
//! starts. A case that fails prints its bytes; it goes into `FOUND` under a name that says what it was.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use jiff::civil::date;
use keep_segment::io::{book, table};
use keep_segment::model::control::Control;
use keep_segment::model::load::{Join, JoinKind, LoadPlan, Loaded};
use keep_segment::model::role::Role;
use keep_segment::tools;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng};
use serde_json::{Map, Value, json};

use crate::support::{Place, assert_is_error};

mod seeds;

use seeds::{mutated, seeds};

/// No case is large; one that takes longer than this hangs.
const HANG: Duration = Duration::from_secs(10);

struct Dice(ChaCha8Rng);

impl Dice {
    fn new() -> Dice {
        let seed = std::env::var("KEEP_SEGMENT_FUZZ_SEED")
            .ok()
            .and_then(|text| text.parse().ok());
        Dice(ChaCha8Rng::seed_from_u64(seed.unwrap_or(20_261_125)))
    }

    fn below(&mut self, n: usize) -> usize {
        (self.0.next_u64() % n.max(1) as u64) as usize
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// Runs cases until the time is up; each is timed.
fn for_a_while(mut case: impl FnMut(&mut Dice)) {
    let seconds = std::env::var("KEEP_SEGMENT_FUZZ_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok());
    let end = Instant::now() + Duration::from_secs(seconds.unwrap_or(5));
    let mut dice = Dice::new();
    let mut n = 0;
    while Instant::now() < end {
        let start = Instant::now();
        case(&mut dice);
        assert!(start.elapsed() < HANG, "case {n} took {:?}", start.elapsed());
        n += 1;
    }
    println!("{n} cases");
}

fn plan() -> LoadPlan {
    LoadPlan::at(date(2026, 6, 30))
}

/// Rows read = accounts + merged + set aside, and ARR to the cent; the same of every joined file.
fn assert_accounted(loaded: &Loaded) {
    let rows = loaded.book.len() + loaded.merged + loaded.set_aside.len();
    assert_eq!(rows, loaded.rows_read, "rows");
    let aside: i128 = loaded
        .set_aside
        .iter()
        .filter_map(|row| row.arr)
        .map(|arr| i128::from(arr.0))
        .sum();
    assert_eq!(loaded.book.total_cents() + aside, loaded.arr_read_cents, "ARR");
    for joined in &loaded.joins {
        let left: usize = joined.left_out.iter().map(|left| left.rows).sum();
        assert_eq!(
            joined.rows_read,
            joined.rows_used + left + joined.rows_unmatched,
            "{joined:?}"
        );
    }
}

/// Reads bytes as a file of that name. What is refused is refused with an error of its own, never a fault.
fn read(bytes: &[u8], name: &str, plan: &LoadPlan, joined: &[(JoinKind, Vec<u8>)]) {
    let done = catch_unwind(AssertUnwindSafe(|| {
        let read = |bytes: &[u8], name: &str| table(bytes, name, plan.sheet.as_deref(), &Control::default());
        let tables: Result<Vec<_>, _> = joined.iter().map(|(kind, bytes)| read(bytes, kind.code())).collect();
        let book = read(bytes, name).and_then(|book| Ok((book, tables?)));
        match book.and_then(|(book, tables)| book::build(book, &tables, plan, &Control::default())) {
            Ok(loaded) => assert_accounted(&loaded),
            Err(error) => assert_is_error(&error.to_string()),
        }
    }));
    assert!(
        done.is_ok(),
        "{name}:\n{}\n{bytes:?}\n{plan:?}",
        String::from_utf8_lossy(bytes)
    );
}

#[test]
fn bytes_never_break_the_reader() {
    let seeds = seeds();
    for (name, bytes) in &seeds {
        read(bytes, name, &plan(), &[]);
    }
    for_a_while(|dice| {
        let (name, seed) = dice.pick(&seeds).clone();
        let other = dice.pick(&seeds).1.clone();
        let bytes = mutated(dice, &seed, &other);
        read(&bytes, &name, &plan(), &[]);
    });
}

const HEADERS: [&str; 40] = [
    "Account ID",
    "id",
    "name",
    "Account Name",
    "ARR",
    "mrr",
    "ARR",
    "amount",
    "interval",
    "interval_count",
    "quantity",
    "status",
    "churned",
    "Created",
    "renewal date",
    "currency",
    "tcv",
    "term",
    "parent",
    "NPS",
    "health score",
    "churn_risk",
    "seats used",
    "seats licensed",
    "csat",
    "usage_trend",
    "current tier",
    "industry",
    "is_deleted",
    "updated at",
    "committed arr",
    "subscription_id",
    "customer_id",
    "start_date",
    "end_date",
    "unit_amount",
    "livemode",
    "",
    "Ärger",
    "x",
];

const CELLS: [&str; 60] = [
    "",
    "",
    "A",
    "B",
    "C",
    "A1",
    "A2",
    "Acme",
    "acme inc.",
    "0",
    "1",
    "5",
    "12",
    "1,200",
    "1.200",
    "1.234,5",
    "12,5",
    "1,20,000",
    "$5",
    "€6",
    "USD 7",
    "-5",
    "(5)",
    "12k",
    "1e5",
    "1e400",
    "9223372036854775807",
    "99999999999999999999",
    "NaN",
    "n/a",
    "-",
    "TBD",
    "yes",
    "no",
    "true",
    "2026-06-30",
    "2025-02-30",
    "3/4/2026",
    "13/4/2026",
    "4/13/2026",
    "3.4.2026",
    "Feb 5, 2026",
    "46058",
    "1770249600",
    "1770249600000",
    "active",
    "churned",
    "trialing",
    "month",
    "year",
    "week",
    "USD",
    "EUR",
    "usd",
    "jpy",
    "2 years",
    "24",
    "85%",
    "Total",
    "=1+1",
];

const QUESTIONS: [(&str, &[&str]); 9] = [
    ("duplicates", &["sum", "latest", "first", "roll_up"]),
    ("arr_unit", &["cents", "units"]),
    ("arr_dots", &["thousands", "decimals"]),
    ("blank_arr", &["zero", "set_aside"]),
    ("contract_value", &["over_term", "ignore"]),
    ("quantity", &["per_unit", "total"]),
    ("date_order", &["day_first", "month_first"]),
    ("parents", &["separate", "roll_up"]),
    ("currency", &["USD", "EUR"]),
];

fn random_table(dice: &mut Dice, first: &[&str]) -> Vec<u8> {
    let width = 1 + dice.below(7);
    let mut headers: Vec<&str> = first.to_vec();
    headers.extend((0..width).map(|_| *dice.pick(&HEADERS)));
    let mut text = headers.join("\t");
    for _ in 0..dice.below(12) {
        let width = if dice.one_in(8) {
            dice.below(headers.len() + 3)
        } else {
            headers.len()
        };
        let row: Vec<&str> = (0..width).map(|_| *dice.pick(&CELLS)).collect();
        text += &format!("\n{}", row.join("\t"));
    }
    text.into_bytes()
}

/// Any headers over any cells, with any answers and joins.
#[test]
fn tables_never_lose_a_row() {
    for_a_while(|dice| {
        let first: &[&str] = if dice.one_in(4) {
            &[]
        } else {
            &["Account ID", "Account Name", "ARR"]
        };
        let bytes = random_table(dice, first);
        let mut plan = plan();
        for _ in 0..dice.below(4) {
            let (question, choices) = dice.pick(&QUESTIONS);
            let choice = dice.pick(choices);
            plan.answers.insert(question.to_string(), choice.to_string());
        }
        if dice.one_in(3) {
            plan.rates = BTreeMap::from([("EUR".to_string(), 1.1), ("INR".to_string(), 0.012)]);
        }
        plan.keep_churned = dice.one_in(4);
        if dice.one_in(6) {
            plan.columns.insert(Role::Arr, dice.pick(&HEADERS).to_string());
        }
        let joined: Vec<(JoinKind, Vec<u8>)> = (0..dice.below(3))
            .map(|_| {
                let kind = *dice.pick(&JoinKind::ALL);
                (kind, random_table(dice, &["account_id", "date"]))
            })
            .collect();
        for (kind, _) in &joined {
            let key = dice.one_in(4).then(|| "account_id".to_string());
            plan.joins.push(Join {
                path: kind.code().into(),
                kind: *kind,
                key,
                date: None,
                sheet: None,
            });
        }
        read(&bytes, "table.tsv", &plan, &joined);
    });
}

fn random_value(dice: &mut Dice, depth: usize) -> Value {
    const TEXTS: [&str; 16] = [
        "book.csv",
        "json",
        "box",
        "ARR",
        "role:nps",
        "auto",
        "grid",
        "A-17",
        "sum",
        "high_touch",
        "2026-06-30",
        "",
        "../x",
        "strategic_logo",
        "flag",
        "vip",
    ];
    match dice.below(if depth == 0 { 5 } else { 8 }) {
        0 => Value::Null,
        1 => json!(dice.one_in(2)),
        2 => json!(*dice.pick(&[0.0, 0.3, 1.0, -1.0, 1e300, 12.5, 6.0])),
        3 | 4 => json!(*dice.pick(&TEXTS)),
        5 => Value::Array((0..dice.below(4)).map(|_| random_value(dice, depth - 1)).collect()),
        _ => Value::Object(
            (0..dice.below(4))
                .map(|_| (dice.pick(&KEYS).to_string(), random_value(dice, depth - 1)))
                .collect(),
        ),
    }
}

const KEYS: [&str; 44] = [
    "path",
    "sheet",
    "columns",
    "as_of",
    "answers",
    "joins",
    "rates",
    "keep_churned",
    "target_nrr",
    "method",
    "cuts",
    "low",
    "high",
    "snap",
    "factors",
    "bins",
    "low_below",
    "high_above",
    "signals",
    "judgements",
    "account",
    "scores",
    "why",
    "rule",
    "scheme",
    "flags",
    "when",
    "all",
    "column",
    "op",
    "value",
    "documented_empty",
    "csms",
    "csms_by_tier",
    "book_sizes",
    "min",
    "preset",
    "seed",
    "stability_limits",
    "formats",
    "kind",
    "from",
    "to",
    "strategic_logo",
];

/// Any arguments to any tool: an answer or an error that can be read, and the model stays one that can be read.
#[test]
fn arguments_never_break_a_tool() {
    let place = Place::with_example();
    place.json("define_axes", &json!({"path": "book.csv", "as_of": "2026-06-30"}));
    place.json("assign_tiers", &json!({}));
    for_a_while(|dice| {
        let tool = dice.pick(tools::all());
        let mut arguments = Map::new();
        for _ in 0..dice.below(4) {
            arguments.insert(dice.pick(&KEYS).to_string(), random_value(dice, 3));
        }
        let said = format!("{} {arguments:?}", tool.name);
        let reply = tools::call(tool, &place.context(), arguments);
        assert!(!reply.text.contains("error[internal]"), "{said}: {}", reply.text);
        if reply.is_error {
            assert_is_error(&reply.text);
        }
        // The model is put back, so that one strange decision does not shape the cases after it.
        if !reply.is_error && dice.one_in(2) {
            std::fs::remove_file(place.path(".keep-segment/segmentation.toml")).unwrap_or_default();
            place.json("define_axes", &json!({"path": "book.csv", "as_of": "2026-06-30"}));
        }
    });
}

/// Cases that once failed.
const FOUND: [(&str, &str, &[u8]); 0] = [];

#[test]
fn what_once_failed_is_read() {
    for (what, name, bytes) in FOUND {
        println!("{what}");
        read(bytes, name, &plan(), &[]);
    }
}
