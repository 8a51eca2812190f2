//! Every error under `/api/` has the same envelope: one request for each status.

use crate::support::guarded::{FORM, Guarded};
use crate::support::{Console, client};
use access::Role;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;

const CANCEL: &str = "/api/processing/daily/cancel";
const JSON: (&str, &str) = ("content-type", "application/json");

/// Checks status and envelope, and returns the body.
async fn envelope(request: RequestBuilder, status: u16, code: &str) -> (Value, Response) {
    let response = request.send().await.expect("the console answers");
    let (head, body) = split(response).await;
    assert_eq!(head.status().as_u16(), status, "{code}: {body}");
    assert_eq!(body["success"], false, "{body}");
    assert_eq!(body["code"], code, "{body}");
    assert!(
        body["message"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
    );
    assert!(head.headers().contains_key("x-request-id"), "{code}");
    (body, head)
}

/// The body, and a response without it.
async fn split(response: Response) -> (Response, Value) {
    let mut head = axum::http::Response::new("");
    *head.status_mut() = response.status();
    *head.headers_mut() = response.headers().clone();
    let text = response.text().await.expect("a text");
    let body = serde_json::from_str(&text).unwrap_or_else(|_| panic!("not JSON: {text:?}"));
    (head.into(), body)
}

#[tokio::test]
async fn every_error_has_the_envelope() {
    let values = [
        ("CONSOLE_ALLOWED_HOSTS", "127.0.0.1"),
        ("CONSOLE_MAX_STREAMS_PER_CLIENT", "1"),
    ];
    let guarded = Guarded::start("users,tokens", &values).await;
    let admin = guarded.token("admin", Role::Admin).await;
    let viewer = guarded.token("viewer", Role::Viewer).await;
    let as_admin =
        |method: Method, path: &str| admin.on(client().request(method, guarded.console.url(path)));
    let get = |path: &str| as_admin(Method::GET, path);
    let post = |path: &str| as_admin(Method::POST, path).header(JSON.0, JSON.1);

    let (body, _) = envelope(get("/api/processing/daily/history?days=x"), 400, "invalid").await;
    assert_eq!(body["field"], "days");
    envelope(get("/api/events?topics=nonsense"), 400, "invalid").await;
    let body = r#"{"phases":1}"#;
    envelope(
        post("/api/processing/daily/trigger").body(body),
        400,
        "invalid",
    )
    .await;
    envelope(post(CANCEL).body("[]"), 400, "invalid").await;

    let url = guarded.console.url("/api/events");
    let (_, head) = envelope(client().get(url), 401, "unauthenticated").await;
    assert!(head.headers().contains_key("www-authenticate"));

    let denied = client()
        .post(guarded.console.url(CANCEL))
        .header(JSON.0, JSON.1);
    envelope(viewer.on(denied), 403, "forbidden").await;
    let function = client().post(guarded.console.url("/api/console/cancel"));
    let function = function.header("content-type", FORM);
    envelope(viewer.on(function), 403, "forbidden").await;
    envelope(post("/api/console/new"), 403, "no_rule").await;
    let foreign = post(CANCEL).header("sec-fetch-site", "cross-site");
    envelope(foreign, 403, "foreign_origin").await;
    let embed = client().get(guarded.console.url("/api/events"));
    let embed = embed.header("authorization", "Embed x");
    envelope(embed, 403, "embed_token").await;

    envelope(get("/api/nothing"), 404, "not_found").await;
    envelope(post("/api/processing/nothing"), 404, "not_found").await;
    envelope(get("/api/processing/runs/unknown"), 404, "not_found").await;
    envelope(get("/api/processing/export/nothing"), 404, "not_found").await;

    let wrong = as_admin(Method::DELETE, "/api/events");
    let (_, head) = envelope(wrong, 405, "method_not_allowed").await;
    assert_eq!(head.headers()["allow"], "GET,HEAD");

    let large = post(CANCEL).body("x".repeat(70_000));
    envelope(large, 413, "too_large").await;
    let long = format!("/api/processing/daily/history?q={}", "x".repeat(9_000));
    envelope(get(&long), 414, "too_long").await;
    let text = as_admin(Method::POST, CANCEL).header("content-type", "text/plain");
    envelope(text.body("{}"), 415, "not_json").await;
    let text = as_admin(Method::POST, "/api/console/preferences");
    envelope(text.header(JSON.0, JSON.1).body("{}"), 415, "not_a_form").await;
    let host = get("/api/events").header("host", "evil.example");
    let (body, _) = envelope(host, 421, "unknown_host").await;
    assert!(
        body["message"]
            .as_str()
            .unwrap()
            .contains("\"evil.example\"")
    );

    let open = get("/api/events").send().await.expect("a stream");
    assert_eq!(open.status(), StatusCode::OK);
    let (_, head) = envelope(get("/api/events"), 429, "too_many_streams").await;
    assert_eq!(head.headers()["retry-after"], "10");
    drop(open);

    let (_, head) = envelope(post(CANCEL).body("{}"), 503, "unavailable").await;
    assert_eq!(head.headers()["retry-after"], "5");
}

#[tokio::test]
async fn server_functions_answer_in_the_envelope_with_their_status() {
    let console = Console::alone(&[]).await;
    let send = |path: &str, form: &str| {
        let request = client()
            .post(console.url(path))
            .header("content-type", FORM);
        request
            .header("accept", "application/json")
            .body(form.to_owned())
    };
    let (body, _) = envelope(send("/api/console/import", "universes="), 400, "invalid").await;
    assert_eq!(body["field"], "universes");
    envelope(send("/api/console/retry", ""), 404, "not_found").await;
    envelope(send("/api/console/cancel", ""), 503, "unavailable").await;
}

#[tokio::test]
async fn embeds_and_pages_have_a_request_id() {
    let console = Console::alone(&[]).await;
    for path in ["/embed/v1/status", "/embed/v1/nothing", "/", "/nothing"] {
        let request = client()
            .get(console.url(path))
            .header("x-request-id", "given-1");
        let response = request.send().await.expect("the console answers");
        assert_eq!(response.headers()["x-request-id"], "given-1", "{path}");
    }
}
