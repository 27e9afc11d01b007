//! The only way in or out of a long computation while it runs: whether to stop, and how far it has come.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crate::error::{Problem, Result};

/// How far a call has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// What is being done, a few words: `reading rows`.
    pub what: &'static str,
    /// Steps of that which are done.
    pub done: u64,
    /// Its steps in all, never below `done`; 0 when nobody knows.
    pub total: u64,
    /// The share of the whole call that is done, 0..1; it never falls.
    pub share: f64,
}

/// Code of the error with which a computation stops that was asked to.
pub const CANCELLED: &str = "cancelled";

/// Steps between two looks of [`Control::every`]: often enough to stop soon, too seldom to cost anything.
const STEPS: usize = 1 << 14;
const MILLION: f64 = 1e6;

/// Shared by the face that waits and the computation that runs. The default one is never stopped and tells nobody.
#[derive(Clone)]
pub struct Control {
    stopped: Arc<AtomicBool>,
    tell: Option<Arc<dyn Fn(Progress) + Send + Sync>>,
    /// The furthest that was told, in millionths of the call.
    furthest: Arc<AtomicU32>,
    /// Where the part that this control watches begins and ends, as shares of the call.
    span: (f64, f64),
}

impl Default for Control {
    fn default() -> Self {
        Control {
            stopped: Arc::default(),
            tell: None,
            furthest: Arc::default(),
            span: (0.0, 1.0),
        }
    }
}

impl Control {
    /// A control that reports progress.
    pub fn telling(tell: impl Fn(Progress) + Send + Sync + 'static) -> Control {
        Control {
            tell: Some(Arc::new(tell)),
            ..Control::default()
        }
    }

    /// The same control over a part of what this one watches, from one share of it to another: what runs inside counts its
    /// own steps and needs to know nothing of the rest.
    #[must_use]
    pub fn part(&self, from: f64, to: f64) -> Control {
        let (start, end) = self.span;
        let within = |share: f64| start + (end - start) * share;
        Control {
            span: (within(from), within(to)),
            ..self.clone()
        }
    }

    /// A control that stops when this one does, and tells nobody.
    #[must_use]
    pub fn silent(&self) -> Control {
        Control {
            tell: None,
            ..self.clone()
        }
    }

    /// Asks the computation to stop at its next look.
    pub fn cancel(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Reports how far the computation has come. Error: `cancelled`, when it is to stop.
    pub fn at(&self, what: &'static str, done: u64, total: u64) -> Result<()> {
        if self.is_cancelled() {
            return Err(Problem::new(CANCELLED, "the call was cancelled; nothing was changed")
                .next("the same call, if it is still wanted")
                .into());
        }
        let Some(tell) = &self.tell else { return Ok(()) };
        let (start, end) = self.span;
        let part = if total == 0 {
            0.0
        } else {
            done.min(total) as f64 / total as f64
        };
        let now = ((start + (end - start) * part) * MILLION) as u32;
        let furthest = self.furthest.fetch_max(now, Ordering::Relaxed).max(now);
        tell(Progress {
            what,
            done,
            total: if total == 0 { 0 } else { total.max(done) },
            share: f64::from(furthest) / MILLION,
        });
        Ok(())
    }

    /// [`Control::at`], on every so many steps only; `steps` are those since the last call.
    pub fn every(&self, what: &'static str, steps: Range<usize>, total: usize) -> Result<()> {
        match steps.start / STEPS < steps.end / STEPS {
            true => self.at(what, steps.end as u64, total as u64),
            false => Ok(()),
        }
    }
}

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control")
            .field("stopped", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    fn watched() -> (Control, Arc<Mutex<Vec<Progress>>>) {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&seen);
        (Control::telling(move |progress| told.lock().unwrap().push(progress)), seen)
    }

    #[test]
    fn progress_is_told_until_the_computation_is_stopped() {
        let (control, seen) = watched();
        assert!(control.at("reading", 1, 2).is_ok() && control.at("reading", 5, 2).is_ok());
        control.clone().cancel();
        let error = control.part(0.5, 1.0).at("reading", 6, 9).unwrap_err();
        assert_eq!(
            error.or_next("load_book").to_string(),
            "error[cancelled]: the call was cancelled; nothing was changed\n  next:  the same call, if it is still wanted"
        );
        let steps: Vec<(u64, u64)> = seen.lock().unwrap().iter().map(|p| (p.done, p.total)).collect();
        assert_eq!(steps, [(1, 2), (5, 5)]);
    }

    #[test]
    fn parts_count_their_own_steps_and_the_share_of_the_call_never_falls() {
        let (control, seen) = watched();
        let second_half = control.part(0.5, 1.0);
        control.part(0.0, 0.5).at("a", 1, 2).unwrap();
        second_half.part(0.5, 1.0).at("b", 1, 2).unwrap();
        second_half.at("c", 7, 0).unwrap();
        control.at("d", 2, 1).unwrap();
        let told: Vec<(u64, f64)> = seen.lock().unwrap().iter().map(|p| (p.total, p.share)).collect();
        assert_eq!(told, [(2, 0.25), (2, 0.875), (0, 0.875), (2, 1.0)]);
    }

    #[test]
    fn not_every_step_is_told() {
        let (control, seen) = watched();
        (0..40_000).for_each(|step| control.every("rows", step..step + 1, 40_000).unwrap());
        let told = || std::mem::take(&mut *seen.lock().unwrap());
        assert_eq!(told().iter().map(|p| p.done).collect::<Vec<_>>(), [16_384, 32_768]);
        // Steps that come by the hundred pass a mark without standing on it.
        (0..400).for_each(|step| control.every("rows", step * 100..step * 100 + 100, 40_000).unwrap());
        control.every("rows", 0..40_000, 40_000).unwrap();
        assert_eq!(told().iter().map(|p| p.done).collect::<Vec<_>>(), [16_400, 32_800, 40_000]);
    }
}
