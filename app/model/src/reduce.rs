//! How inputs change the state: one reducer for each kind of input. The shapes that they change are
//! below, in the modules beside this one, which import nothing from here.

mod baselines;
mod current;
mod errors;
mod events;
mod history;
mod log;
mod monitoring;
mod results;
mod schedule;
mod status;

use crate::{
    Authority, Changes, ErrorGroup, EventPace, Links, Run, RunStatus, State, Thresholds, limits,
};
use contract::frame::{Frame, Gap, Input};
use contract::{Outcome, Timestamp};

impl State {
    /// The state as it is taken from the database after a restart at `at`: nothing is known of
    /// the links, and a run that was going on is kept, but the first answer may say that it is
    /// over.
    #[must_use]
    pub fn restored(mut self, at: Timestamp) -> State {
        self.links = Links::default();
        self.authority = Authority::default();
        let restore = |run: &mut Run, shown: bool| {
            run.unconfirmed |= shown || run.confirmed_at.is_some();
            run.confirmed_at = None;
            run.named_at = None;
            run.pace = EventPace {
                last_at: None,
                missing_since: None,
                ..run.pace
            };
        };
        self.run
            .iter_mut()
            .filter(|run| run.is_active())
            .for_each(|run| restore(run, true));
        self.others
            .iter_mut()
            .filter(|run| run.is_active())
            .for_each(|run| restore(run, false));
        self.select_shown_run();
        self.restored_at = Some(at);
        self.errors.iter_mut().for_each(ErrorGroup::name);
        self
    }

    /// The state with these thresholds in force; what an earlier release or other thresholds called
    /// a warning is judged again.
    #[must_use]
    pub fn with_thresholds(mut self, thresholds: Thresholds) -> State {
        self.thresholds = thresholds;
        let judged = |status: RunStatus, failed: Option<u64>, total: Option<u64>| match failed {
            Some(failed) if status.is_success() && failed > 0 => {
                RunStatus::ended(Outcome::Succeeded, failed, total, thresholds)
            }
            // A good end may have warnings that TickStockPL itself reported.
            _ => status,
        };
        if let Some(run) = &mut self.run {
            run.status = judged(run.status, run.failed_count(), run.symbols_total);
        }
        for run in &mut self.earlier {
            run.status = judged(run.status, run.failed, run.total);
        }
        self
    }

    /// Applies a frame and says what it changed.
    pub fn apply(&mut self, frame: &Frame) -> Changes {
        self.apply_with_observer(frame, |_, _| {})
    }

    /// As [`Self::apply`]; after each input `observe` gets the state and what the input
    /// changed.
    pub fn apply_with_observer(
        &mut self,
        frame: &Frame,
        mut observe: impl FnMut(&State, Changes),
    ) -> Changes {
        self.clock = self.clock.max(frame.at);
        self.forgotten.clear();
        let mut changes = self.drop_expired(frame.at);
        for input in &frame.inputs {
            let changed = self.input(frame.at, input);
            changes |= changed;
            observe(self, changed);
        }
        changes
    }

    /// Drops what is too old to be of use at `now`.
    pub fn drop_expired(&mut self, now: Timestamp) -> Changes {
        let (errors, alerts) = (self.errors.len(), self.monitoring.alerts.len());
        self.errors
            .retain(|group| now.since(group.last_at) < limits::ERROR_AGE_MS);
        self.monitoring
            .alerts
            .retain(|alert| now.since(alert.at) < limits::ALERT_AGE_MS);
        let errors = if self.errors.len() == errors {
            Changes::NONE
        } else {
            Changes::ERRORS
        };
        let alerts = if self.monitoring.alerts.len() == alerts {
            Changes::NONE
        } else {
            Changes::MONITORING
        };
        errors | alerts
    }

    pub(crate) fn count_messages(&mut self, at: Timestamp, messages: u64) -> Changes {
        self.messages += messages;
        self.last_message_at = Some(at);
        Changes::NONE
    }

    fn gap(&mut self, gap: &Gap) -> Changes {
        // Said again when TickStockPL has answered for it.
        if self.gaps.back().is_some_and(|last| last.from == gap.from) {
            self.gaps.pop_back();
        }
        if self.gaps.len() == limits::GAPS {
            self.gaps.pop_front();
        }
        self.gaps.push_back(*gap);
        Changes::LINKS
    }

    /// The clock moved on: a run of which no event came falls silent.
    fn tick(&mut self, at: Timestamp) -> Changes {
        let mut changes = Changes::CLOCK;
        for run in self
            .run
            .iter_mut()
            .chain(&mut self.others)
            .filter(|run| run.is_active())
        {
            if run.pace.tick(at, run.claim.at) {
                changes |= Changes::RUN | Changes::CLAIMS;
            }
        }
        changes | self.select_shown_run()
    }

    fn input(&mut self, at: Timestamp, input: &Input) -> Changes {
        let changes = match input {
            Input::Event(event) => self.event(at, event),
            Input::Rejected { channel, rejection } => self.reject(at, *channel, rejection),
            Input::Results(results) => self.results(at, results),
            Input::Overtaken { messages } => self.count_messages(at, *messages),
            Input::RejectedMore(more) => self.rejected_more(at, more),
            Input::Gap(gap) => self.gap(gap),
            Input::Link(change) => self.links.change(at, change) | self.select_shown_run(),
            Input::Status { asked_at, answer } => self.status_answer(at, *asked_at, answer),
            Input::History { asked_at, runs } => self.history_answer(at, *asked_at, runs),
            Input::Schedule(schedule) => self.change_schedule(at, schedule),
            Input::CancelAccepted { run_id } => self.mark_cancelling(at, run_id.as_ref()),
            Input::Acknowledge { group, who, seen } => self.acknowledge(at, group, who, *seen),
            Input::Tick {} => self.tick(at),
            Input::Baselines(baselines) => self.update_baselines(baselines),
        };
        changes | std::mem::take(&mut self.also_changed)
    }
}
