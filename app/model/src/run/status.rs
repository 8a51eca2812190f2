//! The status of a run: one table with its names, its words and its tone, from which the stream,
//! the database, REST, the page and the badge take theirs.

use crate::{Thresholds, Tone};
use contract::Outcome;

/// Declares the statuses with all that is said of each, once.
macro_rules! statuses {
    ($( $(#[$doc:meta])* $variant:ident {
        wire_name: $wire_name:literal,
        word: $word:literal,
        short: $short:literal,
        predicate: $predicate:literal,
        tone: $tone:ident $(,)?
    } )+) => {
        contract::words! {
            /// Status of a run: what it does, or how it ended.
            RunStatus { $( $(#[$doc])* $variant = $wire_name ),+ }
        }

        impl RunStatus {
            /// Label on the page.
            pub const fn word(self) -> &'static str {
                match self { $(RunStatus::$variant => $word),+ }
            }

            /// Shortest label, in lower case: on the badge, and before the reason in
            /// `processing_runs.error_message`.
            pub const fn short(self) -> &'static str {
                match self { $(RunStatus::$variant => $short),+ }
            }

            /// What a sentence says of the run: "the last run …".
            pub const fn predicate(self) -> &'static str {
                match self { $(RunStatus::$variant => $predicate),+ }
            }

            /// Tone in which it is shown.
            pub const fn tone(self) -> Tone {
                match self { $(RunStatus::$variant => Tone::$tone),+ }
            }
        }
    };
}

statuses! {
    Running {
        wire_name: "running",
        word: "Running",
        short: "running",
        predicate: "is running",
        tone: Running,
    }
    /// TickStockPL accepted to cancel it, and has not yet reported that it stopped.
    Cancelling {
        wire_name: "cancelling",
        word: "Cancelling",
        short: "cancelling",
        predicate: "is being cancelled",
        tone: Neutral,
    }
    Succeeded {
        wire_name: "succeeded",
        word: "Succeeded",
        short: "succeeded",
        predicate: "succeeded",
        tone: Good,
    }
    /// More symbols failed than the threshold allows, or TickStockPL called the run partial.
    SucceededWithWarnings {
        wire_name: "succeeded_with_warnings",
        word: "Succeeded with warnings",
        short: "warnings",
        predicate: "succeeded with warnings",
        tone: Warn,
    }
    Failed {
        wire_name: "failed",
        word: "Failed",
        short: "failed",
        predicate: "failed",
        tone: Bad,
    }
    Cancelled {
        wire_name: "cancelled",
        word: "Cancelled",
        short: "cancelled",
        predicate: "was cancelled",
        tone: Neutral,
    }
    /// It ended, and TickStockPL's word for how is not one that this console knows.
    OutcomeUnknown {
        wire_name: "outcome_unknown",
        word: "Ended, outcome unknown",
        short: "outcome unknown",
        predicate: "ended, outcome unknown",
        tone: Warn,
    }
    /// TickStockPL has no record of it, and nobody reported how it ended.
    Lost {
        wire_name: "lost",
        word: "Lost",
        short: "lost",
        predicate: "was lost",
        tone: Warn,
    }
    /// Another run began before its end was reported.
    Superseded {
        wire_name: "superseded",
        word: "Superseded",
        short: "superseded",
        predicate: "was superseded by another",
        tone: Neutral,
    }
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
            Outcome::Succeeded if thresholds.is_warning(failed, total) => {
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
