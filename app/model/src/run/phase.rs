//! One phase of a run.

use crate::byte_budget::ByteBudget;
use crate::{Tone, limits, times};
use contract::{PhaseEnded, PhaseStarted, Progress, TaskResult, Timestamp};
use serde::Serialize;

/// The least time between two rates: progress comes in bursts, and what lies within one says
/// nothing of the rate.
const SAMPLE_MS: i64 = 1_000;
/// How long the past counts: a rate taken over this long weighs as much as all before it.
const SMOOTHING_MS: i64 = 30_000;
/// Progress comes about every 5 s: only after this much time without any the rate decays.
const QUIET_MS: i64 = 10_000;
/// What would take longer is not said: nothing was reckoned yet.
const LONGEST_ETA_MS: f64 = 48.0 * 3_600_000.0;

/// A phase as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PhaseState {
    /// Where it stands.
    pub status: PhaseStatus,
    /// Symbols (for the cache: universes) done; never falls.
    pub done: Option<u64>,
    /// Symbols in all.
    pub total: Option<u64>,
    /// Symbols failed.
    pub failed: Option<u64>,
    /// 0 to 100; never falls.
    pub percent: f64,
    /// The symbol in work.
    pub current: Option<String>,
    /// When it began, if its beginning was seen.
    pub started_at: Option<Timestamp>,
    /// When it ended, if its end was seen.
    pub ended_at: Option<Timestamp>,
    /// When it should end: as TickStockPL says, else reckoned from the rate.
    pub eta_at: Option<Timestamp>,
    /// Whether `eta_at` is reckoned from the rate, since TickStockPL gave none.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub eta_is_reckoned: bool,
    /// Symbols (for the cache: universes) per second: lately, while it runs; on the whole, when it
    /// is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_second: Option<f64>,
    /// Where the rate was last taken: when, and what was done then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rate_from: Option<(Timestamp, u64)>,
    /// What its start said.
    pub start: Option<Box<PhaseStarted>>,
    /// What its end said.
    pub end: Option<Box<PhaseEnded>>,
}

