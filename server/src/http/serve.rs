//! Serving connections: plain HTTP/1.1, or TLS with HTTP/2, until told to stop.

use super::stream::{self, FlushObserver, Handover, StallDetector};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// How long connections may take to end after the signal to stop.
const DRAIN: Duration = Duration::from_secs(5);
/// How long a request's head, or the next one's beginning, is waited for.
const HEAD: Duration = Duration::from_secs(30);
/// Headers of a request, and bytes of its whole head.
const HEADERS: usize = 64;
const HEAD_BYTES: usize = 32 << 10;
/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// A peer that takes nothing for this long is closed.
const STALLED: Duration = Duration::from_secs(30);
/// As long for one stream among others of a connection, which is offered something every 15 s.
const STREAM_STALLED: Duration = Duration::from_secs(45);
/// How long to wait when no connection can be accepted, as when there are too many open files.
const ACCEPT_AGAIN: Duration = Duration::from_millis(200);

/// Serves until `shutdown`, then lets connections end for at most five seconds.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    tls: Option<TlsAcceptor>,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let addr = listener.local_addr()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    announce(&format!("tickstock-console listening on {scheme}://{addr}"));
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shutdown.cancelled() => break,
        };
        match accepted {
            Ok((socket, client)) => {
                // Small frames leave at once; a socket that cannot be set so still works.
                let _ = socket.set_nodelay(true);
                let server = Server {
                    router: router.clone(),
                    client,
                    shutdown: shutdown.clone(),
                };
                match tls.clone() {
                    Some(tls) => drop(connections.spawn(server.over_tls(socket, tls))),
                    None => drop(connections.spawn(server.plain(socket, connections.clone()))),
                }
            }
            Err(error) => {
                tracing::warn!(%error, "failed to accept connection, retrying");
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
    drop(listener);
    connections.close();
    if timeout(DRAIN, connections.wait()).await.is_err() {
        tracing::warn!(
            timeout_s = DRAIN.as_secs(),
            "connections did not close in time"
        );
    }
    Ok(())
}

/// The one line on standard output, for scripts that wait for it.
#[expect(
    clippy::print_stdout,
    reason = "standard output is this line's place; everything else goes to the log"
)]
fn announce(line: &str) {
    println!("{line}");
}

/// What serves one connection.
struct Server {
    router: Router,
    client: SocketAddr,
    shutdown: CancellationToken,
}

type Answer = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

impl Server {
    /// The routes for this connection's requests, which find `shared` among their extensions.
    fn service<T: Clone + Send + Sync + Unpin + 'static>(
        &self,
        shared: T,
    ) -> impl Service<Request<Incoming>, Response = Response, Error = Infallible, Future = Answer>
    + Clone
    + Unpin
    + use<T> {
        let (router, client) = (self.router.clone(), self.client);
        service_fn(move |request: Request<Incoming>| -> Answer {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(client));
            request.extensions_mut().insert(shared.clone());
            Box::pin(router.clone().oneshot(request))
        })
    }

    /// Plain HTTP/1.1. A stream takes the socket over.
    async fn plain(self, socket: TcpStream, connections: TaskTracker) {
        let handover = Handover::default();
        let io = FlushObserver::new(TokioIo::new(socket), handover.clone());
        let mut connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_headers(HEADERS)
            .max_buf_size(HEAD_BYTES)
            .serve_connection(io, self.service(handover.clone()));
        let mut stopping = pin!(self.shutdown.cancelled());
        let mut told = false;
        let reader = poll_fn(|cx| {
            if !told && stopping.as_mut().poll(cx).is_ready() {
                told = true;
                Pin::new(&mut connection).graceful_shutdown();
            }
            match connection.poll_without_shutdown(cx) {
                // A connection that breaks is the peer's business.
                Poll::Ready(_) => Poll::Ready(None),
                Poll::Pending => handover
                    .take()
                    .map_or(Poll::Pending, |reader| Poll::Ready(Some(reader))),
            }
        })
        .await;
        let mut socket = connection.into_parts().io.into_inner().into_inner();
        match reader {
            // A task of its own, so that nothing of hyper's stays in memory.
            Some(reader) => drop(connections.spawn(stream::write(socket, reader))),
            None => drop(timeout(Duration::from_secs(1), socket.shutdown()).await),
        }
    }

    /// TLS, with HTTP/2 for those who speak it, as browsers do.
    async fn over_tls(self, socket: TcpStream, tls: TlsAcceptor) {
        let mut socket = TimeoutStream::new(socket);
        socket.set_write_timeout(Some(STALLED));
        // Who does not get through the handshake has no one to tell.
        let Ok(Ok(socket)) = timeout(HANDSHAKE, tls.accept(Box::pin(socket))).await else {
            return;
        };
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_headers(HEADERS)
            .max_buf_size(HEAD_BYTES);
        builder
            .http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(Some(Duration::from_secs(20)))
            .max_header_list_size(HEAD_BYTES as u32);
        let stalls = StallDetector::default();
        let connection =
            builder.serve_connection(TokioIo::new(socket), self.service(stalls.clone()));
        let mut connection = pin!(connection);
        tokio::select! {
            _ = connection.as_mut() => {}
            () = stalls.stalled(STREAM_STALLED) => {}
            () = self.shutdown.cancelled() => {
                connection.as_mut().graceful_shutdown();
                let _ = connection.await;
            }
        }
    }
}
