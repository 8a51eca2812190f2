//! What a run will do, decided by its seed before it begins: id, symbols, failures.

use crate::market::{self, INDICATORS, PATTERNS, TIMEFRAMES};
use crate::options::{Options, RunIds, Scenario};
use crate::rng::Rng;
use contract::Phase;
use std::collections::{BTreeMap, BTreeSet};

/// With what a run was asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trigger {
    /// The phases it goes through, in their order.
    pub(crate) phases: Vec<Phase>,
    pub(crate) automatic: bool,
    pub(crate) universes: Vec<String>,
    /// Only these symbols, where given.
    pub(crate) symbols: Option<Vec<String>>,
    /// Only these of the import's timeframes, where given.
    pub(crate) timeframes: Option<Vec<String>>,
    /// The days that an import looks back in every timeframe, where given.
    pub(crate) lookback_days: Option<u64>,
    /// The indicators' timeframe; `daily` where it is not given.
    pub(crate) timeframe: Option<String>,
    /// Only these indicators, where given.
    pub(crate) indicators: Option<Vec<String>>,
    /// Only these patterns, where given.
    pub(crate) patterns: Option<Vec<String>>,
    /// The run whose failures it repeats.
    pub(crate) original_run_id: Option<String>,
    /// What a cache sync of its own is about; such a run is a job of the cache's endpoints.
    pub(crate) cache_mode: Option<String>,
}

/// Everything about a run but the time it takes.
pub(crate) struct RunPlan {
    pub(crate) run_id: String,
    /// What goes wrong; never `Varied`.
    pub(crate) scenario: Scenario,
    pub(crate) trigger: Trigger,
    pub(crate) symbols: Vec<String>,
    pub(crate) indicators: Vec<&'static str>,
    pub(crate) patterns: Vec<&'static str>,
    /// Symbols that cannot be imported, and why.
    pub(crate) failing: BTreeMap<String, Failure>,
    /// Symbols whose indicators fail.
    pub(crate) failing_indicators: BTreeSet<String>,
}

/// Why a symbol fails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Failure {
    pub(crate) code: &'static str,
    pub(crate) message: &'static str,
}

/// What the scenario `varied` chooses from.
const VARIED: [Scenario; 4] = [
    Scenario::Normal,
    Scenario::Failures,
    Scenario::Stall,
    Scenario::Crash,
];

const FAILURES: [Failure; 3] = [
    Failure {
        code: "SYMBOL_NOT_FOUND",
        message: "Symbol not found at the data provider",
    },
    Failure {
        code: "NETWORK_TIMEOUT",
        message: "No answer from the data provider within 30 s",
    },
    Failure {
        code: "STORAGE_FAILED",
        message: "The daily bars could not be stored",
    },
];

impl RunPlan {
    /// The plan of the `number`th run.
    pub(crate) fn new(options: &Options, number: u64, trigger: Trigger) -> RunPlan {
        let mut rng = Rng::new(options.seed, number);
        // Drawn either way, so that the other choices do not depend on where the id comes from.
        let seeded = rng.uuid();
        let run_id = match options.run_ids {
            RunIds::Unique => Rng::unpredictable().uuid(),
            RunIds::Deterministic => seeded,
        };
        let scenario = match options.scenario {
            Scenario::Varied => VARIED[rng.below(VARIED.len())],
            scenario => scenario,
        };
        let symbols = trigger
            .symbols
            .clone()
            .unwrap_or_else(|| market::symbols(&trigger.universes));
        let (failing, failing_indicators) = match scenario {
            // What a retry repeats works the second time.
            _ if trigger.original_run_id.is_some() => (0, 0),
            Scenario::Failures => (symbols.len() / 14, symbols.len() / 40),
            _ => ((symbols.len() / 200).min(2), 0),
        };
        let failing = rng.some(&symbols, failing);
        let failing = failing
            .into_iter()
            .map(|symbol| (symbol, FAILURES[rng.below(FAILURES.len())]))
            .collect();
        let failing_indicators = rng.some(&symbols, failing_indicators).into_iter().collect();
        let indicators = only(&INDICATORS, trigger.indicators.as_deref());
        let patterns = only(&PATTERNS, trigger.patterns.as_deref());
        RunPlan {
            run_id,
            scenario,
            trigger,
            symbols,
            indicators,
            patterns,
            failing,
            failing_indicators,
        }
    }

