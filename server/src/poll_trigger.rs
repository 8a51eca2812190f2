//! What brings the next question to TickStockPL's API forward: a command that was sent, Redis that
//! went away or came back.

use contract::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// Asks the API watcher to ask now; clones refer to the same watcher.
#[derive(Clone, Default)]
pub struct PollTrigger(Arc<Inner>);

#[derive(Default)]
struct Inner {
    wake: Notify,
    gap: Mutex<Option<(Timestamp, Timestamp)>>,
}

impl PollTrigger {
    /// Something may have changed that TickStockPL's API knows better than we do.
    pub fn now(&self) {
        self.0.wake.notify_one();
    }

    /// Events between the two times may have been missed. Of several such times that nobody asked
    /// about yet, one is made.
    pub fn about_gap(&self, from: Timestamp, to: Timestamp) {
        let mut gap = self.0.gap.lock().unwrap_or_else(PoisonError::into_inner);
        *gap = Some((gap.map_or(from, |(earlier, _)| earlier.min(from)), to));
        drop(gap);
        self.now();
    }

    /// Waits until there is something to ask.
    pub async fn wanted(&self) {
        self.0.wake.notified().await;
    }

    /// The time in which events may have been missed, once.
    pub fn take_gap(&self) -> Option<(Timestamp, Timestamp)> {
        self.0
            .gap
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}
