//! The HTTP side: routes, and what all of them have in common.

mod api;
pub mod embed;
mod events;
mod health;
mod origin;
mod pages;
mod serve;
mod shares;
pub mod sse;
mod stream;

pub use serve::serve;
pub use stream::Streams;

use crate::backend::Relay;
use crate::hub::Hub;
use crate::keep::Keep;
use crate::reads::Reads;
use crate::symbols::Symbols;
use axum::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue};
use axum::routing::get;
use axum::{Router, middleware};
use leptos::config::LeptosOptions;
use std::path::PathBuf;
use std::sync::Arc;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;

/// What handlers share.
#[derive(Clone)]
pub struct Context {
    hub: Hub,
    relay: Relay,
    reads: Reads,
    symbols: Symbols,
    keep: Keep,
    site: Arc<pages::Site>,
    streams: Arc<Streams>,
}

impl Context {
    /// Handlers over these; `site_root` is the folder of the built site.
    pub fn new(
        hub: Hub,
        relay: Relay,
        reads: Reads,
        symbols: Symbols,
        keep: Keep,
        site_root: PathBuf,
        streams: Arc<Streams>,
    ) -> Context {
        Context { hub, relay, reads, symbols, keep, site: Arc::new(pages::Site::find(site_root)), streams }
    }
}

impl axum::extract::FromRef<Context> for LeptosOptions {
    fn from_ref(context: &Context) -> LeptosOptions {
        context.site.options.clone()
    }
}

/// All routes.
pub fn router(context: Context) -> Router {
    let pages = Router::new()
        .route("/", get(pages::home))
        .route(pages::TONIGHT, get(pages::page))
        .route(pages::OTHERS, get(pages::page))
        .fallback(pages::other)
        .layer(CompressionLayer::new());
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    Router::new()
        .route("/api/events", get(events::stream))
        .merge(api::routes())
        .merge(shares::routes())
        .route("/api/console/{*function}", get(pages::server_function).post(pages::server_function))
        .nest_service("/pkg", context.site.assets())
        .merge(pages)
        .layer(middleware::from_fn(origin::refuse_foreign_commands))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(REFERRER_POLICY, "same-origin"))
        .layer(header(CONTENT_SECURITY_POLICY, "frame-ancestors 'none'; base-uri 'self'; object-src 'none'"))
        .with_state(context)
}
