//! Search fields that hide the items of the list beside them.

use crate::fragment::{FILTER, FILTER_EMPTY, FILTER_LIST};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};

/// Listens as long as the page lives.
pub(crate) fn listen_to_filters() {
    let handle = window_event_listener_untyped("input", move |event| {
        let field = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        if let Some(field) = field.filter(|field| field.has_attribute(FILTER)) {
            filter(&field);
        }
    });
    std::mem::forget(handle);
}

/// By the browser's own tables: Rust's would have to be loaded.
fn lower_case(text: &str) -> String {
    js_sys::JsString::from(text).to_lower_case().into()
}

fn filter(field: &HtmlInputElement) {
    let Some(around) = field.closest("section").ok().flatten() else {
        return;
    };
    let wanted = lower_case(field.value().trim());
    let Ok(items) = around.query_selector_all(&format!("[{FILTER_LIST}] > *")) else {
        return;
    };
    let mut shown = 0;
    for item in
        (0..items.length()).filter_map(|index| items.item(index)?.dyn_into::<Element>().ok())
    {
        // Each word that is typed, in any order.
        let text = lower_case(&item.text_content().unwrap_or_default());
        let fits = wanted.split_whitespace().all(|word| text.contains(word));
        let _ = item.toggle_attribute_with_force("hidden", !fits);
        shown += usize::from(fits);
    }
    if let Some(none) = around
        .query_selector(&format!("[{FILTER_EMPTY}]"))
        .ok()
        .flatten()
    {
        let _ = none.toggle_attribute_with_force("hidden", shown > 0);
    }
}
