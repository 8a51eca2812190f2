//! Queries: TickStockPL first, else what is known, never late; and what the calendar says.
use crate::support::{Api, Console, Redis, Simulator, body, client, nowhere, until};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const STATUS: &str = "/api/processing/daily/status";
const HISTORY: &str = "/api/processing/daily/history";
const SCHEDULE: &str = "/api/processing/daily/schedule";

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

async fn code(console: &Console, path: &str) -> (u16, Value) {
    let answer = client()
        .get(console.url(path))
        .send()
        .await
        .expect("the console answers");
    (answer.status().as_u16(), body(answer).await)
}

async fn with_run(redis: &Redis) {
    redis.subscribed().await;
    let start = json!({ "event": "processing_started", "payload": { "run_id": "r", "trigger_type": "manual" } });
    redis
        .publish("tickstock:processing:status", start.to_string())
        .await;
    let progress = json!({ "event": "import_progress", "payload": { "run_id": "r", "completed_symbols": 250, "total_symbols": 505, "current_symbol": "AAPL" } });
    redis
        .publish("tickstock:import:progress", progress.to_string())
        .await;
}

#[tokio::test]
async fn queries_are_answered_by_tickstockpl_without_redis() {
    let redis = Redis::start().await;
    let tickstockpl = Simulator::start(&redis.url(), &["--speed", "20"]).await;
    let console = Console::start(&format!("redis://{}", nowhere().await), &tickstockpl.url).await;
    let idle = get(&console, STATUS).await;
    assert_eq!(
        (&idle["success"], &idle["source"]),
        (&json!(true), &json!("api"))
    );
    assert_eq!(idle["status"]["is_running"], false);
    let trigger = client()
        .post(console.url("/api/processing/daily/trigger"))
        .json(&json!({ "skip_market_check": true }));
    let run = body(trigger.send().await.unwrap()).await["run_id"].clone();
    let moving = || async {
        let answer = get(&console, STATUS).await;
        (answer["status"]["symbols_processed"].as_u64() > Some(0)).then_some(answer)
    };
    let answer = until("the run moves", moving).await;
    let status = &answer["status"];
    assert_eq!(
        (&answer["source"], &status["run_id"], &status["is_running"]),
        (&json!("api"), &run, &json!(true))
    );
    assert_eq!(status["symbols_processed"], status["symbols_completed"]);
    let schedule = get(&console, SCHEDULE).await;
    assert_eq!(
        (&schedule["source"], &schedule["schedule"]["trigger_time"]),
        (&json!("api"), &json!("16:10"))
    );
    assert_eq!(get(&console, HISTORY).await["source"], "api");
}

/// The slowest of some reads: far under a time-out, far over what it takes.
async fn slowest(console: &Console, paths: &[&str]) -> Duration {
    let client = client();
    let mut slowest = Duration::ZERO;
    for path in paths.iter().cycle().take(3 * paths.len()) {
        let began = Instant::now();
        assert_eq!(
            client.get(console.url(path)).send().await.unwrap().status(),
            200,
            "{path}"
        );
        slowest = slowest.max(began.elapsed());
    }
    slowest
}

#[tokio::test]
async fn queries_answer_from_the_state_without_tickstockpl() {
    let redis = Redis::start().await;
    let console = Console::start(&redis.url(), &format!("http://{}", nowhere().await)).await;
    with_run(&redis).await;
    let known = || async {
        (get(&console, STATUS).await["status"]["symbols_completed"] == 250).then_some(())
    };
    until("the progress is known", known).await;
    let answer = get(&console, STATUS).await;
    assert_eq!(
        (&answer["source"], &answer["status"]["current_symbol"]),
        (&json!("events"), &json!("AAPL"))
    );
    assert!(answer["as_of"].as_str().unwrap().ends_with('Z'));
    let slowest = slowest(&console, &[STATUS, HISTORY, SCHEDULE]).await;
    assert!(slowest < Duration::from_millis(100), "{slowest:?}");
}

