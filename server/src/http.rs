//! HTTP: router, middleware, pages, REST API, sign-in, streams and embeds.
//!
//! Requests pass, in this order: [`request_id`], the panic handler, the guard (embeds: only its
//! host check), the handler. Every route needs an access rule; the `route_rules` test compares the
//! router, the rules, the OpenAPI document and the table of commands.

mod access_rules;
mod api;
mod auth;
pub mod embed;
mod embed_shares;
mod error;
mod events;
mod extract;
mod guard;
mod health;
mod html;
mod origin;
mod page_backend;
mod pages;
mod preferences;
mod request_id;
#[cfg(test)]
mod route_rules;
mod serve;
mod site;
mod stream;

pub use access_rules::ACCESS_RULES;
pub use serve::serve;
pub(crate) use site::Site;

use crate::state::AppState;
use app::paths::route;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use error::ApiError;
use std::any::Any;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

/// All routes: the console's behind the guard, and those of embeds, which other sites may request
/// and which check their own tokens.
pub(crate) fn router(state: AppState) -> Router {
    let embeds = embed::routes(
        state.embeds.clone(),
        state.limits.clone(),
        state.site.root(),
    );
    let embeds = embeds.layer(middleware::from_fn_with_state(
        state.clone(),
        guard::check_host,
    ));
    routes(&state)
        .layer(middleware::from_fn_with_state(state.clone(), guard::guard))
        .layer(middleware::from_fn(embed::refuse_embed_tokens))
        .with_state(state)
        .merge(embeds)
        .layer(CatchPanicLayer::custom(handle_panic))
        .layer(middleware::from_fn(request_id::assign_request_id))
}

/// The console's routes. Each needs a rule in [`ACCESS_RULES`].
fn routes(state: &AppState) -> Router<AppState> {
    let pages = Router::new()
        .route(route::ROOT, get(pages::home))
        .route(route::TONIGHT, get(pages::page))
        .route(route::PAGES, get(pages::page))
        .merge(auth::routes())
        .fallback(pages::other)
        .layer(CompressionLayer::new());
    Router::new()
        .route(route::EVENTS, get(events::stream))
        .merge(api::routes())
        .route(route::PREFERENCES, post(preferences::save))
        .merge(embed_shares::routes())
        .route(
            route::SERVER_FUNCTIONS,
            get(pages::server_function).post(pages::server_function),
        )
        .nest_service(route::SITE_FILES, state.site.assets())
        .merge(pages)
}

/// The response to a request whose handler panicked. The panic hook has logged the panic.
fn handle_panic(_: Box<dyn Any + Send>) -> Response {
    ApiError::internal().into_response()
}
