//! How each event of TickStockPL changes the state: which run it belongs to, and what it means for
//! it.

use super::status::next_attempt;
use crate::run::{self, Claim, ClaimSource, End, GUARD_MS, PhaseState, PhaseStatus};
use crate::{Changes, Run, State, times};
use contract::{
    Body, Event, Outcome, Phase, PhaseEnded, PhaseStarted, Progress, RunEnded, RunId, RunStarted,
    Timestamp,
};

/// Run that an event names.
#[derive(Clone, Copy)]
pub(crate) enum RunReference<'a> {
    /// No run: the event is taken to be about the active one.
    Missing,
    /// This one.
    Run(&'a RunId),
    /// One whose id cannot be read: the event changes no run.
    Unreadable,
}

impl<'a> From<&'a Event> for RunReference<'a> {
    fn from(event: &'a Event) -> Self {
        match &event.run_id {
            Some(id) => RunReference::Run(id),
            None if event.unreadable_run_id => RunReference::Unreadable,
            None => RunReference::Missing,
        }
    }
}

impl State {
    pub(crate) fn event(&mut self, at: Timestamp, event: &Event) -> Changes {
        if let Some(changes) = self.single_result(at, event) {
            return changes;
        }
        self.count_messages(at, 1);
        let mut reference = RunReference::from(event);
        if matches!(reference, RunReference::Missing)
            && may_end_run(&event.body)
            && self.is_duplicate_unnamed_end(at)
        {
            reference = RunReference::Unreadable;
        }
        let logged = self.log_event(at, event);
        let changes = match &event.body {
            Body::RunStarted(body) => self.run_started(at, reference, event.at, body),
            Body::Progress(body) => self.progress(at, reference, body),
            Body::RunEnded(body) => self.run_ended(at, reference, body),
            Body::PhaseStarted(body) => self.phase_started(at, reference, body),
            Body::PhaseEnded(body) => self.phase_ended(at, reference, body),
            Body::ScheduleUpdated(body) => self.change_schedule(at, body),
            Body::Error(body) => {
                let active = || self.active().map(|run| run.id.clone());
                let run_id = event.run_id.clone().or_else(|| {
                    if event.unreadable_run_id {
                        None
                    } else {
                        active()
                    }
                });
                let mut changes =
                    self.error(at, run_id, body) | self.record_failed_symbol(at, reference, body);
                if body.fatal {
                    let message = Some(body.message.clone());
                    let ended = RunEnded {
                        outcome: Some(Outcome::Failed),
                        message,
                        ..Default::default()
                    };
                    changes |= self.run_ended(at, reference, &ended);
                }
                changes
            }
            Body::Metrics(body) => self.metrics(at, event, body),
            Body::Alert(body) => self.alert(at, body),
            Body::SymbolImported(_)
            | Body::IndicatorCalculated(_)
            | Body::PatternsDetected(_)
            | Body::UniverseUpdated(_)
            | Body::Command(_)
            | Body::Unknown(_) => Changes::NONE,
        };
        logged | changes | self.select_shown_run()
    }

    /// The run that an event is about, if it is active; an event that names none is about the one
    /// that is shown.
    pub(crate) fn active_run(
        &mut self,
        at: Timestamp,
        reference: RunReference<'_>,
    ) -> Option<&mut Run> {
        let shown = self.run.as_ref().map(|run| run.id.clone());
        let shown = shown.as_ref();
        let run = match reference {
            RunReference::Unreadable => return None,
            RunReference::Missing => self.run.as_mut(),
            RunReference::Run(id) => self
                .run
                .iter_mut()
                .chain(&mut self.others)
                .find(|run| run.id == *id && !run.id_unknown),
        };
        let run = run.filter(|run| run.is_active())?;
        run.heard_at = at;
        let mut changes = if run.pace.record_event(at) {
            Changes::RUN
        } else {
            Changes::NONE
        };
        if matches!(reference, RunReference::Run(_)) {
            run.named_at = Some(at);
            if std::mem::take(&mut run.unconfirmed) {
                changes |= Changes::RUN;
            }
            if shown == Some(&run.id) && self.restored_at.take().is_some() {
                changes |= Changes::LINKS;
            }
        }
        self.also_changed |= changes;
        Some(run)
    }

