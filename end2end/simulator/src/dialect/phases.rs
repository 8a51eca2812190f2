//! How a phase's beginning, progress and end are told.

use super::envelope::{enveloped, flat, now, with};
use super::event::{PhaseEnd, PhaseProgress};
use super::wording::{Wordings, percent};
use crate::market::PATTERN_TIMEFRAMES;
use crate::plan::RunPlan;
use contract::{Channel, Phase};
use serde_json::{Map, Value, json};

/// Who says so in the envelope.
fn job(phase: Phase) -> &'static str {
    match phase {
        Phase::Import => "daily_import_job",
        Phase::CacheSync => "daily_cache_sync_job",
        Phase::Indicators => "daily_indicator_job",
        Phase::Patterns => "daily_pattern_job",
    }
}

pub(super) fn started(plan: &RunPlan, phase: Phase, total: usize, wordings: &mut Wordings) {
    let id = &plan.run_id;
    match phase {
        Phase::Import => {
            let payload = || {
                let lookback = plan.lookback();
                let timeframes: Vec<_> = lookback.iter().map(|(name, _)| name).collect();
                let days: Map<_, _> = lookback
                    .iter()
                    .map(|(name, days)| ((*name).to_owned(), json!(days)))
                    .collect();
                json!({
                    "run_id": id, "universe_names": plan.trigger.universes, "total_symbols": total, "timeframes": timeframes,
                    "lookback_days": days,
                })
            };
            let message = || enveloped("data_import_started", job(phase), payload());
            wordings.both(|| (Channel::ImportStarted, message()));
            wordings.variant(|| (Channel::DataImportStatus, message()));
            wordings.variant(|| {
                (
                    Channel::DataImportStatus,
                    flat("data_import_started", payload()),
                )
            });
        }
        Phase::CacheSync => {
            let mode = plan.trigger.cache_mode.as_deref().unwrap_or("full");
            wordings.response(|| {
                let payload = json!({ "run_id": id, "total_universes": total });
                (
                    Channel::CacheStarted,
                    enveloped("cache_sync_started", job(phase), payload),
                )
            });
            wordings.guides(|| {
                let payload =
                    json!({ "run_id": id, "job_id": id, "mode": mode, "force": false, "triggered_by": "api" });
                (Channel::CacheSyncTriggered, enveloped("cache_sync_triggered", "cache_sync_api", payload))
            });
            // Nobody documented a name for what comes on this channel.
            wordings.variant(|| {
                (
                    Channel::CacheStarted,
                    json!({ "timestamp": now(), "run_id": id }),
                )
            });
        }
        Phase::Indicators => {
            let payload = || {
                json!({
                    "run_id": id, "total_symbols": total, "total_indicators": plan.indicators.len(), "timeframes": [plan.timeframe()],
                })
            };
            alike(
                "indicator_processing_started",
                phase,
                Channel::IndicatorsStarted,
                payload,
                wordings,
            );
        }
        Phase::Patterns => {
            let payload = || {
                json!({
                    "run_id": id, "total_symbols": total, "total_patterns": plan.patterns.len(),
                    "timeframes": PATTERN_TIMEFRAMES, "min_confidence": 0.6,
                })
            };
            alike(
                "pattern_processing_started",
                phase,
                Channel::PatternsStarted,
                payload,
                wordings,
            );
        }
    }
}

pub(super) fn progress(p: &PhaseProgress<'_>, wordings: &mut Wordings) {
    let share = percent(p.done, p.total);
    let payload = || {
        json!({
            "run_id": p.plan.run_id, "completed_symbols": p.done, "total_symbols": p.total, "percent_complete": share,
            "current_symbol": p.symbol, "eta_seconds": p.eta_seconds,
        })
    };
    match p.phase {
        Phase::Import => {
            alike(
                "import_progress",
                p.phase,
                Channel::ImportProgress,
                payload,
                wordings,
            );
            wordings.variant(|| {
                let payload = json!({
                    "run_id": p.plan.run_id, "symbols_loaded": p.done.to_string(), "symbol_count": p.total,
                    "percentage": format!("{share}%"), "current_symbol": p.symbol,
                });
                (Channel::ImportProgress, enveloped("import_progress", job(p.phase), payload))
            });
        }
        Phase::CacheSync => {
            let payload = || {
                json!({
                    "run_id": p.plan.run_id, "completed": p.done, "total": p.total, "percent_complete": share,
                    "current_universe": p.symbol,
                })
            };
            alike(
                "cache_sync_progress",
                p.phase,
                Channel::CacheProgress,
                payload,
                wordings,
            );
        }
        Phase::Indicators => alike(
            "indicator_progress",
            p.phase,
            Channel::IndicatorsProgress,
            payload,
            wordings,
        ),
        Phase::Patterns => {
            let timeframe = PATTERN_TIMEFRAMES[p.done % PATTERN_TIMEFRAMES.len()];
            let more = || {
                with(
                    payload(),
                    json!({ "current_timeframe": timeframe, "patterns_detected": p.patterns }),
                )
            };
            alike(
                "pattern_progress",
                p.phase,
                Channel::PatternsProgress,
                more,
                wordings,
            );
        }
    }
}

