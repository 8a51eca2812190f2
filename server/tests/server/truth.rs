//! What is shown follows TickStockPL: for each thing that real producers and networks do, the
//! state, the sentence, the badge and REST say the same, and it is so.
use crate::support::{Api, Console, Redis, body, client, nowhere, until};
use serde_json::{Value, json};

const STATUS: &str = "/api/processing/status";
const HISTORY: &str = "/api/processing/history";

/// A console between a real Redis and a TickStockPL that answers what the test says.
struct Scene {
    redis: Redis,
    api: Api,
    console: Console,
}

fn idle() -> Value {
    json!({ "is_running": false })
}

fn running(id: &str) -> Value {
    json!({ "is_running": true, "run_id": id, "current_phase": "import", "symbols_processed": 100, "symbols_total": 505 })
}

fn row(id: &str, status: &str) -> Value {
    json!({ "run_id": id, "status": status, "start_time": "2026-01-05T21:10:00Z", "end_time": "2026-01-05T21:45:00Z",
        "symbols_processed": 505, "symbols_failed": 0 })
}

impl Scene {
    async fn new() -> Scene {
        let redis = Redis::start().await;
        let api = Api::answering("404 Not Found", "{}").await;
        api.path_answers(STATUS, "200 OK", &idle());
        api.path_answers(HISTORY, "200 OK", &json!({ "runs": [] }));
        let console = Console::start(&redis.url(), &api.url).await;
        redis.subscribed().await;
        Scene {
            redis,
            api,
            console,
        }
    }

    /// As [`Self::new`], with a run `r1` active: 505 symbols, 100 imported.
    async fn with_active_run() -> Scene {
        let scene = Scene::new().await;
        scene.api.path_answers(STATUS, "200 OK", &running("r1"));
        scene
            .publish(
                "processing:status",
                r#"{"event":"processing_started","payload":{"run_id":"r1","symbols_count":505}}"#,
            )
            .await;
        let progress = r#"{"event":"import_progress","payload":{"run_id":"r1","completed_symbols":100,"total_symbols":505}}"#;
        scene.publish("import:progress", progress).await;
        scene
            .until_status("r1 is active", |status| {
                status["is_running"] == true && status["run_id"] == "r1"
            })
            .await;
        scene
    }

    async fn publish(&self, channel: &str, message: &str) {
        self.redis
            .publish(&format!("tickstock:{channel}"), message)
            .await;
    }

    async fn get(&self, path: &str) -> Value {
        body(client().get(self.console.url(path)).send().await.unwrap()).await
    }

    async fn status(&self) -> Value {
        self.get("/api/processing/daily/status").await["status"].clone()
    }

    async fn until_status(&self, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        until(what, || async {
            Some(self.status().await).filter(|status| holds(status))
        })
        .await
    }

