//! A stand-in for TickStockPL: its HTTP API, its run of four phases, its events on a real Redis.
//!
//! What it answers and publishes is what TickStockPL's documents say; where they say nothing, what
//! the console assumes. The same seed gives the same runs: symbols, failures, values. Their ids are
//! unique unless `--run-ids deterministic` is given, so that two simulators, or two starts of one,
//! never speak of different runs by the same id.

mod dialect;
mod history;
mod http;
mod market;
mod options;
mod plan;
mod publish;
mod rng;
mod run;
mod schedule;
mod scheduler;
mod simulator;
mod state_file;
mod time;

pub use options::{Dialect, Options, RunIds, Scenario};

use publish::Publisher;
use simulator::Simulator;
use std::io;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// How long requests that are under way may take once it is told to stop.
const DRAIN: Duration = Duration::from_secs(2);

/// Simulates on `listener` until `shutdown`. Redis may be away: it starts without, and connects
/// when it can.
///
/// # Errors
/// When the listener fails, or the file that `--state` names cannot be read or written.
pub async fn run(
    options: Options,
    listener: TcpListener,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let publisher = Publisher::start(&options.redis_url, options.dialect, shutdown.clone()).await;
    let simulator = Simulator::new(options, publisher, shutdown.clone())?;
    tokio::spawn(scheduler::start_scheduled_runs(simulator.clone()));
    tokio::spawn(run::monitoring::report(simulator.clone()));
    announce(&format!(
        "tickstockpl-simulator listening on http://{}",
        listener.local_addr()?
    ));
    let serving = axum::serve(listener, http::router(simulator))
        .with_graceful_shutdown(shutdown.clone().cancelled_owned());
    let deadline = async {
        shutdown.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        served = serving.into_future() => served,
        () = deadline => Ok(()),
    }
}

/// The one line on standard output, for scripts that wait for it.
#[expect(
    clippy::print_stdout,
    reason = "standard output is this line's place; everything else goes to the log"
)]
fn announce(line: &str) {
    println!("{line}");
}
