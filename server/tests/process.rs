//! The program itself: how it starts, and how it stops.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use std::process::Stdio;
use std::time::{Duration, Instant};
use support::{Stream, nowhere};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

async fn start() -> (Child, String, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_tickstock-console"))
        .env("CONSOLE_ADDR", "127.0.0.1:0")
        .env("DATABASE_URI", format!("sqlite://{}", folder.path().join("console.db").display()))
        .env("REDIS_URL", format!("redis://{}", nowhere().await))
        .env("TICKSTOCKPL_API_URL", format!("http://{}", nowhere().await))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let line = BufReader::new(child.stdout.take().unwrap()).lines().next_line().await.unwrap().unwrap();
    (child, line.split_whitespace().last().unwrap().to_owned(), folder)
}

#[tokio::test]
async fn either_signal_says_goodbye_to_readers_with_a_wait_and_ends_well_in_time() {
    for signal in ["-TERM", "-INT"] {
        let (mut child, url, _folder) = start().await;
        let mut stream = Stream::open(&format!("{url}/api/events")).await;
        assert!(stream.follow().await, "the snapshot comes at once");
        let began = Instant::now();
        Command::new("kill").args([signal, &child.id().unwrap().to_string()]).status().await.unwrap();
        let mut last = None;
        while let Some(update) = stream.next().await {
            last = Some(update);
        }
        let last = last.expect("a last event");
        assert_eq!(last.event, "bye");
        let wait: u64 = last.retry.expect("a wait before coming back").parse().unwrap();
        assert!((500..2500).contains(&wait), "{wait}");
        assert_eq!(child.wait().await.unwrap().code(), Some(0));
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}

#[tokio::test]
async fn a_wrong_setting_ends_with_2_and_one_line() {
    let output = Command::new(env!("CARGO_BIN_EXE_tickstock-console")).env("REDIS_PORT", "x").output().await.unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.lines().count() == 1 && text.contains("REDIS_PORT"), "{text}");
}
