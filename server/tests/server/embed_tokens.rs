//! Embeds where a token is asked for: what a good one opens, and that nothing else opens anything.
use crate::support::embed::{PORTAL, SECRET, claims, seconds, signed, token};
use crate::support::{Console, EmbedStream, body, client};
use serde_json::{Value, json};

async fn closed() -> Console {
    Console::alone(&[
        ("CONSOLE_EMBED_ORIGINS", PORTAL),
        ("CONSOLE_EMBED_SECRET", SECRET),
    ])
    .await
}

/// The status of a stream of this view with these tokens, as the portal's page asks for it.
async fn status(console: &Console, of: &str, tokens: &str, origin: Option<&str>) -> u16 {
    let mut request = client()
        .get(console.url("/embed/v1/events"))
        .query(&[("of", of)]);
    if !tokens.is_empty() {
        request = request.header("authorization", format!("Embed {tokens}"));
    }
    if let Some(origin) = origin {
        request = request.header("origin", origin);
    }
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_document_has_no_data_before_a_token_was_shown() {
    let console = closed().await;
    for view in ["status", "runs", "run/r-1", "schedule"] {
        let page = console.page(&format!("/embed/v1/{view}")).await;
        assert!(
            !page.contains("class=\"view\"") && page.contains("data-locked"),
            "{page}"
        );
        assert_eq!(status(&console, view, "", None).await, 401);
    }
    let badge = client()
        .get(console.url("/embed/v1/badge.svg"))
        .send()
        .await
        .unwrap();
    assert_eq!(badge.status().as_u16(), 401);
    assert!(badge.text().await.unwrap().contains("no access"));
}

#[tokio::test]
async fn a_token_opens_what_it_names_and_nothing_else() {
    let console = closed().await;
    let good = token(&claims("status"));
    assert_eq!(status(&console, "status", &good, None).await, 200);
    assert_eq!(status(&console, "status", &good, Some(PORTAL)).await, 200);
    for other in ["runs", "schedule", "run/r-1"] {
        assert_eq!(status(&console, other, &good, None).await, 403, "{other}");
    }
    let run = token(&claims("run:r-1"));
    assert_eq!(status(&console, "run/r-1", &run, None).await, 200);
    assert_eq!(status(&console, "run/r-2", &run, None).await, 403);
    assert_eq!(status(&console, "status", &run, None).await, 403);
    // Two widgets with a token each on one stream.
    assert_eq!(
        status(&console, "run/r-1", &format!("{good} {run}"), None).await,
        200
    );
}

#[tokio::test]
async fn tokens_that_are_no_good_open_nothing() {
    let console = closed().await;
    let with = |change: fn(&mut Value)| {
        let mut claims = claims("status");
        change(&mut claims);
        token(&claims)
    };
    let good = claims("status");
    let unsigned = signed(r#"{"alg":"none"}"#, &good, SECRET);
    let mut altered = token(&good);
    altered.replace_range(60..61, if &altered[60..61] == "A" { "B" } else { "A" });
    for (what, token) in [
        (
            "expired",
            with(|claims| claims["exp"] = json!(seconds() - 1)),
        ),
        (
            "good for too long",
            with(|claims| claims["exp"] = json!(seconds() + 7200)),
        ),
        (
            "another audience",
            with(|claims| claims["aud"] = json!("somebody-else")),
        ),
        (
            "no audience",
            with(|claims| drop(claims.as_object_mut().unwrap().remove("aud"))),
        ),
        (
            "no origin",
            with(|claims| drop(claims.as_object_mut().unwrap().remove("origin"))),
        ),
        (
            "another secret",
            signed(
                r#"{"alg":"HS256"}"#,
                &good,
                "another secret of more than thirty-two bytes",
            ),
        ),
        ("alg none", unsigned.clone()),
        (
            "alg none without a signature",
            format!("{}.", unsigned.rsplit_once('.').unwrap().0),
        ),
        ("altered", altered),
        ("rubbish", "a.b.c".to_owned()),
        (
            "a share that nobody made",
            "tse_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        ),
    ] {
        assert_eq!(
            status(&console, "status", &token, None).await,
            401,
            "{what}"
        );
    }
    let mut elsewhere = claims("status");
    elsewhere["origin"] = json!("https://evil.example");
    assert_eq!(
        status(&console, "status", &token(&elsewhere), None).await,
        403,
        "an origin that is not listed"
    );
    let good = token(&good);
    assert_eq!(
        status(&console, "status", &good, Some("https://evil.example")).await,
        403,
        "another page's"
    );
    assert_eq!(
        status(&console, "status", &good, Some("null")).await,
        403,
        "a sandboxed frame's"
    );
    assert_eq!(
        status(&console, "status", &vec![good; 17].join(" "), None).await,
        401,
        "too many"
    );
}

#[tokio::test]
async fn no_request_with_a_token_changes_anything_or_reaches_the_rest() {
    let console = closed().await;
    let good = token(&claims("*"));
    for path in [
        "/embed/v1/status",
        "/embed/v1/events?of=status",
        "/embed/v1/badge.json",
        "/embed/v1/embed.js",
    ] {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let method: reqwest::Method = method.parse().unwrap();
            let answer = client()
                .request(method, console.url(path))
                .bearer_auth(&good)
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status().as_u16(), 405, "{path}");
        }
    }
    let share = "tse_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let expired = token(&json!({ "aud": "tickstock-console", "exp": 1 }));
    for bad in [&good, share, &expired] {
        for path in [
            "/api/events",
            "/api/processing/daily/status",
            "/admin/daily-processing",
            "/api/console/part?address=/",
        ] {
            let answer = client()
                .get(console.url(path))
                .bearer_auth(bad)
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status().as_u16(), 403, "{path}");
            assert_eq!(body(answer).await["code"], "embed_token");
        }
        for path in [
            "/api/processing/daily/trigger",
            "/api/console/run",
            "/api/processing/daily/cancel",
        ] {
            let answer = client()
                .post(console.url(path))
                .bearer_auth(bad)
                .json(&json!({}))
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status().as_u16(), 403, "{path}");
        }
    }
    let answer = client()
        .get(console.url("/api/processing/daily/status"))
        .bearer_auth("somebody-elses")
        .send()
        .await;
    assert_eq!(
        answer.unwrap().status().as_u16(),
        200,
        "other tokens are no business of embeds"
    );
}

