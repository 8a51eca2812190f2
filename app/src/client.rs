//! What the browser adds to pages that work without it: forms are sent without leaving the page, links to actions open a dialog.
//!
//! One listener each for the whole document, over plain HTML: a form costs no code of its own in the WASM.

pub(crate) mod fetch;
mod forms;
mod links;
mod settle;

pub(crate) use forms::listen_to_forms;
pub(crate) use links::listen_to_links;
pub(crate) use settle::settle;

use crate::part::Part;
use crate::ports::{CommandError, ErrorCode};

/// The part that the server makes for an address, path and query.
pub(crate) async fn part(address: &str) -> Result<Part, CommandError> {
    let address = String::from(js_sys::encode_uri_component(address));
    let text = fetch::get(&format!("/api/console/part?address={address}")).await?;
    serde_json::from_str(&text)
        .map_err(|_| CommandError::new(ErrorCode::BadAnswer, "The console's answer made no sense."))
}
