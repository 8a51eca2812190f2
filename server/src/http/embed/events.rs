//! `GET /embed/v1/events?of=status&of=runs…`: rendered views as server-sent events, which embeds
//! read with `fetch` so that the token can be in a header.

use super::context::EmbedContext;
use crate::embed::ViewRequest;
use crate::http::error::ApiError;
use crate::http::stream::{Handover, StallDetector, StreamClient, StreamSource};
use axum::Extension;
use axum::extract::{ConnectInfo, RawQuery, State};
use axum::http::{HeaderMap, Version};
use axum::response::Response;
use std::net::SocketAddr;

pub(crate) async fn stream(
    State(context): State<EmbedContext>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    RawQuery(query): RawQuery,
    version: Version,
    headers: HeaderMap,
    handover: Option<Extension<Handover>>,
    stalls: Option<Extension<StallDetector>>,
) -> Result<Response, ApiError> {
    let requests = ViewRequest::all(query.as_deref().unwrap_or_default());
    if requests.is_empty() {
        return Err(ApiError::invalid(
            "of",
            "of must name a view: status, runs, schedule, or run/<run id>.",
        ));
    }
    let permit = context.limits.open_stream(client.ip())?;
    let stream = match context.embeds.stream(&requests, &headers).await {
        Ok(stream) => stream,
        Err(denied) if denied.wants_token() => {
            return Err(ApiError::token_required(denied.to_string()));
        }
        Err(denied) => return Err(ApiError::not_allowed(denied.to_string())),
    };
    let stream = StreamClient::new(StreamSource::Embed(Box::new(stream)), permit, None);
    Ok(stream.into_response(version, handover, &stalls.unwrap_or_default()))
}
