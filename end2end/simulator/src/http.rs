//! TickStockPL's HTTP API.

mod body;
mod cache_sync;
mod commands;
mod schedule;

use crate::history::EndedRun;
use crate::rng::rounded;
use crate::simulator::Simulator;
use crate::time::format_time;
use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::HashMap;

/// All endpoints.
pub(crate) fn router(simulator: Simulator) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/api/processing/status", get(status))
        .route("/api/processing/history", get(history))
        .route("/api/processing/trigger-manual", post(commands::trigger))
        .route("/api/processing/cancel", delete(commands::cancel))
        .route("/api/processing/trigger-import", post(commands::import))
        .route(
            "/api/processing/trigger-indicators",
            post(commands::indicators),
        )
        .route("/api/processing/trigger-patterns", post(commands::patterns))
        .route("/api/processing/retry-imports", post(commands::retry))
        .route(
            "/api/processing/schedule",
            get(schedule::get).post(schedule::update),
        )
        .merge(cache_sync::router())
        // Not TickStockPL's: for those who test what a console makes of it.
        .route("/simulator/truth", get(truth))
        .fallback(|uri: Uri| async move {
            body::error(
                StatusCode::NOT_FOUND,
                &format!("No such endpoint: {}", uri.path()),
            )
        })
        .method_not_allowed_fallback(|| async {
            body::error(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
        })
        .with_state(simulator)
}

async fn health(State(simulator): State<Simulator>) -> Json<Value> {
    let processing = if simulator.active().is_some() {
        "running"
    } else {
        "idle"
    };
    let (status, redis) = if simulator.publisher().is_connected() {
        ("healthy", "up")
    } else {
        ("degraded", "down")
    };
    let services = json!({ "redis": redis, "database": "up", "api": "up" });
    Json(
        json!({ "status": status, "services": services, "processing_status": processing, "version": "1.0.0" }),
    )
}

async fn status(State(simulator): State<Simulator>) -> Json<Value> {
    let Some(active) = simulator.active() else {
        return Json(json!({
            "is_running": false, "run_id": null, "current_phase": null, "progress": 0, "symbols_processed": 0, "symbols_total": 0,
            "current_symbol": null, "start_time": null, "estimated_completion": null,
        }));
    };
    let progress = active.progress;
    Json(json!({
        "is_running": true,
        "run_id": active.plan.run_id,
        "current_phase": progress.phase.map(contract::Phase::wire_name),
        "progress": rounded(progress.percent, 1),
        "symbols_processed": progress.done,
        "symbols_total": progress.total,
        "current_symbol": progress.symbol,
        "start_time": format_time(active.started),
        "estimated_completion": progress.expected_end.map(format_time),
    }))
}

async fn truth(State(simulator): State<Simulator>) -> Json<Value> {
    Json(simulator.truth())
}

async fn history(
    State(simulator): State<Simulator>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let days = match query.get("days").map(|days| days.parse::<i64>()) {
        None => 7,
        Some(Ok(days)) if (1..=3650).contains(&days) => days,
        Some(_) => return body::wrong("days", "must be a number from 1 to 3650"),
    };
    let runs: Vec<Value> = simulator.history(days).iter().map(EndedRun::json).collect();
    Json(json!({ "runs": runs })).into_response()
}
