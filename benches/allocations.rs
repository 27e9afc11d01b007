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

use keep_segment::model::money::grouped;
use spec::{Watch, chain};
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
    spec::print("stage, allocations an account", |size| {
        let mut counts = Counts::default();
        chain(size, &mut counts);
        let cell = |(stage, stats): (_, Stats)| {
            let blocks = (stats.allocations + stats.reallocations) as f64 / size as f64;
            let bytes = grouped((stats.bytes_allocated / size) as u64);
            (stage, format!("{blocks:.2} ({bytes} bytes)"))
        };
        counts.0.into_iter().map(cell).collect()
    });
}
