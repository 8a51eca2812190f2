//! What the settings show of embeds.

use contract::Timestamp;

/// Who may embed the console's views, and the shares that there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmbedSettings {
    /// The console's address, as far as it knows it.
    pub base: String,
    /// Whether embeds are shown without a token.
    pub open: bool,
    /// Whether who asks may make and revoke shares.
    pub manages: bool,
    /// The origins that may frame embeds.
    pub origins: Vec<String>,
    /// What lets a preview be seen where a token is asked for.
    pub preview_token: Option<String>,
    /// The shares, newest first.
    pub shares: Vec<EmbedShareRow>,
    /// Why some are missing.
    pub problem: Option<String>,
}

/// A share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbedShareRow {
    /// Names it where it is revoked.
    pub id: String,
    /// What it opens.
    pub resource: String,
    /// The portal's origin.
    pub origin: String,
    /// What it is for.
    pub note: Option<String>,
    /// Who made it.
    pub who: String,
    /// When.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Option<Timestamp>,
    /// What became of it: `good`, `revoked`, `expired`.
    pub state: &'static str,
}
