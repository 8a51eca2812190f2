//! What events said of each symbol: its import, its latest indicators, its patterns, its errors. In the relay's memory, beside the
//! state, since no page shows all of it; what a run said goes into the local copy when it ends.

use contract::{Body, Detection, Event, IndicatorResult, RunId, Scalar, Symbol, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Symbols that are kept; those heard of last stay.
const SYMBOLS: usize = 20_000;
/// Indicators, patterns and errors of one symbol that are kept; of patterns and errors the latest.
const INDICATORS: usize = 64;
const PATTERNS: usize = 32;
const ERRORS: usize = 8;

/// What is known of symbols; clones refer to the same.
#[derive(Clone, Default)]
pub struct Symbols(Arc<Mutex<HashMap<Symbol, Report>>>);

/// What is known of one symbol.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// Its import.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import: Option<Import>,
    /// Its latest calculations, by indicator and timeframe.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub indicators: Vec<Calculation>,
    /// The patterns that were detected, latest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub patterns: Vec<Pattern>,
    /// The errors that name it, latest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Trouble>,
    #[serde(skip)]
    heard_at: Timestamp,
}

/// The import of a symbol.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Import {
    /// In which run.
    pub run_id: Option<RunId>,
    /// When it ended.
    pub at: Timestamp,
    /// Whether it failed.
    pub failed: bool,
    /// Records imported.
    pub records: Option<u64>,
    /// Why it failed.
    pub message: Option<String>,
}

/// One calculation of an indicator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calculation {
    /// In which run, where one was active.
    pub run_id: Option<RunId>,
    /// When.
    pub at: Timestamp,
    /// Such as `RSI`.
    pub indicator: String,
    /// Such as `daily`.
    pub timeframe: Option<String>,
    /// The values by name.
    pub values: Vec<(String, Scalar)>,
}

/// One detection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pattern {
    /// In which run, where one was active.
    pub run_id: Option<RunId>,
    /// When.
    pub at: Timestamp,
    /// What was detected.
    pub detection: Detection,
}

/// One error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trouble {
    /// In which run, where one was active.
    pub run_id: Option<RunId>,
    /// When.
    pub at: Timestamp,
    /// Such as `API_RATE_LIMIT`.
    pub code: Option<String>,
    /// What happened.
    pub message: String,
}

/// How often an indicator was calculated, as far as events told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Count {
    /// For how many symbols.
    pub symbols: u64,
    /// How many of the latest calculations, one for each symbol and timeframe.
    pub calculations: u64,
    /// When last.
    pub last_at: Timestamp,
}

impl Symbols {
    /// Hears an event; `active` is the run that was active then.
    pub fn hear(&self, at: Timestamp, event: &Event, active: Option<&RunId>) {
        let run_id = || event.run_id.as_ref().or(active).cloned();
        match &event.body {
            Body::SymbolImported(body) => self.change(at, body.symbol.as_ref(), |report| {
                let (failed, records, message) = (body.failed, body.records, body.message.clone());
                report.import = Some(Import { run_id: run_id(), at, failed, records, message });
            }),
            Body::IndicatorCalculated(body) => self.change(at, body.symbol.as_ref(), |report| {
                report.calculated(at, run_id(), body);
            }),
            Body::PatternsDetected(body) => {
                for detection in &body.items {
                    self.change(at, detection.symbol.as_ref(), |report| {
                        let pattern = Pattern { run_id: run_id(), at, detection: detection.clone() };
                        push(&mut report.patterns, pattern, PATTERNS);
                    });
                }
            }
            Body::Error(body) => self.change(at, body.symbol.as_ref(), |report| {
                let (code, message) = (body.code.clone(), body.message.clone());
                push(&mut report.errors, Trouble { run_id: run_id(), at, code, message }, ERRORS);
            }),
            _ => {}
        }
    }

    /// What is known of a symbol.
    pub fn of(&self, symbol: &Symbol) -> Option<Report> {
        self.all().get(symbol).cloned()
    }

    /// What a run said of its symbols.
    pub fn of_run(&self, run: &RunId) -> Vec<(Symbol, Report)> {
        let all = self.all();
        all.iter().map(|(symbol, report)| (symbol.clone(), report.of_run(run))).filter(|(_, r)| !r.is_empty()).collect()
    }

    /// How often each indicator was calculated, and for how many symbols in all.
    pub fn counts(&self) -> (BTreeMap<String, Count>, u64) {
        let (mut counts, mut symbols) = (BTreeMap::<String, Count>::new(), 0);
        for report in self.all().values() {
            symbols += u64::from(!report.indicators.is_empty());
            let mut last = None;
            for calculation in &report.indicators {
                let count = counts.entry(calculation.indicator.clone()).or_default();
                // Those of one indicator stand together.
                count.symbols += u64::from(last != Some(&calculation.indicator));
                count.calculations += 1;
                count.last_at = count.last_at.max(calculation.at);
                last = Some(&calculation.indicator);
            }
        }
        (counts, symbols)
    }

