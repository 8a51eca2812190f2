//! Access on the settings page: own account, users, sessions, tokens.

use contract::Timestamp;

/// The part of it that the viewer may see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessSettings {
    /// The authentication modes, in words.
    pub auth_modes: String,
    /// True if users sign in here with a password.
    pub password_sign_in: bool,
    /// The users; none where one may not manage them.
    pub users: Vec<UserRow>,
    /// The tokens, newest first.
    pub tokens: Vec<TokenRow>,
    /// Why some are missing.
    pub problem: Option<String>,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRow {
    /// The name.
    pub name: String,
    /// The role's word.
    pub role: String,
    /// When they last signed in.
    pub signed_in_at: Option<Timestamp>,
    /// Number of sessions.
    pub sessions: usize,
}

/// An API token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// Names it where it is revoked.
    pub id: String,
    pub name: String,
    /// The role's word.
    pub role: String,
    pub created_by: String,
    /// Until when it is good.
    pub expires_at: Option<Timestamp>,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
    /// State: `good`, `revoked`, `expired`.
    pub state: &'static str,
}