    /// As [`Self::active_run`]; but a run that nothing is known of is followed from now on: its
    /// start was missed. Without an answer of the API, a run that was taken for lost or superseded
    /// is active when it says so itself.
    fn active_or_new_run(
        &mut self,
        at: Timestamp,
        reference: RunReference<'_>,
    ) -> Option<&mut Run> {
        if let RunReference::Run(id) = reference {
            let api_answers = self.api_answers();
            let run = self.track_run(at, id)?;
            if !run.is_active() && run.claim.source == ClaimSource::Inferred && !api_answers {
                run.reopen(Claim {
                    source: ClaimSource::Event,
                    at,
                });
                self.remove_from_earlier(id);
                self.also_changed |= Changes::RUN_AND_PHASES;
            }
        }
        self.active_run(at, reference)
    }

    fn run_started(
        &mut self,
        at: Timestamp,
        reference: RunReference<'_>,
        own_time: Option<Timestamp>,
        body: &RunStarted,
    ) -> Changes {
        let RunReference::Run(id) = reference else {
            return Changes::NONE;
        };
        self.resolve_unknown_id(at, id);
        if let Some(attempt) = self.ended_attempt(at, id, own_time) {
            match attempt {
                Attempt::Repeated => return Changes::NONE,
                Attempt::Next(attempt) => {
                    self.track(next_attempt(
                        id.clone(),
                        at,
                        attempt,
                        Claim {
                            source: ClaimSource::Event,
                            at,
                        },
                    ));
                }
            }
        } else if self.tracked_run(id).is_none() {
            self.track(Run::new(id.clone(), at));
        }
        let Some(run) = self.active_run(at, reference) else {
            return Changes::NONE;
        };
        if run.announced {
            return Changes::NONE;
        }
        run.announced = true;
        run.started_at = run.started_at.or(Some(at));
        run.reported_start = run.reported_start.or(own_time);
        run.end_will_be_said = true;
        run.set_parameters(body);
        if !body.phases.is_empty() {
            run.planned.clone_from(&body.phases);
            for phase in Phase::ALL {
                let state = &mut run.phases[phase.index()];
                if !body.phases.contains(&phase) && state.status == PhaseStatus::Waiting {
                    state.status = PhaseStatus::Skipped;
                }
            }
        }
        self.supersede_runs_except(at, id);
        self.update_shares();
        self.change_of(id)
    }

    /// What a start event means for a run of the same id that ended; `None` where none is known.
    /// TickStockPL may start a run again under its id. A start that comes late, or twice, is as old
    /// as the one before by its own clock.
    fn ended_attempt(
        &mut self,
        at: Timestamp,
        id: &RunId,
        own_time: Option<Timestamp>,
    ) -> Option<Attempt> {
        let ended = match self.tracked_run(id) {
            Some(run) if run.is_active() => return None,
            Some(run) => Some((run.attempt, run.reported_start, run.claim.at, run.ended_at)),
            None => self
                .earlier
                .iter()
                .find(|run| run.id == *id)
                .map(|run| (run.attempt, None, run.claim.at, run.ended_at)),
        };
        let (attempt, reported_start, claimed_at, ended_at) = ended?;
        let later = match (own_time, reported_start) {
            (Some(own), Some(before)) => own > before,
            (Some(own), None) => {
                ended_at.is_none_or(|ended_at| own.plus_ms(times::SKEW_MS) > ended_at)
            }
            (None, _) => true,
        };
        let settled = at.since(claimed_at) >= GUARD_MS;
        Some(if later && settled {
            Attempt::Next(attempt)
        } else {
            Attempt::Repeated
        })
    }