#[tokio::test]
async fn embed_stream_names_its_grant_and_ends_with_its_token() {
    let console = closed().await;
    let mut claims = claims("status");
    claims["exp"] = json!(seconds() + 3);
    claims["opt"] = json!({ "theme": "light", "tz": "UTC", "sections": ["facts"] });
    let url = console.url("/embed/v1/events?of=status%3Ftz%3DEurope%2FBerlin&of=runs");
    let mut stream = EmbedStream::open(
        &url,
        &[("authorization", &format!("Bearer {}", token(&claims)))],
    )
    .await;
    let opened: Value = serde_json::from_str(&stream.next().await.unwrap().data).unwrap();
    let view = &opened["views"][0];
    assert_eq!(view["origin"], PORTAL);
    assert_eq!(view["key"], "status?tz=UTC&sections=facts");
    assert_eq!(
        (&view["theme"], &view["zone"]),
        (&json!("light"), &json!("UTC"))
    );
    assert_eq!(opened["refused"][0]["of"], "runs");
    let mut last = String::new();
    while let Some(update) = stream.next().await {
        last = update.event;
    }
    assert_eq!(last, "renew");
}

#[tokio::test]
async fn badge_takes_only_a_token_for_the_badge_in_its_address() {
    let console = closed().await;
    for (resource, status) in [("badge", 200), ("status", 401), ("*", 401)] {
        let path = format!("/embed/v1/badge.json?token={}", token(&claims(resource)));
        assert_eq!(
            client()
                .get(console.url(&path))
                .send()
                .await
                .unwrap()
                .status()
                .as_u16(),
            status,
            "{resource}"
        );
    }
    let answer = client()
        .get(console.url("/embed/v1/badge.json"))
        .bearer_auth(token(&claims("status")));
    assert_eq!(answer.send().await.unwrap().status().as_u16(), 200);
    let query = format!(
        "/embed/v1/events?of=status&token={}",
        token(&claims("status"))
    );
    assert_eq!(
        client()
            .get(console.url(&query))
            .send()
            .await
            .unwrap()
            .status()
            .as_u16(),
        401
    );
}
