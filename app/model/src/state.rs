//! The whole state, its bounds, and the one entrance for everything that changes it.

use crate::limits;
use crate::{Changes, ErrorGroup, Feeds, Links, LogEntry, Monitoring, Rejected, Run, RunSummary, Schedule};
use contract::Timestamp;
use contract::frame::{Baselines, Frame, Gap, Input};
use contract::wire::{Json, Read, field, field_or};
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
    /// The state as it is taken from the local copy after a restart at `at`: nothing is known of the links, and a run that was
    /// going on is kept, but the first answer may say that it is over.
    #[must_use]
    pub fn restored(mut self, at: Timestamp) -> State {
        self.links = Links::default();
        self.restored_at = Some(at);
        self.also_changed = Changes::NONE;
        if let Some(run) = self.run.as_mut().filter(|run| run.is_active()) {
            run.unconfirmed = true;
        }
        self.errors.iter_mut().for_each(ErrorGroup::name);
        self
    }

    /// Applies a frame and says what it changed.
    pub fn apply(&mut self, frame: &Frame) -> Changes {
        self.apply_each(frame, |_, _| {})
    }

    /// As [`Self::apply`]; `seen` is told, after each input, what the state is then and what that input changed.
    pub fn apply_each(&mut self, frame: &Frame, mut seen: impl FnMut(&State, Changes)) -> Changes {
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
        self.errors.retain(|group| now.since(group.last_at) < limits::ERROR_AGE_MS);
        self.monitoring.alerts.retain(|alert| now.since(alert.at) < limits::ALERT_AGE_MS);
        let errors = if self.errors.len() == errors { Changes::NONE } else { Changes::ERRORS };
        let alerts = if self.monitoring.alerts.len() == alerts { Changes::NONE } else { Changes::MONITORING };
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

    fn input(&mut self, at: Timestamp, input: &Input) -> Changes {
        let changes = match input {
            Input::Event(event) => self.event(at, event),
            Input::Rejected { channel, rejection } => self.reject(at, *channel, rejection),
            Input::Results(results) => self.results(at, results),
            Input::Overtaken { messages } => self.count_messages(at, *messages),
            Input::RejectedMore(more) => self.rejected_more(at, more),
            Input::Gap(gap) => self.gap(gap),
            Input::Link(change) => self.links.change(at, change),
            Input::Status { asked_at, answer } => self.status_answer(at, *asked_at, answer),
            Input::History { asked_at: _, runs } => self.history_answer(at, runs),
            Input::Schedule(schedule) => self.change_schedule(at, schedule),
            Input::CancelAccepted { run_id } => self.cancel_accepted(at, run_id.as_ref()),
            Input::Acknowledge { group, who, seen } => self.acknowledge(at, group, who, *seen),
            Input::Tick {} => Changes::NONE,
            Input::Baselines(baselines) => self.learn(baselines),
        };
        changes | std::mem::take(&mut self.also_changed)
    }
}

contract::read_fields!(Snapshot { protocol, epoch, seq, at, state });
contract::deserialize_by_read!(State);

impl Read for State {
    fn read(json: Json<'_, '_>) -> Option<Self> {
        Some(State {
            links: field_or(json, "links", Links::default())?,
            schedule: field(json, "schedule")?,
            run: field(json, "run")?,
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
            also_changed: Changes::NONE,
        })
    }
}
