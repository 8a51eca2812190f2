//! `GET /api/events`: the state, and then everything that changes it, as server-sent events.

use super::Context;
use super::stream::{self, Handover, StallDetector, StreamClient, StreamSource};
use crate::auth::Entered;
use crate::hub::Topics;
use axum::Extension;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, StatusCode, Version};
use axum::response::Response;
use serde::Deserialize;
use std::net::SocketAddr;

/// What the address may ask for.
#[derive(Deserialize)]
pub struct StreamQuery {
    /// Topics with commas between; see [`Topics`].
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
    Query(wanted): Query<StreamQuery>,
    version: Version,
    headers: HeaderMap,
    entered: Option<Extension<Entered>>,
    handover: Option<Extension<Handover>>,
    paces: Option<Extension<StallDetector>>,
) -> Response {
    let narrow = match Topics::parse(wanted.topics.as_deref(), wanted.run_id.as_deref()) {
        Ok(narrow) => narrow,
        Err(message) => return stream::refuse(StatusCode::BAD_REQUEST, "invalid", &message),
    };
    let place = match context.streams.take(client.ip()) {
        Ok(place) => place,
        Err(refused) => return stream::full(&refused),
    };
    // The header is the browser's own, of the moment; the address stays as the page made it.
    let header = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let feed = context
        .hub
        .follow(narrow, header.or(wanted.last_event_id.as_deref()));
    let live = entered.and_then(|entered| context.authenticator.live(&entered));
    let reader = StreamClient::new(StreamSource::Console(Box::new(feed)), place, live);
    reader.answer(version, handover, &paces.unwrap_or_default())
}
