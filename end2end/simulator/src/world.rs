//! What the simulated TickStockPL holds: the active run, its history, its schedule.

use crate::market;
use crate::options::Options;
use crate::plan::{Plan, Rng};
use crate::publish::Publisher;
use crate::run;
use crate::schedule::Schedule;
use contract::Phase;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio_util::sync::CancellationToken;

/// Runs that are remembered.
const HISTORY: usize = 500;

/// A handle on the simulated TickStockPL; clones refer to the same one.
#[derive(Clone)]
pub(crate) struct World(Arc<Inner>);

struct Inner {
    options: Options,
    publisher: Publisher,
    shutdown: CancellationToken,
    held: Mutex<Held>,
}

struct Held {
    active: Option<Active>,
    /// Ended runs, newest first.
    history: Vec<Ended>,
    schedule: Schedule,
    runs_started: u64,
}

/// What kind of run it is: which phases it goes through.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// A daily run, through all phases.
    Full,
    /// Only these phases.
    Phases(Vec<Phase>),
}

/// With what a run was asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trigger {
    pub(crate) automatic: bool,
    pub(crate) universes: Vec<String>,
    /// Only these symbols, where given.
    pub(crate) symbols: Option<Vec<String>>,
    pub(crate) timeframes: Option<Vec<String>>,
    pub(crate) lookback_days: Option<u64>,
    pub(crate) original_run_id: Option<String>,
}

/// The run that goes on.
#[derive(Clone)]
pub(crate) struct Active {
    pub(crate) plan: Arc<Plan>,
    pub(crate) started: Timestamp,
    pub(crate) cancel: CancellationToken,
    pub(crate) progress: Progress,
}

/// How far the active run is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    pub(crate) phase: Option<Phase>,
    pub(crate) done: usize,
    pub(crate) total: usize,
    pub(crate) symbol: Option<String>,
    /// 0 to 100, of the whole run.
    pub(crate) percent: f64,
    pub(crate) expected_end: Option<Timestamp>,
}

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
}

impl World {
    pub(crate) fn new(options: Options, publisher: Publisher, shutdown: CancellationToken) -> World {
        let history = earlier_runs(options.seed, Timestamp::now());
        let held = Held { active: None, history, schedule: Schedule::default(), runs_started: 0 };
        World(Arc::new(Inner { options, publisher, shutdown, held: Mutex::new(held) }))
    }

    pub(crate) fn options(&self) -> &Options {
        &self.0.options
    }

    pub(crate) fn publisher(&self) -> &Publisher {
        &self.0.publisher
    }

    pub(crate) fn shutdown(&self) -> &CancellationToken {
        &self.0.shutdown
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.held.lock().expect("nothing panics while it holds this")
    }

    pub(crate) fn schedule(&self) -> Schedule {
        self.held().schedule.clone()
    }

    pub(crate) fn set_schedule(&self, schedule: Schedule) {
        self.held().schedule = schedule;
    }

    /// Starts a run and gives its id; where one is active, gives that one's.
    pub(crate) fn start(&self, kind: Kind, trigger: Trigger) -> Result<String, String> {
        let mut held = self.held();
        if let Some(active) = &held.active {
            return Err(active.plan.run_id.clone());
        }
        held.runs_started += 1;
        let plan = Arc::new(Plan::new(self.options(), held.runs_started, kind, trigger));
        let run_id = plan.run_id.clone();
        let cancel = CancellationToken::new();
        let active = Active { plan, started: Timestamp::now(), cancel, progress: Progress::default() };
        held.active = Some(active.clone());
        drop(held);
        tokio::spawn(run::execute(self.clone(), active));
        Ok(run_id)
    }

    /// Tells the active run to stop, and gives its id.
    pub(crate) fn cancel(&self) -> Option<String> {
        let held = self.held();
        let active = held.active.as_ref()?;
        active.cancel.cancel();
        Some(active.plan.run_id.clone())
    }

    pub(crate) fn active(&self) -> Option<Active> {
        self.held().active.clone()
    }

    pub(crate) fn set_progress(&self, progress: Progress) {
        if let Some(active) = self.held().active.as_mut() {
            active.progress = progress;
        }
    }

    pub(crate) fn end(&self, ended: Ended) {
        let mut held = self.held();
        held.active = None;
        held.history.insert(0, ended);
        held.history.truncate(HISTORY);
    }

    /// The runs of the last days, newest first.
    pub(crate) fn history(&self, days: i64) -> Vec<Ended> {
        let since = Timestamp::now().saturating_sub(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MIN);
        self.held().history.iter().filter(|run| run.started >= since).cloned().collect()
    }

    pub(crate) fn ended(&self, run_id: &str) -> Option<Ended> {
        self.held().history.iter().find(|run| run.run_id == run_id).cloned()
    }
}

impl Ended {
    /// As `GET /api/processing/history` lists it.
    pub(crate) fn json(&self) -> Value {
        let seconds = self.ended.duration_since(self.started).as_secs_f64();
        json!({
            "run_id": self.run_id,
            "run_date": self.started.strftime("%Y-%m-%d").to_string(),
            "trigger_type": if self.automatic { "automatic" } else { "manual" },
            "start_time": text(self.started),
            "end_time": text(self.ended),
            "status": self.status,
            "symbols_processed": self.processed,
            "symbols_failed": self.failed.len(),
            "indicators_calculated": self.indicators,
            "patterns_detected": self.patterns,
            "duration_seconds": (seconds * 10.0).round() / 10.0,
            "error_message": self.error_message,
        })
    }
}

/// As TickStockPL writes times.
pub(crate) fn text(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

/// Twenty earlier trading days, so that there is a history: one failed, one was cancelled.
fn earlier_runs(seed: u64, now: Timestamp) -> Vec<Ended> {
    let mut rng = Rng::new(seed, u64::MAX);
    let schedule = Schedule::default();
    let mut starts = Vec::new();
    let mut at = now.saturating_sub(SignedDuration::from_hours(24 * 29)).unwrap_or(now);
    while let Some(next) = schedule.next_run(at).filter(|next| *next < now - SignedDuration::from_hours(2)) {
        starts.push(next);
        at = next;
    }
    let mut runs: Vec<_> = starts.into_iter().map(|started| earlier_run(&mut rng, started)).collect();
    for (index, run) in runs.iter_mut().rev().take(20).enumerate() {
        match index {
            4 => {
                run.status = "failed";
                run.ended = run.started + SignedDuration::from_secs(19 * 60 + 22);
                run.error_message = Some("indicator calculation failed: database connection lost".to_owned());
                (run.processed, run.patterns) = (262, 0);
            }
            11 => {
                run.status = "cancelled";
                run.ended = run.started + SignedDuration::from_secs(7 * 60 + 3);
                (run.processed, run.indicators, run.patterns) = (251, 0, 0);
            }
            _ => {}
        }
    }
    runs.reverse();
    runs.truncate(20);
    runs
}

fn earlier_run(rng: &mut Rng, started: Timestamp) -> Ended {
    let failed: Vec<String> = (0..rng.below(4)).map(|_| rng.pick(market::SP500).to_owned()).collect();
    let processed = market::SP500.len() - failed.len();
    Ended {
        run_id: rng.uuid(),
        automatic: rng.below(8) != 0,
        started,
        ended: started + SignedDuration::from_secs(1980 + rng.below(360) as i64),
        status: "completed",
        processed,
        indicators: processed as u64 * 15,
        patterns: 1180 + rng.below(150) as u64,
        failed,
        error_message: None,
    }
}
