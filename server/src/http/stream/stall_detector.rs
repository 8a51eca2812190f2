//! Readers over HTTP/2, seen from outside: one that takes nothing stops only its own stream, whose
//! body is then never polled, so no deadline in it could ever run. The connection keeps the
//! deadlines of all its streams.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::time::Instant;

/// How often the streams of a connection are looked at.
const LOOK: Duration = Duration::from_secs(5);

/// The streams of one connection.
#[derive(Clone, Default)]
pub struct StallDetector(Arc<Mutex<Vec<Weak<Mutex<Instant>>>>>);

/// When one stream last asked for more, which it does only when what it had is taken.
pub struct StreamActivity(Arc<Mutex<Instant>>);

impl StallDetector {
    /// One more stream; it is forgotten when the value is dropped.
    pub fn add(&self) -> StreamActivity {
        let asked = Arc::new(Mutex::new(Instant::now()));
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::downgrade(&asked));
        StreamActivity(asked)
    }

    /// Ends when one of the streams has not asked for more for `patience`.
    pub async fn stalled(&self, patience: Duration) {
        loop {
            tokio::time::sleep(LOOK).await;
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.retain(|asked| asked.strong_count() > 0);
            let late = |asked: &Weak<Mutex<Instant>>| {
                asked.upgrade().is_some_and(|at| {
                    at.lock().unwrap_or_else(PoisonError::into_inner).elapsed() > patience
                })
            };
            if all.iter().any(late) {
                return;
            }
        }
    }
}

impl StreamActivity {
    /// The stream asks for more.
    pub fn asks(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_connection_ends_with_a_stream_that_asks_for_nothing_and_not_with_one_that_has_gone()
    {
        let paces = StallDetector::default();
        let (one, two) = (paces.add(), paces.add());
        let patience = Duration::from_secs(45);
        let began = Instant::now();
        let asking = async {
            loop {
                tokio::time::sleep(Duration::from_secs(15)).await;
                one.asks();
            }
        };
        tokio::select! {
            () = paces.stalled(patience) => {}
            () = asking => {}
        }
        assert!(
            (45..=51).contains(&began.elapsed().as_secs()),
            "{:?}",
            began.elapsed()
        );
        drop(two);
        one.asks();
        assert!(
            tokio::time::timeout(Duration::from_secs(40), paces.stalled(patience))
                .await
                .is_err()
        );
    }
}
