//! The envelopes of the contract, by its letters.

use crate::time::format_time;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// A: the usual one, with everything in `payload`.
pub(super) fn enveloped(event: &str, source: &str, payload: Value) -> Value {
    json!({ "event": event, "timestamp": now(), "source": source, "version": "1.0", "payload": payload })
}

/// A−: only the event and its payload.
pub(super) fn short(event: &str, payload: Value) -> Value {
    json!({ "event": event, "payload": payload })
}

/// B: an event in capitals, its fields at the top level.
pub(super) fn monitoring(event_type: &str, fields: Value) -> Value {
    beside(
        [
            ("event_type", event_type),
            ("timestamp", &now()),
            ("source", "TickStockPL"),
        ],
        fields,
    )
}

/// C: a type, and what it is about.
pub(super) fn typed(kind: &str, fields: Value) -> Value {
    beside([("type", kind), ("timestamp", &now())], fields)
}

/// E: flat, the fields beside the event.
pub(super) fn flat(event: &str, fields: Value) -> Value {
    beside([("event", event), ("timestamp", &now())], fields)
}

/// The present, as TickStockPL writes it.
pub(super) fn now() -> String {
    format_time(Timestamp::now())
}

fn beside<const N: usize>(keys: [(&str, &str); N], fields: Value) -> Value {
    let mut message: Map<_, _> = keys
        .into_iter()
        .map(|(key, value)| (key.to_owned(), Value::from(value)))
        .collect();
    message.extend(objects_fields(fields));
    Value::Object(message)
}

/// `payload` and what else it has here.
pub(super) fn with(mut payload: Value, more: Value) -> Value {
    if let Value::Object(fields) = &mut payload {
        fields.extend(objects_fields(more));
    }
    payload
}

fn objects_fields(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
