//! `badge.svg` and `badge.json`: the state for places that take a picture, or an address for
//! shields.io.

use super::context::EmbedContext;
use crate::clock::now;
use crate::embed::{Badge, EmbedResource};
use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use url::form_urlencoded;

/// As a picture.
pub(crate) async fn svg(
    context: State<EmbedContext>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let (status, badge) = badge(&context, query, &headers).await;
    // Also a badge that says "no access" is shown: browsers draw a picture whatever the status.
    (
        status,
        [(CONTENT_TYPE, "image/svg+xml; charset=utf-8")],
        badge.svg(),
    )
        .into_response()
}

/// For shields.io.
pub(crate) async fn json(
    context: State<EmbedContext>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let (status, badge) = badge(&context, query, &headers).await;
    (status, Json(badge.json())).into_response()
}

/// A picture has no header for its token, so it may stand in the address; but only one that opens
/// the badge alone, since addresses are written down in many places.
async fn badge(
    context: &EmbedContext,
    query: Option<String>,
    headers: &HeaderMap,
) -> (StatusCode, Badge) {
    let query = query.unwrap_or_default();
    let token = form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "token")
        .map(|(_, token)| token);
    let grants = match &token {
        Some(token) => context.embeds.grants_of(&[token.as_ref()], headers).await,
        None => context.embeds.grants(headers).await,
    };
    let may = match (&token, grants.open(&EmbedResource::Badge, None)) {
        (Some(_), Ok(grant)) => grant.opens_only("badge"),
        (None, opened) => opened.is_ok() || grants.open(&EmbedResource::Status, None).is_ok(),
        _ => false,
    };
    if !may {
        return (StatusCode::UNAUTHORIZED, Badge::withheld());
    }
    (StatusCode::OK, Badge::of(&context.embeds.state(), now()))
}
