//! Handover of a stream's socket from hyper: after the head of its response was written, and before
//! its body.
//!
//! The response's body never gives a frame; asking it for the first one says that the head is in
//! hyper's buffer, and the flush that follows says that it is on its way. From then on hyper has
//! nothing more to do with the connection.

use super::StreamClient;
use axum::body::{Body, Bytes, HttpBody};
use http_body::Frame;
use hyper::rt::{Read, ReadBufCursor, Write};
use parking_lot::{Mutex, MutexGuard};
use std::convert::Infallible;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Shared by a connection and the requests on it: a stream's handler offers to take the socket
/// over.
#[derive(Clone, Default)]
pub(crate) struct Handover(Arc<Mutex<HandoverStage>>);

#[derive(Default)]
enum HandoverStage {
    /// Ordinary requests.
    #[default]
    None,
    /// A stream was requested.
    Offered(StreamClient),
    /// The head of its response is in hyper's buffer.
    Written(StreamClient),
    /// The head is on its way: the socket can be taken.
    Flushed(StreamClient),
}

impl Handover {
    /// Lets `client` take the socket. The returned body tells when hyper has written the head.
    pub(crate) fn offer(&self, client: StreamClient) -> Body {
        *self.stage() = HandoverStage::Offered(client);
        Body::new(HandoverBody(self.clone()))
    }

    /// The stream that takes the socket over, once the head is flushed.
    pub(crate) fn take(&self) -> Option<StreamClient> {
        let mut stage = self.stage();
        match std::mem::take(&mut *stage) {
            HandoverStage::Flushed(client) => Some(client),
            other => {
                *stage = other;
                None
            }
        }
    }

    fn advance(&self, next: impl FnOnce(HandoverStage) -> HandoverStage) {
        let mut stage = self.stage();
        *stage = next(std::mem::take(&mut *stage));
    }

    fn stage(&self) -> MutexGuard<'_, HandoverStage> {
        self.0.lock()
    }
}

/// The body of a stream's response, as hyper sees it.
struct HandoverBody(Handover);

impl HttpBody for HandoverBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.advance(|stage| match stage {
            HandoverStage::Offered(client) => HandoverStage::Written(client),
            other => other,
        });
        Poll::Pending
    }
}

impl Drop for HandoverBody {
    fn drop(&mut self) {
        // A response to HEAD, or one that was aborted: the stream's permit is released.
        self.0.advance(|_| HandoverStage::None);
    }
}

/// A connection's I/O, which sees when what was written is flushed.
pub(crate) struct FlushObserver<Io> {
    io: Io,
    handover: Handover,
}

impl<Io> FlushObserver<Io> {
    /// Watches `io` for `handover`.
    pub(crate) fn new(io: Io, handover: Handover) -> Self {
        FlushObserver { io, handover }
    }

    /// The I/O itself.
    pub(crate) fn into_inner(self) -> Io {
        self.io
    }
}

impl<Io: Read + Unpin> Read for FlushObserver<Io> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl<Io: Write + Unpin> Write for FlushObserver<Io> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // hyper flushes its I/O once its own buffer is written whole.
        let flushed = Pin::new(&mut self.io).poll_flush(cx);
        if matches!(flushed, Poll::Ready(Ok(()))) {
            self.handover.advance(|stage| match stage {
                HandoverStage::Written(client) => HandoverStage::Flushed(client),
                other => other,
            });
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }
}
