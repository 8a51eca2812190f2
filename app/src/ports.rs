//! What the pages and server functions need of the server that they run in.

#[cfg(feature = "ssr")]
mod access;
mod embeds;
mod queries;
mod viewer;

#[cfg(feature = "ssr")]
pub use access::*;
pub use embeds::{EmbedSettings, EmbedShareRow};
pub use queries::*;
pub use viewer::*;

use crate::Zone;
use crate::text::browser;
use contract::http::{
    CommandAnswer, ImportRequest, IndicatorsRequest, PatternsRequest, RetryRequest,
    ScheduleRequest, TriggerRequest,
};
use contract::{ErrorGroupId, RunId};
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use model::{Schedule, Snapshot};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// What a page is rendered from; the server provides it as a context.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageData {
    /// The state, now.
    pub snapshot: Snapshot,
    /// The zone that times are shown in.
    pub zone: Zone,
    /// Such as `production`, where one is configured.
    pub environment: Option<String>,
    /// Who looks at it.
    #[serde(default)]
    pub viewer: Viewer,
}

/// What an operator asks TickStockPL to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Start a run.
    Trigger(TriggerRequest),
    /// Stop the run that is active.
    Cancel {
        /// Why.
        reason: Option<String>,
    },
    /// Import prices.
    Import(ImportRequest),
    /// Calculate indicators.
    Indicators(IndicatorsRequest),
    /// Look for patterns.
    Patterns(PatternsRequest),
    /// Repeat the imports that failed.
    Retry(RetryRequest),
}

/// The schedule as the page that is edited knew it, and what is to change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScheduleEdit {
    /// What is to change.
    pub change: ScheduleRequest,
    /// The version that the editor saw ([`Schedule::version`]); where it is no longer the present
    /// one, nothing is changed.
    pub seen: Option<String>,
}

/// Something that is there later.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The relay, as the pages see it.
pub trait Backend: PageQueries + Send + Sync + 'static {
    /// Has TickStockPL carry out a command. The same `key` within a day gives the first answer
    /// again, and does nothing.
    fn command(
        &self,
        command: Command,
        key: Option<String>,
    ) -> BoxFuture<Result<CommandAnswer, CommandError>>;
    /// Changes the schedule; gives it as TickStockPL confirms it.
    fn update_schedule(
        &self,
        edit: ScheduleEdit,
        key: Option<String>,
    ) -> BoxFuture<Result<Schedule, CommandError>>;
    /// Notes that somebody has seen a group of errors, all `seen` of them, and takes care of it.
    fn acknowledge(
        &self,
        group: ErrorGroupId,
        seen: Option<u64>,
    ) -> BoxFuture<Result<(), CommandError>>;
    /// The run whose failed imports a retry that names none is about: the one that is shown.
    fn run_to_retry(&self) -> BoxFuture<Option<RunId>>;
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
    /// Nobody is signed in, or no longer.
    Unauthenticated,
    /// Who asks may not.
    Forbidden,
    /// The request was wrong.
    Invalid,
    /// A run is active already, or there is none to stop.
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
