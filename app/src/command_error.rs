//! The error of every command, from the server function or REST operation to the page.

use crate::text::browser;
use contract::RunId;
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a command did nothing (or, where it says so, may have done something).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandError {
    /// What kind of error it is.
    pub code: ErrorCode,
    /// What happened and what to do, in words.
    pub message: String,
    /// The field that was wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The run that stands in the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
}

/// The kinds of [`CommandError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Nobody is signed in, or no longer.
    Unauthenticated,
    /// Who asks may not.
    Forbidden,
    /// The request was wrong.
    Invalid,
    /// A run is already active, or no run is active that could be stopped.
    Conflict,
    /// TickStockPL does not know what the request names.
    NotFound,
    /// Somebody else changed what the request changes.
    Changed,
    /// The key of the request was used for another one.
    KeyReused,
    /// Too much is under way: nothing was done.
    Busy,
    /// TickStockPL refused for another reason.
    Refused,
    /// TickStockPL cannot be reached: nothing was done.
    Unavailable,
    /// No answer came in time: the command may have been carried out.
    Unconfirmed,
    /// TickStockPL's answer made no sense.
    #[serde(rename = "bad_answer", alias = "invalid_answer")]
    InvalidAnswer,
    /// The console itself failed.
    Internal,
}

impl CommandError {
    /// A request whose `field` is wrong.
    pub fn invalid(field: &str, message: &str) -> CommandError {
        CommandError {
            code: ErrorCode::Invalid,
            message: message.to_owned(),
            field: Some(field.to_owned()),
            run_id: None,
        }
    }

    /// An error that names no field and no run.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> CommandError {
        CommandError {
            code,
            message: message.into(),
            field: None,
            run_id: None,
        }
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CommandError {}

impl FromServerFnError for CommandError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let (code, message) = match error {
            ServerFnErrorErr::Request(_) => {
                (ErrorCode::Unavailable, browser::UNREACHABLE.to_owned())
            }
            other => (
                ErrorCode::Internal,
                format!("The console could not carry this out: {other}"),
            ),
        };
        CommandError::new(code, message)
    }
}
