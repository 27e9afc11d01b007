//! The only way in or out of a long computation while it runs: whether to stop, and how far it has come.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Problem, Result};

/// How far a computation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What is being done, a few words: `reading accounts.csv` is for the face to say, `reading` is enough here.
    pub what: &'static str,
    /// Steps done.
    pub done: u64,
    /// Steps in all; never below `done`.
    pub total: u64,
}

/// Shared by the face that waits and the computation that runs. The default one is never stopped and tells nobody.
#[derive(Clone, Default)]
pub struct Control {
    stopped: Arc<AtomicBool>,
    tell: Option<Arc<dyn Fn(Progress) + Send + Sync>>,
}

impl Control {
    /// A control that reports progress.
    pub fn telling(tell: impl Fn(Progress) + Send + Sync + 'static) -> Control {
        Control {
            stopped: Arc::default(),
            tell: Some(Arc::new(tell)),
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
            return Err(Problem::new("cancelled", "the call was cancelled; nothing was changed").into());
        }
        if let Some(tell) = &self.tell {
            tell(Progress {
                what,
                done,
                total: total.max(done),
            });
        }
        Ok(())
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
    use super::*;

    #[test]
    fn progress_is_told_until_the_computation_is_stopped() {
        let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
        let told = Arc::clone(&seen);
        let control = Control::telling(move |progress| told.lock().unwrap().push((progress.done, progress.total)));
        assert!(control.at("reading", 1, 2).is_ok() && control.at("reading", 5, 2).is_ok());
        control.clone().cancel();
        assert_eq!(control.at("reading", 6, 9).unwrap_err().code(), "cancelled");
        assert_eq!(*seen.lock().unwrap(), [(1, 2), (5, 5)]);
    }
}
