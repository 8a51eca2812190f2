//! Compares the router with the access rules, the OpenAPI document and the table of commands. Each
//! declares its paths where they are read best; these tests are what makes them one declaration.

use super::{ACCESS_RULES, api, routes};
use crate::config::Config;
use crate::state::AppState;
use access::{Permission, Requirement, RuleLookupError, find_rule};
use app::commands::COMMANDS;
use app::paths::route;
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
async fn every_route_and_server_function_has_an_access_rule() {
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
                && find_rule(&ACCESS_RULES, method, Some(pattern), &path).is_err()
            {
                without.push(format!("{method} {pattern}"));
            }
        }
    }
    let functions: Vec<_> = leptos::server_fn::axum::server_fn_paths().collect();
    assert!(functions.len() >= 10, "{functions:?}");
    for (path, method) in functions {
        if find_rule(
            &ACCESS_RULES,
            method.as_str(),
            Some(route::SERVER_FUNCTIONS),
            path,
        )
        .is_err()
        {
            without.push(format!("{method} {path}"));
        }
    }
    assert!(
        without.is_empty(),
        "routes without an access rule: {without:?}"
    );
}

#[tokio::test]
async fn every_access_rule_has_a_route() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let patterns = patterns(&routes(&state(folder.path()).await));
    let functions: Vec<_> = leptos::server_fn::axum::server_fn_paths()
        .map(|(path, _)| path)
        .collect();
    for rule in ACCESS_RULES.iter().filter(|rule| !rule.path.ends_with('*')) {
        let one_of = |pattern: &String| {
            let head = pattern.split('{').next().unwrap_or_default();
            pattern.contains('{') && rule.path.starts_with(head) && head.len() > 12
        };
        let known = patterns
            .iter()
            .any(|pattern| *pattern == rule.path || one_of(pattern));
        assert!(known || functions.contains(&rule.path.as_ref()), "{rule:?}");
    }
    assert_eq!(
        find_rule(&ACCESS_RULES, "GET", Some("/new"), "/new"),
        Err(RuleLookupError::NoRule)
    );
}

#[test]
fn every_rest_operation_is_in_the_openapi_document() {
    let document = serde_json::to_value(api::operations().to_openapi()).unwrap();
    let mut described: Vec<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys();
            methods.map(move |method| (method.to_uppercase(), path.clone()))
        })
        .collect();
    // The rule of one path of the exports, beside the rule of their pattern.
    described.push(("GET".to_owned(), "/api/processing/export/audit".to_owned()));
    described.sort();
    let is_operation = |path: &str| {
        path.starts_with("/api/processing/") || [route::HEALTH, route::READINESS].contains(&path)
    };
    let mut ruled: Vec<(String, String)> = ACCESS_RULES
        .iter()
        .filter(|rule| is_operation(&rule.path))
        .map(|rule| (rule.method.to_owned(), rule.path.to_string()))
        .collect();
    ruled.sort();
    assert_eq!(described, ruled);
}

#[test]
fn commands_have_one_permission_in_server_functions_and_rest() {
    let mut actions: Vec<String> = COMMANDS.iter().map(|spec| spec.action()).collect();
    let mut functions: Vec<String> = leptos::server_fn::axum::server_fn_paths()
        .map(|(path, _)| path.to_owned())
        .filter(|path| !path.ends_with("/part"))
        .collect();
    actions.sort();
    functions.sort();
    assert_eq!(functions, actions);
    for spec in COMMANDS {
        let Some(path) = spec.rest_path else { continue };
        let function = find_rule(&ACCESS_RULES, "POST", None, &spec.action());
        assert_eq!(find_rule(&ACCESS_RULES, "POST", Some(path), path), function);
        assert!(matches!(
            function,
            Ok(Requirement::Permission(
                Permission::Command | Permission::Acknowledge
            ))
        ));
    }
}
