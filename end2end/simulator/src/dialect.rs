//! How each step of a run is told: in the newest agreement's words, in the older guides', or in
//! every documented variant in turn.

mod envelope;
mod monitoring;
mod phases;
mod results;
mod runs;
mod spelling;
mod step;
mod troubles;

pub(crate) use step::{PhaseEnd, PhaseProgress, RunEnd, Step, Trouble};

use crate::options::Dialect;
use contract::Channel;
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Where, and what.
type Said = (Channel, Value);

/// Speaks one dialect. `mixed` remembers how often it told each kind of step, and takes the ways of
/// telling it in turn.
pub(crate) struct Speaker {
    dialect: Dialect,
    told: [AtomicUsize; Step::KINDS],
}

impl Speaker {
    pub(crate) fn new(dialect: Dialect) -> Speaker {
        Speaker {
            dialect,
            told: [const { AtomicUsize::new(0) }; Step::KINDS],
        }
    }

    /// The channel and the message that tell a step; some dialects have no words for some steps.
    pub(crate) fn message(&self, step: &Step<'_>) -> Option<Said> {
        match self.dialect {
            Dialect::Response => tell(step, Want::Response).said,
            Dialect::Guides => tell(step, Want::Guides).said,
            Dialect::Mixed => {
                let ways = tell(step, Want::Count).offered;
                let turn = self.told[step.kind()].fetch_add(1, Ordering::Relaxed);
                let (channel, mut message) =
                    tell(step, Want::Nth((turn + step.first_turn()) % ways.max(1))).said?;
                // Divided, so that every way meets every spelling.
                spelling::vary(&mut message, turn / ways.max(1) + step.kind());
                Some((channel, message))
            }
        }
    }
}

fn tell(step: &Step<'_>, want: Want) -> AuthModes {
    let mut ways = AuthModes {
        want,
        offered: 0,
        said: None,
    };
    match step {
        Step::RunStarted(plan) => runs::started(plan, &mut ways),
        Step::RunProgress {
            progress,
            percent,
            end,
        } => runs::progress(progress, *percent, *end, &mut ways),
        Step::RunEnded(end) => runs::ended(end, &mut ways),
        Step::Schedule(schedule) => runs::schedule(schedule, &mut ways),
        Step::Probe => runs::probe(&mut ways),
        Step::PhaseStarted { plan, phase, total } => {
            phases::started(plan, *phase, *total, &mut ways)
        }
        Step::PhaseProgress(progress) => phases::progress(progress, &mut ways),
        Step::PhaseCompleted(end) => phases::completed(end, &mut ways),
        Step::Timeframe {
            timeframe,
            processed,
            failed,
        } => results::timeframe(timeframe, *processed, failed, &mut ways),
        Step::Symbol {
            plan,
            symbol,
            failure,
            records,
            ms,
        } => {
            results::symbol(plan, symbol, *failure, *records, *ms, &mut ways);
        }
        Step::Indicator {
            symbol,
            indicator,
            timeframe,
            calculated,
        } => {
            results::indicator(symbol, indicator, timeframe, calculated, &mut ways);
        }
        Step::Pattern {
            plan,
            symbol,
            detection,
        } => results::pattern(plan, symbol, detection, &mut ways),
        Step::Streamed {
            session_id,
            symbol,
            detection,
        } => results::streamed(session_id, symbol, detection, &mut ways),
        Step::Universe {
            universe,
            reason,
            count,
        } => results::universe(universe, reason, *count, &mut ways),
        Step::Listed { symbol, universe } => results::listed(symbol, universe, &mut ways),
        Step::Delisted(count) => results::delisted(*count, &mut ways),
        Step::Error(trouble) => troubles::error(trouble, &mut ways),
        Step::Alert { id, message } => troubles::alert(id, *message, &mut ways),
        Step::Job(progress) => monitoring::job(progress, &mut ways),
        Step::Metrics { cpu, memory, busy } => monitoring::metrics(*cpu, *memory, *busy, &mut ways),
        Step::Health {
            cpu,
            busy,
            uptime_seconds,
        } => monitoring::health(*cpu, *busy, *uptime_seconds, &mut ways),
    }
    ways
}

/// The ways of telling one step, of which one is taken: only that one's message is built.
struct AuthModes {
    want: Want,
    offered: usize,
    said: Option<Said>,
}

enum Want {
    /// None: how many there are is the question.
    Count,
    Nth(usize),
    /// The newest agreement's.
    Response,
    /// The older guides'.
    Guides,
}

impl AuthModes {
    /// The agreement and the guides tell it alike.
    fn both(&mut self, tell: impl FnOnce() -> Said) {
        let wanted = matches!(self.want, Want::Response | Want::Guides);
        self.offer(wanted, tell);
    }

    fn response(&mut self, tell: impl FnOnce() -> Said) {
        let wanted = matches!(self.want, Want::Response);
        self.offer(wanted, tell);
    }

    fn guides(&mut self, tell: impl FnOnce() -> Said) {
        let wanted = matches!(self.want, Want::Guides);
        self.offer(wanted, tell);
    }

    /// Some other document tells it so.
    fn variant(&mut self, tell: impl FnOnce() -> Said) {
        self.offer(false, tell);
    }

    fn offer(&mut self, wanted: bool, tell: impl FnOnce() -> Said) {
        if wanted || matches!(self.want, Want::Nth(n) if n == self.offered) {
            debug_assert!(self.said.is_none(), "one dialect tells a step in one way");
            self.said = Some(tell());
        }
        self.offered += 1;
    }
}

/// A share in percent, with the noise that divisions leave.
fn percent(done: usize, total: usize) -> f64 {
    if total == 0 {
        0.0
    } else {
        done as f64 / total as f64 * 100.0
    }
}
