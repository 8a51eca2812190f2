//! `GET /health`: whether this process serves, and how many streams are open. That its neighbours are away is no illness of its own.

use super::Context;
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

/// Always 200 while the process serves.
pub async fn health(State(context): State<Context>) -> Json<Value> {
    let word = |up: bool| if up { "up" } else { "down" };
    let links = context.hub.snapshot().await.map(|snapshot| snapshot.state.links).unwrap_or_default();
    Json(json!({
        "status": "healthy",
        "version": env!("CARGO_PKG_VERSION"),
        "streams": context.streams.count(),
        "services": { "redis": word(links.redis.up), "tickstockpl": word(links.api.up) },
    }))
}
