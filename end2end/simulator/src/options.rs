//! What can be set from the command line.

use clap::{Parser, ValueEnum};
use redis::IntoConnectionInfo;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Stands in for TickStockPL: its HTTP API, and its events on a real Redis.
#[derive(Clone, Debug, Parser)]
#[command(version)]
pub struct Options {
    /// Where to serve the HTTP API; port 0 takes a spare one
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub addr: SocketAddr,
    /// The Redis server to publish to
    #[arg(long, default_value = "redis://127.0.0.1:6379/0", value_parser = redis_url)]
    pub redis_url: String,
    /// How much faster than real time; a whole run takes 35 minutes at 1, and one minute at 35
    #[arg(long, default_value_t = 35.0, value_parser = speed)]
    pub speed: f64,
    /// The same seed gives the same runs: symbols, failures, values
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// Where the ids of runs and errors come from
    #[arg(long, value_enum, default_value_t)]
    pub run_ids: RunIds,
    /// A JSON file that keeps runs and schedule over a restart; a run that was active then has
    /// failed
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// What goes wrong
    #[arg(long, value_enum, default_value_t)]
    pub scenario: Scenario,
    /// Which of TickStockPL's documents it speaks like
    #[arg(long, value_enum, default_value_t)]
    pub dialect: Dialect,
    /// How long the scenario `stall` says nothing, in seconds of real time
    #[arg(long, default_value_t = 30)]
    pub stall_seconds: u64,
    /// Start runs by itself at the time of its schedule
    #[arg(long)]
    pub schedule: bool,
}

/// What goes wrong in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Scenario {
    /// Two symbols fail, and the data provider limits the rate once
    #[default]
    Normal,
    /// Dozens of symbols fail, with errors of every severity
    Failures,
    /// Indicators take three times as long
    Slow,
    /// In the middle of the indicators nothing comes for a while
    Stall,
    /// The indicators fail, and the run with them
    Crash,
    /// Indicators in three timeframes, in bursts of 25 symbols
    Chatty,
    /// Each run is one of `normal`, `failures`, `stall` and `crash`, by its seed
    Varied,
}

/// Where the ids of runs and errors come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum RunIds {
    /// At random: no other simulator, and no later start of this one, has them again
    #[default]
    Unique,
    /// From the seed: every start has the same
    Deterministic,
}

/// Which spelling of the contract the events have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Dialect {
    /// The newest agreement
    #[default]
    Response,
    /// The older guides of each phase
    Guides,
    /// Every documented variant, in turn
    Mixed,
}

fn speed(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(speed) if (0.01..=100_000.0).contains(&speed) => Ok(speed),
        _ => Err("it must be a number from 0.01 to 100000".to_owned()),
    }
}

fn redis_url(text: &str) -> Result<String, String> {
    match text.into_connection_info() {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(
            "it must look like redis://[:password@]host:port/db, or begin with rediss://"
                .to_owned(),
        ),
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
