//! `/embed/v1/…`: views for other people's pages. Only GET, no cookies, and a content policy of
//! their own.

mod assets;
mod badge;
mod context;
mod cors;
mod events;
mod keep_out;
mod pages;

pub use keep_out::refuse_embed_tokens;

use context::EmbedContext;

use super::StreamLimits;
use crate::embed::Embeds;
use axum::http::header::{CACHE_CONTROL, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue};
use axum::routing::get;
use axum::{Router, middleware};
use std::path::Path;
use std::sync::Arc;
use tower_http::compression::{CompressionLayer, CompressionLevel};
use tower_http::set_header::SetResponseHeaderLayer;

/// The routes. They stand beside the console's, so that nothing that is put around those is put
/// around these.
pub fn routes(embeds: Embeds, streams: Arc<StreamLimits>, site_root: &Path) -> Router {
    let context = EmbedContext {
        embeds,
        streams,
        site_root: site_root.into(),
    };
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    let texts = Router::new()
        .route("/embed/v1/status", get(pages::status))
        .route("/embed/v1/runs", get(pages::runs))
        .route("/embed/v1/run/{run_id}", get(pages::run))
        .route("/embed/v1/schedule", get(pages::schedule))
        .route(
            "/embed/v1/embed.js",
            get(assets::file).options(cors::preflight),
        )
        .route("/embed/v1/page.js", get(assets::file))
        .route("/embed/v1/worker.js", get(assets::file))
        .route(
            "/embed/v1/embed.css",
            get(assets::file).options(cors::preflight),
        )
        .route("/embed/v1/badge.svg", get(badge::svg))
        .route(
            "/embed/v1/badge.json",
            get(badge::json).options(cors::preflight),
        )
        .layer(CompressionLayer::new().quality(CompressionLevel::Best));
    Router::new()
        .route(
            "/embed/v1/events",
            get(events::stream).options(cors::preflight),
        )
        .merge(texts)
        .layer(middleware::from_fn_with_state(context.clone(), cors::allow))
        .layer(header(CACHE_CONTROL, "no-store"))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(REFERRER_POLICY, "no-referrer"))
        .with_state(context)
}
