//! What the console knows, and the one way in which it changes: [`State::apply`].
//!
//! The relay and every browser apply the same frames to the same state, so they cannot differ.
//! Pure: no clock, no I/O.

mod baseline;
mod changes;
mod current;
mod errors;
mod events;
mod feeds;
mod history;
pub mod limits;
mod links;
mod log;
mod monitoring;
mod narrow;
mod reconcile;
mod results;
mod room;
mod run;
mod schedule;
mod state;
mod summary;
mod thresholds;
mod throughput;
mod times;
mod tone;

pub use baseline::{
    MAX_SAMPLE_SIZE, MIN_SAMPLE_SIZE, RunSample, baseline_for, baseline_for_parameters, baselines,
    comparable_key, default_universes, documented_shares,
};
pub use changes::Changes;
pub use current::Authority;
pub use errors::{Acknowledged, ErrorGroup};
pub use feeds::{Feeds, IndicatorRow, PatternRow};
pub use history::RunSummary;
pub use links::{LinkState, Links};
pub use log::{LogEntry, Rejected};
pub use monitoring::{ActiveAlert, Monitoring};
pub use run::{
    Claim, ClaimSource, EventPace, PhaseState, PhaseStatus, Run, RunStatus, SymbolFailure,
    UNKNOWN_ID,
};
pub use schedule::Schedule;
pub use state::{Snapshot, State};
pub use summary::{AuditEntry, EventSummary, PhaseSummary};
pub use thresholds::Thresholds;
pub use throughput::Throughput;
pub use tone::Tone;