    /// The timeframes of the import, each with the days it looks back.
    pub(crate) fn lookback(&self) -> Vec<(&'static str, u64)> {
        let wanted = |name: &str| {
            self.trigger
                .timeframes
                .as_ref()
                .is_none_or(|some| some.iter().any(|t| t == name))
        };
        let days = |usual| self.trigger.lookback_days.unwrap_or(usual);
        TIMEFRAMES
            .into_iter()
            .filter(|(name, _)| wanted(name))
            .map(|(name, usual)| (name, days(usual)))
            .collect()
    }

    /// The timeframe of the indicators.
    pub(crate) fn timeframe(&self) -> &str {
        self.trigger.timeframe.as_deref().unwrap_or("daily")
    }
}

/// Those of `all` that are wanted, in whatever case they were written.
fn only(all: &[&'static str], wanted: Option<&[String]>) -> Vec<&'static str> {
    let is_wanted = |name: &&str| {
        wanted.is_none_or(|some| some.iter().any(|one| one.eq_ignore_ascii_case(name)))
    };
    all.iter().copied().filter(is_wanted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    fn plan(number: u64, trigger: Trigger) -> RunPlan {
        plan_with("deterministic", number, trigger)
    }

    fn plan_with(run_ids: &str, number: u64, trigger: Trigger) -> RunPlan {
        let options =
            Options::parse_from(["simulator", "--scenario", "failures", "--run-ids", run_ids]);
        RunPlan::new(&options, number, trigger)
    }

    fn sp500() -> Trigger {
        Trigger {
            universes: vec!["sp500".to_owned()],
            ..Trigger::default()
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_plan_and_the_next_run_another() {
        let (first, again, next) = (plan(1, sp500()), plan(1, sp500()), plan(2, sp500()));
        assert_eq!(
            (&first.run_id, &first.failing),
            (&again.run_id, &again.failing)
        );
        assert_ne!(first.run_id, next.run_id);
        assert_ne!(first.failing, next.failing);
        assert_eq!(
            (
                first.symbols.len(),
                first.failing.len(),
                first.failing_indicators.len()
            ),
            (505, 36, 12)
        );
    }

    #[test]
    fn unique_ids_differ_while_the_seed_decides_the_rest() {
        let (first, again) = (
            plan_with("unique", 1, sp500()),
            plan_with("unique", 1, sp500()),
        );
        assert_ne!(first.run_id, again.run_id);
        let seeded = plan(1, sp500());
        assert_eq!(
            (&first.failing, &again.failing),
            (&seeded.failing, &seeded.failing)
        );
    }

    #[test]
    fn varied_runs_go_wrong_in_different_ways() {
        let options = Options::parse_from(["simulator", "--scenario", "varied"]);
        let scenarios: Vec<_> = (1..40)
            .map(|number| RunPlan::new(&options, number, sp500()).scenario)
            .collect();
        assert!(
            VARIED.iter().all(|one| scenarios.contains(one)),
            "{scenarios:?}"
        );
    }

    #[test]
    fn only_what_was_asked_for_is_done() {
        let trigger = Trigger {
            indicators: Some(vec!["rsi".to_owned(), "MACD".to_owned()]),
            timeframes: Some(vec!["weekly".to_owned()]),
            lookback_days: Some(30),
            ..sp500()
        };
        let plan = plan(1, trigger);
        assert_eq!(plan.indicators, ["RSI", "MACD"]);
        assert_eq!(plan.patterns.len(), PATTERNS.len());
        assert_eq!(plan.lookback(), [("weekly", 30)]);
    }

    #[test]
    fn a_retry_does_not_fail_again() {
        let trigger = Trigger {
            original_run_id: Some("x".to_owned()),
            ..sp500()
        };
        assert!(plan(1, trigger).failing.is_empty());
    }
}
