//! Failures of requests to TickStockPL, and the messages that operators read about them.

use app::ports::{CommandError, ErrorCode};
use contract::http::{InvalidAnswer, Refusal};
use reqwest::StatusCode;

/// A request to TickStockPL that got no usable response.
#[derive(Clone, Debug, thiserror::Error)]
pub enum UpstreamError {
    /// No connection was made, so the request was not sent.
    #[error("TickStockPL is unreachable at {address}: {reason}")]
    Unreachable {
        /// Without user and password.
        address: String,
        reason: String,
    },
    /// The request was sent, but no response arrived.
    #[error("TickStockPL at {address} did not respond: {reason}")]
    NoResponse {
        /// Without user and password.
        address: String,
        reason: String,
        /// True after the full time-out, false where the connection ended early.
        timed_out: bool,
    },
    /// TickStockPL responded with an error status.
    #[error("TickStockPL rejected the request with status {status}{}", .refusal.message.as_ref().map(|m| format!(": {m}")).unwrap_or_default())]
    Refused {
        status: StatusCode,
        refusal: Box<Refusal>,
    },
    /// The response is not one of the documented ones.
    #[error("TickStockPL sent an invalid response: {0}")]
    InvalidResponse(#[from] InvalidAnswer),
    /// The response exceeds the size limit, in MiB.
    #[error("TickStockPL's response is larger than {0} MiB")]
    TooLarge(usize),
    /// The circuit breaker is open, so the request was not sent.
    #[error("TickStockPL is unavailable: {reason}")]
    CircuitOpen {
        /// The error of the last attempt.
        reason: String,
    },
    /// All concurrent requests are in use, so the request was not sent.
    #[error("TickStockPL requests are limited to {0} at a time")]
    Busy(usize),
}

impl UpstreamError {
    /// True where TickStockPL did not respond at all.
    pub fn is_absence(&self) -> bool {
        matches!(
            self,
            UpstreamError::Unreachable { .. } | UpstreamError::NoResponse { .. }
        )
    }
}

impl From<UpstreamError> for CommandError {
    fn from(error: UpstreamError) -> Self {
        let (code, advice) = match &error {
            UpstreamError::Unreachable { .. } | UpstreamError::CircuitOpen { .. } => (
                ErrorCode::Unavailable,
                " The command was not sent. Retry when TickStockPL is available.",
            ),
            UpstreamError::Busy(_) => (
                ErrorCode::Busy,
                " The command was not sent. Retry in a few seconds.",
            ),
            UpstreamError::NoResponse { .. } => (
                ErrorCode::Unconfirmed,
                " The command may have been carried out. Check the run's status before you retry.",
            ),
            UpstreamError::InvalidResponse(_) | UpstreamError::TooLarge(_) => (
                ErrorCode::InvalidAnswer,
                " The command may have been carried out. Check the run's status before you retry.",
            ),
            UpstreamError::Refused { status, refusal } => {
                let code = match status.as_u16() {
                    409 | 423 => ErrorCode::Conflict,
                    400 if refusal.run_id.is_some() => ErrorCode::Conflict,
                    404 => ErrorCode::NotFound,
                    400 | 422 => ErrorCode::Invalid,
                    _ => ErrorCode::Refused,
                };
                (code, "")
            }
        };
        let message = format!("{}.{advice}", error.to_string().trim_end_matches('.'));
        let (field, run_id) = match error {
            UpstreamError::Refused { refusal, .. } => (refusal.field, refusal.run_id),
            _ => (None, None),
        };
        CommandError {
            code,
            message,
            field,
            run_id,
        }
    }
}
