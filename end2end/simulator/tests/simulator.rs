//! The simulator as TickStockPL: its API over real HTTP, its events on a real Redis.
#![allow(clippy::unwrap_used, reason = "a test may")]

mod support;

use serde_json::{Value, json};
use support::{Listener, Redis, Simulator};

/// The order of one full run: channel by channel, however often each speaks.
const ORDER: [&str; 13] = [
    "processing:status",
    "import:started",
    "import:progress",
    "import:completed",
    "cache:started",
    "cache:completed",
    "indicators:started",
    "indicators:progress",
    "indicators:completed",
    "patterns:started",
    "patterns:progress",
    "patterns:completed",
    "processing:status",
];

fn channels(messages: &[(String, Value)]) -> Vec<&str> {
    messages.iter().map(|(channel, _)| channel.strip_prefix("tickstock:").unwrap()).collect()
}

/// The steps of `order` that `channels` does not have in this order.
fn missing<'a>(order: &[&'a str], channels: &[&str]) -> Vec<&'a str> {
    let mut next = 0;
    for channel in channels {
        if order.get(next) == Some(channel) {
            next += 1;
        }
    }
    order[next..].to_vec()
}

#[tokio::test]
async fn a_run_is_told_in_the_documented_order_with_its_results() {
    let redis = Redis::start().await;
    let mut listener = Listener::subscribe(&redis).await;
    let simulator = Simulator::start(&redis.url(), &["--speed", "3000"]).await;
    let (status, answer) = simulator.post("/api/processing/trigger-manual", json!({ "skip_market_check": true })).await;
    assert_eq!((status, &answer["status"]), (200, &json!("started")));
    let messages = listener.until(|m| m["event"] == "processing_completed").await;
    let channels = channels(&messages);
    assert_eq!(missing(&ORDER, &channels), Vec::<&str>::new());
    let of = |channel: &str| channels.iter().filter(|c| **c == channel).count();
    assert_eq!(of("indicators:calculated"), 505 * 15);
    assert!((1100..1400).contains(&of("patterns:detected")), "{}", of("patterns:detected"));
    let end = &messages.last().unwrap().1["payload"];
    assert_eq!((&end["run_id"], &end["indicators_calculated"]), (&answer["run_id"], &json!(7575)));
    let (_, history) = simulator.get("/api/processing/history?days=1").await;
    assert_eq!(
        (&history["runs"][0]["run_id"], &history["runs"][0]["status"]),
        (&answer["run_id"], &json!("completed"))
    );
}

#[tokio::test]
async fn the_same_seed_gives_the_same_run() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let redis = Redis::start().await;
        let mut listener = Listener::subscribe(&redis).await;
        let simulator =
            Simulator::start(&redis.url(), &["--speed", "3000", "--seed", "11", "--scenario", "failures"]).await;
        simulator.post("/api/processing/trigger-manual", json!({})).await;
        let messages = listener.until(|m| m["event"] == "processing_completed").await;
        let results = messages
            .into_iter()
            .filter(|(channel, _)| channel.ends_with("detected") || channel.ends_with("calculated"));
        runs.push(results.map(|(_, message)| message["payload"].clone()).collect::<Vec<_>>());
    }
    assert!(runs[0].len() > 8000);
    assert!(runs[0] == runs[1], "two runs of one seed differ");
}

#[tokio::test]
async fn the_guides_tell_it_with_the_older_names() {
    let redis = Redis::start().await;
    let mut listener = Listener::subscribe(&redis).await;
    let simulator = Simulator::start(&redis.url(), &["--speed", "3000", "--dialect", "guides"]).await;
    simulator.post("/api/processing/trigger-manual", json!({})).await;
    let messages = listener.until(|m| m["event"] == "daily_processing_completed").await;
    let order = ORDER.map(|channel| match channel {
        "cache:started" => "cache:sync_triggered",
        "cache:completed" => "cache:sync_complete",
        other => other,
    });
    assert_eq!(missing(&order, &channels(&messages)), Vec::<&str>::new());
    assert_eq!(messages[0].1["event"], "daily_processing_started");
    assert_eq!(messages[0].1["payload"]["symbols_count"], 505);
}

