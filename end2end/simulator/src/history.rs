//! Runs that ended, and the earlier ones that the simulator pretends to remember.

use crate::market;
use crate::rng::{Rng, rounded};
use crate::schedule::{self, Schedule};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Earlier runs at the start, one for each trading day.
const EARLIER: usize = 20;
/// Which of them, counted back from the latest, failed and was cancelled.
const FAILED: usize = 4;
const CANCELLED: usize = 11;

/// A run that ended.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub(crate) run_id: String,
    pub(crate) automatic: bool,
    pub(crate) started: Timestamp,
    pub(crate) ended: Timestamp,
    pub(crate) status: &'static str,
    pub(crate) processed: usize,
    pub(crate) failed: Vec<String>,
    pub(crate) indicators: u64,
    pub(crate) patterns: u64,
    pub(crate) error_message: Option<String>,
    /// What it was about, if it was a job of the cache's endpoints.
    pub(crate) cache_mode: Option<String>,
}

impl Ended {
    pub(crate) fn seconds(&self) -> f64 {
        rounded(self.ended.duration_since(self.started).as_secs_f64(), 1)
    }

    /// As `GET /api/processing/history` lists it.
    pub(crate) fn json(&self) -> Value {
        json!({
            "run_id": self.run_id,
            "run_date": schedule::trading_day(self.started),
            "trigger_type": if self.automatic { "automatic" } else { "manual" },
            "start_time": text(self.started),
            "end_time": text(self.ended),
            "status": self.status,
            "symbols_processed": self.processed,
            "symbols_failed": self.failed.len(),
            "indicators_calculated": self.indicators,
            "patterns_detected": self.patterns,
            "duration_seconds": self.seconds(),
            "error_message": self.error_message,
        })
    }
}

/// As TickStockPL writes times.
pub(crate) fn text(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

/// The runs of the last trading days, newest first: one failed, one was cancelled.
pub(crate) fn earlier_runs(seed: u64, now: Timestamp) -> Vec<Ended> {
    let schedule = Schedule::default();
    let mut starts = Vec::new();
    // Weekends and holidays among them, this many days surely hold enough sessions.
    let mut at = now - SignedDuration::from_hours(24 * 2 * EARLIER as i64);
    while let Some(next) = schedule.next_run(at).filter(|next| *next < now - SignedDuration::from_hours(2)) {
        starts.push(next);
        at = next;
    }
    starts.reverse();
    starts.truncate(EARLIER);
    starts.into_iter().enumerate().map(|(back, started)| earlier_run(seed, back, started)).collect()
}

fn earlier_run(seed: u64, back: usize, started: Timestamp) -> Ended {
    // By its day, so that a day's run stays what it is when another day has come.
    let mut rng = Rng::new(seed, started.as_second().unsigned_abs());
    let symbols = market::members("sp500");
    let count = rng.below(4);
    let failed: Vec<String> = rng.some(symbols, count).into_iter().map(str::to_owned).collect();
    let processed = symbols.len() - failed.len();
    let run = Ended {
        run_id: rng.uuid(),
        automatic: !rng.chance(12),
        started,
        ended: started + SignedDuration::from_secs(1980 + rng.below(360) as i64),
        status: "completed",
        processed,
        indicators: processed as u64 * 15,
        patterns: 1180 + rng.below(150) as u64,
        failed,
        error_message: None,
        cache_mode: None,
    };
    match back {
        FAILED => Ended {
            status: "failed",
            ended: started + SignedDuration::from_secs(19 * 60 + 22),
            processed: 262,
            indicators: 262 * 15,
            patterns: 0,
            error_message: Some("indicator calculation failed: database connection lost".to_owned()),
            ..run
        },
        CANCELLED => Ended {
            status: "cancelled",
            ended: started + SignedDuration::from_secs(7 * 60 + 3),
            processed: 251,
            indicators: 0,
            patterns: 0,
            ..run
        },
        _ => run,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_trading_days_are_remembered_newest_first_and_one_failed_and_one_was_cancelled() {
        let now = "2026-11-30T15:00:00Z".parse().unwrap();
        let runs = earlier_runs(7, now);
        assert_eq!(runs.len(), EARLIER);
        assert!(runs.windows(2).all(|pair| pair[0].started > pair[1].started));
        let days: Vec<Value> = runs.iter().map(|run| run.json()["run_date"].clone()).collect();
        assert_eq!(days[..3], [json!("2026-11-27"), json!("2026-11-25"), json!("2026-11-24")], "not on Thanksgiving");
        let of = |status| runs.iter().filter(|run| run.status == status).count();
        assert_eq!((of("completed"), of("failed"), of("cancelled")), (18, 1, 1));
        assert!(runs.iter().all(|run| run.ended < now));
    }

    #[test]
    fn a_days_run_keeps_its_id() {
        let ids = |now: &str| earlier_runs(7, now.parse().unwrap()).into_iter().map(|run| run.run_id);
        let (today, tomorrow) = (ids("2026-11-24T15:00:00Z"), ids("2026-11-25T15:00:00Z"));
        assert!(today.take(19).eq(tomorrow.skip(1)));
    }
}
