//! What the pages and server functions need of the server that they run in.

use crate::Zone;
use contract::RunId;
use contract::http::{CommandAnswer, TriggerRequest};
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use model::Snapshot;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// What a page is rendered from; the server provides it as a context.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageData {
    /// The state, now.
    pub snapshot: Snapshot,
    /// The exchange's zone.
    pub zone: Zone,
}

/// The answer to a command, later.
pub type CommandFuture = Pin<Box<dyn Future<Output = Result<CommandAnswer, CommandError>> + Send>>;

/// The relay, as the pages see it.
pub trait Backend: Send + Sync + 'static {
    /// Asks TickStockPL to start a run.
    fn trigger(&self, request: TriggerRequest) -> CommandFuture;
    /// Asks TickStockPL to stop the run that is active.
    fn cancel(&self) -> CommandFuture;
}

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
    /// The request was wrong.
    Invalid,
    /// A run is active already, or there is none to stop.
    Conflict,
    /// TickStockPL refused for another reason.
    Refused,
    /// TickStockPL cannot be reached: nothing was done.
    Unavailable,
    /// No answer came in time: the command may have been carried out.
    Unconfirmed,
    /// TickStockPL's answer made no sense.
    BadAnswer,
    /// The console itself failed.
    Internal,
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
            ServerFnErrorErr::Request(_) => (
                ErrorCode::Unavailable,
                "The console could not be reached. Check the connection and try again.".to_owned(),
            ),
            other => (ErrorCode::Internal, format!("The console could not carry this out: {other}")),
        };
        CommandError { code, message, field: None, run_id: None }
    }
}
