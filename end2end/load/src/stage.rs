//! The programs of a measurement: a Redis server of its own, and what is measured. Each ends with
//! the value that holds it.

use crate::error::{During, Error};
use crate::{mark, resp, stop};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How long a program may take to start.
const START: Duration = Duration::from_secs(10);
/// An address that nothing answers on: the relay is measured without a TickStockPL.
const NOWHERE: &str = "http://127.0.0.1:9";
/// What is measured is the relay as it comes.
const DEFAULTS: [&str; 5] = [
    "CONSOLE_TLS_CERT",
    "CONSOLE_TLS_KEY",
    "CONSOLE_MAX_STREAMS",
    "CONSOLE_MAX_STREAMS_PER_CLIENT",
    "REDIS_CA",
];

/// A program that was started; it is killed when this is dropped.
#[derive(Debug)]
struct Started(Child);

impl Drop for Started {
    fn drop(&mut self) {
        // One that has ended already is what we want.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A Redis server on a spare port of the loopback.
#[derive(Debug)]
pub struct Redis {
    address: SocketAddr,
    _started: Started,
}

impl Redis {
    /// Starts one that keeps nothing on disk.
    ///
    /// # Errors
    /// When redis-server is not installed, or does not start.
    pub fn start() -> Result<Redis, Error> {
        let spare =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).during("looking for a spare port")?;
        let address = spare.local_addr().during("looking for a spare port")?;
        drop(spare);
        let port = address.port().to_string();
        let mut command = Command::new("redis-server");
        command.args([
            "--port",
            &port,
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]);
        // A burst to a subscriber that shares two cores with thousands of readers is none of Redis'
        // business to cut.
        command.args(["--client-output-buffer-limit", "pubsub 0 0 0"]);
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .during("starting redis-server")?;
        let redis = Redis {
            address,
            _started: Started(child),
        };
        stop::until("redis-server", START, || Ok(redis.client().is_ok()))?;
        Ok(redis)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A connection of its own.
    ///
    /// # Errors
    /// When it is gone.
    pub fn client(&self) -> Result<resp::Client, Error> {
        resp::Client::connect(self.address)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        forget(self.address);
    }
}

/// What is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Program {
    /// The console, from this file.
    Relay(PathBuf),
    /// [`bare`](crate::bare), as a process of its own from this file.
    Bare(PathBuf),
}

impl Program {
    /// What a report calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Program::Relay(_) => "relay",
            Program::Bare(_) => "bare",
        }
    }

    fn file(&self) -> &Path {
        match self {
            Program::Relay(file) | Program::Bare(file) => file,
        }
    }

    fn command(&self, redis: SocketAddr, listen: SocketAddr) -> Command {
        let mut command = Command::new(self.file());
        match self {
            Program::Relay(_) => {
                command
                    .env("CONSOLE_ADDR", listen.to_string())
                    .env("REDIS_URL", format!("redis://{redis}/0"));
                command
                    .env("TICKSTOCKPL_API_URL", NOWHERE)
                    .env("LEPTOS_SITE_ROOT", "/nonexistent");
                // What the shell or a .env file has set for itself must not change what is
                // measured; empty is not set.
                for name in DEFAULTS {
                    command.env(name, "");
                }
                command.env(
                    "DATABASE_URI",
                    format!("sqlite://{}", copy(redis).join("console.db").display()),
                );
                // It has no site to serve here, and would say so.
                command.env("RUST_LOG", "error,server::http::pages=off");
            }
            Program::Bare(_) => {
                command.args([
                    "bare",
                    "--redis",
                    &redis.to_string(),
                    "--listen",
                    &listen.to_string(),
                ]);
            }
        }
        command
    }
}

/// Where a relay keeps its database, beside nobody else's.
fn copy(redis: SocketAddr) -> PathBuf {
    std::env::temp_dir().join(format!(
        "stream-load-{}-{}",
        std::process::id(),
        redis.port()
    ))
}

/// Removes what a relay kept.
fn forget(redis: SocketAddr) {
    // There is nothing before the first relay, and after bare.
    let _ = std::fs::remove_dir_all(copy(redis));
}

/// A server of streams that runs.
#[derive(Debug)]
pub struct Server {
    program: Program,
    redis: SocketAddr,
    address: SocketAddr,
    started: Started,
}

impl Server {
    /// Starts it on a spare port, and waits until it is subscribed.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(program: Program, redis: SocketAddr) -> Result<Server, Error> {
        let mut client = resp::Client::connect(redis)?;
        stop::until("the end of the last subscriber", START, || {
            Ok(client.subscribers(mark::CHANNEL)? == 0)
        })?;
        forget(redis);
        let server = Server::listening(program, redis, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        stop::until("the server's subscription", START, || {
            Ok(client.subscribers(mark::CHANNEL)? > 0)
        })?;
        Ok(server)
    }

    /// Starts the same on the same address; this one must have ended.
    ///
    /// # Errors
    /// When it does not start.
    pub fn again(&self) -> Result<Server, Error> {
        Server::listening(self.program.clone(), self.redis, self.address)
    }

    fn listening(program: Program, redis: SocketAddr, listen: SocketAddr) -> Result<Server, Error> {
        let shown = program.file().display().to_string();
        let mut command = program.command(redis, listen);
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut started = Started(child.during(format!("starting {shown}"))?);
        let mut line = String::new();
        if let Some(stdout) = started.0.stdout.take() {
            BufReader::new(stdout)
                .read_line(&mut line)
                .during(format!("reading what {shown} says"))?;
        }
        let address = line
            .trim()
            .rsplit_once("listening on http://")
            .and_then(|(_, address)| address.parse().ok());
        let not_started = || Error::NotStarted {
            program: shown,
            why: format!("it said {line:?}"),
        };
        Ok(Server {
            program,
            redis,
            address: address.ok_or_else(not_started)?,
            started,
        })
    }

    /// Ends it at once, as a crash does.
    pub fn kill(&mut self) {
        let _ = self.started.0.kill();
        let _ = self.started.0.wait();
    }

    /// Where it serves streams.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.started.0.id()
    }
}
