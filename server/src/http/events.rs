//! `GET /api/events`: the state, and then every change, as server-sent events.

use super::error::ApiError;
use super::extract::ApiQuery;
use super::stream::{Handover, StallDetector, StreamClient, StreamSource};
use crate::auth::Principal;
use crate::hub::Topics;
use crate::state::AppState;
use axum::Extension;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Version};
use axum::response::Response;
use serde::Deserialize;
use std::net::SocketAddr;

#[derive(Deserialize)]
pub(crate) struct StreamQuery {
    /// Comma-separated topics; see [`Topics`].
    topics: Option<String>,
    /// Limits the events to one run.
    run_id: Option<String>,
    /// For `EventSource`, which cannot set the header `Last-Event-ID` itself.
    last_event_id: Option<String>,
}

#[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
pub(crate) async fn stream(
    State(state): State<AppState>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    ApiQuery(query): ApiQuery<StreamQuery>,
    version: Version,
    headers: HeaderMap,
    principal: Option<Extension<Principal>>,
    handover: Option<Extension<Handover>>,
    stalls: Option<Extension<StallDetector>>,
) -> Result<Response, ApiError> {
    let topics = Topics::parse(query.topics.as_deref(), query.run_id.as_deref())
        .map_err(ApiError::invalid_request)?;
    let permit = state.limits.open_stream(client.ip())?;
    // The browser keeps the header up to date; the address stays as the page made it.
    let header = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let last_event_id = header.or(query.last_event_id.as_deref());
    let cursor = state.hub.follow(topics, last_event_id);
    let revocation = principal.and_then(|principal| state.authenticator.revocation(&principal));
    let stream = StreamClient::new(StreamSource::Console(Box::new(cursor)), permit, revocation);
    Ok(stream.into_response(version, handover, &stalls.unwrap_or_default()))
}
