//! `GET /health` and `GET /readyz`. Both are about this process: an unavailable neighbor does not
//! make it unhealthy.

use super::error::ApiError;
use crate::client_limits::ClientLimits;
use crate::hub::Hub;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// Health of the console.
#[derive(Serialize, ToSchema)]
pub(crate) struct HealthResponse {
    /// Always `healthy`.
    status: &'static str,
    /// Version of the console.
    version: &'static str,
    /// Number of open streams.
    streams: usize,
    /// Its connections.
    services: Services,
}

/// Connections of the console: `up` or `down`.
#[derive(Serialize, ToSchema)]
pub(crate) struct Services {
    /// Redis, which carries TickStockPL's events.
    redis: &'static str,
    /// TickStockPL's HTTP API.
    tickstockpl: &'static str,
    /// The console's database.
    database: &'static str,
}

/// Health of the console and the state of its connections.
#[utoipa::path(get, path = "/health", tag = "console", responses((status = 200, description = "The process is serving", body = HealthResponse)))]
pub(crate) async fn health(
    State(hub): State<Hub>,
    State(limits): State<ClientLimits>,
) -> Json<HealthResponse> {
    let word = |up: bool| if up { "up" } else { "down" };
    let links = &hub.state().links;
    Json(HealthResponse {
        status: "healthy",
        version: env!("CARGO_PKG_VERSION"),
        streams: limits.open_streams(),
        services: Services {
            redis: word(links.redis.up),
            tickstockpl: word(links.api.up),
            database: word(links.database.up),
        },
    })
}

/// Readiness of the console.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReadinessResponse {
    /// Always true.
    ready: bool,
}

/// Readiness for requests. While the process stops, new connections are refused; a request on an
/// open connection gets 503.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "console",
    responses((status = 200, description = "Ready", body = ReadinessResponse), (status = 503, description = "Stopping", body = ApiError))
)]
pub(crate) async fn ready(State(hub): State<Hub>) -> Result<Json<ReadinessResponse>, ApiError> {
    if hub.is_ended() {
        Err(ApiError::stopping())
    } else {
        Ok(Json(ReadinessResponse { ready: true }))
    }
}
