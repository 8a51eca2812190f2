//! `GET /embed/v1/events?of=status&of=runs…`: views as server-sent events, read by fetch so that a
//! token can stand in its header.

use super::context::EmbedContext;
use crate::embed::ViewRequest;
use crate::http::stream::{self, Handover, StallDetector, StreamClient, StreamSource};
use axum::Extension;
use axum::extract::{ConnectInfo, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, Version};
use axum::response::Response;
use std::net::SocketAddr;

/// The stream.
pub async fn stream(
    State(context): State<EmbedContext>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    RawQuery(query): RawQuery,
    version: Version,
    headers: HeaderMap,
    handover: Option<Extension<Handover>>,
    paces: Option<Extension<StallDetector>>,
) -> Response {
    let asked = ViewRequest::all(query.as_deref().unwrap_or_default());
    if asked.is_empty() {
        let message = "of must name a view: status, runs, schedule, or run/ with an id";
        return stream::refuse(StatusCode::BAD_REQUEST, "invalid", message);
    }
    let place = match context.streams.take(client.ip()) {
        Ok(place) => place,
        Err(refused) => return stream::full(&refused),
    };
    let following = match context.embeds.stream(&asked, &headers).await {
        Ok(following) => following,
        Err(why) if why.wants_token() => {
            return stream::refuse(StatusCode::UNAUTHORIZED, "token", &why.to_string());
        }
        Err(why) => return stream::refuse(StatusCode::FORBIDDEN, "not_allowed", &why.to_string()),
    };
    let reader = StreamClient::new(StreamSource::Embed(Box::new(following)), place, None);
    reader.answer(version, handover, &paces.unwrap_or_default())
}
