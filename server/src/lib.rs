//! The relay: TickStockPL's events from Redis to browsers, operators' commands over HTTP to
//! TickStockPL.
//!
//! [`run`] starts the tasks: the hub, which alone owns the state; the Redis subscriber and the API
//! watcher, which feed it; and the HTTP server, which reads from it.

// The type of a whole page is nested deeper than rustc looks by default.
#![recursion_limit = "256"]

mod auth;
mod backoff;
mod caller;
pub mod cli;
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
mod symbols;
mod upstream;
mod zone;

use crate::auth::Authenticator;
use crate::config::Config;
use crate::embed::Embeds;
use crate::hub::Hub;
use crate::ingest::{poller, subscriber};
use crate::persistence::Persistence;
use crate::poll_trigger::PollTrigger;
use crate::service::commands::Commands;
use crate::service::queries::Queries;
use crate::service::symbol_outcome::SymbolOutcomes;
use crate::symbols::SymbolIndex;
use crate::upstream::Client;
use model::State;
use std::io;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How long the database may take for the last writes.
const LAST_WRITES: Duration = Duration::from_secs(3);

/// Serves the console on `listener` until `shutdown`; nothing that is away stops it from starting.
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
    // Ended by itself, after the hub's last word.
    let writing = CancellationToken::new();
    let (persistence, restored) = Persistence::open(&config.persistence, writing.clone()).await;
    // The console's own absence is a gap; before its first start ever there was nothing to miss.
    let missed_since = restored.as_ref().map(|restored| restored.heard_until);
    let state = restored.map_or_else(State::default, |restored| restored.state);
    let symbols = SymbolIndex::default();
    let (recorder, told) = persistence.recorder(symbols.clone());
    let hub = Hub::start(
        state.with_thresholds(config.server.thresholds),
        Box::new(recorder),
        shutdown.clone(),
    );
    tokio::spawn(
        persistence
            .clone()
            .follow(hub.clone(), symbols.clone(), told, shutdown.clone()),
    );
    let poll_trigger = PollTrigger::default();
    let client = Client::new(config.api.clone(), poll_trigger.clone());
    tokio::spawn(subscriber::follow(
        config.redis.clone(),
        hub.clone(),
        poll_trigger.clone(),
        missed_since,
        shutdown.clone(),
    ));
    tokio::spawn(poller::watch(
        client.clone().probing(),
        hub.clone(),
        poll_trigger.clone(),
        shutdown.clone(),
    ));
    let queries = Queries::new(client.clone(), hub.clone(), persistence.clone());
    let symbol_outcomes = SymbolOutcomes::new(queries.clone(), symbols.clone());
    let commands = Commands::new(
        client,
        hub.clone(),
        poll_trigger,
        persistence.clone(),
        symbol_outcomes,
    )
    .configured(&config);
    let streams = http::StreamLimits::new(
        config.server.max_streams_per_client,
        config.server.max_streams,
    );
    let authenticator = Authenticator::new(config.access.clone(), persistence.clone());
    tokio::spawn(authenticator.clone().watch(shutdown.clone()));
    // Who may see embeds without a token: everybody, where everybody may see the console and
    // portals were given no secret.
    let open = config.access.auth_modes.open && config.embed.secret.is_none();
    let embeds = Embeds::start(
        &config,
        open,
        hub.clone(),
        commands.clone(),
        persistence.clone(),
        shutdown.clone(),
    );
    let commands = commands
        .behind(authenticator.clone())
        .embedding(embeds.clone());
    let context = http::Context::new(
        hub.clone(),
        commands,
        queries,
        symbols,
        persistence.clone(),
        config.server.site_root,
        streams.clone(),
        authenticator,
    );
    let router = http::router(context, embeds, streams);
    let served = http::serve(listener, router, config.tls, shutdown.clone()).await;
    // Also where the listener failed: what was written is kept.
    shutdown.cancel();
    hub.ended().await;
    writing.cancel();
    // What must last is in a file by now, whatever the database does.
    if tokio::time::timeout(LAST_WRITES, persistence.ended())
        .await
        .is_err()
    {
        tracing::warn!("last writes did not reach the database in time");
    }
    served
}

/// Raises the soft limit of open files to the hard one: every stream is one.
pub fn raise_open_files() {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "the limit of open files stays as it is; it limits the number of streams");
    }
}
