//! Who looks at a page, and what they may do: the server decides, the page mirrors it.

use serde::{Deserialize, Serialize};

/// Who looks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// The name.
    pub name: String,
    /// The role's word.
    pub role: String,
    /// How they came in.
    pub auth: ViewerAuth,
    /// Whether they may start, cancel, change and acknowledge.
    pub commands: bool,
    /// Whether they may see who did what.
    pub audit: bool,
    /// Whether they may see what the console is connected to.
    pub configuration: bool,
    /// Whether they may manage users and tokens.
    pub manages_access: bool,
}

/// The ways in.
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
