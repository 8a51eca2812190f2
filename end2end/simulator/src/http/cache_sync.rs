//! The cache's own endpoints: a cache sync is a run of that one phase.

use super::body::Fields;
use super::error;
use crate::market::{UNIVERSES, symbols};
use crate::world::{Kind, Trigger, World, text};
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use contract::Phase;
use jiff::Timestamp;
use serde_json::{Value, json};

pub(super) fn router() -> Router<World> {
    Router::new()
        .route("/api/processing/cache-sync/trigger", post(trigger))
        .route("/api/processing/cache-sync/status/{id}", get(status))
        .route("/api/processing/cache-sync/stats", get(stats))
}

async fn trigger(State(world): State<World>, body: Bytes) -> Response {
    let mode = match Fields::read(&body).and_then(|fields| fields.flag("force").and(fields.text("mode"))) {
        Ok(mode) => mode.unwrap_or_else(|| "full".to_owned()),
        Err(refusal) => return *refusal,
    };
    let universes = world.schedule().universes;
    match world.start(Kind::Phases(vec![Phase::CacheSync]), Trigger { universes, ..Trigger::default() }) {
        Ok(job_id) => {
            let body = json!({ "success": true, "job_id": job_id, "mode": mode, "message": "Cache sync started" });
            (StatusCode::ACCEPTED, Json(body)).into_response()
        }
        Err(_) => (StatusCode::CONFLICT, Json(json!({ "success": false, "error": "Processing already running" })))
            .into_response(),
    }
}

async fn status(State(world): State<World>, Path(id): Path<String>) -> Response {
    if let Some(active) = world.active().filter(|active| active.plan.run_id == id) {
        let body = json!({ "job_id": id, "status": "running", "start_time": text(active.started), "end_time": null, "error_details": null });
        return Json(body).into_response();
    }
    match world.ended(&id) {
        Some(run) => Json(json!({
            "job_id": id, "status": run.status, "start_time": text(run.started), "end_time": text(run.ended),
            "error_details": run.error_message,
        }))
        .into_response(),
        None => error(StatusCode::NOT_FOUND, "No such job"),
    }
}

async fn stats() -> Json<Value> {
    let updated = text(Timestamp::now());
    let universe = |name: &&str| json!({ "universe": name, "type": "index", "symbol_count": symbols(&[(*name).to_owned()]).len(), "last_updated": updated });
    Json(json!({ "universes": UNIVERSES.iter().map(universe).collect::<Vec<_>>() }))
}