/// Declares the statuses with all that is said of each, once.
macro_rules! statuses {
    ($( $(#[$attribute:meta])* $variant:ident {
        wire_name: $wire_name:literal, word: $word:literal, tone: $tone:ident
    } )+) => {
        contract::words! {
            /// Status of a phase.
            #[derive(Default)]
            PhaseStatus { $( $(#[$attribute])* $variant = $wire_name ),+ }
        }

        impl PhaseStatus {
            /// Label on the page.
            pub const fn word(self) -> &'static str {
                match self { $(PhaseStatus::$variant => $word),+ }
            }

            /// Tone in which it is shown.
            pub const fn tone(self) -> Tone {
                match self { $(PhaseStatus::$variant => Tone::$tone),+ }
            }
        }
    };
}

statuses! {
    #[default]
    Waiting { wire_name: "waiting", word: "Waiting", tone: Quiet }
    Running { wire_name: "running", word: "Running", tone: Running }
    Done { wire_name: "done", word: "Done", tone: Good }
    Failed { wire_name: "failed", word: "Failed", tone: Bad }
    /// The run ended before it did.
    Stopped { wire_name: "stopped", word: "Stopped", tone: Neutral }
    /// It ended, and TickStockPL's word for how is not one that this console knows.
    Unknown { wire_name: "unknown", word: "Ended, outcome unknown", tone: Warn }
    /// Not part of the run.
    Skipped { wire_name: "skipped", word: "Not run", tone: Quiet }
}

impl PhaseState {
    /// Whether its end was seen, or its run's.
    pub fn is_over(&self) -> bool {
        matches!(
            self.status,
            PhaseStatus::Done | PhaseStatus::Failed | PhaseStatus::Stopped | PhaseStatus::Unknown
        )
    }

    /// Seconds from its start to its end (as TickStockPL says, if it does) or, while it runs, to
    /// `now`.
    pub fn seconds(&self, now: Timestamp) -> Option<f64> {
        let said = self.end.as_ref().and_then(|end| end.duration_seconds);
        said.or_else(|| Some(self.ended_at.unwrap_or(now).since(self.started_at?) as f64 / 1000.0))
    }

    /// Symbols per second at `now`: while nothing more is done the rate of late decays.
    pub fn rate(&self, now: Timestamp) -> Option<f64> {
        let rate = self.per_second?;
        let Some((from, _)) = self
            .rate_from
            .filter(|_| self.status == PhaseStatus::Running)
        else {
            return Some(rate);
        };
        let quiet = now.since(from) - QUIET_MS;
        Some(if quiet > 0 {
            rate * SMOOTHING_MS as f64 / (SMOOTHING_MS + 4 * quiet) as f64
        } else {
            rate
        })
    }

    /// The part that is done, 0 to 1.
    pub(super) fn fraction(&self) -> f64 {
        if self.status == PhaseStatus::Done {
            1.0
        } else {
            self.percent / 100.0
        }
    }

    pub(crate) fn begin(&mut self, at: Timestamp, seen: bool) {
        self.status = PhaseStatus::Running;
        self.started_at = self.started_at.or(seen.then_some(at));
        // A beginning that was seen is where the first rate is taken from.
        self.rate_from = self
            .rate_from
            .or(seen.then_some((at, self.done.unwrap_or(0))));
    }

    pub(crate) fn end(&mut self, at: Timestamp, status: PhaseStatus) {
        self.status = status;
        self.ended_at = Some(at);
        self.current = None;
        self.eta_at = None;
        self.eta_is_reckoned = false;
        self.rate_from = None;
        if status == PhaseStatus::Done {
            self.percent = 100.0;
        }
        let on_the_whole = self
            .done
            .zip(self.seconds(at).filter(|seconds| *seconds > 0.0));
        self.per_second = on_the_whole
            .map(|(done, seconds)| done as f64 / seconds)
            .or(self.per_second);
    }

    /// Takes progress as it slice. What is not further than what is known (a repeated or a late
    /// message) only adds what was missing, so that neither the rate nor the time of the end moves
    /// with it.
    pub(crate) fn progress(&mut self, at: Timestamp, progress: &Progress) {
        // A message that counts without a total is measured by the one known before.
        let total = progress.total.filter(|total| *total > 0).or(self.total);
        let counted = || Some(progress.done? as f64 * 100.0 / total.filter(|n| *n > 0)? as f64);
        let percent = progress.percent.or_else(counted).unwrap_or(0.0).min(100.0);
        // Without a number only the symbol in work tells one message from another.
        let unnumbered =
            progress.done.is_none() && progress.percent.is_none() && progress.current.is_some();
        let further = progress.done > self.done
            || percent > self.percent
            || unnumbered && progress.current != self.current;
        let more = progress.done > self.done;
        self.count(progress.done, progress.total);
        self.failed = self.failed.max(progress.failed);
        self.percent = self.percent.max(percent);
        if progress.current.is_some() && (further || self.current.is_none()) {
            self.current.clone_from(&progress.current);
        }
        if more {
            self.sample_rate(at);
        }
        let in_seconds = times::end_after(progress.eta_seconds, at);
        let said = in_seconds.or(progress.estimated_completion);
        if said.is_some() && (further || self.eta_at.is_none() || self.eta_is_reckoned) {
            (self.eta_at, self.eta_is_reckoned) = (said, false);
        } else if further && (self.eta_at.is_none() || self.eta_is_reckoned) {
            self.eta_at = self.estimated_end(at);
            self.eta_is_reckoned = self.eta_at.is_some();
        }
    }

    /// Takes a rate when more is done than at the last one, a second or more ago. Young samples
    /// weigh as much as their time does beside [`SMOOTHING_MS`]; no exponential function, whose
    /// last digit differs between machines.
    fn sample_rate(&mut self, at: Timestamp) {
        let Some(done) = self.done else { return };
        let Some((from, before)) = self.rate_from else {
            self.rate_from = Some((at, done));
            return;
        };
        let elapsed = at.since(from);
        if done <= before || elapsed < SAMPLE_MS {
            return;
        }
        let latest = (done - before) as f64 * 1000.0 / elapsed as f64;
        let weight = elapsed as f64 / (elapsed + SMOOTHING_MS) as f64;
        self.per_second = Some(
            self.per_second
                .map_or(latest, |rate| rate + (latest - rate) * weight),
        );
        self.rate_from = Some((at, done));
    }

    /// When what remains will be done at the rate of late.
    fn estimated_end(&self, at: Timestamp) -> Option<Timestamp> {
        let rate = self.per_second.filter(|rate| *rate > 0.0)?;
        let remain = self.total?.saturating_sub(self.done?);
        let ms = remain as f64 * 1000.0 / rate;
        (ms <= LONGEST_ETA_MS).then(|| at.plus_ms(ms as i64))
    }

    /// Takes counts as they were said: what is done never falls, and is never more than there is.
    pub(crate) fn count(&mut self, done: Option<u64>, total: Option<u64>) {
        self.done = self.done.max(done);
        self.total = total
            .or(self.total)
            .map(|total| total.max(self.done.unwrap_or(0)));
    }

    pub(crate) fn totals(&mut self, ended: &PhaseEnded) {
        self.failed = ended.failed.or(self.failed);
        // "Successful" and failed ones together are the ones that were worked on; some count the
        // failed among the successful.
        let worked_on = ended
            .done
            .map(|done| done.saturating_add(ended.failed.unwrap_or(0)));
        let total = ended.total.or(self.total);
        self.count(
            worked_on.map(|n| total.map_or(n, |total| n.min(total))),
            total,
        );
        let mut budget = ByteBudget::new(limits::PHASE_BYTES);
        self.end = Some(Box::new(PhaseEnded {
            // They are the run's.
            failed_symbols: Vec::new(),
            mode: budget.optional_text(ended.mode.as_ref(), 32),
            timeframe: budget.optional_text(ended.timeframe.as_ref(), 32),
            message: budget.optional_text(ended.message.as_ref(), 200),
            updated_universes: budget.names(ended.updated_universes.iter().map(String::as_str)),
            tasks: tasks(&mut budget, &ended.tasks),
            ..ended.clone()
        }));
    }

    pub(crate) fn start(&mut self, started: &PhaseStarted) {
        let mut budget = ByteBudget::new(limits::PHASE_BYTES);
        self.start = Some(Box::new(PhaseStarted {
            mode: budget.optional_text(started.mode.as_ref(), 32),
            triggered_by: budget.optional_text(started.triggered_by.as_ref(), 48),
            timeframes: budget.names(started.timeframes.iter().map(String::as_str)),
            lookback_days: budget.numbers(&started.lookback_days),
            universes: budget.names(started.universes.iter().map(String::as_str)),
            ..started.clone()
        }));
    }
}

fn tasks(budget: &mut ByteBudget, tasks: &[TaskResult]) -> Vec<TaskResult> {
    let kept = |task: &TaskResult| {
        let name = budget.text(&task.name, 48);
        // What JSON writes around it, and its number.
        budget.reserve(&"-".repeat(60));
        (!name.is_empty()).then(|| TaskResult {
            name,
            status: budget.optional_text(task.status.as_ref(), 24),
            changes: task.changes,
        })
    };
    tasks.iter().map_while(kept).collect()
}

contract::read_fields!(PhaseState {
    status,
    done,
    total,
    failed,
    percent,
    current,
    started_at,
    ended_at,
    eta_at,
    eta_is_reckoned,
    per_second,
    rate_from,
    start,
    end,
});
