//! Real neighbours for the tests: a Redis of their own, the simulator's binary as TickStockPL, and
//! the console in this process.

mod api;
#[allow(dead_code, reason = "the tests of the store use the rest")]
#[path = "../../../store/tests/store/support/cluster.rs"]
mod cluster;
pub(crate) mod embed;
pub(crate) mod guarded;
mod proxy;
mod redis;
mod simulator;
mod stream;

pub(crate) use api::Api;
pub(crate) use cluster::shared as postgres;
pub(crate) use proxy::Proxy;
pub(crate) use redis::Redis;
pub(crate) use simulator::Simulator;
pub(crate) use stream::{EmbedStream, Stream, Update};

use server::config::Config;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpSocket};
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long a test waits for a condition: far longer than it should take, so that a busy machine
/// fails nothing.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A client, as scripts and browsers have one.
pub(crate) fn client() -> reqwest::Client {
    // As the console does; the second one to say so is not heard.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a TLS provider is installed")
}

/// A console of this process, stopped when it is dropped.
pub(crate) struct Console {
    pub addr: SocketAddr,
    pub shutdown: CancellationToken,
    pub stopped: tokio::task::JoinHandle<std::io::Result<()>>,
    _stop: DropGuard,
    /// Where its database is, where none was named.
    _folder: tempfile::TempDir,
}

impl Console {
    /// Starts a console against these addresses.
    pub(crate) async fn start(redis_url: &str, api_url: &str) -> Console {
        Console::start_with(&[("REDIS_URL", redis_url), ("TICKSTOCKPL_API_URL", api_url)]).await
    }

    /// Starts a console whose neighbours are unavailable.
    pub(crate) async fn alone(values: &[(&str, &str)]) -> Console {
        let (redis, api) = (
            format!("redis://{}", nowhere().await),
            format!("http://{}", nowhere().await),
        );
        let mut all = vec![
            ("REDIS_URL", redis.as_str()),
            ("TICKSTOCKPL_API_URL", api.as_str()),
        ];
        all.extend(values);
        Console::start_with(&all).await
    }

    /// Starts a console with this environment.
    pub(crate) async fn start_with(values: &[(&str, &str)]) -> Console {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let database = format!("sqlite://{}", folder.path().join("console.db").display());
        let site = folder.path().join("site");
        let embed = site.join("embed/v1");
        std::fs::create_dir_all(&embed).expect("a folder for the site");
        for name in ["embed.js", "page.js", "worker.js", "embed.css"] {
            std::fs::write(embed.join(name), name).expect("a file of the site");
        }
        let site = site.display().to_string();
        let own = [
            ("CONSOLE_ADDR", "127.0.0.1:0"),
            ("DATABASE_URI", &database),
            ("LEPTOS_SITE_ROOT", &site),
        ];
        let get = |name: &str| {
            values
                .iter()
                .chain(&own)
                .find(|(n, _)| *n == name)
                .map(|(_, value)| (*value).to_owned())
        };
        let config = Config::from_values(get).expect("a right configuration");
        let listener = TcpListener::bind(config.server.addr)
            .await
            .expect("a free port");
        let addr = listener.local_addr().expect("an address");
        let shutdown = CancellationToken::new();
        let stopped = tokio::spawn(server::run(config, listener, shutdown.clone()));
        Console {
            addr,
            shutdown: shutdown.clone(),
            stopped,
            _stop: shutdown.drop_guard(),
            _folder: folder,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    pub(crate) async fn page(&self, path: &str) -> String {
        let answer = client()
            .get(self.url(path))
            .send()
            .await
            .expect("the console answers");
        answer.text().await.expect("text")
    }

    /// Queries the stream from its beginning.
    pub(crate) async fn stream(&self) -> Stream {
        Stream::open(&self.url("/api/events")).await
    }
}

/// An address that refuses connections. Its port is bound and never listened on, so that no other
/// process can take it while the tests run.
pub(crate) async fn nowhere() -> SocketAddr {
    static BOUND: OnceLock<(TcpSocket, SocketAddr)> = OnceLock::new();
    BOUND
        .get_or_init(|| {
            let socket = TcpSocket::new_v4().expect("a socket");
            let any = SocketAddr::from(([127, 0, 0, 1], 0));
            socket.bind(any).expect("a free port");
            let address = socket.local_addr().expect("an address");
            (socket, address)
        })
        .1
}

/// A port for a child process to listen on. Another process may take it first.
pub(crate) async fn spare_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// Waits until `condition` gives something.
pub(crate) async fn until<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut condition: impl FnMut() -> F,
) -> T {
    let began = Instant::now();
    loop {
        if let Some(value) = condition().await {
            return value;
        }
        assert!(began.elapsed() < PATIENCE, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The answer's body as JSON.
pub(crate) async fn body(answer: reqwest::Response) -> serde_json::Value {
    let text = answer.text().await.expect("a body");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
}
