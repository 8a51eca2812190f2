//! The interface between the pages and the server that they run in.

#[cfg(feature = "ssr")]
mod access;
mod embeds;
mod queries;
mod viewer;

pub use crate::command_error::{CommandError, ErrorCode};
pub use crate::input::Command;
#[cfg(feature = "ssr")]
pub use access::*;
pub use embeds::{EmbedSettings, EmbedShareRow};
pub use queries::*;
pub use viewer::*;

use crate::Zone;
use contract::http::{CommandAnswer, ScheduleRequest};
use contract::{ErrorGroupId, RunId};
use model::{Schedule, Snapshot};
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::pin::Pin;

/// The data of a page; the server provides it as a context.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageData {
    /// The state, now.
    pub snapshot: Snapshot,
    /// The zone that times are shown in.
    pub zone: Zone,
    /// Such as `production`, where one is configured.
    pub environment: Option<String>,
    #[serde(default)]
    pub viewer: Viewer,
}

/// The schedule as the page that is edited knew it, and what is to change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScheduleEdit {
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
