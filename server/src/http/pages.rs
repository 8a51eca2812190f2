//! The pages: rendered from the hub's state, never waiting for a neighbour; their assets; their
//! server functions.

use super::page_backend::PageBackend;
use super::preferences;
use super::site::serve_dir;
use crate::caller::Caller;
use crate::state::AppState;
use access::Permission;
use app::ports::Backend;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::ResponseOptions;
use std::sync::Arc;

/// The page of tonight's run.
pub const TONIGHT: &str = "/admin/daily-processing";

/// The pages below it.
pub const OTHERS: &str = "/admin/daily-processing/{*rest}";
/// The longest form that the browser sends by itself.
const FORM_BYTES: usize = 64 * 1024;

/// `/` leads to tonight.
pub async fn home() -> Redirect {
    Redirect::temporary(TONIGHT)
}

/// A page of the app.
pub async fn page(State(state): State<AppState>, request: Request) -> Response {
    render(state, request).await
}

/// A static file, or the page that says that there is none.
pub async fn other(State(state): State<AppState>, request: Request) -> Response {
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
    // The page that says so holds the state.
    if !Caller::of_request(&request).can(Permission::View) {
        return super::auth::message(
            &state,
            StatusCode::NOT_FOUND,
            "Nothing here",
            "There is no such page.",
        );
    }
    let mut response = render(state, request).await;
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

async fn render(state: AppState, request: Request) -> Response {
    let not_allowed = super::auth::not_allowed(&request);
    let chosen = preferences::of(request.headers());
    let caller = Caller::of_request(&request);
    let data = state.views.page_data(caller.viewer(), &chosen);
    let (parts, body) = request.into_parts();
    let backend = PageBackend::new(&state, caller, chosen.clone());
    let request = Request::from_parts(parts, body);
    let path = request
        .uri()
        .path_and_query()
        .map(|path| path.as_str().to_owned())
        .unwrap_or_default();
    // Tonight's page is made from the state alone; the others may wait a moment for the local copy.
    let below = request
        .uri()
        .path()
        .strip_prefix(TONIGHT)
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
pub async fn server_function(State(state): State<AppState>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let backend = PageBackend::new(&state, Caller::of(&parts), preferences::of(&parts.headers));
    let Ok(bytes) = to_bytes(body, FORM_BYTES).await else {
        return (StatusCode::PAYLOAD_TOO_LARGE, "the form is too large").into_response();
    };
    let request = Request::from_parts(parts, Body::from(bytes.clone()));
    let provide = move || provide_context::<Arc<dyn Backend>>(backend.clone());
    let mut response = leptos_axum::handle_server_fns_with_context(provide, request)
        .await
        .into_response();
    keep_what_was_typed(&mut response, &bytes);
    lead_on(&mut response);
    response
}

/// A form with a page of its own that the browser sent by itself, and that was accepted, leads to
/// tonight, where its effect is seen.
fn lead_on(response: &mut Response) {
    let headers = response.headers_mut();
    let Some(address) = headers.get(LOCATION).and_then(|value| value.to_str().ok()) else {
        return;
    };
    if address.contains(app::DO) && !address.contains("__err=") {
        headers.insert(LOCATION, HeaderValue::from_static(TONIGHT));
    }
}

/// A form that the browser sent by itself and that was refused leads back to its page: with what
/// was typed in the address.
fn keep_what_was_typed(response: &mut Response, form: &[u8]) {
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
    // The next sending is another request, and has a key of its own.
    let typed = form
        .split('&')
        .filter(|field| !field.starts_with("key=") && !query.contains(*field));
    let typed: String = typed.flat_map(|field| ["&", field]).collect();
    if let Ok(address) = HeaderValue::from_str(&format!("{address}{typed}")) {
        headers.insert(LOCATION, address);
    }
}
