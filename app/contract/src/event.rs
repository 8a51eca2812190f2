//! What a TickStockPL message says, in one vocabulary.
//!
//! These types are also what travels from the relay to browsers, so absent fields are left out of
//! the text.

use crate::json::Value;
use crate::wire::{Json, Read};
use crate::{Channel, RunId, Symbol, Timestamp};
use serde::Serialize;
use std::sync::Arc;

/// One decoded message.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    /// Where it was published.
    pub channel: Channel,
    /// The event's name as published; empty where the message has none.
    pub name: String,
    /// The message's own time, if it has a readable one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// The run it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
    /// True where the message has a run id that cannot be read (an object, `12.5`): the event is
    /// about some run, and nobody can say which, so it changes none.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unreadable_run_id: bool,
    /// The component that published it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The envelope's version where it is another than the one that is documented, `1.0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The streaming session that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// What it says.
    pub body: Body,
    /// What else stood in the message: fields that nobody documented, or that repeat one that was
    /// read. At most 24.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<(String, Scalar)>,
    /// The message as it came, where somebody keeps it: it does not travel.
    #[serde(skip)]
    pub raw: Option<Arc<str>>,
}

/// What an event says.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// A run began.
    RunStarted(RunStarted),
    /// A run or one of its phases moved on.
    Progress(Progress),
    /// A run ended, well or not.
    RunEnded(RunEnded),
    /// A phase began.
    PhaseStarted(PhaseStarted),
    /// A phase ended; in a box, since it is twice as large as what comes all the time.
    PhaseEnded(Box<PhaseEnded>),
    /// The import of one symbol ended.
    SymbolImported(SymbolImported),
    /// One indicator was calculated for one symbol.
    IndicatorCalculated(IndicatorResult),
    /// Patterns were detected, one or a batch of them.
    PatternsDetected(Detections),
    /// The schedule changed.
    ScheduleUpdated(ScheduleChange),
    /// Something went wrong.
    Error(ErrorReport),
    /// The members of a universe changed.
    UniverseUpdated(UniverseUpdated),
    /// Figures about TickStockPL's process and machine.
    Metrics(Metrics),
    /// A monitoring alert began or ended.
    Alert(Alert),
    /// A message with the shape of a command: commands go over HTTP, so it changes nothing.
    Command(Command),
    /// An event that nobody documented: kept and shown, changes nothing.
    Unknown(Unknown),
}

/// A plain value; on the wire it is just that.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Scalar {
    /// A number.
    Number(f64),
    /// Yes or no.
    Bool(bool),
    /// A text.
    Text(String),
}

impl Read for Scalar {
    fn read(json: Json<'_, '_>) -> Option<Self> {
        match json.value() {
            Value::Bool(yes) => Some(Scalar::Bool(*yes)),
            Value::Text(text) => Some(Scalar::Text(text.to_string())),
            _ => f64::read(json).map(Scalar::Number),
        }
    }
}

crate::read_fields!(Event { channel, name, at, run_id, unreadable_run_id or false, source, version, session_id, body, more, raw });
crate::deserialize_by_read!(Scalar);
crate::read_variants!(Body {
    "run_started" => RunStarted,
    "progress" => Progress,
    "run_ended" => RunEnded,
    "phase_started" => PhaseStarted,
    "phase_ended" => PhaseEnded,
    "symbol_imported" => SymbolImported,
    "indicator_calculated" => IndicatorCalculated,
    "patterns_detected" => PatternsDetected,
    "schedule_updated" => ScheduleUpdated,
    "error" => Error,
    "universe_updated" => UniverseUpdated,
    "metrics" => Metrics,
    "alert" => Alert,
    "command" => Command,
    "unknown" => Unknown,
});

/// Declares a body struct: every field optional or empty where the message says nothing.
macro_rules! body {
    ($(#[$doc:meta])* $name:ident { $( $(#[$fdoc:meta])* $field:ident : $ty:ty ),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize)]
        pub struct $name {
            $( $(#[$fdoc])* #[serde(skip_serializing_if = "is_default")] pub $field: $ty ),+
        }

        crate::read_fields!($name { $($field or Default::default()),+ });
    };
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

mod monitoring;
mod results;
mod run;
mod troubles;

pub use monitoring::{Alert, Metrics};
pub use results::{Detection, Detections, IndicatorResult, SymbolImported};
pub use run::{FailedSymbol, PhaseEnded, PhaseStarted, Progress, RunEnded, RunStarted, TaskResult};
pub use troubles::{ErrorReport, Severity};

body! {
    /// A schedule, or the part of one that a message gives.
    ScheduleChange {
        /// Whether runs start by themselves.
        enabled: Option<bool>,
        /// `HH:MM` in `timezone`, as TickStockPL gives it.
        trigger_time: Option<String>,
        /// IANA name of the zone of `trigger_time`.
        timezone: Option<String>,
        /// Whether days without a session are left out.
        market_check: Option<bool>,
        /// When the next run starts.
        next_run: Option<Timestamp>,
        /// The universes that are processed.
        universes: Vec<String>,
    }
}

body! {
    /// The members of a universe changed: `universe_updated`, or a message on the cache's channels
    /// for new and delisted symbols.
    UniverseUpdated {
        /// Which one; none for a clean-up over all of them.
        universe: Option<String>,
        /// `added`, `removed`, `updated`.
        action: String,
        /// Why.
        reason: Option<String>,
        /// The symbol it is about.
        symbol: Option<Symbol>,
        /// How many symbols.
        count: Option<u64>,
        /// When the new member was listed, `YYYY-MM-DD`.
        listing_date: Option<String>,
        /// The new member's sector.
        sector: Option<String>,
        /// What else its metadata holds.
        metadata: Vec<(String, Scalar)>,
    }
}

body! {
    /// A message with the shape of a command.
    Command {
        /// The command's name.
        command: String,
        /// Its parameters by name; lists as text with commas.
        parameters: Vec<(String, Scalar)>,
    }
}

body! {
    /// An undocumented event, as it came.
    Unknown {
        /// The message's text, cut to 2 KiB.
        raw: String,
    }
}
