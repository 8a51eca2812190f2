//! Commands: what reaches TickStockPL, and what the caller is told.

use crate::support::{Api, Console, Redis, Simulator, body, client, nowhere};
use model::RunStatus;
use reqwest::Response;
use serde_json::{Value, json};

const TRIGGER: &str = "/api/processing/daily/trigger";

async fn post(console: &Console, path: &str, body: Value) -> Response {
    client()
        .post(console.url(path))
        .json(&body)
        .send()
        .await
        .expect("the console answers")
}

#[tokio::test]
async fn a_trigger_starts_a_run_that_is_seen_to_its_end() {
    let redis = Redis::start().await;
    let tickstockpl = Simulator::start(&redis.url(), &["--speed", "1000"]).await;
    let console = Console::start(&redis.url(), &tickstockpl.url).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    let answer = post(&console, TRIGGER, json!({ "skip_market_check": true })).await;
    assert_eq!(answer.status(), 200);
    let answer = body(answer).await;
    assert_eq!(
        (&answer["success"], &answer["status"]),
        (&json!(true), &json!("triggered"))
    );
    let run_id = answer["run_id"].as_str().unwrap().to_owned();
    let ended = |state: &model::State| {
        state
            .run
            .as_ref()
            .is_some_and(|run| run.id.as_str() == run_id && !run.is_active())
    };
    stream.until("the run ends", ended).await;
    let run = stream.state.run.as_ref().unwrap();
    assert!(
        matches!(
            run.status,
            RunStatus::Succeeded | RunStatus::SucceededWithWarnings
        ),
        "{:?}",
        run.status
    );
    assert!(
        run.phases
            .iter()
            .all(|phase| phase.status == model::PhaseStatus::Done)
    );
    assert!(
        run.indicators > 1000 && run.patterns > 100,
        "{} {}",
        run.indicators,
        run.patterns
    );
}

#[tokio::test]
async fn second_trigger_conflicts_and_cancel_ends_the_run() {
    let redis = Redis::start().await;
    let tickstockpl = Simulator::start(&redis.url(), &["--speed", "20"]).await;
    let console = Console::start(&redis.url(), &tickstockpl.url).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    let first = body(post(&console, TRIGGER, json!({ "skip_market_check": true })).await).await;
    let second = post(&console, TRIGGER, json!({ "skip_market_check": true })).await;
    assert_eq!(second.status(), 409);
    let second = body(second).await;
    assert_eq!(
        (&second["success"], &second["code"], &second["run_id"]),
        (&json!(false), &json!("conflict"), &first["run_id"])
    );
    stream
        .until("the run is shown", |state| state.active().is_some())
        .await;
    // The server function, as a script would call it.
    let cancelled = client()
        .post(console.url("/api/console/cancel"))
        .send()
        .await
        .unwrap();
    assert_eq!(cancelled.status(), 200);
    stream
        .until("the run is cancelled", |state| {
            state
                .run
                .as_ref()
                .is_some_and(|run| run.status == RunStatus::Cancelled)
        })
        .await;
    let nothing_left = client()
        .post(console.url("/api/console/cancel"))
        .send()
        .await
        .unwrap();
    assert!(!nothing_left.status().is_success());
    assert_eq!(body(nothing_left).await["code"], "conflict");
}

#[tokio::test]
async fn form_without_javascript_starts_a_run_and_redirects_back() {
    let redis = Redis::start().await;
    let tickstockpl = Simulator::start(&redis.url(), &["--speed", "200"]).await;
    let console = Console::start(&redis.url(), &tickstockpl.url).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    let page = console.url("/admin/daily-processing");
    let answer = client()
        .post(console.url("/api/console/run"))
        .header("accept", "text/html")
        .header("referer", &page)
        .header("content-type", "application/x-www-form-urlencoded")
        .body("skip_market_check=true")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 302);
    let location = answer.headers()["location"].to_str().unwrap();
    assert_eq!(location.trim_end_matches('?'), page);
    stream
        .until("the run is shown", |state| state.run.is_some())
        .await;
}

