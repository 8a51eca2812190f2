//! The latest detections and indicator results, as rows of live lists.

use crate::{Changes, limits};
use contract::{Detection, Detections, IndicatorResult, Timestamp};
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
    pub(crate) fn detected(&mut self, at: Timestamp, detections: &Detections) -> Changes {
        for detection in &detections.items {
            self.patterns_seen += 1;
            let (number, detection) = (self.patterns_seen, detection.clone());
            push(&mut self.patterns, PatternRow { number, at, detection, streaming: detections.streaming });
        }
        Changes::FEEDS
    }

    pub(crate) fn calculated(&mut self, at: Timestamp, result: &IndicatorResult) -> Changes {
        self.indicators_seen += 1;
        push(&mut self.indicators, IndicatorRow { number: self.indicators_seen, at, result: result.clone() });
        Changes::FEEDS
    }
}

fn push<T>(rows: &mut VecDeque<T>, row: T) {
    if rows.len() == limits::FEED_ROWS {
        rows.pop_front();
    }
    rows.push_back(row);
}
