//! Responses with a page that is not part of the app: forms and messages that need no script.

use crate::state::AppState;
use app::paths::{PATHS, route};
use app::standalone;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{Html, IntoResponse, Response};

/// Maximum size of a form in bytes.
pub(crate) const FORM_BYTES: usize = 8 << 10;
/// Shown where a form cannot be parsed.
pub(crate) const UNREADABLE_FORM: &str = "The form could not be read. Go back and send it again.";

/// A page that is never cached.
pub(crate) fn html(status: StatusCode, page: String) -> Response {
    (status, [(CACHE_CONTROL, "no-store")], Html(page)).into_response()
}

/// An error's text as a sentence: with a capital and a full stop.
pub(crate) fn sentence(text: &str) -> String {
    let mut chars = text.trim_end_matches('.').chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(chars).chain(['.']).collect()
}

/// A page with one message and a link to continue with.
pub(crate) fn message_page(
    state: &AppState,
    status: StatusCode,
    title: &str,
    text: &str,
) -> Response {
    let (address, label) = match status {
        StatusCode::UNAUTHORIZED => (PATHS.of(route::ROOT), "Try again"),
        _ => (PATHS.tonight(), "Go to tonight's run"),
    };
    let options = state.site.options.clone();
    html(
        status,
        standalone::message(options, None, title, text, (&address, label)),
    )
}
