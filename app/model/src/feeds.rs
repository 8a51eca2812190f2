//! The latest detections and indicator results, as rows of live lists.

use crate::byte_budget::ByteBudget;
use crate::{Changes, limits};
use contract::{Detection, IndicatorResult, Timestamp};
use serde::Serialize;
use std::collections::VecDeque;

/// The live lists. Rows have running numbers, so that a view knows them again.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PatternRow {
    /// Its running number.
    pub number: u64,
    /// When it slice.
    pub at: Timestamp,
    /// What was detected.
    pub detection: Detection,
    /// From the intraday stream, not from a daily run.
    pub streaming: bool,
}

/// One calculated indicator.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IndicatorRow {
    /// Its running number.
    pub number: u64,
    /// When it slice.
    pub at: Timestamp,
    /// What was calculated.
    pub result: IndicatorResult,
}

impl Feeds {
    pub(crate) fn detected(
        &mut self,
        at: Timestamp,
        count: u64,
        streaming: bool,
        latest: &[Detection],
    ) -> Changes {
        self.patterns_seen += count;
        let row = |number, detection: &Detection| PatternRow {
            number,
            at,
            detection: truncate_detection(detection),
            streaming,
        };
        add(&mut self.patterns, self.patterns_seen, latest, row);
        Changes::DETECTIONS
    }

    pub(crate) fn calculated(
        &mut self,
        at: Timestamp,
        count: u64,
        latest: &[IndicatorResult],
    ) -> Changes {
        self.indicators_seen += count;
        let row = |number, result: &IndicatorResult| IndicatorRow {
            number,
            at,
            result: truncate_result(result),
        };
        add(&mut self.indicators, self.indicators_seen, latest, row);
        Changes::INDICATORS
    }
}

/// Adds rows; `seen` is the number of the last one. Numbers between may be missing: those results
/// were counted only.
fn add<T, R>(rows: &mut VecDeque<R>, seen: u64, latest: &[T], row: impl Fn(u64, &T) -> R) {
    let first = (seen + 1).saturating_sub(latest.len() as u64);
    for (index, item) in latest
        .iter()
        .enumerate()
        .skip(latest.len().saturating_sub(limits::FEED_ROWS))
    {
        if rows.len() == limits::FEED_ROWS {
            rows.pop_front();
        }
        rows.push_back(row(first + index as u64, item));
    }
}

/// Longest of a pattern's, an indicator's and of a timeframe's name.
const NAME_BYTES: usize = 48;
const TIMEFRAME_BYTES: usize = 16;

fn truncate_detection(detection: &Detection) -> Detection {
    let mut budget = ByteBudget::new(limits::FEED_ROW_BYTES);
    Detection {
        symbol: detection.symbol.clone(),
        pattern: budget.text(&detection.pattern, NAME_BYTES),
        timeframe: budget.optional_text(detection.timeframe.as_ref(), TIMEFRAME_BYTES),
        confidence: detection.confidence,
        levels: budget.numbers(&detection.levels),
        data: budget.pairs(&detection.data),
        metadata: budget.pairs(&detection.metadata),
        at: detection.at,
    }
}

fn truncate_result(result: &IndicatorResult) -> IndicatorResult {
    let mut budget = ByteBudget::new(limits::FEED_ROW_BYTES);
    IndicatorResult {
        symbol: result.symbol.clone(),
        indicator: budget.text(&result.indicator, NAME_BYTES),
        timeframe: budget.optional_text(result.timeframe.as_ref(), TIMEFRAME_BYTES),
        values: budget.pairs(&result.values),
        metadata: budget.pairs(&result.metadata),
        at: result.at,
        streaming: result.streaming,
    }
}

contract::read_fields!(Feeds {
    patterns,
    patterns_seen,
    indicators,
    indicators_seen
});
contract::read_fields!(PatternRow {
    number,
    at,
    detection,
    streaming
});
contract::read_fields!(IndicatorRow { number, at, result });
