//! A Redis of the test's own, a listener on it, and the simulator's program.

use redis::aio::PubSub;
use serde_json::Value;
use std::future::Future;
use std::net::TcpListener;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// How long a condition is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until `condition` gives something.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut condition: impl FnMut() -> F) -> T {
    let began = Instant::now();
    loop {
        if let Some(value) = condition().await {
            return value;
        }
        assert!(began.elapsed() < PATIENCE, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A Redis server on a spare port; it ends with the value.
pub struct Redis {
    port: u16,
    child: Option<Child>,
}

impl Redis {
    pub async fn start() -> Redis {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut redis = Redis { port, child: None };
        redis.restart().await;
        redis
    }

    pub async fn restart(&mut self) {
        let port = self.port.to_string();
        let arguments = ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        let mut command = Command::new("redis-server");
        command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        self.child = Some(command.spawn().expect("redis-server is installed; `.ci/setup test` installs it"));
        let client = redis::Client::open(self.url()).unwrap();
        until("Redis answers", async || client.get_multiplexed_async_connection().await.ok()).await;
    }

    pub fn kill(&mut self) {
        self.child = None;
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }
}

/// Hears everything that is published.
pub struct Listener(PubSub);

impl Listener {
    pub async fn subscribe(redis: &Redis) -> Listener {
        let mut pubsub = redis::Client::open(redis.url()).unwrap().get_async_pubsub().await.unwrap();
        pubsub.psubscribe("tickstock:*").await.unwrap();
        Listener(pubsub)
    }

    /// Everything up to the message that `is_last`: channel and message.
    pub async fn until(&mut self, is_last: impl Fn(&Value) -> bool) -> Vec<(String, Value)> {
        use futures_util::StreamExt;
        let mut heard = Vec::new();
        let mut messages = self.0.on_message();
        loop {
            let next = tokio::time::timeout(PATIENCE, messages.next()).await;
            let message = next.expect("nothing is published any more").expect("Redis is there");
            let value: Value = serde_json::from_slice(message.get_payload_bytes()).unwrap();
            let last = is_last(&value);
            heard.push((message.get_channel_name().to_owned(), value));
            if last {
                return heard;
            }
        }
    }
}

/// The simulator's program; it ends with the value.
pub struct Simulator {
    addr: String,
    _child: Child,
}

impl Simulator {
    pub async fn start(redis_url: &str, options: &[&str]) -> Simulator {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tickstockpl-simulator"))
            .args(["--addr", "127.0.0.1:0", "--redis-url", redis_url])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let line = BufReader::new(child.stdout.take().unwrap()).lines().next_line().await.unwrap().unwrap();
        Simulator { addr: line.rsplit('/').next().unwrap().to_owned(), _child: child }
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        self.request("GET", path, "").await
    }

    pub async fn delete(&self, path: &str) -> (u16, Value) {
        self.request("DELETE", path, "").await
    }

    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.request("POST", path, &body.to_string()).await
    }

    /// A request by hand: the simulator needs no HTTP client of its own.
    async fn request(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.addr).await.unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            self.addr,
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        let mut answer = String::new();
        tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answer)).await.expect("an answer").unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap())
    }
}
