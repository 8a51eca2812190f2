//! A stand-in for TickStockPL: its HTTP API, its run of four phases, its events on a real Redis.
//!
//! What it answers and publishes is what TickStockPL's documents say; where they say nothing, what the console assumes.
//! The same seed gives the same runs: ids, symbols, failures, values.

mod dialect;
mod http;
mod market;
mod options;
mod plan;
mod publish;
mod run;
mod schedule;
mod world;

pub use options::{Dialect, Options, Scenario};

use publish::Publisher;
use std::io;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use world::World;

/// Simulates on `listener` until `shutdown`.
///
/// # Errors
/// When the listener fails.
pub async fn run(options: Options, listener: TcpListener, shutdown: CancellationToken) -> io::Result<()> {
    announce(&format!("tickstockpl-simulator listening on http://{}", listener.local_addr()?));
    let publisher = Publisher::start(&options.redis_url, options.dialect, shutdown.clone());
    let world = World::new(options, publisher, shutdown.clone());
    tokio::spawn(schedule::start_by_themselves(world.clone()));
    tokio::spawn(run::monitoring::report(world.clone()));
    axum::serve(listener, http::router(world)).with_graceful_shutdown(shutdown.cancelled_owned()).await
}

/// The one line on standard output, for scripts that wait for it.
#[expect(clippy::print_stdout, reason = "standard output is this line's place; everything else goes to the log")]
fn announce(line: &str) {
    println!("{line}");
}
