//! Times the stages of a run, from the file to the report, over books of the benchmark.
//!
//! `cargo bench --bench stages`; `KEEP_SEGMENT_ROWS=10000,100000,1000000` sets the sizes.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    unreachable_pub
)]

mod spec;

use std::time::{Duration, Instant};

use spec::{Watch, chain};

/// Runs of a stage, unless they take longer than this together.
const RUNS: usize = 5;
const LONGEST: Duration = Duration::from_secs(4);

#[derive(Default)]
struct Times(Vec<(&'static str, Duration)>);

impl Watch for Times {
    fn stage<T>(&mut self, name: &'static str, mut work: impl FnMut() -> T) -> T {
        let mut times = Vec::with_capacity(RUNS);
        loop {
            let start = Instant::now();
            let made = work();
            times.push(start.elapsed());
            if times.len() == RUNS || times.iter().sum::<Duration>() > LONGEST {
                times.sort();
                self.0.push((name, times.get(times.len() / 2).copied().unwrap_or_default()));
                return made;
            }
        }
    }
}

fn main() {
    spec::print("stage, median ms", |size| {
        let mut times = Times::default();
        chain(size, &mut times);
        let cell = |(stage, median): (_, Duration)| (stage, format!("{:.1}", median.as_secs_f64() * 1000.0));
        times.0.into_iter().map(cell).collect()
    });
}
