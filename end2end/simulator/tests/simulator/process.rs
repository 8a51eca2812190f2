//! The program itself, and the library: how it starts, and how it ends.
use crate::support::Simulator;
use clap::Parser;
use serde_json::json;
use simulator::Options;
use std::process::Stdio;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn wrong_options_and_an_address_that_is_taken_end_it_with_2() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for options in [
        ["--speed", "never"],
        ["--scenario", "calm"],
        ["--redis-url", "nowhere"],
        ["--addr", &taken],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tickstockpl-simulator"));
        let output = command
            .args(options)
            .kill_on_drop(true)
            .output()
            .await
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{options:?}");
        assert!(
            output.stdout.is_empty() && !output.stderr.is_empty(),
            "{options:?}"
        );
    }
}

#[tokio::test]
async fn signals_exit_with_0_during_a_run_and_a_request() {
    for signal in ["TERM", "INT"] {
        let mut simulator = Simulator::start("redis://127.0.0.1:1/0", &["--speed", "5"]).await;
        simulator
            .post("/api/processing/trigger-manual", json!({}))
            .await;
        let _unfinished = simulator.half_a_request().await;
        assert_eq!(simulator.end(signal).await, Some(0), "SIG{signal}");
    }
}

#[tokio::test]
async fn the_one_line_on_standard_output_says_where_it_listens() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tickstockpl-simulator"));
    command
        .args([
            "--addr",
            "127.0.0.1:0",
            "--redis-url",
            "redis://127.0.0.1:1/0",
        ])
        .kill_on_drop(true);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (line, mut simulator) = Simulator::of(child).await;
    assert!(
        line.starts_with("tickstockpl-simulator listening on http://127.0.0.1:"),
        "{line}"
    );
    assert_eq!(simulator.get("/health").await.0, 200);
    assert_eq!(simulator.end("TERM").await, Some(0));
    assert_eq!(simulator.rest_of_output().await, "");
}

#[tokio::test]
async fn as_a_library_it_runs_on_a_listener_until_it_is_told_to_stop() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let options = Options::parse_from(["simulator", "--redis-url", "redis://127.0.0.1:1/0"]);
    let shutdown = CancellationToken::new();
    let running = tokio::spawn(simulator::run(options, listener, shutdown.clone()));
    let answer =
        crate::support::request(&addr.to_string(), "GET", "/api/processing/schedule", "").await;
    assert_eq!(
        (answer.0, &answer.1["trigger_time"]),
        (200, &json!("16:10"))
    );
    shutdown.cancel();
    running.await.unwrap().unwrap();
}
