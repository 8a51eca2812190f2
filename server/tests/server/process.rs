//! Start and stop of the program.
use crate::support::{Api, Stream, body, client, nowhere, until};
use serde_json::json;
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

async fn start() -> (Child, String, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let (child, url) = start_in(folder.path(), &format!("http://{}", nowhere().await)).await;
    (child, url, folder)
}

/// Starts the program with its database in `folder`.
async fn start_in(folder: &Path, api: &str) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tickstock-console"))
        .env("CONSOLE_ADDR", "127.0.0.1:0")
        .env(
            "DATABASE_URI",
            format!("sqlite://{}", folder.join("console.db").display()),
        )
        .env("REDIS_URL", format!("redis://{}", nowhere().await))
        .env("TICKSTOCKPL_API_URL", api)
        .env("TICKSTOCKPL_TIMEOUT_SECONDS", "3")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let line = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .next_line()
        .await
        .unwrap()
        .unwrap();
    (child, line.split_whitespace().last().unwrap().to_owned())
}

#[tokio::test]
async fn command_of_a_killed_console_is_unconfirmed_not_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let api = Api::answering("200 OK", r#"{"is_running": false, "runs": []}"#).await;
    api.hangs_on("POST");
    let (mut child, url) = start_in(folder.path(), &api.url).await;
    let send = |url: &str| {
        let request = client()
            .post(format!("{url}/api/processing/daily/trigger"))
            .header("idempotency-key", "k-1");
        request.json(&json!({ "skip_market_check": true })).send()
    };
    let sent = tokio::spawn(send(&url));
    until("the command reaches TickStockPL", || async {
        (api.requests("POST") == 1).then_some(())
    })
    .await;
    child.kill().await.unwrap();
    assert!(sent.await.unwrap().is_err(), "nobody was told anything");
    let (_child, url) = start_in(folder.path(), &api.url).await;
    for _ in 0..2 {
        let answer = send(&url).await.unwrap();
        assert_eq!(answer.status(), 504);
        let answer = body(answer).await;
        assert_eq!(answer["code"], "unconfirmed");
        assert!(
            answer["message"]
                .as_str()
                .unwrap()
                .contains("may have been carried out"),
            "{answer}"
        );
    }
    assert_eq!(api.requests("POST"), 1);
}

#[tokio::test]
async fn killed_console_knows_idempotency_keys_without_database() {
    let folder = tempfile::tempdir().unwrap();
    let api = Api::answering(
        "200 OK",
        r#"{"is_running": false, "runs": [], "run_id": "r", "status": "started"}"#,
    )
    .await;
    let (mut child, url) = start_in(folder.path(), &api.url).await;
    let options =
        sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join("console.db"));
    let mut locker = sqlx::ConnectOptions::connect(&options).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE")
        .execute(&mut locker)
        .await
        .unwrap();
    let send = |url: &str, key: &'static str| {
        let request = client()
            .post(format!("{url}/api/processing/daily/trigger"))
            .header("idempotency-key", key);
        request.json(&json!({ "skip_market_check": true })).send()
    };
    let first = send(&url, "answered").await.unwrap();
    assert_eq!(
        first.status(),
        200,
        "a command is possible without the database"
    );
    api.hangs_on("POST");
    let sent = tokio::spawn(send(&url, "unanswered"));
    until("the command reaches TickStockPL", || async {
        (api.requests("POST") == 2).then_some(())
    })
    .await;
    child.kill().await.unwrap();
    assert!(sent.await.unwrap().is_err(), "nobody was told anything");
    let (_child, url) = start_in(folder.path(), &api.url).await;
    let again = body(send(&url, "answered").await.unwrap()).await;
    assert_eq!(
        (&again["success"], &again["run_id"]),
        (&json!(true), &json!("r"))
    );
    assert_eq!(
        body(send(&url, "unanswered").await.unwrap()).await["code"],
        "unconfirmed"
    );
    assert_eq!(api.requests("POST"), 2);
}

#[tokio::test]
async fn either_signal_ends_streams_with_a_retry_delay_and_exits_0() {
    for signal in ["-TERM", "-INT"] {
        let (mut child, url, _folder) = start().await;
        let mut stream = Stream::open(&format!("{url}/api/events")).await;
        assert!(stream.follow().await, "the snapshot comes at once");
        Command::new("kill")
            .args([signal, &child.id().unwrap().to_string()])
            .status()
            .await
            .unwrap();
        let mut last = None;
        while let Some(update) = stream.next().await {
            last = Some(update);
        }
        let last = last.expect("a last event");
        assert_eq!(last.event, "bye");
        let wait: u64 = last
            .retry
            .expect("a wait before coming back")
            .parse()
            .unwrap();
        assert!((500..2500).contains(&wait), "{wait}");
        assert_eq!(child.wait().await.unwrap().code(), Some(0));
    }
}

#[tokio::test]
async fn invalid_setting_ends_with_2_and_one_line() {
    let output = Command::new(env!("CARGO_BIN_EXE_tickstock-console"))
        .env("REDIS_PORT", "x")
        .output()
        .await
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.lines().count() == 1 && text.contains("REDIS_PORT"),
        "{text}"
    );
}
