//! Tokens of embeds open embeds and nothing else, also where the rest of the console is open to
//! everybody.

use crate::embed::{is_embed_token, is_share_token};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Refuses a request to the console's own addresses that brings an embed's token, whether that is a
/// good one or not.
pub async fn refuse_embed_tokens(request: Request, next: Next) -> Response {
    let header = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let (scheme, tokens) = header.split_once(' ').unwrap_or_default();
    let one = |token: &str| is_embed_token(token) || is_share_token(token);
    if !scheme.eq_ignore_ascii_case("embed") && !tokens.split_ascii_whitespace().any(one) {
        return next.run(request).await;
    }
    let message = "This token is for embeds. It opens the views under /embed/ that it names, and nothing here.";
    let body = serde_json::json!({ "success": false, "code": "embed_token", "message": message });
    (StatusCode::FORBIDDEN, axum::Json(body)).into_response()
}
