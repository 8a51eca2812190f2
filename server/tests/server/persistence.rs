//! The database: what a console knows after it was started again, whom it remembers, and that
//! nothing waits for the database.
use crate::support::{Console, Redis, Simulator, Stream, body, client, nowhere, until};
use model::{RunStatus, State};
use serde_json::{Value, json};
use std::process::Stdio;
use tokio::process::Command;

const TRIGGER: &str = "/api/processing/daily/trigger";

async fn get(console: &Console, path: &str) -> Value {
    body(
        client()
            .get(console.url(path))
            .send()
            .await
            .expect("the console answers"),
    )
    .await
}

async fn text(console: &Console, path: &str) -> String {
    client()
        .get(console.url(path))
        .send()
        .await
        .expect("the console answers")
        .text()
        .await
        .unwrap()
}

fn ended(state: &State) -> bool {
    state.run.as_ref().is_some_and(|run| !run.is_active())
}

/// A folder with a database, and the address of that.
fn database() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let uri = format!("sqlite://{}", folder.path().join("console.db").display());
    (folder, uri)
}

async fn start(redis: &str, api: &str, database: &str) -> Console {
    Console::start_with(&[
        ("REDIS_URL", redis),
        ("TICKSTOCKPL_API_URL", api),
        ("DATABASE_URI", database),
    ])
    .await
}

async fn start_alone(database: &str) -> Console {
    Console::alone(&[("DATABASE_URI", database)]).await
}

/// Stops a console as SIGTERM does.
async fn stop(console: Console) {
    console.shutdown.cancel();
    console.stopped.await.unwrap().unwrap();
}

#[tokio::test]
async fn restart_restores_the_state_with_its_age() {
    let (_folder, uri) = database();
    let redis = Redis::start().await;
    let tickstockpl =
        Simulator::start(&redis.url(), &["--speed", "1500", "--scenario", "failures"]).await;
    let console = start(&redis.url(), &tickstockpl.url, &uri).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    client().post(console.url(TRIGGER)).send().await.unwrap();
    stream.until("the run ends", ended).await;
    let run = stream.state.run.clone().unwrap();
    stop(console).await;

    let console = start_alone(&uri).await;
    let page = console.page("/admin/daily-processing").await;
    assert!(
        page.contains("data-status=\"succeeded_with_warnings\""),
        "the first page shows the run"
    );
    let status = get(&console, "/api/processing/daily/status").await;
    assert_eq!(
        (&status["source"], &status["status"]["run_id"]),
        (&json!("local"), &json!(run.id.as_str()))
    );
    let mut stream = console.stream().await;
    stream
        .until("the state is there", |state| state.run.is_some())
        .await;
    assert!(stream.state.restored_at.is_some());
    let restored = stream.state.run.clone().unwrap();
    assert_eq!(
        (restored.failed_symbols, restored.by_indicator),
        (run.failed_symbols, run.by_indicator)
    );
    let details = get(&console, &format!("/api/processing/runs/{}", run.id)).await;
    assert_eq!(details["run"]["state"], "succeeded_with_warnings");
}

