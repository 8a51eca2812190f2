//! How the writing goes: what the interface shows of the database.

use contract::Timestamp;
use serde::{Deserialize, Serialize};

/// Whether the database takes what is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Whether it is there.
    pub up: bool,
    /// Since when that is so.
    pub since: Timestamp,
    /// Why it is unavailable, or what is not as it should be; one line, without secrets.
    pub detail: Option<String>,
    /// Records that must last and wait for it.
    pub spooled: usize,
    /// Records that could not wait and are lost: events while it was away.
    pub lost: u64,
    /// What this relay does with it.
    pub mode: WriterMode,
}

/// What a relay does with the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WriterMode {
    /// It has not been opened yet.
    Opening,
    /// It writes everything.
    Writing,
    /// Another relay writes what TickStockPL publishes; this one what its own people do, and it
    /// takes over when the other ends.
    Standby,
    /// It may only read.
    ReadOnly,
}

impl Health {
    pub(super) fn opening(since: Timestamp) -> Health {
        Health {
            up: false,
            since,
            detail: None,
            spooled: 0,
            lost: 0,
            mode: WriterMode::Opening,
        }
    }

    pub(super) fn change(
        &mut self,
        now: Timestamp,
        up: bool,
        detail: Option<String>,
        mode: WriterMode,
    ) {
        if self.up != up {
            self.since = now;
        }
        (self.up, self.detail, self.mode) = (up, detail, mode);
    }
}