#[tokio::test]
async fn late_answer_of_a_hanging_tickstockpl_still_counts() {
    let redis = Redis::start().await;
    let api = Api::hanging().await;
    let console = Console::start(&redis.url(), &api.url).await;
    with_run(&redis).await;
    let known = || async {
        (get(&console, STATUS).await["status"]["symbols_completed"] == 250).then_some(())
    };
    until("the progress is known", known).await;
    // A read waits 100 ms at most; the rest is the busy machine's.
    let slowest = slowest(&console, &[STATUS, HISTORY, "/admin/daily-processing"]).await;
    assert!(slowest < Duration::from_millis(400), "{slowest:?}");
    api.now_answers("200 OK", r#"{"is_running": true, "run_id": "r", "current_phase": "import", "symbols_processed": 300, "symbols_total": 505}"#);
    let told = || async {
        (get(&console, STATUS).await["status"]["symbols_completed"] == 300).then_some(())
    };
    until("its answer counts", told).await;
}

#[tokio::test]
async fn with_both_stopped_the_last_state_is_shown_with_its_age() {
    let mut redis = Redis::start().await;
    let console = Console::start(&redis.url(), &format!("http://{}", nowhere().await)).await;
    with_run(&redis).await;
    let known = || async {
        (get(&console, STATUS).await["status"]["symbols_completed"] == 250).then_some(())
    };
    until("the progress is known", known).await;
    let as_of = get(&console, STATUS).await["as_of"].clone();
    redis.kill();
    let mut stream = console.stream().await;
    stream
        .until("both are away", |state| {
            !state.links.redis.up && !state.links.api.up
        })
        .await;
    let answer = get(&console, STATUS).await;
    assert_eq!(
        (&answer["source"], &answer["as_of"]),
        (&json!("events"), &as_of)
    );
    assert_eq!(answer["status"]["symbols_completed"], 250);
}

#[tokio::test]
async fn a_run_is_told_with_its_phases_and_an_unknown_one_is_404() {
    let redis = Redis::start().await;
    let console = Console::start(&redis.url(), &format!("http://{}", nowhere().await)).await;
    with_run(&redis).await;
    let known = || async {
        (get(&console, STATUS).await["status"]["symbols_completed"] == 250).then_some(())
    };
    until("the progress is known", known).await;
    let run = get(&console, "/api/processing/runs/r").await;
    assert_eq!(
        (&run["run"]["status"], &run["details"]["phases"][0]["done"]),
        (&json!("running"), &json!(250))
    );
    let (status, answer) = code(&console, "/api/processing/runs/unheard-of").await;
    assert_eq!(
        (status, &answer["success"], &answer["code"]),
        (404, &json!(false), &json!("not_found"))
    );
}

#[tokio::test]
async fn a_wrong_query_names_its_field() {
    let console = Console::alone(&[]).await;
    for (path, field) in [
        ("/api/processing/daily/history?days=0", "days"),
        ("/api/processing/daily/history?days=many", "days"),
        ("/api/processing/daily/history?limit=100000", "limit"),
        ("/api/processing/market/status?at=soon", "at"),
        ("/api/processing/market/status?at=1950-01-01", "at"),
        (
            "/api/processing/daily/schedule/preview?trigger_time=25:00",
            "trigger_time",
        ),
        (
            "/api/processing/daily/schedule/preview?trigger_time=16:10&timezone=Mars/Olympus",
            "timezone",
        ),
    ] {
        let (status, answer) = code(&console, path).await;
        assert_eq!(
            (status, &answer["field"]),
            (400, &json!(field)),
            "{path}: {answer}"
        );
    }
}

#[tokio::test]
async fn a_schedule_in_eastern_time_is_previewed_in_new_york() {
    let console = Console::alone(&[]).await;
    let preview = async |zone: &str| {
        get(
            &console,
            &format!("/api/processing/daily/schedule/preview?trigger_time=16:10&timezone={zone}"),
        )
        .await
    };
    let new_york = preview("America/New_York").await["days"].clone();
    for zone in ["ET", "EST", "EDT", "Eastern", "US/Eastern"] {
        assert_eq!(preview(zone).await["days"], new_york, "{zone}");
    }
}

#[tokio::test]
async fn the_market_is_closed_on_thanksgiving_and_half_a_day_after_it() {
    let console = Console::alone(&[]).await;
    let at = |text: &'static str| get(&console, text);
    let thanksgiving =
        at("/api/processing/market/status?at=2026-11-26T18:00:00Z").await["market_status"].clone();
    assert_eq!(
        (&thanksgiving["is_open"], &thanksgiving["is_weekday"]),
        (&json!(false), &json!(true))
    );
    assert!(
        thanksgiving["why"]
            .as_str()
            .unwrap()
            .contains("Thanksgiving"),
        "{thanksgiving}"
    );
    assert_eq!(thanksgiving["next_open"], "2026-11-27T09:30:00-05:00");
    let open =
        at("/api/processing/market/status?at=2026-11-27T12:59:00-05:00").await["market_status"]
            .clone();
    assert_eq!(
        (&open["is_open"], &open["next_close"]),
        (&json!(true), &json!("2026-11-27T13:00:00-05:00"))
    );
    let closed =
        at("/api/processing/market/status?at=2026-11-27T13:01:00-05:00").await["market_status"]
            .clone();
    assert_eq!(
        (&closed["is_open"], &closed["phase"]),
        (&json!(false), &json!("after_hours"))
    );
    assert_eq!(closed["next_open"], "2026-11-30T09:30:00-05:00");
}

#[tokio::test]
async fn schedule_is_previewed_and_a_concurrent_edit_is_refused() {
    let redis = Redis::start().await;
    let tickstockpl = Simulator::start(&redis.url(), &[]).await;
    let console = Console::start(&redis.url(), &tickstockpl.url).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    let seen = get(&console, SCHEDULE).await["schedule"]["version"].clone();
    let preview = get(
        &console,
        "/api/processing/daily/schedule/preview?trigger_time=16:30",
    )
    .await;
    assert_eq!(
        preview["days"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|day| day["runs"] == true)
            .count(),
        5,
        "{preview}"
    );
    let change = |sent: Value| client().post(console.url(SCHEDULE)).json(&sent).send();
    let first = change(json!({ "trigger_time": "16:30", "version": seen }))
        .await
        .unwrap();
    assert_eq!(first.status(), 200);
    assert_eq!(body(first).await["schedule"]["trigger_time"], "16:30");
    let changed = |state: &model::State| {
        state
            .schedule
            .as_ref()
            .is_some_and(|s| s.trigger_time.as_deref() == Some("16:30"))
    };
    stream.until("everybody sees it", changed).await;
    let second = change(json!({ "enabled": false, "version": seen }))
        .await
        .unwrap();
    assert_eq!(
        (second.status().as_u16(), &body(second).await["code"]),
        (409, &json!("changed"))
    );
    let present = get(&console, SCHEDULE).await["schedule"].clone();
    assert_eq!(
        (&present["enabled"], &present["trigger_time"]),
        (&json!(true), &json!("16:30")),
        "nothing of it was saved"
    );
    for (sent, field) in [
        (json!({ "trigger_time": "25:00" }), "trigger_time"),
        (json!({}), "schedule"),
        (json!({ "universes": [] }), "universes"),
    ] {
        let refused = change(sent).await.unwrap();
        assert_eq!(
            (refused.status().as_u16(), &body(refused).await["field"]),
            (400, &json!(field))
        );
    }
}

#[tokio::test]
async fn the_api_describes_itself_for_programs_and_for_people() {
    let console = Console::alone(&[]).await;
    let document = get(&console, "/api/openapi.json").await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for path in [
        STATUS,
        HISTORY,
        SCHEDULE,
        "/api/processing/daily/trigger",
        "/api/processing/runs/{run_id}",
        "/readyz",
    ] {
        assert!(
            document["paths"][path].is_object(),
            "{path} is not described"
        );
    }
    let names: Vec<_> = document["components"]["schemas"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    assert!(
        !names
            .iter()
            .any(|name| *name == "Answer" || *name == "Body"),
        "two types of one name would be one: {names:?}"
    );
    let parameters = &document["paths"]["/api/processing/daily/trigger"]["post"]["parameters"];
    assert_eq!(
        (&parameters[0]["name"], &parameters[0]["in"]),
        (&json!("Idempotency-Key"), &json!("header"))
    );
    let page = console.page("/api/docs").await;
    assert!(page.contains("/api/processing/import/retry") && page.contains("lookback_days"));
}

/// Columns of `columns!(RunSummary …)`, as the CSV export names them: the field of the REST row
/// and the heading on the page of runs, where they have one.
const RUN_COLUMNS: &[(&str, Option<&str>, Option<&str>)] = &[
    ("run_id", Some("run_id"), Some("Run")),
    ("status", Some("state"), Some("Status")),
    ("trigger_type", Some("trigger_type"), Some("Trigger")),
    ("universes", None, None),
    ("started_at", Some("start_time"), Some("Started")),
    ("ended_at", Some("end_time"), None),
    (
        "duration_seconds",
        Some("duration_seconds"),
        Some("Duration"),
    ),
    ("symbols_total", None, None),
    ("processed", Some("symbols_processed"), Some("Processed")),
    ("failed", Some("symbols_failed"), Some("Failed")),
    (
        "indicators",
        Some("indicators_calculated"),
        Some("Indicators"),
    ),
    ("patterns", Some("patterns_detected"), Some("Patterns")),
    ("original_run_id", None, None),
    ("message", Some("error_message"), None),
];

#[tokio::test]
async fn every_run_column_reaches_rest_and_page_or_is_left_out() {
    let api = Api::answering("404 Not Found", "{}").await;
    let idle = json!({ "is_running": false });
    api.path_answers("/api/processing/status", "200 OK", &idle);
    let run = json!({ "run_id": "r", "status": "completed",
        "start_time": "2026-01-05T21:10:00Z", "end_time": "2026-01-05T21:45:00Z" });
    api.path_answers(
        "/api/processing/history",
        "200 OK",
        &json!({ "runs": [run] }),
    );
    let console = Console::start(&format!("redis://{}", nowhere().await), &api.url).await;
    let read_page = || async {
        let page = console.page("/admin/daily-processing/runs?days=3650").await;
        page.contains("data-testid=\"runs\"").then_some(page)
    };
    let page = until("the run is in the table", read_page).await;
    let csv = console.page("/api/processing/export/history").await;
    let answer = get(&console, &format!("{HISTORY}?days=3650")).await;

    let exported: Vec<_> = csv.lines().next().unwrap().trim().split(',').collect();
    let declared: Vec<_> = RUN_COLUMNS.iter().map(|(column, ..)| *column).collect();
    assert_eq!(
        exported, declared,
        "columns!(RunSummary) in server/store/src/columns.rs changed: show the column in \
         app/src/ui/run_table.rs and RunItem in server/src/http/api/history.rs, and list it in \
         RUN_COLUMNS"
    );
    // The status in the words of TickStockPL's API is derived from `state`.
    let row = answer["history"][0].as_object().unwrap();
    let fields: BTreeSet<_> = row
        .keys()
        .map(String::as_str)
        .filter(|key| *key != "status")
        .collect();
    let expected: BTreeSet<_> = RUN_COLUMNS
        .iter()
        .filter_map(|(_, field, _)| *field)
        .collect();
    assert_eq!(
        fields, expected,
        "RunItem in server/src/http/api/history.rs differs from RUN_COLUMNS"
    );
    let (_, table) = page.split_once("data-testid=\"runs\"").unwrap();
    let (head, _) = table.split_once("</thead>").unwrap();
    let headings: BTreeSet<_> = head
        .split("</th>")
        .filter_map(|cell| Some(cell.split_once("<th ")?.1.split_once('>')?.1.trim()))
        .collect();
    let expected: BTreeSet<_> = RUN_COLUMNS
        .iter()
        .filter_map(|(.., heading)| *heading)
        .collect();
    assert_eq!(
        headings, expected,
        "run_head in app/src/ui/run_table.rs differs from RUN_COLUMNS"
    );
}
