//! `GET /api/events`: the state, and then everything that changes it, as server-sent events.

use super::Context;
use super::stream::{Handover, Paces, Reader, Refused, Source};
use crate::gate::Entered;
use crate::hub::Narrow;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, StatusCode, Version};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use std::net::SocketAddr;

/// What the address may ask for.
#[derive(Deserialize)]
pub struct Wanted {
    /// Topics with commas between; see [`Narrow`].
    topics: Option<String>,
    /// One run only.
    run_id: Option<String>,
    /// As the header `Last-Event-ID`, which a script cannot set on an `EventSource`.
    last_event_id: Option<String>,
}

/// The stream.
#[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
pub async fn stream(
    State(context): State<Context>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    Query(wanted): Query<Wanted>,
    version: Version,
    headers: HeaderMap,
    entered: Option<Extension<Entered>>,
    handover: Option<Extension<Handover>>,
    paces: Option<Extension<Paces>>,
) -> Response {
    let narrow = match Narrow::parse(wanted.topics.as_deref(), wanted.run_id.as_deref()) {
        Ok(narrow) => narrow,
        Err(message) => return refuse(StatusCode::BAD_REQUEST, "invalid", &message),
    };
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
    // The header is the browser's own, of the moment; the address stays as the page made it.
    let header = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let feed = context.hub.follow(narrow, header.or(wanted.last_event_id.as_deref()));
    let live = entered.and_then(|entered| context.gate.live(&entered));
    let reader = Reader::new(Source::Console(Box::new(feed)), place, live);
    let body = match handover {
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