    fn change(&self, at: Timestamp, symbol: Option<&Symbol>, change: impl FnOnce(&mut Report)) {
        let Some(symbol) = symbol else { return };
        let mut all = self.all();
        if !all.contains_key(symbol) && all.len() >= SYMBOLS {
            // A tenth at once, so that it is not looked for at every event.
            let mut heard: Vec<_> = all.values().map(|report| report.heard_at).collect();
            let (_, oldest, _) = heard.select_nth_unstable(SYMBOLS / 10);
            let oldest = *oldest;
            all.retain(|_, report| report.heard_at > oldest);
        }
        let report = all.entry(symbol.clone()).or_default();
        report.heard_at = at;
        change(report);
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Symbol, Report>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Report {
    /// The part of it that is about one run.
    #[must_use]
    pub fn of_run(&self, run: &RunId) -> Report {
        let is = |of: &Option<RunId>| of.as_ref() == Some(run);
        Report {
            import: self.import.clone().filter(|import| is(&import.run_id)),
            indicators: self.indicators.iter().filter(|calculation| is(&calculation.run_id)).cloned().collect(),
            patterns: self.patterns.iter().filter(|pattern| is(&pattern.run_id)).cloned().collect(),
            errors: self.errors.iter().filter(|error| is(&error.run_id)).cloned().collect(),
            heard_at: self.heard_at,
        }
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.import.is_none() && self.indicators.is_empty() && self.patterns.is_empty() && self.errors.is_empty()
    }

    fn calculated(&mut self, at: Timestamp, run_id: Option<RunId>, body: &IndicatorResult) {
        let (indicator, timeframe, values) = (body.indicator.clone(), body.timeframe.clone(), body.values.clone());
        let new = Calculation { run_id, at, indicator, timeframe, values };
        let key = |of: &Calculation| (of.indicator.clone(), of.timeframe.clone());
        match self.indicators.binary_search_by_key(&key(&new), key) {
            Ok(place) => self.indicators[place] = new,
            Err(place) if self.indicators.len() < INDICATORS => self.indicators.insert(place, new),
            Err(_) => {}
        }
    }
}

fn push<T>(list: &mut Vec<T>, item: T, most: usize) {
    if list.len() >= most {
        list.remove(0);
    }
    list.push(item);
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::Channel;
    use serde_json::json;

    fn event(channel: &str, name: &str, payload: &serde_json::Value) -> Event {
        let channel = Channel::from_name(channel).unwrap();
        contract::decode(channel, json!({ "event": name, "payload": payload }).to_string().as_bytes()).unwrap()
    }

    fn calculated(symbol: &str, indicator: &str, value: f64) -> Event {
        let payload =
            json!({ "symbol": symbol, "indicator": indicator, "timeframe": "daily", "values": { "v": value } });
        event("tickstock:indicators:calculated", "indicator_calculated", &payload)
    }

    #[test]
    fn the_latest_calculation_of_each_indicator_stays_and_belongs_to_its_run() {
        let (symbols, run, aapl) = (Symbols::default(), RunId::new("r").unwrap(), Symbol::new("AAPL").unwrap());
        for (at, indicator, value) in [(1, "RSI", 1.0), (2, "MACD", 2.0), (3, "RSI", 3.0)] {
            symbols.hear(Timestamp(at), &calculated("AAPL", indicator, value), Some(&run));
        }
        symbols.hear(Timestamp(4), &calculated("MSFT", "RSI", 4.0), None);
        let report = symbols.of(&aapl).unwrap();
        let names: Vec<_> = report.indicators.iter().map(|c| (c.indicator.as_str(), c.at.0)).collect();
        assert_eq!(names, [("MACD", 2), ("RSI", 3)]);
        assert_eq!(symbols.of_run(&run).len(), 1, "the other one belongs to no run");
        let (counts, all) = symbols.counts();
        assert_eq!((counts["RSI"].symbols, counts["RSI"].calculations, all), (2, 2, 2));
        let written = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<Report>(&written).unwrap().indicators, report.indicators);
    }

    #[test]
    fn the_number_of_symbols_is_bounded_and_those_heard_of_last_stay() {
        let symbols = Symbols::default();
        for n in 0..SYMBOLS + 500 {
            symbols.hear(Timestamp(n as i64), &calculated(&format!("S{n}"), "RSI", 1.0), None);
        }
        assert!(symbols.all().len() <= SYMBOLS);
        assert!(symbols.of(&Symbol::new(&format!("S{}", SYMBOLS + 499)).unwrap()).is_some());
        assert!(symbols.of(&Symbol::new("S0").unwrap()).is_none());
    }
}
