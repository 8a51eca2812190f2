//! Signing in and out.

use super::Authenticator;
use crate::caller::Caller;
use crate::clock::now;
use access::{AuthMode, Identity, Secret, generate_session_secret, user_name};
use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;
use store::Session;
use tokio::time::timeout;

/// Maximum wait for a password to be hashed.
const HASH_QUEUE_TIMEOUT: Duration = Duration::from_secs(5);
/// Maximum number of waiting hashes.
const HASH_QUEUE_LENGTH: usize = 32;

/// A sign-in that failed; the messages are shown to people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// Unknown user or incorrect password: the message does not say which.
    #[error("Incorrect name or password.")]
    Wrong,
    /// Throttled; seconds to wait.
    #[error("Too many attempts. Try again in {0} s.")]
    Wait(u64),
    /// Too many passwords are being hashed.
    #[error("Too many concurrent sign-ins. Try again in a few seconds.")]
    Busy,
    /// The database is unavailable.
    #[error("Sign-in is unavailable: the console's database cannot be reached. Try again later.")]
    Unavailable,
}

impl Authenticator {
    /// Signs a user in and returns the secret of a new session. `before` is the session that the
    /// browser had; it ends.
    ///
    /// # Errors
    /// [`SignInError`]
    pub(crate) async fn sign_in(
        &self,
        caller: &Caller,
        (name, password): (&str, String),
        from: IpAddr,
        agent: Option<String>,
        before: Option<String>,
    ) -> Result<(Secret, Identity), SignInError> {
        let attempt = self.0.limits.begin_sign_in(name, from);
        if let Err(wait) = attempt {
            let error = SignInError::Wait(wait.0.as_secs_f64().ceil() as u64);
            self.note_refusal(caller, "sign_in", None, "too many attempts");
            return Err(error);
        }
        let done = self.check(caller, name, password, agent, before).await;
        match &done {
            Ok((_, identity)) => {
                self.0.limits.forgive_sign_in(name, from);
                let caller = Caller {
                    identity: Some(identity.clone()),
                    ..caller.clone()
                };
                self.note_in_audit(&caller, "sign_in", None, "accepted", None)
                    .await;
            }
            Err(SignInError::Wrong) => {}
            Err(error) => {
                // No password was compared, so it does not count as a guess.
                self.0.limits.forgive_sign_in(name, from);
                tracing::warn!(%error, "sign-in failed");
            }
        }
        done
    }

    async fn check(
        &self,
        caller: &Caller,
        name: &str,
        password: String,
        agent: Option<String>,
        before: Option<String>,
    ) -> Result<(Secret, Identity), SignInError> {
        let store = self
            .0
            .persistence
            .store()
            .map_err(|_| SignInError::Unavailable)?;
        let user = match user_name(name) {
            Ok(name) => store
                .user(&name)
                .await
                .map_err(|_| SignInError::Unavailable)?,
            Err(_) => None,
        };
        // Unknown users cost the same time, so that timing does not reveal which names exist.
        let hash = user.as_ref().map(|user| user.password.clone());
        let known = user.as_ref().map(|user| user.name.clone());
        let right = self.hashing(move || match hash {
            Some(hash) => access::verify_password(&password, &hash),
            None => access::verify_nothing(&password),
        });
        let right = right.await?;
        let Some(user) = user.filter(|user| right && user.role.parse::<access::Role>().is_ok())
        else {
            // Only known names are written: people type passwords into the name field.
            let why = if known.is_some() {
                "wrong password"
            } else {
                "no such user"
            };
            self.note_refusal(caller, "sign_in", known, why);
            return Err(SignInError::Wrong);
        };
        let (secret, at) = (generate_session_secret(), now());
        let session = Session {
            id_hash: access::digest(secret.reveal()),
            name: user.name.clone(),
            role: String::new(),
            created_at: at,
            used_at: at,
            address: caller.address.clone(),
            agent,
        };
        let begun = store
            .begin_session(&session, user.changed_at, before.as_deref())
            .await;
        let begun = begun.map_err(|error| {
            tracing::warn!(error = error.one_line(), "failed to write session");
            SignInError::Unavailable
        })?;
        if let Some(before) = before {
            self.forget(
                |known, _| matches!(known, super::Credential::Session(hash) if *hash == before),
            );
        }
        match (begun, user.role.parse()) {
            (true, Ok(role)) => Ok((
                secret,
                Identity {
                    name: user.name,
                    role,
                    auth_mode: AuthMode::User,
                },
            )),
            _ => Err(SignInError::Wrong),
        }
    }

    /// Runs a password hash; the number of concurrent ones is limited.
    pub(super) async fn hashing<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, SignInError> {
        let waiting = &self.0.waiting;
        if waiting.fetch_add(1, Ordering::Relaxed) >= HASH_QUEUE_LENGTH {
            waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(SignInError::Busy);
        }
        let permit = timeout(HASH_QUEUE_TIMEOUT, self.0.hashing.acquire()).await;
        waiting.fetch_sub(1, Ordering::Relaxed);
        let Ok(Ok(_permit)) = permit else {
            return Err(SignInError::Busy);
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| SignInError::Busy)
    }

    /// Ends the session that the browser has.
    ///
    /// # Errors
    /// When the database is unavailable: the session may still be valid.
    pub(crate) async fn sign_out(&self, caller: &Caller, session: &str) -> Result<(), String> {
        let store = self
            .0
            .persistence
            .store()
            .map_err(|error| error.one_line())?;
        store
            .end_session(session)
            .await
            .map_err(|error| error.one_line())?;
        self.forget(
            |known, _| matches!(known, super::Credential::Session(hash) if hash == session),
        );
        if caller.identity.is_some() {
            self.note_in_audit(caller, "sign_out", None, "accepted", None)
                .await;
        }
        Ok(())
    }
}
