//! What the simulated TickStockPL holds: the active run, its history, its schedule.

use crate::history::{self, Ended, Outcome, Tally};
use crate::options::Options;
use crate::plan::{Plan, Trigger};
use crate::publish::Publisher;
use crate::run;
use crate::schedule::Schedule;
use crate::state_file::{Saved, StateFile};
use contract::Phase;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio_util::sync::CancellationToken;

/// Runs that are remembered.
const HISTORY: usize = 500;
/// Why a run failed that was active when the simulator ended.
const INTERRUPTED: &str = "interrupted by a restart of TickStockPL";

/// A handle on the simulated TickStockPL; clones refer to the same one.
#[derive(Clone)]
pub(crate) struct World(Arc<Inner>);

struct Inner {
    options: Options,
    publisher: Publisher,
    shutdown: CancellationToken,
    /// Where what is held is kept over a restart.
    file: Option<StateFile>,
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
    /// As of the latest phase that ended.
    tally: Tally,
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
    /// What the file of the options holds; without one, or where it is new, the earlier runs that
    /// the seed gives.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub(crate) fn new(
        options: Options,
        publisher: Publisher,
        shutdown: CancellationToken,
    ) -> io::Result<World> {
        let file = options.state.clone().map(StateFile::new);
        let held = match file.as_ref().map(StateFile::load).transpose()?.flatten() {
            Some(saved) => Held::after_restart(saved, Timestamp::now()),
            None => Held {
                active: None,
                history: history::earlier_runs(options.seed, Timestamp::now()),
                schedule: Schedule::default(),
                runs_started: 0,
            },
        };
        if let Some(file) = &file {
            file.save(&held.saved())?;
        }
        Ok(World(Arc::new(Inner {
            options,
            publisher,
            shutdown,
            file,
            held: Mutex::new(held),
        })))
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
        self.0
            .held
            .lock()
            .expect("nothing panics while it holds this")
    }

    pub(crate) fn schedule(&self) -> Schedule {
        self.held().schedule.clone()
    }

    pub(crate) fn set_schedule(&self, schedule: Schedule) {
        let mut held = self.held();
        held.schedule = schedule;
        self.save(&held);
    }

    /// Under the lock, so that the file never falls behind what somebody was told.
    fn save(&self, held: &Held) {
        let Some(file) = &self.0.file else { return };
        if let Err(error) = file.save(&held.saved()) {
            tracing::error!(%error, file = %file.path().display(), "failed to write the state file");
        }
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
        let (started, progress, tally) = (Timestamp::now(), Progress::default(), Tally::default());
        let active = Active {
            plan,
            number,
            started,
            cancel,
            progress,
            tally,
        };
        held.active = Some(active.clone());
        self.save(&held);
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

    /// Notes what the active run has achieved, at the end of a phase.
    pub(crate) fn set_tally(&self, tally: &Tally) {
        let mut held = self.held();
        if let Some(active) = held.active.as_mut() {
            active.tally = tally.clone();
        }
        self.save(&held);
    }

    pub(crate) fn end(&self, ended: Ended) {
        let mut held = self.held();
        held.active = None;
        held.remember(ended);
        self.save(&held);
    }

    /// Everything that is true of runs, for a judge of what others make of it. TickStockPL has no
    /// such endpoint.
    pub(crate) fn truth(&self) -> Value {
        let held = self.held();
        let active = held.active.as_ref().map(|active| &active.plan.run_id);
        json!({ "active": active, "runs": held.history.iter().map(Ended::truth).collect::<Vec<_>>() })
    }

    /// The runs of the last days, newest first.
    pub(crate) fn history(&self, days: i64) -> Vec<Ended> {
        let since = Timestamp::now()
            .saturating_sub(SignedDuration::from_hours(24 * days))
            .unwrap_or(Timestamp::MIN);
        self.held()
            .history
            .iter()
            .filter(|run| run.started >= since)
            .cloned()
            .collect()
    }

    pub(crate) fn ended(&self, run_id: &str) -> Option<Ended> {
        self.held()
            .history
            .iter()
            .find(|run| run.run_id == run_id)
            .cloned()
    }
}

impl Held {
    /// Nothing runs after a restart: a run that was active has failed.
    fn after_restart(saved: Saved, now: Timestamp) -> Held {
        let Saved {
            runs_started,
            active,
            history,
            schedule,
        } = saved;
        let mut held = Held {
            active: None,
            history,
            schedule,
            runs_started,
        };
        if let Some(run) = active {
            held.remember(Ended { ended: now, ..run });
        }
        held
    }

    /// The active run is saved as what a restart makes of it.
    fn saved(&self) -> Saved {
        let interrupted = |active: &Active| {
            let error = Some(INTERRUPTED.to_owned());
            Ended::now(
                &active.plan,
                active.started,
                Outcome::Failed,
                active.tally.clone(),
                error,
            )
        };
        Saved {
            runs_started: self.runs_started,
            active: self.active.as_ref().map(interrupted),
            history: self.history.clone(),
            schedule: self.schedule.clone(),
        }
    }

    fn remember(&mut self, ended: Ended) {
        self.history.insert(0, ended);
        self.history.truncate(HISTORY);
    }
}
