//! Sends forms that are marked with `data-send`, and shows in the form what was wrong with it.

use super::fetch;
use crate::format::short_id;
use crate::ports::CommandError;
use crate::store::Console;
use contract::http::CommandAnswer;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{Element, FormData, HtmlDialogElement, HtmlElement, HtmlFormElement, SubmitEvent, UrlSearchParams};

/// Marks a field that was wrong, for styles and screen readers.
const INVALID: &str = "aria-invalid";
/// Marks a form whose answer is still to come.
const BUSY: &str = "aria-busy";

/// Listens as long as the page lives.
pub(crate) fn listen_to_forms(console: Console) {
    let handle = window_event_listener_untyped("submit", move |event| {
        let form = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
        // A preview is a page of its own.
        let submitter = event.dyn_ref::<SubmitEvent>().and_then(SubmitEvent::submitter);
        if submitter.is_some_and(|button| button.has_attribute("formmethod")) {
            return;
        }
        if let Some(form) = form.filter(|form| form.has_attribute("data-send")) {
            event.prevent_default();
            if !form.has_attribute(BUSY) {
                spawn_local(send(form, console));
            }
        }
    });
    std::mem::forget(handle);
}

async fn send(form: HtmlFormElement, console: Console) {
    let Ok(fields) = FormData::new_with_form(&form) else { return };
    let Ok(fields) = UrlSearchParams::new_with_str_sequence_sequence(&fields) else { return };
    let _ = form.set_attribute(BUSY, "true");
    unmark(&form);
    let address = form.get_attribute("action").unwrap_or_default();
    let answer = fetch::post(&address, &fields).await;
    let _ = form.remove_attribute(BUSY);
    match answer {
        Ok(text) => done(&form, &text, console),
        Err(error) => show(&form, &error, console),
    }
}

fn done(form: &HtmlFormElement, text: &str, console: Console) {
    if let Some(dialog) = form.closest("dialog").ok().flatten() {
        dialog.unchecked_into::<HtmlDialogElement>().close();
    }
    if let Some(details) = form.closest("details.confirm[open]").ok().flatten() {
        let _ = details.remove_attribute("open");
    }
    if let Some(mut said) = form.get_attribute("data-done") {
        let run = serde_json::from_str::<CommandAnswer>(text).ok().and_then(|answer| answer.run_id);
        if let Some(run) = run {
            said = format!("{said} Run {}.", short_id(&run));
        }
        console.said.set(Some((false, said)));
    }
    console.refresh.update(|n| *n += 1);
}

/// The form says what was wrong; where it has no place for it, the page does.
fn show(form: &HtmlFormElement, error: &CommandError, console: Console) {
    if let Some(field) = &error.field {
        // The names of fields are ours; a list's ends with brackets.
        let selector = format!("[name=\"{field}\"], [name=\"{field}[]\"]");
        if let Some(field) = form.query_selector(&selector).ok().flatten() {
            let _ = field.set_attribute(INVALID, "true");
            let _ = field.unchecked_into::<HtmlElement>().focus();
        }
    }
    match place(form) {
        Some(place) => place.set_text_content(Some(&error.message)),
        None => console.said.set(Some((true, error.message.clone()))),
    }
}

fn place(form: &HtmlFormElement) -> Option<Element> {
    form.query_selector("[data-wrong]").ok().flatten()
}

fn unmark(form: &HtmlFormElement) {
    if let Some(field) = form.query_selector(&format!("[{INVALID}]")).ok().flatten() {
        let _ = field.remove_attribute(INVALID);
    }
    if let Some(place) = place(form) {
        place.set_text_content(None);
    }
}
