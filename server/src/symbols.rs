//! The in-memory index of what events said of each symbol: its import, its latest indicators, its
//! patterns, its errors. It is beside the state, since no page shows all of it. The reports of a
//! run go into the database when the run ends, and are dropped here when they are there; the latest
//! indicators stay.

mod report;

pub(crate) use report::{Calculation, DetectedPattern, ImportResult, SymbolError, SymbolReport};

use contract::{Body, Event, RunId, Symbol, Timestamp};
use parking_lot::{Mutex, MutexGuard};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Memory that all reports together may take, about. A run of 505 symbols takes 2 to 4 MB.
pub(crate) const MAX_BYTES: usize = 32 << 20;
/// The reports of all symbols; clones refer to the same ones.
#[derive(Clone, Default)]
pub struct SymbolIndex(Arc<Mutex<Reports>>);

impl std::fmt::Debug for SymbolIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SymbolIndex").finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Reports {
    all: HashMap<Symbol, SymbolReport>,
    /// Their size, [`SymbolReport::bytes`] each.
    bytes: usize,
}

/// How often an indicator was calculated, as far as events told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CalculationCount {
    /// For how many symbols.
    pub symbols: u64,
    /// How many of the latest calculations, one for each symbol and timeframe.
    pub calculations: u64,
    /// When last.
    pub last_at: Timestamp,
}

impl SymbolIndex {
    /// Takes in an event; `active` is the run that was active then. An event that is delivered
    /// twice counts once.
    pub fn record(&self, at: Timestamp, event: &Event, active: Option<&RunId>) {
        let run_id = || event.run_id.as_ref().or(active).cloned();
        let said_at = event.at;
        match &event.body {
            Body::SymbolImported(body) => self.change(at, body.symbol.as_ref(), |report| {
                report.add_import(ImportResult {
                    run_id: run_id(),
                    at,
                    failed: body.failed,
                    records: body.records,
                    message: body.message.clone(),
                });
            }),
            Body::IndicatorCalculated(body) => self.change(at, body.symbol.as_ref(), |report| {
                report.add_calculation(at, run_id(), said_at, body);
            }),
            Body::PatternsDetected(body) => {
                for detection in &body.items {
                    self.change(at, detection.symbol.as_ref(), |report| {
                        report.add_pattern(DetectedPattern {
                            run_id: run_id(),
                            at,
                            detection: detection.clone(),
                            said_at,
                        });
                    });
                }
            }
            Body::Error(body) => self.change(at, body.symbol.as_ref(), |report| {
                report.add_error(SymbolError {
                    run_id: run_id(),
                    at,
                    code: body.code.clone(),
                    message: body.message.clone(),
                    said_at,
                });
            }),
            _ => {}
        }
    }

    /// What is known of a symbol.
    pub fn of(&self, symbol: &Symbol) -> Option<SymbolReport> {
        self.reports().all.get(symbol).cloned()
    }

    /// What a run said of its symbols.
    pub fn of_run(&self, run: &RunId) -> Vec<(Symbol, SymbolReport)> {
        let reports = self.reports();
        let of_run = reports
            .all
            .iter()
            .map(|(symbol, report)| (symbol.clone(), report.of_run(run)));
        of_run.filter(|(_, report)| !report.is_empty()).collect()
    }

    /// Forgets what a run said, for one whose reports are in the database; its indicators stay
    /// while they are the latest.
    pub fn forget(&self, run: &RunId) {
        let mut reports = self.reports();
        let mut bytes = 0;
        let is_other = |of: &Option<RunId>| of.as_ref() != Some(run);
        reports.all.retain(|symbol, report| {
            report.import.take_if(|import| !is_other(&import.run_id));
            report.patterns.retain(|pattern| is_other(&pattern.run_id));
            report.errors.retain(|error| is_other(&error.run_id));
            report.patterns.shrink_to_fit();
            report.errors.shrink_to_fit();
            let stays = !report.is_empty();
            bytes += if stays { report.bytes(symbol) } else { 0 };
            stays
        });
        reports.bytes = bytes;
    }

