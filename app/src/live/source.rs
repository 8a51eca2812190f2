//! Where the stream comes from: a worker (`app/browser/src/workers/stream.ts`), which all tabs of
//! this browser share where the browser has shared workers.

use js_sys::Array;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, MessagePort, SharedWorker, Worker};

/// The worker, and its name: another release with another way to speak to it has another name.
const WORKER: &str = "/stream.js";
const WORKER_NAME: &str = "stream-1";

/// What is heard.
pub(super) enum Heard<'a> {
    /// An event of the stream, by its kind, and its data.
    Event(&'a str, &'a str),
    /// The stream follows, and nothing was missed.
    Alive,
    /// The stream is unavailable; for good where nobody tries again by itself.
    Lost { for_good: bool },
}

type Hear = Rc<dyn Fn(Heard<'_>)>;

/// The one source of this page.
pub(super) struct Source {
    hear: Hear,
    /// None where the browser lets the page have no worker.
    port: Option<MessagePort>,
    shared: bool,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
}

impl Source {
    /// The shared worker, or else one of this page alone; nothing is opened yet.
    pub(super) fn new(hear: Hear) -> Source {
        let has =
            js_sys::Reflect::has(&js_sys::global(), &JsValue::from_str("SharedWorker")) == Ok(true);
        let shared = has
            .then(|| SharedWorker::new_with_str(WORKER, WORKER_NAME).ok())
            .flatten();
        let port = match &shared {
            Some(worker) => Some(worker.port()),
            // A dedicated worker is posted to and heard as a port is.
            None => Worker::new(WORKER).ok().map(JsCast::unchecked_into),
        };
        let on_event = hear.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
            let message = Array::from(&message.data());
            let (kind, data) = (
                message.get(0).as_string(),
                message.get(1).as_string().unwrap_or_default(),
            );
            match kind.as_deref() {
                Some("alive") => on_event(Heard::Alive),
                Some("lost") => on_event(Heard::Lost {
                    for_good: data == "closed",
                }),
                Some(kind) => on_event(Heard::Event(kind, &data)),
                None => {}
            }
        });
        if let Some(port) = &port {
            port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        }
        Source {
            hear,
            port,
            shared: shared.is_some(),
            _on_message: on_message,
        }
    }

    /// Whether other tabs have the same one.
    pub(super) fn is_shared(&self) -> bool {
        self.shared
    }

    /// Opens the stream after the step with this id.
    pub(super) fn open(&self, id: &str) {
        if self.port.is_none() {
            (self.hear)(Heard::Lost { for_good: true });
        }
        self.post("open", id);
    }

    /// Says that this page is still there, and what it has.
    pub(super) fn here(&self, id: &str) {
        self.post("here", id);
    }

    /// Closes the stream, or leaves it to the other tabs.
    pub(super) fn close(&self) {
        self.post("bye", "");
    }

    fn post(&self, kind: &str, id: &str) {
        if let Some(port) = &self.port {
            let _ = port.post_message(&Array::of2(&kind.into(), &id.into()));
        }
    }
}
