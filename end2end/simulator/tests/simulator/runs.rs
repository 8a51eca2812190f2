//! A run as it is heard on a real Redis: its order, its results, its scenarios, in every dialect.
use crate::support::{Listener, Message, Redis, Simulator};
use contract::{Body, Channel, Timestamp, decode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The order of one full run: channel by channel, however often each speaks.
const ORDER: [&str; 14] = [
    "processing:status",
    "import:started",
    "import:progress",
    "import:completed",
    "cache:started",
    "cache:progress",
    "cache:completed",
    "indicators:started",
    "indicators:progress",
    "indicators:completed",
    "patterns:started",
    "patterns:progress",
    "patterns:completed",
    "processing:status",
];

/// What the older documents call the agreement's channels.
fn agreed(channel: &str) -> &str {
    match channel {
        "cache:sync_triggered" => "cache:started",
        "cache:sync_complete" => "cache:completed",
        other => other,
    }
}

/// The steps of `order` that the messages do not have in this order.
fn missing<'a>(order: &[&'a str], messages: &[Message]) -> Vec<&'a str> {
    let mut next = 0;
    for message in messages {
        if order.get(next) == Some(&agreed(message.short_channel())) {
            next += 1;
        }
    }
    order[next..].to_vec()
}

fn count(messages: &[Message], channel: &str) -> usize {
    messages
        .iter()
        .filter(|m| m.short_channel() == channel)
        .count()
}

/// A whole run at high speed, up to the message that ends it.
async fn run(options: &[&str]) -> (Simulator, Value, Vec<Message>) {
    let redis = Redis::start().await;
    let mut listener = Listener::subscribe(&redis).await;
    let usual: &[&str] = if options.contains(&"--speed") {
        &[]
    } else {
        &["--speed", "2000"]
    };
    let simulator = Simulator::start(&redis.url(), &[usual, options].concat()).await;
    let (run_id, messages) = next_run(&simulator, &mut listener).await;
    (simulator, run_id, messages)
}

async fn next_run(simulator: &Simulator, listener: &mut Listener) -> (Value, Vec<Message>) {
    let (status, answer) = simulator
        .post(
            "/api/processing/trigger-manual",
            json!({ "skip_market_check": true }),
        )
        .await;
    assert_eq!((status, &answer["status"]), (200, &json!("started")));
    (answer["run_id"].clone(), listener.until(is_end).await)
}

fn is_end(message: &Value) -> bool {
    let name = message["event"]
        .as_str()
        .or(message["event_type"].as_str())
        .unwrap_or_default();
    let name = name.strip_prefix("daily_").unwrap_or(name);
    [
        "processing_completed",
        "processing_failed",
        "processing_cancelled",
    ]
    .contains(&name)
}

#[tokio::test]
async fn a_run_is_told_in_the_documented_order_with_its_results() {
    let (simulator, run_id, messages) = run(&[]).await;
    assert_eq!(missing(&ORDER, &messages), Vec::<&str>::new());
    assert_eq!(count(&messages, "indicators:calculated"), 505 * 15);
    let patterns = count(&messages, "patterns:detected");
    assert!((1150..1350).contains(&patterns), "{patterns}");
    assert_eq!(count(&messages, "data:import:status"), 505);
    assert_eq!(
        count(&messages, "processing:status"),
        2,
        "the agreement has only a start and an end"
    );
    let end = &messages.last().unwrap().value["payload"];
    assert_eq!(
        (
            &end["run_id"],
            &end["indicators_calculated"],
            &end["patterns_detected"],
            &end["symbols_failed"]
        ),
        (&run_id, &json!(7575), &json!(patterns), &json!(2))
    );
    let (_, history) = simulator.get("/api/processing/history?days=1").await;
    let latest = &history["runs"][0];
    assert_eq!(
        (&latest["run_id"], &latest["status"]),
        (&run_id, &json!("completed"))
    );
}

