//! Why TickStockPL gave no answer, or none that can be used; and what an operator reads of it.

use app::ports::{CommandError, ErrorCode};
use contract::http::{InvalidAnswer, Refusal};
use reqwest::StatusCode;

/// Why TickStockPL gave no answer, or none that can be used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum UpstreamError {
    /// No connection: nothing was asked.
    #[error("TickStockPL cannot be reached at {at}: {why}")]
    Unreachable {
        /// Where, without user and password.
        at: String,
        /// Refused, unknown host, …
        why: String,
    },
    /// The connection stood, but no answer came.
    #[error("TickStockPL at {at} gave no answer: {why}")]
    NoAnswer {
        /// Where, without user and password.
        at: String,
        /// Not in time, cut off, …
        why: String,
        /// Whether it was waited for to the end of the time allowed.
        late: bool,
    },
    /// It answered that it will not.
    #[error("TickStockPL refused with {status}{}", .refusal.message.as_ref().map(|m| format!(": {m}")).unwrap_or_default())]
    Refused {
        /// The status code.
        status: StatusCode,
        /// What else it said.
        refusal: Box<Refusal>,
    },
    /// It answered something that is none of its documented answers.
    #[error("TickStockPL's answer could not be read: {0}")]
    Broken(#[from] InvalidAnswer),
    /// It answered more than can be read.
    #[error("TickStockPL's answer is larger than {0} MiB")]
    TooLarge(usize),
    /// It did not answer a moment ago, and it has not been heard since: nothing was asked.
    #[error("TickStockPL does not answer at present ({why})")]
    Away {
        /// What the last attempt said.
        why: String,
    },
    /// The console has as many requests under way as it makes at once: nothing was asked.
    #[error("{0} requests to TickStockPL are under way, as many as the console makes at once")]
    Busy(usize),
}

impl UpstreamError {
    /// Whether it says that TickStockPL is not there at all.
    pub fn is_absence(&self) -> bool {
        matches!(
            self,
            UpstreamError::Unreachable { .. } | UpstreamError::NoAnswer { .. }
        )
    }
}

impl From<UpstreamError> for CommandError {
    /// What an operator reads: what happened, and what to do.
    fn from(error: UpstreamError) -> Self {
        let said = error.to_string();
        let (code, message) = match &error {
            UpstreamError::Unreachable { .. } | UpstreamError::Away { .. } => (
                ErrorCode::Unavailable,
                format!("{said}. Nothing was done; try again when it is back."),
            ),
            UpstreamError::Busy(_) => (
                ErrorCode::Busy,
                format!("{said}. Nothing was done; try again in a moment."),
            ),
            UpstreamError::NoAnswer { .. } => (
                ErrorCode::Unconfirmed,
                format!(
                    "{said}. The command may have been carried out all the same: watch the run's status before trying again."
                ),
            ),
            UpstreamError::Broken(_) | UpstreamError::TooLarge(_) => (
                ErrorCode::InvalidAnswer,
                format!(
                    "{said}. The command may have been carried out: watch the run's status before trying again."
                ),
            ),
            UpstreamError::Refused { status, refusal } => {
                let code = match status.as_u16() {
                    409 | 423 => ErrorCode::Conflict,
                    400 if refusal.run_id.is_some() => ErrorCode::Conflict,
                    404 => ErrorCode::NotFound,
                    400 | 422 => ErrorCode::Invalid,
                    _ => ErrorCode::Refused,
                };
                (code, said)
            }
        };
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
