//! The relay: TickStockPL's events from Redis to browsers, operators' commands over HTTP to TickStockPL.
//!
//! [`run`] starts the tasks: the hub, which alone owns the state; the Redis subscriber and the API watcher, which feed it;
//! and the HTTP server, which reads from it.

// The type of a whole page is nested deeper than rustc looks by default.
#![recursion_limit = "256"]

mod ask;
mod backend;
mod clock;
pub mod config;
pub mod http;
pub mod hub;
mod idempotency;
mod reads;
mod redis;
pub mod shutdown;
mod tickstockpl;
mod watch;
mod zone;

use crate::ask::Ask;
use crate::backend::Relay;
use crate::config::Config;
use crate::hub::Hub;
use crate::reads::Reads;
use crate::tickstockpl::Client;
use std::io;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Serves the console on `listener` until `shutdown`; nothing that is away stops it from starting.
///
/// # Errors
/// When the listener fails.
pub async fn run(config: Config, listener: TcpListener, shutdown: CancellationToken) -> io::Result<()> {
    let hub = Hub::start(shutdown.clone());
    let ask = Ask::default();
    let client = Client::new(config.api.clone(), ask.clone());
    tokio::spawn(redis::follow(config.redis.clone(), hub.clone(), ask.clone(), shutdown.clone()));
    tokio::spawn(watch::watch(client.clone().probing(), hub.clone(), ask.clone(), shutdown.clone()));
    let reads = Reads::new(client.clone(), hub.clone());
    let relay = Arc::new(Relay::new(client, hub.clone(), ask));
    let streams = http::Streams::new(config.max_streams_per_client, config.max_streams);
    let router = http::router(http::Context::new(hub, relay, reads, config.site_root, streams));
    http::serve(listener, router, config.tls, shutdown).await
}

/// Raises the soft limit of open files to the hard one: every stream is one.
pub fn raise_open_files() {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "the limit of open files stays as it is; it limits the number of streams");
    }
}
