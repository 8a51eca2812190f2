//! Rows that the database, the REST API and the pages share, each in one shape from the store to
//! the page. [`crate::RunSummary`] is the fourth.

use crate::{PhaseStatus, Run};
use contract::{Phase, RunId, Timestamp};
use serde::{Deserialize, Serialize};

/// One phase of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct PhaseSummary {
    /// The phase.
    pub phase: Phase,
    /// Its state when the run was last written.
    pub status: PhaseStatus,
    /// Its start, if that was seen.
    pub started_at: Option<Timestamp>,
    /// Its end, if that was seen.
    pub ended_at: Option<Timestamp>,
    /// Seconds it took; absent until it is over.
    pub seconds: Option<f64>,
    /// Symbols (for the cache: universes) done.
    pub done: Option<u64>,
    /// Symbols (for the cache: universes) in all.
    pub total: Option<u64>,
    /// Symbols failed.
    pub failed: Option<u64>,
    /// 0 to 100.
    pub percent: f64,
}

/// One event of the event log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventSummary {
    /// The run that it names.
    pub run_id: Option<RunId>,
    /// Its [`crate::LogEntry::number`].
    pub number: u64,
    /// When the relay received it.
    pub at: Timestamp,
    /// The channel's name.
    pub channel: String,
    /// The event's name.
    pub name: String,
    /// Its content in a few words.
    pub summary: String,
    /// The message as it was published, cut where it is long.
    pub raw: Option<String>,
}

/// One entry of the audit log: who did what, and the outcome. Entries are never changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Unique key, so that an entry that is written twice is stored once.
    pub key: String,
    /// When it was done.
    pub at: Timestamp,
    /// User name; `anonymous` where nobody is signed in.
    pub who: String,
    /// The user's role.
    pub role: Option<String>,
    /// The action, such as `trigger`.
    pub action: String,
    /// Its object, such as a run's id.
    pub target: Option<String>,
    /// Client address.
    pub address: Option<String>,
    /// Id of the request.
    pub request_id: Option<String>,
    /// `asked`, `accepted`, `refused`, `unconfirmed`, …
    pub outcome: String,
    /// Parameters or reason, as JSON or text; no secrets.
    pub detail: Option<String>,
}

impl Run {
    /// Its four phases in order.
    pub fn phase_summaries(&self) -> Vec<PhaseSummary> {
        let summary = |phase: Phase| {
            let state = self.phase(phase);
            let end = state.ended_at.unwrap_or(self.heard_at);
            let over = state.is_over();
            PhaseSummary {
                phase,
                status: state.status,
                started_at: state.started_at,
                ended_at: state.ended_at,
                seconds: over.then(|| state.seconds(end)).flatten(),
                done: state.done,
                total: state.total,
                failed: state.failed,
                percent: state.percent,
            }
        };
        Phase::ALL.into_iter().map(summary).collect()
    }
}