pub(super) fn completed(end: &PhaseEnd<'_>, wordings: &mut Wordings) {
    match end.phase {
        Phase::Import => import_completed(end, wordings),
        Phase::CacheSync => cache_completed(end, wordings),
        Phase::Indicators => {
            let payload = || {
                with(
                    totals(end, json!(end.failed.len())),
                    json!({
                        "total_indicators": end.tried, "successful_indicators": end.results, "failed_indicators": end.tried - end.results,
                    }),
                )
            };
            alike(
                "indicator_processing_completed",
                end.phase,
                Channel::IndicatorsCompleted,
                payload,
                wordings,
            );
        }
        Phase::Patterns => {
            let told = |payload| {
                (
                    Channel::PatternsCompleted,
                    enveloped("pattern_processing_completed", job(end.phase), payload),
                )
            };
            let PhaseEnd {
                plan,
                total,
                results,
                tried,
                seconds,
                ..
            } = end;
            wordings.response(|| {
                told(json!({
                    "run_id": plan.run_id, "total_symbols": total, "patterns_detected": results,
                    "success_rate": success_rate(end), "duration_seconds": seconds,
                }))
            });
            wordings.guides(|| {
                let rate = percent(*results as usize, *tried as usize);
                told(with(totals(end, json!(end.failed.len())), json!({
                    "total_patterns_checked": tried, "patterns_detected": results, "patterns_failed": 0, "detection_rate": rate,
                })))
            });
        }
    }
}

fn import_completed(end: &PhaseEnd<'_>, wordings: &mut Wordings) {
    let payload = |failed: Value| {
        with(
            totals(end, failed),
            json!({ "total_records_imported": end.results }),
        )
    };
    let told = |event: &str, payload| enveloped(event, job(end.phase), payload);
    let (number, names) = (json!(end.failed.len()), json!(end.failed));
    wordings.response(|| {
        (
            Channel::ImportCompleted,
            told("import_completed", payload(names.clone())),
        )
    });
    wordings.guides(|| {
        (
            Channel::ImportCompleted,
            told("data_import_completed", payload(number.clone())),
        )
    });
    wordings.variant(|| {
        (
            Channel::DataImportStatus,
            told("data_import_completed", payload(names.clone())),
        )
    });
    wordings.variant(|| {
        let payload = json!({
            "run_id": end.plan.run_id, "success_count": end.total - end.failed.len(), "failure_count": number,
            "duration_seconds": end.seconds,
        });
        (Channel::ImportCompleted, enveloped("data_import_completed", "daily_processing", payload))
    });
}

fn cache_completed(end: &PhaseEnd<'_>, wordings: &mut Wordings) {
    let PhaseEnd {
        plan,
        results,
        seconds,
        ..
    } = end;
    let (id, universes) = (&plan.run_id, end.updated);
    let told = |channel, payload| {
        (
            channel,
            enveloped("cache_sync_completed", job(end.phase), payload),
        )
    };
    wordings.response(|| {
        let payload = json!({
            "run_id": id, "total_changes": results, "universes_updated": universes, "duration_seconds": seconds,
        });
        told(Channel::CacheCompleted, payload)
    });
    wordings.guides(|| {
        let mode = plan.trigger.cache_mode.as_deref().unwrap_or("full");
        let payload = json!({
            "run_id": id, "job_id": id, "status": "completed", "mode": mode, "total_changes": results,
            "universes_updated": universes, "duration_seconds": seconds,
        });
        told(Channel::CacheSyncComplete, payload)
    });
    wordings.variant(|| {
        let tasks = json!({
            "market_cap": { "status": "success", "changes": results }, "ipo_assignment": { "status": "success", "changes": 1 },
        });
        let payload = json!({ "total_changes": results, "sync_status": "completed", "task_results": tasks });
        told(Channel::CacheSyncComplete, payload)
    });
    wordings.variant(|| {
        let payload =
            json!({ "total_changes": results, "universes_updated": universes.len(), "duration_seconds": seconds });
        told(Channel::CacheCompleted, payload)
    });
}

/// The agreement and the guides tell it alike; flat is the variant.
fn alike(
    event: &str,
    phase: Phase,
    channel: Channel,
    payload: impl Fn() -> Value,
    wordings: &mut Wordings,
) {
    wordings.both(|| (channel, enveloped(event, job(phase), payload())));
    wordings.variant(|| (channel, flat(event, payload())));
}

fn totals(end: &PhaseEnd<'_>, failed: Value) -> Value {
    json!({
        "run_id": end.plan.run_id, "total_symbols": end.total, "successful_symbols": end.total - end.failed.len(),
        "failed_symbols": failed, "success_rate": success_rate(end), "duration_seconds": end.seconds,
    })
}

fn success_rate(end: &PhaseEnd<'_>) -> f64 {
    percent(end.total - end.failed.len(), end.total)
}
