//! Results per symbol: imports, indicators, detected patterns.

use super::{Scalar, is_default};
use crate::{Symbol, Timestamp};
use serde::Serialize;

body! {
    /// The import of one symbol ended.
    SymbolImported {
        /// The symbol.
        symbol: Option<Symbol>,
        /// True when it failed.
        failed: bool,
        /// The timeframes that were imported.
        timeframes: Vec<String>,
        /// Records imported.
        records: Option<u64>,
        /// How long it took.
        duration_ms: Option<u64>,
        /// Why it failed.
        message: Option<String>,
    }
}

body! {
    /// One indicator of one symbol.
    IndicatorResult {
        /// The symbol.
        symbol: Option<Symbol>,
        /// Such as `RSI`.
        indicator: String,
        /// Such as `daily`.
        timeframe: Option<String>,
        /// The values by name.
        values: Vec<(String, Scalar)>,
        /// How it was calculated: `period`, `data_points` and what else is given.
        metadata: Vec<(String, Scalar)>,
        /// The time of the data, where it stands beside the result itself.
        at: Option<Timestamp>,
        /// From the intraday stream, not from a daily run.
        streaming: bool,
    }
}

body! {
    /// One detection, or a batch.
    Detections {
        /// The detections.
        items: Vec<Detection>,
        /// How many a batch says that it has.
        count: Option<u64>,
        /// From the intraday stream, not from a daily run.
        streaming: bool,
    }
}

body! {
    /// One detected pattern.
    Detection {
        /// The symbol.
        symbol: Option<Symbol>,
        /// Such as `BullishEngulfing`.
        pattern: String,
        /// Such as `1day`.
        timeframe: Option<String>,
        /// 0 to 1.
        confidence: Option<f64>,
        /// Price levels: kind (`support`) and price.
        levels: Vec<(String, f64)>,
        /// Entry, stop, target, parameters, the bar: what is given of the pattern itself.
        data: Vec<(String, Scalar)>,
        /// What is said of the detection beside it.
        metadata: Vec<(String, Scalar)>,
        /// The time of the data, where it stands beside the detection itself.
        at: Option<Timestamp>,
    }
}
