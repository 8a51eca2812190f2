//! What the simulated TickStockPL holds: the active run, its history, its schedule.

use crate::history::{self, Ended};
use crate::options::Options;
use crate::plan::{Plan, Trigger};
use crate::publish::Publisher;
use crate::run;
use crate::schedule::Schedule;
use contract::Phase;
use jiff::{SignedDuration, Timestamp};
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

/// The run that goes on.
#[derive(Clone)]
pub(crate) struct Active {
    pub(crate) plan: Arc<Plan>,
    /// Its place in the order of runs, from 1.
    pub(crate) number: u64,
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

impl World {
    pub(crate) fn new(options: Options, publisher: Publisher, shutdown: CancellationToken) -> World {
        let history = history::earlier_runs(options.seed, Timestamp::now());
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
    pub(crate) fn start(&self, trigger: Trigger) -> Result<String, String> {
        let mut held = self.held();
        if let Some(active) = &held.active {
            return Err(active.plan.run_id.clone());
        }
        held.runs_started += 1;
        let number = held.runs_started;
        let plan = Arc::new(Plan::new(self.options(), number, trigger));
        let run_id = plan.run_id.clone();
        let cancel = CancellationToken::new();
        let active = Active { plan, number, started: Timestamp::now(), cancel, progress: Progress::default() };
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
