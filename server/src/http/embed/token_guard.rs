//! Keeps embed tokens out of the console's own endpoints, also in open mode.

use crate::embed::{is_embed_token, is_share_token};
use crate::http::error::ApiError;
use axum::extract::Request;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Refuses requests with an embed token, valid or not.
pub async fn refuse_embed_tokens(request: Request, next: Next) -> Response {
    let header = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let (scheme, tokens) = header.split_once(' ').unwrap_or_default();
    let is_ours = |token: &str| is_embed_token(token) || is_share_token(token);
    if !scheme.eq_ignore_ascii_case("embed") && !tokens.split_ascii_whitespace().any(is_ours) {
        return next.run(request).await;
    }
    ApiError::embed_token().into_response()
}
