//! One phase of a run: its symbols in steps, with results, errors and progress.

use super::{Runner, Stop};
use crate::dialect::{PhaseProgress, Step};
use crate::market::{INDICATORS, PATTERN_TIMEFRAMES, PATTERNS, UNIVERSES};
use crate::options::Scenario;
use contract::Phase;
use jiff::{SignedDuration, Timestamp};
use std::time::{Duration, Instant};

/// Progress events for every second of real time, about.
const STEPS_PER_SECOND: f64 = 4.0;

/// Seconds that a phase usually takes: 35 minutes in all.
pub(super) fn usual_seconds(phase: Phase) -> f64 {
    match phase {
        Phase::Import => 840.0,
        Phase::CacheSync => 120.0,
        Phase::Indicators => 660.0,
        Phase::Patterns => 480.0,
    }
}

impl Runner {
    pub(super) async fn phase(&mut self, phase: Phase) -> Result<(), Stop> {
        let scenario = self.world.options().scenario;
        let items: Vec<String> = match phase {
            Phase::CacheSync => UNIVERSES.iter().map(|u| (*u).to_owned()).collect(),
            _ => self.plan().symbols.clone(),
        };
        let total = items.len();
        let slower = if scenario == Scenario::Slow && phase == Phase::Indicators { 3.0 } else { 1.0 };
        let time = self.real(usual_seconds(phase) * slower);
        let steps = ((time.as_secs_f64() * STEPS_PER_SECOND) as usize).clamp(8, 400).min(total.max(1));
        let began = Instant::now();
        self.note(phase, 0, total, items.first().map_or("", String::as_str));
        self.tell(Step::PhaseStarted { plan: self.plan(), phase, total }).await;
        let (mut failed, mut results, mut done) = (Vec::new(), 0, 0);
        for step in 1..=steps {
            self.pause(time / steps as u32).await?;
            let until = total * step / steps;
            for item in &items[done..until] {
                let (count, ok) = self.item(phase, item).await;
                results += count;
                if !ok {
                    failed.push(item.clone());
                }
            }
            done = until;
            let symbol = items.get(done.saturating_sub(1)).map_or("", String::as_str);
            self.progress(phase, step, done, total, failed.len(), symbol, time.saturating_sub(began.elapsed())).await;
            self.trouble(phase, step, steps, symbol).await?;
        }
        match phase {
            Phase::Import => self.tally.failed.clone_from(&failed),
            Phase::Indicators => self.tally.indicators = results,
            Phase::Patterns => self.tally.patterns = results,
            Phase::CacheSync => {}
        }
        let seconds = (began.elapsed().as_secs_f64() * 10.0).round() / 10.0;
        self.tell(Step::PhaseCompleted { plan: self.plan(), phase, total, failed: &failed, results, seconds }).await;
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "they are what one progress event says")]
    async fn progress(
        &self,
        phase: Phase,
        step: usize,
        done: usize,
        total: usize,
        failed: usize,
        symbol: &str,
        left: Duration,
    ) {
        self.note(phase, done, total, symbol);
        let plan = self.plan();
        let patterns = self.tally.patterns;
        let progress =
            PhaseProgress { plan, phase, done, total, failed, symbol, eta_seconds: left.as_secs(), patterns };
        self.tell(Step::PhaseProgress(progress)).await;
        if step.is_multiple_of(4) && phase != Phase::CacheSync {
            self.tell(Step::Job(progress)).await;
        }
        if step.is_multiple_of(6) && phase != Phase::CacheSync && plan.full {
            let percent = self.world.active().map_or(0.0, |active| active.progress.percent);
            let end = Timestamp::now() + SignedDuration::try_from(left).unwrap_or_default();
            self.tell(Step::RunProgress { plan, phase, done, percent, symbol, end }).await;
        }
    }

    /// One symbol (or universe): what came of it, and whether it went well.
    async fn item(&mut self, phase: Phase, symbol: &str) -> (u64, bool) {
        match phase {
            Phase::Import => {
                let error = self.plan().failing.get(symbol).copied();
                let records = if error.is_some() { 0 } else { 300 + self.rng.below(100) };
                let ms = 80 + self.rng.below(140);
                self.tell(Step::Symbol { plan: self.plan(), symbol, error, records, ms }).await;
                if let Some((code, message)) = error {
                    self.error(phase, "error", "massive_fetcher", code, message, Some(symbol)).await;
                }
                (records as u64, error.is_none())
            }
            Phase::CacheSync => {
                let count = self.rng.below(9);
                if count > 0 {
                    self.tell(Step::Universe {
                        universe: symbol,
                        action: "updated",
                        reason: "Market capitalisation changed",
                        count,
                    })
                    .await;
                }
                (count as u64, true)
            }
            Phase::Indicators => {
                if self.plan().failing_indicators.iter().any(|failing| failing == symbol) {
                    let message = "Fewer than 200 daily bars";
                    self.error(
                        phase,
                        "warning",
                        "indicator_calculation_engine",
                        "INSUFFICIENT_DATA",
                        message,
                        Some(symbol),
                    )
                    .await;
                    return (0, false);
                }
                let rounds = if self.world.options().scenario == Scenario::Chatty { 3 } else { 1 };
                for indicator in INDICATORS.iter().cycle().take(INDICATORS.len() * rounds) {
                    let (value, signal) = (self.rng.number(5.0, 95.0, 2), self.rng.number(5.0, 95.0, 2));
                    self.tell(Step::Indicator { symbol, indicator, value, signal }).await;
                }
                (INDICATORS.len() as u64, true)
            }
            Phase::Patterns => {
                // Two or three of a symbol: about 1,250 of 505.
                let count = 2 + usize::from(self.rng.below(100) < 48);
                for _ in 0..count {
                    let (pattern, timeframe) = (self.rng.pick(&PATTERNS), self.rng.pick(&PATTERN_TIMEFRAMES));
                    let (confidence, price) = (self.rng.number(0.6, 0.98, 2), self.rng.number(12.0, 640.0, 2));
                    self.tell(Step::Pattern { plan: self.plan(), symbol, pattern, timeframe, confidence, price }).await;
                }
                self.tally.patterns += count as u64;
                (count as u64, true)
            }
        }
    }

    /// What goes wrong at this point, by the scenario.
    async fn trouble(&mut self, phase: Phase, step: usize, steps: usize, symbol: &str) -> Result<(), Stop> {
        let options = self.world.options().clone();
        if phase == Phase::Import && step == steps.div_ceil(3) {
            self.error(
                phase,
                "warning",
                "massive_fetcher",
                "API_RATE_LIMIT",
                "Rate limit reached; waiting 60 s before the next request",
                Some(symbol),
            )
            .await;
        }
        let here = |part: f64| phase == Phase::Indicators && step == ((steps as f64 * part) as usize).max(1);
        if options.scenario == Scenario::Failures && phase == Phase::Patterns && step == steps.div_ceil(2) {
            self.error(
                phase,
                "critical",
                "database",
                "STORAGE_FAILED",
                "The detections of one batch were stored at the second try",
                None,
            )
            .await;
        }
        if options.scenario == Scenario::Stall && here(0.3) {
            self.pause(Duration::from_secs(options.stall_seconds)).await?;
        }
        if options.scenario == Scenario::Crash && here(0.4) {
            let message = "indicator calculation failed: database connection lost";
            self.error(phase, "critical", "daily_indicator_job", "DATABASE_LOST", message, None).await;
            return Err(Stop::Failed(phase, message.to_owned()));
        }
        Ok(())
    }

    async fn error(
        &self,
        phase: Phase,
        severity: &str,
        component: &str,
        code: &str,
        message: &str,
        symbol: Option<&str>,
    ) {
        self.tell(Step::Error { plan: self.plan(), phase, severity, component, code, message, symbol }).await;
    }
}
