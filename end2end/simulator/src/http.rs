//! TickStockPL's HTTP API.

mod body;
mod cache_sync;
mod commands;
mod schedule;

use crate::history::{Ended, text};
use crate::rng::rounded;
use crate::world::World;
use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::HashMap;

/// All endpoints.
pub(crate) fn router(world: World) -> Router {
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
            error(
                StatusCode::NOT_FOUND,
                &format!("No such endpoint: {}", uri.path()),
            )
        })
        .method_not_allowed_fallback(|| async {
            error(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
        })
        .with_state(world)
}

/// An error as TickStockPL is assumed to answer it.
fn error(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "error": message }))).into_response()
}

async fn health(State(world): State<World>) -> Json<Value> {
    let processing = if world.active().is_some() {
        "running"
    } else {
        "idle"
    };
    let (status, redis) = if world.publisher().is_connected() {
        ("healthy", "up")
    } else {
        ("degraded", "down")
    };
    let services = json!({ "redis": redis, "database": "up", "api": "up" });
    Json(
        json!({ "status": status, "services": services, "processing_status": processing, "version": "1.0.0" }),
    )
}

async fn status(State(world): State<World>) -> Json<Value> {
    let Some(active) = world.active() else {
        return Json(json!({
            "is_running": false, "run_id": null, "current_phase": null, "progress": 0, "symbols_processed": 0, "symbols_total": 0,
            "current_symbol": null, "start_time": null, "estimated_completion": null,
        }));
    };
    let progress = active.progress;
    Json(json!({
        "is_running": true,
        "run_id": active.plan.run_id,
        "current_phase": progress.phase.map(|phase| phase.wire_name()),
        "progress": rounded(progress.percent, 1),
        "symbols_processed": progress.done,
        "symbols_total": progress.total,
        "current_symbol": progress.symbol,
        "start_time": text(active.started),
        "estimated_completion": progress.expected_end.map(text),
    }))
}

async fn truth(State(world): State<World>) -> Json<Value> {
    Json(world.truth())
}

async fn history(
    State(world): State<World>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let days = match query.get("days").map(|days| days.parse::<i64>()) {
        None => 7,
        Some(Ok(days)) if (1..=3650).contains(&days) => days,
        Some(_) => return body::wrong("days", "must be a number from 1 to 3650"),
    };
    let runs: Vec<Value> = world.history(days).iter().map(Ended::json).collect();
    Json(json!({ "runs": runs })).into_response()
}
