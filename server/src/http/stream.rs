//! Open streams: how many there may be, and the two ways of writing one.
//!
//! Over plain HTTP/1.1 hyper writes the head of the answer, and then gives the socket away ([`Handover`]): a task with nothing
//! but a position in the journal writes the rest. That is a fraction of the memory and the work of a response body, and a reader
//! that stops reading meets its deadline. Over TLS, which is where HTTP/2 is, streams are response bodies,
//! whose connection watches them ([`Paces`]).

mod handover;
mod pace;
mod places;
mod socket;

pub use handover::{Handover, Watched};
pub use pace::Paces;
pub use places::{Place, Refused, Streams};
pub use socket::write;

use crate::embed::Following;
use crate::gate::Live;
use crate::hub::Feed;
use axum::body::{Body, Bytes};
use futures_util::stream;
use std::convert::Infallible;
use std::sync::Arc;

/// One open stream: what it reads, and its place among the others.
pub struct Reader {
    source: Source,
    /// Says when what the reader came in by is no longer good.
    live: Option<Arc<Live>>,
    _place: Place,
}

/// What a stream reads.
pub enum Source {
    /// The state and its steps.
    Console(Box<Feed>),
    /// Views for embeds.
    Embed(Box<Following>),
}

impl Reader {
    /// A stream that takes its place until it is dropped.
    pub fn new(source: Source, place: Place, live: Option<Arc<Live>>) -> Reader {
        Reader { source, live, _place: place }
    }

    /// Waits for what comes next and adds it; `false` when the stream has ended, or must.
    async fn next(&mut self, events: &mut Vec<Bytes>) -> bool {
        let more = async {
            match &mut self.source {
                Source::Console(feed) => feed.next(events).await,
                Source::Embed(views) => views.next(events).await,
            }
        };
        let Some(live) = &self.live else { return more.await };
        tokio::select! {
            biased;
            () = live.ended() => false,
            more = more => more,
        }
    }

    /// The stream as the body of a response, on a connection that watches its `paces`.
    pub fn into_body(self, paces: &Paces) -> Body {
        Body::from_stream(stream::unfold((self, paces.add()), |(mut reader, pace)| async {
            pace.asks();
            let mut events = Vec::new();
            if !reader.next(&mut events).await {
                return None;
            }
            let chunk = if events.len() == 1 { events.remove(0) } else { Bytes::from(events.concat()) };
            Some((Ok::<_, Infallible>(chunk), (reader, pace)))
        }))
    }
}