    fn run_ended(
        &mut self,
        at: Timestamp,
        reference: RunReference<'_>,
        body: &RunEnded,
    ) -> Changes {
        let source = if matches!(reference, RunReference::Run(_)) {
            ClaimSource::Event
        } else {
            ClaimSource::UnnamedEvent
        };
        let thresholds = self.thresholds;
        if let RunReference::Run(id) = reference {
            self.track_ended(at, id);
            // An end that nobody reported, or that an event without a run id did, gives way to the
            // run's own.
            if let Some(run) = self
                .tracked_run(id)
                .filter(|run| !run.is_active() && run.claim.source < ClaimSource::Event)
            {
                run.reopen(Claim { source, at });
            }
        }
        let Some(run) = self.active_run(at, reference) else {
            return Changes::NONE;
        };
        run.failed_said = body.failed.max(run.failed_said);
        run.add_failed_symbols(None, &body.failed_symbols);
        run.processed = body.processed.or(run.processed);
        run.duration_seconds = body.duration_seconds;
        run.indicators = run.indicators.max(body.indicators_calculated.unwrap_or(0));
        run.patterns = run.patterns.max(body.patterns_detected.unwrap_or(0));
        if body.message.is_some() {
            run.set_message(body.message.as_ref());
        }
        if let Some(phase) = body.phase.filter(|_| body.outcome == Some(Outcome::Failed)) {
            run.phases[phase.index()].end(at, PhaseStatus::Failed);
        }
        let status = run.ended_status(body.outcome.unwrap_or(Outcome::Succeeded), thresholds);
        run.end(End {
            status,
            claim: Claim { source, at },
            at,
            word: body.outcome_word.clone(),
        });
        let id = run.id.clone();
        self.ended(at, &id, source)
    }

    fn ended(&mut self, at: Timestamp, id: &RunId, source: ClaimSource) -> Changes {
        if source == ClaimSource::UnnamedEvent {
            self.unnamed_end_at = Some(at);
        }
        let changes = self.change_of(id);
        self.record_ended(id);
        changes
    }

    /// Whether an end without a run id was taken for the end of a run a moment ago: this is the
    /// same message again.
    fn is_duplicate_unnamed_end(&self, at: Timestamp) -> bool {
        self.unnamed_end_at
            .is_some_and(|ended_at| at.since(ended_at) < GUARD_MS)
    }

    /// Follows a run again whose end was not reported, so that its end event settles it; and one
    /// that nothing is known of.
    fn track_ended(&mut self, at: Timestamp, id: &RunId) {
        self.resolve_unknown_id(at, id);
        if self.tracked_run(id).is_some() {
            return;
        }
        match self.earlier.iter().find(|run| run.id == *id) {
            None => self.track_hint(Run::new(id.clone(), at)),
            Some(known) if known.claim.source < ClaimSource::Event => {
                let run = Run::from(known);
                self.others.retain(Run::is_active);
                self.others.push(run);
            }
            Some(_) => {}
        }
    }

    fn phase_started(
        &mut self,
        at: Timestamp,
        reference: RunReference<'_>,
        body: &PhaseStarted,
    ) -> Changes {
        let (Some(phase), Some(run)) = (body.phase, self.active_or_new_run(at, reference)) else {
            return Changes::NONE;
        };
        if run.phase(phase).is_over()
            || !run.begin_phase(at, phase, matches!(reference, RunReference::Run(_)), true)
        {
            return Changes::NONE;
        }
        let state = &mut run.phases[phase.index()];
        state.count(None, body.total);
        state.start(body);
        run.set_phase_parameters(body);
        run.update_percent(None);
        let id = run.id.clone();
        self.update_shares();
        self.change_of(&id)
    }

    fn progress(&mut self, at: Timestamp, reference: RunReference<'_>, body: &Progress) -> Changes {
        let Some(run) = self.active_or_new_run(at, reference) else {
            return Changes::NONE;
        };
        let id = run.id.clone();
        let began = run.started_at;
        let Some(phase) = body.phase else {
            run.activity = run::short_word(body.phase_name.as_ref());
            run.symbols_total = run.symbols_total.or(body.total);
            let end = times::credible_end(body.estimated_completion, began, at);
            run.estimated_completion = end.or(run.estimated_completion);
            // What a step after the four phases says of itself is not the whole run's percentage.
            run.update_percent(body.percent.filter(|_| body.phase_name.is_none()));
            return self.change_of(&id);
        };
        if run.phase(phase).is_over()
            || !run.begin_phase(at, phase, matches!(reference, RunReference::Run(_)), false)
        {
            return Changes::NONE;
        }
        let credible = Progress {
            estimated_completion: times::credible_end(body.estimated_completion, began, at),
            ..body.clone()
        };
        run.change_phase(at, phase, |state| state.progress(at, &credible));
        run.patterns = run.patterns.max(body.patterns_detected.unwrap_or(0));
        run.update_percent(None);
        self.change_of(&id)
    }