#[tokio::test]
async fn symbol_outcome_survives_a_restart() {
    let (_folder, uri) = database();
    let redis = Redis::start().await;
    let console = start(&redis.url(), &format!("http://{}", nowhere().await), &uri).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    let message =
        |event: &str, payload: Value| json!({ "event": event, "payload": payload }).to_string();
    let status = "tickstock:processing:status";
    redis
        .publish(
            status,
            message("processing_started", json!({ "run_id": "r" })),
        )
        .await;
    let imported = |symbol: &str, success: bool| {
        message(
            "symbol_processing_complete",
            json!({ "run_id": "r", "symbol": symbol, "success": success, "records_imported": 500, "error_message": "no prices" }),
        )
    };
    redis
        .publish("tickstock:data:import:status", imported("AAPL", true))
        .await;
    redis
        .publish("tickstock:data:import:status", imported("XYZ", false))
        .await;
    let rsi = json!({ "symbol": "AAPL", "indicator": "RSI", "timeframe": "daily", "values": { "rsi": 61.5 } });
    redis
        .publish(
            "tickstock:indicators:calculated",
            message("indicator_calculated", rsi),
        )
        .await;
    let doji = json!({ "symbol": "AAPL", "pattern": "Doji", "timeframe": "1day", "confidence": 0.9, "run_id": "r" });
    redis
        .publish(
            "tickstock:patterns:detected",
            message("pattern_detected", doji),
        )
        .await;
    stream
        .until("all came", |state| {
            state.feeds.patterns_seen == 1 && state.feeds.indicators_seen == 1
        })
        .await;
    let aapl = "/api/processing/runs/r/symbols/aapl";
    let told = get(&console, aapl).await;
    assert_eq!(
        (&told["import"], &told["records_imported"]),
        (&json!("imported"), &json!(500))
    );
    assert_eq!(
        (
            &told["indicators"][0]["values"]["rsi"],
            &told["patterns"][0]["pattern"]
        ),
        (&json!(61.5), &json!("Doji"))
    );
    let failed = get(&console, "/api/processing/runs/r/symbols/XYZ").await;
    assert_eq!(
        (&failed["import"], &failed["reason"]),
        (&json!("failed"), &json!("no prices"))
    );
    let latest = get(&console, "/api/processing/indicators/latest/AAPL").await;
    assert_eq!(
        (
            &latest["count"],
            &latest["indicators"]["RSI"]["values"]["rsi"]
        ),
        (&json!(1), &json!(61.5))
    );
    let stats = get(&console, "/api/processing/indicators/stats").await;
    assert_eq!(
        (
            &stats["stats"][0]["indicator"],
            &stats["summary"]["unique_symbols"]
        ),
        (&json!("RSI"), &json!(1))
    );
    let number = stream.state.log[0].number;
    let raw = get(&console, &format!("/api/processing/log/{number}")).await;
    assert!(raw["raw"].is_string(), "{raw}");
    redis
        .publish(
            status,
            message(
                "processing_completed",
                json!({ "run_id": "r", "status": "success" }),
            ),
        )
        .await;
    stream.until("the run ends", ended).await;
    stop(console).await;
    let console = start_alone(&uri).await;
    let again = get(&console, aapl).await;
    assert_eq!(
        (&again["indicators"], &again["patterns"]),
        (&told["indicators"], &told["patterns"])
    );
    assert_eq!(
        get(&console, "/api/processing/runs/r/symbols/XYZ").await["reason"],
        "no prices"
    );
    let unknown = client()
        .get(console.url("/api/processing/runs/none/symbols/AAPL"))
        .send()
        .await
        .unwrap();
    assert_eq!(unknown.status(), 404);
}

#[tokio::test]
async fn run_missed_during_downtime_is_settled_by_tickstockpl() {
    let (_folder, uri) = database();
    let redis = Redis::start().await;
    let tickstockpl = Simulator::start(&redis.url(), &["--speed", "300"]).await;
    let console = start(&redis.url(), &tickstockpl.url, &uri).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    client().post(console.url(TRIGGER)).send().await.unwrap();
    stream
        .until("the run moves", |state| {
            state.active().is_some_and(|run| run.percent > 5.0)
        })
        .await;
    let id = stream.state.run.as_ref().unwrap().id.clone();
    stop(console).await;
    // It ends while nobody watches.
    let over = || async {
        let answer: Value = body(
            client()
                .get(format!("{}/api/processing/status", tickstockpl.url))
                .send()
                .await
                .unwrap(),
        )
        .await;
        (answer["is_running"] == false).then_some(())
    };
    until("the run is over", over).await;
    let console = start(&redis.url(), &tickstockpl.url, &uri).await;
    let mut stream = console.stream().await;
    stream.until("the run is settled", ended).await;
    let run = stream.state.run.as_ref().unwrap();
    assert_eq!(run.id, id);
    assert!(
        matches!(
            run.status,
            RunStatus::Succeeded | RunStatus::SucceededWithWarnings
        ),
        "{:?}",
        run.status
    );
    assert_eq!(stream.state.restored_at, None, "what is shown is confirmed");
}

