//! The bar on a terminal that shows how far a long command has come.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use keep_segment::app::Control;

/// What takes no longer than this needs no bar.
const PATIENCE: Duration = Duration::from_millis(500);
const PERMILLE: f64 = 1_000.0;

/// A bar on stderr; none where stderr is no terminal.
pub(crate) struct Bar {
    bar: Option<ProgressBar>,
}

impl Bar {
    /// A bar for a command that starts now.
    pub(crate) fn new() -> Bar {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style =
                ProgressStyle::with_template("{bar:30} {percent:>3}%  {msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::with_draw_target(Some(PERMILLE as u64), ProgressDrawTarget::hidden()).with_style(style)
        });
        Bar { bar }
    }

    /// The control that moves the bar.
    pub(crate) fn control(&self) -> Control {
        let Some(bar) = self.bar.clone() else {
            return Control::default();
        };
        let start = Instant::now();
        Control::telling(move |progress| {
            bar.set_message(progress.what);
            bar.set_position((progress.share * PERMILLE) as u64);
            if bar.is_hidden() && start.elapsed() >= PATIENCE {
                bar.set_draw_target(ProgressDrawTarget::stderr());
            }
        })
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
