//! What TickStockPL's HTTP answers mend: everything that was lost while its events did not reach us.

use crate::run::{self, PhaseStatus};
use crate::{Changes, Run, RunStatus, State};
use contract::http::StatusAnswer;
use contract::{Progress, RunId, Timestamp};

/// How long nothing must have been heard of a run before "nothing is running" is believed: events and answers overtake
/// each other, and TickStockPL may publish a start a moment before its status shows it.
const LOST_AFTER_MS: i64 = 5_000;

impl State {
    pub(crate) fn status_answer(&mut self, at: Timestamp, asked_at: Timestamp, answer: &StatusAnswer) -> Changes {
        let confirmed = self.confirmed();
        if answer.is_running {
            return confirmed | self.active_answer(at, answer);
        }
        // The answer may be older than the events that came while it was on its way. Of a run that is only known from before a
        // restart none came.
        let silent = |run: &Run| run.unconfirmed || asked_at.since(run.heard_at) >= LOST_AFTER_MS;
        let Some(run) = self.run.as_mut().filter(|run| run.is_active() && silent(run)) else {
            return confirmed;
        };
        run.end(at, RunStatus::Lost);
        run.unconfirmed = false;
        run.message = Some("TickStockPL no longer knows this run, and did not say how it ended.".to_owned());
        confirmed | Changes::RUN_AND_PHASES
    }

    /// An answer or an event came after a restart: what is shown is no longer the local copy.
    pub(crate) fn confirmed(&mut self) -> Changes {
        if self.restored_at.take().is_some() { Changes::LINKS } else { Changes::NONE }
    }

    fn active_answer(&mut self, at: Timestamp, answer: &StatusAnswer) -> Changes {
        match (&self.run, &answer.run_id) {
            (Some(run), Some(id)) if run.id == *id => {
                // An answer that was overtaken by the event of the run's end.
                if !run.is_active() {
                    return Changes::NONE;
                }
            }
            (_, Some(id)) if self.knows(id) => return Changes::NONE,
            (_, Some(id)) => {
                self.show(Run::new(id.clone(), at));
            }
            (Some(run), None) if run.is_active() => {}
            (_, None) => return Changes::NONE,
        }
        let Some(run) = self.run.as_mut() else { return Changes::NONE };
        let before = run.clone();
        run.end_will_be_said = true;
        run.unconfirmed = false;
        run.activity = run::word(answer.phase_name.as_ref()).or(run.activity.take());
        run.started_at = answer.started_at.or(run.started_at);
        run.estimated_completion = answer.estimated_completion.or(run.estimated_completion);
        run.trigger = run.trigger.take().or_else(|| run::word(answer.trigger.as_ref()));
        if let Some(phase) = answer.phase.filter(|phase| !run.phase(*phase).is_over()) {
            // While events flow they are ahead of the answer: it begins no phase that they did not, but for a run that is new.
            let behind = run.current_phase().is_some_and(|running| running > phase);
            if !behind && run.begin_phase(at, phase, true, false) {
                let (done, total, failed, current) = (answer.done, answer.total, answer.failed, answer.current.clone());
                let progress =
                    Progress { done, total, failed, current, percent: share(done, total), ..Default::default() };
                run.phases[phase.index()].progress(at, &progress);
                for earlier in &mut run.phases[..phase.index()] {
                    if earlier.status == PhaseStatus::Waiting && run.planned.is_empty() {
                        earlier.status = PhaseStatus::Done;
                        earlier.percent = 100.0;
                    }
                }
            }
        }
        run.update_percent(answer.percent);
        if *run == before { Changes::NONE } else { Changes::RUN_AND_PHASES }
    }

    pub(crate) fn cancel_accepted(&mut self, at: Timestamp, run_id: Option<&RunId>) -> Changes {
        match self.run.as_mut() {
            Some(run) if run.status == RunStatus::Running && run_id.is_none_or(|id| run.id == *id) => {
                run.status = RunStatus::Cancelling;
                run.heard_at = at;
                Changes::RUN_AND_PHASES
            }
            _ => Changes::NONE,
        }
    }
}

fn share(done: Option<u64>, total: Option<u64>) -> Option<f64> {
    let (done, total) = (done?, total.filter(|total| *total > 0)?);
    Some((done as f64 * 100.0 / total as f64).min(100.0))
}