#[tokio::test]
async fn history_keeps_runs_that_tickstockpl_forgot() {
    let (_folder, uri) = database();
    let redis = Redis::start().await;
    let console = start(&redis.url(), &format!("http://{}", nowhere().await), &uri).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    for n in 0..60 {
        let event = |name: &str, status: &str| {
            json!({ "event": name, "payload": { "run_id": format!("run-{n:02}"), "status": status, "trigger_type": "manual" } }).to_string()
        };
        let channel = "tickstock:processing:status";
        let outcome = if n % 10 == 0 { "failed" } else { "success" };
        redis
            .publish_all([
                (channel, event("processing_started", "")),
                (channel, event("processing_completed", outcome)),
            ])
            .await;
    }
    stream
        .until("the last run is over", |state| {
            ended(state) && state.run.as_ref().unwrap().id.as_str() == "run-59"
        })
        .await;
    stop(console).await;
    let console = start_alone(&uri).await;
    let mut seen = Vec::new();
    let mut path = "/api/processing/daily/history?limit=25".to_owned();
    loop {
        let page = get(&console, &path).await;
        let rows = page["history"].as_array().unwrap();
        seen.extend(
            rows.iter()
                .map(|row| row["run_id"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => {
                path = format!(
                    "/api/processing/daily/history?limit=25&cursor={}",
                    url::form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>()
                );
            }
            None => break,
        }
    }
    let mut distinct = seen.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(
        (seen.len(), distinct.len()),
        (60, 60),
        "each once: {seen:?}"
    );
    let failed = get(
        &console,
        "/api/processing/daily/history?status=failed&limit=100",
    )
    .await;
    assert_eq!(failed["history"].as_array().unwrap().len(), 6);
    let found = get(&console, "/api/processing/daily/history?q=RUN-42").await;
    assert_eq!(found["history"][0]["run_id"], "run-42");
}

#[tokio::test]
async fn every_command_is_audited_with_caller_and_outcome() {
    let (_folder, uri) = database();
    let console = start_alone(&uri).await;
    let send = |path: &'static str, id: &'static str| {
        client()
            .post(console.url(path))
            .header("x-request-id", id)
            .send()
    };
    assert_eq!(send(TRIGGER, "req-1").await.unwrap().status(), 503);
    assert_eq!(
        send("/api/console/cancel", "req-2").await.unwrap().status(),
        503
    );
    let written = || async {
        let audit = text(&console, "/api/processing/export/audit?format=jsonl").await;
        (audit.lines().count() == 4).then_some(audit)
    };
    let audit = until("both commands are in the audit", written).await;
    let rows: Vec<Value> = audit
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let words: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row["action"].as_str().unwrap(),
                row["outcome"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        words,
        [
            ("trigger", "asked"),
            ("trigger", "unavailable"),
            ("cancel", "asked"),
            ("cancel", "unavailable")
        ]
    );
    assert_eq!(
        (&rows[0]["address"], &rows[0]["request_id"]),
        (&json!("127.0.0.1"), &json!("req-1"))
    );
    let csv = text(&console, "/api/processing/export/audit").await;
    assert_eq!(
        csv.lines().count(),
        5,
        "a line of names and four entries: {csv}"
    );
    let (status, answer) = {
        let answer = client()
            .get(console.url("/api/processing/export/secrets"))
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), body(answer).await)
    };
    assert_eq!((status, &answer["code"]), (404, &json!("not_found")));
}

#[tokio::test]
async fn a_key_still_gives_the_first_answer_after_a_restart() {
    let (_folder, uri) = database();
    let redis = Redis::start().await;
    let tickstockpl = Simulator::start(&redis.url(), &["--speed", "20"]).await;
    let send = |console: &Console| {
        client()
            .post(console.url(TRIGGER))
            .header("idempotency-key", "k-1")
            .json(&json!({ "skip_market_check": true }))
            .send()
    };
    let console = start(&redis.url(), &tickstockpl.url, &uri).await;
    let first = body(send(&console).await.unwrap()).await;
    assert_eq!(first["success"], true);
    stop(console).await;
    let console = start(&redis.url(), &tickstockpl.url, &uri).await;
    let again = send(&console).await.unwrap();
    assert_eq!(
        (again.status().as_u16(), &body(again).await["run_id"]),
        (200, &first["run_id"])
    );
}

