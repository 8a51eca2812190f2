//! What events said of each symbol: its import, its latest indicators, its patterns, its errors. In
//! the relay's memory, beside the state, since no page shows all of it. What a run said goes into
//! the database when the run ends, and is forgotten here when it stands there; the latest
//! indicators stay.

use contract::{Body, Detection, Event, IndicatorResult, RunId, Scalar, Symbol, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Memory that all reports together may take, about. A run of 505 symbols takes 2 to 4 MB.
pub const MAX_BYTES: usize = 32 << 20;
/// Indicators, patterns and errors of one symbol that are kept; of patterns and errors the latest.
const INDICATORS: usize = 64;
const PATTERNS: usize = 32;
const ERRORS: usize = 8;

/// What is known of symbols; clones refer to the same.
#[derive(Clone, Default)]
pub struct SymbolIndex(Arc<Mutex<Reports>>);

#[derive(Default)]
struct Reports {
    all: HashMap<Symbol, Report>,
    /// What they take, [`Report::bytes`] each.
    bytes: usize,
}

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
    /// When, as the message says: one that is delivered twice says the same.
    #[serde(skip)]
    said_at: Option<Timestamp>,
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
    /// When, as the message says: one that is delivered twice says the same.
    #[serde(skip)]
    said_at: Option<Timestamp>,
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
    /// When, as the message says: one that is delivered twice says the same.
    #[serde(skip)]
    said_at: Option<Timestamp>,
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

impl SymbolIndex {
    /// Hears an event; `active` is the run that was active then. An event that is delivered twice
    /// counts once.
    pub fn hear(&self, at: Timestamp, event: &Event, active: Option<&RunId>) {
        let run_id = || event.run_id.as_ref().or(active).cloned();
        let said_at = event.at;
        match &event.body {
            Body::SymbolImported(body) => self.change(at, body.symbol.as_ref(), |report| {
                let (failed, records, message) = (body.failed, body.records, body.message.clone());
                let new = Import {
                    run_id: run_id(),
                    at,
                    failed,
                    records,
                    message,
                };
                if !report
                    .import
                    .as_ref()
                    .is_some_and(|known| known.is_repeated_by(&new))
                {
                    report.import = Some(new);
                }
            }),
            Body::IndicatorCalculated(body) => self.change(at, body.symbol.as_ref(), |report| {
                report.calculated(at, run_id(), said_at, body);
            }),
            Body::PatternsDetected(body) => {
                for detection in &body.items {
                    self.change(at, detection.symbol.as_ref(), |report| {
                        let new = Pattern {
                            run_id: run_id(),
                            at,
                            detection: detection.clone(),
                            said_at,
                        };
                        if !report
                            .patterns
                            .iter()
                            .any(|known| known.is_repeated_by(&new))
                        {
                            push(&mut report.patterns, new, PATTERNS);
                        }
                    });
                }
            }
            Body::Error(body) => self.change(at, body.symbol.as_ref(), |report| {
                let (code, message) = (body.code.clone(), body.message.clone());
                let new = Trouble {
                    run_id: run_id(),
                    at,
                    code,
                    message,
                    said_at,
                };
                if !report.errors.iter().any(|known| known.is_repeated_by(&new)) {
                    push(&mut report.errors, new, ERRORS);
                }
            }),
            _ => {}
        }
    }

    /// What is known of a symbol.
    pub fn of(&self, symbol: &Symbol) -> Option<Report> {
        self.reports().all.get(symbol).cloned()
    }

    /// What a run said of its symbols.
    pub fn of_run(&self, run: &RunId) -> Vec<(Symbol, Report)> {
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
    pub fn counts(&self) -> (BTreeMap<String, Count>, u64) {
        let (mut counts, mut symbols) = (BTreeMap::<String, Count>::new(), 0);
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

    fn change(&self, at: Timestamp, symbol: Option<&Symbol>, change: impl FnOnce(&mut Report)) {
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
                let mut report = Report {
                    heard_at: at,
                    ..Report::default()
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
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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

impl Report {
    /// The part of it that is about one run.
    #[must_use]
    pub fn of_run(&self, run: &RunId) -> Report {
        let is = |of: &Option<RunId>| of.as_ref() == Some(run);
        Report {
            import: self.import.clone().filter(|import| is(&import.run_id)),
            indicators: self
                .indicators
                .iter()
                .filter(|calculation| is(&calculation.run_id))
                .cloned()
                .collect(),
            patterns: self
                .patterns
                .iter()
                .filter(|pattern| is(&pattern.run_id))
                .cloned()
                .collect(),
            errors: self
                .errors
                .iter()
                .filter(|error| is(&error.run_id))
                .cloned()
                .collect(),
            heard_at: self.heard_at,
        }
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.import.is_none()
            && self.indicators.is_empty()
            && self.patterns.is_empty()
            && self.errors.is_empty()
    }

    /// The same with what was written of the run, of which this may have forgotten a part.
    #[must_use]
    pub fn and_written(mut self, written: Report) -> Report {
        self.import = self.import.or(written.import);
        if self.indicators.is_empty() {
            self.indicators = written.indicators;
        }
        // Those that were heard after they were written come last.
        let new = self.patterns.into_iter().filter(|new| {
            let same = |old: &Pattern| old.at == new.at && old.detection == new.detection;
            !written.patterns.iter().any(same)
        });
        self.patterns = written.patterns.iter().cloned().chain(new).collect();
        let new = self.errors.into_iter().filter(|new| {
            let same = |old: &Trouble| {
                (old.at, &old.code, &old.message) == (new.at, &new.code, &new.message)
            };
            !written.errors.iter().any(same)
        });
        self.errors = written.errors.iter().cloned().chain(new).collect();
        self
    }

    fn calculated(
        &mut self,
        at: Timestamp,
        run_id: Option<RunId>,
        said_at: Option<Timestamp>,
        body: &IndicatorResult,
    ) {
        let (indicator, timeframe, values) = (
            body.indicator.clone(),
            body.timeframe.clone(),
            body.values.clone(),
        );
        let new = Calculation {
            run_id,
            at,
            indicator,
            timeframe,
            values,
            said_at,
        };
        let key = |of: &Calculation| (of.indicator.clone(), of.timeframe.clone());
        match self.indicators.binary_search_by_key(&key(&new), key) {
            Ok(place) if self.indicators[place].is_repeated_by(&new) => {}
            Ok(place) => self.indicators[place] = new,
            Err(place) if self.indicators.len() < INDICATORS => self.indicators.insert(place, new),
            Err(_) => {}
        }
    }

    /// The memory that it takes under this name, about.
    fn bytes(&self, symbol: &Symbol) -> usize {
        let text = |text: &str| text.len() + ALLOCATION;
        let name = |name: &Option<String>| name.as_deref().map_or(0, text);
        let run = |run: &Option<RunId>| run.as_ref().map_or(0, |run| text(run.as_str()));
        let scalars = |values: &Vec<(String, Scalar)>| -> usize {
            let more = |value: &Scalar| {
                if let Scalar::Text(value) = value {
                    text(value)
                } else {
                    0
                }
            };
            capacity(values)
                + values
                    .iter()
                    .map(|(name, value)| text(name) + more(value))
                    .sum::<usize>()
        };
        let import = |of: &Import| run(&of.run_id) + name(&of.message);
        let calculation = |of: &Calculation| {
            run(&of.run_id) + text(&of.indicator) + name(&of.timeframe) + scalars(&of.values)
        };
        let pattern = |of: &Pattern| {
            let detection = &of.detection;
            let levels = detection
                .levels
                .iter()
                .map(|(name, _)| text(name))
                .sum::<usize>();
            let symbol = detection
                .symbol
                .as_ref()
                .map_or(0, |symbol| text(symbol.as_str()));
            let data = scalars(&detection.data) + scalars(&detection.metadata);
            run(&of.run_id)
                + symbol
                + text(&detection.pattern)
                + name(&detection.timeframe)
                + capacity(&detection.levels)
                + levels
                + data
        };
        let error = |of: &Trouble| run(&of.run_id) + name(&of.code) + text(&of.message);
        // Itself and its name, twice: the table of all has room for more than it holds.
        2 * (size_of::<Report>() + size_of::<Symbol>())
            + text(symbol.as_str())
            + self.import.as_ref().map_or(0, import)
            + capacity(&self.indicators)
            + self.indicators.iter().map(calculation).sum::<usize>()
            + capacity(&self.patterns)
            + self.patterns.iter().map(pattern).sum::<usize>()
            + capacity(&self.errors)
            + self.errors.iter().map(error).sum::<usize>()
    }
}

/// What an allocation takes beside its content.
const ALLOCATION: usize = 16;

/// The memory of a list itself.
fn capacity<T>(list: &Vec<T>) -> usize {
    if list.capacity() == 0 {
        0
    } else {
        list.capacity() * size_of::<T>() + ALLOCATION
    }
}

/// Whether the other one is the same, heard at another moment.
macro_rules! is_repeated_by {
    ($($type:ident: $($field:ident),+;)+) => {
        $(impl $type {
            fn is_repeated_by(&self, other: &$type) -> bool {
                $(self.$field == other.$field)&&+
            }
        })+
    };
}

is_repeated_by! {
    Import: run_id, failed, records, message;
    Calculation: run_id, said_at, indicator, timeframe, values;
    Pattern: run_id, said_at, detection;
    Trouble: run_id, said_at, code, message;
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
    fn the_latest_calculation_of_each_indicator_stays_and_belongs_to_its_run() {
        let (symbols, run, aapl) = (
            SymbolIndex::default(),
            RunId::new("r").unwrap(),
            Symbol::new("AAPL").unwrap(),
        );
        for (at, indicator, value) in [(1, "RSI", 1.0), (2, "MACD", 2.0), (3, "RSI", 3.0)] {
            symbols.hear(
                Timestamp(at),
                &calculated("AAPL", indicator, value),
                Some(&run),
            );
        }
        symbols.hear(Timestamp(4), &calculated("MSFT", "RSI", 4.0), None);
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
            serde_json::from_str::<Report>(&written).unwrap().indicators,
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
    fn an_event_that_is_delivered_twice_counts_once() {
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
            symbols.hear(Timestamp(n as i64), event, Some(&run));
        }
        let once = symbols.of(&aapl).unwrap();
        for event in &events {
            symbols.hear(Timestamp(50), event, Some(&run));
        }
        let twice = symbols.of(&aapl).unwrap();
        assert_eq!(
            Report {
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
            symbols.hear(Timestamp(60), &event, Some(&run));
        }
        assert_eq!(symbols.of(&aapl).unwrap().errors.len(), 3);
    }

    #[test]
    fn memory_is_bounded_and_symbols_heard_of_last_stay() {
        let symbols = SymbolIndex::default();
        let mut at = 0;
        // More symbols than there is room for, and runs after runs of the same ones.
        for n in 0..60_000 {
            at += 1;
            symbols.hear(
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
                    symbols.hear(Timestamp(at), &event, None);
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
    fn a_run_that_is_written_is_forgotten_but_for_the_latest_indicators() {
        let (symbols, run, aapl) = (
            SymbolIndex::default(),
            RunId::new("r").unwrap(),
            Symbol::new("AAPL").unwrap(),
        );
        symbols.hear(Timestamp(1), &calculated("AAPL", "RSI", 1.0), Some(&run));
        symbols.hear(Timestamp(2), &detected("AAPL", "Doji", "r"), None);
        symbols.hear(Timestamp(3), &detected("AAPL", "Hammer", "other"), None);
        symbols.hear(Timestamp(4), &detected("MSFT", "Doji", "r"), None);
        let whole = symbols.of(&aapl).unwrap().of_run(&run);
        let written: Report =
            serde_json::from_str(&serde_json::to_string(&whole).unwrap()).unwrap();
        symbols.forget(&run);
        let left = symbols.of(&aapl).unwrap();
        assert_eq!((left.indicators.len(), left.patterns.len()), (1, 1));
        assert!(symbols.of(&Symbol::new("MSFT").unwrap()).is_none());
        let reports = symbols.reports();
        assert_eq!(reports.bytes, reports.all[&aapl].bytes(&aapl));
        drop(reports);
        symbols.hear(Timestamp(9), &detected("AAPL", "Late", "r"), None);
        let told = symbols.of(&aapl).unwrap().of_run(&run).and_written(written);
        let names: Vec<_> = told
            .patterns
            .iter()
            .map(|pattern| pattern.detection.pattern.as_str())
            .collect();
        assert_eq!((names, told.indicators.len()), (vec!["Doji", "Late"], 1));
    }
}
