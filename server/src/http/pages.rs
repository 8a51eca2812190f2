//! Pages, rendered from the hub's state without waiting for a neighbor, and their server functions.

use super::error::ApiError;
use super::guard::NotAllowed;
use super::html::message_page;
use super::page_backend::PageBackend;
use super::preferences;
use super::site::serve_dir;
use crate::caller::Caller;
use crate::state::AppState;
use access::Permission;
use app::paths::{PATHS, route};
use app::ports::{Backend, CommandError};
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::ResponseOptions;
use std::sync::Arc;

/// Maximum size of a form, and of the error of a server function, in bytes.
const BODY_BYTES: usize = 64 * 1024;

/// `/` redirects to tonight's page.
pub(crate) async fn home() -> Redirect {
    Redirect::temporary(&PATHS.tonight())
}

/// A page of the app.
pub(crate) async fn page(State(state): State<AppState>, request: Request) -> Response {
    render(state, request).await
}

/// A static file, or "not found".
pub(crate) async fn other(State(state): State<AppState>, request: Request) -> Response {
    if request.method().is_safe() {
        let mut plain = Request::new(Body::empty());
        plain.uri_mut().clone_from(request.uri());
        plain.headers_mut().clone_from(request.headers());
        if let Ok(file) = serve_dir(&state.site.root).try_call(plain).await
            && file.status() != StatusCode::NOT_FOUND
            && !request.uri().path().ends_with("/hash.txt")
        {
            let mut file = file.map(Body::new);
            // Their names stay when their contents change, the service worker's above all.
            file.headers_mut()
                .entry(CACHE_CONTROL)
                .or_insert(HeaderValue::from_static("no-cache"));
            return file;
        }
    }
    // The app's own page contains the state, which not everyone may see.
    if !Caller::of_request(&request).can(Permission::View) {
        let status = StatusCode::NOT_FOUND;
        return message_page(
            &state,
            status,
            "Page not found",
            "No page has this address.",
        );
    }
    let mut response = render(state, request).await;
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

async fn render(state: AppState, request: Request) -> Response {
    let not_allowed = request.extensions().get::<NotAllowed>().map(|not| not.0);
    let chosen = preferences::from_headers(request.headers());
    let caller = Caller::of_request(&request);
    let data = state.views.page_data(caller.viewer(), &chosen);
    let (parts, body) = request.into_parts();
    let backend = PageBackend::shared(&state, caller, chosen.clone());
    let request = Request::from_parts(parts, body);
    let path = request
        .uri()
        .path_and_query()
        .map(|path| path.as_str().to_owned())
        .unwrap_or_default();
    // Tonight's page is made from the state alone; the others may wait a moment for the database.
    let below = request
        .uri()
        .path()
        .strip_prefix(route::TONIGHT)
        .is_some_and(|rest| rest.len() > 1);
    let part = match not_allowed {
        Some(why) => Some(app::fragments::not_allowed(why)),
        None if below => Some(app::fragments::render(&path, backend.clone()).await),
        None => None,
    };
    let missing = part.as_ref().is_some_and(|part| !part.found);
    // Tonight's page, and the one of the run that is going on.
    let active = data.snapshot.state.active().map(|run| run.id.to_string());
    let follows =
        !below || active.is_some_and(|id| request.uri().path().ends_with(&format!("/runs/{id}")));
    let options = state.site.options.clone();
    let provide = move || {
        provide_context(data.clone());
        provide_context::<Arc<dyn Backend>>(backend.clone());
        if let Some(part) = part.clone() {
            provide_context(part);
        }
    };
    let document = move || {
        // The page's own scripts carry the nonce; nothing else may run.
        if let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>())
            && let Some(policy) = super::guard::page_policy(&nonce)
        {
            response.insert_header(CONTENT_SECURITY_POLICY, policy);
        }
        app::shell(options.clone(), &chosen, follows)
    };
    let mut response = leptos_axum::render_app_async_with_context(provide, document)(request)
        .await
        .into_response();
    // The state is in it: a page that is kept shows an old one.
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if not_allowed.is_some() {
        *response.status_mut() = StatusCode::FORBIDDEN;
    } else if missing {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

/// A server function of the app.
pub(crate) async fn server_function(State(state): State<AppState>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let backend = PageBackend::shared(
        &state,
        Caller::of(&parts),
        preferences::from_headers(&parts.headers),
    );
    let Ok(bytes) = to_bytes(body, BODY_BYTES).await else {
        return ApiError::body_too_large().into_response();
    };
    let request = Request::from_parts(parts, Body::from(bytes.clone()));
    let provide = move || provide_context::<Arc<dyn Backend>>(backend.clone());
    let mut response = leptos_axum::handle_server_fns_with_context(provide, request)
        .await
        .into_response();
    if response.status().is_server_error() {
        return function_error(response).await;
    }
    keep_typed_fields(&mut response, &bytes);
    redirect_to_tonight(&mut response);
    response
}

/// Turns the error of a server function, which leptos answers as 500 whatever it is, into the
/// API's envelope with its status.
async fn function_error(response: Response) -> Response {
    let body = to_bytes(response.into_body(), BODY_BYTES).await;
    let error = body
        .ok()
        .and_then(|body| serde_json::from_slice::<CommandError>(&body).ok());
    error
        .map_or_else(ApiError::internal, ApiError::from)
        .into_response()
}

/// Redirects to tonight's page after a command form was sent without script and accepted.
fn redirect_to_tonight(response: &mut Response) {
    let headers = response.headers_mut();
    let Some(address) = headers.get(LOCATION).and_then(|value| value.to_str().ok()) else {
        return;
    };
    if address.contains(&PATHS.command_form("")) && !address.contains("__err=") {
        headers.insert(LOCATION, HeaderValue::from_static(route::TONIGHT));
    }
}

/// Keeps what was typed when a form that was sent without script is refused: it is in the query of
/// the form's page, to which the browser is redirected.
fn keep_typed_fields(response: &mut Response, form: &[u8]) {
    let headers = response.headers_mut();
    let Some(address) = headers.get(LOCATION).and_then(|value| value.to_str().ok()) else {
        return;
    };
    let (Some((_, query)), Ok(form)) = (address.split_once('?'), std::str::from_utf8(form)) else {
        return;
    };
    if !query.contains("__err=") {
        return;
    }
    // Sent again, it is another request, with a key of its own.
    let typed = form
        .split('&')
        .filter(|field| !field.starts_with("key=") && !query.contains(*field));
    let typed: String = typed.flat_map(|field| ["&", field]).collect();
    if let Ok(address) = HeaderValue::from_str(&format!("{address}{typed}")) {
        headers.insert(LOCATION, address);
    }
}
