//! Open streams: how many there may be, and the two ways of writing one.
//!
//! Over plain HTTP/1.1 hyper writes the head of the answer, and then gives the socket away
//! ([`Handover`]): a task with nothing but a position in the journal writes the rest. That is a
//! fraction of the memory and the work of a response body, and a reader that stops reading meets
//! its deadline. Over TLS, which is where HTTP/2 is, streams are response bodies, whose connection
//! watches them ([`StallDetector`]).

mod handover;
mod socket;
mod stall_detector;
mod stream_limits;

pub use handover::{FlushObserver, Handover};
pub use socket::write;
pub use stall_detector::StallDetector;
pub use stream_limits::{StreamLimitError, StreamLimits, StreamPermit};

use crate::auth::Live;
use crate::embed::EmbedStream;
use crate::hub::Cursor;
use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, StatusCode, Version};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use futures_util::stream;
use std::convert::Infallible;
use std::sync::Arc;

/// One open stream: what it reads, and its place among the others.
pub struct StreamClient {
    source: StreamSource,
    /// Says when what the reader came in by is no longer good.
    live: Option<Arc<Live>>,
    _place: StreamPermit,
}

/// What a stream reads.
pub enum StreamSource {
    /// The state and its steps.
    Console(Box<Cursor>),
    /// Views for embeds.
    Embed(Box<EmbedStream>),
}

impl StreamClient {
    /// A stream that takes its place until it is dropped.
    pub fn new(source: StreamSource, place: StreamPermit, live: Option<Arc<Live>>) -> StreamClient {
        StreamClient {
            source,
            live,
            _place: place,
        }
    }

    /// Waits for what comes next and adds it; `false` when the stream has ended, or must.
    async fn next(&mut self, events: &mut Vec<Bytes>) -> bool {
        let more = async {
            match &mut self.source {
                StreamSource::Console(feed) => feed.next(events).await,
                StreamSource::Embed(views) => views.next(events).await,
            }
        };
        let Some(live) = &self.live else {
            return more.await;
        };
        tokio::select! {
            biased;
            () = live.ended() => false,
            more = more => more,
        }
    }

    /// The answer that the stream is.
    pub fn answer(
        self,
        version: Version,
        handover: Option<Extension<Handover>>,
        paces: &StallDetector,
    ) -> Response {
        let body = match handover {
            Some(handover) if version == Version::HTTP_11 => handover.0.offer(self),
            _ => self.into_body(paces),
        };
        let headers = [
            (CONTENT_TYPE, "text/event-stream"),
            (CACHE_CONTROL, "no-cache, no-transform"),
            (HeaderName::from_static("x-accel-buffering"), "no"),
        ];
        (headers, body).into_response()
    }

    /// The stream as the body of a response, on a connection that watches its `paces`.
    pub fn into_body(self, paces: &StallDetector) -> Body {
        Body::from_stream(stream::unfold(
            (self, paces.add()),
            |(mut reader, pace)| async {
                pace.asks();
                let mut events = Vec::new();
                if !reader.next(&mut events).await {
                    return None;
                }
                let chunk = if events.len() == 1 {
                    events.remove(0)
                } else {
                    Bytes::from(events.concat())
                };
                Some((Ok::<_, Infallible>(chunk), (reader, pace)))
            },
        ))
    }
}

/// What is said where there is no place for another stream.
pub fn full(refused: &StreamLimitError) -> Response {
    let status = match refused {
        StreamLimitError::Client(_) => StatusCode::TOO_MANY_REQUESTS,
        StreamLimitError::All(_) => StatusCode::SERVICE_UNAVAILABLE,
    };
    (
        [(RETRY_AFTER, "10")],
        refuse(status, "too_many_streams", &refused.to_string()),
    )
        .into_response()
}

/// Why there is no stream.
pub fn refuse(status: StatusCode, code: &str, message: &str) -> Response {
    (
        status,
        Json(serde_json::json!({ "success": false, "code": code, "message": message })),
    )
        .into_response()
}
