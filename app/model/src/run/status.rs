//! What a run does, or how it ended.

use crate::Thresholds;
use contract::Outcome;
use serde::{Serialize, Serializer};

/// Declares the statuses with their names on the wire, once.
macro_rules! statuses {
    ($( $(#[$doc:meta])* $variant:ident = $name:literal ),+ $(,)?) => {
        /// What a run does, or how it ended.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum RunStatus {
            $( $(#[$doc])* $variant ),+
        }

        impl RunStatus {
            /// Every status.
            pub const ALL: &'static [RunStatus] = &[$(RunStatus::$variant),+];

            /// The name in the stream, in REST and in the database.
            pub const fn wire_name(self) -> &'static str {
                match self { $(RunStatus::$variant => $name),+ }
            }

            /// The status of that name.
            pub fn parse(name: &str) -> Option<RunStatus> {
                match name { $($name => Some(RunStatus::$variant),)+ _ => None }
            }
        }
    };
}

statuses! {
    /// It is active.
    Running = "running",
    /// TickStockPL accepted to stop it, and has not yet reported that it stopped.
    Cancelling = "cancelling",
    /// It ended well.
    Succeeded = "succeeded",
    /// It ended well, with more failed symbols than the threshold, or TickStockPL called it
    /// partial.
    SucceededWithWarnings = "succeeded_with_warnings",
    /// It failed.
    Failed = "failed",
    /// It was stopped.
    Cancelled = "cancelled",
    /// It ended, and TickStockPL's word for how is not one that this console knows.
    OutcomeUnknown = "outcome_unknown",
    /// TickStockPL has no record of it, and nobody reported how it ended.
    Lost = "lost",
    /// Another run began before its end was reported.
    Superseded = "superseded",
}

impl RunStatus {
    /// Whether the run is active.
    pub fn is_active(self) -> bool {
        matches!(self, RunStatus::Running | RunStatus::Cancelling)
    }

    /// Whether it ended well, with or without warnings.
    pub fn is_success(self) -> bool {
        matches!(
            self,
            RunStatus::Succeeded | RunStatus::SucceededWithWarnings
        )
    }

    /// The status of a run that ended so, with `failed` symbols of `total`. A good end has warnings
    /// where the failed ones reach the threshold, or where nobody knows of how many they are.
    pub fn ended(
        outcome: Outcome,
        failed: u64,
        total: Option<u64>,
        thresholds: Thresholds,
    ) -> RunStatus {
        match outcome {
            Outcome::Succeeded if thresholds.warns(failed, total) => {
                RunStatus::SucceededWithWarnings
            }
            Outcome::Succeeded => RunStatus::Succeeded,
            Outcome::SucceededWithWarnings => RunStatus::SucceededWithWarnings,
            Outcome::Failed => RunStatus::Failed,
            Outcome::Cancelled => RunStatus::Cancelled,
            Outcome::Unknown => RunStatus::OutcomeUnknown,
        }
    }
}

impl Serialize for RunStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.wire_name())
    }
}

impl contract::wire::Read for RunStatus {
    fn read(json: contract::wire::Json<'_, '_>) -> Option<Self> {
        RunStatus::parse(json.text()?)
    }
}

contract::deserialize_by_read!(RunStatus);