    /// How often each indicator was calculated, and for how many symbols in all.
    pub fn counts(&self) -> (BTreeMap<String, CalculationCount>, u64) {
        let (mut counts, mut symbols) = (BTreeMap::<String, CalculationCount>::new(), 0);
        for report in self.reports().all.values() {
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

    fn change(
        &self,
        at: Timestamp,
        symbol: Option<&Symbol>,
        change: impl FnOnce(&mut SymbolReport),
    ) {
        let Some(symbol) = symbol else { return };
        let mut reports = self.reports();
        let (before, after) = match reports.all.get_mut(symbol) {
            Some(report) => {
                let before = report.bytes(symbol);
                report.heard_at = at;
                change(report);
                (before, report.bytes(symbol))
            }
            None => {
                let mut report = SymbolReport {
                    heard_at: at,
                    ..SymbolReport::default()
                };
                change(&mut report);
                let bytes = report.bytes(symbol);
                reports.all.insert(symbol.clone(), report);
                (0, bytes)
            }
        };
        reports.bytes = reports.bytes - before + after;
        if reports.bytes > MAX_BYTES {
            reports.evict();
        }
    }

    fn reports(&self) -> MutexGuard<'_, Reports> {
        self.0.lock()
    }
}

impl Reports {
    /// Drops the reports of the symbols that were heard of longest ago; an eighth of all at once,
    /// so that they are not looked for at every event.
    fn evict(&mut self) {
        let mut oldest: Vec<_> = self
            .all
            .iter()
            .map(|(symbol, report)| (report.heard_at, report.bytes(symbol), symbol.clone()))
            .collect();
        oldest.sort_by_key(|(heard_at, ..)| *heard_at);
        for (_, bytes, symbol) in oldest {
            if self.bytes <= MAX_BYTES / 8 * 7 {
                break;
            }
            self.all.remove(&symbol);
            self.bytes -= bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::Channel;
    use serde_json::json;

    fn event(channel: &str, name: &str, payload: &serde_json::Value) -> Event {
        let channel = Channel::from_wire_name(channel).unwrap();
        contract::decode(
            channel,
            json!({ "event": name, "payload": payload })
                .to_string()
                .as_bytes(),
        )
        .unwrap()
    }

    fn calculated(symbol: &str, indicator: &str, value: f64) -> Event {
        let payload = json!({ "symbol": symbol, "indicator": indicator, "timeframe": "daily", "values": { "v": value } });
        event(
            "tickstock:indicators:calculated",
            "indicator_calculated",
            &payload,
        )
    }

    #[test]
    fn latest_calculation_of_each_indicator_stays_with_its_run() {
        let (symbols, run, aapl) = (
            SymbolIndex::default(),
            RunId::new("r").unwrap(),
            Symbol::new("AAPL").unwrap(),
        );
        for (at, indicator, value) in [(1, "RSI", 1.0), (2, "MACD", 2.0), (3, "RSI", 3.0)] {
            symbols.record(
                Timestamp(at),
                &calculated("AAPL", indicator, value),
                Some(&run),
            );
        }
        symbols.record(Timestamp(4), &calculated("MSFT", "RSI", 4.0), None);
        let report = symbols.of(&aapl).unwrap();
        let names: Vec<_> = report
            .indicators
            .iter()
            .map(|c| (c.indicator.as_str(), c.at.0))
            .collect();
        assert_eq!(names, [("MACD", 2), ("RSI", 3)]);
        assert_eq!(
            symbols.of_run(&run).len(),
            1,
            "the other one belongs to no run"
        );
        let (counts, all) = symbols.counts();
        assert_eq!(
            (counts["RSI"].symbols, counts["RSI"].calculations, all),
            (2, 2, 2)
        );
        let written = serde_json::to_string(&report).unwrap();
        assert_eq!(
            serde_json::from_str::<SymbolReport>(&written)
                .unwrap()
                .indicators,
            report.indicators
        );
    }

    fn detected(symbol: &str, pattern: &str, run: &str) -> Event {
        let data: serde_json::Map<_, _> = (0..8)
            .map(|n| (format!("field_{n}"), json!("a value of some length")))
            .collect();
        let payload = json!({ "symbol": symbol, "pattern": pattern, "confidence": 0.9, "run_id": run, "pattern_data": data });
        event("tickstock:patterns:detected", "pattern_detected", &payload)
    }

    #[test]
    fn event_delivered_twice_counts_once() {
        let (symbols, run, aapl) = (
            SymbolIndex::default(),
            RunId::new("r").unwrap(),
            Symbol::new("AAPL").unwrap(),
        );
        let import =
            json!({ "run_id": "r", "symbol": "AAPL", "success": true, "records_imported": 500 });
        let error = json!({ "message": "rate limit", "context": { "symbol": "AAPL" } });
        let events = [
            event(
                "tickstock:data:import:status",
                "symbol_processing_complete",
                &import,
            ),
            calculated("AAPL", "RSI", 1.0),
            detected("AAPL", "Doji", "r"),
            event("tickstock:errors", "error", &error),
        ];
        for (n, event) in events.iter().enumerate() {
            symbols.record(Timestamp(n as i64), event, Some(&run));
        }
        let once = symbols.of(&aapl).unwrap();
        for event in &events {
            symbols.record(Timestamp(50), event, Some(&run));
        }
        let twice = symbols.of(&aapl).unwrap();
        assert_eq!(
            SymbolReport {
                heard_at: once.heard_at,
                ..twice
            },
            once
        );
        assert_eq!((once.patterns.len(), once.errors.len()), (1, 1));
        // Two errors of the same words that happened at different times are two.
        for second in ["01", "02"] {
            let text = json!({ "event": "error", "timestamp": format!("2025-01-26T21:10:{second}Z"), "payload": error });
            let event = contract::decode(Channel::Errors, text.to_string().as_bytes()).unwrap();
            symbols.record(Timestamp(60), &event, Some(&run));
        }
        assert_eq!(symbols.of(&aapl).unwrap().errors.len(), 3);
    }

    #[test]
    fn memory_is_bounded_and_the_latest_symbols_stay() {
        let symbols = SymbolIndex::default();
        let mut at = 0;
        // More symbols than there is room for, and runs after runs of the same ones.
        for n in 0..60_000 {
            at += 1;
            symbols.record(
                Timestamp(at),
                &detected(&format!("S{n}"), "Doji", "first"),
                None,
            );
        }
        assert!(symbols.of(&Symbol::new("S0").unwrap()).is_none());
        for run in 0..24 {
            for n in 0..505 {
                for pattern in 0..8 {
                    at += 1;
                    let event = detected(
                        &format!("S{n}"),
                        &format!("Pattern{pattern}"),
                        &format!("run-{run}"),
                    );
                    symbols.record(Timestamp(at), &event, None);
                }
            }
        }
        let reports = symbols.reports();
        assert!(reports.bytes <= MAX_BYTES, "{}", reports.bytes);
        assert!(
            reports.bytes >= MAX_BYTES / 2,
            "what there is room for stays"
        );
        let counted: usize = reports
            .all
            .iter()
            .map(|(symbol, report)| report.bytes(symbol))
            .sum();
        assert_eq!(reports.bytes, counted);
        assert!(reports.all.contains_key(&Symbol::new("S504").unwrap()));
    }

    #[test]
    fn written_run_is_dropped_except_the_latest_indicators() {
        let (symbols, run, aapl) = (
            SymbolIndex::default(),
            RunId::new("r").unwrap(),
            Symbol::new("AAPL").unwrap(),
        );
        symbols.record(Timestamp(1), &calculated("AAPL", "RSI", 1.0), Some(&run));
        symbols.record(Timestamp(2), &detected("AAPL", "Doji", "r"), None);
        symbols.record(Timestamp(3), &detected("AAPL", "Hammer", "other"), None);
        symbols.record(Timestamp(4), &detected("MSFT", "Doji", "r"), None);
        let whole = symbols.of(&aapl).unwrap().of_run(&run);
        let written: SymbolReport =
            serde_json::from_str(&serde_json::to_string(&whole).unwrap()).unwrap();
        symbols.forget(&run);
        let left = symbols.of(&aapl).unwrap();
        assert_eq!((left.indicators.len(), left.patterns.len()), (1, 1));
        assert!(symbols.of(&Symbol::new("MSFT").unwrap()).is_none());
        let reports = symbols.reports();
        assert_eq!(reports.bytes, reports.all[&aapl].bytes(&aapl));
        drop(reports);
        symbols.record(Timestamp(9), &detected("AAPL", "Late", "r"), None);
        let merged = symbols
            .of(&aapl)
            .unwrap()
            .of_run(&run)
            .merge_written(written);
        let names: Vec<_> = merged
            .patterns
            .iter()
            .map(|pattern| pattern.detection.pattern.as_str())
            .collect();
        assert_eq!((names, merged.indicators.len()), (vec!["Doji", "Late"], 1));
    }
}
