//! What happens in a run and beside it, before it has words.

use crate::market::results::{Calculated, Detection};
use crate::plan::{Failure, RunPlan};
use contract::Phase;
use jiff::Timestamp;
use serde_json::Value;

/// One thing that happens and that may be told.
pub(crate) enum Event<'a> {
    /// The run began.
    RunStarted(&'a RunPlan),
    /// The run moved on, `percent` of all.
    RunProgress {
        progress: PhaseProgress<'a>,
        percent: f64,
        end: Timestamp,
    },
    /// The run ended.
    RunEnded(RunEnd<'a>),
    /// A phase began.
    PhaseStarted {
        plan: &'a RunPlan,
        phase: Phase,
        total: usize,
    },
    /// A phase moved on.
    PhaseProgress(PhaseProgress<'a>),
    /// A phase ended.
    PhaseCompleted(PhaseEnd<'a>),
    /// A symbol was imported, or not.
    Symbol {
        plan: &'a RunPlan,
        symbol: &'a str,
        failure: Option<Failure>,
        records: usize,
        ms: usize,
    },
    /// All symbols were imported in one timeframe.
    Timeframe {
        timeframe: &'a str,
        processed: usize,
        failed: &'a [String],
    },
    /// An indicator was calculated.
    Indicator {
        symbol: &'a str,
        indicator: &'a str,
        timeframe: &'a str,
        calculated: &'a Calculated,
    },
    /// A pattern was detected.
    Pattern {
        plan: &'a RunPlan,
        symbol: &'a str,
        detection: &'a Detection<'a>,
    },
    /// A pattern was detected by the intraday stream, which shares a channel with the run.
    Streamed {
        session_id: &'a str,
        symbol: &'a str,
        detection: &'a Detection<'a>,
    },
    /// Something went wrong.
    Error(ErrorReport<'a>),
    /// A monitoring alert began (with what it says) or ended.
    Alert {
        id: &'a str,
        message: Option<&'a str>,
    },
    /// A universe changed.
    Universe {
        universe: &'a str,
        reason: &'a str,
        count: usize,
    },
    /// A new symbol was given to a universe.
    Listed { symbol: &'a str, universe: &'a str },
    /// Delisted symbols were removed.
    Delisted(usize),
    /// Monitoring says how far a job is.
    Job(PhaseProgress<'a>),
    /// Monitoring says how the machine is.
    Metrics { cpu: f64, memory: f64, busy: bool },
    /// Monitoring says whether all is well.
    Health {
        cpu: f64,
        busy: bool,
        uptime_seconds: u64,
    },
    /// The schedule changed.
    Schedule(&'a Value),
    /// Somebody tries the channel out.
    Probe,
}

/// How a run ended.
pub(crate) struct RunEnd<'a> {
    pub(crate) plan: &'a RunPlan,
    /// `success`, `failed` or `cancelled`.
    pub(crate) status: &'a str,
    pub(crate) seconds: f64,
    pub(crate) processed: usize,
    pub(crate) failed: &'a [String],
    pub(crate) indicators: u64,
    pub(crate) patterns: u64,
    /// The phase that failed, and why.
    pub(crate) failure: Option<(Phase, &'a str)>,
}

/// How far a phase is.
#[derive(Clone, Copy)]
pub(crate) struct PhaseProgress<'a> {
    pub(crate) plan: &'a RunPlan,
    pub(crate) phase: Phase,
    pub(crate) done: usize,
    pub(crate) total: usize,
    pub(crate) failed: usize,
    pub(crate) symbol: &'a str,
    /// Seconds of real time.
    pub(crate) eta_seconds: u64,
    pub(crate) patterns: u64,
}

/// How a phase ended.
pub(crate) struct PhaseEnd<'a> {
    pub(crate) plan: &'a RunPlan,
    pub(crate) phase: Phase,
    pub(crate) total: usize,
    pub(crate) failed: &'a [String],
    /// Universes that the cache sync changed.
    pub(crate) updated: &'a [String],
    /// Records imported, changes made, indicators calculated or patterns detected.
    pub(crate) results: u64,
    /// Indicators that were to be calculated, or patterns that were looked for.
    pub(crate) tried: u64,
    pub(crate) seconds: f64,
}

/// Something that went wrong.
pub(crate) struct ErrorReport<'a> {
    pub(crate) plan: &'a RunPlan,
    pub(crate) phase: Phase,
    pub(crate) id: &'a str,
    pub(crate) severity: &'a str,
    pub(crate) component: &'a str,
    pub(crate) code: &'a str,
    pub(crate) category: &'a str,
    pub(crate) message: &'a str,
    pub(crate) symbol: Option<&'a str>,
    /// Whether the run ends with it.
    pub(crate) fatal: bool,
}

impl Event<'_> {
    /// How many numbers [`Event::kind`] gives.
    pub(super) const KINDS: usize = 32;

    /// A number for what is told by the same wordings: the phases' steps have one for each phase.
    pub(super) fn kind(&self) -> usize {
        match self {
            Event::PhaseStarted { phase, .. } => phase.index(),
            Event::PhaseProgress(progress) => 4 + progress.phase.index(),
            Event::PhaseCompleted(end) => 8 + end.phase.index(),
            Event::RunStarted(_) => 12,
            Event::RunProgress { .. } => 13,
            Event::RunEnded(_) => 14,
            Event::Symbol { .. } => 15,
            Event::Timeframe { .. } => 16,
            Event::Indicator { .. } => 17,
            Event::Pattern { .. } => 18,
            Event::Streamed { .. } => 19,
            Event::Error(report_error) => 20 + usize::from(report_error.fatal),
            Event::Alert { .. } => 22,
            Event::Universe { .. } => 23,
            Event::Listed { .. } => 24,
            Event::Delisted(_) => 25,
            Event::Job(_) => 26,
            Event::Metrics { .. } => 27,
            Event::Health { .. } => 28,
            Event::Schedule(_) => 29,
            Event::Probe => 30,
        }
    }

    /// Where `mixed` begins, so that already its first run is told in more than one document's
    /// words.
    pub(super) fn first_turn(&self) -> usize {
        match self {
            Event::PhaseStarted { phase, .. } => phase.index(),
            Event::PhaseCompleted(end) => end.phase.index(),
            Event::RunEnded(_) => 1,
            _ => 0,
        }
    }
}
