//! `GET /health` and `GET /readyz`: whether this process serves. That its neighbours are away is no
//! illness of its own.

use super::Context;
use super::api::Failure;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// How the console is.
#[derive(Serialize, ToSchema)]
pub struct Health {
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
#[utoipa::path(get, path = "/health", tag = "console", responses((status = 200, description = "It serves", body = Health)))]
pub async fn health(State(context): State<Context>) -> Json<Health> {
    let word = |up: bool| if up { "up" } else { "down" };
    let brief = context.hub.brief();
    Json(Health {
        status: "healthy",
        version: env!("CARGO_PKG_VERSION"),
        streams: context.streams.count(),
        services: Services {
            redis: word(brief.redis_up),
            tickstockpl: word(brief.api_up),
        },
    })
}

/// Whether requests should be sent here.
#[derive(Serialize, ToSchema)]
pub struct Ready {
    /// Always true.
    ready: bool,
}

/// Whether requests should be sent here: 503 while the process ends.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "console",
    responses((status = 200, description = "It is ready", body = Ready), (status = 503, description = "It is stopping", body = Failure))
)]
pub async fn ready(State(context): State<Context>) -> Result<Json<Ready>, Failure> {
    if context.hub.is_over() {
        Err(Failure::stopping())
    } else {
        Ok(Json(Ready { ready: true }))
    }
}
