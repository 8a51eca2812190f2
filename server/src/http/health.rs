//! `GET /health` and `GET /readyz`: whether this process serves. That its neighbours are away is no
//! illness of its own.

use super::StreamLimits;
use super::error::ApiError;
use crate::hub::Hub;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// How the console is.
#[derive(Serialize, ToSchema)]
pub struct HealthResponse {
    /// `healthy`, while the process serves.
    status: &'static str,
    /// The console's version.
    version: &'static str,
    /// How many streams are open.
    streams: usize,
    /// Its neighbours.
    services: Services,
}

/// The console's connections: `up` or `down`.
#[derive(Serialize, ToSchema)]
pub struct Services {
    /// To Redis, which carries TickStockPL's events.
    redis: &'static str,
    /// To TickStockPL's HTTP API.
    tickstockpl: &'static str,
}

/// How the console is: 200 while the process serves.
#[utoipa::path(get, path = "/health", tag = "console", responses((status = 200, description = "It serves", body = HealthResponse)))]
pub async fn health(
    State(hub): State<Hub>,
    State(stream_limits): State<Arc<StreamLimits>>,
) -> Json<HealthResponse> {
    let word = |up: bool| if up { "up" } else { "down" };
    let links = &hub.state().links;
    Json(HealthResponse {
        status: "healthy",
        version: env!("CARGO_PKG_VERSION"),
        streams: stream_limits.count(),
        services: Services {
            redis: word(links.redis.up),
            tickstockpl: word(links.api.up),
        },
    })
}

/// Whether requests should be sent here.
#[derive(Serialize, ToSchema)]
pub struct ReadinessResponse {
    /// Always true.
    ready: bool,
}

/// Whether requests should be sent here: 503 while the process ends.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "console",
    responses((status = 200, description = "It is ready", body = ReadinessResponse), (status = 503, description = "It is stopping", body = ApiError))
)]
pub async fn ready(State(hub): State<Hub>) -> Result<Json<ReadinessResponse>, ApiError> {
    if hub.is_ended() {
        Err(ApiError::stopping())
    } else {
        Ok(Json(ReadinessResponse { ready: true }))
    }
}
