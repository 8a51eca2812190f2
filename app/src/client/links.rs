//! Links that are marked with `data-sheet` open in a dialog; buttons with `data-copy` put their text on the clipboard, and those
//! with `data-close` close the dialog around them.

use crate::store::Console;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlDialogElement, MouseEvent};

/// Listens as long as the page lives.
pub(crate) fn listen_to_links(console: Console) {
    let handle = window_event_listener_untyped("click", move |event| clicked(&event, console));
    std::mem::forget(handle);
}

fn clicked(event: &Event, console: Console) {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
    let marked = |name: &str| target.closest(&format!("[{name}]")).ok().flatten();
    if let Some(button) = marked("data-copy") {
        if window().is_secure_context() {
            // What the browser refuses shows in that nothing was copied.
            let text = button.get_attribute("data-copy").unwrap_or_default();
            let _ = window().navigator().clipboard().write_text(&text);
            console.said.set(Some((false, "Copied.".to_owned())));
        } else {
            console.said.set(Some((true, "The browser lets pages copy over HTTPS only.".to_owned())));
        }
    }
    if let Some(dialog) = marked("data-close").and_then(|button| button.closest("dialog").ok().flatten()) {
        event.prevent_default();
        dialog.unchecked_into::<HtmlDialogElement>().close();
    }
    let plain =
        event.dyn_ref::<MouseEvent>().is_some_and(|mouse| !(mouse.ctrl_key() || mouse.meta_key() || mouse.shift_key()));
    if let Some(address) = marked("data-sheet").and_then(|link| link.get_attribute("href"))
        && plain
    {
        event.prevent_default();
        console.sheet.set(Some(address));
    }
}
