//! How a run's beginning, progress and end are told, and a schedule that changed.

use super::{RunEnd, Step, Telling, enveloped, flat, guides, older_time, way};
use crate::plan::Plan;
use crate::world::text;
use contract::Channel::{ProcessingSchedule, ProcessingStatus};
use contract::Phase;
use serde_json::{Value, json};

pub(super) fn tell(step: &Step<'_>) -> Vec<Telling> {
    match step {
        Step::RunStarted(plan) => started(plan),
        Step::RunProgress { plan, phase, done, percent, symbol, end } => {
            let (id, total) = (&plan.run_id, plan.symbols.len());
            let job = match phase {
                Phase::Import => "data_import",
                Phase::CacheSync => "cache_sync",
                Phase::Indicators => "indicator_calculation",
                Phase::Patterns => "pattern_detection",
            };
            vec![
                guides(
                    ProcessingStatus,
                    enveloped(
                        "daily_processing_progress",
                        "daily_processing",
                        json!({
                            "run_id": id, "phase": job, "symbols_completed": done, "symbols_total": total,
                            "percent_complete": super::percent(*done, total), "current_symbol": symbol, "estimated_completion": text(*end),
                        }),
                    ),
                ),
                way(
                    ProcessingStatus,
                    enveloped(
                        "daily_processing_progress",
                        "daily_processing",
                        json!({
                            "run_id": id, "progress": percent, "current_symbol": symbol, "estimated_completion": older_time(),
                        }),
                    ),
                ),
                way(
                    ProcessingStatus,
                    flat("daily_processing_progress", json!({ "run_id": id, "percent_complete": percent.to_string() })),
                ),
                way(
                    ProcessingStatus,
                    json!({ "event": "daily_processing_progress", "payload": {
                        "run_id": id, "phase": job, "percent_complete": super::percent(*done, total), "current_symbol": symbol,
                    }}),
                ),
            ]
        }
        Step::RunEnded { plan, end } => ended(plan, end),
        Step::Schedule(schedule) => vec![
            way(ProcessingSchedule, enveloped("schedule_updated", "scheduler", (*schedule).clone())),
            guides(ProcessingSchedule, enveloped("schedule_updated", "scheduler", json!({ "schedule": schedule }))),
        ],
        _ => Vec::new(),
    }
}

fn started(plan: &Plan) -> Vec<Telling> {
    let (id, total) = (&plan.run_id, plan.symbols.len());
    let trigger = if plan.trigger.automatic { "automatic" } else { "manual" };
    let phases: Vec<_> = plan.phases.iter().map(|phase| phase.wire_name()).collect();
    let with_original = |mut payload: Value| {
        if let Some(original) = &plan.trigger.original_run_id {
            payload["original_run_id"] = original.as_str().into();
        }
        payload
    };
    let response = with_original(json!({
        "run_id": id, "run_date": crate::schedule::today(), "phases": phases,
        "universe": plan.trigger.universes.join(","), "trigger_type": trigger,
    }));
    let older = with_original(json!({ "run_id": id, "symbols_count": total, "trigger_type": trigger }));
    let read = with_original(json!({ "run_id": id, "total_symbols": total.to_string(), "trigger_type": trigger }));
    vec![
        way(ProcessingStatus, enveloped("processing_started", "daily_scheduler", response)),
        guides(ProcessingStatus, enveloped("daily_processing_started", "daily_processing_scheduler", older.clone())),
        way(ProcessingStatus, flat("daily_processing_started", older)),
        way(
            ProcessingStatus,
            json!({ "event_type": "daily_processing_started", "timestamp": older_time(), "payload": read }),
        ),
    ]
}

fn ended(plan: &Plan, end: &RunEnd<'_>) -> Vec<Telling> {
    let (id, seconds) = (&plan.run_id, end.seconds);
    let (processed, failed) = (end.processed, end.failed.len());
    let message = end.failure.map(|(_, message)| message);
    let older = json!({
        "run_id": id, "status": end.status, "duration_seconds": seconds, "symbols_processed": processed, "symbols_failed": failed,
    });
    let response = match end.status {
        "failed" => (
            "processing_failed",
            json!({
                "run_id": id, "status": "failed", "phase": end.failure.map(|(phase, _)| phase.wire_name()),
                "error_message": message, "duration_seconds": seconds,
            }),
        ),
        "cancelled" => (
            "processing_cancelled",
            json!({
                "run_id": id, "status": "cancelled", "symbols_processed": processed, "duration_seconds": seconds,
            }),
        ),
        _ => (
            "processing_completed",
            json!({
                "run_id": id, "status": "success", "duration_seconds": seconds, "symbols_processed": processed,
                "symbols_failed": failed, "indicators_calculated": end.indicators, "patterns_detected": end.patterns,
            }),
        ),
    };
    let mut ways = vec![
        way(ProcessingStatus, enveloped(response.0, "daily_scheduler", response.1)),
        guides(ProcessingStatus, enveloped("daily_processing_completed", "daily_processing_scheduler", older)),
    ];
    if end.status != "cancelled" {
        ways.push(way(ProcessingStatus, enveloped("daily_processing_completed", "daily_processing", json!({
            "run_id": id, "success": end.status == "success", "duration_seconds": seconds, "symbols_processed": processed,
            "symbols_failed": end.failed,
        }))));
    }
    ways
}
