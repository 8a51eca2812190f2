//! Every route that there is has a rule: a new one without fails here.

use super::routes;
use crate::config::Config;
use crate::state::AppState;
use access::{RULES, RuleLookupError, find_rule};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use std::net::SocketAddr;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// What a route could be asked with.
const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

async fn state(folder: &std::path::Path) -> AppState {
    let uri = format!("sqlite://{}", folder.join("console.db").display());
    let mut config =
        Config::from_values(|name| (name == "DATABASE_URI").then(|| uri.clone())).unwrap();
    config.server.site_root = folder.to_owned();
    AppState::build(&config, CancellationToken::new()).await.0
}

/// The patterns of a router, as it shows them itself, but for the one of what has none, which the
/// rule `*` is for.
fn patterns(router: &axum::Router<AppState>) -> Vec<String> {
    let shown = format!("{router:?}");
    let mut found: Vec<String> = shown
        .split('"')
        .filter(|text| text.starts_with('/') && !text.contains("axum_fallback"))
        .map(str::to_owned)
        .collect();
    found.sort();
    found.dedup();
    found
}

#[tokio::test]
async fn every_route_and_server_function_has_a_rule_for_each_method_that_it_answers() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let state = state(folder.path()).await;
    let router = routes(&state);
    let patterns = patterns(&router);
    assert!(
        patterns.len() > 35 && patterns.iter().any(|pattern| pattern == "/api/events"),
        "{patterns:?}"
    );
    let router = router.with_state(state);
    let mut without = Vec::new();
    for pattern in &patterns {
        if pattern.starts_with("/pkg") || pattern.starts_with("/api/console/") {
            // The site's own rule; the functions are looked at below.
            continue;
        }
        let path = pattern.replace(['{', '}', '*'], "");
        for method in METHODS {
            let mut request = Request::builder()
                .method(method)
                .uri(&path)
                .body(Body::empty())
                .unwrap();
            request
                .extensions_mut()
                .insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1))));
            let status = router.clone().oneshot(request).await.unwrap().status();
            if status != StatusCode::METHOD_NOT_ALLOWED
                && find_rule(method, Some(pattern), &path).is_err()
            {
                without.push(format!("{method} {pattern}"));
            }
        }
    }
    let functions: Vec<_> = leptos::server_fn::axum::server_fn_paths().collect();
    assert!(functions.len() >= 10, "{functions:?}");
    for (path, method) in functions {
        if find_rule(method.as_str(), Some("/api/console/{*function}"), path).is_err() {
            without.push(format!("{method} {path}"));
        }
    }
    assert!(
        without.is_empty(),
        "routes without a rule in access::RULES: {without:?}"
    );
}

#[tokio::test]
async fn no_rule_is_for_a_route_that_there_is_not() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let patterns = patterns(&routes(&state(folder.path()).await));
    let functions: Vec<_> = leptos::server_fn::axum::server_fn_paths()
        .map(|(path, _)| path)
        .collect();
    for rule in RULES.iter().filter(|rule| !rule.path.ends_with('*')) {
        let one_of = |pattern: &String| {
            let head = pattern.split('{').next().unwrap_or_default();
            pattern.contains('{') && rule.path.starts_with(head) && head.len() > 12
        };
        let known = patterns
            .iter()
            .any(|pattern| pattern == rule.path || one_of(pattern));
        assert!(known || functions.contains(&rule.path), "{rule:?}");
    }
    assert_eq!(
        find_rule("GET", Some("/new"), "/new"),
        Err(RuleLookupError::NoRule)
    );
}
