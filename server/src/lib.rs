//! The relay: TickStockPL's events from Redis to browsers, operators' commands over HTTP to
//! TickStockPL.
//!
//! [`run`] starts the tasks: the hub, which alone changes the state; the Redis subscriber and the
//! poller of TickStockPL's API, which feed it; and the HTTP server, which reads from it.

// The type of a whole page is nested deeper than rustc looks by default.
#![recursion_limit = "256"]

mod auth;
mod backoff;
mod caller;
pub mod cli;
mod client_limits;
mod clock;
pub mod config;
pub mod embed;
pub mod http;
pub mod hub;
mod ingest;
mod persistence;
mod poll_trigger;
mod service;
pub mod shutdown;
mod state;
mod symbols;
mod upstream;
mod zone;

use crate::config::Config;
use crate::ingest::{poller, subscriber};
use crate::state::AppState;
use std::io;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How long the database may take for the last writes.
const LAST_WRITES: Duration = Duration::from_secs(3);

/// Serves the console on `listener` until `shutdown`; nothing that is unavailable stops it from
/// starting.
///
/// # Errors
/// When the listener fails.
pub async fn run(
    mut config: Config,
    listener: TcpListener,
    shutdown: CancellationToken,
) -> io::Result<()> {
    // Where a port was not asked for by number, it is known by now.
    config.server.addr = listener.local_addr()?;
    let (state, heard_until) = AppState::build(&config, shutdown.clone()).await;
    tokio::spawn(subscriber::run(
        config.redis,
        state.hub.clone(),
        state.poll_trigger.clone(),
        heard_until,
        shutdown.clone(),
    ));
    tokio::spawn(poller::run(
        state.upstream.clone().probing(),
        state.hub.clone(),
        state.poll_trigger.clone(),
        shutdown.clone(),
    ));
    tokio::spawn(state.authenticator.clone().watch(shutdown.clone()));
    let router = http::router(state.clone());
    let served = http::serve(listener, router, config.tls, shutdown.clone()).await;
    // Also where the listener failed: what was written is kept.
    shutdown.cancel();
    state.hub.ended().await;
    // What must last is in the spool by now, whatever the database does.
    let closed = tokio::time::timeout(LAST_WRITES, state.persistence.close()).await;
    if closed.is_err() {
        tracing::warn!("last writes did not reach the database in time");
    }
    served
}

/// Raises the soft limit of open files to the hard one: every stream is one.
pub fn raise_open_files() {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "failed to raise the limit of open files, which bounds the streams");
    }
}
