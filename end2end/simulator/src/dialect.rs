//! How each step of a run is told: in the newest agreement's words, in the older guides', or in
//! every documented variant in turn.

mod envelope;
mod errors;
mod event;
mod monitoring;
mod phases;
mod results;
mod runs;
mod spelling;
mod wording;

pub(crate) use event::{ErrorReport, Event, PhaseEnd, PhaseProgress, RunEnd};

use crate::options::Dialect;
use std::sync::atomic::{AtomicUsize, Ordering};
use wording::{Message, Want, Wordings};

/// Speaks one dialect. `mixed` remembers how often it told each kind of step, and takes the
/// wordings of telling it in turn.
pub(crate) struct Encoder {
    dialect: Dialect,
    turns: [AtomicUsize; Event::KINDS],
}

impl Encoder {
    pub(crate) fn new(dialect: Dialect) -> Encoder {
        Encoder {
            dialect,
            turns: [const { AtomicUsize::new(0) }; Event::KINDS],
        }
    }

    /// The channel and the message that tell a step; some dialects have no words for some steps.
    pub(crate) fn message(&self, event: &Event<'_>) -> Option<Message> {
        match self.dialect {
            Dialect::Response => encode(event, Want::Response).said,
            Dialect::Guides => encode(event, Want::Guides).said,
            Dialect::Mixed => {
                let wordings = encode(event, Want::Count).offered;
                let turn = self.turns[event.kind()].fetch_add(1, Ordering::Relaxed);
                let (channel, mut message) = encode(
                    event,
                    Want::Nth((turn + event.first_turn()) % wordings.max(1)),
                )
                .said?;
                // Divided, so that every way meets every spelling.
                spelling::vary(&mut message, turn / wordings.max(1) + event.kind());
                Some((channel, message))
            }
        }
    }
}

fn encode(event: &Event<'_>, want: Want) -> Wordings {
    let mut wordings = Wordings::new(want);
    match event {
        Event::RunStarted(plan) => runs::started(plan, &mut wordings),
        Event::RunProgress {
            progress,
            percent,
            end,
        } => runs::progress(progress, *percent, *end, &mut wordings),
        Event::RunEnded(end) => runs::ended(end, &mut wordings),
        Event::Schedule(schedule) => runs::schedule(schedule, &mut wordings),
        Event::Probe => runs::probe(&mut wordings),
        Event::PhaseStarted { plan, phase, total } => {
            phases::started(plan, *phase, *total, &mut wordings);
        }
        Event::PhaseProgress(progress) => phases::progress(progress, &mut wordings),
        Event::PhaseCompleted(end) => phases::completed(end, &mut wordings),
        Event::Timeframe {
            timeframe,
            processed,
            failed,
        } => results::timeframe(timeframe, *processed, failed, &mut wordings),
        Event::Symbol {
            plan,
            symbol,
            failure,
            records,
            ms,
        } => {
            results::symbol(plan, symbol, *failure, *records, *ms, &mut wordings);
        }
        Event::Indicator {
            symbol,
            indicator,
            timeframe,
            calculated,
        } => {
            results::indicator(symbol, indicator, timeframe, calculated, &mut wordings);
        }
        Event::Pattern {
            plan,
            symbol,
            detection,
        } => results::pattern(plan, symbol, detection, &mut wordings),
        Event::Streamed {
            session_id,
            symbol,
            detection,
        } => results::streamed(session_id, symbol, detection, &mut wordings),
        Event::Universe {
            universe,
            reason,
            count,
        } => results::universe(universe, reason, *count, &mut wordings),
        Event::Listed { symbol, universe } => results::listed(symbol, universe, &mut wordings),
        Event::Delisted(count) => results::delisted(*count, &mut wordings),
        Event::Error(report_error) => errors::error(report_error, &mut wordings),
        Event::Alert { id, message } => errors::alert(id, *message, &mut wordings),
        Event::Job(progress) => monitoring::job(progress, &mut wordings),
        Event::Metrics { cpu, memory, busy } => {
            monitoring::metrics(*cpu, *memory, *busy, &mut wordings);
        }
        Event::Health {
            cpu,
            busy,
            uptime_seconds,
        } => monitoring::health(*cpu, *busy, *uptime_seconds, &mut wordings),
    }
    wordings
}
