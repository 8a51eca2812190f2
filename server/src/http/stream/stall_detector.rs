//! Detects stalled streams over HTTP/2. A client that stops reading one stream stops hyper from
//! polling its body, so a deadline inside the body would never run: the connection keeps the
//! deadlines of all its streams.

use parking_lot::Mutex;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::time::Instant;

/// How often the streams of a connection are checked.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// The streams of one connection.
#[derive(Clone, Default)]
pub(crate) struct StallDetector(Arc<Mutex<Vec<Weak<Mutex<Instant>>>>>);

/// The time at which one stream was last polled, which happens only when its client has read what
/// it was sent.
pub(crate) struct StreamActivity(Arc<Mutex<Instant>>);

impl StallDetector {
    /// Watches one more stream until the returned value is dropped.
    pub(crate) fn watch(&self) -> StreamActivity {
        let polled = Arc::new(Mutex::new(Instant::now()));
        self.0.lock().push(Arc::downgrade(&polled));
        StreamActivity(polled)
    }

    /// Completes when one of the streams was not polled for `patience`.
    pub(crate) async fn stalled(&self, patience: Duration) {
        loop {
            tokio::time::sleep(CHECK_INTERVAL).await;
            let mut all = self.0.lock();
            all.retain(|polled| polled.strong_count() > 0);
            let is_stalled = |polled: &Weak<Mutex<Instant>>| {
                polled
                    .upgrade()
                    .is_some_and(|at| at.lock().elapsed() > patience)
            };
            if all.iter().any(is_stalled) {
                return;
            }
        }
    }
}

impl StreamActivity {
    /// Records that the stream was polled.
    pub(crate) fn record(&self) {
        *self.0.lock() = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn stalled_stream_ends_its_connection() {
        let stalls = StallDetector::default();
        let (one, two) = (stalls.watch(), stalls.watch());
        let patience = Duration::from_secs(45);
        let began = Instant::now();
        let asking = async {
            loop {
                tokio::time::sleep(Duration::from_secs(15)).await;
                one.record();
            }
        };
        tokio::select! {
            () = stalls.stalled(patience) => {}
            () = asking => {}
        }
        assert!(
            (45..=51).contains(&began.elapsed().as_secs()),
            "{:?}",
            began.elapsed()
        );
        drop(two);
        one.record();
        assert!(
            tokio::time::timeout(Duration::from_secs(40), stalls.stalled(patience))
                .await
                .is_err()
        );
    }
}
