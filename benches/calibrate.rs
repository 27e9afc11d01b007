//! Times the search for cuts that fit: 100,000 accounts inside the rails and with the rails opened.
//!
//! `cargo bench --bench calibrate`; `KEEP_SEGMENT_ROWS` sets the number of accounts.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, missing_docs)]

use std::time::Instant;

use keep_segment::engine::calibrate::{Question, search};
use keep_segment::engine::{self, resolve};
use keep_segment::io;
use keep_segment::model::control::Control;
use keep_segment::model::load::{LoadPlan, Loaded};
use keep_segment::model::policy::{Method, Policy, Rails};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const RUNS: usize = 5;

fn main() {
    let rows = std::env::var("KEEP_SEGMENT_ROWS").ok().and_then(|text| text.parse().ok());
    let rows: usize = rows.unwrap_or(100_000);
    let loaded = book(rows);
    let open = Rails {
        low_cut: Some([0.0, 1.0]),
        high_cut: Some([0.0, 1.0]),
        low_edge: [0.0, 1.0],
        high_edge: [0.0, 1.0],
        edge_distance: 0.0,
        high_touch_max: 1.0,
    };
    let edges_open = Rails {
        low_edge: [0.0, 1.0],
        high_edge: [0.0, 1.0],
        ..Rails::default()
    };
    println!("{rows} accounts, median of {RUNS} runs");
    for (name, rails) in [
        ("inside the rails", Rails::default()),
        ("edges opened", edges_open),
        ("all rails opened", open),
    ] {
        time(name, &loaded, rails, rows as f64 / 160.0);
    }
}

fn time(name: &str, loaded: &Loaded, rails: Rails, csms: f64) {
    let mut policy = Policy::default();
    resolve::axis(&mut policy, &loaded.book, Method::Auto, true);
    resolve::tiers(&mut policy, &loaded.book);
    policy.rails = rails;
    policy.capacity.csms = Some(csms.round());
    let outcome = engine::run(loaded, &policy);
    let question = Question::new(&loaded.book, &policy, &outcome);
    let mut times = Vec::new();
    let mut combinations = 0;
    for _ in 0..RUNS {
        let start = Instant::now();
        let found = search(&question, &Control::default()).unwrap();
        times.push(start.elapsed());
        combinations = found.searched.map_or(0, |searched| searched.combinations);
    }
    times.sort();
    let median = times.get(RUNS / 2).copied().unwrap_or_default();
    println!("{name}: {combinations} combinations in {:.3} s", median.as_secs_f64());
}

/// Log-normal ARR and five columns that feed the starter rubric.
fn book(rows: usize) -> Loaded {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut unit = move || (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    let mut text = String::from("account_id,arr,logo_tier,seats_used,seats_licensed,design_partner,nps,regulated\n");
    for at in 0..rows {
        let normal = (0..12).map(|_| unit()).sum::<f64>() - 6.0;
        let arr = (9.0 + 1.3 * normal).exp();
        let logo = ["A", "B", "B", "C", "C", ""]
            .get((unit() * 6.0) as usize)
            .copied()
            .unwrap_or("");
        let seats = 5.0 + unit() * 500.0;
        let (used, partner, nps, regulated) = (seats * unit(), unit() < 0.2, unit() * 100.0 - 20.0, unit() < 0.4);
        text += &format!("A{at:07},{arr:.2},{logo},{used:.0},{seats:.0},{partner},{nps:.0},{regulated}\n");
    }
    let table = io::table(text.as_bytes(), "bench.csv", None, &Control::default()).unwrap();
    let plan = LoadPlan::at("2026-06-30".parse().unwrap());
    io::book::build(table, &[], &plan, &Control::default()).unwrap()
}
