//! The event list, and what could not be read.

use crate::byte_budget::ByteBudget;
use crate::limits;
use contract::{Body, Channel, Event, Rejection, RejectionReason, RunId, Scalar, Timestamp};
use serde::Serialize;
use std::collections::VecDeque;
use std::fmt::{self, Write};
use std::sync::Arc;

/// One line of the event list: the event itself without its bulk.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LogEntry {
    /// Its running number, from 1.
    pub number: u64,
    /// When it slice.
    pub at: Timestamp,
    /// Where it was published.
    pub channel: Channel,
    /// The event's name; empty where the message has none.
    pub name: String,
    /// The run it names.
    pub run_id: Option<RunId>,
    /// What it says, in a few words.
    pub summary: String,
    /// False when nobody documented it.
    pub known: bool,
    /// What else stood in it that nobody documented, as much as there is budget for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<(String, Scalar)>,
    /// The message as it slice, where the relay keeps it: it does not travel.
    #[serde(skip)]
    pub raw: Option<Arc<str>>,
}

/// Refused messages: how many, why, and the latest of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Rejected {
    /// How many by reason.
    pub counts: Vec<(RejectionReason, u64)>,
    /// The latest ones, latest last.
    pub samples: VecDeque<(Timestamp, Channel, Rejection)>,
}

impl Rejected {
    /// How many in all.
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|(_, n)| n).sum()
    }
}

impl LogEntry {
    /// Takes what the event says, as far as there is budget in the line.
    pub(crate) fn set_content(&mut self, event: &Event, summary: &str) {
        let mut budget = ByteBudget::new(limits::LOG_LINE_BYTES);
        budget.reserve(&self.name);
        self.run_id
            .iter()
            .for_each(|id| budget.reserve(id.as_str()));
        // A third of it at most is for what nobody documented.
        self.more = ByteBudget::new(limits::LOG_LINE_BYTES / 3).pairs(&event.more);
        self.more.iter().for_each(|pair| budget.reserve_pair(pair));
        self.raw.clone_from(&event.raw);
        self.summary = budget.text(summary, limits::LOG_LINE_BYTES);
    }
}

/// A few words on what an event says; the channel and the name stand beside them.
pub(crate) fn summary(body: &Body) -> String {
    let mut words = Words(String::new());
    match body {
        Body::RunStarted(b) => {
            words.add(b.symbols_total.map(|n| format!("{n} symbols")));
            words.add(b.trigger.as_ref());
            words.add((!b.universes.is_empty()).then(|| b.universes.join(", ")));
            words.add(
                b.original_run_id
                    .as_ref()
                    .map(|id| format!("retry of {id}")),
            );
        }
        Body::Progress(b) => {
            words.add(b.percent.map(Percent));
            words.add(b.done.zip(b.total).map(Of));
            words.add(b.current.as_ref());
            words.add(b.phase_name.as_ref());
        }
        Body::RunEnded(b) => {
            words.add(b.outcome.map(outcome_word));
            words.add(
                b.duration_seconds
                    .map(|s| format!("{} s", s.round() as u64)),
            );
            words.add(b.processed.map(|n| format!("{n} processed")));
            words.add(b.failed.map(|n| format!("{n} failed")));
            words.add(b.message.as_ref());
        }
        Body::PhaseStarted(b) => {
            words.add(b.total.map(|n| format!("{n} to do")));
            words.add((!b.universes.is_empty()).then(|| b.universes.join(", ")));
            words.add((!b.timeframes.is_empty()).then(|| b.timeframes.join(", ")));
        }
        Body::PhaseEnded(b) => {
            words.add(b.outcome.map(outcome_word));
            words.add(b.timeframe.as_ref());
            words.add(b.done.map(|n| format!("{n} done")));
            words.add(b.failed.map(|n| format!("{n} failed")));
            words.add(b.total_changes.map(|n| format!("{n} changes")));
            words.add(b.patterns_detected.map(|n| format!("{n} patterns")));
            words.add(
                b.duration_seconds
                    .map(|s| format!("{} s", s.round() as u64)),
            );
        }
        Body::ScheduleUpdated(b) => {
            words.add(b.enabled.map(|on| if on { "on" } else { "off" }));
            words.add(b.trigger_time.as_ref());
            words.add(b.timezone.as_ref());
        }
        Body::Error(b) => {
            words.add(b.code.as_ref());
            words.add(Some(&b.message));
            words.add(b.symbol.as_ref());
        }
        Body::UniverseUpdated(b) => {
            words.add(b.universe.as_ref());
            words.add(Some(&b.action));
            words.add(b.symbol.as_ref());
            words.add(b.count);
            words.add(b.reason.as_ref());
        }
        Body::Alert(b) => {
            words.add(Some(if b.resolved { "resolved" } else { "triggered" }));
            words.add(b.message.as_ref().or(Some(&b.id)));
        }
        Body::Command(b) => words.add(Some(format!(
            "{} (a command on Redis: nothing acts on it)",
            b.command
        ))),
        Body::Unknown(b) => words.add(Some(&b.raw)),
        Body::SymbolImported(_)
        | Body::IndicatorCalculated(_)
        | Body::PatternsDetected(_)
        | Body::Metrics(_) => {}
    }
    words.0
}

/// Words with dots between.
struct Words(String);

impl Words {
    fn add(&mut self, word: Option<impl fmt::Display>) {
        if let Some(word) = word {
            let between = if self.0.is_empty() { "" } else { " · " };
            // A String takes all that is written into it.
            let _ = write!(self.0, "{between}{word}");
        }
    }
}

/// A percentage with one decimal: in whole tenths, since to print a fraction exactly costs as much
/// as to apply a message.
struct Percent(f64);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (self.0 * 10.0).round() as u64;
        write!(f, "{}.{} %", tenths / 10, tenths % 10)
    }
}

/// What is done of what there is.
struct Of((u64, u64));

impl fmt::Display for Of {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.0.0, self.0.1)
    }
}

fn outcome_word(outcome: contract::Outcome) -> &'static str {
    match outcome {
        contract::Outcome::Succeeded => "succeeded",
        contract::Outcome::Failed => "failed",
        contract::Outcome::SucceededWithWarnings => "succeeded with warnings",
        contract::Outcome::Cancelled => "cancelled",
        contract::Outcome::Unknown => "ended, outcome unknown",
    }
}

contract::read_fields!(LogEntry {
    number,
    at,
    channel,
    name,
    run_id,
    summary,
    known,
    more,
    raw
});
contract::read_fields!(Rejected { counts, samples });
