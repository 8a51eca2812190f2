//! The HTTP side: routes, and what all of them have in common: the guard before them.

mod api;
mod auth;
pub mod embed;
mod embed_shares;
mod error;
mod events;
mod guard;
mod health;
mod origin;
mod pages;
mod preferences;
#[cfg(test)]
mod route_rules;
mod serve;
mod stream;

pub use serve::serve;
pub use stream::StreamLimits;

use crate::auth::Authenticator;
use crate::embed::Embeds;
use crate::hub::Hub;
use crate::persistence::Persistence;
use crate::service::commands::Commands;
use crate::service::queries::Queries;
use crate::symbols::SymbolIndex;
use axum::routing::{get, post};
use axum::{Router, middleware};
use leptos::config::LeptosOptions;
use std::path::PathBuf;
use std::sync::Arc;
use tower_http::compression::CompressionLayer;

/// What handlers share.
#[derive(Clone)]
pub struct Context {
    hub: Hub,
    commands: Commands,
    queries: Queries,
    symbols: SymbolIndex,
    persistence: Persistence,
    site: Arc<pages::Site>,
    streams: Arc<StreamLimits>,
    authenticator: Authenticator,
    request_limits: guard::RequestLimits,
}

impl Context {
    /// Handlers over these; `site_root` is the folder of the built site.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a part that handlers share"
    )]
    pub fn new(
        hub: Hub,
        commands: Commands,
        queries: Queries,
        symbols: SymbolIndex,
        persistence: Persistence,
        site_root: PathBuf,
        streams: Arc<StreamLimits>,
        authenticator: Authenticator,
    ) -> Context {
        let (site, request_limits) = (
            Arc::new(pages::Site::find(site_root)),
            guard::RequestLimits::default(),
        );
        Context {
            hub,
            commands,
            queries,
            symbols,
            persistence,
            site,
            streams,
            authenticator,
            request_limits,
        }
    }
}

impl axum::extract::FromRef<Context> for LeptosOptions {
    fn from_ref(context: &Context) -> LeptosOptions {
        context.site.options.clone()
    }
}

/// All routes: the console's behind the guard, and beside them those of the embeds, which anybody's
/// page may ask and which decide by their own tokens.
pub fn router(context: Context, embeds: Embeds, streams: Arc<StreamLimits>) -> Router {
    let embeds = embed::routes(embeds, streams, context.site.root()).layer(
        middleware::from_fn_with_state(context.clone(), guard::only_known_hosts),
    );
    routes(&context)
        .layer(middleware::from_fn_with_state(
            context.clone(),
            guard::guard,
        ))
        .layer(middleware::from_fn(embed::refuse_embed_tokens))
        .with_state(context)
        .merge(embeds)
}

/// All routes. Each needs a rule in [`access::RULES`].
fn routes(context: &Context) -> Router<Context> {
    let pages = Router::new()
        .route("/", get(pages::home))
        .route(pages::TONIGHT, get(pages::page))
        .route(pages::OTHERS, get(pages::page))
        .merge(auth::routes())
        .fallback(pages::other)
        .layer(CompressionLayer::new());
    Router::new()
        .route("/api/events", get(events::stream))
        .merge(api::routes())
        .route("/api/console/preferences", post(preferences::keep))
        .merge(embed_shares::routes())
        .route(
            "/api/console/{*function}",
            get(pages::server_function).post(pages::server_function),
        )
        .nest_service("/pkg", context.site.assets())
        .merge(pages)
}
