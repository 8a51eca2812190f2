//! Redis going away and coming back: the run continues, and is heard again.
use crate::support::{Listener, Redis, Simulator, until};
use serde_json::json;
use std::time::{Duration, Instant};

async fn redis_is(simulator: &Simulator, state: &str) {
    until(&format!("Redis is {state}"), async || {
        let (_, health) = simulator.get("/health").await;
        (health["services"]["redis"] == state).then_some(())
    })
    .await;
}

#[tokio::test]
async fn run_continues_without_redis_and_is_heard_on_its_return() {
    let mut redis = Redis::start().await;
    redis.kill().await;
    let simulator = Simulator::start(&redis.url(), &["--speed", "60"]).await;
    simulator
        .post("/api/processing/trigger-manual", json!({}))
        .await;
    until("the run moves", async || {
        let (_, status) = simulator.get("/api/processing/status").await;
        (status["progress"].as_f64() > Some(1.0)).then_some(())
    })
    .await;
    redis.restart().await;
    let mut listener = Listener::subscribe(&redis).await;
    let heard = listener.until(|m| m["event"] == "import_progress").await;
    let first = heard.last().unwrap().value["payload"]["completed_symbols"]
        .as_u64()
        .unwrap();
    assert!(
        first > 5,
        "what was said while Redis was away is gone, not late: {first}"
    );
}

#[tokio::test]
async fn restarted_redis_receives_the_next_run_from_its_start() {
    let mut redis = Redis::start().await;
    let simulator = Simulator::start(&redis.url(), &["--speed", "3000"]).await;
    redis.kill().await;
    redis_is(&simulator, "down").await;
    redis.restart().await;
    redis_is(&simulator, "up").await;
    let mut listener = Listener::subscribe(&redis).await;
    simulator
        .post("/api/processing/trigger-manual", json!({}))
        .await;
    let heard = listener
        .until(|m| m["event"] == "processing_completed")
        .await;
    assert_eq!(heard[0].value["event"], "processing_started");
}

#[tokio::test]
async fn a_redis_that_hangs_does_not_hold_up_the_run() {
    let redis = Redis::start().await;
    let simulator = Simulator::start(&redis.url(), &["--speed", "1000"]).await;
    redis.freeze().await;
    let began = Instant::now();
    simulator
        .post("/api/processing/trigger-manual", json!({}))
        .await;
    until("the run ends", async || {
        let (_, status) = simulator.get("/api/processing/status").await;
        (status["is_running"] == false).then_some(())
    })
    .await;
    assert!(
        began.elapsed() < Duration::from_secs(15),
        "{:?} instead of two seconds",
        began.elapsed()
    );
    let (_, history) = simulator.get("/api/processing/history?days=1").await;
    assert_eq!(history["runs"][0]["status"], "completed");
}

#[tokio::test]
async fn a_redis_that_cannot_be_had_by_tls_is_only_away() {
    let redis = Redis::start().await;
    let simulator = Simulator::start(&redis.url().replace("redis://", "rediss://"), &[]).await;
    redis_is(&simulator, "down").await;
}
