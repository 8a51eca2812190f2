//! Every route that there is has a rule: a new one without fails here.

use super::{Context, StreamLimits, routes};
use crate::auth::Authenticator;
use crate::config::Config;
use crate::hub::Hub;
use crate::persistence::Persistence;
use crate::poll_trigger::PollTrigger;
use crate::service::commands::Commands;
use crate::service::queries::Queries;
use crate::service::symbol_outcome::SymbolOutcomes;
use crate::symbols::SymbolIndex;
use crate::upstream::Client;
use access::{RULES, RuleLookupError, find_rule};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode};
use std::net::SocketAddr;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// What a route could be asked with.
const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

async fn context(folder: &std::path::Path) -> Context {
    let uri = format!("sqlite://{}", folder.join("console.db").display());
    let config = Config::from_values(|name| (name == "DATABASE_URI").then(|| uri.clone())).unwrap();
    let stop = CancellationToken::new();
    let (persistence, _) = Persistence::open(&config.persistence, stop.clone()).await;
    let symbols = SymbolIndex::default();
    let (recorder, _) = persistence.recorder(symbols.clone());
    let hub = Hub::start(model::State::default(), Box::new(recorder), stop);
    let client = Client::new(config.api.clone(), PollTrigger::default());
    let queries = Queries::new(client.clone(), hub.clone(), persistence.clone());
    let symbol_outcomes = SymbolOutcomes::new(queries.clone(), symbols.clone());
    let commands = Commands::new(
        client,
        hub.clone(),
        PollTrigger::default(),
        persistence.clone(),
        symbol_outcomes,
    );
    let authenticator = Authenticator::new(config.access.clone(), persistence.clone());
    Context::new(
        hub,
        commands,
        queries,
        symbols,
        persistence,
        folder.to_owned(),
        StreamLimits::new(9, 9),
        authenticator,
    )
}

/// The patterns of a router, as it shows them itself, but for the one of what has none, which the
/// rule `*` is for.
fn patterns(router: &axum::Router<Context>) -> Vec<String> {
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
    let context = context(folder.path()).await;
    let router = routes(&context);
    let patterns = patterns(&router);
    assert!(
        patterns.len() > 35 && patterns.iter().any(|pattern| pattern == "/api/events"),
        "{patterns:?}"
    );
    let router = router.with_state(context);
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
    let patterns = patterns(&routes(&context(folder.path()).await));
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
