//! How each event of TickStockPL changes the state: which run it belongs to, and what it means for it.

use crate::run::{self, PhaseState, PhaseStatus};
use crate::{Changes, Run, RunStatus, RunSummary, State};
use contract::{
    Body, Event, Outcome, Phase, PhaseEnded, PhaseStarted, Progress, RunEnded, RunId, RunStarted, Timestamp,
};

impl State {
    pub(crate) fn event(&mut self, at: Timestamp, event: &Event) -> Changes {
        if let Some(changes) = self.single_result(at, event) {
            return changes;
        }
        self.count_messages(at, 1);
        let id = event.run_id.as_ref();
        let logged = self.log_event(at, event);
        logged
            | match &event.body {
                Body::RunStarted(body) => self.run_started(at, id, body),
                Body::Progress(body) => self.progress(at, id, body),
                Body::RunEnded(body) => self.run_ended(at, id, body),
                Body::PhaseStarted(body) => self.phase_started(at, id, body),
                Body::PhaseEnded(body) => self.phase_ended(at, id, body),
                Body::ScheduleUpdated(body) => self.change_schedule(at, body),
                Body::Error(body) => {
                    let run_id = event.run_id.clone().or_else(|| self.active().map(|run| run.id.clone()));
                    let mut changes = self.error(at, run_id, body) | self.symbol_failed(id, body);
                    if body.fatal {
                        let message = Some(body.message.clone());
                        let ended = RunEnded { outcome: Some(Outcome::Failed), message, ..Default::default() };
                        changes |= self.run_ended(at, id, &ended);
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
            }
    }

    /// The active run.
    pub fn active(&self) -> Option<&Run> {
        self.run.as_ref().filter(|run| run.is_active())
    }

    /// The active run, if an event that names `id` (or no run) is about it.
    pub(crate) fn active_if_meant(&mut self, at: Timestamp, id: Option<&RunId>) -> Option<&mut Run> {
        let run = self.run.as_mut().filter(|run| run.is_active() && id.is_none_or(|id| run.id == *id))?;
        run.heard_at = at;
        if id.is_some() {
            if std::mem::take(&mut run.unconfirmed) {
                self.also_changed |= Changes::RUN;
            }
            if self.restored_at.take().is_some() {
                self.also_changed |= Changes::LINKS;
            }
        }
        Some(run)
    }

    /// As [`Self::active_if_meant`]; but where no run is active, a run that nothing is known of is taken up: its start was missed.
    fn active_or_missed(&mut self, at: Timestamp, id: Option<&RunId>) -> Option<&mut Run> {
        if let Some(id) = id
            && self.active().is_none()
            && !self.knows(id)
        {
            self.show(Run::new(id.clone(), at));
        }
        self.active_if_meant(at, id)
    }

    /// Whether the run is the one shown or an earlier one.
    pub(crate) fn knows(&self, id: &RunId) -> bool {
        self.run.as_ref().is_some_and(|run| run.id == *id) || self.earlier.iter().any(|run| run.id == *id)
    }

    /// Makes `run` the one that is shown. An unfinished predecessor is superseded.
    pub(crate) fn show(&mut self, run: Run) {
        if let Some(mut previous) = self.run.replace(run) {
            if previous.is_active() {
                let at = previous.heard_at;
                previous.end(at, RunStatus::Superseded);
            }
            self.remember(RunSummary::from(&previous));
        }
        self.weigh();
        self.also_changed |= Changes::RUN_AND_PHASES;
    }

    fn run_started(&mut self, at: Timestamp, id: Option<&RunId>, body: &RunStarted) -> Changes {
        let Some(id) = id else { return Changes::NONE };
        match &self.run {
            Some(run) if run.id == *id => {
                if !run.is_active() || run.started_at.is_some() && run.trigger.is_some() {
                    return Changes::NONE;
                }
            }
            _ if self.knows(id) => return Changes::NONE,
            _ => self.show(Run::new(id.clone(), at)),
        }
        let Some(run) = self.active_if_meant(at, Some(id)) else { return Changes::NONE };
        run.started_at = run.started_at.or(Some(at));
        run.end_will_be_said = true;
        run.parameters(body);
        if !body.phases.is_empty() {
            run.planned.clone_from(&body.phases);
            for phase in Phase::ALL {
                let state = &mut run.phases[phase.index()];
                if !body.phases.contains(&phase) && state.status == PhaseStatus::Waiting {
                    state.status = PhaseStatus::Skipped;
                }
            }
        }
        self.weigh();
        Changes::RUN_AND_PHASES
    }

    fn run_ended(&mut self, at: Timestamp, id: Option<&RunId>, body: &RunEnded) -> Changes {
        let Some(run) = self.active_or_missed(at, id) else { return Changes::NONE };
        run.failed_said = body.failed.or(run.failed_said);
        run.add_failed_symbols(&body.failed_symbols);
        run.processed = body.processed.or(run.processed);
        run.duration_seconds = body.duration_seconds;
        run.indicators = run.indicators.max(body.indicators_calculated.unwrap_or(0));
        run.patterns = run.patterns.max(body.patterns_detected.unwrap_or(0));
        if body.message.is_some() {
            run.say(body.message.as_ref());
        }
        if let Some(phase) = body.phase.filter(|_| body.outcome == Some(Outcome::Failed)) {
            run.phases[phase.index()].end(at, PhaseStatus::Failed);
        }
        let failed = run.failed_count().unwrap_or(0);
        run.end(at, RunStatus::ended(body.outcome.unwrap_or(Outcome::Succeeded), failed));
        self.remember_shown()
    }

    fn remember_shown(&mut self) -> Changes {
        self.explain_failed_symbols();
        if let Some(run) = &self.run {
            self.remember(RunSummary::from(run));
        }
        Changes::RUN_AND_PHASES
    }

    fn phase_started(&mut self, at: Timestamp, id: Option<&RunId>, body: &PhaseStarted) -> Changes {
        let (Some(phase), Some(run)) = (body.phase, self.active_or_missed(at, id)) else { return Changes::NONE };
        if run.phase(phase).is_over() || !run.begin_phase(at, phase, id.is_some(), true) {
            return Changes::NONE;
        }
        let state = &mut run.phases[phase.index()];
        state.count(None, body.total);
        state.start(body);
        run.parameters_of_phase(body);
        self.weigh();
        if let Some(run) = &mut self.run {
            run.update_percent(None);
        }
        Changes::RUN_AND_PHASES
    }

    fn progress(&mut self, at: Timestamp, id: Option<&RunId>, body: &Progress) -> Changes {
        let Some(run) = self.active_or_missed(at, id) else { return Changes::NONE };
        let Some(phase) = body.phase else {
            run.activity = run::word(body.phase_name.as_ref());
            run.symbols_total = run.symbols_total.or(body.total);
            run.estimated_completion = body.estimated_completion.or(run.estimated_completion);
            // What a step after the four phases says of itself is not the whole run's percentage.
            run.update_percent(body.percent.filter(|_| body.phase_name.is_none()));
            return Changes::RUN_AND_PHASES;
        };
        if run.phase(phase).is_over() || !run.begin_phase(at, phase, id.is_some(), false) {
            return Changes::NONE;
        }
        run.work(at, phase, |state| state.progress(at, body));
        run.patterns = run.patterns.max(body.patterns_detected.unwrap_or(0));
        run.update_percent(None);
        Changes::RUN_AND_PHASES
    }

    fn phase_ended(&mut self, at: Timestamp, id: Option<&RunId>, body: &PhaseEnded) -> Changes {
        let (Some(phase), Some(run)) = (body.phase, self.active_or_missed(at, id)) else { return Changes::NONE };
        if body.timeframe.is_some() || run.phase(phase).is_over() || !run.begin_phase(at, phase, id.is_some(), false) {
            return Changes::NONE;
        }
        let status = match body.outcome {
            Some(Outcome::Failed) => PhaseStatus::Failed,
            Some(Outcome::Cancelled) => PhaseStatus::Stopped,
            _ => PhaseStatus::Done,
        };
        run.work(at, phase, |state| {
            state.totals(body);
            state.end(at, status);
        });
        run.add_failed_symbols(&body.failed_symbols);
        run.indicators = run.indicators.max(body.indicators_calculated.unwrap_or(0));
        run.patterns = run.patterns.max(body.patterns_detected.unwrap_or(0));
        run.update_percent(None);
        if run.end_will_be_said {
            self.explain_failed_symbols();
            return Changes::RUN_AND_PHASES;
        }
        // Only this phase was ever heard of, and nothing says that another follows.
        run.say(body.message.as_ref());
        let failed = run.failed_count().unwrap_or(0);
        run.end(at, RunStatus::ended(body.outcome.unwrap_or(Outcome::Succeeded), failed));
        self.remember_shown()
    }
}

impl Run {
    /// Changes a phase, and notes how many symbols that was.
    fn work(&mut self, at: Timestamp, phase: Phase, change: impl FnOnce(&mut PhaseState)) {
        let state = &mut self.phases[phase.index()];
        let before = state.done.unwrap_or(0);
        change(state);
        let done = state.done.unwrap_or(0).saturating_sub(before);
        // The cache sync counts universes.
        if done > 0 && phase != Phase::CacheSync {
            self.throughput.add(at, done);
        }
    }

    /// Lets `phase` run; phases before it that were still running have ended unseen. False when an event that names no run
    /// would begin a phase while an earlier one runs: then it belongs to something else.
    pub(crate) fn begin_phase(&mut self, at: Timestamp, phase: Phase, names_run: bool, seen: bool) -> bool {
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
        // A run of which a second phase begins is a whole run, whose end is said; one that does a single phase ends with it.
        self.end_will_be_said |= self.phases.iter().any(|other| other.is_over());
        self.activity = None;
        self.phases[phase.index()].begin(at, seen);
        true
    }
}
