//! TickStockPL's API over real HTTP: what starts and ends runs, what is refused, and what can be
//! asked.
use crate::support::{Listener, Redis, Simulator};
use serde_json::{Value, json};

#[tokio::test]
async fn a_second_trigger_is_409_and_cancel_ends_the_run() {
    let redis = Redis::start().await;
    let mut listener = Listener::subscribe(&redis).await;
    let simulator = Simulator::start(&redis.url(), &["--speed", "20"]).await;
    assert_eq!(simulator.delete("/api/processing/cancel").await.0, 409);
    let (_, first) = simulator
        .post("/api/processing/trigger-manual", json!({}))
        .await;
    for path in [
        "trigger-manual",
        "trigger-import",
        "trigger-indicators",
        "trigger-patterns",
    ] {
        let (status, answer) = simulator
            .post(&format!("/api/processing/{path}"), json!({}))
            .await;
        assert_eq!(
            (status, &answer["run_id"]),
            (409, &first["run_id"]),
            "{path}"
        );
    }
    let (_, status) = simulator.get("/api/processing/status").await;
    assert_eq!(
        (&status["is_running"], &status["run_id"]),
        (&json!(true), &first["run_id"])
    );
    let (code, answer) = simulator.delete("/api/processing/cancel").await;
    assert_eq!((code, &answer["status"]), (200, &json!("cancelling")));
    let messages = listener
        .until(|m| m["event"] == "processing_cancelled")
        .await;
    let told = &messages.last().unwrap().value["payload"];
    assert_eq!(
        (&told["run_id"], &told["status"]),
        (&first["run_id"], &json!("cancelled"))
    );
    let (_, history) = simulator.get("/api/processing/history?days=1").await;
    assert_eq!(
        (&history["runs"][0]["run_id"], &history["runs"][0]["status"]),
        (&first["run_id"], &json!("cancelled"))
    );
    let (_, status) = simulator.get("/api/processing/status").await;
    assert_eq!(
        (&status["is_running"], &status["run_id"]),
        (&json!(false), &Value::Null)
    );
}

#[tokio::test]
async fn failed_imports_are_tried_again_by_the_id_of_their_run() {
    let redis = Redis::start().await;
    let mut listener = Listener::subscribe(&redis).await;
    let simulator =
        Simulator::start(&redis.url(), &["--speed", "3000", "--scenario", "failures"]).await;
    let (_, first) = simulator
        .post(
            "/api/processing/trigger-import",
            json!({ "universes": ["dow30", "etf"] }),
        )
        .await;
    let retry = json!({ "original_run_id": first["run_id"] });
    let (status, answer) = simulator
        .post("/api/processing/retry-imports", retry.clone())
        .await;
    assert_eq!(
        (status, &answer["run_id"]),
        (409, &first["run_id"]),
        "while that run is active"
    );
    let messages = listener
        .until(|m| m["event"] == "processing_completed")
        .await;
    assert_eq!(
        messages.last().unwrap().value["payload"]["symbols_failed"],
        3
    );
    let (status, answer) = simulator.post("/api/processing/retry-imports", retry).await;
    assert_eq!(
        (status, &answer["retry_count"], &answer["status"]),
        (200, &json!(3), &json!("started"))
    );
    let messages = listener
        .until(|m| m["event"] == "processing_completed")
        .await;
    assert_eq!(
        messages[0].value["payload"]["original_run_id"],
        first["run_id"]
    );
    let end = &messages.last().unwrap().value["payload"];
    assert_eq!(
        (&end["symbols_processed"], &end["symbols_failed"]),
        (&json!(3), &json!(0))
    );
    let again = json!({ "original_run_id": answer["run_id"] });
    let (status, answer) = simulator.post("/api/processing/retry-imports", again).await;
    assert_eq!(
        (status, &answer["field"]),
        (400, &json!("original_run_id")),
        "nothing failed in that one"
    );
    let unknown = json!({ "original_run_id": "nobody" });
    assert_eq!(
        simulator
            .post("/api/processing/retry-imports", unknown)
            .await
            .0,
        404
    );
}

