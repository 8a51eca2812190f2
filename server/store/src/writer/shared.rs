//! State that the handle and both tasks share.

use super::health::Health;
use super::pending::Pending;
use crate::Store;
use crate::notice::Notice;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, broadcast, watch};

/// Time limit of the last writes when the process ends.
pub(super) const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(3);

/// What the handle and the tasks share.
pub(super) struct Shared {
    pub pending: Mutex<Pending>,
    /// Whether the records that an earlier process left in the spool are pending, or cannot be
    /// read.
    pub file_read: watch::Sender<bool>,
    /// Wakes the spooler: a durable record is pending.
    pub spool_due: Notify,
    /// Wakes the flusher: records are due.
    pub flush_due: Notify,
    pub store: watch::Sender<Option<Arc<Store>>>,
    pub health: watch::Sender<Health>,
    pub notices: broadcast::Sender<Notice>,
}

impl Shared {
    pub(super) fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn health(&self, change: impl FnOnce(&mut Health)) {
        let (spooled, lost) = {
            let pending = self.pending();
            (pending.durable_count(), pending.lost)
        };
        self.health.send_if_modified(|health| {
            let before = health.clone();
            (health.spooled, health.lost) = (spooled, lost);
            change(health);
            *health != before
        });
    }
}
