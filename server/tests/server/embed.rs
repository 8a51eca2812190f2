//! Embeds where they are open: documents without chrome, views on the stream, badge, scripts, and
//! what their headers say.
use crate::support::{Console, Redis, Update, client, nowhere};
use serde_json::{Value, json};

const PORTAL: &str = "https://portal.example";
const VIEWS: [&str; 4] = ["status", "runs", "run/r-1", "schedule"];

async fn with_portal() -> Console {
    Console::alone(&[(
        "CONSOLE_EMBED_ORIGINS",
        "https://portal.example, http://localhost:3000",
    )])
    .await
}

/// The next event of this name, as JSON.
async fn next(stream: &mut crate::support::EmbedStream, name: &str) -> Value {
    loop {
        let Update { event, data, .. } = stream.next().await.expect("the stream goes on");
        if event == name {
            return serde_json::from_str(&data).unwrap();
        }
    }
}

#[tokio::test]
async fn embed_views_have_no_links_forms_or_cookies() {
    let console = with_portal().await;
    for view in VIEWS {
        let answer = client()
            .get(console.url(&format!("/embed/v1/{view}")))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{view}");
        assert!(answer.headers().get("set-cookie").is_none());
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let html = answer.text().await.unwrap();
        assert!(
            html.contains("class=\"view\"") && html.len() < 20_000,
            "{view}: {html}"
        );
        for never in ["<a ", "<form", "<button", "wasm", "style=\"", "onclick"] {
            assert!(!html.contains(never), "{view} has {never}: {html}");
        }
    }
    let missing = client()
        .get(console.url("/embed/v1/nope"))
        .send()
        .await
        .unwrap();
    assert_eq!(missing.status().as_u16(), 404);
}

#[tokio::test]
async fn only_embeds_may_be_framed_and_only_by_those_on_the_list() {
    let console = with_portal().await;
    let policy = async |path: &str| {
        let answer = client().get(console.url(path)).send().await.unwrap();
        assert!(answer.headers().get("x-frame-options").is_none() || !path.starts_with("/embed/"));
        answer.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned()
    };
    for view in VIEWS {
        let policy = policy(&format!("/embed/v1/{view}")).await;
        assert!(
            policy.ends_with("frame-ancestors https://portal.example http://localhost:3000"),
            "{policy}"
        );
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';"),
            "{policy}"
        );
    }
    assert!(
        policy("/admin/daily-processing")
            .await
            .contains("frame-ancestors 'none'")
    );
    assert!(
        policy("/admin/daily-processing/settings")
            .await
            .contains("frame-ancestors 'none'")
    );
    assert!(
        policy("/embed/v1/status?theme=dark&preview=1")
            .await
            .ends_with("frame-ancestors 'self'")
    );
    let nobody = Console::alone(&[]).await;
    let answer = client()
        .get(nobody.url("/embed/v1/status"))
        .send()
        .await
        .unwrap();
    assert!(
        answer.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .ends_with("frame-ancestors 'none'")
    );
}

#[tokio::test]
async fn unknown_display_options_are_ignored() {
    let console = with_portal().await;
    let page = console
        .page("/embed/v1/status?theme=dark&density=compact&accent=%230a7&tz=UTC&sections=facts&x=1")
        .await;
    assert!(
        page.contains("data-theme=\"dark\" data-density=\"compact\""),
        "{page}"
    );
    assert!(
        page.contains("--tickstock-accent:#0a7") && page.contains("data-zone=\"UTC\""),
        "{page}"
    );
    assert!(!page.contains("class=\"headline\""), "{page}");
    let page = console
        .page("/embed/v1/status?theme=%22%3E%3Cscript%3E&accent=red;}&tz=No/Where&density=1&sections=nothing")
        .await;
    assert!(
        page.contains("data-theme=\"auto\"") && page.contains("data-zone=\"America/New_York\""),
        "{page}"
    );
    assert!(
        page.contains("class=\"headline\"") && !page.contains("accent"),
        "{page}"
    );
}

