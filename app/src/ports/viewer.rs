//! The viewer of a page and their permissions. The server decides; the page mirrors it.

use serde::{Deserialize, Serialize};

/// The viewer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// The name.
    pub name: String,
    /// The role's word.
    pub role: String,
    pub auth: ViewerAuth,
    /// May start, cancel, change and acknowledge.
    pub commands: bool,
    /// May view the audit log.
    pub audit: bool,
    /// May view the configuration.
    pub configuration: bool,
    /// May manage users and tokens.
    pub manages_access: bool,
}

/// How the viewer was authenticated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewerAuth {
    /// Whoever reaches the address.
    #[default]
    Open,
    /// Signed in here.
    User,
    /// Signed in at a proxy.
    Proxy,
    /// A token.
    Token,
}
