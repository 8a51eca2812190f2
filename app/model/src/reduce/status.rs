//! TickStockPL's status answers: which run is active, and how far it is. They correct what events
//! reported, unless they were asked before it.

use crate::run::{self, Claim, ClaimSource, PhaseStatus, SAME_START_MS, UNKNOWN_RUN_ID};
use crate::{Changes, Run, RunStatus, State, times};
use contract::http::StatusAnswer;
use contract::{Progress, RunId, Timestamp};

/// After this much time without an event, progress that the API reports says that events do not
/// arrive, in ms.
const EVENTS_MISSING_MS: i64 = 15_000;

impl State {
    pub(crate) fn status_answer(
        &mut self,
        at: Timestamp,
        asked_at: Timestamp,
        answer: &StatusAnswer,
    ) -> Changes {
        if self
            .authority
            .asked_at
            .is_some_and(|later| asked_at < later)
        {
            return Changes::NONE;
        }
        let said = (
            answer.is_running,
            answer.run_id.clone().filter(|_| answer.is_running),
        );
        let authority = &mut self.authority;
        if (authority.running, &authority.run_id) != (said.0, &said.1) || authority.since.is_none()
        {
            authority.since = Some(asked_at);
        }
        authority.asked_at = Some(asked_at);
        (authority.running, authority.run_id) = said;
        let mut changes = self.clear_restored() | Changes::CLAIMS;
        if answer.is_running {
            changes |= self.apply_active_status(at, asked_at, answer);
        } else {
            self.end_runs_except(asked_at, at, None);
        }
        changes | self.select_shown_run()
    }

    /// An answer or an event came after a restart: what is shown is no longer the database's.
    pub(crate) fn clear_restored(&mut self) -> Changes {
        if self.restored_at.take().is_some() {
            Changes::LINKS
        } else {
            Changes::NONE
        }
    }

    fn apply_active_status(
        &mut self,
        at: Timestamp,
        asked_at: Timestamp,
        answer: &StatusAnswer,
    ) -> Changes {
        let id = match &answer.run_id {
            Some(id) => id.clone(),
            None => match self.active() {
                // A run that events report now is the one; one from before a restart may be
                // another.
                Some(run) if !run.unconfirmed && !run.id_unknown => run.id.clone(),
                _ => return self.apply_status_without_id(at, asked_at, answer),
            },
        };
        if self.tracked_run(&id).is_none() {
            self.track_reported_run(at, asked_at, &id, answer);
        }
        let Some(run) = self.tracked_run(&id) else {
            return Changes::NONE;
        };
        let before = run.clone();
        if !run.is_active() {
            // An answer that the end overtook.
            if !run.claim.is_outdated_by_answer(asked_at) {
                return Changes::NONE;
            }
            let claim = Claim {
                source: ClaimSource::Status,
                at: asked_at,
            };
            if run.is_new_attempt(answer) {
                *run = next_attempt(id.clone(), at, run.attempt, claim);
            } else {
                run.reopen(claim);
            }
        }
        run.apply_status(at, asked_at, answer);
        let changed = Run {
            heard_at: before.heard_at,
            confirmed_at: before.confirmed_at,
            ..run.clone()
        } != before;
        self.remove_from_earlier(&id);
        self.end_runs_except(asked_at, at, Some(&id));
        if changed {
            self.change_of(&id)
        } else {
            Changes::NONE
        }
    }

    /// A run that nobody reported before the API did, or that ended a while ago and is active
    /// again.
    fn track_reported_run(
        &mut self,
        at: Timestamp,
        asked_at: Timestamp,
        id: &RunId,
        answer: &StatusAnswer,
    ) {
        let claim = Claim {
            source: ClaimSource::Status,
            at: asked_at,
        };
        let known = self.earlier.iter().find(|run| run.id == *id);
        if known.is_some_and(|known| !known.claim.is_outdated_by_answer(asked_at)) {
            return;
        }
        let run = match known {
            None => Run {
                claim,
                ..Run::new(id.clone(), at)
            },
            Some(known) => {
                let mut run = Run::from(known);
                if run.is_new_attempt(answer) {
                    next_attempt(id.clone(), at, run.attempt, claim)
                } else {
                    run.reopen(claim);
                    run
                }
            }
        };
        self.track(run);
        self.update_shares();
    }

