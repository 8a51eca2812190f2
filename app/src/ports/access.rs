//! What the settings show of access: oneself, users, sessions, tokens.

use contract::Timestamp;

/// What one may see of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessSettings {
    /// The ways in that there are, in words.
    pub auth_modes: String,
    /// Whether one can sign in here with a name and a password.
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
    /// How many sessions they have.
    pub sessions: usize,
}

/// An API token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// Names it where it is revoked.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// The role's word.
    pub role: String,
    /// Who made it.
    pub created_by: String,
    /// Until when it is good.
    pub expires_at: Option<Timestamp>,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
    /// What became of it: `good`, `revoked`, `expired`.
    pub state: &'static str,
}
