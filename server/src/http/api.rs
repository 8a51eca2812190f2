//! The REST API.
//!
//! Successful responses have `"success": true`; errors are an [`ApiError`](super::error::ApiError).
//! Router and OpenAPI document come from the same declarations (`routes!`), and the `route_rules`
//! test holds them against the access rules.

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
mod time;

use crate::state::AppState;
use app::paths::route;
use axum::Router;
use axum::routing::get;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[derive(OpenApi)]
#[openapi(info(
    title = "TickStock operations console",
    description = "Monitors and controls TickStockPL's daily processing. Times are RFC 3339 in UTC unless a field says otherwise. Every command accepts an `Idempotency-Key`. Errors have the shape of `ApiError`."
))]
struct ApiDoc;

/// The REST operations with their OpenAPI descriptions.
pub(crate) fn operations() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(ApiDoc::openapi())
        .routes(routes!(status::status))
        .routes(routes!(history::history))
        .routes(routes!(schedule::schedule, schedule::update))
        .routes(routes!(schedule::preview))
        .merge(commands::routes())
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
}

/// The REST operations, and the document that describes them.
pub(crate) fn routes() -> Router<AppState> {
    let (router, mut document) = operations().split_for_parts();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    let document = docs::Document::new(&document);
    let json = document.clone();
    router
        .route(route::OPENAPI, get(move || docs::json(json)))
        .route(route::API_DOCS, get(move || docs::page(document)))
}
