//! `GET /api/events`: the state, and then everything that changes it, as server-sent events.

use super::stream::{self, Handover, StallDetector, StreamClient, StreamSource};
use crate::auth::{Authenticator, Entered};
use crate::http::StreamLimits;
use crate::hub::{Hub, Topics};
use axum::Extension;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, StatusCode, Version};
use axum::response::Response;
use serde::Deserialize;
use std::net::SocketAddr;
use std::sync::Arc;

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
    State(hub): State<Hub>,
    State(limits): State<Arc<StreamLimits>>,
    State(authenticator): State<Authenticator>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    Query(wanted): Query<StreamQuery>,
    version: Version,
    headers: HeaderMap,
    entered: Option<Extension<Entered>>,
    handover: Option<Extension<Handover>>,
    paces: Option<Extension<StallDetector>>,
) -> Response {
    let topics = match Topics::parse(wanted.topics.as_deref(), wanted.run_id.as_deref()) {
        Ok(topics) => topics,
        Err(message) => return stream::refuse(StatusCode::BAD_REQUEST, "invalid", &message),
    };
    let place = match limits.take(client.ip()) {
        Ok(place) => place,
        Err(refused) => return stream::full(&refused),
    };
    // The header is the browser's own, of the moment; the address stays as the page made it.
    let header = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let cursor = hub.follow(topics, header.or(wanted.last_event_id.as_deref()));
    let live = entered.and_then(|entered| authenticator.live(&entered));
    let reader = StreamClient::new(StreamSource::Console(Box::new(cursor)), place, live);
    reader.answer(version, handover, &paces.unwrap_or_default())
}
