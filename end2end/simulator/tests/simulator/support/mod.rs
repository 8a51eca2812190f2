//! A Redis of the test's own, a listener on it, and the simulator's program.

use redis::aio::PubSub;
use serde_json::Value;
use std::future::Future;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStdout, Command};

/// How long a condition is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

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

/// Sends a signal to a process that this test started.
async fn send_signal(signal: &str, child: &Child) {
    let pid = child.id().expect("it runs").to_string();
    assert!(
        Command::new("kill")
            .args(["-s", signal, &pid])
            .status()
            .await
            .unwrap()
            .success()
    );
}

/// A Redis server on a spare port; it ends with the value.
pub(crate) struct Redis {
    port: u16,
    child: Option<Child>,
}

impl Redis {
    pub(crate) async fn start() -> Redis {
        let port = TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut redis = Redis { port, child: None };
        redis.restart().await;
        redis
    }

    pub(crate) async fn restart(&mut self) {
        let port = self.port.to_string();
        let arguments = [
            "--port",
            &port,
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ];
        let mut command = Command::new("redis-server");
        command
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        self.child = Some(
            command
                .spawn()
                .expect("redis-server is installed; `.ci/setup test` installs it"),
        );
        let client = redis::Client::open(self.url()).unwrap();
        until("Redis answers", async || {
            client.get_multiplexed_async_connection().await.ok()
        })
        .await;
    }

    pub(crate) async fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().await.unwrap();
    }

    /// From now on it accepts connections and says nothing.
    pub(crate) async fn freeze(&self) {
        send_signal("STOP", self.child.as_ref().expect("it runs")).await;
    }

    pub(crate) fn url(&self) -> String {
        url(self.port)
    }
}

fn url(port: u16) -> String {
    format!("redis://127.0.0.1:{port}/0")
}

/// A message as it was heard.
pub(crate) struct Message {
    pub channel: String,
    pub value: Value,
}

impl Message {
    pub(crate) fn short_channel(&self) -> &str {
        self.channel.strip_prefix("tickstock:").unwrap()
    }

    /// The names of its fields, and of those of its payload.
    pub(crate) fn shape(&self) -> String {
        let keys = |value: &Value| {
            value
                .as_object()
                .map(|fields| fields.keys().cloned().collect::<Vec<_>>().join(","))
        };
        format!("{:?} {:?}", keys(&self.value), keys(&self.value["payload"]))
    }
}

/// Hears everything that is published.
pub(crate) struct Listener(PubSub);

impl Listener {
    pub(crate) async fn subscribe(redis: &Redis) -> Listener {
        Listener::on(&redis.url()).await
    }

    async fn on(url: &str) -> Listener {
        let mut pubsub = redis::Client::open(url)
            .unwrap()
            .get_async_pubsub()
            .await
            .unwrap();
        pubsub.psubscribe("tickstock:*").await.unwrap();
        Listener(pubsub)
    }

    /// Everything up to the message that `is_last`.
    pub(crate) async fn until(&mut self, is_last: impl Fn(&Value) -> bool) -> Vec<Message> {
        use futures_util::StreamExt;
        let mut heard = Vec::new();
        let mut messages = self.0.on_message();
        loop {
            let next = tokio::time::timeout(PATIENCE, messages.next()).await;
            let message = next
                .expect("nothing is published any more")
                .expect("Redis is there");
            let value: Value = serde_json::from_slice(message.get_payload_bytes()).unwrap();
            let last = is_last(&value);
            heard.push(Message {
                channel: message.get_channel_name().to_owned(),
                value,
            });
            if last {
                return heard;
            }
        }
    }
}

/// The simulator's program; it ends with the value.
pub(crate) struct Simulator {
    addr: String,
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
}

impl Simulator {
    pub(crate) async fn start(redis_url: &str, options: &[&str]) -> Simulator {
        let child = Command::new(env!("CARGO_BIN_EXE_tickstockpl-simulator"))
            .args(["--addr", "127.0.0.1:0", "--redis-url", redis_url])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Simulator::of(child).await.1
    }

    /// The simulator that runs as `child`, and its first line.
    pub(crate) async fn of(mut child: Child) -> (String, Simulator) {
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = output.next_line().await.unwrap().unwrap();
        let addr = line.rsplit('/').next().unwrap().to_owned();
        (
            line,
            Simulator {
                addr,
                child,
                output,
            },
        )
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        request(&self.addr, "GET", path, "").await
    }

    pub(crate) async fn delete(&self, path: &str) -> (u16, Value) {
        request(&self.addr, "DELETE", path, "").await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        request(&self.addr, "POST", path, &body.to_string()).await
    }

    /// A request that never comes to its end.
    pub(crate) async fn half_a_request(&self) -> TcpStream {
        let mut stream = TcpStream::connect(&self.addr).await.unwrap();
        stream
            .write_all(
                b"POST /api/processing/schedule HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{",
            )
            .await
            .unwrap();
        stream
    }

    /// Sends a signal, and gives the code with which it ends.
    pub(crate) async fn end(&mut self, signal: &str) -> Option<i32> {
        send_signal(signal, &self.child).await;
        tokio::time::timeout(PATIENCE, self.child.wait())
            .await
            .expect("it ends")
            .unwrap()
            .code()
    }

    /// What it says on standard output until its end.
    pub(crate) async fn rest_of_output(&mut self) -> String {
        let mut rest = String::new();
        while let Some(line) = self.output.next_line().await.unwrap() {
            rest.push_str(&line);
        }
        rest
    }
}

/// A request by hand: the simulator needs no HTTP client of its own.
pub(crate) async fn request(addr: &str, method: &str, path: &str, body: &str) -> (u16, Value) {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
    );
    stream
        .write_all(format!("{head}{body}").as_bytes())
        .await
        .unwrap();
    let mut answer = String::new();
    tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answer))
        .await
        .expect("an answer")
        .unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (
        head.split(' ').nth(1).unwrap().parse().unwrap(),
        serde_json::from_str(body).unwrap(),
    )
}
