//! What is known of one symbol.

use contract::{Detection, IndicatorResult, RunId, Scalar, Symbol, Timestamp};
use serde::{Deserialize, Serialize};

/// Indicators of one symbol that are kept; of patterns and errors the latest.
const INDICATORS: usize = 64;
const PATTERNS: usize = 32;
const ERRORS: usize = 8;

/// What is known of one symbol; what is written to the database is this as JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SymbolReport {
    /// Its import.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import: Option<ImportResult>,
    /// Its latest calculations, by indicator and timeframe.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub indicators: Vec<Calculation>,
    /// The patterns that were detected, latest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub patterns: Vec<DetectedPattern>,
    /// The errors that name it, latest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<SymbolError>,
    #[serde(skip)]
    pub(super) heard_at: Timestamp,
}

/// The import of a symbol.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportResult {
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
    pub(super) said_at: Option<Timestamp>,
}

/// One detection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DetectedPattern {
    /// In which run, where one was active.
    pub run_id: Option<RunId>,
    /// When.
    pub at: Timestamp,
    /// What was detected.
    pub detection: Detection,
    /// When, as the message says: one that is delivered twice says the same.
    #[serde(skip)]
    pub(super) said_at: Option<Timestamp>,
}

/// One error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SymbolError {
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
    pub(super) said_at: Option<Timestamp>,
}

impl SymbolReport {
    /// The part of it that is about one run.
    #[must_use]
    pub fn of_run(&self, run: &RunId) -> SymbolReport {
        let is = |of: &Option<RunId>| of.as_ref() == Some(run);
        SymbolReport {
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
    pub fn merge_written(mut self, written: SymbolReport) -> SymbolReport {
        self.import = self.import.or(written.import);
        if self.indicators.is_empty() {
            self.indicators = written.indicators;
        }
        // Those that were heard after they were written come last.
        let new = self.patterns.into_iter().filter(|new| {
            let same = |old: &DetectedPattern| old.at == new.at && old.detection == new.detection;
            !written.patterns.iter().any(same)
        });
        self.patterns = written.patterns.iter().cloned().chain(new).collect();
        let new = self.errors.into_iter().filter(|new| {
            let same = |old: &SymbolError| {
                (old.at, &old.code, &old.message) == (new.at, &new.code, &new.message)
            };
            !written.errors.iter().any(same)
        });
        self.errors = written.errors.iter().cloned().chain(new).collect();
        self
    }

    /// Adds the result of the import, unless it was delivered twice.
    pub(super) fn add_import(&mut self, new: ImportResult) {
        let known = self.import.as_ref();
        if !known.is_some_and(|known| known.is_repeated_by(&new)) {
            self.import = Some(new);
        }
    }

    /// Adds a detected pattern, unless it was delivered twice.
    pub(super) fn add_pattern(&mut self, new: DetectedPattern) {
        if !self.patterns.iter().any(|known| known.is_repeated_by(&new)) {
            push(&mut self.patterns, new, PATTERNS);
        }
    }

    /// Adds an error, unless it was delivered twice.
    pub(super) fn add_error(&mut self, new: SymbolError) {
        if !self.errors.iter().any(|known| known.is_repeated_by(&new)) {
            push(&mut self.errors, new, ERRORS);
        }
    }

    pub(super) fn add_calculation(
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
    pub(super) fn bytes(&self, symbol: &Symbol) -> usize {
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
        let import = |of: &ImportResult| run(&of.run_id) + name(&of.message);
        let calculation = |of: &Calculation| {
            run(&of.run_id) + text(&of.indicator) + name(&of.timeframe) + scalars(&of.values)
        };
        let pattern = |of: &DetectedPattern| {
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
        let error = |of: &SymbolError| run(&of.run_id) + name(&of.code) + text(&of.message);
        // Itself and its name, twice: the table of all has room for more than it holds.
        2 * (size_of::<SymbolReport>() + size_of::<Symbol>())
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
    ImportResult: run_id, failed, records, message;
    Calculation: run_id, said_at, indicator, timeframe, values;
    DetectedPattern: run_id, said_at, detection;
    SymbolError: run_id, said_at, code, message;
}

fn push<T>(list: &mut Vec<T>, item: T, most: usize) {
    if list.len() >= most {
        list.remove(0);
    }
    list.push(item);
}
