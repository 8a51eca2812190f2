//! Scripts and style of the embeds, from the built site.
//!
//! They are files and not part of the program, as the console's own scripts and style: the program
//! compiles without Node.js, and a change of theirs compiles nothing.

use super::context::EmbedContext;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The file of the site at the request's path; 304 where the browser has it. Routes name the files
/// one by one, so the path is none that a client made up.
pub(crate) async fn file(
    State(context): State<EmbedContext>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let path = uri.path().trim_start_matches('/');
    let Ok(bytes) = tokio::fs::read(context.site_root.join(path)).await else {
        return (StatusCode::NOT_FOUND, "the built site has no such file").into_response();
    };
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    let tag = format!("W/\"{:016x}\"", hasher.finish());
    let is_current = headers
        .get(IF_NONE_MATCH)
        .is_some_and(|known| known.to_str().is_ok_and(|known| known.contains(&tag)));
    let content_type = if path.ends_with(".css") {
        "text/css; charset=utf-8"
    } else {
        "text/javascript; charset=utf-8"
    };
    let head = [
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (
            ETAG,
            HeaderValue::from_str(&tag).expect("hexadecimal digits are valid in a header"),
        ),
        (CONTENT_TYPE, HeaderValue::from_static(content_type)),
    ];
    if is_current {
        (StatusCode::NOT_MODIFIED, head).into_response()
    } else {
        (head, bytes).into_response()
    }
}
