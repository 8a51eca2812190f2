//! Scripts and style: part of the program, so that they and the stream that they read are always of
//! one version.
//!
//! They are written as they are sent, without a bundler: each is the shared stream in front of what
//! is its own.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use std::hash::{DefaultHasher, Hash, Hasher};

const COMPONENT: &str = concat!(
    "(() => {\n",
    include_str!("../../../embed/stream.js"),
    include_str!("../../../embed/view.js"),
    include_str!("../../../embed/component.js"),
    "})();\n"
);
const PAGE: &str = concat!(
    "(() => {\n",
    include_str!("../../../embed/stream.js"),
    include_str!("../../../embed/share.js"),
    include_str!("../../../embed/view.js"),
    include_str!("../../../embed/page.js"),
    "})();\n"
);
const WORKER: &str = concat!(
    include_str!("../../../embed/stream.js"),
    include_str!("../../../embed/share.js"),
    include_str!("../../../embed/worker.js")
);
const STYLE: &str = include_str!("../../../../style/embed.css");

/// The web component.
pub async fn component(headers: HeaderMap) -> Response {
    serve(&headers, COMPONENT, "text/javascript; charset=utf-8")
}

/// What an embed's own document runs.
pub async fn page(headers: HeaderMap) -> Response {
    serve(&headers, PAGE, "text/javascript; charset=utf-8")
}

/// The worker that the embeds of one page share.
pub async fn worker(headers: HeaderMap) -> Response {
    serve(&headers, WORKER, "text/javascript; charset=utf-8")
}

/// The style, of documents and of the component.
pub async fn style(headers: HeaderMap) -> Response {
    serve(&headers, STYLE, "text/css; charset=utf-8")
}

/// The text; nothing where the browser has it already, which it asks about each time.
fn serve(headers: &HeaderMap, text: &'static str, kind: &'static str) -> Response {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let tag = format!("W/\"{:016x}\"", hasher.finish());
    let known = headers
        .get(IF_NONE_MATCH)
        .is_some_and(|known| known.to_str().is_ok_and(|known| known.contains(&tag)));
    let tag = HeaderValue::from_str(&tag).expect("hexadecimal digits stand in a header");
    let head = [
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (ETAG, tag),
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
    ];
    if known {
        (StatusCode::NOT_MODIFIED, head).into_response()
    } else {
        (head, text).into_response()
    }
}
