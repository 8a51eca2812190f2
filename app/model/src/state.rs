//! The whole state. It changes only in the reducers of the module `reduce`.

use crate::run::ClaimSource;
use crate::{
    Authority, Changes, ErrorGroup, Feeds, Links, LogEntry, Monitoring, Rejected, Run, RunSummary,
    Schedule, Thresholds,
};
use contract::frame::{Baselines, Gap};
use contract::wire::{Json, Read, field, field_or};
use contract::{RunId, Timestamp};
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::Arc;

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
    /// When the relay took this state from its database, if nothing has confirmed it since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restored_at: Option<Timestamp>,
    /// How many messages came in all, readable or not.
    pub messages: u64,
    /// When the last message slice.
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
    /// The state, shared with the hub that published it.
    pub state: Arc<State>,
}

impl State {
    /// The active run.
    pub fn active(&self) -> Option<&Run> {
        self.run.as_ref().filter(|run| run.is_active())
    }

    /// Whether TickStockPL's API answers, so that its word is waited for.
    pub(crate) fn api_answers(&self) -> bool {
        self.links.api.up && self.authority.asked_at.is_some()
    }

    /// Whether what is shown waits for an answer of TickStockPL's API: a claim that it has not
    /// confirmed, or one that it contradicts. Answers asked at short intervals settle it.
    pub fn is_unsettled(&self) -> bool {
        let asked = |run: &Run| {
            self.authority
                .asked_at
                .is_some_and(|asked_at| run.claim.is_outdated_by_answer(asked_at))
        };
        let active =
            |run: &Run| run.is_active() && (run.confirmed_at.is_none() || !self.authority.running);
        let ended =
            |run: &Run| !run.is_active() && run.claim.source < ClaimSource::Status && !asked(run);
        let shown = self.run.as_ref();
        let disagrees = self.authority.running && self.active().is_none();
        disagrees
            || shown.is_some_and(|run| active(run) || ended(run))
            || self.others.iter().any(Run::is_active)
            || self.wants_history()
    }

    /// Whether a run ended and no history was asked for since that could say how.
    pub fn wants_history(&self) -> bool {
        let unlisted = |run: &Run| {
            let answered = self
                .authority
                .history_asked_at
                .is_some_and(|asked_at| run.claim.is_outdated_by_answer(asked_at));
            !run.is_active() && run.claim.source < ClaimSource::Status && !answered
        };
        self.run.iter().chain(&self.others).any(unlisted)
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
