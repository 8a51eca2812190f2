//! How a run's beginning, progress and end are told, and a schedule that changed.

use super::envelope::{enveloped, flat, now, short, with};
use super::event::{PhaseProgress, RunEnd};
use super::wording::{Wordings, percent};
use crate::plan::RunPlan;
use crate::schedule;
use crate::time::format_time;
use contract::Channel::{ProcessingSchedule, ProcessingStatus};
use contract::Phase;
use jiff::Timestamp;
use serde_json::{Value, json};

pub(super) fn started(plan: &RunPlan, wordings: &mut Wordings) {
    let trigger = if plan.trigger.automatic {
        "automatic"
    } else {
        "manual"
    };
    let total = plan.symbols.len();
    let payload = |more: Value| {
        let mut payload = with(
            json!({ "run_id": plan.run_id, "trigger_type": trigger }),
            more,
        );
        if let Some(original) = &plan.trigger.original_run_id {
            payload["original_run_id"] = original.as_str().into();
        }
        payload
    };
    wordings.response(|| {
        let phases: Vec<_> = plan.trigger.phases.iter().map(|phase| phase.wire_name()).collect();
        let universe = plan.trigger.universes.join(",");
        let more =
            json!({ "run_date": schedule::trading_day(Timestamp::now()), "phases": phases, "universe": universe });
        (ProcessingStatus, enveloped("processing_started", "daily_scheduler", payload(more)))
    });
    wordings.guides(|| {
        let payload = payload(json!({ "symbols_count": total }));
        (
            ProcessingStatus,
            enveloped(
                "daily_processing_started",
                "daily_processing_scheduler",
                payload,
            ),
        )
    });
    wordings.variant(|| {
        (
            ProcessingStatus,
            flat(
                "daily_processing_started",
                payload(json!({ "symbols_count": total })),
            ),
        )
    });
    wordings.variant(|| {
        let payload = payload(json!({ "total_symbols": total.to_string() }));
        let message = json!({ "event_type": "daily_processing_started", "timestamp": now(), "payload": payload });
        (ProcessingStatus, message)
    });
}

/// The agreement has no such event: there, the phases' progress is all.
pub(super) fn progress(
    p: &PhaseProgress<'_>,
    of_run: f64,
    end: Timestamp,
    wordings: &mut Wordings,
) {
    let event = "daily_processing_progress";
    let phase = match p.phase {
        Phase::Import => "data_import",
        Phase::CacheSync => "cache_sync",
        Phase::Indicators => "indicator_calculation",
        Phase::Patterns => "pattern_detection",
    };
    let (id, symbols) = (&p.plan.run_id, p.plan.symbols.len());
    wordings.guides(|| {
        let payload = json!({
            "run_id": id, "phase": phase, "symbols_completed": p.done, "symbols_total": p.total,
            "percent_complete": percent(p.done, p.total), "current_symbol": p.symbol, "estimated_completion": format_time(end),
        });
        (ProcessingStatus, enveloped(event, "daily_processing", payload))
    });
    wordings.variant(|| {
        let payload =
            json!({ "run_id": id, "progress": of_run, "current_symbol": p.symbol, "estimated_completion": format_time(end) });
        (ProcessingStatus, enveloped(event, "daily_processing", payload))
    });
    wordings.variant(|| {
        let completed = (symbols as f64 * of_run / 100.0) as usize;
        let fields = json!({
            "run_id": id, "symbols_completed": completed, "symbols_total": symbols, "percent_complete": of_run.to_string(),
        });
        (ProcessingStatus, flat(event, fields))
    });
    wordings.variant(|| {
        let payload = json!({
            "run_id": id, "phase": phase, "percent_complete": percent(p.done, p.total), "current_symbol": p.symbol,
        });
        (ProcessingStatus, short(event, payload))
    });
}

pub(super) fn ended(end: &RunEnd<'_>, wordings: &mut Wordings) {
    let (id, seconds, processed, failed) = (
        &end.plan.run_id,
        end.seconds,
        end.processed,
        end.failed.len(),
    );
    let usual = json!({
        "run_id": id, "status": end.status, "duration_seconds": seconds, "symbols_processed": processed, "symbols_failed": failed,
    });
    let by_now = |event: &str, more: Value| {
        (
            ProcessingStatus,
            enveloped(event, "daily_scheduler", with(usual.clone(), more)),
        )
    };
    let error = end
        .failure
        .map(|(phase, message)| json!({ "phase": phase.wire_name(), "error_message": message }));
    let error = error.unwrap_or_else(|| json!({}));
    wordings.response(|| match end.status {
        "failed" => by_now("processing_failed", error.clone()),
        "cancelled" => by_now(
            "processing_cancelled",
            json!({ "reason": "Cancelled by request" }),
        ),
        _ => by_now(
            "processing_completed",
            json!({ "indicators_calculated": end.indicators, "patterns_detected": end.patterns }),
        ),
    });
    wordings.guides(|| {
        let message = enveloped(
            "daily_processing_completed",
            "daily_processing_scheduler",
            usual.clone(),
        );
        (ProcessingStatus, message)
    });
    wordings.variant(|| by_now("processing_completed", error.clone()));
    // The last two have no word for a run that was cancelled, or for one that failed.
    if end.status != "cancelled" {
        wordings.variant(|| {
            let payload = json!({
                "run_id": id, "success": end.status == "success", "duration_seconds": seconds,
                "symbols_processed": processed, "symbols_failed": failed,
            });
            (
                ProcessingStatus,
                enveloped("daily_processing_completed", "daily_processing", payload),
            )
        });
    }
    if end.status == "success" {
        wordings.variant(|| {
            let payload = json!({ "status": "success", "duration_seconds": seconds, "symbols_processed": processed });
            (ProcessingStatus, short("daily_processing_completed", payload))
        });
    }
}

pub(super) fn schedule(schedule: &Value, wordings: &mut Wordings) {
    wordings.both(|| {
        (
            ProcessingSchedule,
            enveloped(
                "schedule_updated",
                "scheduler",
                json!({ "schedule": schedule }),
            ),
        )
    });
    wordings.variant(|| {
        (
            ProcessingSchedule,
            enveloped("schedule_updated", "scheduler", schedule.clone()),
        )
    });
}

/// What else is seen on these channels: a probe, and a command, which nobody may obey.
pub(super) fn probe(wordings: &mut Wordings) {
    wordings.variant(|| (ProcessingStatus, json!({ "event": "test" })));
    wordings.variant(|| {
        let parameters = json!({ "enabled": false, "trigger_time": "21:10", "market_check": true });
        let message = json!({
            "command": "update_schedule", "run_id": null, "parameters": parameters, "source": "TickStockAppV2", "timestamp": now(),
        });
        (ProcessingSchedule, message)
    });
}
