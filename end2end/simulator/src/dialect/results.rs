//! How results of single symbols and changes of universes are told.

use super::envelope::{enveloped, flat, now, typed};
use super::wording::Wordings;
use crate::market::results::{Calculated, Detection};
use crate::plan::{Failure, RunPlan};
use contract::Channel;
use serde_json::json;

/// The daily prices a streaming detection is about.
const VOLUME: u64 = 1_250_000;

pub(super) fn symbol(
    plan: &RunPlan,
    symbol: &str,
    failure: Option<Failure>,
    records: usize,
    ms: usize,
    wordings: &mut Wordings,
) {
    let payload = || {
        let timeframes: Vec<_> = match failure {
            None => plan.lookback().into_iter().map(|(name, _)| name).collect(),
            Some(_) => Vec::new(),
        };
        let mut payload = json!({
            "run_id": plan.run_id, "symbol": symbol, "success": failure.is_none(), "timeframes_processed": timeframes,
            "records_imported": records, "processing_time_ms": ms,
        });
        if let Some(failure) = failure {
            payload["error_message"] = failure.message.into();
        }
        payload
    };
    let event = "symbol_processing_complete";
    wordings.both(|| {
        (
            Channel::DataImportStatus,
            enveloped(event, "daily_import_job", payload()),
        )
    });
    wordings.variant(|| (Channel::DataImportStatus, flat(event, payload())));
}

/// The import of one timeframe, as only one document tells it.
pub(super) fn timeframe(
    timeframe: &str,
    processed: usize,
    failed: &[String],
    wordings: &mut Wordings,
) {
    wordings.variant(|| {
        let fields = json!({ "timeframe": timeframe, "symbols_processed": processed, "symbols_failed": failed });
        (Channel::DataImportStatus, flat("import_completed", fields))
    });
}

pub(super) fn indicator(
    symbol: &str,
    indicator: &str,
    timeframe: &str,
    calculated: &Calculated,
    wordings: &mut Wordings,
) {
    let Calculated { values, metadata } = calculated;
    let event = "indicator_calculated";
    wordings.both(|| {
        let payload = json!({
            "symbol": symbol, "indicator": indicator, "timeframe": timeframe, "values": values, "metadata": metadata,
        });
        (Channel::IndicatorsCalculated, enveloped(event, "indicator_calculation_engine", payload))
    });
    wordings.variant(|| {
        let fields = json!({ "symbol": symbol, "indicator": indicator, "value": values });
        (Channel::IndicatorsCalculated, flat(event, fields))
    });
}

pub(super) fn pattern(
    plan: &RunPlan,
    symbol: &str,
    detection: &Detection<'_>,
    wordings: &mut Wordings,
) {
    let Detection {
        pattern,
        timeframe,
        confidence,
        ..
    } = detection;
    let event = "pattern_detected";
    wordings.both(|| {
        let payload = json!({
            "symbol": symbol, "pattern": pattern, "timeframe": timeframe, "confidence": confidence,
            "pattern_data": detection.data(), "levels": detection.levels(), "run_id": plan.run_id,
        });
        (
            Channel::PatternsDetected,
            enveloped(event, "pattern_detection_engine", payload),
        )
    });
    wordings.variant(|| {
        let levels = detection.levels();
        let fields = json!({ "symbol": symbol, "pattern_type": pattern, "confidence": confidence, "levels": levels });
        (Channel::PatternsDetected, flat(event, fields))
    });
}

pub(super) fn streamed(
    session_id: &str,
    symbol: &str,
    detection: &Detection<'_>,
    wordings: &mut Wordings,
) {
    let Detection {
        pattern,
        confidence,
        price,
        ..
    } = detection;
    wordings.variant(|| {
        let detection = json!({
            "pattern_type": pattern, "symbol": symbol, "timestamp": now(), "confidence": confidence,
            "parameters": { "volume": VOLUME }, "timeframe": "1min",
        });
        let message = json!({ "event": "pattern_detected", "timestamp": now(), "session_id": session_id, "detection": detection });
        (Channel::PatternsDetected, message)
    });
    wordings.variant(|| {
        let bar = json!({ "open": price, "high": price, "low": price, "close": price, "volume": VOLUME });
        let detection = json!({
            "symbol": symbol, "pattern": pattern, "confidence": confidence, "timestamp": now(), "timeframe": "1min",
            "bar_data": bar, "metadata": {},
        });
        (Channel::PatternsDetected, typed("streaming_pattern", json!({ "detection": detection })))
    });
    wordings.variant(|| {
        let item = json!({ "symbol": symbol, "pattern_type": pattern, "confidence": confidence, "timeframe": "1min" });
        let fields = json!({ "patterns": [{ "detection": item }], "count": 1, "batch_timestamp": now() });
        (Channel::PatternsDetected, typed("patterns_batch", fields))
    });
}

pub(super) fn universe(universe: &str, reason: &str, count: usize, wordings: &mut Wordings) {
    wordings.both(|| {
        let payload =
            json!({ "universe": universe, "action": "updated", "reason": reason, "metadata": { "count": count } });
        (Channel::UniverseUpdated, enveloped("universe_updated", "daily_cache_sync_job", payload))
    });
}

/// The cache's older channels, which the agreement has not.
pub(super) fn listed(symbol: &str, universe: &str, wordings: &mut Wordings) {
    wordings.guides(|| {
        let payload = json!({ "symbol": symbol, "universe": universe });
        (
            Channel::CacheIpoAssignment,
            enveloped("ipo_assignment", "daily_cache_sync_job", payload),
        )
    });
}

pub(super) fn delisted(count: usize, wordings: &mut Wordings) {
    wordings.guides(|| {
        let payload = json!({ "removed_count": count });
        (
            Channel::CacheDelistingCleanup,
            enveloped("delisting_cleanup", "daily_cache_sync_job", payload),
        )
    });
}