#[tokio::test]
async fn errors_are_acknowledged_for_everybody_and_that_is_remembered() {
    let (_folder, uri) = database();
    let redis = Redis::start().await;
    let console = start(&redis.url(), &format!("http://{}", nowhere().await), &uri).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    let error =
        json!({ "event": "error", "payload": { "error_code": "E", "message": "m" } }).to_string();
    redis.publish("tickstock:errors", &error).await;
    stream
        .until("the error comes", |state| !state.errors.is_empty())
        .await;
    let id = stream.state.errors[0].id.clone().unwrap();
    let path = format!("/api/processing/errors/{}/acknowledge", id.as_str());
    assert_eq!(
        client()
            .post(console.url(&path))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    stream
        .until("it is acknowledged", |state| {
            !state.errors[0].needs_attention()
        })
        .await;
    redis.publish("tickstock:errors", &error).await;
    stream
        .until("one more needs somebody", |state| {
            state.errors[0].needs_attention()
        })
        .await;
    assert_eq!(
        client()
            .post(console.url(&path))
            .json(&json!({ "seen": 2 }))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    stream
        .until("it is acknowledged again", |state| {
            !state.errors[0].needs_attention()
        })
        .await;
    let unknown = client()
        .post(console.url("/api/processing/errors/none/acknowledge"))
        .send()
        .await
        .unwrap();
    assert_eq!(unknown.status(), 404);
    stop(console).await;
    let console = start_alone(&uri).await;
    let mut stream = console.stream().await;
    stream
        .until("the error is there", |state| !state.errors.is_empty())
        .await;
    assert!(!stream.state.errors[0].needs_attention());
}

#[tokio::test]
async fn without_its_database_the_console_goes_on_and_says_so() {
    let away = format!("postgresql://console:s3cret@{}/console", nowhere().await);
    let redis = Redis::start().await;
    let tickstockpl = Simulator::start(&redis.url(), &["--speed", "1500"]).await;
    let console = start(&redis.url(), &tickstockpl.url, &away).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    stream
        .until("it says so", |state| {
            state.links.database.detail.is_some() && !state.links.database.up
        })
        .await;
    assert!(!format!("{:?}", stream.state.links).contains("s3cret"));
    assert_eq!(
        client()
            .post(console.url(TRIGGER))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
    stream.until("a run goes through", ended).await;
    let export = client()
        .get(console.url("/api/processing/export/history"))
        .send()
        .await
        .unwrap();
    assert_eq!(export.status(), 503);
    let history = get(&console, "/api/processing/daily/history").await;
    assert!(!history["history"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn the_program_looks_after_its_database() {
    let (_folder, uri) = database();
    let redis = Redis::start().await;
    let tickstockpl = Simulator::start(&redis.url(), &["--speed", "1500"]).await;
    let console = start(&redis.url(), &tickstockpl.url, &uri).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    client().post(console.url(TRIGGER)).send().await.unwrap();
    stream.until("the run ends", ended).await;
    let id = stream.state.run.as_ref().unwrap().id.to_string();
    stop(console).await;
    let db = async |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tickstock-console"));
        command
            .arg("db")
            .args(arguments)
            .env("DATABASE_URI", &uri)
            .env("RUST_LOG", "warn")
            .stderr(Stdio::inherit());
        let output = command.output().await.unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (code, said) = db(&["check"]).await;
    assert!(code == Some(0) && said.contains(": 0 problems"), "{said}");
    let (code, history) = db(&["export", "history", "--format", "jsonl"]).await;
    assert!(code == Some(0) && history.contains(&id), "{history}");
    let (code, events) = db(&["export", "events"]).await;
    assert!(
        code == Some(0) && events.contains("import_started"),
        "{events}"
    );
    let (code, said) = db(&["prune"]).await;
    assert!(
        code == Some(0) && said.contains("deleted: 0 events"),
        "{said}"
    );
}

/// Publishes a run that imports `universe` and ends well, and waits for its end.
async fn import(redis: &Redis, stream: &mut Stream, id: &str, universe: &str, seconds: u32) {
    let message =
        |event: &str, payload: Value| json!({ "event": event, "payload": payload }).to_string();
    let status = "tickstock:processing:status";
    let started =
        json!({ "run_id": id, "phases": ["import"], "universe": universe, "symbols_count": 505 });
    let took = json!({ "run_id": id, "duration_seconds": seconds });
    redis
        .publish(status, message("processing_started", started))
        .await;
    redis
        .publish(
            "tickstock:import:completed",
            message("data_import_completed", took.clone()),
        )
        .await;
    redis
        .publish(status, message("processing_completed", took))
        .await;
    stream
        .until("it ends", |state| {
            state.run.as_ref().is_some_and(|run| run.id.as_str() == id) && ended(state)
        })
        .await;
}

/// Usual seconds of an import of the S&P 500.
fn usual_import(state: &State) -> Option<f64> {
    let usual =
        state.baseline_for_parameters(&["sp500".to_owned()], &[contract::Phase::Import], None)?;
    usual.run.map(|run| run.p50_seconds)
}

#[tokio::test]
async fn baselines_are_computed_when_runs_end() {
    let (_folder, uri) = database();
    let redis = Redis::start().await;
    let console = start(&redis.url(), &format!("http://{}", nowhere().await), &uri).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    for n in 0..5 {
        import(&redis, &mut stream, &format!("r{n}"), "sp500", 18 + n).await;
    }
    stream
        .until("five runs make a baseline", |state| {
            usual_import(state) == Some(20.0)
        })
        .await;
    let form = console
        .page("/admin/daily-processing/do/run?phases[]=import&universe=sp500")
        .await;
    assert!(
        form.contains("Runs with import only of sp500 usually take 20"),
        "{form}"
    );
}

#[tokio::test]
async fn baselines_of_the_schedules_universes_are_known() {
    let (_folder, uri) = database();
    let redis = Redis::start().await;
    let api = format!("http://{}", nowhere().await);
    let console = start(&redis.url(), &api, &uri).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    for n in 0..5 {
        import(&redis, &mut stream, &format!("r{n}"), "sp500", 18 + n).await;
    }
    // The run that is shown, and so what is learnt at the start, is another one; what follows ends
    // is not waited for.
    import(&redis, &mut stream, "other", "etf", 3).await;
    stop(console).await;
    let console = start(&redis.url(), &api, &uri).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    let schedule = json!({ "event": "schedule_updated", "payload": { "schedule": { "universes": ["sp500"] } } });
    redis
        .publish("tickstock:processing:schedule", schedule.to_string())
        .await;
    stream
        .until("the schedule's universes are learnt", |state| {
            usual_import(state) == Some(20.0)
        })
        .await;
}
