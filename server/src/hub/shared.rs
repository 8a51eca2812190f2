//! What the hub's task publishes and everybody else reads.

use super::journal::Journal;
use bytes::Bytes;
use contract::Timestamp;
use model::State;
use parking_lot::RwLock;
use std::sync::Arc;
use tokio::sync::{Mutex, watch};
use tokio::time::Instant;

/// What readers see without the hub's help.
#[derive(Debug)]
pub(super) struct Shared {
    /// Distinguishes the sequence numbers of this process from another one's.
    pub(super) epoch: u64,
    pub(super) journal: RwLock<Journal>,
    pub(super) published: watch::Sender<Published>,
    /// The latest `event: snapshot`, for a crowd that joins at once.
    pub(super) snapshot_event: Mutex<Option<SnapshotEvent>>,
}

/// What the hub publishes at each step and at each heartbeat; it wakes those who follow.
#[derive(Debug)]
pub(super) struct Published {
    /// The last step, and its time.
    pub(super) seq: u64,
    pub(super) at: Timestamp,
    /// The state after it.
    pub(super) state: Arc<State>,
    /// Heartbeats so far, and the latest.
    pub(super) heartbeats: u64,
    pub(super) heartbeat: Bytes,
    /// The hub has ended; nothing follows.
    pub(super) ended: bool,
}

#[derive(Clone, Debug)]
pub(super) struct SnapshotEvent {
    pub(super) seq: u64,
    pub(super) bytes: Bytes,
    pub(super) made: Instant,
}
