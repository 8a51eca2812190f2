//! What the dialect `mixed` varies in every message beside its shape: the time's form, numbers as
//! texts, the event's key.

use jiff::Timestamp;
use serde_json::{Value, json};

/// The forms in which the contract's sources write times; the last one is the number of seconds.
const TIMES: [&str; 7] = [
    "%Y-%m-%dT%H:%M:%S%.6fZ",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S%.3fZ",
    "%Y-%m-%dT%H:%M:%S%.6f+00:00",
    "%Y-%m-%dT%H:%M:%S%.6f+00:00Z",
    "%Y-%m-%dT%H:%M:%S%.6f",
    "",
];
/// Every how many messages numbers are texts, and the event's name has the key `event_type`.
const TEXTS: usize = 5;
const EVENT_TYPE: usize = 4;

/// Spells a message in its `turn`th way.
pub(super) fn vary(message: &mut Value, turn: usize) {
    let Value::Object(fields) = message else {
        return;
    };
    if let Some(at) = fields.get_mut("timestamp") {
        *at = time(Timestamp::now(), turn);
    }
    let payload = fields.get_mut("payload").and_then(Value::as_object_mut);
    let is_enveloped = payload.is_some();
    if let Some(payload) = payload {
        if let Some(at) = payload.get_mut("estimated_completion")
            && let Some(moment) = at.as_str().and_then(|text| text.parse().ok())
        {
            *at = time(moment, turn + 1);
        }
        if turn % TEXTS == 1 {
            for number in payload.values_mut().filter(|value| value.is_number()) {
                *number = number.to_string().into();
            }
        }
    }
    if is_enveloped
        && turn % EVENT_TYPE == 2
        && let Some(event) = fields.remove("event")
    {
        fields.insert("event_type".to_owned(), event);
    }
}

fn time(at: Timestamp, turn: usize) -> Value {
    match TIMES[turn % TIMES.len()] {
        "" => json!(at.as_millisecond() as f64 / 1000.0),
        form => at.strftime(form).to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn times_keep_their_moment_in_every_form() {
        let at: Timestamp = "2025-01-26T21:10:00.123456Z".parse().unwrap();
        let forms: BTreeSet<String> = (0..TIMES.len())
            .map(|turn| time(at, turn).to_string())
            .collect();
        assert_eq!(forms.len(), TIMES.len());
        assert!(
            forms.contains("\"2025-01-26T21:10:00.123456+00:00Z\"")
                && forms.contains("1737925800.123"),
            "{forms:?}"
        );
    }

    #[test]
    fn numbers_become_texts_and_events_types_now_and_then() {
        let spelt = |turn| {
            let mut message =
                json!({ "event": "e", "timestamp": "t", "payload": { "total_symbols": 505 } });
            vary(&mut message, turn);
            message
        };
        assert_eq!(spelt(0)["payload"]["total_symbols"], 505);
        assert_eq!(spelt(1)["payload"]["total_symbols"], "505");
        assert_eq!(
            (&spelt(2)["event_type"], spelt(2).get("event")),
            (&json!("e"), None)
        );
    }
}
