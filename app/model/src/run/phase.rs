//! One phase of a run.

use contract::{Phase, PhaseEnded, PhaseStarted, Progress, Timestamp};
use serde::{Deserialize, Serialize};

/// A phase as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PhaseState {
    /// Where it stands.
    pub status: PhaseStatus,
    /// Symbols (for the cache: universes) done; never falls.
    pub done: Option<u64>,
    /// Symbols in all.
    pub total: Option<u64>,
    /// Symbols failed.
    pub failed: Option<u64>,
    /// 0 to 100; never falls.
    pub percent: f64,
    /// The symbol in work.
    pub current: Option<String>,
    /// When it began, if its beginning was seen.
    pub started_at: Option<Timestamp>,
    /// When it ended, if its end was seen.
    pub ended_at: Option<Timestamp>,
    /// When it should end.
    pub eta_at: Option<Timestamp>,
    /// What its start said.
    pub start: Option<Box<PhaseStarted>>,
    /// What its end said.
    pub end: Option<Box<PhaseEnded>>,
}

/// Where a phase stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseStatus {
    /// Its turn has not come.
    #[default]
    Waiting,
    /// It is going on.
    Running,
    /// It ended well.
    Done,
    /// It failed.
    Failed,
    /// The run ended before it did.
    Stopped,
    /// The run does not have it.
    Skipped,
}

/// The part of a run's time that a phase usually takes: 14, 2, 11 and 8 of 35 minutes in TickStockPL's documents.
pub(super) fn usual_share(phase: Phase) -> f64 {
    [14.0, 2.0, 11.0, 8.0][phase.index()]
}

impl PhaseState {
    /// Whether its end was seen, or its run's.
    pub fn is_over(&self) -> bool {
        matches!(self.status, PhaseStatus::Done | PhaseStatus::Failed | PhaseStatus::Stopped)
    }

    /// Seconds from its start to its end (as TickStockPL says, if it does) or, while it runs, to `now`.
    pub fn seconds(&self, now: Timestamp) -> Option<f64> {
        let said = self.end.as_ref().and_then(|end| end.duration_seconds);
        said.or_else(|| Some(self.ended_at.unwrap_or(now).since(self.started_at?) as f64 / 1000.0))
    }

    /// The part that is done, 0 to 1.
    pub(super) fn fraction(&self) -> f64 {
        if self.status == PhaseStatus::Done { 1.0 } else { self.percent / 100.0 }
    }

    pub(crate) fn begin(&mut self, at: Timestamp, seen: bool) {
        self.status = PhaseStatus::Running;
        self.started_at = self.started_at.or(seen.then_some(at));
    }

    pub(crate) fn end(&mut self, at: Timestamp, status: PhaseStatus) {
        self.status = status;
        self.ended_at = Some(at);
        self.current = None;
        self.eta_at = None;
        if status == PhaseStatus::Done {
            self.percent = 100.0;
        }
    }

    pub(crate) fn progress(&mut self, at: Timestamp, progress: &Progress) {
        self.count(progress.done, progress.total);
        self.failed = self.failed.max(progress.failed);
        self.percent = self.percent.max(progress.percent.unwrap_or(0.0));
        if progress.current.is_some() {
            self.current.clone_from(&progress.current);
        }
        let eta = progress.eta_seconds.map(|s| at.plus_ms((s as i64).saturating_mul(1000)));
        self.eta_at = eta.or(progress.estimated_completion).or(self.eta_at);
    }

    /// Takes counts as they were said: what is done never falls, and is never more than there is.
    pub(crate) fn count(&mut self, done: Option<u64>, total: Option<u64>) {
        self.done = self.done.max(done);
        self.total = total.or(self.total).map(|total| total.max(self.done.unwrap_or(0)));
    }

    pub(crate) fn totals(&mut self, ended: &PhaseEnded) {
        self.failed = ended.failed.or(self.failed);
        // "Successful" and failed ones together are the ones that were worked on; some count the failed among the successful.
        let worked_on = ended.done.map(|done| done.saturating_add(ended.failed.unwrap_or(0)));
        let total = ended.total.or(self.total);
        self.count(worked_on.map(|n| total.map_or(n, |total| n.min(total))), total);
        self.end = Some(Box::new(ended.clone()));
    }
}
