//! What is said of a run and its phases.

use super::is_default;
use crate::{Outcome, Phase, RunId, Symbol, Timestamp};
use serde::Serialize;

body! {
    /// A run began: `processing_started`, `daily_processing_started`.
    RunStarted {
        /// How many symbols it will process.
        symbols_total: Option<u64>,
        /// `automatic`, `manual`, or what else it says.
        trigger: Option<String>,
        /// The universes it takes its symbols from.
        universes: Vec<String>,
        /// The phases it will go through; empty where it does not say, or says all.
        phases: Vec<Phase>,
        /// What else it lists as phases, such as `finalization`.
        other_phases: Vec<String>,
        /// The trading day, `YYYY-MM-DD`.
        run_date: Option<String>,
        /// Whether it was told not to ask whether the market was open.
        skip_market_check: Option<bool>,
        /// The timeframes it is limited to.
        timeframes: Vec<String>,
        /// Days to look back, per timeframe (`""` where one number stands for all).
        lookback_days: Vec<(String, u64)>,
        /// The symbols it is limited to.
        symbols: Vec<Symbol>,
        /// The run whose failures this one repeats.
        original_run_id: Option<RunId>,
    }
}

body! {
    /// A run or a phase moved on. With a phase it is that phase's, without one the whole run's.
    Progress {
        /// The phase.
        phase: Option<Phase>,
        /// The phase's name where it is not one of the four (such as `finalization`).
        phase_name: Option<String>,
        /// Symbols done.
        done: Option<u64>,
        /// Symbols in all.
        total: Option<u64>,
        /// Symbols failed.
        failed: Option<u64>,
        /// Symbols worked on, well or not, where the message tells them apart from those done.
        processed: Option<u64>,
        /// Symbols that remain.
        remaining: Option<u64>,
        /// 0 to 100.
        percent: Option<f64>,
        /// The symbol (or universe) in work.
        current: Option<String>,
        /// The timeframe in work.
        timeframe: Option<String>,
        /// Seconds that remain.
        eta_seconds: Option<u64>,
        /// When it will be over.
        estimated_completion: Option<Timestamp>,
        /// Patterns detected so far.
        patterns_detected: Option<u64>,
        /// Mean time per symbol.
        symbol_ms: Option<u64>,
    }
}

body! {
    /// A run ended: `processing_completed`, `processing_failed`, `processing_cancelled`,
    /// `daily_processing_completed`.
    RunEnded {
        /// `None` where the message has neither a status nor an error text, which is documented to
        /// mean success.
        outcome: Option<Outcome>,
        /// The word that stood for the outcome, where it is [`Outcome::Unknown`].
        outcome_word: Option<String>,
        /// Seconds it took.
        duration_seconds: Option<f64>,
        /// Symbols processed.
        processed: Option<u64>,
        /// Symbols failed.
        failed: Option<u64>,
        /// Their names, where the message lists them.
        failed_symbols: Vec<FailedSymbol>,
        /// The phase in which it failed.
        phase: Option<Phase>,
        /// The phases it went through, where the message lists them.
        phases: Vec<Phase>,
        /// Why it failed or was cancelled.
        message: Option<String>,
        /// Indicator calculations made.
        indicators_calculated: Option<u64>,
        /// Patterns detected.
        patterns_detected: Option<u64>,
    }
}

body! {
    /// What a phase's start says beside its phase.
    PhaseStarted {
        /// The phase.
        phase: Option<Phase>,
        /// Symbols (for the cache: universes) to work on.
        total: Option<u64>,
        /// The universes.
        universes: Vec<String>,
        /// The timeframes.
        timeframes: Vec<String>,
        /// Days to look back, per timeframe (`""` where one number stands for all).
        lookback_days: Vec<(String, u64)>,
        /// Kinds of indicators: 15, not the number of calculations.
        indicator_kinds: Option<u64>,
        /// Kinds of patterns.
        pattern_kinds: Option<u64>,
        /// The least confidence that counts as a detection, 0 to 1.
        min_confidence: Option<f64>,
        /// The cache sync's own id, where it names one beside or instead of a run.
        job_id: Option<RunId>,
        /// What the cache sync is about: `full`, `market_cap`, `themes`, `ipos`.
        mode: Option<String>,
        /// Whether the cache sync also does what is not due.
        force: Option<bool>,
        /// Who asked for the cache sync, such as `api`.
        triggered_by: Option<String>,
    }
}

body! {
    /// A phase's end, with its totals.
    PhaseEnded {
        /// The phase.
        phase: Option<Phase>,
        /// `None` where the message has neither a status nor an error text, which is documented to
        /// mean success.
        outcome: Option<Outcome>,
        /// The word that stood for the outcome, where it is [`Outcome::Unknown`].
        outcome_word: Option<String>,
        /// Seconds it took.
        duration_seconds: Option<f64>,
        /// Symbols it was about.
        total: Option<u64>,
        /// Symbols that went well.
        done: Option<u64>,
        /// Symbols that did not.
        failed: Option<u64>,
        /// Their names, where the message lists them.
        failed_symbols: Vec<FailedSymbol>,
        /// Price records imported.
        records_imported: Option<u64>,
        /// Indicator calculations in all, failed ones among them: 7,575, not the 15 kinds that the
        /// start gives.
        indicators_total: Option<u64>,
        /// Indicator calculations that went well.
        indicators_calculated: Option<u64>,
        /// Indicator calculations that failed.
        indicators_failed: Option<u64>,
        /// Patterns checked.
        patterns_checked: Option<u64>,
        /// Patterns detected.
        patterns_detected: Option<u64>,
        /// Checks for patterns that failed.
        patterns_failed: Option<u64>,
        /// Detections per check, percent.
        detection_rate: Option<f64>,
        /// Symbols that went well, percent.
        success_rate: Option<f64>,
        /// The cache sync's own id, where it names one beside or instead of a run.
        job_id: Option<RunId>,
        /// What the cache sync was about.
        mode: Option<String>,
        /// Changes that the cache sync made.
        total_changes: Option<u64>,
        /// How many universes it updated.
        universes_updated: Option<u64>,
        /// Their names, where the message lists them.
        updated_universes: Vec<String>,
        /// The tasks of the cache sync.
        tasks: Vec<TaskResult>,
        /// The one timeframe that this is about: then a part ended, not the phase.
        timeframe: Option<String>,
        /// Why it failed.
        message: Option<String>,
    }
}

body! {
    /// One task of a cache sync.
    TaskResult {
        /// The task, such as `etf_sync`.
        name: String,
        /// What became of it, such as `completed`.
        status: Option<String>,
        /// The changes it made.
        changes: Option<u64>,
    }
}

/// One symbol that failed, as an ending message lists it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FailedSymbol {
    /// The symbol.
    pub symbol: Symbol,
    /// The reason, where the list gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

crate::read_fields!(FailedSymbol { symbol, reason });