#[tokio::test]
async fn command_is_not_sent_while_tickstockpl_is_unavailable() {
    let console = Console::start(
        &format!("redis://{}", nowhere().await),
        &format!("http://{}", nowhere().await),
    )
    .await;
    let answer = post(&console, TRIGGER, json!({})).await;
    assert_eq!(answer.status(), 503);
    let answer = body(answer).await;
    assert_eq!(answer["code"], "unavailable");
    assert!(
        answer["message"].as_str().unwrap().contains("was not sent"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_wrong_body_names_its_field_and_reaches_nobody() {
    let console = Console::start(
        &format!("redis://{}", nowhere().await),
        &format!("http://{}", nowhere().await),
    )
    .await;
    for (sent, field) in [
        (json!({ "skip_market_check": "yes" }), "skip_market_check"),
        (json!({ "phases": ["imports"] }), "phases"),
        (json!({ "phases": [1] }), "phases"),
        (json!({ "universe": 5 }), "universe"),
    ] {
        let answer = post(&console, TRIGGER, sent).await;
        assert_eq!(answer.status(), 400);
        assert_eq!(body(answer).await["field"], field);
    }
    let client = client();
    let send = |kind: &'static str, body: Vec<u8>| {
        client
            .post(console.url(TRIGGER))
            .header("content-type", kind)
            .body(body)
            .send()
    };
    for text in ["{", "[]", "[true]", "1", "null", "{}{}"] {
        assert_eq!(
            send("application/json", text.into())
                .await
                .unwrap()
                .status(),
            400,
            "{text}"
        );
    }
    assert_eq!(
        send("text/plain", b"{}".to_vec()).await.unwrap().status(),
        415
    );
    assert_eq!(
        send("application/json", vec![b' '; 1 << 17])
            .await
            .unwrap()
            .status(),
        413
    );
}

#[tokio::test]
async fn a_command_that_another_sites_page_sends_is_refused() {
    let console = Console::start(
        &format!("redis://{}", nowhere().await),
        &format!("http://{}", nowhere().await),
    )
    .await;
    for path in [TRIGGER, "/api/console/run", "/api/console/cancel"] {
        let answer = client()
            .post(console.url(path))
            .header("sec-fetch-site", "cross-site")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 403, "{path}");
    }
}

#[tokio::test]
async fn a_run_that_goes_on_while_redis_is_away_still_moves_and_ends() {
    let mut redis = Redis::start().await;
    let tickstockpl = Simulator::start(&redis.url(), &["--speed", "150"]).await;
    let console = Console::start(&redis.url(), &tickstockpl.url).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    post(&console, TRIGGER, json!({ "skip_market_check": true })).await;
    stream
        .until("the run moves", |state| {
            state.active().is_some_and(|run| run.percent > 1.0)
        })
        .await;
    redis.kill();
    stream
        .until("Redis is away", |state| !state.links.redis.up)
        .await;
    let ended = |state: &model::State| state.run.as_ref().is_some_and(|run| !run.is_active());
    stream.until("the run ends", ended).await;
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
async fn every_command_reaches_tickstockpl_on_the_old_pages_address() {
    let redis = Redis::start().await;
    let tickstockpl =
        Simulator::start(&redis.url(), &["--speed", "3000", "--scenario", "failures"]).await;
    let console = Console::start(&redis.url(), &tickstockpl.url).await;
    redis.subscribed().await;
    let mut stream = console.stream().await;
    let first = body(post(&console, TRIGGER, json!({ "skip_market_check": true })).await).await;
    let first = first["run_id"].as_str().unwrap().to_owned();
    for (path, sent) in [
        ("/api/processing/import/retry", json!({})),
        (
            "/api/processing/import/trigger",
            json!({ "universes": ["sp500"], "timeframes": ["daily"], "lookback_days": 5 }),
        ),
        (
            "/api/processing/indicators/trigger",
            json!({ "symbols": ["aapl"], "indicators": ["RSI"] }),
        ),
        (
            "/api/processing/patterns/trigger",
            json!({ "timeframe": "daily" }),
        ),
    ] {
        let over = |state: &model::State| state.run.as_ref().is_some_and(|run| !run.is_active());
        stream.until("the run before is over", over).await;
        let before = stream.state.run.as_ref().unwrap().id.clone();
        let answer = post(&console, path, sent).await;
        assert_eq!(
            answer.status(),
            200,
            "{path}: {}",
            answer.text().await.unwrap()
        );
        let other = |state: &model::State| state.run.as_ref().is_some_and(|run| run.id != before);
        stream.until(path, other).await;
        if path.ends_with("retry") {
            let original = stream.state.run.as_ref().unwrap().original_run_id.clone();
            assert_eq!(
                original.unwrap().as_str(),
                first,
                "a retry without a run is about the one that is shown"
            );
        }
    }
    stream
        .until("the last run is over", |state| {
            state.run.as_ref().is_some_and(|run| !run.is_active())
        })
        .await;
    let nothing = post(
        &console,
        "/api/processing/import/retry",
        json!({ "run_id": "unheard-of" }),
    )
    .await;
    assert_eq!(
        (nothing.status().as_u16(), &body(nothing).await["code"]),
        (404, &json!("not_found"))
    );
}

#[tokio::test]
async fn repeated_key_starts_one_run_and_another_body_is_refused() {
    let redis = Redis::start().await;
    let tickstockpl = Simulator::start(&redis.url(), &["--speed", "20"]).await;
    let console = Console::start(&redis.url(), &tickstockpl.url).await;
    let send = |sent: Value| {
        client()
            .post(console.url(TRIGGER))
            .header("idempotency-key", "k-1")
            .json(&sent)
            .send()
    };
    let sent = json!({ "skip_market_check": true });
    let (one, two) = tokio::join!(send(sent.clone()), send(sent.clone()));
    let (one, two) = (body(one.unwrap()).await, body(two.unwrap()).await);
    assert_eq!(
        (&one["success"], &one["run_id"]),
        (&json!(true), &two["run_id"])
    );
    assert_eq!(
        body(send(sent).await.unwrap()).await["run_id"],
        one["run_id"]
    );
    let other = send(json!({ "skip_market_check": true, "universe": "nasdaq100" }))
        .await
        .unwrap();
    assert_eq!(
        (other.status().as_u16(), &body(other).await["code"]),
        (422, &json!("key_reused"))
    );
    let unreadable = client()
        .post(console.url(TRIGGER))
        .header("idempotency-key", "a b")
        .send()
        .await
        .unwrap();
    assert_eq!(unreadable.status(), 400);
}

#[tokio::test]
async fn unconfirmed_command_is_not_sent_again() {
    let api = Api::hanging().await;
    let redis = format!("redis://{}", nowhere().await);
    let console = Console::start_with(&[
        ("REDIS_URL", &redis),
        ("TICKSTOCKPL_API_URL", &api.url),
        ("TICKSTOCKPL_TIMEOUT_SECONDS", "0.5"),
    ])
    .await;
    let answer = post(&console, TRIGGER, json!({})).await;
    // The poller may have opened the circuit breaker first; then nothing was sent.
    match answer.status().as_u16() {
        504 => {
            let answer = body(answer).await;
            assert_eq!(answer["code"], "unconfirmed");
            assert!(
                answer["message"]
                    .as_str()
                    .unwrap()
                    .contains("may have been carried out"),
                "{answer}"
            );
            assert_eq!(api.requests("POST"), 1);
        }
        status => assert_eq!((status, api.requests("POST")), (503, 0)),
    }
    // From now on the circuit breaker is open: the next command is not sent.
    let sent = api.requests("POST");
    let answer = post(&console, TRIGGER, json!({})).await;
    assert_eq!(
        (answer.status().as_u16(), api.requests("POST")),
        (503, sent)
    );
    assert!(
        body(answer).await["message"]
            .as_str()
            .unwrap()
            .contains("was not sent")
    );
}

#[tokio::test]
async fn a_refusal_of_tickstockpl_is_passed_on_in_its_own_words() {
    let api = Api::answering("418 I'm a teapot", r#"{"error": "short and stout"}"#).await;
    let console = Console::start(&format!("redis://{}", nowhere().await), &api.url).await;
    let answer = post(&console, TRIGGER, json!({})).await;
    assert_eq!(answer.status(), 502);
    let answer = body(answer).await;
    assert_eq!(answer["code"], "refused");
    assert!(
        answer["message"]
            .as_str()
            .unwrap()
            .contains("short and stout"),
        "{answer}"
    );
    for (status, code, expected) in [
        ("423 Locked", "conflict", 409),
        ("400 Bad Request", "invalid", 400),
    ] {
        api.now_answers(status, r#"{"error": "no", "field": "phases"}"#);
        let answer = post(&console, TRIGGER, json!({})).await;
        assert_eq!(answer.status(), expected);
        let answer = body(answer).await;
        assert_eq!(
            (&answer["code"], &answer["field"]),
            (&json!(code), &json!("phases"))
        );
    }
    api.now_answers("200 OK", "<html>");
    assert_eq!(
        body(post(&console, TRIGGER, json!({})).await).await["code"],
        "bad_answer"
    );
}

#[tokio::test]
async fn tickstockpl_credentials_are_sent_and_never_shown() {
    let api = Api::answering("401 Unauthorized", r#"{"error": "who are you"}"#).await;
    let redis = format!("redis://{}", nowhere().await);
    let secrets = [
        ("TICKSTOCKPL_TOKEN", "s3cret-token"),
        ("TICKSTOCKPL_API_KEY", "s3cret-key"),
    ];
    let mut values = vec![
        ("REDIS_URL", redis.as_str()),
        ("TICKSTOCKPL_API_URL", api.url.as_str()),
    ];
    values.extend(secrets);
    let console = Console::start_with(&values).await;
    let answer = post(&console, TRIGGER, json!({}))
        .await
        .text()
        .await
        .unwrap();
    assert!(
        answer.contains("who are you") && !answer.contains("s3cret"),
        "{answer}"
    );
    let asked = api.last_request().to_lowercase();
    assert!(
        asked.contains("authorization: bearer s3cret-token")
            && asked.contains("x-api-key: s3cret-key"),
        "{asked}"
    );
    let page = console.page("/admin/daily-processing").await;
    assert!(!page.contains("s3cret"));
}
