//! Runs that ended, and the earlier ones that the simulator pretends to remember.

use crate::market;
use crate::plan::RunPlan;
use crate::rng::{Rng, rounded};
use crate::schedule::{self, Schedule};
use crate::time::format_time;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Earlier runs at the start, one for each trading day.
const EARLIER: usize = 20;
/// Which of them, counted back from the latest, failed and was cancelled.
const FAILED: usize = 4;
const CANCELLED: usize = 11;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    Completed,
    Failed,
    Cancelled,
}

impl Outcome {
    /// As the history has it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Outcome::Completed => "completed",
            Outcome::Failed => "failed",
            Outcome::Cancelled => "cancelled",
        }
    }
}

/// What a run has achieved so far.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct RunTotals {
    /// Symbols that the latest phase went through.
    pub(crate) processed: usize,
    /// Symbols that could not be imported.
    pub(crate) failed: Vec<String>,
    /// Symbols whose indicators failed.
    pub(crate) failed_indicators: Vec<String>,
    pub(crate) indicators: u64,
    pub(crate) patterns: u64,
}

/// A run that ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct EndedRun {
    pub(crate) run_id: String,
    pub(crate) automatic: bool,
    pub(crate) started: Timestamp,
    pub(crate) ended: Timestamp,
    pub(crate) outcome: Outcome,
    pub(crate) totals: RunTotals,
    pub(crate) error_message: Option<String>,
    /// What it was about, if it was a job of the cache's endpoints.
    pub(crate) cache_mode: Option<String>,
    /// The days that its import was told to look back.
    pub(crate) lookback_days: Option<u64>,
}

impl EndedRun {
    /// The run of `plan`, ended now.
    pub(crate) fn now(
        plan: &RunPlan,
        started: Timestamp,
        outcome: Outcome,
        totals: RunTotals,
        error: Option<String>,
    ) -> EndedRun {
        EndedRun {
            run_id: plan.run_id.clone(),
            automatic: plan.trigger.automatic,
            started,
            ended: Timestamp::now(),
            outcome,
            totals,
            error_message: error,
            cache_mode: plan.trigger.cache_mode.clone(),
            lookback_days: plan.trigger.lookback_days,
        }
    }

    pub(crate) fn seconds(&self) -> f64 {
        rounded(self.ended.duration_since(self.started).as_secs_f64(), 1)
    }

    /// As `GET /api/processing/history` lists it.
    pub(crate) fn json(&self) -> Value {
        json!({
            "run_id": self.run_id,
            "run_date": schedule::trading_day(self.started),
            "trigger_type": if self.automatic { "automatic" } else { "manual" },
            "start_time": format_time(self.started),
            "end_time": format_time(self.ended),
            "status": self.outcome.word(),
            "symbols_processed": self.totals.processed,
            "symbols_failed": self.totals.failed.len(),
            "indicators_calculated": self.totals.indicators,
            "patterns_detected": self.totals.patterns,
            "duration_seconds": self.seconds(),
            "error_message": self.error_message,
        })
    }

    /// As `GET /simulator/truth` lists it.
    pub(crate) fn truth(&self) -> Value {
        let RunTotals {
            processed,
            failed,
            failed_indicators,
            indicators,
            patterns,
        } = &self.totals;
        let any: BTreeSet<&String> = failed.iter().chain(failed_indicators).collect();
        json!({
            "run_id": self.run_id,
            "outcome": self.outcome.word(),
            "start_time": format_time(self.started),
            "end_time": format_time(self.ended),
            "symbols_processed": processed,
            "symbols_failed": failed.len(),
            "symbols_failed_in_any_phase": any.len(),
            "failed_symbols": failed,
            "indicators_calculated": indicators,
            "patterns_detected": patterns,
            "error_message": self.error_message,
            "lookback_days": self.lookback_days,
        })
    }
}

/// The runs of the last trading days, newest first: one failed, one was cancelled.
pub(crate) fn earlier_runs(seed: u64, now: Timestamp) -> Vec<EndedRun> {
    let schedule = Schedule::default();
    let mut starts = Vec::new();
    // Weekends and holidays among them, this many days surely hold enough sessions.
    let mut at = now - SignedDuration::from_hours(24 * 2 * EARLIER as i64);
    while let Some(next) = schedule
        .next_run(at)
        .filter(|next| *next < now - SignedDuration::from_hours(2))
    {
        starts.push(next);
        at = next;
    }
    starts.reverse();
    starts.truncate(EARLIER);
    starts
        .into_iter()
        .enumerate()
        .map(|(back, started)| earlier_run(seed, back, started))
        .collect()
}

fn earlier_run(seed: u64, back: usize, started: Timestamp) -> EndedRun {
    // By its day, so that a day's run stays what it is when another day has come.
    let mut rng = Rng::new(seed, started.as_second().unsigned_abs());
    let symbols = market::members("sp500");
    let count = rng.below(4);
    let failed: Vec<String> = rng
        .some(symbols, count)
        .into_iter()
        .map(str::to_owned)
        .collect();
    let processed = symbols.len() - failed.len();
    let run = EndedRun {
        run_id: rng.uuid(),
        automatic: !rng.chance(12),
        started,
        ended: started + SignedDuration::from_secs(1980 + rng.below(360) as i64),
        outcome: Outcome::Completed,
        totals: RunTotals {
            processed,
            failed,
            failed_indicators: Vec::new(),
            indicators: processed as u64 * 15,
            patterns: 1180 + rng.below(150) as u64,
        },
        error_message: None,
        cache_mode: None,
        lookback_days: None,
    };
    match back {
        FAILED => EndedRun {
            outcome: Outcome::Failed,
            ended: started + SignedDuration::from_secs(19 * 60 + 22),
            totals: RunTotals {
                processed: 262,
                indicators: 262 * 15,
                patterns: 0,
                ..run.totals
            },
            error_message: Some(
                "indicator calculation failed: database connection lost".to_owned(),
            ),
            ..run
        },
        CANCELLED => EndedRun {
            outcome: Outcome::Cancelled,
            ended: started + SignedDuration::from_secs(7 * 60 + 3),
            totals: RunTotals {
                processed: 251,
                indicators: 0,
                patterns: 0,
                ..run.totals
            },
            ..run
        },
        _ => run,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earlier_runs_are_twenty_with_one_failed_and_one_cancelled() {
        let now = "2026-11-30T15:00:00Z".parse().unwrap();
        let runs = earlier_runs(7, now);
        assert_eq!(runs.len(), EARLIER);
        assert!(
            runs.windows(2)
                .all(|pair| pair[0].started > pair[1].started)
        );
        let days: Vec<Value> = runs
            .iter()
            .map(|run| run.json()["run_date"].clone())
            .collect();
        assert_eq!(
            days[..3],
            [
                json!("2026-11-27"),
                json!("2026-11-25"),
                json!("2026-11-24")
            ],
            "not on Thanksgiving"
        );
        let of = |outcome| runs.iter().filter(|run| run.outcome == outcome).count();
        assert_eq!(
            (
                of(Outcome::Completed),
                of(Outcome::Failed),
                of(Outcome::Cancelled)
            ),
            (18, 1, 1)
        );
        assert!(runs.iter().all(|run| run.ended < now));
    }

    #[test]
    fn a_days_run_keeps_its_id() {
        let ids = |now: &str| {
            earlier_runs(7, now.parse().unwrap())
                .into_iter()
                .map(|run| run.run_id)
        };
        let (today, tomorrow) = (ids("2026-11-24T15:00:00Z"), ids("2026-11-25T15:00:00Z"));
        assert!(today.take(19).eq(tomorrow.skip(1)));
    }
}
