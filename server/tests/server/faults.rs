//! Neighbours that fail in every way: after each the state is right, and nothing is lost that
//! TickStockPL still knows.
use crate::support::{Api, Console, Proxy, Redis, Simulator, Stream, client, nowhere, until};
use contract::frame::Gap;
use model::{RunStatus, State};
use serde_json::json;
use std::time::Duration;

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

fn gaps(state: &State) -> usize {
    state.gaps.len()
}

/// Publishes until it is on the stream: the relay is subscribed again.
async fn comes_through(redis: &Redis, stream: &mut Stream, run: &'static str) {
    redis.subscribed().await;
    redis.publish(STATUS, started(run)).await;
    stream.until("an event comes through", shows(run)).await;
}

#[tokio::test]
async fn killed_subscription_is_restored_and_its_gap_closed() {
    let redis = Redis::start().await;
    let tickstockpl = Simulator::start(&redis.url(), &["--speed", "60"]).await;
    let console = Console::start(&redis.url(), &tickstockpl.url).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    client()
        .post(console.url("/api/processing/daily/trigger"))
        .send()
        .await
        .unwrap();
    stream
        .until("a run is active", |state| state.active().is_some())
        .await;
    redis.command("CLIENT KILL TYPE pubsub").await;
    stream
        .until("the gap is told", |state| gaps(state) == 1)
        .await;
    let Gap {
        from,
        to,
        status,
        history,
    } = stream.state.gaps[0];
    assert!(from <= to && status && history, "{:?}", stream.state.gaps);
    assert!(stream.state.links.redis.up);
    assert!(stream.state.active().is_some(), "the run goes on");
    let percent = stream.state.active().unwrap().percent;
    stream
        .until("it moves on", |state| {
            state.active().is_some_and(|run| run.percent > percent)
        })
        .await;
}

#[tokio::test]
async fn killed_redis_connection_is_reconnected_soon() {
    let redis = Redis::start().await;
    let _console = Console::start(&redis.url(), &format!("http://{}", nowhere().await)).await;
    redis.subscribed().await;
    let mut longest = Duration::ZERO;
    for _ in 0..8 {
        let began = std::time::Instant::now();
        redis.command("CLIENT KILL TYPE pubsub").await;
        redis.subscribed().await;
        longest = longest.max(began.elapsed());
    }
    // Well under a second on a machine that does nothing else.
    assert!(longest < Duration::from_secs(3), "away for {longest:?}");
}

#[tokio::test]
async fn time_without_the_console_is_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}", folder.path().join("console.db").display());
    let redis = Redis::start().await;
    let api = Api::answering("200 OK", r#"{"is_running": false, "runs": []}"#).await;
    let (redis_url, api_url) = (redis.url(), api.url.clone());
    let values = [
        ("REDIS_URL", &*redis_url),
        ("TICKSTOCKPL_API_URL", &*api_url),
        ("DATABASE_URI", &*database),
    ];
    let console = Console::start_with(&values).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    let error = json!({ "event": "error", "payload": { "message": "before" } }).to_string();
    redis.publish("tickstock:errors", &error).await;
    let is_there =
        |state: &State| state.errors.len() == 1 && state.links.database.up && state.links.api.up;
    stream.until("an error is heard", is_there).await;
    assert_eq!(
        gaps(&stream.state),
        0,
        "before the first start there was nothing to miss"
    );
    let heard_at = stream.state.errors[0].last_at;
    console.shutdown.cancel();
    console.stopped.await.unwrap().unwrap();
    redis.publish("tickstock:errors", &error).await;
    let began = contract::Timestamp(jiff::Timestamp::now().as_millisecond());
    let console = Console::start_with(&values).await;
    let mut stream = console.stream().await;
    stream
        .until("the gap is told", |state| {
            gaps(state) == 1 && state.gaps[0].status
        })
        .await;
    let Gap { from, to, .. } = stream.state.gaps[0];
    assert!(
        from >= heard_at && from <= began && to >= began,
        "{from} to {to}, started at {began}"
    );
}

