//! Command-line options.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Measures the console's event streams and compares them with a bare epoll loop that writes the
/// same bytes.
///
/// Starts redis-server, the console and the loop on free loopback ports, and stops them.
#[derive(Clone, Debug, Parser)]
#[command(name = "stream-load", version)]
pub struct Options {
    /// Scenario
    #[command(subcommand)]
    pub action: Action,
    /// Print one JSON object per line instead of Markdown tables
    #[arg(long, global = true)]
    pub json: bool,
}

/// Scenario.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// All scenarios in sequence
    All(Measure),
    /// N streams and messages at a steady rate
    Steady(Measure),
    /// Bursts of 18 messages, and 5,000 results within a second
    Burst(Measure),
    /// One client among many that stops reading
    Stalled(Measure),
    /// The console is killed and restarted
    Restart(Measure),
    /// As steady, for a server that is already running
    Measure(Running),
    /// Run the bare epoll loop
    Bare(BareOptions),
}

/// Options of a measurement.
#[derive(Clone, Debug, Args)]
pub struct Measure {
    /// Path of the console's executable
    #[arg(long, default_value = "target/release/tickstock-console")]
    pub relay: PathBuf,
    /// Servers to measure, in scenarios that support both
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Kind::Bare, Kind::Relay])]
    pub servers: Vec<Kind>,
    /// Numbers of streams [default: 100,1000,5000,10000 for steady, 1000 otherwise]
    #[arg(long, value_delimiter = ',')]
    pub streams: Vec<usize>,
    /// Repetitions of each steady measurement; the table has their medians
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=25))]
    pub repeat: u8,
    /// The messages
    #[command(flatten)]
    pub messages: Messages,
}

/// A server that is already running, and the Redis server that it subscribes to.
#[derive(Clone, Debug, Args)]
pub struct Running {
    /// Address of the server
    #[arg(long)]
    pub address: SocketAddr,
    /// Process id of the server, to measure CPU time and memory
    #[arg(long)]
    pub pid: Option<u32>,
    /// Redis server to publish error reports on
    #[arg(long)]
    pub redis: SocketAddr,
    /// Numbers of streams
    #[arg(long, value_delimiter = ',', default_value = "100")]
    pub streams: Vec<usize>,
    /// The messages
    #[command(flatten)]
    pub messages: Messages,
}

/// Published messages.
#[derive(Clone, Copy, Debug, Args)]
pub struct Messages {
    /// Messages per second
    #[arg(long, default_value_t = 10.0, value_parser = rate)]
    pub rate: f64,
    /// Size of a message in bytes
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u16).range(200..=2000))]
    pub bytes: u16,
    /// Duration in seconds
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u16).range(1..=600))]
    pub seconds: u16,
}

/// Addresses of the bare epoll loop.
#[derive(Clone, Debug, Args)]
pub struct BareOptions {
    /// The Redis server to subscribe to
    #[arg(long)]
    pub redis: SocketAddr,
    /// Address to listen on; port 0 selects a free one
    #[arg(long, default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
}

/// Server to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// The epoll loop
    Bare,
    /// The console
    Relay,
}

fn rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if (0.1..=2000.0).contains(&rate) => Ok(rate),
        _ => Err("expected a number from 0.1 to 2000".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_those_of_the_published_tables() {
        let options = Options::try_parse_from(["stream-load", "steady"]).unwrap();
        let Action::Steady(measure) = options.action else {
            panic!("{options:?}")
        };
        assert_eq!(
            (
                measure.messages.rate,
                measure.messages.bytes,
                measure.messages.seconds
            ),
            (10.0, 500, 15)
        );
        assert_eq!(
            (measure.repeat, measure.servers),
            (3, vec![Kind::Bare, Kind::Relay])
        );
    }

    #[test]
    fn invalid_options_are_refused() {
        for invalid in [
            ["--rate", "0"],
            ["--bytes", "100"],
            ["--repeat", "0"],
            ["--servers", "nginx"],
        ] {
            assert!(
                Options::try_parse_from([["stream-load", "steady"], invalid].concat()).is_err(),
                "{invalid:?}"
            );
        }
    }
}
