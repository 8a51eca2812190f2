//! The REST API, on the addresses and in the shapes of the page that this console takes the place
//! of.
//!
//! Good answers begin with `"success": true`, others are a [`ApiError`] with a right status. The
//! OpenAPI document is made of the handlers' own descriptions, so a route that is not described
//! does not exist.

mod body;
mod commands;
mod docs;
mod errors;
mod export;

mod feeds;
mod history;
mod log;
mod market;
mod runs;
mod schedule;
mod status;
mod symbols;

use crate::state::AppState;
use axum::Router;
use axum::routing::get;
use contract::Timestamp;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What the document says beside the routes.
#[derive(OpenApi)]
#[openapi(info(
    title = "TickStock operations console",
    description = "Watches and runs TickStockPL's daily processing. Times are RFC 3339 in UTC unless a field says otherwise. Every command takes an `Idempotency-Key`."
))]
struct Document;

/// All routes of the REST API, and the document that describes them.
pub fn routes() -> Router<AppState> {
    let (router, mut document) = OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(status::status))
        .routes(routes!(history::history))
        .routes(routes!(schedule::schedule, schedule::update))
        .routes(routes!(schedule::preview))
        .routes(routes!(commands::trigger))
        .routes(routes!(commands::cancel))
        .routes(routes!(commands::import))
        .routes(routes!(commands::retry))
        .routes(routes!(commands::indicators))
        .routes(routes!(commands::patterns))
        .routes(routes!(market::status))
        .routes(routes!(runs::run))
        .routes(routes!(symbols::symbol))
        .routes(routes!(symbols::latest))
        .routes(routes!(symbols::stats))
        .routes(routes!(log::raw))
        .routes(routes!(errors::acknowledge))
        .routes(routes!(export::export))
        .routes(routes!(feeds::feed))
        .routes(routes!(super::health::health))
        .routes(routes!(super::health::ready))
        .split_for_parts();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    let document = docs::Document::of(&document);
    router
        .route(
            "/api/openapi.json",
            get({
                let document = document.clone();
                move || docs::json(document)
            }),
        )
        .route("/api/docs", get(move || docs::page(document)))
}

/// A time as the REST API writes it.
fn text(at: Timestamp) -> String {
    at.to_string()
}
