//! Fragments: HTML that the server renders and the browser puts into a page. Their HTML travels,
//! their code does not.

use serde::{Deserialize, Serialize};

/// The main part of a page, or a form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fragment {
    /// The title of the tab.
    pub title: String,
    /// The HTML, escaped where it holds anybody's text.
    pub html: String,
    /// False for an address at which there is no page.
    pub found: bool,
}
