//! The last answers of TickStockPL's API about what is active: what claims of events are held
//! against.

use contract::{RunId, Timestamp};
use serde::Serialize;

/// What TickStockPL's API last said.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Authority {
    /// When the status was asked for that was answered last.
    pub asked_at: Option<Timestamp>,
    /// When the first of the answers in a row was asked for that said the same.
    pub since: Option<Timestamp>,
    /// Whether that answer says that a run is active.
    pub running: bool,
    /// The run that it names.
    pub run_id: Option<RunId>,
    /// When the history was asked for that was answered last.
    pub history_asked_at: Option<Timestamp>,
}

contract::read_fields!(Authority { asked_at, since, running or false, run_id, history_asked_at });
