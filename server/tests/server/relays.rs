//! Two relays on one Redis behind a balancer: browsers move from one to the other and see the same.
use crate::support::{
    Api, Console, Proxy, Redis, Simulator, Stream, body, client, nowhere, postgres, until,
};
use model::State;
use serde_json::json;

#[tokio::test]
async fn a_key_is_sent_once_whichever_console_it_reaches() {
    let database = postgres().await.database().await;
    let api = Api::answering(
        "200 OK",
        r#"{"is_running": false, "runs": [], "run_id": "r", "status": "started"}"#,
    )
    .await;
    let redis = format!("redis://{}", nowhere().await);
    let values = [
        ("REDIS_URL", redis.as_str()),
        ("TICKSTOCKPL_API_URL", api.url.as_str()),
        ("DATABASE_URI", database.as_str()),
    ];
    let consoles = [
        Console::start_with(&values).await,
        Console::start_with(&values).await,
    ];
    for console in &consoles {
        console
            .stream()
            .await
            .until("the database is there", |state| state.links.database.up)
            .await;
    }
    let send = |console: usize, key: String| {
        let request = client().post(consoles[console].url("/api/processing/daily/trigger"));
        let answer = request
            .header("idempotency-key", key)
            .json(&json!({ "skip_market_check": true }))
            .send();
        async { body(answer.await.unwrap()).await }
    };
    for n in 0..10 {
        let key = format!("at-once-{n}");
        let (one, two) = tokio::join!(send(0, key.clone()), send(1, key));
        assert_eq!((&one["run_id"], &one), (&json!("r"), &two));
        assert_eq!(api.requests("POST"), n + 1);
    }
    for n in 0..10 {
        let key = format!("in-a-row-{n}");
        let (one, two) = (send(n % 2, key.clone()).await, send((n + 1) % 2, key).await);
        assert_eq!((&one["run_id"], &one), (&json!("r"), &two));
        assert_eq!(api.requests("POST"), 10 + n + 1);
    }
}

#[tokio::test]
async fn clients_of_a_killed_relay_continue_on_the_other() {
    let redis = Redis::start().await;
    let tickstockpl =
        Simulator::start(&redis.url(), &["--speed", "300", "--scenario", "failures"]).await;
    let one = Console::start(&redis.url(), &tickstockpl.url).await;
    let two = Console::start(&redis.url(), &tickstockpl.url).await;
    redis.subscribed().await;
    let balancer = Proxy::to(vec![one.addr, two.addr]).await;
    let url = format!("http://{}/api/events", balancer.addr);
    let mut watcher = two.stream().await;
    watcher
        .until("both listen", |state| {
            state.links.redis.up && state.links.api.up
        })
        .await;
    let mut reader = Stream::open(&url).await;
    reader
        .until("both listen", |state| {
            state.links.redis.up && state.links.api.up
        })
        .await;
    client()
        .post(format!(
            "http://{}/api/processing/daily/trigger",
            balancer.addr
        ))
        .send()
        .await
        .unwrap();
    reader
        .until("the run moves", |state| {
            state.active().is_some_and(|run| run.percent > 20.0)
        })
        .await;
    let percent = reader.state.active().unwrap().percent;
    // The process is gone: nobody listens, and open connections are cut.
    drop(one);
    balancer.cut();
    while reader.follow().await {}
    let mut reader = reader.again(&url).await;
    while reader.snapshots == 0 {
        assert!(reader.follow().await, "the other relay answers");
    }
    assert_eq!(reader.resets, ["another_relay"]);
    assert!(
        reader
            .state
            .active()
            .is_some_and(|run| run.percent >= percent),
        "the run does not fall back"
    );
    let ended = |state: &State| state.run.as_ref().is_some_and(|run| !run.is_active());
    reader.until("the run ends", ended).await;
    watcher.until("the run ends", ended).await;
    let (shown, known) = (reader.state.run.unwrap(), watcher.state.run.unwrap());
    assert_eq!(
        (shown.id, shown.status, shown.failed_symbols),
        (known.id, known.status, known.failed_symbols)
    );
    assert_eq!(
        (shown.by_indicator, shown.by_pattern),
        (known.by_indicator, known.by_pattern)
    );
}

#[tokio::test]
async fn relays_on_one_database_share_actions_and_take_over() {
    let (redis, database) = (Redis::start().await, postgres().await.database().await);
    let api = format!("http://{}", nowhere().await);
    let values = [
        ("REDIS_URL", redis.url()),
        ("TICKSTOCKPL_API_URL", api),
        ("DATABASE_URI", database.clone()),
    ];
    let values: Vec<_> = values
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let one = Console::start_with(&values).await;
    let mut at_one = one.stream().await;
    at_one
        .until("the first one writes", |state| {
            state.links.database.up && state.links.redis.up
        })
        .await;
    let two = Console::start_with(&values).await;
    let mut at_two = two.stream().await;
    at_two
        .until("the second one stands by", |state| {
            state.links.redis.up
                && state
                    .links
                    .database
                    .detail
                    .as_ref()
                    .is_some_and(|why| why.contains("another console"))
        })
        .await;
    let error =
        json!({ "event": "error", "payload": { "error_code": "E", "message": "m" } }).to_string();
    redis.publish("tickstock:errors", error).await;
    at_one
        .until("the error is known", |state| !state.errors.is_empty())
        .await;
    at_two
        .until("the error is known", |state| !state.errors.is_empty())
        .await;
    let id = at_two.state.errors[0].id.clone().unwrap();
    let path = format!("/api/processing/errors/{}/acknowledge", id.as_str());
    assert_eq!(
        client().post(two.url(&path)).send().await.unwrap().status(),
        200
    );
    at_one
        .until("what was done at the other one arrives", |state| {
            !state.errors[0].needs_attention()
        })
        .await;

    // The one that writes ends; the other takes over, and the next run is in the old table, too.
    drop(at_one);
    one.shutdown.cancel();
    one.stopped.await.unwrap().unwrap();
    at_two
        .until("the other one writes", |state| {
            state.links.database.up && state.links.database.detail.is_none()
        })
        .await;
    for (event, status) in [
        ("processing_started", ""),
        ("processing_completed", "success"),
    ] {
        let message = json!({ "event": event, "payload": { "run_id": "after", "status": status } })
            .to_string();
        redis.publish("tickstock:processing:status", message).await;
    }
    let written = || async {
        let pool = sqlx::PgPool::connect(&database).await.ok()?;
        let sql = "SELECT status FROM processing_runs WHERE run_id = 'after'";
        let status: Option<(String,)> = sqlx::query_as(sql).fetch_optional(&pool).await.ok()?;
        status.filter(|(status,)| status == "success")
    };
    until("the run is in the old table", written).await;
    let history = body(
        client()
            .get(two.url("/api/processing/daily/history"))
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(history["history"][0]["run_id"], "after");
}
