//! Authentication: tells who sent a request, in each of the authentication modes, and ends the
//! streams of credentials that were revoked.
//!
//! Sessions and tokens are in the database. What it said of one is believed for [`FRESH`], so that
//! most requests cost no query; while the database is unavailable, for [`UNAVAILABLE`].

mod accounts;
mod audit;
mod credential;
mod credential_cache;
mod refusal_limit;
mod sign_in;
mod verification;

pub(crate) use accounts::{People, PeopleError, add_token, add_user, set_password, token_state};
pub(crate) use credential::{Principal, Revocation};
pub(crate) use sign_in::SignInError;

use crate::client_limits::ClientLimits;
use crate::clock::now;
use crate::config::AccessConfig;
use crate::persistence::Persistence;
use access::{Identity, TOKEN_PREFIX, digest};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum_extra::extract::cookie::CookieJar;
use credential::Credential;
use credential_cache::{CredentialCache, Verification};
use parking_lot::Mutex;
use refusal_limit::RefusalLimit;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use store::RepeatedFailure;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Lifetime of a cached session or token.
const FRESH: Duration = Duration::from_secs(5);
/// Its lifetime while the database is unavailable.
const UNAVAILABLE: Duration = Duration::from_secs(10 * 60);
/// Maximum wait for the database.
const LOOKUP_TIMEOUT: Duration = Duration::from_millis(1500);
/// Interval between checks of the credentials of open streams.
const CHECK_INTERVAL: Duration = Duration::from_secs(15);
/// Interval between removals of expired sessions.
const CLEANUP_INTERVAL: Duration = Duration::from_secs(3600);
/// Maximum number of concurrent password hashes, each of which takes 19 MiB.
const CONCURRENT_HASHES: usize = 2;

/// Authenticates requests; clones share the cache and the limits.
#[derive(Clone)]
pub(crate) struct Authenticator(Arc<Inner>);

struct Inner {
    config: AccessConfig,
    persistence: Persistence,
    cache: Mutex<CredentialCache>,
    limits: ClientLimits,
    hashing: Semaphore,
    /// Number of waiting hashes.
    waiting: std::sync::atomic::AtomicUsize,
    refusals: Mutex<RefusalLimit>,
    lookup_failure: Mutex<RepeatedFailure>,
}

/// Why a request with credentials was not authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuthenticationError {
    /// The API token is not valid.
    Token(&'static str),
    /// The database is unavailable.
    Unavailable,
}

impl Authenticator {
    pub(crate) fn new(
        config: AccessConfig,
        persistence: Persistence,
        limits: ClientLimits,
    ) -> Authenticator {
        Authenticator(Arc::new(Inner {
            config,
            persistence,
            cache: Mutex::default(),
            limits,
            hashing: Semaphore::new(CONCURRENT_HASHES),
            waiting: std::sync::atomic::AtomicUsize::new(0),
            refusals: Mutex::default(),
            lookup_failure: Mutex::default(),
        }))
    }

    pub(crate) fn config(&self) -> &AccessConfig {
        &self.0.config
    }

    /// The principal of a request; `None` where it brings no credentials.
    ///
    /// # Errors
    /// When the credentials are not valid or cannot be verified.
    pub(crate) async fn authenticate(
        &self,
        headers: &HeaderMap,
        peer: IpAddr,
    ) -> Result<Option<Principal>, AuthenticationError> {
        let modes = self.0.config.auth_modes;
        if let Some(token) = bearer(headers) {
            if !modes.tokens {
                return Err(AuthenticationError::Token(
                    "API tokens are disabled. Add tokens to CONSOLE_AUTH to enable them.",
                ));
            }
            return match self.verify(&Credential::Token(digest(token))).await {
                Verification::Valid(principal) => Ok(Some(principal)),
                Verification::Invalid => Err(AuthenticationError::Token(
                    "The API token is unknown, expired or revoked.",
                )),
                Verification::Unavailable => Err(AuthenticationError::Unavailable),
            };
        }
        let mut unavailable = false;
        if modes.users
            && let Some(session) = cookie(headers, self.cookie_name())
        {
            match self.verify(&Credential::Session(digest(&session))).await {
                Verification::Valid(principal) => return Ok(Some(principal)),
                Verification::Invalid => {}
                Verification::Unavailable => unavailable = true,
            }
        }
        if modes.proxy && self.0.config.proxies.trusts(peer) {
            let proxies = &self.0.config.proxies;
            let user = one(headers, &proxies.user_header).unwrap_or_default();
            let groups = all(headers, &proxies.groups_header);
            if let Some(identity) = proxies.identity(user, &groups) {
                return Ok(Some(Principal {
                    identity,
                    credential: None,
                }));
            }
        }
        if modes.open {
            return Ok(Some(Principal {
                identity: Identity::open(),
                credential: None,
            }));
        }
        if unavailable {
            Err(AuthenticationError::Unavailable)
        } else {
            Ok(None)
        }
    }

    /// The cookie of sessions: bound to this host and to TLS where there is TLS.
    pub(crate) fn cookie_name(&self) -> &'static str {
        if self.0.config.secure {
            "__Host-tickstock"
        } else {
            "tickstock"
        }
    }

    /// The session that a request's cookie names, good or not.
    pub(crate) fn session_of(&self, headers: &HeaderMap) -> Option<String> {
        cookie(headers, self.cookie_name()).map(|session| digest(&session))
    }

    /// Ends streams of revoked credentials and removes expired sessions, until `shutdown`.
    pub(crate) async fn watch(self, shutdown: CancellationToken) {
        let mut cleaned_up_at: Option<tokio::time::Instant> = None;
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(CHECK_INTERVAL) => {}
            }
            self.verify_streams().await;
            if self.0.config.auth_modes.users
                && cleaned_up_at.is_none_or(|at| at.elapsed() > CLEANUP_INTERVAL)
            {
                cleaned_up_at = Some(tokio::time::Instant::now());
                let lifetimes = self.0.config.lifetimes;
                let before = |limit: Duration| now().plus_ms(-(limit.as_millis() as i64));
                if let Ok(store) = self.0.persistence.store()
                    && let Err(error) = store
                        .end_old_sessions(before(lifetimes.total), before(lifetimes.idle))
                        .await
                {
                    tracing::debug!(
                        error = error.one_line(),
                        "failed to remove expired sessions"
                    );
                }
            }
        }
    }
}

/// The API token of a request. Other bearer tokens in the header are not the console's.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && token.starts_with(TOKEN_PREFIX)).then_some(token)
}

/// The value of a cookie that is not empty.
fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let jar = CookieJar::from_headers(headers);
    let value = jar.get(name)?.value();
    (!value.is_empty()).then(|| value.to_owned())
}

/// The one value of a header; none where there are several, one of which may be a stranger's.
fn one<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => std::str::from_utf8(value.as_bytes()).ok(),
        _ => None,
    }
}

fn all(headers: &HeaderMap, name: &str) -> String {
    let values = headers
        .get_all(name)
        .iter()
        .filter_map(|value| std::str::from_utf8(value.as_bytes()).ok());
    values.collect::<Vec<_>>().join(",")
}
