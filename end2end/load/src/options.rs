//! What can be asked for on the command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Measures the console's event streams, beside a bare epoll loop that writes the same bytes.
///
/// Starts what it needs (redis-server, the console, the loop) on spare ports of the loopback, and
/// ends it.
#[derive(Clone, Debug, Parser)]
#[command(version)]
pub struct Options {
    /// What to do
    #[command(subcommand)]
    pub action: Action,
    /// JSON, one object a line, instead of Markdown tables
    #[arg(long, global = true)]
    pub json: bool,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Action {
    /// All scenarios, one after the other
    All(Measure),
    /// N readers and messages at a steady rate
    Steady(Measure),
    /// Bursts of 18 messages, and 5,000 results in a second
    Burst(Measure),
    /// One reader among many that stops reading
    Stalled(Measure),
    /// The console killed and started again
    Restart(Measure),
    /// The same as steady, for a server that runs already
    Measure(Running),
    /// Be the bare epoll loop
    Bare(BareOptions),
}

/// How to measure.
#[derive(Clone, Debug, Args)]
pub struct Measure {
    /// The console's program
    #[arg(long, default_value = "target/release/tickstock-console")]
    pub relay: PathBuf,
    /// What to measure, where both can be
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Kind::Bare, Kind::Relay])]
    pub servers: Vec<Kind>,
    /// Streams; by default 100,1000,5000,10000 for steady, and 1000 for the others
    #[arg(long, value_delimiter = ',')]
    pub streams: Vec<usize>,
    /// Runs of each steady measurement; the table has their medians
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=25))]
    pub repeat: u8,
    /// The messages
    #[command(flatten)]
    pub messages: Messages,
}

/// A server that runs already, and the Redis server that it is subscribed to.
#[derive(Clone, Debug, Args)]
pub struct Running {
    /// Where it serves /api/events
    #[arg(long)]
    pub address: SocketAddr,
    /// Its process, for CPU time and memory
    #[arg(long)]
    pub pid: Option<u32>,
    /// Where to publish: marked error reports on tickstock:errors
    #[arg(long)]
    pub redis: SocketAddr,
    /// Streams
    #[arg(long, value_delimiter = ',', default_value = "100")]
    pub streams: Vec<usize>,
    /// The messages
    #[command(flatten)]
    pub messages: Messages,
}

/// What is published.
#[derive(Clone, Copy, Debug, Args)]
pub struct Messages {
    /// Messages a second
    #[arg(long, default_value_t = 10.0, value_parser = rate)]
    pub rate: f64,
    /// Bytes of a message
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u16).range(200..=2000))]
    pub bytes: u16,
    /// How long
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u16).range(1..=600))]
    pub seconds: u16,
}

/// The baseline's addresses.
#[derive(Clone, Debug, Args)]
pub struct BareOptions {
    /// The Redis server to subscribe to
    #[arg(long)]
    pub redis: SocketAddr,
    /// Where to serve; port 0 takes a spare one
    #[arg(long, default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
}

/// What is measured.
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
        _ => Err("it must be a number from 0.1 to 2000".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_without_options_is_what_the_tables_say() {
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
    fn wrong_values_are_refused() {
        for wrong in [
            ["--rate", "0"],
            ["--bytes", "100"],
            ["--repeat", "0"],
            ["--servers", "nginx"],
        ] {
            assert!(
                Options::try_parse_from([["stream-load", "steady"], wrong].concat()).is_err(),
                "{wrong:?}"
            );
        }
    }
}
