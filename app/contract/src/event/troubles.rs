//! Errors.

use super::{Scalar, is_default};
use crate::{Phase, Symbol};
use serde::Serialize;

body! {
    /// An error, whatever envelope it came in.
    ErrorReport {
        /// How bad.
        severity: Severity,
        /// The part of TickStockPL that reports it.
        component: Option<String>,
        /// Such as `API_RATE_LIMIT`.
        code: Option<String>,
        /// What happened.
        message: String,
        /// Such as `network`.
        category: Option<String>,
        /// The symbol it is about.
        symbol: Option<Symbol>,
        /// The phase it happened in.
        phase: Option<Phase>,
        /// What TickStockPL does about it.
        recovery_action: Option<String>,
        /// After how long it tries again, as it says; taken as seconds.
        retry_after_seconds: Option<f64>,
        /// The error's own id, by which a repeated message is known.
        error_id: Option<String>,
        /// Where in TickStockPL's code it happened, cut to 2 KiB.
        traceback: Option<String>,
        /// All of its context.
        context: Vec<(String, Scalar)>,
        /// The event name was `processing_error`: the run itself failed.
        fatal: bool,
    }
}

/// How bad an error is, worst last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// For those who debug TickStockPL.
    Debug,
    /// Good to know.
    Info,
    /// Something to watch.
    Warning,
    /// Something failed. Also where a message gives none, or one that nobody knows.
    #[default]
    Error,
    /// The run is at stake.
    Critical,
}

crate::read_words!(Severity {
    "debug" => Debug,
    "info" => Info,
    "warning" => Warning,
    "error" => Error,
    "critical" => Critical,
});