    fn phase_ended(
        &mut self,
        at: Timestamp,
        reference: RunReference<'_>,
        body: &PhaseEnded,
    ) -> Changes {
        let thresholds = self.thresholds;
        let (Some(phase), Some(run)) = (body.phase, self.active_or_new_run(at, reference)) else {
            return Changes::NONE;
        };
        let id = run.id.clone();
        let named = matches!(reference, RunReference::Run(_));
        if body.timeframe.is_some()
            || run.phase(phase).is_over()
            || !run.begin_phase(at, phase, named, false)
        {
            return Changes::NONE;
        }
        let status = match body.outcome {
            Some(Outcome::Failed) => PhaseStatus::Failed,
            Some(Outcome::Cancelled) => PhaseStatus::Stopped,
            Some(Outcome::Unknown) => PhaseStatus::Unknown,
            _ => PhaseStatus::Done,
        };
        run.change_phase(at, phase, |state| {
            state.totals(body);
            state.end(at, status);
        });
        run.add_failed_symbols(Some(phase), &body.failed_symbols);
        run.indicators = run.indicators.max(body.indicators_calculated.unwrap_or(0));
        run.patterns = run.patterns.max(body.patterns_detected.unwrap_or(0));
        run.update_percent(None);
        if !run.end_will_be_said {
            // Only this phase was ever heard of, and nothing says that another follows.
            run.set_message(body.message.as_ref());
            let status = run.ended_status(body.outcome.unwrap_or(Outcome::Succeeded), thresholds);
            let source = if named {
                ClaimSource::Event
            } else {
                ClaimSource::UnnamedEvent
            };
            run.end(End {
                status,
                claim: Claim { source, at },
                at,
                word: body.outcome_word.clone(),
            });
            return self.ended(at, &id, source);
        }
        self.add_failure_reasons();
        self.change_of(&id)
    }
}

/// Whether an event may end a run.
fn may_end_run(body: &Body) -> bool {
    match body {
        Body::RunEnded(_) | Body::PhaseEnded(_) => true,
        Body::Error(report) => report.fatal,
        _ => false,
    }
}

/// What a start event means for a run that ended.
enum Attempt {
    /// It is the start of the execution that ended.
    Repeated,
    /// TickStockPL started it again; this is the number of the execution before.
    Next(u32),
}

impl Run {
    /// Changes a phase, and notes how many symbols that was.
    fn change_phase(&mut self, at: Timestamp, phase: Phase, change: impl FnOnce(&mut PhaseState)) {
        let state = &mut self.phases[phase.index()];
        let before = state.done.unwrap_or(0);
        change(state);
        let done = state.done.unwrap_or(0).saturating_sub(before);
        // The cache sync counts universes.
        if done > 0 && phase != Phase::CacheSync {
            self.throughput.add(at, done);
        }
    }

    /// Lets `phase` run; phases before it that were still running have ended unseen. False when an
    /// event that names no run would begin a phase while an earlier one runs: then it belongs to
    /// something else.
    pub(crate) fn begin_phase(
        &mut self,
        at: Timestamp,
        phase: Phase,
        names_run: bool,
        seen: bool,
    ) -> bool {
        if self.phase(phase).status == PhaseStatus::Running {
            return true;
        }
        if !names_run && self.current_phase().is_some_and(|running| running < phase) {
            return false;
        }
        for earlier in &mut self.phases[..phase.index()] {
            if earlier.status == PhaseStatus::Running {
                earlier.end(at, PhaseStatus::Done);
            }
        }
        // A run of which a second phase begins is a whole run, whose end is said; one that does a
        // single phase ends with it.
        self.end_will_be_said |= self.phases.iter().any(PhaseState::is_over);
        self.activity = None;
        self.phases[phase.index()].begin(at, seen);
        true
    }
}
