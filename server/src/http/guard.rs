//! What every request to the console passes before its handler: host, limits, authentication,
//! access rule, origin, body. The rules are [`ACCESS_RULES`]; a route without one is forbidden to
//! everyone.

mod headers;
mod refusal;

pub(crate) use headers::page_policy;
pub(crate) use refusal::NotAllowed;

use super::access_rules::ACCESS_RULES;
use super::error::ApiError;
use super::origin;
use super::request_id::RequestId;
use crate::auth::{AuthenticationError, Principal};
use crate::caller::{Caller, request_id};
use crate::state::AppState;
use access::{AuthMode, Requirement, RuleLookupError, find_rule};
use app::paths::route;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, HOST};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::time::timeout;

/// Maximum time for a body to arrive, and its maximum size.
const BODY_TIMEOUT: Duration = Duration::from_secs(15);
const BODY_BYTES: usize = 64 << 10;
/// Maximum length of the path with its query.
const URI_BYTES: usize = 8 << 10;

/// Passes a request on to its handler, or refuses it, and adds the security headers.
pub(crate) async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let mut response = admit(state, request, next).await;
    headers::add(response.headers_mut());
    if is_api {
        // Responses of the API are for the caller alone.
        response
            .headers_mut()
            .entry(CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
    }
    response
}

