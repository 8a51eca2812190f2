//! The whole state, its bounds, and the one entrance for everything that changes it.

use crate::{Changes, ErrorGroup, Feeds, Links, LogEntry, Rejected, Run, RunSummary, Schedule};
use contract::Timestamp;
use contract::frame::{Frame, Gap, Input};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// How much of everything is kept; what is over goes, oldest first.
pub mod limits {
    /// Entries of the event list.
    pub const LOG: usize = 200;
    /// Groups of errors.
    pub const ERROR_GROUPS: usize = 50;
    /// Rows of each live list.
    pub const FEED_ROWS: usize = 40;
    /// Earlier runs.
    pub const RUNS: usize = 40;
    /// Failed symbols of the run that are kept by name.
    pub const FAILED_SYMBOLS: usize = 600;
    /// Kinds of indicators and of patterns that are counted by name.
    pub const KINDS: usize = 100;
    /// Refused messages that are kept as samples.
    pub const REJECTED_SAMPLES: usize = 10;
    /// Times in which Redis was away.
    pub const GAPS: usize = 20;
    /// Error groups that nothing was added to for this long are dropped.
    pub const ERROR_AGE_MS: i64 = 48 * 3_600_000;
}

/// What the console knows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
    #[serde(default)]
    pub gaps: VecDeque<Gap>,
    /// How many messages came in all, readable or not.
    pub messages: u64,
    /// When the last message came.
    pub last_message_at: Option<Timestamp>,
    /// What the input that is being applied changed on its way; empty between inputs.
    #[serde(skip)]
    pub(crate) also_changed: Changes,
}

/// The state and the number of the step that led to it: what a subscriber gets first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
        let before = self.errors.len();
        self.errors.retain(|group| now.since(group.last_at) < limits::ERROR_AGE_MS);
        if self.errors.len() == before { Changes::NONE } else { Changes::ERRORS }
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
            Input::History { runs } => self.history_answer(at, runs),
            Input::Schedule(schedule) => self.change_schedule(at, schedule),
            Input::CancelAccepted { run_id } => self.cancel_accepted(at, run_id.as_ref()),
        };
        changes | std::mem::take(&mut self.also_changed)
    }
}
