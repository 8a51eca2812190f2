//! How a phase's beginning, progress and end are told.

use super::{PhaseProgress, Step, Telling, enveloped, flat, guides, percent, way};
use crate::market::{INDICATORS, PATTERN_TIMEFRAMES, PATTERNS};
use crate::plan::Plan;
use contract::{Channel, Phase};
use serde_json::{Value, json};

pub(super) fn tell(step: &Step<'_>) -> Vec<Telling> {
    match step {
        Step::PhaseStarted { plan, phase, total } => started(plan, *phase, *total),
        Step::PhaseProgress(progress) => moved_on(progress),
        Step::PhaseCompleted { plan, phase, total, failed, results, seconds } => {
            completed(plan, *phase, *total, failed, *results, *seconds)
        }
        _ => Vec::new(),
    }
}

fn started(plan: &Plan, phase: Phase, total: usize) -> Vec<Telling> {
    let id = &plan.run_id;
    match phase {
        Phase::Import => {
            let timeframes = plan
                .trigger
                .timeframes
                .clone()
                .unwrap_or_else(|| ["hourly", "daily", "weekly", "monthly"].map(str::to_owned).into());
            let lookback = match plan.trigger.lookback_days {
                Some(days) => json!(days),
                None => json!({ "hourly": 90, "daily": 365, "weekly": 730, "monthly": 1825 }),
            };
            let payload = json!({
                "run_id": id, "universe_names": plan.trigger.universes, "total_symbols": total, "timeframes": timeframes, "lookback_days": lookback,
            });
            vec![
                guides(Channel::ImportStarted, enveloped("data_import_started", "daily_import_job", payload.clone())),
                way(Channel::DataImportStatus, enveloped("data_import_started", "daily_import_job", payload)),
            ]
        }
        Phase::CacheSync => vec![
            way(
                Channel::CacheStarted,
                enveloped(
                    "cache_sync_started",
                    "daily_cache_sync_job",
                    json!({ "run_id": id, "total_universes": total }),
                ),
            ),
            guides(
                Channel::CacheSyncTriggered,
                enveloped(
                    "cache_sync_triggered",
                    "cache_sync_api",
                    json!({
                        "run_id": id, "job_id": id, "mode": "full", "force": false, "triggered_by": "api",
                    }),
                ),
            ),
            way(Channel::CacheStarted, json!({ "timestamp": super::older_time(), "run_id": id })),
        ],
        Phase::Indicators => vec![guides(
            Channel::IndicatorsStarted,
            enveloped(
                "indicator_processing_started",
                "daily_indicator_job",
                json!({
                    "run_id": id, "total_symbols": total, "total_indicators": INDICATORS.len(), "timeframes": ["daily"],
                }),
            ),
        )],
        Phase::Patterns => vec![guides(
            Channel::PatternsStarted,
            enveloped(
                "pattern_processing_started",
                "daily_pattern_job",
                json!({
                    "run_id": id, "total_symbols": total, "total_patterns": PATTERNS.len(), "timeframes": PATTERN_TIMEFRAMES, "min_confidence": 0.6,
                }),
            ),
        )],
    }
}

fn moved_on(p: &PhaseProgress<'_>) -> Vec<Telling> {
    let share = percent(p.done, p.total);
    let usual = |extra: Value| {
        let mut payload = json!({
            "run_id": p.plan.run_id, "completed_symbols": p.done, "total_symbols": p.total, "percent_complete": share,
            "current_symbol": p.symbol, "eta_seconds": p.eta_seconds,
        });
        if let (Value::Object(payload), Value::Object(extra)) = (&mut payload, extra) {
            payload.extend(extra);
        }
        payload
    };
    match p.phase {
        Phase::Import => vec![
            guides(Channel::ImportProgress, enveloped("import_progress", "daily_import_job", usual(json!({})))),
            way(
                Channel::ImportProgress,
                enveloped(
                    "import_progress",
                    "daily_import_job",
                    json!({
                        "run_id": p.plan.run_id, "symbols_loaded": p.done.to_string(), "symbol_count": p.total, "percentage": format!("{share}%"), "current_symbol": p.symbol,
                    }),
                ),
            ),
        ],
        Phase::CacheSync => vec![guides(
            Channel::CacheProgress,
            enveloped(
                "cache_sync_progress",
                "daily_cache_sync_job",
                json!({
                    "run_id": p.plan.run_id, "completed": p.done, "total": p.total, "percent_complete": share, "current_universe": p.symbol,
                }),
            ),
        )],
        Phase::Indicators => vec![
            guides(
                Channel::IndicatorsProgress,
                enveloped("indicator_progress", "daily_indicator_job", usual(json!({}))),
            ),
            way(Channel::IndicatorsProgress, flat("indicator_progress", usual(json!({})))),
        ],
        Phase::Patterns => vec![guides(
            Channel::PatternsProgress,
            enveloped(
                "pattern_progress",
                "daily_pattern_job",
                usual(json!({
                    "current_timeframe": PATTERN_TIMEFRAMES[p.done % PATTERN_TIMEFRAMES.len()], "patterns_detected": p.patterns,
                })),
            ),
        )],
    }
}

