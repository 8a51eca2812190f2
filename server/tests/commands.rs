//! Commands: what reaches TickStockPL, and what the caller is told.

mod support;

use model::RunStatus;
use reqwest::Response;
use serde_json::{Value, json};
use support::{Console, Redis, Simulator, client, nowhere};

const TRIGGER: &str = "/api/processing/daily/trigger";

async fn post(console: &Console, path: &str, body: Value) -> Response {
    client().post(console.url(path)).json(&body).send().await.expect("the console answers")
}

async fn body(answer: Response) -> Value {
    serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("JSON")
}

#[tokio::test]
async fn a_trigger_starts_a_run_that_is_seen_to_its_end() {
    let redis = Redis::start().await;
    let tickstockpl = Simulator::start(&redis.url(), &["--speed", "1000"]).await;
    let console = Console::start(&redis.url(), &tickstockpl.url).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    let answer = post(&console, TRIGGER, json!({ "skip_market_check": true })).await;
    assert_eq!(answer.status(), 200);
    let answer = body(answer).await;
    assert_eq!((&answer["success"], &answer["status"]), (&json!(true), &json!("triggered")));
    let run_id = answer["run_id"].as_str().unwrap().to_owned();
    let ended =
        |state: &model::State| state.run.as_ref().is_some_and(|run| run.id.as_str() == run_id && !run.is_active());
    stream.until("the run ends", ended).await;
    let run = stream.state.run.as_ref().unwrap();
    assert!(matches!(run.status, RunStatus::Succeeded | RunStatus::SucceededWithWarnings), "{:?}", run.status);
    assert!(run.phases.iter().all(|phase| phase.status == model::PhaseStatus::Done));
    assert!(run.indicators > 1000 && run.patterns > 100, "{} {}", run.indicators, run.patterns);
}

#[tokio::test]
async fn a_second_trigger_is_a_conflict_that_names_the_active_run_and_cancel_ends_it() {
    let redis = Redis::start().await;
    let tickstockpl = Simulator::start(&redis.url(), &["--speed", "20"]).await;
    let console = Console::start(&redis.url(), &tickstockpl.url).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    let first = body(post(&console, TRIGGER, json!({ "skip_market_check": true })).await).await;
    let second = post(&console, TRIGGER, json!({ "skip_market_check": true })).await;
    assert_eq!(second.status(), 409);
    let second = body(second).await;
    assert_eq!(
        (&second["success"], &second["code"], &second["run_id"]),
        (&json!(false), &json!("conflict"), &first["run_id"])
    );
    stream.until("the run is shown", |state| state.active().is_some()).await;
    // The server function, as a script would call it.
    let cancelled = client().post(console.url("/api/console/cancel")).send().await.unwrap();
    assert_eq!(cancelled.status(), 200);
    stream
        .until("the run is cancelled", |state| state.run.as_ref().is_some_and(|run| run.status == RunStatus::Cancelled))
        .await;
    let nothing_left = client().post(console.url("/api/console/cancel")).send().await.unwrap();
    assert!(!nothing_left.status().is_success());
    assert_eq!(body(nothing_left).await["code"], "conflict");
}

#[tokio::test]
async fn a_form_without_javascript_starts_a_run_and_leads_back_to_the_page() {
    let redis = Redis::start().await;
    let tickstockpl = Simulator::start(&redis.url(), &["--speed", "200"]).await;
    let console = Console::start(&redis.url(), &tickstockpl.url).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    let page = console.url("/admin/daily-processing");
    let answer = client()
        .post(console.url("/api/console/run"))
        .header("accept", "text/html")
        .header("referer", &page)
        .header("content-type", "application/x-www-form-urlencoded")
        .body("skip_market_check=true")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 302);
    let location = answer.headers()["location"].to_str().unwrap();
    assert_eq!(location.trim_end_matches('?'), page);
    stream.until("the run is shown", |state| state.run.is_some()).await;
}

#[tokio::test]
async fn with_tickstockpl_away_a_command_says_so_and_that_nothing_was_done() {
    let console = Console::start(&format!("redis://{}", nowhere().await), &format!("http://{}", nowhere().await)).await;
    let answer = post(&console, TRIGGER, json!({})).await;
    assert_eq!(answer.status(), 503);
    let answer = body(answer).await;
    assert_eq!(answer["code"], "unavailable");
    assert!(answer["message"].as_str().unwrap().contains("Nothing was done"), "{answer}");
}

#[tokio::test]
async fn a_wrong_body_names_its_field_and_reaches_nobody() {
    let console = Console::start(&format!("redis://{}", nowhere().await), &format!("http://{}", nowhere().await)).await;
    for (sent, field) in [
        (json!({ "skip_market_check": "yes" }), "skip_market_check"),
        (json!({ "phases": [] }), "phases"),
        (json!({ "phases": ["imports"] }), "phases"),
        (json!({ "universe": 5 }), "universe"),
    ] {
        let answer = post(&console, TRIGGER, sent).await;
        assert_eq!(answer.status(), 400);
        assert_eq!(body(answer).await["field"], field);
    }
    let client = client();
    let send = |kind: &'static str, body: Vec<u8>| {
        client.post(console.url(TRIGGER)).header("content-type", kind).body(body).send()
    };
    assert_eq!(send("application/json", b"{".to_vec()).await.unwrap().status(), 400);
    assert_eq!(send("text/plain", b"{}".to_vec()).await.unwrap().status(), 415);
    assert_eq!(send("application/json", vec![b' '; 1 << 17]).await.unwrap().status(), 413);
}

#[tokio::test]
async fn a_command_that_another_sites_page_sends_is_refused() {
    let console = Console::start(&format!("redis://{}", nowhere().await), &format!("http://{}", nowhere().await)).await;
    for path in [TRIGGER, "/api/console/run", "/api/console/cancel"] {
        let answer = client().post(console.url(path)).header("sec-fetch-site", "cross-site").send().await.unwrap();
        assert_eq!(answer.status(), 403, "{path}");
    }
}

#[tokio::test]
async fn a_run_that_goes_on_while_redis_is_away_still_moves_and_ends() {
    let mut redis = Redis::start().await;
    let tickstockpl = Simulator::start(&redis.url(), &["--speed", "150"]).await;
    let console = Console::start(&redis.url(), &tickstockpl.url).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    post(&console, TRIGGER, json!({ "skip_market_check": true })).await;
    stream.until("the run moves", |state| state.active().is_some_and(|run| run.percent > 1.0)).await;
    redis.kill();
    stream.until("Redis is away", |state| !state.links.redis.up).await;
    let ended = |state: &model::State| state.run.as_ref().is_some_and(|run| !run.is_active());
    stream.until("the run ends", ended).await;
    let status = stream.state.run.as_ref().unwrap().status;
    assert!(matches!(status, RunStatus::Succeeded | RunStatus::SucceededWithWarnings), "{status:?}");
}
