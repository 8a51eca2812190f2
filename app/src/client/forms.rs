//! Sends forms, and shows their errors. Forms with `method="get"` navigate without a new page load.

use super::fetch;
use crate::format::short_id;
use crate::fragment::{FORM_ERROR, NEW_KEY, RELOAD, SUBMIT, SUCCESS};
use crate::ports::CommandError;
use crate::store::Console;
use contract::http::CommandAnswer;
use js_sys::Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{
    Element, FormData, HtmlDialogElement, HtmlElement, HtmlFormElement, HtmlInputElement,
    SubmitEvent, UrlSearchParams,
};

/// Marks a field that was wrong, for styles and screen readers.
const INVALID: &str = "aria-invalid";
/// Marks a form whose answer is still to come.
const BUSY: &str = "aria-busy";

/// Listens as long as the page lives.
pub(crate) fn listen_to_forms(console: Console) {
    let handle = window_event_listener_untyped("submit", move |event| {
        let form = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
        let Some(form) = form else { return };
        // A preview asks what would be, with the fields of a form that would change it.
        let submitter = event
            .dyn_ref::<SubmitEvent>()
            .and_then(SubmitEvent::submitter);
        let asks_elsewhere = submitter.and_then(|button| button.get_attribute("formaction"));
        let asks = asks_elsewhere.or_else(|| {
            form.get_attribute("action")
                .filter(|_| form.method() == "get")
        });
        if let Some(address) = asks {
            event.prevent_default();
            ask(&form, &address);
        } else if form.has_attribute(SUBMIT) {
            event.prevent_default();
            if !form.has_attribute(BUSY) {
                spawn_local(send(form, console));
            }
        }
    });
    std::mem::forget(handle);
}

/// Leads to the address with the form's fields, but for what belongs to sending it and what is
/// empty.
fn ask(form: &HtmlFormElement, address: &str) {
    let Some(fields) = fields(form) else { return };
    let all = Array::from(&fields);
    let asked = all.iter().map(|field| Array::from(&field)).filter(|field| {
        let (name, value) = (field.get(0), field.get(1));
        !(name == "key" || name == "seen" || value == "")
    });
    let Ok(fields) = UrlSearchParams::new_with_str_sequence_sequence(&asked.collect::<Array>())
    else {
        return;
    };
    let (path, place) = address.split_once('#').unwrap_or((address, ""));
    let query = String::from(fields.to_string());
    let query = if query.is_empty() {
        query
    } else {
        format!("?{query}")
    };
    let place = if place.is_empty() {
        String::new()
    } else {
        format!("#{place}")
    };
    super::navigation::navigate(&format!("{path}{query}{place}"));
}

fn fields(form: &HtmlFormElement) -> Option<UrlSearchParams> {
    let fields = FormData::new_with_form(form).ok()?;
    UrlSearchParams::new_with_str_sequence_sequence(&fields).ok()
}

/// A form without a key of its own gets one, and keeps it until it was answered well: sent again,
/// it does nothing twice.
fn give_key(form: &HtmlFormElement) {
    let field = form.query_selector("input[name=key]").ok().flatten();
    if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok())
        && field.value().is_empty()
    {
        let random = || {
            format!(
                "{:013x}",
                (js_sys::Math::random() * 4_503_599_627_370_496.0) as u64
            )
        };
        field.set_value(&format!("{}{}", random(), random()));
    }
}

async fn send(form: HtmlFormElement, console: Console) {
    give_key(&form);
    let Some(fields) = fields(&form) else { return };
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
    if form.has_attribute(RELOAD) {
        // What it changed is in every page's first byte.
        let _ = window().location().reload();
        return;
    }
    // The next time it is another request.
    if let Some(field) = form
        .query_selector(&format!("input[name=key][{NEW_KEY}]"))
        .ok()
        .flatten()
    {
        field.unchecked_into::<HtmlInputElement>().set_value("");
    }
    if let Some(dialog) = form.closest("dialog").ok().flatten() {
        dialog.unchecked_into::<HtmlDialogElement>().close();
    }
    if let Some(details) = form.closest("details.confirm[open]").ok().flatten() {
        let _ = details.remove_attribute("open");
    }
    if let Some(mut message) = form.get_attribute(SUCCESS) {
        let run = serde_json::from_str::<CommandAnswer>(text)
            .ok()
            .and_then(|answer| answer.run_id);
        if let Some(run) = run {
            message = format!("{message} Run {}.", short_id(&run));
        }
        console.show_toast(message);
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
        None => console.show_error(error.message.clone()),
    }
}

fn place(form: &HtmlFormElement) -> Option<Element> {
    form.query_selector(&format!("[{FORM_ERROR}]"))
        .ok()
        .flatten()
}

fn unmark(form: &HtmlFormElement) {
    if let Some(field) = form.query_selector(&format!("[{INVALID}]")).ok().flatten() {
        let _ = field.remove_attribute(INVALID);
    }
    if let Some(place) = place(form) {
        place.set_text_content(None);
    }
}
