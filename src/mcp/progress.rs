//! Progress on its way to the client: the newest of it, a few times a second, from the thread of a tool to the peer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::{Peer, RoleServer};
use tokio::sync::watch;

use crate::app::{Control, Progress};

/// The least time between two notifications.
const PAUSE: Duration = Duration::from_millis(100);

/// Lets progress through that is further than the last and not too soon after it.
#[derive(Debug, Default)]
struct Throttle {
    last: Option<(Instant, u32)>,
}

impl Throttle {
    fn lets_through(&mut self, permille: u32, now: Instant) -> bool {
        let passes = self
            .last
            .is_none_or(|(then, before)| permille > before && now.saturating_duration_since(then) >= PAUSE);
        if passes {
            self.last = Some((now, permille));
        }
        passes
    }
}

/// What a tool tells of its progress; nothing when the client did not ask.
pub(super) struct Told(Option<(ProgressToken, watch::Receiver<Option<Progress>>)>);

/// The control of a call, and what it tells when the client gave a token.
pub(super) fn watched(token: Option<ProgressToken>) -> (Control, Told) {
    let Some(token) = token else {
        return (Control::default(), Told(None));
    };
    let (sender, newest) = watch::channel(None);
    let throttle = Arc::new(Mutex::new(Throttle::default()));
    let control = Control::telling(move |progress| {
        let mut throttle = throttle.lock().unwrap_or_else(PoisonError::into_inner);
        if throttle.lets_through(permille(progress), Instant::now()) {
            sender.send_replace(Some(progress));
        }
    });
    (control, Told(Some((token, newest))))
}

impl Told {
    /// The next notification; waits for ever when no more comes.
    pub(super) async fn next(&mut self) -> ProgressNotificationParam {
        if let Told(Some((token, newest))) = self {
            while newest.changed().await.is_ok() {
                if let Some(progress) = *newest.borrow_and_update() {
                    return notification(token.clone(), progress);
                }
            }
        }
        std::future::pending().await
    }

    /// Tells nothing any more.
    pub(super) fn hush(&mut self) {
        *self = Told(None);
    }
}

/// Sends a notification; a client that cannot be told is no reason to stop the tool.
pub(super) async fn send(peer: &Peer<RoleServer>, notification: ProgressNotificationParam) {
    if let Err(fault) = peer.notify_progress(notification).await {
        tracing::debug!(%fault, "progress was not sent");
    }
}

/// In percent of the call: that rises from the first notification to the last, whatever is being counted at the moment.
fn notification(token: ProgressToken, progress: Progress) -> ProgressNotificationParam {
    ProgressNotificationParam::new(token, f64::from(permille(progress)) / 10.0)
        .with_total(100.0)
        .with_message(progress.what)
}

fn permille(progress: Progress) -> u32 {
    (progress.share * 1_000.0) as u32
}

#[cfg(test)]
mod tests {
    use rmcp::model::NumberOrString;

    use super::*;

    fn token() -> ProgressToken {
        ProgressToken(NumberOrString::Number(7))
    }

    #[test]
    fn at_most_ten_a_second_pass_and_each_is_further_than_the_last() {
        let start = Instant::now();
        let mut throttle = Throttle::default();
        let passed: Vec<u32> = (0..950)
            .filter(|ms| throttle.lets_through(*ms, start + Duration::from_millis(u64::from(*ms))))
            .collect();
        assert_eq!(passed, [0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
        let later = start + Duration::from_secs(9);
        for (permille, passes) in [(900, false), (500, false), (901, true), (902, false)] {
            assert_eq!(throttle.lets_through(permille, later), passes, "{permille}");
        }
    }

    #[tokio::test]
    async fn without_a_token_nothing_is_told() {
        let (control, mut told) = watched(None);
        assert!(control.at("reading rows", 1, 2).is_ok());
        assert!(tokio::time::timeout(Duration::from_millis(5), told.next()).await.is_err());
    }

    #[tokio::test]
    async fn a_slow_client_gets_the_newest_and_not_all_that_was() {
        let (control, mut told) = watched(Some(token()));
        control.at("reading the file", 1, 4).unwrap();
        std::thread::sleep(PAUSE);
        control.at("reading rows", 3, 8).unwrap();
        let sent = serde_json::to_value(told.next().await).unwrap();
        let wanted = serde_json::json!({"progressToken": 7, "progress": 37.5, "total": 100.0, "message": "reading rows"});
        assert_eq!(sent, wanted);
        let more = tokio::time::timeout(Duration::from_millis(5), told.next()).await;
        assert!(more.is_err());
    }
}
