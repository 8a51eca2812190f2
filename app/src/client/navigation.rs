//! Moving between addresses of the console.

use leptos::prelude::document;
use wasm_bindgen::JsCast;

/// Goes to an address of the console without loading the page again: the router hears a click on a
/// link.
pub(super) fn navigate(address: &str) {
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
