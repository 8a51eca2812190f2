//! Embeds on the settings page.

use contract::Timestamp;

/// Settings of embeds, and the embed links.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmbedSettings {
    /// The console's address, as far as it knows it.
    pub base: String,
    /// True if embeds need no token.
    pub open: bool,
    /// True if the viewer may create and revoke embed links.
    pub manages: bool,
    /// The origins that may frame embeds.
    pub origins: Vec<String>,
    /// Token for previews, if one is required.
    pub preview_token: Option<String>,
    /// The embed links, newest first.
    pub shares: Vec<EmbedShareRow>,
    /// Why some are missing.
    pub problem: Option<String>,
}

/// An embed link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbedShareRow {
    /// Names it where it is revoked.
    pub id: String,
    /// The view that it opens.
    pub resource: String,
    /// The portal's origin.
    pub origin: String,
    pub note: Option<String>,
    pub who: String,
    /// When.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Option<Timestamp>,
    /// State: `good`, `revoked`, `expired`.
    pub state: &'static str,
}
