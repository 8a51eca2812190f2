//! The pages: they hold the state, at once, whatever is unavailable.

use crate::support::{Console, Redis, client, nowhere};
use serde_json::json;
use std::time::{Duration, Instant};

async fn alone() -> Console {
    Console::start(
        &format!("redis://{}", nowhere().await),
        &format!("http://{}", nowhere().await),
    )
    .await
}

#[tokio::test]
async fn the_first_html_holds_the_state() {
    let redis = Redis::start().await;
    let console = Console::start(&redis.url(), &format!("http://{}", nowhere().await)).await;
    redis.subscribed().await;
    let id = "550e8400-e29b-41d4-a716-446655440000";
    redis
        .publish(
            "tickstock:processing:status",
            json!({ "event": "processing_started", "payload": { "run_id": id } }).to_string(),
        )
        .await;
    let message = json!({ "event": "indicator_progress", "payload": { "run_id": id, "completed_symbols": 123, "total_symbols": 505, "current_symbol": "BRK.B" } });
    redis
        .publish("tickstock:indicators:progress", message.to_string())
        .await;
    console
        .stream()
        .await
        .until("the symbol is known", |state| {
            state
                .run
                .as_ref()
                .is_some_and(|run| run.phases[2].done == Some(123))
        })
        .await;
    let page = console.page("/admin/daily-processing").await;
    // What stands before the state's own text is the markup.
    let body = page.split("__RESOLVED_RESOURCES").next().unwrap();
    assert!(
        body.contains("BRK.B") && body.contains("data-status=\"running\""),
        "the markup itself shows the run"
    );
}

#[tokio::test]
async fn a_page_waits_for_nobody() {
    let console = alone().await;
    console.page("/admin/daily-processing").await;
    let mut times: Vec<Duration> = Vec::new();
    for _ in 0..10 {
        let began = Instant::now();
        let page = console.page("/admin/daily-processing").await;
        times.push(began.elapsed());
        assert!(page.contains("TickStock"));
    }
    times.sort();
    // Ten times the aim of 20 ms, which is measured in the benchmarks: an unoptimised build on a
    // busy machine passes, a page that waits for a neighbour's time-out does not.
    assert!(times[5] < Duration::from_millis(200), "{times:?}");
}

#[tokio::test]
async fn the_root_leads_to_tonight_and_what_is_not_there_is_404() {
    let console = alone().await;
    let answer = client().get(console.url("/")).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["location"]),
        (307, &"/admin/daily-processing".parse().unwrap())
    );
    for path in [
        "/nope",
        "/admin/nope",
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/pkg/nope.js",
    ] {
        assert_eq!(
            client()
                .get(console.url(path))
                .send()
                .await
                .unwrap()
                .status()
                .as_u16(),
            404,
            "{path}"
        );
    }
}

#[tokio::test]
async fn health_answers_whoever_is_away() {
    let console = alone().await;
    let answer: serde_json::Value = serde_json::from_str(&console.page("/health").await).unwrap();
    assert_eq!(answer["status"], "healthy");
    let services = &answer["services"];
    assert_eq!(
        (&services["redis"], &services["tickstockpl"]),
        (&json!("down"), &json!("down"))
    );
    assert!(services["database"].is_string(), "{services}");
}
