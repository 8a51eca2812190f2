//! What outlives the process, what never comes twice, and what the simulator says of itself.
use crate::support::{Simulator, until};
use serde_json::{Value, json};

/// No Redis is there: what is published is not looked at here.
const NO_REDIS: &str = "redis://127.0.0.1:1/0";

async fn triggered(simulator: &Simulator, body: Value) -> Value {
    let (status, answer) = simulator.post("/api/processing/trigger-manual", body).await;
    assert_eq!(status, 200, "{answer}");
    answer["run_id"].clone()
}

async fn truth(simulator: &Simulator) -> Value {
    simulator.get("/simulator/truth").await.1
}

async fn idle(simulator: &Simulator) {
    until("the run ends", async || {
        truth(simulator).await["active"].is_null().then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_run_that_a_kill_interrupts_has_failed_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json").display().to_string();
    let mut simulator = Simulator::start(NO_REDIS, &["--state", &file, "--speed", "2000"]).await;
    let ended = triggered(&simulator, json!({ "universe": "dow30" })).await;
    idle(&simulator).await;
    simulator.end("KILL").await;

    let mut simulator = Simulator::start(NO_REDIS, &["--state", &file, "--speed", "5"]).await;
    let interrupted = triggered(&simulator, json!({})).await;
    simulator
        .post(
            "/api/processing/schedule",
            json!({ "trigger_time": "17:05" }),
        )
        .await;
    simulator.end("KILL").await;

    let simulator = Simulator::start(NO_REDIS, &["--state", &file]).await;
    assert_eq!(
        simulator.get("/api/processing/status").await.1["is_running"],
        false
    );
    let (_, history) = simulator.get("/api/processing/history").await;
    let [latest, before, ..] = history["runs"].as_array().unwrap().as_slice() else {
        panic!("{history}")
    };
    assert_eq!(
        (&latest["run_id"], &latest["status"]),
        (&interrupted, &json!("failed"))
    );
    assert_eq!(
        latest["error_message"],
        "interrupted by a restart of TickStockPL"
    );
    assert!(
        latest["end_time"].as_str() > latest["start_time"].as_str(),
        "it ends with the restart: {latest}"
    );
    assert_eq!(
        (&before["run_id"], &before["status"]),
        (&ended, &json!("completed"))
    );
    assert_eq!(
        simulator.get("/api/processing/schedule").await.1["trigger_time"],
        "17:05"
    );
}

#[tokio::test]
async fn what_a_phase_achieved_before_a_kill_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json").display().to_string();
    let options = ["--state", &file, "--speed", "400", "--scenario", "failures"];
    let mut simulator = Simulator::start(NO_REDIS, &options).await;
    triggered(&simulator, json!({ "universe": "nasdaq100" })).await;
    until("the import is over", async || {
        let (_, status) = simulator.get("/api/processing/status").await;
        (status["current_phase"] == "indicators").then_some(())
    })
    .await;
    simulator.end("KILL").await;

    let simulator = Simulator::start(NO_REDIS, &options).await;
    let latest = truth(&simulator).await["runs"][0].clone();
    assert_eq!(
        (&latest["outcome"], &latest["symbols_failed"]),
        (&json!("failed"), &json!(7))
    );
    let retry = json!({ "original_run_id": latest["run_id"] });
    let (status, answer) = simulator.post("/api/processing/retry-imports", retry).await;
    assert_eq!((status, &answer["retry_count"]), (200, &json!(7)));
}

#[tokio::test]
async fn two_starts_with_one_seed_share_no_run_id() {
    let ids = async |options: &[&str]| {
        let simulator = Simulator::start(NO_REDIS, options).await;
        triggered(&simulator, json!({ "universe": "etf" })).await
    };
    assert_ne!(
        ids(&["--speed", "2000"]).await,
        ids(&["--speed", "2000"]).await
    );
    let deterministic = ["--speed", "2000", "--run-ids", "deterministic"];
    assert_eq!(ids(&deterministic).await, ids(&deterministic).await);
}

#[tokio::test]
async fn the_truth_names_the_active_run_and_how_each_other_ended() {
    let simulator = Simulator::start(NO_REDIS, &["--speed", "20", "--scenario", "failures"]).await;
    let (_, answer) = simulator
        .post(
            "/api/processing/trigger-import",
            json!({ "lookback_days": 77 }),
        )
        .await;
    assert_eq!(truth(&simulator).await["active"], answer["run_id"]);
    simulator.delete("/api/processing/cancel").await;
    idle(&simulator).await;
    let told = truth(&simulator).await;
    let latest = &told["runs"][0];
    assert_eq!(
        (&latest["run_id"], &latest["outcome"]),
        (&answer["run_id"], &json!("cancelled"))
    );
    assert_eq!(latest["lookback_days"], 77);
    let (_, history) = simulator.get("/api/processing/history?days=3650").await;
    for (row, run) in history["runs"]
        .as_array()
        .unwrap()
        .iter()
        .zip(told["runs"].as_array().unwrap())
    {
        for field in [
            "run_id",
            "start_time",
            "end_time",
            "symbols_processed",
            "symbols_failed",
        ] {
            assert_eq!(row[field], run[field], "{field}");
        }
        assert_eq!(row["status"], run["outcome"]);
    }
}
