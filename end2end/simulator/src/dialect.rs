//! How each step of a run is told: in the newest agreement's words, in the older guides', or in every documented variant in turn.

mod phases;
mod results;
mod runs;

use crate::options::Dialect;
use crate::plan::Plan;
use crate::world::text;
use contract::{Channel, Phase};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

/// One thing that happens and that is told.
pub(crate) enum Step<'a> {
    /// The run began.
    RunStarted(&'a Plan),
    /// The run moved on.
    RunProgress { plan: &'a Plan, phase: Phase, done: usize, percent: f64, symbol: &'a str, end: Timestamp },
    /// The run ended.
    RunEnded { plan: &'a Plan, end: RunEnd<'a> },
    /// A phase began.
    PhaseStarted { plan: &'a Plan, phase: Phase, total: usize },
    /// A phase moved on.
    PhaseProgress(PhaseProgress<'a>),
    /// A phase ended.
    PhaseCompleted { plan: &'a Plan, phase: Phase, total: usize, failed: &'a [String], results: u64, seconds: f64 },
    /// A symbol was imported, or not.
    Symbol { plan: &'a Plan, symbol: &'a str, error: Option<(&'a str, &'a str)>, records: usize, ms: usize },
    /// An indicator was calculated.
    Indicator { symbol: &'a str, indicator: &'a str, value: f64, signal: f64 },
    /// A pattern was detected.
    Pattern { plan: &'a Plan, symbol: &'a str, pattern: &'a str, timeframe: &'a str, confidence: f64, price: f64 },
    /// Something went wrong.
    Error {
        plan: &'a Plan,
        phase: Phase,
        severity: &'a str,
        component: &'a str,
        code: &'a str,
        message: &'a str,
        symbol: Option<&'a str>,
    },
    /// A universe changed.
    Universe { universe: &'a str, action: &'a str, reason: &'a str, count: usize },
    /// Monitoring says how far a job is.
    Job(PhaseProgress<'a>),
    /// Monitoring says how the machine is.
    Metrics { cpu: f64, memory: f64, busy: bool },
    /// The schedule changed.
    Schedule(&'a Value),
}

/// How a run ended.
pub(crate) struct RunEnd<'a> {
    pub(crate) status: &'a str,
    pub(crate) seconds: f64,
    pub(crate) processed: usize,
    pub(crate) failed: &'a [String],
    pub(crate) indicators: u64,
    pub(crate) patterns: u64,
    /// The phase that failed, and why.
    pub(crate) failure: Option<(Phase, &'a str)>,
}

/// How far a phase is.
#[derive(Clone, Copy)]
pub(crate) struct PhaseProgress<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) phase: Phase,
    pub(crate) done: usize,
    pub(crate) total: usize,
    pub(crate) failed: usize,
    pub(crate) symbol: &'a str,
    /// Seconds of real time.
    pub(crate) eta_seconds: u64,
    pub(crate) patterns: u64,
}

/// One way to tell a step: where, and what. The first one of each is the newest agreement's.
struct Telling {
    channel: Channel,
    message: Value,
    /// Whether the older guides tell it so.
    guides: bool,
}

/// The channel and the message that tell a step in a dialect.
pub(crate) fn message(dialect: Dialect, step: &Step<'_>) -> (Channel, Value) {
    let mut ways = match step {
        Step::RunStarted(_) | Step::RunProgress { .. } | Step::RunEnded { .. } | Step::Schedule(_) => runs::tell(step),
        Step::PhaseStarted { .. } | Step::PhaseProgress(_) | Step::PhaseCompleted { .. } => phases::tell(step),
        _ => results::tell(step),
    };
    let index = match dialect {
        Dialect::Response => 0,
        Dialect::Guides => ways.iter().position(|way| way.guides).unwrap_or(0),
        Dialect::Mixed => turn(step) % ways.len(),
    };
    let way = ways.swap_remove(index);
    (way.channel, way.message)
}

/// The dialect `mixed` takes the variants of each kind of step in turn.
fn turn(step: &Step<'_>) -> usize {
    static TURNS: [AtomicUsize; 14] = [const { AtomicUsize::new(0) }; 14];
    let kind = match step {
        Step::RunStarted(_) => 0,
        Step::RunProgress { .. } => 1,
        Step::RunEnded { .. } => 2,
        Step::PhaseStarted { .. } => 3,
        Step::PhaseProgress(_) => 4,
        Step::PhaseCompleted { .. } => 5,
        Step::Symbol { .. } => 6,
        Step::Indicator { .. } => 7,
        Step::Pattern { .. } => 8,
        Step::Error { .. } => 9,
        Step::Universe { .. } => 10,
        Step::Job(_) => 11,
        Step::Metrics { .. } => 12,
        Step::Schedule(_) => 13,
    };
    TURNS[kind].fetch_add(1, Ordering::Relaxed)
}

fn way(channel: Channel, message: Value) -> Telling {
    Telling { channel, message, guides: false }
}

/// As [`way`], and the older guides tell it so, too.
fn guides(channel: Channel, message: Value) -> Telling {
    Telling { channel, message, guides: true }
}

/// The usual envelope (A of the contract).
fn enveloped(event: &str, source: &str, payload: Value) -> Value {
    json!({ "event": event, "timestamp": text(Timestamp::now()), "source": source, "version": "1.0", "payload": payload })
}

/// The flat envelope (E of the contract): the fields stand beside the event.
fn flat(event: &str, payload: Value) -> Value {
    let mut message =
        Map::from_iter([("event".to_owned(), event.into()), ("timestamp".to_owned(), older_time().into())]);
    if let Value::Object(fields) = payload {
        message.extend(fields);
    }
    Value::Object(message)
}

/// A time in one of the forms that the contract lists: with an offset and a `Z`.
fn older_time() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00Z").to_string()
}

/// A number in percent, with the noise that floating-point sums have.
fn percent(done: usize, total: usize) -> f64 {
    if total == 0 { 0.0 } else { done as f64 / total as f64 * 100.0 }
}
