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

/// How long somebody waits for others' passwords to be hashed.
const QUEUE: Duration = Duration::from_secs(5);
/// How many may wait for it.
const QUEUED: usize = 32;

/// Why somebody is not signed in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// There is no such user, or the password is another one: which, is not said.
    #[error("The name or the password is wrong.")]
    Wrong,
    /// Too many attempts.
    #[error("Too many attempts. Try again in {0} s.")]
    Wait(u64),
    /// Too many at once.
    #[error("Too many people are signing in at this moment. Try again in a few seconds.")]
    Busy,
    /// The database is away.
    #[error(
        "The console's database, which knows the users, does not answer. Nobody can sign in until it does."
    )]
    Away,
}

impl Authenticator {
    /// Signs somebody in: the secret of a new session. `before` is the session that the browser
    /// had, which ends.
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
                // Nothing was guessed.
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
        let store = self.0.persistence.store().map_err(|_| SignInError::Away)?;
        let user = match user_name(name) {
            Ok(name) => store.user(&name).await.map_err(|_| SignInError::Away)?,
            Err(_) => None,
        };
        // The same work whether there is such a user or not.
        let hash = user.as_ref().map(|user| user.password.clone());
        let known = user.as_ref().map(|user| user.name.clone());
        let right = self.hashing(move || match hash {
            Some(hash) => access::verify_password(&password, &hash),
            None => access::verify_nothing(&password),
        });
        let right = right.await?;
        let Some(user) = user.filter(|user| right && user.role.parse::<access::Role>().is_ok())
        else {
            // The name is kept only where it is one: people type passwords into the wrong field.
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
            tracing::warn!(error = error.line(), "failed to write session");
            SignInError::Away
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

    /// Runs a hash of a password, of which few run at once.
    pub(super) async fn hashing<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, SignInError> {
        let waiting = &self.0.waiting;
        if waiting.fetch_add(1, Ordering::Relaxed) >= QUEUED {
            waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(SignInError::Busy);
        }
        let permit = timeout(QUEUE, self.0.hashing.acquire()).await;
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
    /// In words, where the database is away: then the session may still be good.
    pub(crate) async fn sign_out(&self, caller: &Caller, session: &str) -> Result<(), String> {
        let store = self.0.persistence.store().map_err(|error| error.line())?;
        store
            .end_session(session)
            .await
            .map_err(|error| error.line())?;
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
