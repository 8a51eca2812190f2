//! What every request passes: is it for this console, who sent it, may they, and does a browser say
//! that another site's page sent it. The rules are [`access::RULES`]; a route without one is
//! refused to everybody.

mod headers;
mod refusal;
mod request_limits;

pub use headers::page_policy;
pub use refusal::NotAllowed;

use super::origin;
use crate::auth::{Entered, Rejected};
use crate::caller::{Caller, request_id};
use crate::state::AppState;
use access::{AuthMode, Requirement, RuleLookupError, find_rule};
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, HOST};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::time::timeout;
use tracing::Instrument;

pub use request_limits::RequestLimits;

/// The header that names a request, for those who look for it in more than one log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest name of a request that is taken over.
const REQUEST_ID_BYTES: usize = 64;
/// How long a body may take to come, and how large it may be.
const BODY: Duration = Duration::from_secs(15);
const BODY_BYTES: usize = 64 << 10;
/// The longest address with its query.
const ADDRESS_BYTES: usize = 8 << 10;

/// Lets a request through, or refuses it.
pub async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let id = given_id(request.headers()).unwrap_or_else(request_id);
    let span = tracing::info_span!("request", request.id = id);
    let name = HeaderValue::from_str(&id);
    let kept = !request.uri().path().starts_with("/api/");
    let mut response = pass(state, id, request, next).instrument(span).await;
    if let Ok(name) = name {
        response.headers_mut().insert(REQUEST_ID, name);
    }
    headers::add(response.headers_mut());
    if !kept && !response.headers().contains_key(CACHE_CONTROL) {
        // It is for who asked alone.
        response
            .headers_mut()
            .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

async fn pass(state: AppState, request_id: String, mut request: Request, next: Next) -> Response {
    let authenticator = state.authenticator.clone();
    let config = authenticator.config();
    let (peer, from) = match meant_for_us(&state, &mut request) {
        Ok(from) => from,
        Err(refused) => return refused,
    };
    let pattern = request
        .extensions()
        .get::<MatchedPath>()
        .map(|pattern| pattern.as_str().to_owned());
    // StreamLimits have places of their own.
    let _place = match pattern.as_deref() {
        Some("/api/events") => None,
        _ => match state.request_limits.enter(from) {
            Some(place) => Some(place),
            None => {
                let message =
                    "This address asks for too much at once; wait until some of it is answered.";
                return refusal::plain(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", message);
            }
        },
    };
    let entered = authenticator
        .enter(request.headers(), peer.ip().to_canonical())
        .await;
    strip(request.headers_mut(), &state, peer.ip());
    let mut caller = Caller {
        identity: None,
        address: Some(from.to_string()),
        request_id,
    };
    let rejected = match entered {
        Ok(entered) => {
            caller.identity = entered.as_ref().map(|entered| entered.identity.clone());
            if let Some(entered) = entered {
                request.extensions_mut().insert::<Entered>(entered);
            }
            None
        }
        Err(rejected) => Some(rejected),
    };
    let address = refusal::RefusalContext::of(&request, &state);
    let method = request.method().as_str().to_owned();
    let path = decoded(request.uri().path());
    let needs = match find_rule(&method, pattern.as_deref(), &path) {
        Ok(needs) => needs,
        Err(RuleLookupError::MethodNotAllowed(methods)) => return refusal::method(&methods),
        Err(RuleLookupError::NoRule) => {
            authenticator.note_refusal(&caller, "refused", Some(path), "no rule for this address");
            return refusal::plain(
                StatusCode::FORBIDDEN,
                "no_rule",
                "Nobody may do this: there is no rule for it.",
            );
        }
    };
    if needs != Requirement::Public
        && let Some(rejected) = rejected
    {
        return match rejected {
            Rejected::Away => address.away(),
            Rejected::Token(why) => {
                authenticator.note_refusal(&caller, "refused", Some(path), why);
                address.unauthenticated(why)
            }
        };
    }
    if !request.method().is_safe()
        && origin::is_foreign(request.headers(), config.origin.as_deref())
    {
        authenticator.note_refusal(
            &caller,
            "refused",
            Some(path),
            "another site's page sent it",
        );
        return origin::refused();
    }
    let why = match (needs, &caller.identity) {
        (Requirement::Public, _) => None,
        (_, None) => {
            return address.unauthenticated("Sign in first: nobody is signed in, or no longer.");
        }
        (Requirement::Permission(permission), Some(identity)) => {
            (!identity.can(permission)).then(|| permission.denied_message())
        }
        (Requirement::OwnAccount, Some(identity)) => (identity.auth_mode != AuthMode::User)
            .then_some("This is for those who signed in here, with a name and a password."),
    };
    if let Some(why) = why {
        authenticator.note_refusal(&caller, "refused", Some(path), why);
        if !address.is_page() {
            return address.forbidden(why);
        }
        // The page says so itself.
        request.extensions_mut().insert(NotAllowed(why));
    }
    request.extensions_mut().insert(caller);
    if request.method().is_safe() {
        return next.run(request).await;
    }
    match whole(request).await {
        Ok(request) => next.run(request).await,
        Err(refusal) => refusal,
    }
}

/// The part of the guard that embeds have, too: is it for this console, and where does it come
/// from.
pub async fn only_known_hosts(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    match meant_for_us(&state, &mut request) {
        Ok(_) => next.run(request).await,
        Err(refused) => refused,
    }
}

/// The peer and the client of a request that is for this console. From then on the client is who
/// sent it, not the proxy that brought it.
#[expect(clippy::result_large_err, reason = "the answer is what is sent")]
fn meant_for_us(state: &AppState, request: &mut Request) -> Result<(SocketAddr, IpAddr), Response> {
    if request
        .uri()
        .path_and_query()
        .is_some_and(|address| address.as_str().len() > ADDRESS_BYTES)
    {
        let message = "The address with its query must be under 8 KiB";
        return Err(refusal::plain(
            StatusCode::URI_TOO_LONG,
            "too_long",
            message,
        ));
    }
    if !state.authenticator.config().hosts.allows(host(request)) {
        let message = "This console is not to be reached under this name. CONSOLE_ALLOWED_HOSTS or CONSOLE_PUBLIC_URL adds one.";
        return Err(refusal::plain(
            StatusCode::MISDIRECTED_REQUEST,
            "unknown_host",
            message,
        ));
    }
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|at| at.0);
    let peer = peer.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)));
    let from = client(state, request, peer.ip().to_canonical());
    request
        .extensions_mut()
        .insert(ConnectInfo(SocketAddr::new(from, peer.port())));
    Ok((peer, from))
}

