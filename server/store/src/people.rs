//! Users, their sessions, and API tokens. Only hashes are kept: of passwords, of the ids of
//! sessions, of tokens.
//!
//! Written at once and not behind the relay's back: who changes a password or revokes a token must
//! know that it is done.

mod sessions;
mod tokens;
mod users;

use contract::Timestamp;

/// Users, or tokens, that a list has.
pub(crate) const LISTED: i64 = 500;
/// Sessions of one user; the one that was not used for longest goes.
pub(crate) const SESSIONS_PER_USER: i64 = 50;

/// Somebody who may sign in.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// The name, in small letters.
    pub name: String,
    /// The role's word.
    pub role: String,
    /// The password's hash.
    pub password: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When role or password were last changed.
    pub changed_at: Timestamp,
    /// When they last signed in.
    pub signed_in_at: Option<Timestamp>,
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the hash.
        f.debug_struct("User")
            .field("name", &self.name)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The hash of its id.
    pub id_hash: String,
    /// Whose.
    pub name: String,
    /// Their role's word, as it is now; empty in what is written.
    pub role: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to a minute.
    pub used_at: Timestamp,
    /// From where it began.
    pub address: Option<String>,
    /// With what it began.
    pub agent: Option<String>,
}

/// An API token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Names it where it is revoked; no secret.
    pub id: String,
    /// The token's hash.
    pub token_hash: String,
    /// What it is called.
    pub name: String,
    /// Its role's word.
    pub role: String,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to a minute.
    pub used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}
