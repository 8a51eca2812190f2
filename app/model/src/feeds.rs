//! The latest detections and indicator results, as rows of live lists.

use crate::{Changes, limits};
use contract::{Detection, IndicatorResult, Results, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// The live lists. Rows have running numbers, so that a view knows them again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Feeds {
    /// Detected patterns, latest last.
    pub patterns: VecDeque<PatternRow>,
    /// How many came in all.
    pub patterns_seen: u64,
    /// Calculated indicators, latest last.
    pub indicators: VecDeque<IndicatorRow>,
    /// How many came in all.
    pub indicators_seen: u64,
}

/// One detected pattern.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PatternRow {
    /// Its running number.
    pub number: u64,
    /// When it came.
    pub at: Timestamp,
    /// What was detected.
    pub detection: Detection,
    /// From the intraday stream, not from a daily run.
    pub streaming: bool,
}

/// One calculated indicator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndicatorRow {
    /// Its running number.
    pub number: u64,
    /// When it came.
    pub at: Timestamp,
    /// What was calculated.
    pub result: IndicatorResult,
}

impl Feeds {
    pub(crate) fn detected(&mut self, at: Timestamp, results: &Results<Detection>) -> Changes {
        self.patterns_seen += results.count();
        let row = |number, detection: &Detection| PatternRow {
            number,
            at,
            detection: detection.clone(),
            streaming: results.streaming,
        };
        add(&mut self.patterns, self.patterns_seen, &results.latest, row);
        Changes::DETECTIONS
    }

    pub(crate) fn calculated(&mut self, at: Timestamp, results: &Results<IndicatorResult>) -> Changes {
        self.indicators_seen += results.count();
        let row = |number, result: &IndicatorResult| IndicatorRow { number, at, result: result.clone() };
        add(&mut self.indicators, self.indicators_seen, &results.latest, row);
        Changes::INDICATORS
    }
}

/// Adds rows; `seen` is the number of the last one. Numbers between may be missing: those results were counted only.
fn add<T, R>(rows: &mut VecDeque<R>, seen: u64, latest: &[T], row: impl Fn(u64, &T) -> R) {
    let first = (seen + 1).saturating_sub(latest.len() as u64);
    for (index, item) in latest.iter().enumerate() {
        if rows.len() == limits::FEED_ROWS {
            rows.pop_front();
        }
        rows.push_back(row(first + index as u64, item));
    }
}
