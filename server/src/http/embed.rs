//! `/embed/v1/…`: views for other people's pages. Only GET, no cookies, and a content policy of
//! their own.

mod assets;
mod badge;
mod context;
mod cors;
mod events;
mod pages;
mod token_guard;

pub use token_guard::refuse_embed_tokens;

use context::EmbedContext;

use crate::client_limits::ClientLimits;
use crate::embed::Embeds;
use app::paths::route;
use axum::http::header::{CACHE_CONTROL, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue};
use axum::routing::get;
use axum::{Router, middleware};
use std::path::Path;
use tower_http::compression::{CompressionLayer, CompressionLevel};
use tower_http::set_header::SetResponseHeaderLayer;

/// The routes. They stand beside the console's, so that nothing that is put around those is put
/// around these.
pub fn routes(embeds: Embeds, limits: ClientLimits, site_root: &Path) -> Router {
    let context = EmbedContext {
        embeds,
        limits,
        site_root: site_root.into(),
    };
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    let texts = Router::new()
        .route(route::EMBED_STATUS, get(pages::status))
        .route(route::EMBED_RUNS, get(pages::runs))
        .route(route::EMBED_RUN, get(pages::run))
        .route(route::EMBED_SCHEDULE, get(pages::schedule))
        .route(
            route::EMBED_COMPONENT,
            get(assets::file).options(cors::preflight),
        )
        .route(route::EMBED_PAGE_SCRIPT, get(assets::file))
        .route(route::EMBED_WORKER, get(assets::file))
        .route(
            route::EMBED_STYLE,
            get(assets::file).options(cors::preflight),
        )
        .route(route::EMBED_BADGE_SVG, get(badge::svg))
        .route(
            route::EMBED_BADGE_JSON,
            get(badge::json).options(cors::preflight),
        )
        .layer(CompressionLayer::new().quality(CompressionLevel::Best));
    Router::new()
        .route(
            route::EMBED_EVENTS,
            get(events::stream).options(cors::preflight),
        )
        .merge(texts)
        .layer(middleware::from_fn_with_state(context.clone(), cors::allow))
        .layer(header(CACHE_CONTROL, "no-store"))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(REFERRER_POLICY, "no-referrer"))
        .with_state(context)
}
