//! `GET /embed/v1/events?of=status&of=runs…`: views as server-sent events, read by fetch so that a token can stand in its header.

use super::super::stream::{Handover, Paces, Reader, Refused, Source};
use super::Context;
use crate::embed::Asked;
use axum::extract::{ConnectInfo, RawQuery, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, StatusCode, Version};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use std::net::SocketAddr;

/// The stream.
pub async fn stream(
    State(context): State<Context>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    RawQuery(query): RawQuery,
    version: Version,
    headers: HeaderMap,
    handover: Option<Extension<Handover>>,
    paces: Option<Extension<Paces>>,
) -> Response {
    let asked = Asked::all(query.as_deref().unwrap_or_default());
    if asked.is_empty() {
        let message = "of must name a view: status, runs, schedule, or run/ with an id";
        return refuse(StatusCode::BAD_REQUEST, "invalid", message);
    }
    let place = match context.streams.take(client.ip()) {
        Ok(place) => place,
        Err(refused) => {
            let status = match refused {
                Refused::Client(_) => StatusCode::TOO_MANY_REQUESTS,
                Refused::All(_) => StatusCode::SERVICE_UNAVAILABLE,
            };
            return ([(RETRY_AFTER, "10")], refuse(status, "too_many_streams", &refused.to_string())).into_response();
        }
    };
    let following = match context.embeds.stream(&asked, &headers).await {
        Ok(following) => following,
        Err(why) if why.wants_token() => return refuse(StatusCode::UNAUTHORIZED, "token", &why.to_string()),
        Err(why) => return refuse(StatusCode::FORBIDDEN, "not_allowed", &why.to_string()),
    };
    let reader = Reader::new(Source::Embed(Box::new(following)), place, None);
    let body = match handover {
        // A browser that asks for the answer of another origin gets its headers, too: they are in the head, which hyper writes.
        Some(handover) if version == Version::HTTP_11 => handover.0.offer(reader),
        _ => reader.into_body(&paces.unwrap_or_default()),
    };
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-cache, no-transform"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, body).into_response()
}

fn refuse(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(serde_json::json!({ "success": false, "code": code, "message": message }))).into_response()
}
