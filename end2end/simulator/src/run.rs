//! One run, from its start to its end: the phases, at the pace of `--speed`.

mod faults;
pub(crate) mod monitoring;
mod phases;
mod symbols;

use crate::dialect::{Event, RunEnd};
use crate::history::{EndedRun, Outcome, RunTotals};
use crate::options::{RunIds, Scenario};
use crate::plan::{RunPlan, Trigger};
use crate::rng::{Rng, rounded};
use crate::simulator::{ActiveRun, Progress, Simulator};
use contract::Phase;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use tokio::time::Instant;

/// Why a run ends before its phases do.
enum EarlyEnd {
    Cancelled,
    Failed(Phase, String),
    /// The simulator ends: nobody is told, as when TickStockPL is killed.
    Shutdown,
}

/// A run under way.
struct Runner {
    simulator: Simulator,
    active: ActiveRun,
    /// What comes of symbols: drawn in their order, so that it is the same at any speed.
    rng: Rng,
    /// Ids of errors, of which some come at a moment rather than with a symbol.
    ids: Rng,
    totals: RunTotals,
}

/// Starts a run and gives its id; where one is active, gives that one's.
pub(crate) fn start(simulator: &Simulator, trigger: Trigger) -> Result<String, String> {
    let active = simulator.activate(trigger)?;
    let run_id = active.plan.run_id.clone();
    tokio::spawn(execute(simulator.clone(), active));
    Ok(run_id)
}

/// Runs `active` to its end, and records it.
async fn execute(simulator: Simulator, active: ActiveRun) {
    let choices = |purpose: u64| Rng::new(simulator.options().seed, active.number << 32 | purpose);
    let ids = match simulator.options().run_ids {
        RunIds::Unique => Rng::unpredictable(),
        RunIds::Deterministic => choices(1),
    };
    let rng = choices(0);
    let mut runner = Runner {
        simulator,
        active,
        rng,
        ids,
        totals: RunTotals::default(),
    };
    runner.tell(Event::RunStarted(runner.plan())).await;
    runner.tell(Event::Probe).await;
    runner.tell(Event::Probe).await;
    let mut stop = None;
    for phase in runner.plan().trigger.phases.clone() {
        if let Err(early) = runner.phase(phase).await {
            stop = Some(early);
            break;
        }
    }
    runner.end(stop).await;
}

impl Runner {
    fn plan(&self) -> &RunPlan {
        &self.active.plan
    }

    async fn tell(&self, step: Event<'_>) {
        self.simulator.publisher().publish(&step).await;
    }

    /// Seconds of simulated time that a phase takes: 35 minutes in all.
    fn seconds(&self, phase: Phase) -> f64 {
        match phase {
            Phase::Import => 840.0,
            Phase::CacheSync => 120.0,
            Phase::Indicators if self.plan().scenario == Scenario::Slow => 3.0 * 660.0,
            Phase::Indicators => 660.0,
            Phase::Patterns => 480.0,
        }
    }

    /// Real time that `simulated` seconds take.
    fn real(&self, simulated: f64) -> Duration {
        Duration::from_secs_f64(simulated / self.simulator.options().speed)
    }

    /// Waits; an early end of the run ends the wait.
    async fn until(&self, moment: Instant) -> Result<(), EarlyEnd> {
        tokio::select! {
            biased;
            () = self.simulator.shutdown().cancelled() => Err(EarlyEnd::Shutdown),
            () = self.active.cancel.cancelled() => Err(EarlyEnd::Cancelled),
            () = tokio::time::sleep_until(moment) => Ok(()),
        }
    }

    /// Notes how far the run is, for `GET status`.
    fn note(&self, phase: Phase, done: usize, total: usize, symbol: &str) {
        let phases = &self.plan().trigger.phases;
        let all: f64 = phases.iter().map(|p| self.seconds(*p)).sum();
        let before: f64 = phases
            .iter()
            .take_while(|p| **p != phase)
            .map(|p| self.seconds(*p))
            .sum();
        let so_far = before + self.seconds(phase) * done as f64 / total.max(1) as f64;
        let left = SignedDuration::try_from(self.real(all - so_far)).unwrap_or_default();
        self.simulator.set_progress(Progress {
            phase: Some(phase),
            done,
            total,
            symbol: Some(symbol.to_owned()),
            percent: so_far / all * 100.0,
            expected_end: Timestamp::now().checked_add(left).ok(),
        });
    }

    async fn end(self, stop: Option<EarlyEnd>) {
        let (status, outcome, failure) = match &stop {
            None => ("success", Outcome::Completed, None),
            Some(EarlyEnd::Cancelled) => ("cancelled", Outcome::Cancelled, None),
            Some(EarlyEnd::Failed(phase, message)) => {
                ("failed", Outcome::Failed, Some((*phase, message.as_str())))
            }
            Some(EarlyEnd::Shutdown) => return,
        };
        let (plan, mut totals) = (&*self.active.plan, self.totals);
        if stop.is_none() {
            totals.processed = plan.symbols.len() - totals.failed.len();
        }
        let error = failure.map(|(_, message)| message.to_owned());
        let ended = EndedRun::now(plan, self.active.started, outcome, totals.clone(), error);
        let seconds = ended.seconds();
        // Recorded first: who hears of the end and asks is told the same.
        self.simulator.end(ended);
        let RunTotals {
            processed,
            ref failed,
            indicators,
            patterns,
            ..
        } = totals;
        let end = RunEnd {
            plan,
            status,
            seconds,
            processed,
            failed,
            indicators,
            patterns,
            failure,
        };
        self.simulator
            .publisher()
            .publish(&Event::RunEnded(end))
            .await;
        tracing::info!(
            run.id = plan.run_id,
            run.status = status,
            run.seconds = seconds,
            "run ended"
        );
    }
}

/// Seconds since `began`, with one digit after the point.
fn seconds_since(began: Instant) -> f64 {
    rounded(began.elapsed().as_secs_f64(), 1)
}
