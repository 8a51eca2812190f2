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
mod page_backend;
mod pages;
mod preferences;
#[cfg(test)]
mod route_rules;
mod serve;
mod site;
mod stream;

pub(crate) use guard::RequestLimits;
pub use serve::serve;
pub(crate) use site::Site;
pub(crate) use stream::StreamLimits;

use crate::state::AppState;
use axum::routing::{get, post};
use axum::{Router, middleware};
use tower_http::compression::CompressionLayer;

/// All routes: the console's behind the guard, and beside them those of the embeds, which anybody's
/// page may ask and which decide by their own tokens.
pub(crate) fn router(state: AppState) -> Router {
    let embeds = embed::routes(
        state.embeds.clone(),
        state.stream_limits.clone(),
        state.site.root(),
    );
    let embeds = embeds.layer(middleware::from_fn_with_state(
        state.clone(),
        guard::only_known_hosts,
    ));
    routes(&state)
        .layer(middleware::from_fn_with_state(state.clone(), guard::guard))
        .layer(middleware::from_fn(embed::refuse_embed_tokens))
        .with_state(state)
        .merge(embeds)
}

/// All routes. Each needs a rule in [`access::RULES`].
fn routes(state: &AppState) -> Router<AppState> {
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
        .nest_service("/pkg", state.site.assets())
        .merge(pages)
}
