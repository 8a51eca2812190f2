//! The end of a run, and its opposite: TickStockPL says that a run which was taken for ended is
//! active after all.

use super::{BeforeEnd, Claim, PhaseStatus, Run, RunStatus};
use contract::Timestamp;

/// How a run ended.
pub(crate) struct End {
    pub(crate) status: RunStatus,
    pub(crate) claim: Claim,
    /// When it ended.
    pub(crate) at: Timestamp,
    /// TickStockPL's word, where nobody knows what it means.
    pub(crate) word: Option<String>,
}

impl Run {
    /// Ends the run: running phases end with it, and those still waiting will not run. A run that
    /// had ended already ends again, so that its phases follow the later word.
    pub(crate) fn end(&mut self, end: End) {
        if !self.is_active() {
            self.open_phases();
        }
        let phase_end = match end.status {
            status if status.is_success() => PhaseStatus::Done,
            RunStatus::Failed => PhaseStatus::Failed,
            _ => PhaseStatus::Stopped,
        };
        let percent = self.percent;
        let before = self
            .phases
            .each_ref()
            .map(|phase| (phase.status, phase.percent));
        for phase in &mut self.phases {
            match phase.status {
                PhaseStatus::Running => phase.end(end.at, phase_end),
                PhaseStatus::Waiting => phase.status = PhaseStatus::Skipped,
                _ => {}
            }
        }
        self.before_end = Some(Box::new(BeforeEnd {
            percent,
            phases: before,
        }));
        self.status = end.status;
        self.claim = end.claim;
        self.outcome_word = end
            .word
            .map(|word| contract::truncate_text(&word, 64).to_owned());
        self.ended_at = Some(end.at);
        self.activity = None;
        self.estimated_completion = None;
        self.cancelling_since = None;
        self.unconfirmed = false;
        self.pace.silent = false;
        if phase_end == PhaseStatus::Done {
            self.percent = 100.0;
        }
    }

    /// Takes back an end: the run is active, as `claim` says.
    pub(crate) fn reopen(&mut self, claim: Claim) {
        self.open_phases();
        self.status = RunStatus::Running;
        self.claim = claim;
        self.ended_at = None;
        self.duration_seconds = None;
        self.processed = None;
        self.failed_said = None;
        self.outcome_word = None;
        self.message = None;
    }

    fn open_phases(&mut self) {
        let Some(before) = self.before_end.take() else {
            return;
        };
        self.percent = before.percent;
        for (phase, (status, percent)) in self.phases.iter_mut().zip(before.phases) {
            // A phase that an end event of its own closed stays closed.
            if phase.status != status {
                (phase.status, phase.percent, phase.ended_at) = (status, percent, None);
            }
        }
    }
}
