//! What a run will do, decided by its seed before it begins: symbols, failures, results.

use crate::market;
use crate::options::{Options, Scenario};
use crate::world::{Kind, Trigger};
use contract::Phase;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng};
use std::collections::BTreeMap;

/// Random choices that are the same for the same seed.
pub(crate) struct Rng(StdRng);

impl Rng {
    /// The choices of one purpose, such as one run's.
    pub(crate) fn new(seed: u64, purpose: u64) -> Rng {
        Rng(StdRng::seed_from_u64(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ purpose))
    }

    /// 0 to `limit - 1`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0.random_range(0..limit.max(1))
    }

    /// A number of the range, rounded to `digits` after the point.
    pub(crate) fn number(&mut self, from: f64, to: f64, digits: i32) -> f64 {
        let scale = 10f64.powi(digits);
        (self.0.random_range(from..to) * scale).round() / scale
    }

    pub(crate) fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    /// An id of the shape of a random UUID.
    pub(crate) fn uuid(&mut self) -> String {
        let bits = (self.0.random::<u128>() & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
        let hex = format!("{bits:032x}");
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

/// Everything about a run but the time it takes.
pub(crate) struct Plan {
    pub(crate) run_id: String,
    pub(crate) seed: u64,
    pub(crate) trigger: Trigger,
    pub(crate) phases: Vec<Phase>,
    /// Whether it is a daily run, not a single job.
    pub(crate) full: bool,
    pub(crate) symbols: Vec<String>,
    /// Symbols that cannot be imported, and why: error code and message.
    pub(crate) failing: BTreeMap<String, (&'static str, &'static str)>,
    /// Symbols whose indicators fail.
    pub(crate) failing_indicators: Vec<String>,
}

impl Plan {
    /// The plan of the `number`th run.
    pub(crate) fn new(options: &Options, number: u64, kind: Kind, trigger: Trigger) -> Plan {
        let mut rng = Rng::new(options.seed, number);
        let run_id = rng.uuid();
        let symbols = trigger.symbols.clone().unwrap_or_else(|| market::symbols(&trigger.universes));
        let (failing, failing_indicators) = match options.scenario {
            Scenario::Failures => (symbols.len() / 14, symbols.len() / 40),
            _ => ((symbols.len() / 200).min(2), 0),
        };
        let some = |rng: &mut Rng, count: usize| {
            let all: Vec<&str> = symbols.iter().map(String::as_str).collect();
            (0..count).map(|_| rng.pick(&all).to_owned()).collect::<Vec<_>>()
        };
        // What a retry repeats works the second time.
        let failing = if trigger.original_run_id.is_some() { 0 } else { failing };
        let failing = some(&mut rng, failing).into_iter().map(|s| (s, FAILURES[rng.below(FAILURES.len())])).collect();
        let failing_indicators = some(&mut rng, failing_indicators);
        let (full, phases) = match kind {
            Kind::Full => (true, Phase::ALL.to_vec()),
            Kind::Phases(phases) => (false, phases),
        };
        let seed = options.seed ^ number;
        Plan { run_id, seed, trigger, phases, full, symbols, failing, failing_indicators }
    }
}

/// Why symbols fail.
const FAILURES: &[(&str, &str)] = &[
    ("SYMBOL_NOT_FOUND", "Symbol not found at the data provider"),
    ("NETWORK_TIMEOUT", "No answer from the data provider within 30 s"),
    ("STORAGE_FAILED", "The daily bars could not be stored"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[test]
    fn the_same_seed_gives_the_same_plan_and_the_next_run_another() {
        let options = Options::parse_from(["simulator", "--scenario", "failures"]);
        let plan = |number| {
            Plan::new(&options, number, Kind::Full, Trigger { universes: vec!["sp500".into()], ..Trigger::default() })
        };
        assert_eq!(plan(1).run_id, plan(1).run_id);
        assert_eq!(plan(1).failing, plan(1).failing);
        assert_ne!(plan(1).run_id, plan(2).run_id);
        assert_eq!(plan(1).symbols.len(), 505);
        assert!(plan(1).failing.len() > 20);
    }

    #[test]
    fn ids_have_the_shape_of_random_uuids() {
        let id = Rng::new(1, 2).uuid();
        assert_eq!((id.len(), &id[14..15]), (36, "4"));
        assert!("89ab".contains(&id[19..20]), "{id}");
    }
}