#[tokio::test]
async fn only_the_phases_and_kinds_that_were_asked_for_are_done() {
    let redis = Redis::start().await;
    let mut listener = Listener::subscribe(&redis).await;
    let simulator = Simulator::start(&redis.url(), &["--speed", "5000"]).await;
    for (path, body, channels, results) in [
        (
            "trigger-manual",
            json!({ "phases": ["pattern_detection", "cache_sync", "finalization"], "universe": "dow30" }),
            vec!["cache", "patterns"],
            None,
        ),
        (
            "trigger-import",
            json!({ "universes": ["etf"], "timeframes": ["weekly"], "lookback_days": 5 }),
            vec!["import"],
            None,
        ),
        (
            "trigger-indicators",
            json!({ "symbols": ["AAPL", "BRK.B"], "indicators": ["rsi", "MACD"], "timeframe": "hourly" }),
            vec!["indicators"],
            Some(4),
        ),
        (
            "trigger-patterns",
            json!({ "symbols": ["AAPL"], "patterns": ["Doji"] }),
            vec!["patterns"],
            None,
        ),
        (
            "trigger-manual",
            json!({ "phases": ["all"] }),
            vec!["import", "cache", "indicators", "patterns"],
            Some(7575),
        ),
    ] {
        let (status, answer) = simulator
            .post(&format!("/api/processing/{path}"), body)
            .await;
        assert_eq!(
            (status, &answer["status"]),
            (200, &json!("started")),
            "{path}"
        );
        let messages = listener
            .until(|m| m["event"] == "processing_completed")
            .await;
        let started = messages
            .iter()
            .filter_map(|m| m.short_channel().strip_suffix(":started"));
        assert_eq!(started.collect::<Vec<_>>(), channels, "{path}");
        let calculated: Vec<_> = messages
            .iter()
            .filter(|m| m.short_channel() == "indicators:calculated")
            .collect();
        if let Some(results) = results {
            assert_eq!(calculated.len(), results, "{path}");
        }
        if results == Some(4) {
            assert!(
                calculated
                    .iter()
                    .all(|m| m.value["payload"]["timeframe"] == "hourly")
            );
        }
        if let Some(import) = messages
            .iter()
            .find(|m| m.short_channel() == "import:started")
            .filter(|_| path == "trigger-import")
        {
            assert_eq!(
                import.value["payload"]["lookback_days"],
                json!({ "weekly": 5 })
            );
        }
    }
}

#[tokio::test]
async fn wrong_bodies_are_400_and_name_their_field() {
    let simulator = Simulator::start("redis://127.0.0.1:1/0", &[]).await;
    for (path, body, field) in [
        (
            "trigger-manual",
            json!({ "skip_market_check": "yes" }),
            "skip_market_check",
        ),
        (
            "trigger-manual",
            json!({ "phases": ["nonsense"] }),
            "phases",
        ),
        ("trigger-manual", json!({ "universe": "moon" }), "universe"),
        (
            "trigger-import",
            json!({ "lookback_days": 0 }),
            "lookback_days",
        ),
        (
            "trigger-import",
            json!({ "timeframes": ["yearly"] }),
            "timeframes",
        ),
        (
            "trigger-indicators",
            json!({ "symbols": ["no symbol"] }),
            "symbols",
        ),
        ("retry-imports", json!({}), "original_run_id"),
        (
            "schedule",
            json!({ "trigger_time": "25:00" }),
            "trigger_time",
        ),
        ("schedule", json!({ "trigger_time": "9:5" }), "trigger_time"),
        ("schedule", json!({ "enabled": 1 }), "enabled"),
        ("schedule", json!({ "universes": ["moon"] }), "universes"),
        ("trigger-manual", json!({ "phases": [] }), "phases"),
        ("trigger-manual", json!({ "phases": "import" }), "phases"),
        (
            "trigger-manual",
            json!({ "phases": ["finalization"] }),
            "phases",
        ),
        ("trigger-manual", json!([]), "body"),
        (
            "trigger-import",
            json!({ "universes": ["sp500", 5] }),
            "universes",
        ),
        (
            "trigger-import",
            json!({ "lookback_days": "30" }),
            "lookback_days",
        ),
        (
            "trigger-import",
            json!({ "lookback_days": 3651 }),
            "lookback_days",
        ),
        (
            "trigger-indicators",
            json!({ "indicators": ["Moon phase"] }),
            "indicators",
        ),
        (
            "trigger-indicators",
            json!({ "timeframe": "yearly" }),
            "timeframe",
        ),
        (
            "trigger-patterns",
            json!({ "patterns": [null] }),
            "patterns",
        ),
        ("cache-sync/trigger", json!({ "mode": "half" }), "mode"),
    ] {
        let (status, answer) = simulator
            .post(&format!("/api/processing/{path}"), body.clone())
            .await;
        assert_eq!(
            (status, &answer["field"]),
            (400, &json!(field)),
            "{path} {body}"
        );
    }
    for (answer, expected) in [
        (simulator.get("/api/nothing").await, 404),
        (simulator.delete("/health").await, 405),
        (simulator.get("/api/processing/history?days=0").await, 400),
        (simulator.get("/api/processing/history?days=x").await, 400),
        (
            simulator
                .get("/api/processing/cache-sync/status/nobody")
                .await,
            404,
        ),
    ] {
        assert_eq!(answer.0, expected);
        assert!(answer.1["error"].is_string(), "{}", answer.1);
    }
    let (_, status) = simulator.get("/api/processing/status").await;
    assert_eq!(status["is_running"], false, "none of it started anything");
}

