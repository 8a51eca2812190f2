//! One phase of a run: its items at an even pace, with progress now and then.

use super::{EarlyEnd, Runner, seconds_since};
use crate::dialect::{Event, PhaseEnd, PhaseProgress};
use crate::market::{PATTERN_TIMEFRAMES, UNIVERSES};
use crate::options::Scenario;
use contract::Phase;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use tokio::time::Instant;

/// Seconds of simulated time between two progress events.
const REPORT_SECONDS: f64 = 5.0;
/// Progress events in a second of real time, at the most.
const REPORTS_PER_SECOND: f64 = 8.0;
/// Progress events of a phase, at the least.
const FEWEST_REPORTS: f64 = 8.0;
/// Of how many progress events one is told by monitoring, and one for the whole run.
const JOB: usize = 4;
const RUN: usize = 6;
/// Items that the scenario `chatty` does at once.
const BURST: usize = 25;

/// Symbols that may be new to a universe.
const NEWLY_LISTED: [&str; 3] = ["RDDT", "ALAB", "CART"];

/// What came of a phase so far.
#[derive(Default)]
pub(super) struct Found {
    /// Records, changes, indicators or patterns.
    pub(super) results: u64,
    /// Items that went wrong.
    pub(super) failed: Vec<String>,
    /// Universes that changed.
    pub(super) updated: Vec<String>,
}

impl Runner {
    pub(super) async fn phase(&mut self, phase: Phase) -> Result<(), EarlyEnd> {
        let items: Vec<String> = match phase {
            Phase::CacheSync => UNIVERSES
                .iter()
                .map(|universe| (*universe).to_owned())
                .collect(),
            _ => self.plan().symbols.clone(),
        };
        let total = items.len();
        let time = self.real(self.seconds(phase));
        let reports = reports(self.seconds(phase), time).min(total);
        let is_bursty = self.plan().scenario == Scenario::Chatty && phase != Phase::CacheSync;
        let began = Instant::now();
        let mut stalled = Duration::ZERO;
        let mut found = Found::default();
        self.note(phase, 0, total, items.first().map_or("", String::as_str));
        self.tell(Event::PhaseStarted {
            plan: self.plan(),
            phase,
            total,
        })
        .await;
        for (index, item) in items.iter().enumerate() {
            let done = index + 1;
            let due = if is_bursty {
                done.next_multiple_of(BURST).min(total)
            } else {
                done
            };
            self.until(began + stalled + time.mul_f64(due as f64 / total as f64))
                .await?;
            self.item(phase, item, &mut found).await;
            if phase != Phase::CacheSync {
                self.totals.processed = done;
            }
            let report = done * reports / total;
            if report > index * reports / total {
                let left = time.mul_f64((total - done) as f64 / total as f64);
                self.report(phase, report, done, total, item, &found, left)
                    .await;
                stalled += self.report_error(phase, report, reports, item).await?;
            }
        }
        self.complete(phase, total, &found, seconds_since(began))
            .await;
        Ok(())
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "they are what one progress event says"
    )]
    async fn report(
        &self,
        phase: Phase,
        report: usize,
        done: usize,
        total: usize,
        symbol: &str,
        found: &Found,
        left: Duration,
    ) {
        self.note(phase, done, total, symbol);
        let (plan, failed) = (self.plan(), found.failed.len());
        let patterns = if phase == Phase::Patterns {
            found.results
        } else {
            0
        };
        let eta_seconds = left.as_secs_f64().ceil() as u64;
        let progress = PhaseProgress {
            plan,
            phase,
            done,
            total,
            failed,
            symbol,
            eta_seconds,
            patterns,
        };
        self.tell(Event::PhaseProgress(progress)).await;
        if phase == Phase::CacheSync {
            return;
        }
        if report.is_multiple_of(JOB) {
            self.tell(Event::Job(progress)).await;
        }
        if report.is_multiple_of(RUN) && plan.trigger.phases.len() > 1 {
            let percent = self
                .simulator
                .active()
                .map_or(0.0, |active| active.progress.percent);
            let end = Timestamp::now() + SignedDuration::try_from(left).unwrap_or_default();
            self.tell(Event::RunProgress {
                progress,
                percent,
                end,
            })
            .await;
        }
    }

    async fn complete(&mut self, phase: Phase, total: usize, found: &Found, seconds: f64) {
        let Found {
            results,
            failed,
            updated,
        } = found;
        let plan = self.active.plan.clone();
        let tried = match phase {
            Phase::Import | Phase::CacheSync => total,
            Phase::Indicators => total * plan.indicators.len() * self.timeframes().len(),
            Phase::Patterns => total * plan.patterns.len() * PATTERN_TIMEFRAMES.len(),
        };
        match phase {
            Phase::Import => {
                for (timeframe, _) in plan.lookback() {
                    self.tell(Event::Timeframe {
                        timeframe,
                        processed: total - failed.len(),
                        failed,
                    })
                    .await;
                }
            }
            Phase::CacheSync => {
                let (symbol, universe) = (self.rng.pick(&NEWLY_LISTED), self.rng.pick(UNIVERSES));
                let delisted = 1 + self.rng.below(3);
                self.tell(Event::Listed { symbol, universe }).await;
                self.tell(Event::Delisted(delisted)).await;
            }
            Phase::Indicators | Phase::Patterns => {}
        }
        self.simulator.set_totals(&self.totals);
        let (results, tried) = (*results, tried as u64);
        let end = PhaseEnd {
            plan: &plan,
            phase,
            total,
            failed,
            updated,
            results,
            tried,
            seconds,
        };
        self.tell(Event::PhaseCompleted(end)).await;
    }
}

/// How many progress events a phase has: one every five simulated seconds, in as far as somebody
/// can follow them.
fn reports(simulated: f64, real: Duration) -> usize {
    let most = (real.as_secs_f64() * REPORTS_PER_SECOND).max(FEWEST_REPORTS);
    (simulated / REPORT_SECONDS).min(most) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_interval_is_five_seconds_at_real_speed() {
        assert_eq!(reports(840.0, Duration::from_secs(840)), 168);
        assert_eq!(
            reports(840.0, Duration::from_secs(24)),
            168,
            "seven in a second at the default speed"
        );
        assert_eq!(reports(840.0, Duration::from_secs(6)), 48);
        assert_eq!(reports(840.0, Duration::from_millis(1)), 8);
    }
}
