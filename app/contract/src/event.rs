//! What a TickStockPL message says, in one vocabulary.
//!
//! These types are also what travels from the relay to browsers, so absent fields are left out of the text.

use crate::{Channel, Phase, RunId, Symbol, Timestamp};
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// One decoded message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Where it was published.
    pub channel: Channel,
    /// The event's name as published; empty where the message has none.
    pub name: String,
    /// The message's own time, if it has a readable one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// The run it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
    /// The component that published it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What it says.
    pub body: Body,
}

/// What an event says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// A phase ended.
    PhaseEnded(PhaseEnded),
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

// By hand: what serde derives for untagged enums buffers the value first, and is large.
impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ScalarVisitor;
        impl Visitor<'_> for ScalarVisitor {
            type Value = Scalar;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, a text, true or false")
            }
            fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
                Ok(Scalar::Bool(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
                Ok(Scalar::Number(value as f64))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Scalar, E> {
                Ok(Scalar::Number(value as f64))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Scalar, E> {
                Ok(Scalar::Number(value))
            }
            fn visit_str<E>(self, value: &str) -> Result<Scalar, E> {
                Ok(Scalar::Text(value.to_owned()))
            }
        }
        deserializer.deserialize_any(ScalarVisitor)
    }
}

/// How a run or a phase ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It did what it should.
    Succeeded,
    /// It did not.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

impl Outcome {
    /// Reads a status word; words for something still going on, and unknown ones, are `None`.
    pub fn parse(text: &str) -> Option<Outcome> {
        Some(match text.trim().to_ascii_lowercase().as_str() {
            "success" | "succeeded" | "completed" | "complete" | "ok" | "done" => Outcome::Succeeded,
            "failed" | "failure" | "error" | "crashed" => Outcome::Failed,
            "cancelled" | "canceled" | "aborted" => Outcome::Cancelled,
            _ => return None,
        })
    }
}