#[tokio::test]
async fn a_changed_schedule_is_answered_and_told() {
    let redis = Redis::start().await;
    let mut listener = Listener::subscribe(&redis).await;
    let simulator = Simulator::start(&redis.url(), &[]).await;
    let (_, before) = simulator.get("/api/processing/schedule").await;
    assert_eq!(
        (&before["trigger_time"], &before["timezone"]),
        (&json!("16:10"), &json!("America/New_York"))
    );
    let (status, answer) = simulator
        .post("/api/processing/schedule", json!({ "enabled": false }))
        .await;
    assert_eq!(
        (status, &answer["enabled"], &answer["next_run"]),
        (200, &json!(false), &Value::Null)
    );
    let messages = listener.until(|m| m["event"] == "schedule_updated").await;
    assert_eq!(
        messages.last().unwrap().value["payload"]["schedule"],
        answer
    );
    let changed = json!({ "enabled": true, "trigger_time": "17:05", "market_check": false, "universes": ["dow30", "etf"] });
    let (_, answer) = simulator
        .post("/api/processing/schedule", changed.clone())
        .await;
    for (field, value) in changed.as_object().unwrap() {
        assert_eq!(&answer[field], value, "{field}");
    }
    let next = answer["next_run"].as_str().unwrap();
    assert!(next.ends_with(":05:00Z"), "{next}");
    assert_eq!(simulator.get("/api/processing/schedule").await.1, answer);
}

#[tokio::test]
async fn an_idle_simulator_answers_with_nulls_and_has_a_history() {
    let simulator = Simulator::start("redis://127.0.0.1:1/0", &[]).await;
    let (_, status) = simulator.get("/api/processing/status").await;
    let idle = json!({
        "is_running": false, "run_id": null, "current_phase": null, "progress": 0, "symbols_processed": 0, "symbols_total": 0,
        "current_symbol": null, "start_time": null, "estimated_completion": null,
    });
    assert_eq!(status, idle);
    let (_, history) = simulator.get("/api/processing/history?days=60").await;
    let of = |status: &str| {
        history["runs"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|run| run["status"] == status)
            .count()
    };
    assert_eq!((of("completed"), of("failed"), of("cancelled")), (18, 1, 1));
    let (_, health) = simulator.get("/health").await;
    assert_eq!(
        (&health["processing_status"], &health["services"]["redis"]),
        (&json!("idle"), &json!("down"))
    );
}

#[tokio::test]
async fn a_cache_sync_is_a_job_that_can_be_asked_for() {
    let redis = Redis::start().await;
    let mut listener = Listener::subscribe(&redis).await;
    let simulator =
        Simulator::start(&redis.url(), &["--speed", "3000", "--dialect", "guides"]).await;
    let (status, job) = simulator
        .post(
            "/api/processing/cache-sync/trigger",
            json!({ "mode": "themes" }),
        )
        .await;
    assert_eq!(
        (status, &job["success"], &job["mode"]),
        (202, &json!(true), &json!("themes"))
    );
    let messages = listener
        .until(|m| m["event"] == "daily_processing_completed")
        .await;
    assert!(
        messages
            .iter()
            .any(|m| m.value["payload"]["mode"] == "themes")
    );
    let path = format!(
        "/api/processing/cache-sync/status/{}",
        job["job_id"].as_str().unwrap()
    );
    let (_, answer) = simulator.get(&path).await;
    assert_eq!(
        (&answer["status"], &answer["mode"]),
        (&json!("completed"), &json!("themes"))
    );
    let (_, history) = simulator
        .get("/api/processing/cache-sync/history?limit=5")
        .await;
    assert_eq!(
        (&history["total"], &history["jobs"][0]["job_id"]),
        (&json!(1), &job["job_id"])
    );
    let (_, stats) = simulator.get("/api/processing/cache-sync/stats").await;
    assert_eq!(
        (
            &stats["job_statistics"]["successful_jobs_7d"],
            &stats["universes"][0]["symbol_count"]
        ),
        (&json!(1), &json!(505))
    );
}
