//! The stream: what a reader gets, and how it learns what happened while it was not there.

use crate::support::{Console, Redis, nowhere, until};
use model::{RunStatus, State};
use serde_json::json;

const STATUS: &str = "tickstock:processing:status";

fn started(run: &str) -> String {
    json!({ "event": "processing_started", "payload": { "run_id": run, "trigger_type": "manual" } })
        .to_string()
}

fn shows(run: &'static str) -> impl Fn(&State) -> bool {
    move |state| {
        state
            .run
            .as_ref()
            .is_some_and(|shown| shown.id.as_str() == run)
    }
}

#[tokio::test]
async fn a_reader_gets_the_state_and_then_every_step_with_an_id() {
    let redis = Redis::start().await;
    let console = Console::start(&redis.url(), &format!("http://{}", nowhere().await)).await;
    redis.subscribed().await;
    let mut early = console.stream().await;
    redis.publish(STATUS, started("r")).await;
    early.until("the run is shown", shows("r")).await;
    let mut late = console.stream().await;
    late.until("the run is in the snapshot", shows("r")).await;
    for done in 1..=50 {
        let message = json!({ "event": "import_progress", "payload": { "run_id": "r", "completed_symbols": done, "total_symbols": 50 } });
        redis
            .publish("tickstock:import:progress", message.to_string())
            .await;
    }
    let all_done = |state: &State| {
        state
            .run
            .as_ref()
            .is_some_and(|run| run.phases[0].done == Some(50))
    };
    early.until("progress arrives", all_done).await;
    late.until("progress arrives", all_done).await;
    // Both end up with the same state, whenever they joined. (Snapshots and steps of other kinds
    // may still be on their way.)
    assert_eq!(early.state.run, late.state.run);
    let id = early.ids.last().unwrap();
    assert_eq!(
        id.split('-').nth(1).unwrap().parse::<u64>().unwrap(),
        early.seq
    );
    assert_eq!(
        id.split('-').next(),
        late.ids.last().unwrap().split('-').next(),
        "one process, one epoch"
    );
}

#[tokio::test]
async fn exactly_the_channels_of_the_contract_are_subscribed_to() {
    let redis = Redis::start().await;
    let _console = Console::start(&redis.url(), &format!("http://{}", nowhere().await)).await;
    redis.subscribed().await;
    let mut subscribed = redis.subscribed_channels().await;
    let mut known: Vec<_> = contract::Channel::ALL
        .iter()
        .map(|channel| channel.wire_name().to_owned())
        .collect();
    subscribed.sort();
    known.sort();
    assert_eq!(subscribed, known);
}

#[tokio::test]
async fn rejected_messages_are_counted_with_a_sample() {
    let redis = Redis::start().await;
    let console = Console::start(&redis.url(), &format!("http://{}", nowhere().await)).await;
    redis.subscribed().await;
    redis.publish(STATUS, b"\xff\xfe{}").await;
    redis.publish(STATUS, "{\"event\":").await;
    redis.publish(STATUS, vec![b' '; (1 << 20) + 1]).await;
    redis.publish(STATUS, started("after")).await;
    let mut stream = console.stream().await;
    stream
        .until("the run after them is shown", shows("after"))
        .await;
    assert_eq!(stream.state.rejected.total(), 3);
    assert_eq!(stream.state.rejected.samples.len(), 3);
    assert!(
        stream
            .state
            .rejected
            .samples
            .iter()
            .all(|(_, _, rejection)| rejection.sample.len() <= 2048)
    );
}

#[tokio::test]
async fn messages_that_are_published_as_one_list_are_all_applied() {
    let redis = Redis::start().await;
    let console = Console::start(&redis.url(), &format!("http://{}", nowhere().await)).await;
    redis.subscribed().await;
    let failed =
        r#"{"event":"processing_failed","payload":{"run_id":"first","error":"caf\udce9"}}"#;
    redis
        .publish(
            STATUS,
            format!(
                "[{}, 42, {failed}]\n{}",
                started("first"),
                started("second")
            ),
        )
        .await;
    let mut stream = console.stream().await;
    stream
        .until("the second run is shown", shows("second"))
        .await;
    let earlier = &stream.state.earlier[0];
    assert_eq!(
        (earlier.id.as_str(), earlier.message.as_deref()),
        ("first", Some("caf\u{fffd}"))
    );
    assert_eq!(stream.state.rejected.total(), 1);
}

#[tokio::test]
async fn redis_outages_are_shown_and_recovered_from() {
    let mut redis = Redis::start().await;
    redis.kill();
    let console = Console::start(&redis.url(), &format!("http://{}", nowhere().await)).await;
    let mut stream = console.stream().await;
    stream
        .until("Redis is away", |state| state.links.redis.detail.is_some())
        .await;
    assert!(!stream.state.links.redis.up);
    redis.restart().await;
    stream
        .until("Redis is there", |state| state.links.redis.up)
        .await;
    redis.subscribed().await;
    redis.publish(STATUS, started("one")).await;
    stream.until("an event comes through", shows("one")).await;
    redis.restart().await;
    stream
        .until("Redis is away again", |state| !state.links.redis.up)
        .await;
    stream
        .until("Redis is back again", |state| state.links.redis.up)
        .await;
    redis.subscribed().await;
    redis.publish(STATUS, started("two")).await;
    stream
        .until("events come through again", shows("two"))
        .await;
}

#[tokio::test]
async fn stopping_console_says_bye_and_stops_within_its_deadline() {
    let console = Console::start(
        &format!("redis://{}", nowhere().await),
        &format!("http://{}", nowhere().await),
    )
    .await;
    let mut stream = console.stream().await;
    assert!(stream.follow().await, "the snapshot comes at once");
    console.shutdown.cancel();
    let mut said_goodbye = false;
    while let Some(update) = stream.next().await {
        said_goodbye |= update.event == "bye";
    }
    assert!(said_goodbye);
    let stopped = console.stopped;
    until("the console has stopped", || async {
        stopped.is_finished().then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_hostile_text_stays_text_on_its_way_to_the_reader() {
    let redis = Redis::start().await;
    let console = Console::start(&redis.url(), &format!("http://{}", nowhere().await)).await;
    redis.subscribed().await;
    redis.publish(STATUS, started("r")).await;
    let symbol = "A\n\ndata: {}\nid: 999\n\n</script><script>alert(1)</script>";
    let message = json!({ "event": "import_progress", "payload": { "run_id": "r", "current_symbol": symbol, "completed_symbols": 1 } });
    redis
        .publish("tickstock:import:progress", message.to_string())
        .await;
    let mut stream = console.stream().await;
    let is_there = |state: &State| {
        state
            .run
            .as_ref()
            .is_some_and(|run| run.phases[0].current.is_some())
    };
    stream.until("the symbol is there", is_there).await;
    assert_eq!(
        stream.state.run.as_ref().unwrap().phases[0]
            .current
            .as_deref(),
        Some(symbol)
    );
    assert_eq!(
        stream.state.run.as_ref().unwrap().status,
        RunStatus::Running
    );
    let page = console.page("/admin/daily-processing").await;
    assert!(
        !page.contains("<script>alert(1)"),
        "markup in a symbol must not become markup of the page"
    );
}
