//! Where the stream comes from: a connection of the page's own, or the one that a worker
//! (`public/stream.js`) has for all tabs of this browser.

use js_sys::Array;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{EventSource, MessageEvent, MessagePort, SharedWorker};

/// Where the stream is.
const STREAM: &str = "/api/events";
/// The worker, and its name: another release with another way to speak to it has another name.
const WORKER: &str = "/stream.js";
const WORKER_NAME: &str = "stream-1";
/// The stream's events that mean something here.
const KINDS: [&str; 4] = ["snapshot", "frame", "heartbeat", "bye"];

/// What is heard.
pub(super) enum Heard<'a> {
    /// An event of the stream, by its kind, and its data.
    Event(&'a str, &'a str),
    /// The stream follows, and nothing was missed.
    Alive,
    /// The stream is away; for good where nobody tries again by itself.
    Lost { for_good: bool },
}

type Hear = Rc<dyn Fn(Heard<'_>)>;

/// The one source of this page.
pub(super) enum Source {
    Own {
        hear: Hear,
        open: Option<Own>,
    },
    Shared {
        port: MessagePort,
        _on_message: Closure<dyn FnMut(MessageEvent)>,
    },
}

/// An open connection and what listens to it; dropping it closes the connection.
pub(super) struct Own {
    source: EventSource,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut()>,
}

impl Drop for Own {
    fn drop(&mut self) {
        self.source.set_onerror(None);
        self.source.close();
    }
}

impl Source {
    /// The shared one where the browser has shared workers; nothing is opened yet.
    pub(super) fn new(hear: Hear) -> Source {
        let has =
            js_sys::Reflect::has(&js_sys::global(), &JsValue::from_str("SharedWorker")) == Ok(true);
        let worker = has
            .then(|| SharedWorker::new_with_str(WORKER, WORKER_NAME).ok())
            .flatten();
        let Some(worker) = worker else {
            return Source::Own { hear, open: None };
        };
        let port = worker.port();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
            let said = Array::from(&message.data());
            let (kind, data) = (
                said.get(0).as_string(),
                said.get(1).as_string().unwrap_or_default(),
            );
            match kind.as_deref() {
                Some("alive") => hear(Heard::Alive),
                Some("lost") => hear(Heard::Lost {
                    for_good: data == "closed",
                }),
                Some(kind) => hear(Heard::Event(kind, &data)),
                None => {}
            }
        });
        port.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Source::Shared {
            port,
            _on_message: on_message,
        }
    }

    /// Whether other tabs have the same one.
    pub(super) fn is_shared(&self) -> bool {
        matches!(self, Source::Shared { .. })
    }

    /// Opens the stream after the step with this id.
    pub(super) fn open(&mut self, id: &str) {
        match self {
            Source::Shared { .. } => self.say("open", id),
            Source::Own { hear, open } => {
                *open = None;
                match Own::open(hear, id) {
                    Ok(own) => *open = Some(own),
                    Err(_) => hear(Heard::Lost { for_good: true }),
                }
            }
        }
    }

    /// Says that this page is still there, and what it has.
    pub(super) fn here(&self, id: &str) {
        self.say("here", id);
    }

    /// Closes the stream, or leaves it to the other tabs.
    pub(super) fn close(&mut self) {
        self.say("bye", "");
        if let Source::Own { open, .. } = self {
            *open = None;
        }
    }

    fn say(&self, what: &str, id: &str) {
        if let Source::Shared { port, .. } = self {
            let _ = port.post_message(&Array::of2(&what.into(), &id.into()));
        }
    }
}

impl Own {
    fn open(hear: &Hear, id: &str) -> Result<Own, JsValue> {
        let source = EventSource::new(&format!("{STREAM}?last_event_id={id}"))?;
        let told = hear.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |message: MessageEvent| {
            if let Some(data) = message.data().as_string() {
                told(Heard::Event(&message.type_(), &data));
            }
        });
        let (told, own) = (hear.clone(), source.clone());
        let on_error = Closure::<dyn FnMut()>::new(move || {
            told(Heard::Lost {
                for_good: own.ready_state() == EventSource::CLOSED,
            });
        });
        for kind in KINDS {
            source.add_event_listener_with_callback(kind, on_message.as_ref().unchecked_ref())?;
        }
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Own {
            source,
            _on_message: on_message,
            _on_error: on_error,
        })
    }
}