#[tokio::test]
async fn the_guides_tell_it_with_the_older_names() {
    let (_simulator, run_id, messages) = run(&["--dialect", "guides"]).await;
    assert_eq!(missing(&ORDER, &messages), Vec::<&str>::new());
    let start = &messages[0].value;
    assert_eq!(
        (&start["event"], &start["payload"]["symbols_count"]),
        (&json!("daily_processing_started"), &json!(505))
    );
    let end = &messages.last().unwrap().value;
    assert_eq!(
        (&end["event"], &end["payload"]["run_id"]),
        (&json!("daily_processing_completed"), &run_id)
    );
    assert!(
        messages
            .iter()
            .any(|m| m.value["event"] == "daily_processing_progress")
    );
    assert!(
        messages
            .iter()
            .any(|m| m.value["payload"]["error_code"] == "API_RATE_LIMIT")
    );
    assert_eq!(
        (
            count(&messages, "cache:ipo_assignment"),
            count(&messages, "cache:delisting_cleanup")
        ),
        (1, 1)
    );
}

#[tokio::test]
async fn contract_understands_every_shape_of_the_mixed_dialect() {
    let redis = Redis::start().await;
    let mut listener = Listener::subscribe(&redis).await;
    let simulator =
        Simulator::start(&redis.url(), &["--speed", "2000", "--dialect", "mixed"]).await;
    let mut messages = next_run(&simulator, &mut listener).await.1;
    assert_eq!(missing(&ORDER, &messages), Vec::<&str>::new());
    // A second run takes the next way of each: together they have the older channels of the import
    // as well.
    messages.extend(next_run(&simulator, &mut listener).await.1);
    let shapes = |channel: &str| {
        let of = messages.iter().filter(|m| m.short_channel() == channel);
        of.map(super::support::Message::shape)
            .collect::<std::collections::BTreeSet<_>>()
            .len()
    };
    for (channel, least) in [
        ("import:progress", 4),
        ("indicators:calculated", 3),
        ("patterns:detected", 5),
        ("errors", 2),
    ] {
        assert!(shapes(channel) >= least, "{channel}: {}", shapes(channel));
    }
    assert!(
        messages
            .iter()
            .any(|m| m.channel == Channel::CacheSyncTriggered.wire_name())
    );
    assert!(
        messages
            .iter()
            .any(|m| m.value["event"] == "data_import_started"
                && m.short_channel() == "data:import:status")
    );
    assert_eq!(
        messages
            .iter()
            .filter(|m| m.value["event"] == "test")
            .count(),
        2,
        "a probe in each run"
    );
    for message in &messages {
        let event = decode(
            Channel::from_wire_name(&message.channel).unwrap(),
            message.value.to_string().as_bytes(),
        )
        .unwrap();
        let understood = !matches!(event.body, Body::Unknown(_)) || event.name == "test";
        assert!(understood, "{}: {}", message.channel, message.value);
        let untimed = message
            .value
            .get("timestamp")
            .or(message.value.get("batch_timestamp"))
            .is_none();
        assert!(untimed || event.at.is_some(), "{}", message.value);
    }
}

#[tokio::test]
async fn contract_understands_both_agreed_dialects() {
    for dialect in ["response", "guides"] {
        let (_simulator, run_id, messages) =
            run(&["--dialect", dialect, "--scenario", "failures"]).await;
        for message in &messages {
            let channel = Channel::from_wire_name(&message.channel).unwrap();
            let event = decode(channel, message.value.to_string().as_bytes()).unwrap();
            assert!(
                !matches!(event.body, Body::Unknown(_)),
                "{}: {}",
                message.channel,
                message.value
            );
            let of_run = event.run_id.is_none_or(|id| json!(id.as_str()) == run_id);
            assert!(of_run && event.at.is_some(), "{}", message.value);
        }
    }
}

#[tokio::test]
async fn same_seed_gives_the_same_run_at_any_speed() {
    let told = async |seed: &str, speed: &str| {
        let (_simulator, run_id, messages) = {
            let ids = ["--run-ids", "deterministic"];
            run(&[
                &ids[..],
                &["--seed", seed, "--scenario", "failures", "--speed", speed],
            ]
            .concat())
            .await
        };
        let of_symbols = [
            "patterns:detected",
            "indicators:calculated",
            "data:import:status",
        ];
        let results = messages
            .into_iter()
            .filter(|m| of_symbols.contains(&m.short_channel()));
        (
            run_id,
            results
                .map(|m| m.value["payload"].clone())
                .collect::<Vec<_>>(),
        )
    };
    let (first, again, other) = (
        told("11", "2000").await,
        told("11", "4000").await,
        told("12", "2000").await,
    );
    assert!(first.1.len() > 9000, "{}", first.1.len());
    assert!(first == again, "two runs of one seed differ");
    assert!(first.0 != other.0 && first.1 != other.1);
}