#[tokio::test]
async fn one_stream_carries_several_views_and_their_changes() {
    let redis = Redis::start().await;
    let console = Console::start(&redis.url(), &format!("http://{}", nowhere().await)).await;
    redis.subscribed().await;
    let mut stream = crate::support::EmbedStream::open(
        &console.url("/embed/v1/events?of=status&of=runs%3Ftz%3DUTC&of=nonsense"),
        &[],
    )
    .await;
    let opened = next(&mut stream, "opened").await;
    let asked: Vec<_> = opened["views"]
        .as_array()
        .unwrap()
        .iter()
        .map(|view| view["of"].as_str().unwrap())
        .collect();
    assert_eq!(asked, ["status", "runs?tz=UTC"]);
    let (first, second) = (
        next(&mut stream, "view").await,
        next(&mut stream, "view").await,
    );
    assert_eq!(
        (&first["key"], &second["key"]),
        (&opened["views"][0]["key"], &opened["views"][1]["key"])
    );
    assert_eq!(first["state"], "idle");
    let start = json!({ "event": "processing_started", "payload": { "run_id": "<b>r</b>" } });
    redis
        .publish("tickstock:processing:status", start.to_string())
        .await;
    let changed = loop {
        let view = next(&mut stream, "view").await;
        if view["state"] == "running" && view["key"] == first["key"] {
            break view;
        }
    };
    let html = changed["html"].as_str().unwrap();
    assert!(
        html.contains("&lt;b&gt;r") && !html.contains("<b>r"),
        "hostile text is text: {html}"
    );
}

#[tokio::test]
async fn only_listed_origins_may_read_the_embed_stream() {
    let console = with_portal().await;
    for (origin, may) in [
        (PORTAL, true),
        ("https://evil.example", false),
        ("null", false),
    ] {
        for path in [
            "/embed/v1/events?of=status",
            "/embed/v1/embed.js",
            "/embed/v1/embed.css",
            "/embed/v1/badge.json",
        ] {
            let answer = client()
                .get(console.url(path))
                .header("origin", origin)
                .send()
                .await
                .unwrap();
            let allowed = answer
                .headers()
                .get("access-control-allow-origin")
                .map(|value| value.to_str().unwrap());
            assert_eq!(allowed, may.then_some(origin), "{path}");
            assert!(
                answer
                    .headers()
                    .get("access-control-allow-credentials")
                    .is_none()
            );
        }
    }
    let asked = client()
        .request(reqwest::Method::OPTIONS, console.url("/embed/v1/events"))
        .header("origin", PORTAL);
    let answer = asked
        .header("access-control-request-headers", "authorization")
        .send()
        .await
        .unwrap();
    assert_eq!(
        answer.headers()["access-control-allow-headers"],
        "authorization"
    );
    assert_eq!(answer.headers()["access-control-allow-origin"], PORTAL);
}

#[tokio::test]
async fn the_script_is_asked_about_each_time_and_sent_once() {
    let console = with_portal().await;
    for path in [
        "/embed/v1/embed.js",
        "/embed/v1/page.js",
        "/embed/v1/worker.js",
        "/embed/v1/embed.css",
    ] {
        let answer = client().get(console.url(path)).send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["cache-control"]),
            (200, &"no-cache".parse().unwrap())
        );
        assert_eq!(
            answer.headers()["cross-origin-resource-policy"],
            "cross-origin"
        );
        let tag = answer.headers()["etag"].clone();
        let again = client()
            .get(console.url(path))
            .header("if-none-match", tag)
            .send()
            .await
            .unwrap();
        assert_eq!(again.status().as_u16(), 304, "{path}");
    }
}

#[tokio::test]
async fn badge_is_unknown_for_a_stale_state_and_never_cached() {
    let console = with_portal().await;
    let answer = client()
        .get(console.url("/embed/v1/badge.svg"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(
        answer.headers()["content-type"],
        "image/svg+xml; charset=utf-8"
    );
    assert!(answer.text().await.unwrap().contains("TickStock: unknown"));
    let badge: Value = serde_json::from_str(&console.page("/embed/v1/badge.json").await).unwrap();
    assert_eq!(
        badge,
        json!({ "schemaVersion": 1, "label": "TickStock", "message": "unknown", "color": "#6a737d", "cacheSeconds": 300 })
    );
}
