//! What is kept: the records that the relay hands over.

use contract::{RunId, Symbol, Timestamp};
use model::{AuditEntry, ErrorGroup, EventSummary, Run, RunSummary, State};
use serde::{Deserialize, Serialize};

/// One thing to keep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// A run as it is now, with its phases, counts and failed symbols.
    Run(Box<Run>),
    /// A run of which only TickStockPL's history told.
    Summary(Box<RunSummary>),
    /// A run that events reported and that TickStockPL did not execute: nothing of it stays but its
    /// events.
    Forgotten(RunId),
    /// A group of errors as it is now.
    Errors(Box<ErrorGroup>),
    /// An event.
    Log(Box<EventSummary>),
    /// What a run said of each of its symbols.
    Symbols(Box<RunSymbols>),
    /// Everything the console knows, for the next start.
    State {
        /// The relay's clock.
        at: Timestamp,
        /// The state.
        state: Box<State>,
    },
    /// Who asked for what.
    Audit(AuditEntry),
    /// Somebody took note of something.
    Acknowledged(Acknowledgement),
    /// A setting of the console's.
    Setting(Setting),
    /// A key whose command is about to be sent, where the database could not be asked for it.
    Claim(KeyClaim),
    /// A claimed key whose command certainly did nothing: it may be sent again.
    Release(KeyRelease),
    /// The answer to a command, for those who send it again.
    Answer(StoredAnswer),
    /// Until when TickStockPL's events were heard without a gap, by the relay's clock.
    Heard(Timestamp),
}

/// What a run said of its symbols.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSymbols {
    /// The run.
    pub run_id: RunId,
    /// When it ended.
    pub at: Timestamp,
    /// Each symbol with what was said of it, as JSON.
    pub reports: Vec<(Symbol, String)>,
}

/// A random key: for an [`AuditEntry`], an attempt at a command, a form.
pub fn new_key() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// Somebody took note of something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// Of what: a group of errors, an alert, a run, as the interface names it. The latest of a
    /// subject counts.
    pub subject: String,
    /// Who.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// What they wrote about it.
    pub note: Option<String>,
}

/// A setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its value, as JSON.
    pub value: String,
    /// Who set it.
    pub who: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// The claim of an idempotency key by one attempt to send its command; it counts for
/// [`crate::limits::ANSWER_MS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyClaim {
    /// The key.
    pub key: String,
    /// A hash of the request's body.
    pub body_hash: String,
    /// The attempt; [`new_key`] makes one that no other has.
    pub claimed_by: String,
    /// When.
    pub at: Timestamp,
}

/// The end of a claim whose command did nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRelease {
    /// The key.
    pub key: String,
    /// The attempt that claimed it.
    pub claimed_by: String,
}

/// The answer to a command that carried an idempotency key; it counts for
/// [`crate::limits::ANSWER_MS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredAnswer {
    /// The key; callers put into it who sent it, where keys of different people must not meet.
    pub key: String,
    /// A hash of the request's body: the same key with another body is a mistake.
    pub body_hash: String,
    /// The answer, as JSON.
    pub answer: String,
    /// When.
    pub at: Timestamp,
}

impl Record {
    /// Whether it must not be lost: ends of runs, and whatever a person did.
    pub fn is_durable(&self) -> bool {
        match self {
            Record::Run(run) => !run.is_active(),
            Record::Forgotten(_)
            | Record::Audit(_)
            | Record::Acknowledged(_)
            | Record::Setting(_)
            | Record::Claim(_)
            | Record::Release(_)
            | Record::Answer(_) => true,
            Record::Summary(_)
            | Record::Errors(_)
            | Record::Log(_)
            | Record::Symbols(_)
            | Record::State { .. }
            | Record::Heard(_) => false,
        }
    }
}
