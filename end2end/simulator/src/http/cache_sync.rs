//! The cache's own endpoints: a cache sync is a run of that one phase.

use super::body::{Fields, error, wrong};
use crate::history::{EndedRun, Outcome};
use crate::market::{UNIVERSES, members};
use crate::plan::Trigger;
use crate::rng::rounded;
use crate::run;
use crate::simulator::Simulator;
use crate::time::format_time;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use contract::Phase;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::HashMap;

const MODES: [&str; 4] = ["full", "market_cap", "themes", "ipos"];
/// The days of the statistics, and of the list of jobs.
const STATISTICS_DAYS: i64 = 7;
const JOBS_DAYS: i64 = 365;

pub(super) fn router() -> Router<Simulator> {
    Router::new()
        .route("/api/processing/cache-sync/trigger", post(trigger))
        .route("/api/processing/cache-sync/status/{id}", get(status))
        .route("/api/processing/cache-sync/history", get(history))
        .route("/api/processing/cache-sync/stats", get(stats))
}

async fn trigger(State(simulator): State<Simulator>, body: Bytes) -> Response {
    let mode = match mode(&body) {
        Ok(mode) => mode,
        Err(refusal) => return *refusal,
    };
    let (universes, cache_mode) = (simulator.schedule().universes, Some(mode.clone()));
    let trigger = Trigger {
        phases: vec![Phase::CacheSync],
        universes,
        cache_mode,
        ..Trigger::default()
    };
    match run::start(&simulator, trigger) {
        Ok(job_id) => {
            let body = json!({ "success": true, "job_id": job_id, "mode": mode, "message": "Cache sync started" });
            (StatusCode::ACCEPTED, Json(body)).into_response()
        }
        Err(run_id) => {
            let body = json!({ "success": false, "error": "Processing already running", "run_id": run_id });
            (StatusCode::CONFLICT, Json(body)).into_response()
        }
    }
}

fn mode(body: &Bytes) -> Result<String, Box<Response>> {
    let fields = Fields::read(body)?;
    fields.flag("force")?;
    let mode = fields.text("mode")?.unwrap_or_else(|| "full".to_owned());
    if MODES.contains(&mode.as_str()) {
        return Ok(mode);
    }
    Err(Box::new(wrong(
        "mode",
        &format!("must be one of {}", MODES.join(", ")),
    )))
}

async fn status(State(simulator): State<Simulator>, Path(id): Path<String>) -> Response {
    if let Some(active) = simulator.active().filter(|active| active.plan.run_id == id) {
        let started = format_time(active.started);
        return Json(json!({
            "job_id": id, "mode": active.plan.trigger.cache_mode, "status": "running", "created_at": started,
            "start_time": started, "end_time": null, "duration_seconds": null, "triggered_by": "api",
            "error_details": null, "progress": null,
        }))
        .into_response();
    }
    match simulator.ended(&id) {
        Some(run) => Json(job(&run)).into_response(),
        None => error(StatusCode::NOT_FOUND, "No such job"),
    }
}

async fn history(
    State(simulator): State<Simulator>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let number = |name, usual| {
        query
            .get(name)
            .map_or(Ok(usual), |text| text.parse::<usize>().map_err(|_| name))
    };
    let (limit, offset) = match (number("limit", 50), number("offset", 0)) {
        (Ok(limit), Ok(offset)) => (limit, offset),
        (Err(field), _) | (_, Err(field)) => return wrong(field, "must be a number"),
    };
    let jobs: Vec<Value> = jobs(&simulator, JOBS_DAYS).iter().map(job).collect();
    let page: Vec<_> = jobs.iter().skip(offset).take(limit).collect();
    Json(json!({ "jobs": page, "total": jobs.len(), "limit": limit, "offset": offset }))
        .into_response()
}

async fn stats(State(simulator): State<Simulator>) -> Json<Value> {
    let jobs = jobs(&simulator, STATISTICS_DAYS);
    let failed = jobs
        .iter()
        .filter(|run| run.outcome != Outcome::Completed)
        .count();
    let mean = jobs.iter().map(EndedRun::seconds).sum::<f64>() / jobs.len().max(1) as f64;
    let updated = format_time(jobs.first().map_or_else(Timestamp::now, |run| run.ended));
    let universe = |name: &&str| {
        let kind = if *name == "etf" { "etf" } else { "index" };
        json!({ "universe": name, "type": kind, "symbol_count": members(name).len(), "last_updated": updated })
    };
    Json(json!({
        "universes": UNIVERSES.iter().map(universe).collect::<Vec<_>>(),
        "job_statistics": {
            "total_jobs_7d": jobs.len(), "successful_jobs_7d": jobs.len() - failed, "failed_jobs_7d": failed,
            "avg_duration_seconds": rounded(mean, 1),
        },
    }))
}

/// The jobs that were asked for here, newest first.
fn jobs(simulator: &Simulator, days: i64) -> Vec<EndedRun> {
    simulator
        .history(days)
        .into_iter()
        .filter(|run| run.cache_mode.is_some())
        .collect()
}

fn job(run: &EndedRun) -> Value {
    let status = if run.outcome == Outcome::Completed {
        "completed"
    } else {
        "failed"
    };
    json!({
        "job_id": run.run_id, "mode": run.cache_mode, "status": status, "created_at": format_time(run.started),
        "start_time": format_time(run.started), "end_time": format_time(run.ended), "duration_seconds": run.seconds(),
        "triggered_by": "api", "error_details": run.error_message, "progress": null, "has_errors": status == "failed",
    })
}
