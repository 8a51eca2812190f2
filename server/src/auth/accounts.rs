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

/// The longest time that a token may be good for, in days.
const DAYS: i64 = 3_660;
const DAY_MS: i64 = 86_400_000;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// A name that cannot be one.
    #[error("the name cannot be used: {0}")]
    Name(#[from] NameError),
    /// A role that is none.
    #[error("{0}")]
    Role(#[from] UnknownRole),
    /// A password that is no good.
    #[error("{0}")]
    Password(#[from] PasswordError),
    /// There is one already.
    #[error("user \"{0}\" already exists")]
    Exists(String),
    /// There is none.
    #[error("no such user or active token")]
    Missing,
    /// One's own name.
    #[error("you cannot change your own account; ask another administrator")]
    Oneself,
    /// The old password is another one.
    #[error("current password is incorrect")]
    WrongPassword,
    /// Days that are none.
    #[error("token lifetime must be 1 to {DAYS} days")]
    Days,
    /// Too many passwords are hashed at this moment, or the database is away.
    #[error("{0}")]
    Later(#[from] SignInError),
    /// The database did not do what it should.
    #[error("{}", .0.line())]
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

/// Makes a token that is good for so many days, or until it is revoked; its secret is shown this
/// once.
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
    if days.is_some_and(|days| !(1..=DAYS).contains(&days)) {
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

/// Users and tokens, managed by somebody who may; each change is in the audit.
pub(crate) struct People<'a> {
    /// The gate.
    pub authenticator: &'a Authenticator,
    /// Who.
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
        self.kept("user_add", name, what, async {
            let (role, hash) = (role.parse()?, self.hash(name, password).await?);
            add_user(&*self.store()?, name, role, hash).await
        })
        .await
    }

    /// Gives a user another role.
    ///
    /// # Errors
    /// [`PeopleError`]
    pub(crate) async fn set_role(&self, name: &str, role: &str) -> Result<(), PeopleError> {
        self.kept("user_role", name, json!({ "role": role }), async {
            let (name, role) = (self.another(name)?, role.parse::<Role>()?);
            self.found(
                self.store()?.set_role(&name, role.as_str(), now()).await?,
                &name,
            )
        })
        .await
    }

    /// Gives a user another password, as an administrator does.
    ///
    /// # Errors
    /// [`PeopleError`]
    pub(crate) async fn set_password(
        &self,
        name: &str,
        password: String,
    ) -> Result<(), PeopleError> {
        self.kept("user_password", name, json!({}), async {
            let hash = self.hash(name, password).await?;
            set_password(&*self.store()?, name, hash).await?;
            self.found(true, &user_name(name)?)
        })
        .await
    }

    /// Gives oneself another password, which one knows the present one for. All one's sessions end.
    ///
    /// # Errors
    /// [`PeopleError`]
    pub(crate) async fn change_own_password(
        &self,
        present: String,
        password: String,
    ) -> Result<(), PeopleError> {
        let name = self.oneself().ok_or(PeopleError::Missing)?;
        self.kept("user_password", &name, json!({ "own": true }), async {
            let user = self
                .store()?
                .user(&name)
                .await?
                .ok_or(PeopleError::Missing)?;
            if !self
                .authenticator
                .hashing(move || access::verify_password(&present, &user.password))
                .await?
            {
                return Err(PeopleError::WrongPassword);
            }
            let hash = self.hash(&name, password).await?;
            set_password(&*self.store()?, &name, hash).await?;
            self.found(true, &name)
        })
        .await
    }

    /// Ends all sessions of a user.
    ///
    /// # Errors
    /// [`PeopleError`]
    pub(crate) async fn sign_out(&self, name: &str) -> Result<(), PeopleError> {
        self.kept("user_sign_out", name, json!({}), async {
            let name = user_name(name)?;
            self.store()?.end_sessions(&name).await?;
            self.found(true, &name)
        })
        .await
    }

    /// Ends all one's own sessions.
    ///
    /// # Errors
    /// [`PeopleError`]
    pub(crate) async fn sign_out_everywhere(&self) -> Result<(), PeopleError> {
        let name = self.oneself().ok_or(PeopleError::Missing)?;
        self.sign_out(&name).await
    }

    /// Removes a user.
    ///
    /// # Errors
    /// [`PeopleError`]
    pub(crate) async fn remove(&self, name: &str) -> Result<(), PeopleError> {
        self.kept("user_remove", name, json!({}), async {
            let name = self.another(name)?;
            self.found(self.store()?.remove_user(&name).await?, &name)
        })
        .await
    }

    /// Makes a token; its secret is shown this once.
    ///
    /// # Errors
    /// [`PeopleError`]
    pub(crate) async fn add_token(
        &self,
        name: &str,
        role: &str,
        days: Option<i64>,
    ) -> Result<Secret, PeopleError> {
        self.kept(
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

    /// Revokes a token: it is no longer good, and what it holds open ends.
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
        self.kept("token_revoke", &token.name, json!({ "id": id }), async {
            let revoked = store.revoke_token(id, now()).await?;
            self.authenticator.forget(|known, _| matches!(known, super::Credential::Token(hash) if *hash == token.token_hash));
            if revoked { Ok(()) } else { Err(PeopleError::Missing) }
        })
        .await
    }

    /// Carries it out, and keeps who did what, and what came of it.
    async fn kept<T>(
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

    /// The user was changed: what is known of them is not so any more.
    fn found(&self, changed: bool, name: &str) -> Result<(), PeopleError> {
        self.authenticator
            .forget(|_, identity| identity.auth_mode == AuthMode::User && identity.name == name);
        if changed {
            Ok(())
        } else {
            Err(PeopleError::Missing)
        }
    }

    fn oneself(&self) -> Option<String> {
        let own = self
            .caller
            .identity
            .as_ref()
            .filter(|identity| identity.auth_mode == AuthMode::User);
        own.map(|identity| identity.name.clone())
    }

    fn another(&self, name: &str) -> Result<String, PeopleError> {
        let name = user_name(name)?;
        if self.oneself().as_ref() == Some(&name) {
            Err(PeopleError::Oneself)
        } else {
            Ok(name)
        }
    }

    fn store(&self) -> Result<Arc<Store>, StoreError> {
        self.authenticator.0.persistence.store()
    }
}

/// What has become of a token, in a word.
pub(crate) fn token_state(token: &ApiToken, now: Timestamp) -> &'static str {
    match (token.revoked_at, token.expires_at) {
        (Some(_), _) => "revoked",
        (None, Some(expires)) if expires <= now => "expired",
        _ => "good",
    }
}
