//! What the console knows, and the one way in which it changes: [`State::apply`].
//!
//! The relay and every browser apply the same frames to the same state, so they cannot differ. Pure: no clock, no I/O.

mod changes;
mod errors;
mod events;
mod feeds;
mod history;
mod links;
mod log;
mod narrow;
mod reconcile;
mod results;
mod run;
mod schedule;
mod state;

pub use changes::Changes;
pub use errors::ErrorGroup;
pub use feeds::{Feeds, IndicatorRow, PatternRow};
pub use history::RunSummary;
pub use links::{LinkState, Links};
pub use log::{LogEntry, Rejected};
pub use run::{PhaseState, PhaseStatus, Run, RunStatus};
pub use schedule::Schedule;
pub use state::{Snapshot, State, limits};
