//! Verifies sessions and tokens: from the cache, and from the database when that is due.

use super::credential::{Credential, Principal, Revocation};
use super::credential_cache::{CachedCredential, CredentialCache, Verification};
use super::{Authenticator, FRESH, LOOKUP_TIMEOUT, UNAVAILABLE};
use crate::clock::now;
use access::{AuthMode, Identity, Role};
use contract::Timestamp;
use parking_lot::MutexGuard;
use std::sync::{Arc, Weak};
use std::time::Duration;
use store::StoreError;
use tokio::time::{Instant, timeout};

/// Interval at which the use of a session or token is written.
const NOTED: Duration = Duration::from_secs(60);

impl Authenticator {
    /// The principal of a session or token, from the cache or from the database.
    pub(super) async fn verify(&self, credential: &Credential) -> Verification {
        if let Some(principal) = self.cached(credential, FRESH, true) {
            return Verification::Valid(principal);
        }
        let unavailable = self
            .cache()
            .unavailable_until
            .is_some_and(|until| until > Instant::now());
        if unavailable && let Some(principal) = self.cached(credential, UNAVAILABLE, true) {
            return Verification::Valid(principal);
        }
        self.verify_in_database(credential, true).await
    }

    /// Looks a credential up in the database. `used` is false for the periodic check of streams.
    async fn verify_in_database(&self, credential: &Credential, used: bool) -> Verification {
        // Once more where something was revoked meanwhile.
        for _ in 0..2 {
            let asked = self.cache().forgotten;
            let found = match timeout(LOOKUP_TIMEOUT, self.read(credential)).await {
                Ok(Ok(found)) => {
                    if self.0.lookup_failure.lock().recovered() {
                        tracing::info!("credential look-ups recovered");
                    }
                    found
                }
                failed => {
                    let error = failed.map_or_else(
                        |_| "the database did not respond in time".to_owned(),
                        |failed| failed.map_or_else(|error| error.one_line(), |_| String::new()),
                    );
                    if let Some(suppressed) = self.0.lookup_failure.lock().occurred() {
                        tracing::warn!(error, suppressed, "failed to look up credential");
                    }
                    // Those who follow do not wait for it, too.
                    self.cache().unavailable_until = Some(Instant::now() + FRESH);
                    let principal = self.cached(credential, UNAVAILABLE, used);
                    return principal.map_or(Verification::Unavailable, Verification::Valid);
                }
            };
            let Some(mut entry) = found.filter(|entry| !self.is_over(credential, entry)) else {
                self.forget(|known, _| known == credential);
                return Verification::Invalid;
            };
            let mut cache = self.cache();
            if cache.forgotten != asked {
                continue;
            }
            if let Some(before) = cache.entries.get(credential) {
                (entry.noted, entry.revocation) = (before.noted, before.revocation.clone());
                entry.used_at = entry.used_at.max(before.used_at);
            } else {
                cache.make_room();
            }
            cache.entries.insert(credential.clone(), entry);
            drop(cache);
            return self
                .cached(credential, FRESH, used)
                .map_or(Verification::Invalid, Verification::Valid);
        }
        Verification::Invalid
    }

    async fn read(&self, credential: &Credential) -> Result<Option<CachedCredential>, StoreError> {
        let store = self.0.persistence.store()?;
        let entry = |name: String, role: &str, auth_mode, created_at, used_at, expires_at| {
            let role: Role = role.parse().ok()?;
            let identity = Identity {
                name,
                role,
                auth_mode,
            };
            Some(CachedCredential {
                identity,
                created_at,
                used_at,
                expires_at,
                checked: Instant::now(),
                noted: None,
                revocation: Weak::new(),
            })
        };
        Ok(match credential {
            Credential::Session(hash) => store.session(hash).await?.and_then(|session| {
                entry(
                    session.name,
                    &session.role,
                    AuthMode::User,
                    session.created_at,
                    session.used_at,
                    None,
                )
            }),
            Credential::Token(hash) => store
                .token(hash)
                .await?
                .filter(|token| token.revoked_at.is_none())
                .and_then(|token| {
                    entry(
                        token.name,
                        &token.role,
                        AuthMode::Token,
                        token.created_at,
                        now(),
                        token.expires_at,
                    )
                }),
        })
    }

    fn is_over(&self, credential: &Credential, entry: &CachedCredential) -> bool {
        let now = now();
        match credential {
            Credential::Session(_) => {
                self.0
                    .config
                    .lifetimes
                    .expired(entry.created_at.0, entry.used_at.0, now.0)
            }
            Credential::Token(_) => entry.expires_at.is_some_and(|at| at <= now),
        }
    }

    /// The cached principal, if it was verified recently; records its use.
    fn cached(
        &self,
        credential: &Credential,
        for_as_long: Duration,
        used: bool,
    ) -> Option<Principal> {
        let mut cache = self.cache();
        let entry = cache.entries.get_mut(credential)?;
        if entry.checked.elapsed() >= for_as_long || self.is_over(credential, entry) {
            return None;
        }
        if used {
            entry.used_at = entry.used_at.max(now());
            let often = NOTED.min(self.0.config.lifetimes.idle / 4);
            if entry.noted.is_none_or(|noted| noted.elapsed() >= often) {
                entry.noted = Some(Instant::now());
                tokio::spawn(self.clone().note_use(credential.clone(), entry.used_at));
            }
        }
        Some(Principal {
            identity: entry.identity.clone(),
            credential: Some(credential.clone()),
        })
    }

    async fn note_use(self, credential: Credential, at: Timestamp) {
        let Ok(store) = self.0.persistence.store() else {
            return;
        };
        let noted = match &credential {
            Credential::Session(hash) => store.use_session(hash, at).await,
            Credential::Token(hash) => match store.token(hash).await {
                Ok(Some(token)) => store.use_token(&token.id, at).await,
                Ok(None) => Ok(()),
                Err(error) => Err(error),
            },
        };
        if let Err(error) = noted {
            tracing::debug!(error = error.one_line(), "failed to note use of credential");
        }
    }

    /// The signal that ends the principal's streams; `None` where its credential cannot be revoked.
    pub(crate) fn revocation(&self, principal: &Principal) -> Option<Arc<Revocation>> {
        let credential = principal.credential.as_ref()?;
        let mut cache = self.cache();
        let Some(entry) = cache.entries.get_mut(credential) else {
            // Revoked since it was let in: over already.
            let revocation = Revocation::default();
            revocation.revoke();
            return Some(Arc::new(revocation));
        };
        let revocation = entry.revocation.upgrade().unwrap_or_default();
        entry.revocation = Arc::downgrade(&revocation);
        Some(revocation)
    }

    /// Forgets what `which` names: streams end, and the next request asks the database.
    pub(super) fn forget(&self, which: impl Fn(&Credential, &Identity) -> bool) {
        self.cache().forget(which);
    }

    /// Ends the streams whose session or token is no longer good.
    pub(super) async fn verify_streams(&self) {
        let open: Vec<Credential> = {
            let cache = self.cache();
            let open = cache
                .entries
                .iter()
                .filter(|(_, entry)| entry.revocation.strong_count() > 0);
            open.map(|(credential, _)| credential.clone()).collect()
        };
        for credential in open {
            // `Away` for longer than what was said is believed.
            if !matches!(
                self.verify_in_database(&credential, false).await,
                Verification::Valid(_)
            ) {
                self.forget(|known, _| *known == credential);
            }
        }
    }

    fn cache(&self) -> MutexGuard<'_, CredentialCache> {
        self.0.cache.lock()
    }
}
