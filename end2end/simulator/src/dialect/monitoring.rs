//! How monitoring tells how far a job is, and how the machine is.

use super::envelope::{enveloped, monitoring, typed};
use super::event::PhaseProgress;
use super::wording::{Wordings, percent};
use crate::time::format_time;
use contract::{Channel, Phase};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

pub(super) fn job(p: &PhaseProgress<'_>, wordings: &mut Wordings) {
    let phase = match p.phase {
        Phase::Import => "data_import",
        Phase::CacheSync => "cache_sync",
        Phase::Indicators => "indicator_processing",
        Phase::Patterns => "pattern_detection",
    };
    wordings.both(|| {
        let end = Timestamp::now() + SignedDuration::from_secs(p.eta_seconds as i64);
        let payload = json!({
            "run_id": p.plan.run_id, "phase": phase, "total_symbols": p.total, "completed": p.done - p.failed, "failed": p.failed,
            "processed": p.done, "remaining": p.total - p.done, "percentage": percent(p.done, p.total),
            "current_symbol": p.symbol, "estimated_completion": format_time(end), "avg_processing_time_ms": 120,
        });
        (Channel::Monitoring, enveloped("job_progress_update", "job_progress_tracker", payload))
    });
}

pub(super) fn metrics(cpu: f64, memory: f64, busy: bool, wordings: &mut Wordings) {
    wordings.both(|| {
        let system = json!({
            "cpu_percent": cpu, "memory_percent": memory, "disk_percent": 41.5,
            "network_io": { "bytes_sent": 10_432_118, "bytes_recv": 918_233_004 },
        });
        let fields = json!({
            "metrics": {
                "system": system, "processing": { "active": busy }, "redis": { "connected": true },
                "database": { "connected": true, "query_latency_ms": 3.2 },
            },
            "health_score": {
                "overall": 97, "status": "healthy", "components": { "import": "healthy", "database": "healthy", "redis": "healthy" },
            },
        });
        (Channel::Monitoring, monitoring("METRIC_UPDATE", fields))
    });
}

pub(super) fn health(cpu: f64, busy: bool, uptime_seconds: u64, wordings: &mut Wordings) {
    wordings.both(|| {
        let components = json!({
            "redis": { "status": "healthy", "latency_ms": 0.4 }, "database": { "status": "healthy", "latency_ms": 3.2 },
            "data_provider": { "status": "healthy" },
        });
        (Channel::Monitoring, monitoring("HEALTH_CHECK", json!({ "status": "healthy", "components": components })))
    });
    wordings.variant(|| {
        let components = json!({ "redis": "healthy", "database": "healthy" });
        let health = json!({ "overall_score": 97, "status": "healthy", "components": components });
        (
            Channel::Monitoring,
            monitoring("HEALTH_CHECK", json!({ "health": health })),
        )
    });
    wordings.variant(|| {
        let message = if busy { "A run is under way" } else { "Idle" };
        let fields =
            json!({ "status": "RUNNING", "message": message, "uptime_seconds": uptime_seconds });
        (Channel::Monitoring, monitoring("SYSTEM_STATUS", fields))
    });
    wordings.variant(|| {
        let fields = json!({ "component": "daily_processing", "status": "healthy", "metrics": { "cpu_percent": cpu } });
        (Channel::Monitoring, typed("health_check", fields))
    });
}
