//! How results of single symbols, errors, universes and monitoring are told.

use super::{PhaseProgress, Step, Telling, enveloped, flat, guides, percent, way};
use crate::world::text;
use contract::{Channel, Phase};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

pub(super) fn tell(step: &Step<'_>) -> Vec<Telling> {
    match step {
        Step::Symbol { plan, symbol, error, records, ms } => {
            let mut payload = json!({
                "run_id": plan.run_id, "symbol": symbol, "success": error.is_none(),
                "timeframes_processed": if error.is_none() { vec!["hourly", "daily"] } else { vec![] },
                "records_imported": records, "processing_time_ms": ms,
            });
            if let Some((_, message)) = error {
                payload["error_message"] = (*message).into();
            }
            vec![guides(
                Channel::DataImportStatus,
                enveloped("symbol_processing_complete", "daily_import_job", payload),
            )]
        }
        Step::Indicator { symbol, indicator, value, signal } => vec![
            guides(
                Channel::IndicatorsCalculated,
                enveloped(
                    "indicator_calculated",
                    "indicator_calculation_engine",
                    json!({
                        "symbol": symbol, "indicator": indicator, "timeframe": "daily", "values": indicator_values(indicator, *value, *signal),
                        "metadata": { "period": 14, "data_points": 252 },
                    }),
                ),
            ),
            way(
                Channel::IndicatorsCalculated,
                flat(
                    "indicator_calculated",
                    json!({
                        "symbol": symbol, "indicator": indicator, "value": indicator_values(indicator, *value, *signal),
                    }),
                ),
            ),
        ],
        Step::Pattern { plan, symbol, pattern, timeframe, confidence, price } => vec![
            guides(
                Channel::PatternsDetected,
                enveloped(
                    "pattern_detected",
                    "pattern_detection_engine",
                    json!({
                        "symbol": symbol, "pattern": pattern, "timeframe": timeframe, "confidence": confidence,
                        "pattern_data": { "entry_price": cents(*price), "stop_loss": cents(price * 0.98), "target_price": cents(price * 1.05) },
                        "levels": [{ "type": "support", "value": cents(price * 0.97) }, { "type": "resistance", "value": cents(price * 1.06) }],
                        "run_id": plan.run_id,
                    }),
                ),
            ),
            way(
                Channel::PatternsDetected,
                flat(
                    "pattern_detected",
                    json!({
                        "symbol": symbol, "pattern_type": pattern, "confidence": confidence, "levels": [],
                    }),
                ),
            ),
        ],
        Step::Error { plan, phase, severity, component, code, message, symbol } => {
            let context = |mut context: Value| {
                if let Some(symbol) = symbol {
                    context["symbol"] = (*symbol).into();
                }
                context
            };
            vec![
                way(
                    Channel::Errors,
                    enveloped(
                        "error",
                        component,
                        json!({
                            "severity": severity, "component": component, "error_code": code, "message": message,
                            "context": context(json!({ "run_id": plan.run_id, "phase": phase.wire_name() })),
                        }),
                    ),
                ),
                guides(
                    Channel::Errors,
                    enveloped(
                        "critical_error",
                        component,
                        json!({
                            "severity": severity, "component": component, "error_code": code, "message": message,
                            "context": context(json!({ "retry_after": 60 })), "recovery_action": "automatic_retry",
                        }),
                    ),
                ),
                way(
                    Channel::Errors,
                    json!({
                        "error_id": plan.run_id, "source": "TickStockPL", "severity": severity.to_uppercase(), "category": null,
                        "message": message, "component": component, "traceback": null, "context": context(json!({})), "timestamp": super::older_time(),
                    }),
                ),
            ]
        }
        Step::Universe { universe, action, reason, count } => {
            vec![guides(
                Channel::UniverseUpdated,
                enveloped(
                    "universe_updated",
                    "daily_cache_sync_job",
                    json!({
                        "universe": universe, "action": action, "reason": reason, "metadata": { "count": count },
                    }),
                ),
            )]
        }
        Step::Job(progress) => vec![guides(Channel::Monitoring, job(progress))],
        Step::Metrics { cpu, memory, busy } => {
            let at = text(Timestamp::now());
            let status = if *busy { "RUNNING" } else { "IDLE" };
            vec![
                guides(
                    Channel::Monitoring,
                    json!({
                        "event_type": "METRIC_UPDATE", "timestamp": at, "source": "TickStockPL",
                        "metrics": {
                            "system": { "cpu_percent": cpu, "memory_percent": memory, "disk_percent": 41.5 },
                            "processing": { "active": busy }, "redis": { "connected": true }, "database": { "connected": true, "query_latency_ms": 3.2 },
                        },
                        "health_score": { "overall": 97, "status": "healthy", "components": { "import": "healthy", "database": "healthy" } },
                    }),
                ),
                way(
                    Channel::Monitoring,
                    json!({
                        "event_type": "HEALTH_CHECK", "timestamp": at, "source": "TickStockPL", "status": "healthy",
                        "components": { "redis": { "status": "healthy" }, "database": { "status": "healthy" } },
                    }),
                ),
                way(
                    Channel::Monitoring,
                    json!({ "event_type": "SYSTEM_STATUS", "timestamp": at, "source": "TickStockPL", "status": status, "uptime_seconds": 3600 }),
                ),
            ]
        }
        _ => Vec::new(),
    }
}

fn job(p: &PhaseProgress<'_>) -> Value {
    let phase = match p.phase {
        Phase::Import => "data_import",
        Phase::CacheSync => "cache_sync",
        Phase::Indicators => "indicator_processing",
        Phase::Patterns => "pattern_detection",
    };
    let end = Timestamp::now() + SignedDuration::from_secs(p.eta_seconds as i64);
    enveloped(
        "job_progress_update",
        "job_progress_tracker",
        json!({
            "run_id": p.plan.run_id, "phase": phase, "total_symbols": p.total, "completed": p.done, "failed": p.failed,
            "processed": p.done, "remaining": p.total - p.done, "percentage": percent(p.done, p.total), "current_symbol": p.symbol,
            "estimated_completion": text(end), "avg_processing_time_ms": 120,
        }),
    )
}

fn indicator_values(indicator: &str, value: f64, signal: f64) -> Value {
    match indicator {
        "RSI" => json!({ "rsi": value, "signal": if value > 70.0 { "overbought" } else { "neutral" } }),
        "MACD" => json!({ "macd": value, "signal": signal, "histogram": cents(value - signal) }),
        "BollingerBands" => json!({ "upper": value + 5.0, "middle": value, "lower": value - 5.0 }),
        "Stochastic" => json!({ "k": value, "d": signal }),
        _ => json!({ "value": value }),
    }
}

fn cents(price: f64) -> f64 {
    (price * 100.0).round() / 100.0
}
