//! Counts what the stages of a run allocate, over books of the benchmark. Apart from the timings, since counting takes time.
//!
//! `cargo bench --bench allocations`; `KEEP_SEGMENT_ROWS=10000,100000,1000000` sets the sizes.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    unreachable_pub
)]

mod spec;

use std::alloc::System;

use spec::{Watch, chain, sizes};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, Stats, StatsAlloc};

#[global_allocator]
static COUNTING: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[derive(Default)]
struct Counts(Vec<(&'static str, Stats)>);

impl Watch for Counts {
    fn stage<T>(&mut self, name: &'static str, mut work: impl FnMut() -> T) -> T {
        let region = Region::new(COUNTING);
        let made = work();
        self.0.push((name, region.change()));
        made
    }
}

fn main() {
    let sizes = sizes();
    let mut rows: Vec<(&'static str, Vec<String>)> = Vec::new();
    for size in &sizes {
        let mut counts = Counts::default();
        chain(*size, &mut counts);
        for (at, (stage, stats)) in counts.0.into_iter().enumerate() {
            let blocks = (stats.allocations + stats.reallocations) as f64 / *size as f64;
            let bytes = stats.bytes_allocated / size;
            let cell = format!("{blocks:.2} ({} bytes)", spec::grouped(bytes));
            match rows.get_mut(at) {
                Some((_, cells)) => cells.push(cell),
                None => rows.push((stage, vec![cell])),
            }
        }
    }
    spec::print("stage, allocations an account", &sizes, &rows);
}
