//! Links and buttons that open or close the dialog, copy a text, or add rows to a list.

use crate::fragment::{CLOSE_DIALOG, COPY, DIALOG, LOAD_MORE};
use crate::store::Console;
use crate::text::browser;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlDialogElement, MouseEvent};

/// Listens as long as the page lives.
pub(crate) fn listen_to_links(console: Console) {
    let handle = window_event_listener_untyped("click", move |event| clicked(&event, console));
    std::mem::forget(handle);
}

fn clicked(event: &Event, console: Console) {
    let Some(target) = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
    else {
        return;
    };
    let marked = |name: &str| target.closest(&format!("[{name}]")).ok().flatten();
    if let Some(button) = marked(COPY) {
        if window().is_secure_context() {
            // What the browser refuses shows in that nothing was copied.
            let text = button.get_attribute(COPY).unwrap_or_default();
            let _ = window().navigator().clipboard().write_text(&text);
            console.show_toast(browser::COPIED.to_owned());
        } else {
            console.show_error(browser::COPY_NEEDS_HTTPS.to_owned());
        }
    }
    let plain = event
        .dyn_ref::<MouseEvent>()
        .is_some_and(|mouse| !(mouse.ctrl_key() || mouse.meta_key() || mouse.shift_key()));
    if let Some(button) = marked(CLOSE_DIALOG)
        && let Some(dialog) = button.closest("dialog").ok().flatten()
    {
        if button.get_attribute(CLOSE_DIALOG).as_deref() != Some("after") {
            event.prevent_default();
        }
        dialog.unchecked_into::<HtmlDialogElement>().close();
    }
    if let Some(opener) = marked(DIALOG).filter(|_| plain) {
        let named = opener
            .get_attribute(DIALOG)
            .filter(|address| !address.is_empty());
        if let Some(address) = named.or_else(|| opener.get_attribute("href")) {
            event.prevent_default();
            console.dialog.set(Some(address));
        }
    }
    if let Some(link) = marked(LOAD_MORE).filter(|_| plain) {
        event.prevent_default();
        super::load_more::append(&link, console);
    }
}
