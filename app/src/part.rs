//! Pages and forms that the server alone makes: their HTML travels, their code does not.

use crate::ports::CommandError;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// A page's main part, or a form's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The title of the tab.
    pub title: String,
    /// The HTML, escaped where it holds anybody's text.
    pub html: String,
    /// Whether there is such a page.
    pub found: bool,
}

/// The part that is at an address (path and query).
#[server(prefix = "/api/console", endpoint = "part", input = server_fn::codec::GetUrl)]
pub async fn page_part(
    /// The address.
    address: String,
) -> Result<Part, CommandError> {
    Ok(crate::parts::at(&address, expect_context()).await)
}
