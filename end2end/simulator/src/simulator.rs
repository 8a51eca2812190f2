//! What the simulated TickStockPL holds: the active run, its history, its schedule.

use crate::history::{self, EndedRun, Outcome, RunTotals};
use crate::options::Options;
use crate::plan::{RunPlan, Trigger};
use crate::publish::Publisher;
use crate::schedule::Schedule;
use crate::state_file::{SavedState, StateFile};
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
pub(crate) struct Simulator(Arc<Inner>);

struct Inner {
    options: Options,
    publisher: Publisher,
    shutdown: CancellationToken,
    /// Where what is state is kept over a restart.
    file: Option<StateFile>,
    state: Mutex<SimulatorState>,
}

struct SimulatorState {
    active: Option<ActiveRun>,
    /// EndedRun runs, newest first.
    history: Vec<EndedRun>,
    schedule: Schedule,
    runs_started: u64,
}

/// The active run.
#[derive(Clone)]
pub(crate) struct ActiveRun {
    pub(crate) plan: Arc<RunPlan>,
    /// Its place in the order of runs, from 1.
    pub(crate) number: u64,
    pub(crate) started: Timestamp,
    pub(crate) cancel: CancellationToken,
    pub(crate) progress: Progress,
    /// As of the latest phase that ended.
    totals: RunTotals,
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

impl Simulator {
    /// What the file of the options holds; without one, or where it is new, the earlier runs that
    /// the seed gives.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub(crate) fn new(
        options: Options,
        publisher: Publisher,
        shutdown: CancellationToken,
    ) -> io::Result<Simulator> {
        let file = options.state.clone().map(StateFile::new);
        let state = match file.as_ref().map(StateFile::load).transpose()?.flatten() {
            Some(saved) => SimulatorState::after_restart(saved, Timestamp::now()),
            None => SimulatorState {
                active: None,
                history: history::earlier_runs(options.seed, Timestamp::now()),
                schedule: Schedule::default(),
                runs_started: 0,
            },
        };
        if let Some(file) = &file {
            file.save(&state.saved())?;
        }
        Ok(Simulator(Arc::new(Inner {
            options,
            publisher,
            shutdown,
            file,
            state: Mutex::new(state),
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

    fn state(&self) -> MutexGuard<'_, SimulatorState> {
        self.0
            .state
            .lock()
            .expect("nothing panics while it holds this")
    }

    pub(crate) fn schedule(&self) -> Schedule {
        self.state().schedule.clone()
    }

    pub(crate) fn set_schedule(&self, schedule: Schedule) {
        let mut state = self.state();
        state.schedule = schedule;
        self.save(&state);
    }

    /// Under the lock, so that the file never falls behind what somebody was told.
    fn save(&self, state: &SimulatorState) {
        let Some(file) = &self.0.file else { return };
        if let Err(error) = file.save(&state.saved()) {
            tracing::error!(%error, file = %file.path().display(), "failed to write the state file");
        }
    }

    /// Makes a run the active one; where another one is active, gives its id.
    pub(crate) fn activate(&self, trigger: Trigger) -> Result<ActiveRun, String> {
        let mut state = self.state();
        if let Some(active) = &state.active {
            return Err(active.plan.run_id.clone());
        }
        state.runs_started += 1;
        let number = state.runs_started;
        let plan = Arc::new(RunPlan::new(self.options(), number, trigger));
        let cancel = CancellationToken::new();
        let (started, progress, totals) =
            (Timestamp::now(), Progress::default(), RunTotals::default());
        let active = ActiveRun {
            plan,
            number,
            started,
            cancel,
            progress,
            totals,
        };
        state.active = Some(active.clone());
        self.save(&state);
        Ok(active)
    }

    /// Tells the active run to stop, and gives its id.
    pub(crate) fn cancel(&self) -> Option<String> {
        let state = self.state();
        let active = state.active.as_ref()?;
        active.cancel.cancel();
        Some(active.plan.run_id.clone())
    }

    pub(crate) fn active(&self) -> Option<ActiveRun> {
        self.state().active.clone()
    }

    pub(crate) fn set_progress(&self, progress: Progress) {
        if let Some(active) = self.state().active.as_mut() {
            active.progress = progress;
        }
    }

    /// Notes what the active run has achieved, at the end of a phase.
    pub(crate) fn set_totals(&self, totals: &RunTotals) {
        let mut state = self.state();
        if let Some(active) = state.active.as_mut() {
            active.totals = totals.clone();
        }
        self.save(&state);
    }

    pub(crate) fn end(&self, ended: EndedRun) {
        let mut state = self.state();
        state.active = None;
        state.remember(ended);
        self.save(&state);
    }

    /// Everything that is true of runs, for a judge of what others make of it. TickStockPL has no
    /// such endpoint.
    pub(crate) fn truth(&self) -> Value {
        let state = self.state();
        let active = state.active.as_ref().map(|active| &active.plan.run_id);
        json!({ "active": active, "runs": state.history.iter().map(EndedRun::truth).collect::<Vec<_>>() })
    }

    /// The runs of the last days, newest first.
    pub(crate) fn history(&self, days: i64) -> Vec<EndedRun> {
        let since = Timestamp::now()
            .saturating_sub(SignedDuration::from_hours(24 * days))
            .unwrap_or(Timestamp::MIN);
        self.state()
            .history
            .iter()
            .filter(|run| run.started >= since)
            .cloned()
            .collect()
    }

    pub(crate) fn ended(&self, run_id: &str) -> Option<EndedRun> {
        self.state()
            .history
            .iter()
            .find(|run| run.run_id == run_id)
            .cloned()
    }
}

impl SimulatorState {
    /// Nothing runs after a restart: a run that was active has failed.
    fn after_restart(saved: SavedState, now: Timestamp) -> SimulatorState {
        let SavedState {
            runs_started,
            active,
            history,
            schedule,
        } = saved;
        let mut state = SimulatorState {
            active: None,
            history,
            schedule,
            runs_started,
        };
        if let Some(run) = active {
            state.remember(EndedRun { ended: now, ..run });
        }
        state
    }

    /// The active run is saved as what a restart makes of it.
    fn saved(&self) -> SavedState {
        let interrupted = |active: &ActiveRun| {
            let error = Some(INTERRUPTED.to_owned());
            EndedRun::now(
                &active.plan,
                active.started,
                Outcome::Failed,
                active.totals.clone(),
                error,
            )
        };
        SavedState {
            runs_started: self.runs_started,
            active: self.active.as_ref().map(interrupted),
            history: self.history.clone(),
            schedule: self.schedule.clone(),
        }
    }

    fn remember(&mut self, ended: EndedRun) {
        self.history.insert(0, ended);
        self.history.truncate(HISTORY);
    }
}