#[tokio::test]
async fn a_second_trigger_is_409_and_cancel_ends_the_run() {
    let redis = Redis::start().await;
    let mut listener = Listener::subscribe(&redis).await;
    let simulator = Simulator::start(&redis.url(), &["--speed", "20"]).await;
    assert_eq!(simulator.delete("/api/processing/cancel").await.0, 409);
    let (_, first) = simulator.post("/api/processing/trigger-manual", json!({})).await;
    for path in ["trigger-manual", "trigger-import", "trigger-indicators", "trigger-patterns"] {
        let (status, answer) = simulator.post(&format!("/api/processing/{path}"), json!({})).await;
        assert_eq!((status, &answer["run_id"]), (409, &first["run_id"]), "{path}");
    }
    let (_, status) = simulator.get("/api/processing/status").await;
    assert_eq!((&status["is_running"], &status["run_id"]), (&json!(true), &first["run_id"]));
    let (code, answer) = simulator.delete("/api/processing/cancel").await;
    assert_eq!((code, &answer["status"]), (200, &json!("cancelling")));
    let messages = listener.until(|m| m["event"] == "processing_cancelled").await;
    assert_eq!(messages.last().unwrap().1["payload"]["status"], "cancelled");
    let (_, status) = simulator.get("/api/processing/status").await;
    assert_eq!((&status["is_running"], &status["run_id"]), (&json!(false), &Value::Null));
}

#[tokio::test]
async fn a_crash_is_preceded_by_an_error_and_the_failures_can_be_tried_again() {
    let redis = Redis::start().await;
    let mut listener = Listener::subscribe(&redis).await;
    let simulator = Simulator::start(&redis.url(), &["--speed", "3000", "--scenario", "crash"]).await;
    let (_, crashed) = simulator.post("/api/processing/trigger-manual", json!({})).await;
    let messages = listener.until(|m| m["event"] == "processing_failed").await;
    let before_end = &messages[messages.len() - 2];
    assert_eq!((before_end.0.as_str(), &before_end.1["payload"]["severity"]), ("tickstock:errors", &json!("critical")));
    let retry = json!({ "original_run_id": crashed["run_id"] });
    let (status, answer) = simulator.post("/api/processing/retry-imports", retry).await;
    assert_eq!((status, &answer["retry_count"]), (200, &json!(2)));
    let messages = listener.until(|m| m["event"] == "processing_completed").await;
    assert_eq!(messages[0].1["payload"]["original_run_id"], crashed["run_id"]);
    let unknown = json!({ "original_run_id": "nobody" });
    assert_eq!(simulator.post("/api/processing/retry-imports", unknown).await.0, 404);
}

#[tokio::test]
async fn wrong_bodies_are_400_and_name_their_field() {
    let simulator = Simulator::start("redis://127.0.0.1:1/0", &[]).await;
    for (path, body, field) in [
        ("trigger-manual", json!({ "skip_market_check": "yes" }), "skip_market_check"),
        ("trigger-manual", json!({ "phases": ["nonsense"] }), "phases"),
        ("trigger-manual", json!({ "universe": "moon" }), "universe"),
        ("trigger-import", json!({ "lookback_days": 0 }), "lookback_days"),
        ("trigger-import", json!({ "timeframes": ["yearly"] }), "timeframes"),
        ("trigger-indicators", json!({ "symbols": ["no symbol"] }), "symbols"),
        ("retry-imports", json!({}), "original_run_id"),
        ("schedule", json!({ "trigger_time": "25:00" }), "trigger_time"),
        ("schedule", json!({ "trigger_time": "9:5" }), "trigger_time"),
    ] {
        let (status, answer) = simulator.post(&format!("/api/processing/{path}"), body.clone()).await;
        assert_eq!((status, &answer["field"]), (400, &json!(field)), "{path} {body}");
    }
    assert_eq!(simulator.get("/api/nothing").await.0, 404);
    assert_eq!(simulator.delete("/health").await.0, 405);
}

#[tokio::test]
async fn a_changed_schedule_is_answered_and_told() {
    let redis = Redis::start().await;
    let mut listener = Listener::subscribe(&redis).await;
    let simulator = Simulator::start(&redis.url(), &[]).await;
    let (_, before) = simulator.get("/api/processing/schedule").await;
    assert_eq!((&before["trigger_time"], &before["timezone"]), (&json!("16:10"), &json!("America/New_York")));
    let (status, answer) = simulator.post("/api/processing/schedule", json!({ "enabled": false })).await;
    assert_eq!((status, &answer["enabled"], &answer["next_run"]), (200, &json!(false), &Value::Null));
    let messages = listener.until(|m| m["event"] == "schedule_updated").await;
    assert_eq!(messages.last().unwrap().1["payload"]["enabled"], false);
}

#[tokio::test]
async fn without_redis_a_run_goes_on_and_with_its_return_it_is_heard_again() {
    let mut redis = Redis::start().await;
    redis.kill();
    let simulator = Simulator::start(&redis.url(), &["--speed", "60"]).await;
    simulator.post("/api/processing/trigger-manual", json!({})).await;
    support::until("the run moves", async || {
        let (_, status) = simulator.get("/api/processing/status").await;
        (status["progress"].as_f64() > Some(1.0)).then_some(())
    })
    .await;
    redis.restart().await;
    let mut listener = Listener::subscribe(&redis).await;
    listener.until(|m| m["event"] == "import_progress").await;
}
