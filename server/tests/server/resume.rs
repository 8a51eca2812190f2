//! Coming back to the stream: exactly what was missed, or the state again, never silence.
use crate::support::{Console, Proxy, Redis, Simulator, Stream, client, nowhere};
use model::State;
use serde_json::{Value, json};

const STATUS: &str = "tickstock:processing:status";
const ERRORS: &str = "tickstock:errors";

fn started(run: &str) -> String {
    json!({ "event": "processing_started", "payload": { "run_id": run, "trigger_type": "manual" } })
        .to_string()
}

fn error(code: &str, run: &str) -> String {
    json!({ "event": "error", "payload": { "error_code": code, "message": "m", "context": { "run_id": run } } })
        .to_string()
}

fn knows_error(code: &'static str) -> impl Fn(&State) -> bool {
    move |state| {
        state
            .errors
            .iter()
            .any(|group| group.code.as_deref() == Some(code))
    }
}

fn shows(run: &'static str) -> impl Fn(&State) -> bool {
    move |state| {
        state
            .run
            .as_ref()
            .is_some_and(|shown| shown.id.as_str() == run)
    }
}

async fn with_redis() -> (Redis, Console) {
    let redis = Redis::start().await;
    let console = Console::start(&redis.url(), &format!("http://{}", nowhere().await)).await;
    redis.subscribed().await;
    (redis, console)
}

#[tokio::test]
async fn a_reader_that_comes_back_gets_exactly_what_it_missed() {
    let (redis, console) = with_redis().await;
    let mut reader = console.stream().await;
    redis.publish(STATUS, started("r")).await;
    reader.until("the run is shown", shows("r")).await;
    let mut other = console.stream().await;
    for code in ["E1", "E2", "E3"] {
        redis.publish(ERRORS, error(code, "r")).await;
    }
    other.until("the errors are known", knows_error("E3")).await;
    let mut reader = reader.again(&console.url("/api/events")).await;
    reader
        .until("the errors are known", knows_error("E3"))
        .await;
    assert_eq!(
        (reader.snapshots, reader.resets.len()),
        (0, 0),
        "it had the state"
    );
    assert_eq!(reader.state.errors, other.state.errors);
}

#[tokio::test]
async fn an_id_that_cannot_be_served_gets_the_reason_and_the_state() {
    let (redis, console) = with_redis().await;
    redis.publish(STATUS, started("r")).await;
    let mut reader = console.stream().await;
    reader.until("the run is shown", shows("r")).await;
    let epoch: u64 = reader.ids[0].split('-').next().unwrap().parse().unwrap();
    for (id, reason) in [
        (format!("{}-1", epoch + 1), "another_relay"),
        (format!("{epoch}-999999"), "ahead"),
        ("nonsense".to_owned(), "unreadable"),
        ("18446744073709551616-1".to_owned(), "unreadable"),
    ] {
        let mut stream = Stream::with(&client(), &console.url("/api/events"), Some(&id)).await;
        stream.until("the run is shown", shows("r")).await;
        assert_eq!(
            (stream.resets, stream.snapshots),
            (vec![reason.to_owned()], 1),
            "{id}"
        );
    }
}

#[tokio::test]
async fn client_behind_the_journal_gets_the_state() {
    let (redis, console) = with_redis().await;
    let mut reader = console.stream().await;
    redis.publish(STATUS, started("r")).await;
    reader.until("the run is shown", shows("r")).await;
    // Over 8 MiB of events that nothing folds.
    let text = "x".repeat(2000);
    redis
        .publish_all((0..4000).map(|n| {
            (
                STATUS,
                json!({ "event": format!("unheard_of_{n}"), "text": text }).to_string(),
            )
        }))
        .await;
    redis.publish(ERRORS, error("LAST", "r")).await;
    let mut other = console.stream().await;
    other.until("all is through", knows_error("LAST")).await;
    let mut reader = reader.again(&console.url("/api/events")).await;
    reader
        .until("the error is known", knows_error("LAST"))
        .await;
    assert_eq!(reader.resets, ["too_old"]);
    assert_eq!(reader.state.log, other.state.log);
}