/// The request with its body read: of those who send it slowly, or too much of it, no handler
/// hears.
async fn whole(request: Request) -> Result<Request, Response> {
    let (parts, body) = request.into_parts();
    match timeout(BODY, to_bytes(body, BODY_BYTES)).await {
        Ok(Ok(bytes)) => Ok(Request::from_parts(parts, Body::from(bytes))),
        Ok(Err(_)) => Err(refusal::plain(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "The body must be under 64 KiB",
        )),
        Err(_) => Err(refusal::plain(
            StatusCode::REQUEST_TIMEOUT,
            "too_slow",
            "The body did not come in time",
        )),
    }
}

/// Under which name the console was asked.
fn host(request: &Request) -> &str {
    let header = || {
        request
            .headers()
            .get(HOST)
            .and_then(|host| host.to_str().ok())
    };
    request
        .uri()
        .authority()
        .map(|authority| authority.as_str())
        .or_else(header)
        .unwrap_or_default()
}

/// Where a request comes from: what a proxy of ours says, else its peer.
fn client(state: &AppState, request: &Request, peer: IpAddr) -> IpAddr {
    let values = request
        .headers()
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok());
    let forwarded = values.collect::<Vec<_>>().join(",");
    if forwarded.is_empty() {
        peer
    } else {
        state
            .authenticator
            .config()
            .proxies
            .client_address(peer, &forwarded)
    }
}

/// Takes away what only a proxy of ours may say, where somebody else said it.
fn strip(headers: &mut HeaderMap, state: &AppState, peer: IpAddr) {
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

/// The id that a request was given, where it can stand in a log.
fn given_id(headers: &HeaderMap) -> Option<String> {
    let given = headers.get(REQUEST_ID)?.to_str().ok()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let good = (1..=REQUEST_ID_BYTES).contains(&given.len()) && given.bytes().all(plain);
    good.then(|| given.to_owned())
}

/// A path without its percent-encoding, as handlers see it.
fn decoded(path: &str) -> String {
    percent_encoding::percent_decode_str(path)
        .decode_utf8_lossy()
        .into_owned()
}