fn completed(plan: &Plan, phase: Phase, total: usize, failed: &[String], results: u64, seconds: f64) -> Vec<Telling> {
    let (id, good) = (&plan.run_id, total - failed.len());
    let rate = percent(good, total);
    match phase {
        Phase::Import => {
            let payload = |failed: Value| {
                json!({
                    "run_id": id, "duration_seconds": seconds, "total_symbols": total, "successful_symbols": good, "failed_symbols": failed,
                    "total_records_imported": results, "success_rate": rate,
                })
            };
            let (number, names) = (payload(json!(failed.len())), payload(json!(failed)));
            vec![
                way(Channel::ImportCompleted, enveloped("import_completed", "daily_import_job", names.clone())),
                guides(Channel::ImportCompleted, enveloped("data_import_completed", "daily_import_job", number)),
                way(Channel::DataImportStatus, enveloped("data_import_completed", "daily_import_job", names)),
                way(
                    Channel::ImportCompleted,
                    enveloped(
                        "data_import_completed",
                        "daily_processing",
                        json!({
                            "run_id": id, "success_count": good, "failure_count": failed.len(), "duration_seconds": seconds,
                        }),
                    ),
                ),
            ]
        }
        Phase::CacheSync => {
            let universes = &plan.trigger.universes;
            vec![
                way(
                    Channel::CacheCompleted,
                    enveloped(
                        "cache_sync_completed",
                        "daily_cache_sync_job",
                        json!({
                            "run_id": id, "total_changes": results, "universes_updated": universes, "duration_seconds": seconds,
                        }),
                    ),
                ),
                guides(
                    Channel::CacheSyncComplete,
                    enveloped(
                        "cache_sync_completed",
                        "daily_cache_sync_job",
                        json!({
                            "run_id": id, "job_id": id, "status": "completed", "mode": "full", "total_changes": results,
                            "universes_updated": universes, "duration_seconds": seconds,
                        }),
                    ),
                ),
                way(
                    Channel::CacheSyncComplete,
                    enveloped(
                        "cache_sync_completed",
                        "daily_cache_sync_job",
                        json!({
                            "total_changes": results, "sync_status": "completed",
                            "task_results": { "ipo_assignment": { "status": "success", "changes": 3 } },
                        }),
                    ),
                ),
                way(
                    Channel::CacheCompleted,
                    enveloped(
                        "cache_sync_completed",
                        "daily_cache_sync_job",
                        json!({
                            "total_changes": results, "universes_updated": universes.len(), "duration_seconds": seconds,
                        }),
                    ),
                ),
            ]
        }
        Phase::Indicators => {
            let all = total * INDICATORS.len();
            vec![guides(
                Channel::IndicatorsCompleted,
                enveloped(
                    "indicator_processing_completed",
                    "daily_indicator_job",
                    json!({
                        "run_id": id, "total_symbols": total, "successful_symbols": good, "failed_symbols": failed.len(), "total_indicators": all,
                        "successful_indicators": results, "failed_indicators": all as u64 - results, "success_rate": rate, "duration_seconds": seconds,
                    }),
                ),
            )]
        }
        Phase::Patterns => {
            let checked = total * PATTERNS.len() * PATTERN_TIMEFRAMES.len();
            vec![
                way(
                    Channel::PatternsCompleted,
                    enveloped(
                        "pattern_processing_completed",
                        "daily_pattern_job",
                        json!({
                            "run_id": id, "total_symbols": total, "patterns_detected": results, "success_rate": rate, "duration_seconds": seconds,
                        }),
                    ),
                ),
                guides(
                    Channel::PatternsCompleted,
                    enveloped(
                        "pattern_processing_completed",
                        "daily_pattern_job",
                        json!({
                            "run_id": id, "total_symbols": total, "successful_symbols": good, "failed_symbols": failed.len(),
                            "total_patterns_checked": checked, "patterns_detected": results, "patterns_failed": 0,
                            "detection_rate": percent(results as usize, checked), "success_rate": rate, "duration_seconds": seconds,
                        }),
                    ),
                ),
            ]
        }
    }
}