#[tokio::test]
async fn resumed_stream_reaches_the_same_state_from_any_cut() {
    let redis = Redis::start().await;
    let tickstockpl =
        Simulator::start(&redis.url(), &["--speed", "300", "--scenario", "failures"]).await;
    let console = Console::start(&redis.url(), &tickstockpl.url).await;
    redis.subscribed().await;
    let cable = Proxy::to(vec![console.addr]).await;
    let url = format!("http://{}/api/events", cable.addr);
    let mut whole = console.stream().await;
    let mut cut = Stream::open(&url).await;
    assert!(cut.follow().await, "the snapshot comes at once");
    client()
        .post(console.url("/api/processing/daily/trigger"))
        .send()
        .await
        .unwrap();
    let ended = |state: &State| state.run.as_ref().is_some_and(|run| !run.is_active());
    let mut cuts = 0;
    while !ended(&cut.state) {
        // Another number of events each time, so that it is cut in all kinds of places.
        for _ in 0..cuts % 4 + 1 {
            cut.follow().await;
        }
        cable.cut();
        cuts += 1;
        cut = cut.again(&url).await;
        assert_eq!(cut.snapshots, 0, "all that was missed is in the journal");
    }
    assert!(cuts > 10, "it was cut {cuts} times only");
    whole.until("the run ends", ended).await;
    while cut.seq < whole.seq {
        cut.follow().await;
    }
    while whole.seq < cut.seq {
        whole.follow().await;
    }
    assert_eq!(cut.state, whole.state);
}

#[tokio::test]
async fn a_stream_of_some_topics_holds_only_them_and_resumes() {
    let (redis, console) = with_redis().await;
    let url = console.url("/api/events?topics=errors,schedule");
    let mut reader = Stream::open(&url).await;
    redis.publish(STATUS, started("r")).await;
    redis.publish(ERRORS, error("E1", "r")).await;
    reader.until("the error comes", knows_error("E1")).await;
    assert_eq!(reader.state.run, None, "runs were not asked for");
    assert_eq!(
        reader.seq,
        reader
            .ids
            .last()
            .unwrap()
            .split('-')
            .nth(1)
            .unwrap()
            .parse::<u64>()
            .unwrap()
    );
    redis.publish(ERRORS, error("E2", "r")).await;
    console
        .stream()
        .await
        .until("the error is known", knows_error("E2"))
        .await;
    let mut reader = reader.again(&url).await;
    reader
        .until("the missed error comes", knows_error("E2"))
        .await;
    assert_eq!((reader.snapshots, reader.resets.len()), (0, 0));
    let mut joined_late = Stream::open(&url).await;
    joined_late
        .until("the errors are in the snapshot", knows_error("E2"))
        .await;
    assert_eq!(joined_late.state.errors, reader.state.errors);
}

#[tokio::test]
async fn a_stream_of_one_run_says_when_another_run_takes_its_place() {
    let (redis, console) = with_redis().await;
    redis.publish(STATUS, started("one")).await;
    console
        .stream()
        .await
        .until("the run is shown", shows("one"))
        .await;
    let mut reader = Stream::open(&console.url("/api/events?run_id=one")).await;
    reader
        .until("the run is in the snapshot", shows("one"))
        .await;
    redis.publish(ERRORS, error("OTHER", "another")).await;
    redis.publish(ERRORS, error("OWN", "one")).await;
    reader
        .until("the run's own error comes", knows_error("OWN"))
        .await;
    assert!(
        !knows_error("OTHER")(&reader.state),
        "an error of another run"
    );
    redis.publish(STATUS, started("two")).await;
    reader
        .until("it is an earlier run now", |state| {
            state.run.is_none() && !state.earlier.is_empty()
        })
        .await;
    assert_eq!(reader.resets, ["another_run"]);
    assert_eq!(reader.state.earlier[0].id.as_str(), "one");
    assert_eq!(reader.state.earlier.len(), 1);
}

#[tokio::test]
async fn a_topic_that_is_none_is_refused_with_those_that_there_are() {
    let console = Console::alone(&[]).await;
    let answer = client()
        .get(console.url("/api/events?topics=errors,gossip"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 400);
    let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    let message = body["message"].as_str().unwrap();
    assert!(
        message.contains("gossip") && message.contains("detections"),
        "{message}"
    );
}