#[tokio::test]
async fn unanswered_gap_is_shown_and_closed_later() {
    let mut redis = Redis::start().await;
    let api = Api::answering("500 Internal Server Error", "{}").await;
    let console = Console::start(&redis.url(), &api.url).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    redis.restart().await;
    stream
        .until("the gap is told", |state| gaps(state) == 1)
        .await;
    assert!(!stream.state.gaps[0].status);
    api.now_answers("200 OK", r#"{"is_running": false, "runs": []}"#);
    stream
        .until("the gap is mended", |state| state.gaps[0].status)
        .await;
    assert_eq!(gaps(&stream.state), 1);
}

#[tokio::test]
async fn a_redis_that_stands_still_is_noticed_and_followed_again() {
    let redis = Redis::start().await;
    let console = Console::start(&redis.url(), &format!("http://{}", nowhere().await)).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    redis.command("CLIENT PAUSE 12000 ALL").await;
    stream
        .until("it is noticed", |state| {
            !state.links.redis.up && state.links.redis.detail.is_some()
        })
        .await;
    stream
        .until("it is back", |state| state.links.redis.up)
        .await;
    comes_through(&redis, &mut stream, "after").await;
}

#[tokio::test]
async fn half_open_redis_connection_is_detected() {
    let redis = Redis::start().await;
    let cable = Proxy::to(vec![format!("127.0.0.1:{}", redis.port).parse().unwrap()]).await;
    let url = format!("redis://{}/0", cable.addr);
    let console = Console::start(&url, &format!("http://{}", nowhere().await)).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    stream
        .until("Redis is there", |state| state.links.redis.up)
        .await;
    cable.fall_silent();
    stream
        .until("it is noticed", |state| !state.links.redis.up)
        .await;
    cable.mend();
    stream
        .until("it is back", |state| state.links.redis.up)
        .await;
    comes_through(&redis, &mut stream, "after").await;
    assert_eq!(gaps(&stream.state), 1);
}

#[tokio::test]
async fn redis_refusal_is_shown_without_secrets_and_retried() {
    let redis = Redis::start().await;
    redis
        .command("ACL SETUSER ops on >s3cret +@all -subscribe allchannels allkeys")
        .await;
    let url = format!("redis://ops:s3cret@127.0.0.1:{}/0", redis.port);
    let console = Console::start(&url, &format!("http://{}", nowhere().await)).await;
    let mut stream = console.stream().await;
    let refused = |state: &State| {
        state
            .links
            .redis
            .detail
            .as_ref()
            .is_some_and(|why| why.contains("no permissions"))
    };
    stream.until("the refusal is shown", refused).await;
    assert!(!format!("{:?}", stream.state.links).contains("s3cret"));
    redis.command("ACL SETUSER ops +subscribe").await;
    stream
        .until("Redis allows it", |state| state.links.redis.up)
        .await;
    comes_through(&redis, &mut stream, "after").await;
    let wrong = Console::start(
        &url.replace("s3cret", "wr0ng"),
        &format!("http://{}", nowhere().await),
    )
    .await;
    let mut stream = wrong.stream().await;
    let refused = |state: &State| {
        state
            .links
            .redis
            .detail
            .as_ref()
            .is_some_and(|why| why.to_lowercase().contains("password"))
    };
    stream.until("the refusal is shown", refused).await;
    assert!(!format!("{:?}", stream.state.links).contains("wr0ng"));
}

#[tokio::test]
async fn failing_tickstockpl_is_reported_and_events_still_arrive() {
    let redis = Redis::start().await;
    let huge = format!(
        r#"{{"is_running": false, "x": "{}"}}"#,
        "x".repeat(10 << 20)
    );
    let kinds = [
        (Api::hanging().await, "did not respond"),
        (
            Api::answering("500 Internal Server Error", "{\"error\": \"out of order\"}").await,
            "out of order",
        ),
        (
            Api::answering("200 OK", "<html>It works!</html>").await,
            "It works",
        ),
        (Api::answering("200 OK", &huge).await, "larger than"),
    ];
    for (api, why) in kinds {
        let console = Console::start(&redis.url(), &api.url).await;
        let mut stream = console.stream().await;
        let said = |state: &State| {
            state
                .links
                .api
                .detail
                .as_ref()
                .is_some_and(|detail| detail.contains(why))
        };
        stream.until(why, said).await;
        assert!(!stream.state.links.api.up);
        stream
            .until("Redis is there", |state| state.links.redis.up)
            .await;
        redis.publish(STATUS, started("r")).await;
        stream.until("events come all the same", shows("r")).await;
        api.now_answers("200 OK", r#"{"is_running": false, "runs": []}"#);
        stream.until("it is back", |state| state.links.api.up).await;
    }
}

#[tokio::test]
async fn a_run_of_which_no_event_ever_comes_is_followed_by_asking() {
    // TickStockPL publishes on one Redis, the console listens on another.
    let (theirs, ours) = (Redis::start().await, Redis::start().await);
    let tickstockpl = Simulator::start(&theirs.url(), &["--speed", "150"]).await;
    let console = Console::start(&ours.url(), &tickstockpl.url).await;
    ours.subscribed().await;
    let mut stream = console.stream().await;
    client()
        .post(console.url("/api/processing/daily/trigger"))
        .send()
        .await
        .unwrap();
    stream
        .until("the run is shown", |state| state.active().is_some())
        .await;
    stream
        .until("it moves", |state| {
            state.run.as_ref().is_some_and(|run| run.percent > 10.0)
        })
        .await;
    stream
        .until("it ends", |state| {
            state.run.as_ref().is_some_and(|run| !run.is_active())
        })
        .await;
    let status = stream.state.run.as_ref().unwrap().status;
    assert!(
        matches!(
            status,
            RunStatus::Succeeded | RunStatus::SucceededWithWarnings
        ),
        "{status:?}"
    );
}

#[tokio::test]
async fn result_bursts_are_counted_and_sent_in_few_frames() {
    let redis = Redis::start().await;
    let console = Console::start(&redis.url(), &format!("http://{}", nowhere().await)).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    redis.publish(STATUS, started("r")).await;
    let start = json!({ "event": "indicator_processing_started", "payload": { "run_id": "r", "total_symbols": 505 } });
    redis
        .publish("tickstock:indicators:started", start.to_string())
        .await;
    stream
        .until("indicators run", |state| {
            state
                .active()
                .is_some_and(|run| run.current_phase().is_some())
        })
        .await;
    let (before, began) = (stream.seq, std::time::Instant::now());
    let rounds = if std::env::var_os("TICKSTOCK_LONG").is_some() {
        60
    } else {
        6
    };
    for round in 0..rounds {
        let result = |n: usize| json!({ "event": "indicator_calculated", "payload": { "symbol": format!("S{n}"), "indicator": format!("I{}", n % 15), "timeframe": "daily", "values": { "value": n } } });
        let channel = "tickstock:indicators:calculated";
        redis
            .publish_all((0..1000).map(|n| (channel, result(round * 1000 + n).to_string())))
            .await;
    }
    let expected = rounds as u64 * 1000;
    stream
        .until("all are counted", |state| {
            state.feeds.indicators_seen == expected
        })
        .await;
    let run = stream.state.run.as_ref().unwrap();
    assert_eq!(run.by_indicator.values().sum::<u64>(), expected);
    let most = began.elapsed().as_millis() as u64 / 100 + 5;
    assert!(
        stream.seq - before <= most,
        "{} frames where ten a second are {most}",
        stream.seq - before
    );
}

#[tokio::test]
async fn redis_that_comes_and_goes_leaves_no_task_behind() {
    let mut redis = Redis::start().await;
    let console = Console::start(&redis.url(), &format!("http://{}", nowhere().await)).await;
    redis.subscribed().await;
    let tasks = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    let mut stream = console.stream().await;
    let before = tasks();
    for _ in 0..3 {
        redis.restart().await;
        stream
            .until("Redis is away", |state| !state.links.redis.up)
            .await;
        stream
            .until("Redis is back", |state| state.links.redis.up)
            .await;
    }
    until("only those of before are left", || async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        (tasks() <= before + 1).then_some(())
    })
    .await;
}
