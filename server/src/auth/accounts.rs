//! Managing users and tokens: on the settings page, and on the command line.

use super::{Authenticator, SignInError};
use crate::caller::Caller;
use crate::clock::now;
use access::{
    AuthMode, NameError, PasswordError, Role, Secret, UnknownRole, digest, generate_token,
    user_name,
};
use contract::Timestamp;
use serde_json::json;
use std::sync::Arc;
use store::{ApiToken, Store, StoreError, User};

/// Maximum lifetime of a token in days.
const MAX_TOKEN_DAYS: i64 = 3_660;
const DAY_MS: i64 = 86_400_000;

/// A change to users or tokens that was not made.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    #[error("invalid name: {0}")]
    Name(#[from] NameError),
    #[error("{0}")]
    Role(#[from] UnknownRole),
    #[error("{0}")]
    Password(#[from] PasswordError),
    #[error("user \"{0}\" already exists")]
    Exists(String),
    #[error("no such user or active token")]
    Missing,
    #[error("you cannot change your own account; ask another administrator")]
    OwnAccount,
    #[error("current password is incorrect")]
    WrongPassword,
    #[error("token lifetime must be 1 to {MAX_TOKEN_DAYS} days")]
    Days,
    /// Too many passwords are being hashed, or the database is unavailable.
    #[error("{0}")]
    Later(#[from] SignInError),
    #[error("{}", .0.one_line())]
    Store(#[from] StoreError),
}

/// Adds a user.
///
/// # Errors
/// [`PeopleError`]
pub(crate) async fn add_user(
    store: &Store,
    name: &str,
    role: Role,
    hash: String,
) -> Result<(), PeopleError> {
    let at = now();
    let name = user_name(name)?;
    let user = User {
        name: name.clone(),
        role: role.to_string(),
        password: hash,
        created_at: at,
        changed_at: at,
        signed_in_at: None,
    };
    if store.add_user(&user).await? {
        Ok(())
    } else {
        Err(PeopleError::Exists(name))
    }
}

/// Gives a user another password.
///
/// # Errors
/// [`PeopleError`]
pub(crate) async fn set_password(
    store: &Store,
    name: &str,
    hash: String,
) -> Result<(), PeopleError> {
    if store.set_password(&user_name(name)?, &hash, now()).await? {
        Ok(())
    } else {
        Err(PeopleError::Missing)
    }
}

/// Creates a token that is valid for `days`, or until it is revoked. Its secret is not stored.
///
/// # Errors
/// [`PeopleError`]
pub(crate) async fn add_token(
    store: &Store,
    name: &str,
    role: Role,
    days: Option<i64>,
    by: &str,
) -> Result<(Secret, ApiToken), PeopleError> {
    let (secret, at) = (generate_token(), now());
    if days.is_some_and(|days| !(1..=MAX_TOKEN_DAYS).contains(&days)) {
        return Err(PeopleError::Days);
    }
    let token = ApiToken {
        id: format!("{:012x}", rand::random::<u64>() >> 16),
        token_hash: digest(secret.reveal()),
        name: user_name(name)?,
        role: role.to_string(),
        created_by: by.to_owned(),
        created_at: at,
        expires_at: days.map(|days| at.plus_ms(days * DAY_MS)),
        used_at: None,
        revoked_at: None,
    };
    store.add_token(&token).await?;
    Ok((secret, token))
}

/// Manages users and tokens on behalf of a caller; every attempt is in the audit log.
pub(crate) struct People<'a> {
    pub authenticator: &'a Authenticator,
    pub caller: &'a Caller,
}

impl People<'_> {
    /// Adds a user.
    ///
    /// # Errors
    /// [`PeopleError`]
    pub(crate) async fn add_user(
        &self,
        name: &str,
        role: &str,
        password: String,
    ) -> Result<(), PeopleError> {
        let what = json!({ "role": role });
        self.audited("user_add", name, what, async {
            let (role, hash) = (role.parse()?, self.hash(name, password).await?);
            add_user(&*self.store()?, name, role, hash).await
        })
        .await
    }

    /// Changes a user's role.
    ///
    /// # Errors
    /// [`PeopleError`]
    pub(crate) async fn set_role(&self, name: &str, role: &str) -> Result<(), PeopleError> {
        self.audited("user_role", name, json!({ "role": role }), async {
            let (name, role) = (self.other_user(name)?, role.parse::<Role>()?);
            self.changed(
                self.store()?.set_role(&name, role.as_str(), now()).await?,
                &name,
            )
        })
        .await
    }

    /// Sets another user's password.
    ///
    /// # Errors
    /// [`PeopleError`]
    pub(crate) async fn set_password(
        &self,
        name: &str,
        password: String,
    ) -> Result<(), PeopleError> {
        self.audited("user_password", name, json!({}), async {
            let hash = self.hash(name, password).await?;
            set_password(&*self.store()?, name, hash).await?;
            self.changed(true, &user_name(name)?)
        })
        .await
    }

    /// Changes the caller's own password, and ends all their sessions.
    ///
    /// # Errors
    /// [`PeopleError`]
    pub(crate) async fn change_own_password(
        &self,
        current: String,
        password: String,
    ) -> Result<(), PeopleError> {
        let name = self.own_name().ok_or(PeopleError::Missing)?;
        self.audited("user_password", &name, json!({ "own": true }), async {
            let user = self
                .store()?
                .user(&name)
                .await?
                .ok_or(PeopleError::Missing)?;
            if !self
                .authenticator
                .hashing(move || access::verify_password(&current, &user.password))
                .await?
            {
                return Err(PeopleError::WrongPassword);
            }
            let hash = self.hash(&name, password).await?;
            set_password(&*self.store()?, &name, hash).await?;
            self.changed(true, &name)
        })
        .await
    }

    /// Ends all sessions of a user.
    ///
    /// # Errors
    /// [`PeopleError`]
    pub(crate) async fn sign_out(&self, name: &str) -> Result<(), PeopleError> {
        self.audited("user_sign_out", name, json!({}), async {
            let name = user_name(name)?;
            self.store()?.end_sessions(&name).await?;
            self.changed(true, &name)
        })
        .await
    }

    /// Ends all sessions of the caller.
    ///
    /// # Errors
    /// [`PeopleError`]
    pub(crate) async fn sign_out_everywhere(&self) -> Result<(), PeopleError> {
        let name = self.own_name().ok_or(PeopleError::Missing)?;
        self.sign_out(&name).await
    }

    /// Removes a user.
    ///
    /// # Errors
    /// [`PeopleError`]
    pub(crate) async fn remove(&self, name: &str) -> Result<(), PeopleError> {
        self.audited("user_remove", name, json!({}), async {
            let name = self.other_user(name)?;
            self.changed(self.store()?.remove_user(&name).await?, &name)
        })
        .await
    }

    /// Creates a token and returns its secret, which is not stored.
    ///
    /// # Errors
    /// [`PeopleError`]
    pub(crate) async fn add_token(
        &self,
        name: &str,
        role: &str,
        days: Option<i64>,
    ) -> Result<Secret, PeopleError> {
        self.audited(
            "token_add",
            name,
            json!({ "role": role, "days": days }),
            async {
                let store = self.store()?;
                Ok(
                    add_token(&store, name, role.parse()?, days, &self.caller.who())
                        .await?
                        .0,
                )
            },
        )
        .await
    }

    /// Revokes a token and ends its streams.
    ///
    /// # Errors
    /// [`PeopleError`]
    pub(crate) async fn revoke_token(&self, id: &str) -> Result<(), PeopleError> {
        let store = self.store()?;
        let token = store
            .tokens()
            .await?
            .into_iter()
            .find(|token| token.id == id)
            .ok_or(PeopleError::Missing)?;
        self.audited("token_revoke", &token.name, json!({ "id": id }), async {
            let revoked = store.revoke_token(id, now()).await?;
            self.authenticator.forget(|known, _| matches!(known, super::Credential::Token(hash) if *hash == token.token_hash));
            if revoked { Ok(()) } else { Err(PeopleError::Missing) }
        })
        .await
    }

    /// Carries `work` out and writes its outcome to the audit log.
    async fn audited<T>(
        &self,
        action: &str,
        target: &str,
        detail: serde_json::Value,
        work: impl Future<Output = Result<T, PeopleError>>,
    ) -> Result<T, PeopleError> {
        let done = work.await;
        let (outcome, detail) = match &done {
            Ok(_) => ("accepted", detail),
            Err(error) => ("refused", json!(error.to_string())),
        };
        self.authenticator
            .note_in_audit(
                self.caller,
                action,
                user_name(target).ok(),
                outcome,
                Some(detail),
            )
            .await;
        done
    }

    async fn hash(&self, name: &str, password: String) -> Result<String, PeopleError> {
        let name = user_name(name)?;
        Ok(self
            .authenticator
            .hashing(move || access::hash_password(&name, &password))
            .await??)
    }

    /// Drops cached credentials of a user that was changed, and ends their streams.
    fn changed(&self, changed: bool, name: &str) -> Result<(), PeopleError> {
        self.authenticator
            .forget(|_, identity| identity.auth_mode == AuthMode::User && identity.name == name);
        if changed {
            Ok(())
        } else {
            Err(PeopleError::Missing)
        }
    }

    fn own_name(&self) -> Option<String> {
        let own = self
            .caller
            .identity
            .as_ref()
            .filter(|identity| identity.auth_mode == AuthMode::User);
        own.map(|identity| identity.name.clone())
    }

    fn other_user(&self, name: &str) -> Result<String, PeopleError> {
        let name = user_name(name)?;
        if self.own_name().as_ref() == Some(&name) {
            Err(PeopleError::OwnAccount)
        } else {
            Ok(name)
        }
    }

    fn store(&self) -> Result<Arc<Store>, StoreError> {
        self.authenticator.0.persistence.store()
    }
}

/// Status of a token, as the settings page shows it.
pub(crate) fn token_state(token: &ApiToken, now: Timestamp) -> &'static str {
    match (token.revoked_at, token.expires_at) {
        (Some(_), _) => "revoked",
        (None, Some(expires)) if expires <= now => "expired",
        _ => "good",
    }
}