    fn apply_status_without_id(
        &mut self,
        at: Timestamp,
        asked_at: Timestamp,
        answer: &StatusAnswer,
    ) -> Changes {
        if let Some(shown) = self.run.as_ref().filter(|run| !run.is_active()) {
            // The end of the shown run may have overtaken the answer.
            if shown.claim.source <= ClaimSource::Event
                && !shown.claim.is_outdated_by_answer(asked_at)
            {
                return Changes::NONE;
            }
        }
        let Some(id) = RunId::new(UNKNOWN_RUN_ID) else {
            return Changes::NONE;
        };
        if !self
            .run
            .iter()
            .chain(&self.others)
            .any(|run| run.id_unknown && run.is_active())
        {
            let claim = Claim {
                source: ClaimSource::Status,
                at: asked_at,
            };
            self.track(Run {
                claim,
                id_unknown: true,
                unverified: false,
                ..Run::new(id, at)
            });
        }
        let run = self
            .run
            .iter_mut()
            .chain(&mut self.others)
            .find(|run| run.id_unknown && run.is_active());
        if let Some(run) = run {
            run.apply_status(at, asked_at, answer);
            let id = run.id.clone();
            self.end_runs_except(asked_at, at, Some(&id));
        }
        Changes::RUN_AND_PHASES
    }

    pub(crate) fn mark_cancelling(&mut self, at: Timestamp, run_id: Option<&RunId>) -> Changes {
        match self.run.as_mut() {
            Some(run)
                if run.is_active() && run_id.is_none_or(|id| run.id == *id || run.id_unknown) =>
            {
                run.status = RunStatus::Cancelling;
                run.cancelling_since = Some(at);
                run.heard_at = at;
                Changes::RUN_AND_PHASES
            }
            _ => Changes::NONE,
        }
    }
}

/// The run that TickStockPL started again under the id that it had.
pub(crate) fn next_attempt(id: RunId, at: Timestamp, attempt: u32, claim: Claim) -> Run {
    Run {
        attempt: attempt.saturating_add(1),
        claim,
        ..Run::new(id, at)
    }
}

impl Run {
    /// Whether a status answer is about a later execution than this one, which ended: it began
    /// later.
    fn is_new_attempt(&self, answer: &StatusAnswer) -> bool {
        let Some(started) = answer.started_at else {
            return false;
        };
        match (self.reported_start, self.started_at) {
            (Some(own), _) => started > own.plus_ms(SAME_START_MS),
            (None, Some(own)) => started > own.plus_ms(times::SKEW_MS),
            (None, None) => false,
        }
    }

    /// Takes what TickStockPL's API says of this run while it is active.
    fn apply_status(&mut self, at: Timestamp, asked_at: Timestamp, answer: &StatusAnswer) {
        self.confirmed_at = Some(asked_at);
        self.unverified = false;
        self.end_will_be_said = true;
        self.unconfirmed = false;
        self.heard_at = at;
        self.activity = run::short_word(answer.phase_name.as_ref()).or(self.activity.take());
        let started = times::credible_past(answer.started_at, at);
        self.reported_start = answer.started_at.or(self.reported_start);
        // A start that was seen is by the relay's own clock.
        self.started_at = self.started_at.or(started);
        let end = times::credible_end(answer.estimated_completion, self.started_at, at);
        self.estimated_completion = end.or(self.estimated_completion);
        self.trigger = self
            .trigger
            .take()
            .or_else(|| run::short_word(answer.trigger.as_ref()));
        let before = self.progress_marks();
        if let Some(phase) = answer.phase.filter(|phase| !self.phase(*phase).is_over()) {
            // While events flow they are ahead of the answer: it begins no phase that they did not,
            // but for a run that is new.
            let behind = self.current_phase().is_some_and(|running| running > phase);
            if !behind && self.begin_phase(at, phase, true, false) {
                let (done, total, failed, current) = (
                    answer.done,
                    answer.total,
                    answer.failed,
                    answer.current.clone(),
                );
                let progress = Progress {
                    done,
                    total,
                    failed,
                    current,
                    percent: share(done, total),
                    ..Default::default()
                };
                self.phases[phase.index()].progress(at, &progress);
                for earlier in &mut self.phases[..phase.index()] {
                    if earlier.status == PhaseStatus::Waiting && self.planned.is_empty() {
                        earlier.status = PhaseStatus::Done;
                        earlier.percent = 100.0;
                    }
                }
            }
        }
        self.update_percent(answer.percent);
        if self.progress_marks() != before {
            self.pace.record_progress(at, EVENTS_MISSING_MS);
        }
    }

    /// What moves when the run does.
    fn progress_marks(&self) -> [(PhaseStatus, Option<u64>); 4] {
        self.phases
            .each_ref()
            .map(|phase| (phase.status, phase.done))
    }
}

fn share(done: Option<u64>, total: Option<u64>) -> Option<f64> {
    let (done, total) = (done?, total.filter(|total| *total > 0)?);
    Some((done as f64 * 100.0 / total as f64).min(100.0))
}
