//! Brings the poller's next request forward: after a command, and when Redis was lost or came back.

use contract::Timestamp;
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::sync::Notify;

/// Wakes the poller; clones refer to the same one.
#[derive(Clone, Debug, Default)]
pub struct PollTrigger(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    wake: Notify,
    gap: Mutex<Option<(Timestamp, Timestamp)>>,
}

impl PollTrigger {
    /// Something may have changed that TickStockPL's API knows and events do not tell.
    pub fn now(&self) {
        self.0.wake.notify_one();
    }

    /// Events between the two times may have been missed. Gaps that the poller has not taken yet
    /// become one.
    pub fn about_gap(&self, from: Timestamp, to: Timestamp) {
        let mut gap = self.0.gap.lock();
        *gap = Some((gap.map_or(from, |(earlier, _)| earlier.min(from)), to));
        drop(gap);
        self.now();
    }

    /// Waits until the poller is to ask.
    pub async fn triggered(&self) {
        self.0.wake.notified().await;
    }

    /// The gap in which events may have been missed; each is returned once.
    pub fn take_gap(&self) -> Option<(Timestamp, Timestamp)> {
        self.0.gap.lock().take()
    }
}
