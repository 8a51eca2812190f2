//! The service worker (`app/browser/src/workers/service.ts`): keeps the shell and the last known
//! state, and shows notifications. Browsers have one on pages that came over HTTPS, or from this
//! device.

use crate::fragment::OFFLINE;
use leptos::prelude::*;
use serde::Serialize;
use wasm_bindgen::JsValue;
use web_sys::ServiceWorkerContainer;

/// What the service worker is asked for.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum WorkerRequest<'a> {
    Keep,
    Notify { text: &'a str, address: &'a str },
}

/// Whether this page is an old one, because the console could not be reached.
pub(crate) fn is_offline() -> bool {
    document()
        .document_element()
        .is_some_and(|root| root.has_attribute(OFFLINE))
}

/// Starts the service worker, where there can be one.
pub(crate) fn start() {
    if let Some(workers) = workers() {
        let _ = workers.register("/sw.js");
    }
}

/// Has tonight's page kept as it is now.
pub(super) fn store_page() {
    if !is_offline() {
        send(&WorkerRequest::Keep);
    }
}

/// Shows the browser's own notification, which leads to an address.
pub(crate) fn notify(text: &str, address: &str) {
    send(&WorkerRequest::Notify { text, address });
}

fn send(request: &WorkerRequest<'_>) {
    let worker = workers().and_then(|workers| workers.controller());
    if let (Some(worker), Ok(text)) = (worker, serde_json::to_string(request)) {
        let _ = worker.post_message(&JsValue::from_str(&text));
    }
}

fn workers() -> Option<ServiceWorkerContainer> {
    let navigator = window().navigator();
    let has = js_sys::Reflect::has(&navigator, &JsValue::from_str("serviceWorker")) == Ok(true);
    has.then(|| navigator.service_worker())
}