    async fn badge(&self) -> String {
        self.get("/embed/v1/badge.json").await["message"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    async fn page(&self) -> String {
        let page = self.console.page("/admin/daily-processing").await;
        page.replace('\u{a0}', " ")
            .replace("&quot;", "\"")
            .replace("&#x27;", "'")
    }
}

/// How `r1` ends with a message, and what is then said of it.
struct Ending {
    channel: &'static str,
    message: &'static str,
    state: &'static str,
    sentence: &'static str,
    badge: &'static str,
    failed: Option<u64>,
}

const fn ending(
    message: &'static str,
    state: &'static str,
    sentence: &'static str,
    badge: &'static str,
    failed: Option<u64>,
) -> Ending {
    Ending {
        channel: "processing:status",
        message,
        state,
        sentence,
        badge,
        failed,
    }
}

const ENDINGS: &[Ending] = &[
    ending(
        r#"{"event":"processing_completed","payload":{"run_id":"r1","status":"ProcessingStatus.FAILED","error_message":"OperationalError: server closed the connection","symbols_processed":100,"symbols_failed":405}}"#,
        "failed",
        "The last run failed",
        "failed",
        Some(405),
    ),
    ending(
        r#"{"event":"processing_completed","payload":{"run_id":"r1","status":"timed_out"}}"#,
        "failed",
        "The last run failed",
        "failed",
        None,
    ),
    ending(
        r#"{"event":"processing_completed","payload":{"run_id":"r1","status":"<Status.FAILED: 'failed'>"}}"#,
        "failed",
        "The last run failed",
        "failed",
        None,
    ),
    ending(
        r#"{"event":"processing_completed","payload":{"run_id":"r1","success":0.0}}"#,
        "failed",
        "The last run failed",
        "failed",
        None,
    ),
    ending(
        r#"{"event":"processing_completed","payload":{"run_id":"r1","status":"completed_with_errors","symbols_failed":3}}"#,
        "succeeded_with_warnings",
        "succeeded with warnings",
        "warnings",
        Some(3),
    ),
    ending(
        r#"{"event":"processing_completed","payload":{"run_id":"r1","status":"in_progress"}}"#,
        "outcome_unknown",
        "outcome unknown: TickStockPL reported \"in_progress\"",
        "outcome unknown",
        None,
    ),
    ending(
        r#"{"event":"processing_completed","payload":{"run_id":"r1","error_message":"disk full"}}"#,
        "outcome_unknown",
        "outcome unknown",
        "outcome unknown",
        None,
    ),
    ending(
        r#"{"event":"processing_completed","payload":{"run_id":"r1","status":"terminated"}}"#,
        "failed",
        "The last run failed",
        "failed",
        None,
    ),
    ending(
        r#"{"event":"processing_completed","payload":{"run_id":"r1"}}"#,
        "succeeded",
        "Last run succeeded",
        "succeeded",
        None,
    ),
    ending(
        r#"{"event":"processing_completed","payload":{"run_id":"r1","status":"success","failed_symbols":["A","B"],"symbols_failed":4}}"#,
        "succeeded",
        "; 4 symbols failed",
        "succeeded",
        Some(4),
    ),
    ending(
        r#"{"event":"processing_completed","payload":{"run_id":"r1","status":"success","failed_symbols":{"AAPL":"timeout","MSFT":"404"}}}"#,
        "succeeded",
        "; 2 symbols failed",
        "succeeded",
        Some(2),
    ),
    ending(
        r#"{"event":"processing_completed","payload":{"run_id":"r1","status":"success","symbols_failed":36}}"#,
        "succeeded_with_warnings",
        "; 36 symbols failed",
        "warnings",
        Some(36),
    ),
    // As a text, and with bytes that are no UTF-8.
    ending(
        r#"{"event":"processing_completed","payload":"{\"run_id\":\"r1\",\"status\":\"failed\",\"error_message\":\"caf\\udce9\"}"}"#,
        "failed",
        "The last run failed",
        "failed",
        None,
    ),
];

#[tokio::test]
async fn every_end_is_told_alike_by_state_sentence_badge_and_rest() {
    for end in ENDINGS {
        let scene = Scene::with_active_run().await;
        scene.api.path_answers(STATUS, "200 OK", &idle());
        scene.publish(end.channel, end.message).await;
        let status = scene
            .until_status(end.message, |status| status["state"] == end.state)
            .await;
        assert_eq!(status["run_id"], "r1", "{}", end.message);
        if end.failed.is_some() {
            assert_eq!(
                status["symbols_failed"].as_u64(),
                end.failed,
                "{}",
                end.message
            );
        }
        let page = scene.page().await;
        assert!(
            page.contains(end.sentence),
            "{}: {:?} is not on the page",
            end.message,
            end.sentence
        );
        assert!(
            page.contains(&format!("data-status=\"{}\"", end.state)),
            "{}",
            end.message
        );
        let badge = scene.badge().await;
        assert!(badge.starts_with(end.badge), "{}: {badge}", end.message);
        let history = scene.get("/api/processing/daily/history").await;
        assert_eq!(history["history"][0]["state"], end.state, "{}", end.message);
        // TickStockPL says that nothing runs: so may we, and nothing that was said is taken back.
        let status = scene
            .until_status("nothing runs", |status| status["is_running"] == false)
            .await;
        assert_eq!(status["state"], end.state, "{}", end.message);
    }
}

#[tokio::test]
async fn a_run_that_began_and_ended_unseen_becomes_the_last_one() {
    let scene = Scene::new().await;
    scene.api.path_answers(
        HISTORY,
        "200 OK",
        &json!({ "runs": [row("unseen", "failed")] }),
    );
    // Redis comes back: what was missed is asked for.
    scene.redis.command("CLIENT KILL TYPE pubsub").await;
    let status = scene
        .until_status("the run of the history is shown", |status| {
            status["run_id"] == "unseen"
        })
        .await;
    assert_eq!(
        (&status["state"], &status["is_running"]),
        (&json!("failed"), &json!(false))
    );
    assert!(scene.badge().await.starts_with("failed"));
    assert!(scene.page().await.contains("Last run failed"));
}

#[tokio::test]
async fn a_run_that_was_ended_by_mistake_is_active_again() {
    for message in [
        r#"{"event":"processing_completed","payload":{"status":"success"}}"#,
        r#"{"event":"processing_error","payload":{"error_message":"of another run"}}"#,
    ] {
        let scene = Scene::with_active_run().await;
        scene.publish("processing:status", message).await;
        scene
            .until_status("the message ends it", |status| status["state"] != "running")
            .await;
        let status = scene
            .until_status("TickStockPL says that it is active", |status| {
                status["is_running"] == true
            })
            .await;
        assert_eq!(
            (&status["run_id"], &status["state"]),
            (&json!("r1"), &json!("running")),
            "{message}"
        );
        assert!(scene.badge().await.starts_with("running"), "{message}");
    }
}

#[tokio::test]
async fn a_run_that_anybody_published_hides_no_active_run() {
    let scene = Scene::with_active_run().await;
    for message in [
        r#"{"event":"processing_started","payload":{"run_id":"by-hand","trigger_type":"manual"}}"#,
        r#"{"event":"processing_completed","payload":{"run_id":"by-hand","status":"success"}}"#,
    ] {
        scene.publish("processing:status", message).await;
    }
    scene
        .publish(
            "errors",
            r#"{"event":"error","payload":{"run_id":"r1","message":"database gone"}}"#,
        )
        .await;
    let failed = r#"{"event":"processing_failed","payload":{"run_id":"r1","status":"failed","error_message":"database gone"}}"#;
    scene.publish("processing:status", failed).await;
    scene.api.path_answers(STATUS, "200 OK", &idle());
    scene
        .api
        .path_answers(HISTORY, "200 OK", &json!({ "runs": [row("r1", "failed")] }));
    let status = scene
        .until_status("r1 failed", |status| status["state"] == "failed")
        .await;
    assert_eq!(status["run_id"], "r1");
    assert!(scene.page().await.contains("database gone"));
}

#[tokio::test]
async fn a_late_event_of_an_unknown_run_shows_nothing() {
    let scene = Scene::new().await;
    scene
        .until_status("TickStockPL answers", |status| {
            status["is_running"] == false
        })
        .await;
    let late = r#"{"event":"import_progress","payload":{"run_id":"long-ago","completed_symbols":5,"total_symbols":505}}"#;
    scene.publish("import:progress", late).await;
    until("the event is in the list", || async {
        scene.page().await.contains("import_progress").then_some(())
    })
    .await;
    let status = scene.status().await;
    assert_eq!(
        (&status["run_id"], &status["is_running"]),
        (&Value::Null, &json!(false))
    );
}

#[tokio::test]
async fn an_active_run_without_an_id_is_shown_and_can_be_cancelled() {
    let scene = Scene::new().await;
    scene.api.path_answers(
        HISTORY,
        "200 OK",
        &json!({ "runs": [row("yesterday", "completed")] }),
    );
    scene.api.path_answers(
        STATUS,
        "200 OK",
        &json!({ "is_running": true, "run_id": null, "current_phase": "indicators" }),
    );
    let status = scene
        .until_status("it is active", |status| status["is_running"] == true)
        .await;
    assert_eq!(
        (&status["run_id"], &status["phase"]),
        (&Value::Null, &json!("indicators"))
    );
    let page = scene.page().await;
    assert!(
        page.contains("Run ID unknown") && page.contains("Cancel run"),
        "shown and cancellable"
    );
    scene.api.path_answers(
        "/api/processing/cancel",
        "200 OK",
        &json!({ "status": "cancelling" }),
    );
    let answer = client()
        .post(scene.console.url("/api/processing/daily/cancel"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    scene
        .until_status("it is cancelling", |status| status["state"] == "cancelling")
        .await;
}

#[tokio::test]
async fn an_end_that_events_bring_after_the_api_settles_the_run() {
    let scene = Scene::with_active_run().await;
    // The status turns idle before the completion is published, and the history does not have the
    // run yet.
    scene.api.path_answers(STATUS, "200 OK", &idle());
    scene
        .until_status("the API says that nothing runs", |status| {
            status["is_running"] != true || status["state"] == "lost"
        })
        .await;
    scene
        .publish(
            "processing:status",
            r#"{"event":"processing_completed","payload":{"run_id":"r1","status":"success"}}"#,
        )
        .await;
    scene
        .until_status("its end counts", |status| status["state"] == "succeeded")
        .await;
}

#[tokio::test]
async fn an_answer_without_what_it_must_have_is_no_answer() {
    let scene = Scene::with_active_run().await;
    for broken in [
        json!({}),
        json!({ "error": "database is locked" }),
        json!({ "success": false }),
    ] {
        scene.api.path_answers(STATUS, "200 OK", &broken);
        let status = scene.status().await;
        assert_eq!(
            (&status["run_id"], &status["state"]),
            (&json!("r1"), &json!("running")),
            "{broken}"
        );
        scene
            .api
            .path_answers("/api/processing/trigger-manual", "200 OK", &broken);
        let answer = client()
            .post(scene.console.url("/api/processing/daily/trigger"))
            .json(&json!({}))
            .send()
            .await
            .unwrap();
        assert!(
            !answer.status().is_success(),
            "{broken}: {}",
            answer.status()
        );
    }
}

#[tokio::test]
async fn when_nobody_knows_is_running_is_null() {
    let console = Console::alone(&[]).await;
    let answer = body(
        client()
            .get(console.url("/api/processing/daily/status"))
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(answer["status"]["is_running"], Value::Null);
    assert!(answer["source"].is_string() && answer["as_of"].is_string());
    let redis = Redis::start().await;
    let console = Console::start(&redis.url(), &format!("http://{}", nowhere().await)).await;
    redis.subscribed().await;
    let start = r#"{"event":"processing_started","payload":{"run_id":"r"}}"#;
    redis.publish("tickstock:processing:status", start).await;
    let status = || async {
        body(
            client()
                .get(console.url("/api/processing/daily/status"))
                .send()
                .await
                .unwrap(),
        )
        .await
    };
    until("events say that a run is active", || async {
        (status().await["status"]["is_running"] == true).then_some(())
    })
    .await;
    redis
        .publish(
            "tickstock:processing:status",
            r#"{"event":"processing_completed","payload":{"run_id":"r"}}"#,
        )
        .await;
    until("false is claimed on an answer only", || async {
        let answer = status().await;
        (answer["status"]["state"] == "succeeded" && answer["status"]["is_running"] == Value::Null)
            .then_some(())
    })
    .await;
}

#[tokio::test]
async fn rows_of_the_history_with_unknown_words_are_kept() {
    let scene = Scene::new().await;
    let rows = json!({ "runs": [row("a", "ProcessingStatus.FAILED"), row("b", "archived"), row("c", "partial")] });
    scene.api.path_answers(HISTORY, "200 OK", &rows);
    let history = || async {
        let answer = scene.get("/api/processing/daily/history?days=3650").await;
        let state = |id: &str| {
            let rows = answer["history"].as_array()?;
            Some(
                rows.iter().find(|row| row["run_id"] == id)?["state"]
                    .as_str()?
                    .to_owned(),
            )
        };
        Some([state("a")?, state("b")?, state("c")?])
    };
    assert_eq!(
        until("all rows", history).await,
        ["failed", "outcome_unknown", "succeeded_with_warnings"]
    );
}

#[tokio::test]
async fn the_same_calculated_indicator_counts_once() {
    let scene = Scene::with_active_run().await;
    let result = r#"{"event":"indicator_calculated","payload":{"run_id":"r1","symbol":"AAPL","indicator":"RSI","timeframe":"daily","values":{"rsi":50.0}}}"#;
    for _ in 0..2 {
        scene.publish("indicators:calculated", result).await;
    }
    scene
        .publish("indicators:calculated", &result.replace("AAPL", "MSFT"))
        .await;
    let counted = || async {
        let run = scene.get("/api/processing/runs/r1").await;
        run["details"]["indicators"]["RSI"]
            .as_u64()
            .filter(|n| *n >= 2)
    };
    assert_eq!(until("both symbols are counted", counted).await, 2);
}

#[tokio::test]
async fn a_refused_message_that_reports_an_end_needs_attention() {
    let scene = Scene::with_active_run().await;
    scene
        .publish("processing:status", "processing_failed r1")
        .await;
    until("it is under what needs attention", || async {
        scene
            .page()
            .await
            .contains("UNREADABLE_MESSAGE")
            .then_some(())
    })
    .await;
    assert_eq!(scene.status().await["state"], "running");
}

#[tokio::test]
async fn failed_symbols_are_listed_with_their_phase() {
    let scene = Scene::with_active_run().await;
    let done = r#"{"event":"indicator_processing_completed","payload":{"run_id":"r1","total_symbols":505,"failed_symbols":{"AAPL":"no prices"}}}"#;
    scene.publish("indicators:completed", done).await;
    let listed = || async {
        let failed =
            scene.get("/api/processing/runs/r1").await["details"]["failed_symbols"].clone();
        failed
            .as_array()
            .is_some_and(|list| !list.is_empty())
            .then_some(failed)
    };
    let expected = json!([{ "symbol": "AAPL", "phase": "indicators", "reason": "no prices" }]);
    assert_eq!(until("it is listed", listed).await, expected);
    assert_eq!(scene.status().await["symbols_failed"], 1);
}