#[tokio::test]
async fn failures_have_severities_and_name_failed_symbols() {
    let (_simulator, _, messages) = run(&["--scenario", "failures"]).await;
    let mut severities = BTreeMap::new();
    for message in messages.iter().filter(|m| m.short_channel() == "errors") {
        *severities
            .entry(message.value["payload"]["severity"].as_str().unwrap())
            .or_insert(0) += 1;
    }
    assert_eq!(
        severities,
        BTreeMap::from([("critical", 1), ("error", 36), ("info", 1), ("warning", 13)])
    );
    let import = messages
        .iter()
        .find(|m| m.short_channel() == "import:completed")
        .unwrap();
    assert_eq!(
        import.value["payload"]["failed_symbols"]
            .as_array()
            .unwrap()
            .len(),
        36
    );
    let indicators = messages
        .iter()
        .find(|m| m.short_channel() == "indicators:completed")
        .unwrap();
    assert_eq!(indicators.value["payload"]["failed_indicators"], 12 * 15);
    let alerts: Vec<_> = messages
        .iter()
        .filter_map(|m| m.value["event_type"].as_str())
        .collect();
    assert_eq!(alerts, ["ALERT_TRIGGERED", "ALERT_RESOLVED"]);
}

#[tokio::test]
async fn a_crash_is_preceded_by_an_error_and_recorded() {
    let (simulator, run_id, messages) = run(&["--scenario", "crash"]).await;
    let [.., error, end] = messages.as_slice() else {
        panic!("too few messages")
    };
    assert_eq!(
        (error.short_channel(), &error.value["payload"]["severity"]),
        ("errors", &json!("critical"))
    );
    let payload = &end.value["payload"];
    assert_eq!(
        (&end.value["event"], &payload["run_id"]),
        (&json!("processing_failed"), &run_id)
    );
    assert_eq!(
        (&payload["phase"], &payload["error_message"]),
        (&json!("indicators"), &error.value["payload"]["message"])
    );
    let (_, history) = simulator.get("/api/processing/history?days=1").await;
    assert_eq!(history["runs"][0]["status"], "failed");
}

#[tokio::test]
async fn a_stall_is_silent_and_then_the_run_goes_on() {
    let began = Instant::now();
    let (_simulator, _, messages) = run(&["--scenario", "stall", "--stall-seconds", "2"]).await;
    assert!(began.elapsed() > Duration::from_secs(2));
    // By the simulator's own clock: a busy machine may deliver late.
    let times: Vec<_> = messages
        .iter()
        .filter_map(|m| Timestamp::parse(m.value["timestamp"].as_str()?))
        .collect();
    let gaps = times.windows(2).map(|pair| pair[1].since(pair[0]));
    assert!(gaps.max().unwrap() >= 2_000);
    assert_eq!(count(&messages, "indicators:calculated"), 7575);
}

#[tokio::test]
async fn slow_indicators_take_three_times_as_long() {
    let mut seconds = Vec::new();
    for scenario in ["normal", "slow"] {
        let redis = Redis::start().await;
        let mut listener = Listener::subscribe(&redis).await;
        let simulator =
            Simulator::start(&redis.url(), &["--speed", "1000", "--scenario", scenario]).await;
        // One symbol: what is measured is the pace, not this machine.
        simulator
            .post(
                "/api/processing/trigger-indicators",
                json!({ "symbols": ["AAPL"] }),
            )
            .await;
        let end = listener.until(is_end).await.pop().unwrap();
        seconds.push(end.value["payload"]["duration_seconds"].as_f64().unwrap());
    }
    assert!(seconds[0] >= 0.6 && seconds[1] >= 1.9, "{seconds:?}");
}

#[tokio::test]
async fn a_chatty_run_has_indicators_of_three_timeframes() {
    let (_simulator, _, messages) = run(&["--scenario", "chatty"]).await;
    assert_eq!(count(&messages, "indicators:calculated"), 3 * 7575);
    assert_eq!(
        messages.last().unwrap().value["payload"]["indicators_calculated"],
        3 * 7575
    );
}
