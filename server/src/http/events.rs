//! `GET /api/events`: the state, and then everything that changes it, as server-sent events.

use super::{Context, sse};
use crate::hub::{Hub, Subscription, now};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use contract::frame::Heartbeat;
use futures_util::stream;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

/// A sign of life, also when nothing happens.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long browsers wait before they come back.
const RETRY: &[u8] = b"retry: 1000\n\n";

/// The stream.
pub async fn stream(State(context): State<Context>) -> Response {
    let Some(subscription) = context.hub.subscribe().await else {
        return (StatusCode::SERVICE_UNAVAILABLE, "the console is stopping").into_response();
    };
    let mut heartbeat = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let ready = VecDeque::from([Bytes::from_static(RETRY), subscription.snapshot.clone()]);
    let reader = Reader { subscription, hub: context.hub, heartbeat, ready, shutdown: context.shutdown, over: false };
    let chunks = stream::unfold(reader, |mut reader| async {
        let chunk = reader.next().await?;
        Some((Ok::<_, Infallible>(chunk), reader))
    });
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-cache, no-transform"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, Body::from_stream(chunks)).into_response()
}

/// One reader of the stream.
struct Reader {
    subscription: Subscription,
    hub: Hub,
    heartbeat: Interval,
    /// What leaves before anything else is waited for.
    ready: VecDeque<Bytes>,
    shutdown: CancellationToken,
    over: bool,
}

impl Reader {
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(chunk) = self.ready.pop_front() {
            return Some(chunk);
        }
        if self.over {
            return None;
        }
        tokio::select! {
            received = self.subscription.frames.recv() => match received {
                Ok(frame) => Some(frame),
                // The hub ends with the process.
                Err(RecvError::Closed) => Some(self.goodbye()),
                // Too slow for what came: the frames it missed are in the state that it gets instead.
                Err(RecvError::Lagged(missed)) => {
                    self.subscription = self.hub.subscribe().await?;
                    self.ready.push_back(self.subscription.snapshot.clone());
                    Some(sse::unnumbered("reset", &serde_json::json!({ "missed": missed })))
                }
            },
            _ = self.heartbeat.tick() => Some(sse::unnumbered("heartbeat", &Heartbeat { at: now() })),
            () = self.shutdown.cancelled() => Some(self.goodbye()),
        }
    }

    /// The last event: readers come back a little apart, so that a relay that starts again is not overrun.
    fn goodbye(&mut self) -> Bytes {
        self.over = true;
        Bytes::from(format!("retry: {}\nevent: bye\ndata: {{}}\n\n", rand::random_range(500..2500)))
    }
}
