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

crate::words! {
    /// Severity of an error, worst last.
    #[derive(Default)]
    Severity {
        Debug = "debug",
        Info = "info",
        Warning = "warning",
        /// Also where a message gives no severity, or one that nobody knows.
        #[default]
        Error = "error",
        /// The run is at stake.
        Critical = "critical",
    }
}
