//! What the console knows, and the one way in which it changes: [`State::apply`].
//!
//! The relay and every browser apply the same frames to the same state, so they cannot differ.
//! Pure: no clock, no I/O.

#![warn(missing_docs)]

mod authority;
mod baseline;
mod byte_budget;
mod changes;
mod errors;
mod feeds;
mod filter;
pub mod limits;
mod links;
mod log;
mod monitoring;
mod reduce;
mod run;
mod run_summary;
mod schedule;
mod state;
mod summary;
mod thresholds;
mod throughput;
mod times;
mod tone;

pub use authority::Authority;
pub use baseline::{
    MAX_SAMPLE_SIZE, MIN_SAMPLE_SIZE, RunSample, baseline_for, baseline_for_parameters, baselines,
    comparable_key, default_universes,
};
pub use changes::Changes;
pub use errors::{Acknowledged, ErrorGroup};
pub use feeds::{Feeds, IndicatorRow, PatternRow};
pub use links::{LinkState, Links};
pub use log::{LogEntry, Rejected};
pub use monitoring::{ActiveAlert, Monitoring};
pub use run::{
    Claim, ClaimSource, DOCUMENTED_SECONDS, EventPace, PhaseState, PhaseStatus, Run, RunStatus,
    SymbolFailure, UNKNOWN_RUN_ID,
};
pub use run_summary::RunSummary;
pub use schedule::Schedule;
pub use state::{Snapshot, State};
pub use summary::{AuditEntry, EventSummary, PhaseSummary};
pub use thresholds::Thresholds;
pub use throughput::Throughput;
pub use tone::Tone;
