//! One run, from its start to its end: the phases, at the pace of `--speed`.

pub(crate) mod monitoring;
mod phases;

use crate::dialect::{RunEnd, Step};
use crate::plan::{Plan, Rng};
use crate::world::{Active, Ended, Progress, World};
use contract::Phase;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// What a run has achieved so far.
#[derive(Default)]
struct Tally {
    failed: Vec<String>,
    indicators: u64,
    patterns: u64,
}

/// Why a run ends before its phases do.
enum Stop {
    Cancelled,
    Failed(Phase, String),
}

/// A run under way.
struct Runner {
    world: World,
    active: Active,
    rng: Rng,
    tally: Tally,
}

/// Runs `active` to its end, and records it.
pub(crate) async fn execute(world: World, active: Active) {
    let rng = Rng::new(active.plan.seed, 1);
    let mut runner = Runner { world, active, rng, tally: Tally::default() };
    runner.tell(Step::RunStarted(&runner.active.plan)).await;
    let mut stop = None;
    for phase in runner.active.plan.phases.clone() {
        if let Err(early) = runner.phase(phase).await {
            stop = Some(early);
            break;
        }
    }
    runner.end(stop).await;
}

impl Runner {
    fn plan(&self) -> &Plan {
        &self.active.plan
    }

    async fn tell(&self, step: Step<'_>) {
        self.world.publisher().step(&step).await;
    }

    /// Seconds of real time that `simulated` ones take.
    fn real(&self, simulated: f64) -> Duration {
        Duration::from_secs_f64(simulated / self.world.options().speed)
    }

    /// Waits; an early end of the run ends the wait.
    async fn pause(&self, time: Duration) -> Result<(), Stop> {
        tokio::select! {
            () = self.active.cancel.cancelled() => Err(Stop::Cancelled),
            () = self.world.shutdown().cancelled() => Err(Stop::Cancelled),
            () = tokio::time::sleep(time) => Ok(()),
        }
    }

    /// Notes how far the run is, for `GET status`.
    fn note(&self, phase: Phase, done: usize, total: usize, symbol: &str) {
        let plan = self.plan();
        let before: f64 = plan.phases.iter().take_while(|p| **p != phase).map(|p| phases::usual_seconds(*p)).sum();
        let all: f64 = plan.phases.iter().map(|p| phases::usual_seconds(*p)).sum();
        let within = phases::usual_seconds(phase) * done as f64 / total.max(1) as f64;
        let left = self.real(all - before - within);
        self.world.set_progress(Progress {
            phase: Some(phase),
            done,
            total,
            symbol: Some(symbol.to_owned()),
            percent: (before + within) / all * 100.0,
            expected_end: Timestamp::now().checked_add(SignedDuration::try_from(left).unwrap_or_default()).ok(),
        });
    }

    async fn end(self, stop: Option<Stop>) {
        let (status, recorded) = match &stop {
            None => ("success", "completed"),
            Some(Stop::Cancelled) => ("cancelled", "cancelled"),
            Some(Stop::Failed(..)) => ("failed", "failed"),
        };
        let progress = self.world.active().map(|active| active.progress).unwrap_or_default();
        let processed = match &stop {
            None => self.plan().symbols.len() - self.tally.failed.len(),
            Some(_) => progress.done,
        };
        let failure = match &stop {
            Some(Stop::Failed(phase, message)) => Some((*phase, message.as_str())),
            _ => None,
        };
        let ended = Timestamp::now();
        let seconds = ended.duration_since(self.active.started).as_secs_f64();
        // Recorded first: who hears of the end and asks is told the same.
        self.world.end(Ended {
            run_id: self.plan().run_id.clone(),
            automatic: self.plan().trigger.automatic,
            started: self.active.started,
            ended,
            status: recorded,
            processed,
            failed: self.tally.failed.clone(),
            indicators: self.tally.indicators,
            patterns: self.tally.patterns,
            error_message: failure.map(|(_, message)| message.to_owned()),
        });
        let end = RunEnd {
            status,
            seconds: (seconds * 10.0).round() / 10.0,
            processed,
            failed: &self.tally.failed,
            indicators: self.tally.indicators,
            patterns: self.tally.patterns,
            failure,
        };
        self.tell(Step::RunEnded { plan: self.plan(), end }).await;
        tracing::info!(run_id = self.plan().run_id, status, seconds, "the run ended");
    }
}