/// Declares a body struct: every field optional or empty where the message says nothing.
macro_rules! body {
    ($(#[$doc:meta])* $name:ident { $( $(#[$fdoc:meta])* $field:ident : $ty:ty ),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct $name {
            $( $(#[$fdoc])* #[serde(skip_serializing_if = "is_default")] pub $field: $ty ),+
        }
    };
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

body! {
    /// A run began: `processing_started`, `daily_processing_started`.
    RunStarted {
        /// How many symbols it will process.
        symbols_total: Option<u64>,
        /// `automatic`, `manual`, or what else it says.
        trigger: Option<String>,
        /// The universes it takes its symbols from.
        universes: Vec<String>,
        /// The phases it will go through; empty where it does not say.
        phases: Vec<Phase>,
        /// The trading day, `YYYY-MM-DD`.
        run_date: Option<String>,
        /// The run whose failures this one repeats.
        original_run_id: Option<RunId>,
    }
}

body! {
    /// A run or a phase moved on. With a phase it is that phase's, without one the whole run's.
    Progress {
        /// The phase.
        phase: Option<Phase>,
        /// The phase's name where it is none of the four (such as `finalization`).
        phase_name: Option<String>,
        /// Symbols done.
        done: Option<u64>,
        /// Symbols in all.
        total: Option<u64>,
        /// Symbols failed.
        failed: Option<u64>,
        /// 0 to 100.
        percent: Option<f64>,
        /// The symbol (or universe) in work.
        current: Option<String>,
        /// The timeframe in work.
        timeframe: Option<String>,
        /// Seconds that remain.
        eta_seconds: Option<u64>,
        /// When it will be over.
        estimated_completion: Option<Timestamp>,
        /// Patterns detected so far.
        patterns_detected: Option<u64>,
        /// Mean time per symbol.
        symbol_ms: Option<u64>,
    }
}

body! {
    /// A run ended: `processing_completed`, `processing_failed`, `processing_cancelled`, `daily_processing_completed`.
    RunEnded {
        /// How; `None` where the message does not say, which means well.
        outcome: Option<Outcome>,
        /// Seconds it took.
        duration_seconds: Option<f64>,
        /// Symbols processed.
        processed: Option<u64>,
        /// Symbols failed.
        failed: Option<u64>,
        /// Their names, where the message lists them.
        failed_symbols: Vec<Symbol>,
        /// The phase in which it failed.
        phase: Option<Phase>,
        /// Why it failed or was cancelled.
        message: Option<String>,
        /// Indicator calculations made.
        indicators_calculated: Option<u64>,
        /// Patterns detected.
        patterns_detected: Option<u64>,
    }
}

body! {
    /// What a phase's start says beside its phase.
    PhaseStarted {
        /// The phase.
        phase: Option<Phase>,
        /// Symbols (for the cache: universes) to work on.
        total: Option<u64>,
        /// The universes.
        universes: Vec<String>,
        /// The timeframes.
        timeframes: Vec<String>,
        /// Days to look back, per timeframe (`""` where one number stands for all).
        lookback_days: Vec<(String, u64)>,
        /// Kinds of indicators: 15, not the number of calculations.
        indicator_kinds: Option<u64>,
        /// Kinds of patterns.
        pattern_kinds: Option<u64>,
        /// The least confidence that counts as a detection, 0 to 1.
        min_confidence: Option<f64>,
        /// What the cache sync is about: `full`, `market_cap`, `themes`, `ipos`.
        mode: Option<String>,
    }
}

body! {
    /// A phase's end, with its totals.
    PhaseEnded {
        /// The phase.
        phase: Option<Phase>,
        /// How; `None` where the message does not say, which means well.
        outcome: Option<Outcome>,
        /// Seconds it took.
        duration_seconds: Option<f64>,
        /// Symbols it was about.
        total: Option<u64>,
        /// Symbols that went well.
        done: Option<u64>,
        /// Symbols that did not.
        failed: Option<u64>,
        /// Their names, where the message lists them.
        failed_symbols: Vec<Symbol>,
        /// Price records imported.
        records_imported: Option<u64>,
        /// Indicator calculations made, and failed.
        indicators_calculated: Option<u64>,
        /// Indicator calculations failed.
        indicators_failed: Option<u64>,
        /// Patterns checked.
        patterns_checked: Option<u64>,
        /// Patterns detected.
        patterns_detected: Option<u64>,
        /// Detections per check, percent.
        detection_rate: Option<f64>,
        /// Symbols that went well, percent.
        success_rate: Option<f64>,
        /// Changes that the cache sync made.
        total_changes: Option<u64>,
        /// How many universes it updated.
        universes_updated: Option<u64>,
        /// The tasks of the cache sync: name and status.
        tasks: Vec<(String, String)>,
        /// The one timeframe that this is about: then a part ended, not the phase.
        timeframe: Option<String>,
        /// Why it failed.
        message: Option<String>,
    }
}

body! {
    /// The import of one symbol ended.
    SymbolImported {
        /// The symbol.
        symbol: Option<Symbol>,
        /// False when it failed.
        failed: bool,
        /// Records imported.
        records: Option<u64>,
        /// How long it took.
        duration_ms: Option<u64>,
        /// Why it failed.
        message: Option<String>,
    }
}

body! {
    /// One indicator of one symbol.
    IndicatorResult {
        /// The symbol.
        symbol: Option<Symbol>,
        /// Such as `RSI`.
        indicator: String,
        /// Such as `daily`.
        timeframe: Option<String>,
        /// The values by name.
        values: Vec<(String, Scalar)>,
        /// From the intraday stream, not from a daily run.
        streaming: bool,
    }
}

body! {
    /// One detection, or a batch.
    Detections {
        /// The detections.
        items: Vec<Detection>,
        /// From the intraday stream, not from a daily run.
        streaming: bool,
    }
}

body! {
    /// One detected pattern.
    Detection {
        /// The symbol.
        symbol: Option<Symbol>,
        /// Such as `BullishEngulfing`.
        pattern: String,
        /// Such as `1day`.
        timeframe: Option<String>,
        /// 0 to 1.
        confidence: Option<f64>,
        /// Price levels: kind (`support`) and price.
        levels: Vec<(String, f64)>,
        /// Entry, stop, target and what else is given.
        data: Vec<(String, Scalar)>,
    }
}

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
    /// An error, whatever envelope it came in.
    ErrorReport {
        /// How bad.
        severity: Severity,
        /// The part of TickStockPL that reports it.
        component: Option<String>,
        /// Such as `API_RATE_LIMIT`.
        code: Option<String>,
        /// What happened.
        message: String,
        /// Such as `network`.
        category: Option<String>,
        /// The symbol it is about.
        symbol: Option<Symbol>,
        /// The phase it happened in.
        phase: Option<Phase>,
        /// What TickStockPL does about it.
        recovery_action: Option<String>,
        /// The rest of its context.
        context: Vec<(String, Scalar)>,
        /// The event name was `processing_error`: the run itself failed.
        fatal: bool,
    }
}

/// How bad an error is, worst last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// For those who debug TickStockPL.
    Debug,
    /// Good to know.
    Info,
    /// Something to watch.
    Warning,
    /// Something failed. Also where a message gives none, or one that nobody knows.
    #[default]
    Error,
    /// The run is at stake.
    Critical,
}

body! {
    /// A universe changed.
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
    }
}

body! {
    /// Monitoring figures, a health check or a status of TickStockPL's process.
    Metrics {
        /// `healthy`, `degraded`, `RUNNING`, …
        status: Option<String>,
        /// 0 to 100.
        health_score: Option<f64>,
        /// What it says in words.
        message: Option<String>,
        /// Figures by dotted name, such as `system.cpu_percent`.
        values: Vec<(String, Scalar)>,
    }
}

body! {
    /// A monitoring alert.
    Alert {
        /// Its id, by which its end refers to it.
        id: String,
        /// True when it ended.
        resolved: bool,
        /// How bad.
        severity: Severity,
        /// The component it is about.
        component: Option<String>,
        /// What it says.
        message: Option<String>,
    }
}

body! {
    /// A message with the shape of a command.
    Command {
        /// The command's name.
        command: String,
    }
}

body! {
    /// An undocumented event, as it came.
    Unknown {
        /// The message's text, cut to 2 KiB.
        raw: String,
    }
}
