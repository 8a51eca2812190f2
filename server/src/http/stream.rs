//! Open streams, and the two ways of writing one.
//!
//! Over plain HTTP/1.1, hyper writes the head of the response and then gives the socket away
//! ([`Handover`]): a task that holds nothing but a position in the journal writes the rest. That
//! takes a fraction of the memory and CPU time of a response body, and a client that stops reading
//! runs into the task's deadline. Over TLS, which is where HTTP/2 is, streams are response bodies,
//! and the connection watches them ([`StallDetector`]).

mod handover;
mod socket;
mod stall_detector;

pub(crate) use handover::{FlushObserver, Handover};
pub(crate) use socket::write;
pub(crate) use stall_detector::StallDetector;

use crate::auth::Revocation;
use crate::client_limits::Permit;
use crate::embed::EmbedStream;
use crate::hub::Cursor;
use axum::Extension;
use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, Version};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use std::convert::Infallible;
use std::sync::Arc;

/// One open stream.
pub(crate) struct StreamClient {
    source: StreamSource,
    /// Ends the stream when the session or token of the client is revoked.
    revocation: Option<Arc<Revocation>>,
    _permit: Permit,
}

/// The source of a stream's events.
pub(crate) enum StreamSource {
    /// The state and its changes.
    Console(Box<Cursor>),
    /// Rendered views.
    Embed(Box<EmbedStream>),
}

impl StreamClient {
    /// A stream that counts against the limits of its client until it is dropped.
    pub(crate) fn new(
        source: StreamSource,
        permit: Permit,
        revocation: Option<Arc<Revocation>>,
    ) -> StreamClient {
        StreamClient {
            source,
            revocation,
            _permit: permit,
        }
    }

    /// Waits for the next events and appends them; `false` when the stream ends.
    async fn next(&mut self, events: &mut Vec<Bytes>) -> bool {
        let more = async {
            match &mut self.source {
                StreamSource::Console(cursor) => cursor.next(events).await,
                // Boxed: inlined, its look-ups would make the task of every stream ten times as
                // large.
                StreamSource::Embed(stream) => Box::pin(stream.next(events)).await,
            }
        };
        let Some(revocation) = &self.revocation else {
            return more.await;
        };
        tokio::select! {
            biased;
            () = revocation.revoked() => false,
            more = more => more,
        }
    }

    /// The response, whose body is the stream.
    pub(crate) fn into_response(
        self,
        version: Version,
        handover: Option<Extension<Handover>>,
        stalls: &StallDetector,
    ) -> Response {
        let body = match handover {
            Some(handover) if version == Version::HTTP_11 => handover.0.offer(self),
            _ => self.into_body(stalls),
        };
        let headers = [
            (CONTENT_TYPE, "text/event-stream"),
            (CACHE_CONTROL, "no-cache, no-transform"),
            (HeaderName::from_static("x-accel-buffering"), "no"),
        ];
        (headers, body).into_response()
    }

    /// The stream as a response body, on a connection that watches its `stalls`.
    pub(crate) fn into_body(self, stalls: &StallDetector) -> Body {
        Body::from_stream(stream::unfold(
            (self, stalls.watch()),
            |(mut client, activity)| async {
                activity.record();
                let mut events = Vec::new();
                if !client.next(&mut events).await {
                    return None;
                }
                let chunk = if events.len() == 1 {
                    events.remove(0)
                } else {
                    Bytes::from(events.concat())
                };
                Some((Ok::<_, Infallible>(chunk), (client, activity)))
            },
        ))
    }
}
