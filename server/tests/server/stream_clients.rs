//! Readers that are many, slow or dead: bounded, and none delays another.
use crate::support::{Console, Redis, Stream, client, nowhere, until};
use serde_json::{Value, json};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

const ERRORS: &str = "tickstock:errors";

/// An event that fills some 2 KiB of the stream, and leaves at once.
fn bulky(n: usize) -> String {
    json!({ "event": format!("unheard_of_{n}"), "text": "x".repeat(2000) }).to_string()
}

fn error(code: &str) -> String {
    json!({ "event": "error", "payload": { "error_code": code, "message": "m" } }).to_string()
}

/// Asks for the stream, and reads nothing.
async fn deaf(console: &Console) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut socket = socket.connect(console.addr).await.unwrap();
    socket
        .write_all(b"GET /api/events HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await
        .unwrap();
    socket
}

#[tokio::test]
async fn stream_limits_hold_per_address_and_in_total() {
    let limits = [
        ("CONSOLE_MAX_STREAMS_PER_CLIENT", "2"),
        ("CONSOLE_MAX_STREAMS", "3"),
    ];
    let console = Console::alone(&limits).await;
    let open = |address: &str| {
        let client = reqwest::Client::builder()
            .local_address(address.parse::<std::net::IpAddr>().ok())
            .build()
            .unwrap();
        client.get(console.url("/api/events")).send()
    };
    // Also installs the TLS provider that every client needs.
    let first = console.stream().await;
    let second = console.stream().await;
    let third = open("127.0.0.1").await.unwrap();
    assert_eq!(
        (third.status().as_u16(), &third.headers()["retry-after"]),
        (429, &"10".parse().unwrap())
    );
    let body: Value = serde_json::from_str(&third.text().await.unwrap()).unwrap();
    assert_eq!(
        (&body["success"], &body["code"]),
        (&json!(false), &json!("too_many_streams"))
    );
    assert!(
        body["message"]
            .as_str()
            .unwrap()
            .contains("CONSOLE_MAX_STREAMS_PER_CLIENT"),
        "{body}"
    );
    let elsewhere = open("127.0.0.2").await.unwrap();
    assert_eq!(elsewhere.status(), 200);
    let fourth = open("127.0.0.3").await.unwrap();
    assert_eq!(
        (fourth.status().as_u16(), &fourth.headers()["retry-after"]),
        (503, &"10".parse().unwrap())
    );
    drop((first, elsewhere));
    until("a place is free", || async {
        (open("127.0.0.1").await.unwrap().status() == 200).then_some(())
    })
    .await;
    drop(second);
}

#[tokio::test]
async fn stalled_client_delays_no_other_and_catches_up() {
    let redis = Redis::start().await;
    let console = Console::start(&redis.url(), &format!("http://{}", nowhere().await)).await;
    redis.subscribed().await;
    let mut deaf = deaf(&console).await;
    let mut reader = console.stream().await;
    // More than the kernel holds for it, and than the journal keeps.
    for round in 0..3 {
        redis
            .publish_all((0..2000).map(|n| ("tickstock:monitoring", bulky(round * 2000 + n))))
            .await;
    }
    redis.publish(ERRORS, error("LAST")).await;
    reader
        .until("the other reader has it all", |state| {
            !state.errors.is_empty()
        })
        .await;
    // It wakes up, and is not shown an old state.
    let mut text = Vec::new();
    let began = Instant::now();
    while !text.windows(12).any(|bytes| bytes == b"fell_behind\"")
        || !text.windows(6).any(|bytes| bytes == b"\"LAST\"")
    {
        assert!(
            began.elapsed() < crate::support::PATIENCE,
            "it never learned that it fell behind"
        );
        let mut chunk = vec![0; 256 << 10];
        let n = tokio::time::timeout(crate::support::PATIENCE, deaf.read(&mut chunk))
            .await
            .expect("silence")
            .unwrap();
        assert!(n > 0, "the stream ended");
        text.extend_from_slice(&chunk[..n]);
    }
}

#[tokio::test]
async fn a_stopped_process_that_follows_the_stream_delays_nobody() {
    let redis = Redis::start().await;
    let console = Console::start(&redis.url(), &format!("http://{}", nowhere().await)).await;
    redis.subscribed().await;
    let script = format!(
        r"exec 3<>/dev/tcp/{}/{}; printf 'GET /api/events HTTP/1.1\r\nhost: localhost\r\n\r\n' >&3; exec cat <&3",
        console.addr.ip(),
        console.addr.port()
    );
    let mut child = Command::new("bash")
        .args(["-c", &script])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let open = || async {
        let status: Value = serde_json::from_str(&console.page("/health").await).unwrap();
        (status["streams"] == 1).then_some(())
    };
    until("it follows", open).await;
    Command::new("kill")
        .args(["-STOP", &child.id().to_string()])
        .status()
        .unwrap();
    let mut reader = console.stream().await;
    redis
        .publish_all((0..2000).map(|n| ("tickstock:monitoring", bulky(n))))
        .await;
    redis.publish(ERRORS, error("LAST")).await;
    reader
        .until("the other reader has it all", |state| {
            !state.errors.is_empty()
        })
        .await;
    child.kill().unwrap();
    child.wait().unwrap();
    drop(reader);
    let closed = || async {
        let status: Value = serde_json::from_str(&console.page("/health").await).unwrap();
        (status["streams"] == 0).then_some(())
    };
    until("its place is free", closed).await;
}

#[tokio::test]
#[ignore = "takes the 30 s after which a reader that takes nothing is closed"]
async fn a_reader_that_reads_nothing_is_closed_after_half_a_minute() {
    let redis = Redis::start().await;
    let console = Console::start(&redis.url(), &format!("http://{}", nowhere().await)).await;
    redis.subscribed().await;
    let _deaf = deaf(&console).await;
    let began = Instant::now();
    redis
        .publish_all((0..4000).map(|n| ("tickstock:monitoring", bulky(n))))
        .await;
    let streams = || async {
        let status: Value = serde_json::from_str(&console.page("/health").await).unwrap();
        status["streams"].as_u64().unwrap()
    };
    assert_eq!(streams().await, 1);
    while streams().await > 0 {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "it is still open"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(began.elapsed() > Duration::from_secs(25));
}

#[tokio::test]
async fn a_head_request_takes_no_place() {
    let console = Console::alone(&[("CONSOLE_MAX_STREAMS", "1")]).await;
    for _ in 0..3 {
        let answer = client()
            .head(console.url("/api/events"))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
    }
    assert!(
        Stream::open(&console.url("/api/events"))
            .await
            .follow()
            .await
    );
}
