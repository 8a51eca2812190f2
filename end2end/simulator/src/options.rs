//! Command-line options.

use clap::{Parser, ValueEnum};
use redis::IntoConnectionInfo;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Simulates TickStockPL: serves its HTTP API and publishes its events to Redis
#[derive(Clone, Debug, Parser)]
#[command(name = "tickstockpl-simulator", version)]
pub struct Options {
    /// Address of the HTTP API; port 0 picks a free port
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub addr: SocketAddr,
    /// Redis server to publish to
    #[arg(long, default_value = "redis://127.0.0.1:6379/0", value_parser = redis_url)]
    pub redis_url: String,
    /// Speed relative to real time; a full run takes 35 minutes at 1 and one minute at 35
    #[arg(long, default_value_t = 35.0, value_parser = speed)]
    pub speed: f64,
    /// Seed of symbols, failures and values; the same seed gives the same runs
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// Source of the ids of runs and errors
    #[arg(long, value_enum, default_value_t)]
    pub run_ids: RunIds,
    /// JSON file that keeps runs and schedule across restarts; a run that was active counts as
    /// failed
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Failures to simulate
    #[arg(long, value_enum, default_value_t)]
    pub scenario: Scenario,
    /// Message format, by the TickStockPL document that describes it
    #[arg(long, value_enum, default_value_t)]
    pub dialect: Dialect,
    /// Length of the silence in scenario `stall`, in seconds of real time
    #[arg(long, default_value_t = 30)]
    pub stall_seconds: u64,
    /// Start runs at the scheduled time
    #[arg(long)]
    pub schedule: bool,
}

/// Failures in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// Two symbols fail and one rate limit is hit
    #[default]
    Normal,
    /// Dozens of symbols fail, with errors of every severity
    Failures,
    /// Indicators take three times as long
    Slow,
    /// No events for a while in the middle of the indicators
    Stall,
    /// The indicators phase fails, and the run with it
    Crash,
    /// Indicators in three timeframes, in bursts of 25 symbols
    Chatty,
    /// Each run is `normal`, `failures`, `stall` or `crash`, depending on the seed
    Varied,
}

/// Source of the ids of runs and errors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum RunIds {
    /// Random; never repeated by another simulator or a later start
    #[default]
    Unique,
    /// Derived from the seed; the same at every start
    Deterministic,
}

/// Message format of the events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Dialect {
    /// The newest agreement
    #[default]
    Response,
    /// The older guides of each phase
    Guides,
    /// Every documented variant in turn
    Mixed,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(speed) if (0.01..=100_000.0).contains(&speed) => Ok(speed),
        _ => Err("expected a number from 0.01 to 100000".to_owned()),
    }
}

fn redis_url(text: &str) -> Result<String, String> {
    match text.into_connection_info() {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("expected redis://[:password@]host:port/db or rediss://…".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_values_are_refused() {
        for wrong in [
            ["--speed", "0"],
            ["--speed", "NaN"],
            ["--speed", "fast"],
            ["--redis-url", "http://127.0.0.1"],
            ["--scenario", "calm"],
            ["--dialect", "latin"],
            ["--run-ids", "odd"],
            ["--addr", "somewhere"],
            ["--seed", "-1"],
        ] {
            let error =
                Options::try_parse_from([["simulator"].as_slice(), &wrong].concat()).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{wrong:?}");
        }
        let tls = Options::try_parse_from([
            "simulator",
            "--redis-url",
            "rediss://:secret@redis.example:6380/1",
        ]);
        assert!(tls.is_ok());
        let options = Options::try_parse_from(["simulator"]).unwrap();
        assert_eq!(
            (options.seed, options.speed, options.stall_seconds),
            (7, 35.0, 30)
        );
    }
}