async fn admit(state: AppState, mut request: Request, next: Next) -> Response {
    let authenticator = state.authenticator.clone();
    let config = authenticator.config();
    let (peer, client) = match check_target(&state, &mut request) {
        Ok(addresses) => addresses,
        Err(error) => return error.into_response(),
    };
    let pattern = request
        .extensions()
        .get::<MatchedPath>()
        .map(|pattern| pattern.as_str().to_owned());
    // Streams have a limit of their own.
    let _permit = match pattern.as_deref() {
        Some(route::EVENTS) => None,
        _ => match state.limits.begin_request(client) {
            Ok(permit) => Some(permit),
            Err(exceeded) => return ApiError::from(exceeded).into_response(),
        },
    };
    let peer_ip = peer.ip().to_canonical();
    let authenticated = authenticator.authenticate(request.headers(), peer_ip).await;
    remove_untrusted_headers(request.headers_mut(), &state, peer_ip);
    let mut caller = Caller {
        identity: None,
        address: Some(client.to_string()),
        request_id: match request.extensions().get::<RequestId>() {
            Some(id) => id.0.clone(),
            None => request_id(),
        },
    };
    let rejected = match authenticated {
        Ok(principal) => {
            caller.identity = principal
                .as_ref()
                .map(|principal| principal.identity.clone());
            if let Some(principal) = principal {
                request.extensions_mut().insert::<Principal>(principal);
            }
            None
        }
        Err(rejected) => Some(rejected),
    };
    let refusal = refusal::RefusalContext::new(&request, &state);
    let path = decode(request.uri().path());
    if pattern.is_none() && path.starts_with("/api/") {
        return ApiError::no_endpoint(&path).into_response();
    }
    let method = request.method().as_str();
    let requirement = match find_rule(&ACCESS_RULES, method, pattern.as_deref(), &path) {
        Ok(requirement) => requirement,
        Err(RuleLookupError::MethodNotAllowed(methods)) => {
            return ApiError::method_not_allowed(&methods).into_response();
        }
        Err(RuleLookupError::NoRule) => {
            authenticator.note_refusal(&caller, "refused", Some(path), "no access rule");
            return ApiError::no_rule().into_response();
        }
    };
    if requirement != Requirement::Public
        && let Some(rejected) = rejected
    {
        return match rejected {
            AuthenticationError::Unavailable => refusal.authentication_unavailable(),
            AuthenticationError::Token(reason) => {
                authenticator.note_refusal(&caller, "refused", Some(path), reason);
                refusal.unauthenticated(reason)
            }
        };
    }
    if !request.method().is_safe()
        && origin::is_foreign(request.headers(), config.origin.as_deref())
    {
        authenticator.note_refusal(&caller, "refused", Some(path), "foreign origin");
        return ApiError::foreign_origin().into_response();
    }
    let denied = match (requirement, &caller.identity) {
        (Requirement::Public, _) => None,
        (_, None) => return refusal.unauthenticated("Not signed in. Sign in and try again."),
        (Requirement::Permission(permission), Some(identity)) => {
            (!identity.can(permission)).then(|| permission.denied_message())
        }
        (Requirement::OwnAccount, Some(identity)) => (identity.auth_mode != AuthMode::User)
            .then_some("This is for users who signed in with a name and a password."),
    };
    if let Some(reason) = denied {
        authenticator.note_refusal(&caller, "refused", Some(path), reason);
        if !refusal.is_page() {
            return refusal.forbidden(reason);
        }
        request.extensions_mut().insert(NotAllowed(reason));
    }
    request.extensions_mut().insert(caller);
    if request.method().is_safe() {
        return next.run(request).await;
    }
    match read_body(request).await {
        Ok(request) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

/// The part of the guard that also applies to embeds: host and client address.
pub(crate) async fn check_host(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    match check_target(&state, &mut request) {
        Ok(_) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

/// Checks that the request is for this console. Returns its peer and its client, and makes the
/// client, not the proxy, the address that handlers see.
fn check_target(state: &AppState, request: &mut Request) -> Result<(SocketAddr, IpAddr), ApiError> {
    let target = request.uri().path_and_query();
    if target.is_some_and(|target| target.as_str().len() > URI_BYTES) {
        return Err(ApiError::uri_too_long());
    }
    let host = host(request);
    if !state.authenticator.config().hosts.allows(host) {
        return Err(ApiError::unknown_host(host));
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or_else(|| SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)), |at| at.0);
    let client = client_address(state, request, peer.ip().to_canonical());
    request
        .extensions_mut()
        .insert(ConnectInfo(SocketAddr::new(client, peer.port())));
    Ok((peer, client))
}

/// Reads the whole body, so that handlers never see a body that is slow or too large.
async fn read_body(request: Request) -> Result<Request, ApiError> {
    let (parts, body) = request.into_parts();
    match timeout(BODY_TIMEOUT, to_bytes(body, BODY_BYTES)).await {
        Ok(Ok(bytes)) => Ok(Request::from_parts(parts, Body::from(bytes))),
        Ok(Err(_)) => Err(ApiError::body_too_large()),
        Err(_) => Err(ApiError::body_timeout()),
    }
}

fn host(request: &Request) -> &str {
    let header = || request.headers().get(HOST)?.to_str().ok();
    let authority = request.uri().authority();
    authority
        .map(|authority| authority.as_str())
        .or_else(header)
        .unwrap_or_default()
}

/// The address that trusted proxies report, else the peer's.
fn client_address(state: &AppState, request: &Request, peer: IpAddr) -> IpAddr {
    let values = request
        .headers()
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok());
    let forwarded = values.collect::<Vec<_>>().join(",");
    if forwarded.is_empty() {
        return peer;
    }
    let proxies = &state.authenticator.config().proxies;
    proxies.client_address(peer, &forwarded)
}

/// Removes the headers that only a trusted proxy may set.
fn remove_untrusted_headers(headers: &mut HeaderMap, state: &AppState, peer: IpAddr) {
    let proxies = &state.authenticator.config().proxies;
    if proxies.trusts(peer) {
        return;
    }
    for name in [
        proxies.user_header.as_str(),
        proxies.groups_header.as_str(),
        "forwarded",
    ] {
        headers.remove(name);
    }
    let forwarded: Vec<HeaderName> = headers
        .keys()
        .filter(|name| name.as_str().starts_with("x-forwarded-"))
        .cloned()
        .collect();
    for name in forwarded {
        headers.remove(name);
    }
}

/// A path without its percent-encoding, as handlers see it.
fn decode(path: &str) -> String {
    percent_encoding::percent_decode_str(path)
        .decode_utf8_lossy()
        .into_owned()
}
