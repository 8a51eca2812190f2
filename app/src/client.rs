//! What the browser adds to pages that work without it: forms are sent without leaving the page,
//! links to actions open a dialog.
//!
//! One listener each for the whole document, over plain HTML: a form costs no code of its own in
//! the WASM.

pub(crate) mod fetch;
mod filter;
mod forms;
mod keys;
mod links;
mod more;
mod offline;
mod settle;
mod tell;

pub(crate) use offline::is_kept;
pub(crate) use settle::{Focus, settle};

use crate::part::Part;
use crate::ports::{CommandError, ErrorCode};
use crate::store::Console;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Starts all of it, for as long as the page lives.
pub(crate) fn start(console: Console) {
    forms::listen_to_forms(console);
    links::listen_to_links(console);
    keys::listen_to_keys(console);
    filter::listen_to_filters();
    tell::tell_of_runs(console);
    offline::start();
}

/// Goes to an address of the console without loading the page anew: the router hears a click on a
/// link.
fn go(address: &str) {
    let Ok(link) = document().create_element("a") else {
        return;
    };
    let _ = link.set_attribute("href", address);
    let link = link.unchecked_into::<web_sys::HtmlElement>();
    if let Some(body) = document().body() {
        let _ = body.append_child(&link);
        link.click();
        link.remove();
    }
}

/// The part that the server makes for an address, path and query.
pub(crate) async fn part(address: &str) -> Result<Part, CommandError> {
    let address = String::from(js_sys::encode_uri_component(address));
    let text = fetch::get(&format!("/api/console/part?address={address}")).await?;
    serde_json::from_str(&text).map_err(|_| {
        CommandError::new(
            ErrorCode::InvalidAnswer,
            "The console's answer made no sense.",
        )
    })
}
