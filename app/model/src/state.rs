//! The whole state, its bounds, and the one entrance for everything that changes it.

use crate::limits;
use crate::{
    Authority, Changes, ErrorGroup, EventPace, Feeds, Links, LogEntry, Monitoring, Rejected, Run,
    RunStatus, RunSummary, Schedule, Thresholds,
};
use contract::frame::{Baselines, Frame, Gap, Input};
use contract::wire::{Json, Read, field, field_or};
use contract::{Outcome, RunId, Timestamp};
use serde::Serialize;
use std::collections::VecDeque;

/// What the console knows.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct State {
    /// The relay's connections.
    pub links: Links,
    /// TickStockPL's schedule, as far as it is known.
    pub schedule: Option<Schedule>,
    /// The run that is shown: the active one, else the last one.
    pub run: Option<Run>,
    /// Other runs that are followed: those that only events report as active, and those that ended
    /// lately.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Run>,
    /// What TickStockPL's API last said of what is active.
    pub authority: Authority,
    /// When an end event without a run id last ended a run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unnamed_end_at: Option<Timestamp>,
    /// Where good ends.
    pub thresholds: Thresholds,
    /// The relay's time as of the last step.
    pub clock: Timestamp,
    /// Earlier runs, newest first.
    pub earlier: Vec<RunSummary>,
    /// Errors, grouped, latest last.
    pub errors: Vec<ErrorGroup>,
    /// The latest detections and indicator results.
    pub feeds: Feeds,
    /// The latest events, latest last.
    pub log: VecDeque<LogEntry>,
    /// What could not be read.
    pub rejected: Rejected,
    /// Times in which Redis was away and events were lost, latest last.
    pub gaps: VecDeque<Gap>,
    /// What monitoring says of TickStockPL's process, and its alerts.
    pub monitoring: Monitoring,
    /// Usual durations, those that were computed last at the end.
    pub baselines: Vec<Baselines>,
    /// When the relay took this state from its local copy, if nothing has confirmed it since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restored_at: Option<Timestamp>,
    /// How many messages came in all, readable or not.
    pub messages: u64,
    /// When the last message came.
    pub last_message_at: Option<Timestamp>,
    /// Runs that this step forgot: events reported them, and TickStockPL did not execute them.
    /// Empty in what travels.
    #[serde(skip)]
    pub forgotten: Vec<RunId>,
    /// What the input that is being applied changed on its way; empty between inputs.
    #[serde(skip)]
    pub(crate) also_changed: Changes,
}

/// The state and the number of the step that led to it: what a subscriber gets first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Snapshot {
    /// The version of the protocol, [`contract::frame::PROTOCOL`].
    pub protocol: u32,
    /// The relay process whose numbers these are.
    pub epoch: u64,
    /// The last frame that is in the state.
    pub seq: u64,
    /// The relay's clock when the snapshot was taken.
    pub at: Timestamp,
    /// The state.
    pub state: State,
}

impl State {
    /// The state as it is taken from the local copy after a restart at `at`: nothing is known of
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
        self.choose();
        self.restored_at = Some(at);
        self.errors.iter_mut().for_each(ErrorGroup::name);
        self
    }

    /// The state with these thresholds in force; what an earlier release or other thresholds called
    /// a warning is judged anew.
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
        self.apply_each(frame, |_, _| {})
    }

    /// As [`Self::apply`]; `seen` is told, after each input, what the state is then and what that
    /// input changed.
    pub fn apply_each(&mut self, frame: &Frame, mut seen: impl FnMut(&State, Changes)) -> Changes {
        self.clock = self.clock.max(frame.at);
        self.forgotten.clear();
        let mut changes = self.retain(frame.at);
        for input in &frame.inputs {
            let changed = self.input(frame.at, input);
            changes |= changed;
            seen(self, changed);
        }
        changes
    }

    /// Drops what is too old to be of use at `now`.
    pub fn retain(&mut self, now: Timestamp) -> Changes {
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
        changes | self.choose()
    }

    fn input(&mut self, at: Timestamp, input: &Input) -> Changes {
        let changes = match input {
            Input::Event(event) => self.event(at, event),
            Input::Rejected { channel, rejection } => self.reject(at, *channel, rejection),
            Input::Results(results) => self.results(at, results),
            Input::Overtaken { messages } => self.count_messages(at, *messages),
            Input::RejectedMore(more) => self.rejected_more(at, more),
            Input::Gap(gap) => self.gap(gap),
            Input::Link(change) => self.links.change(at, change) | self.choose(),
            Input::Status { asked_at, answer } => self.status_answer(at, *asked_at, answer),
            Input::History { asked_at, runs } => self.history_answer(at, *asked_at, runs),
            Input::Schedule(schedule) => self.change_schedule(at, schedule),
            Input::CancelAccepted { run_id } => self.cancel_accepted(at, run_id.as_ref()),
            Input::Acknowledge { group, who, seen } => self.acknowledge(at, group, who, *seen),
            Input::Tick {} => self.tick(at),
            Input::Baselines(baselines) => self.learn(baselines),
        };
        changes | std::mem::take(&mut self.also_changed)
    }
}

contract::read_fields!(Snapshot {
    protocol,
    epoch,
    seq,
    at,
    state
});
contract::deserialize_by_read!(State);

impl Read for State {
    fn read(json: Json<'_, '_>) -> Option<Self> {
        Some(State {
            links: field_or(json, "links", Links::default())?,
            schedule: field(json, "schedule")?,
            run: field(json, "run")?,
            others: field(json, "others")?,
            authority: field_or(json, "authority", Authority::default())?,
            unnamed_end_at: field(json, "unnamed_end_at")?,
            thresholds: field_or(json, "thresholds", Thresholds::default())?,
            clock: field_or(json, "clock", Timestamp::default())?,
            earlier: field(json, "earlier")?,
            errors: field(json, "errors")?,
            feeds: field_or(json, "feeds", Feeds::default())?,
            log: field(json, "log")?,
            rejected: field_or(json, "rejected", Rejected::default())?,
            gaps: field(json, "gaps")?,
            monitoring: field_or(json, "monitoring", Monitoring::default())?,
            baselines: field(json, "baselines")?,
            restored_at: field(json, "restored_at")?,
            messages: field(json, "messages")?,
            last_message_at: field(json, "last_message_at")?,
            forgotten: Vec::new(),
            also_changed: Changes::NONE,
        })
    }
}
