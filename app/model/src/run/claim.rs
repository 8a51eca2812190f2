//! Who reported what a run does, and when: what a later report is weighed against.

use contract::Timestamp;
use serde::Serialize;

/// How long an answer of TickStockPL's API may be behind an event, in ms. TickStockPL publishes an
/// event a moment before or after its API shows the same, and the two travel separately. An answer
/// asked later than this replaces what events reported.
pub(crate) const GUARD_MS: i64 = 3_000;

/// Starts that lie no further apart by TickStockPL's own clock are one start, in ms.
pub(crate) const SAME_START_MS: i64 = 1_000;

/// Where the present status of a run comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// Who reported it.
    pub source: ClaimSource,
    /// When: for events the time at which the relay received them, for answers of the API the time
    /// at which it was asked.
    pub at: Timestamp,
}

contract::words! {
    /// Who reported a status, weakest first.
    #[derive(Default)]
    ClaimSource {
        /// Nobody: it follows from something else that was reported, as *lost* and *superseded* do.
        #[default]
        Inferred = "inferred",
        /// An event that names no run, taken for the one that was active.
        UnnamedEvent = "unnamed_event",
        /// An event that names the run.
        Event = "event",
        /// TickStockPL's status answer.
        Status = "status",
        /// TickStockPL's history.
        History = "history",
    }
}

impl Claim {
    /// Whether an answer of TickStockPL's API asked at `asked_at` is later than this claim. What
    /// the API itself reported gives way to any later answer; what events reported has
    /// [`GUARD_MS`], since answers and events overtake each other.
    pub(crate) fn is_outdated_by_answer(self, asked_at: Timestamp) -> bool {
        match self.source {
            ClaimSource::Event | ClaimSource::UnnamedEvent => asked_at.since(self.at) >= GUARD_MS,
            ClaimSource::Inferred | ClaimSource::Status | ClaimSource::History => {
                asked_at >= self.at
            }
        }
    }
}

contract::read_fields!(Claim { source, at });
