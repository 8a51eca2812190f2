//! The data of the sections of a run's view.

use crate::Zone;
use contract::Timestamp;
use model::{ErrorGroup, PhaseSummary, Run, RunSummary};

pub(super) struct RunContent<'a> {
    /// None before any run was seen.
    pub(super) summary: Option<RunSummary>,
    /// The run, where all of it is known.
    pub(super) run: Option<&'a Run>,
    /// Empty where nothing is known of them.
    pub(super) phases: Vec<PhaseSummary>,
    pub(super) errors: Vec<&'a ErrorGroup>,
    pub(super) now: Timestamp,
    pub(super) zone: &'a Zone,
}
