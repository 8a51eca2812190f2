//! Reading request bodies: every field checked, the first wrong one named.

use axum::Json;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use contract::Phase;
use serde_json::{Map, Value, json};

/// An error as TickStockPL is assumed to answer it.
pub(super) fn error(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "error": message }))).into_response()
}

/// A body that cannot be used: 400, with the field's name.
pub(super) fn wrong(field: &str, why: &str) -> Response {
    (
        StatusCode::BAD_REQUEST,
        Json(json!({ "error": format!("{field} {why}"), "field": field })),
    )
        .into_response()
}

/// The fields of a JSON object; an empty body has none.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    pub(super) fn read(bytes: &Bytes) -> Result<Fields, Box<Response>> {
        if bytes.is_empty() {
            return Ok(Fields(Map::new()));
        }
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(fields)) => Ok(Fields(fields)),
            _ => Err(Box::new(wrong("body", "must be a JSON object"))),
        }
    }

    fn get(&self, field: &str) -> Option<&Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }

    pub(super) fn flag(&self, field: &str) -> Result<Option<bool>, Box<Response>> {
        self.get(field)
            .map(|value| {
                value
                    .as_bool()
                    .ok_or_else(|| Box::new(wrong(field, "must be true or false")))
            })
            .transpose()
    }

    pub(super) fn number(
        &self,
        field: &str,
        from: u64,
        to: u64,
    ) -> Result<Option<u64>, Box<Response>> {
        let read = |value: &Value| value.as_u64().filter(|n| (from..=to).contains(n));
        let wrong = || {
            Box::new(wrong(
                field,
                &format!("must be a number from {from} to {to}"),
            ))
        };
        self.get(field)
            .map(|value| read(value).ok_or_else(wrong))
            .transpose()
    }

    pub(super) fn text(&self, field: &str) -> Result<Option<String>, Box<Response>> {
        let read = |value: &Value| {
            value
                .as_str()
                .filter(|text| !text.is_empty() && text.len() <= 200)
                .map(str::to_owned)
        };
        self.get(field)
            .map(|value| read(value).ok_or_else(|| Box::new(wrong(field, "must be a text"))))
            .transpose()
    }

    /// A list of texts, each as `is_right` wants it.
    pub(super) fn texts(
        &self,
        field: &str,
        what: &str,
        is_right: impl Fn(&str) -> bool,
    ) -> Result<Option<Vec<String>>, Box<Response>> {
        let wrong = || Box::new(wrong(field, &format!("must be a list of {what}")));
        let Some(value) = self.get(field) else {
            return Ok(None);
        };
        let items = value
            .as_array()
            .filter(|items| !items.is_empty() && items.len() <= 10_000)
            .ok_or_else(wrong)?;
        let text = |item: &Value| {
            item.as_str()
                .filter(|text| is_right(text))
                .map(str::to_owned)
        };
        items
            .iter()
            .map(text)
            .collect::<Option<Vec<_>>>()
            .map(Some)
            .ok_or_else(wrong)
    }

    /// The phases, by any of their names, in their order; `all` stands for every one, and so does
    /// saying nothing.
    pub(super) fn phases(&self) -> Result<Vec<Phase>, Box<Response>> {
        let what = "phases (import, cache_sync, indicators, patterns) or [\"all\"]";
        let is_phase = |name: &str| {
            name == "all" || SILENT_PHASES.contains(&name) || Phase::parse(name).is_some()
        };
        let Some(names) = self.texts("phases", what, is_phase)? else {
            return Ok(Phase::ALL.to_vec());
        };
        let is_named = |phase: &Phase| {
            names
                .iter()
                .any(|name| name == "all" || Phase::parse(name) == Some(*phase))
        };
        let phases: Vec<_> = Phase::ALL.into_iter().filter(is_named).collect();
        if phases.is_empty() {
            Err(Box::new(wrong(
                "phases",
                "must name at least one of the four",
            )))
        } else {
            Ok(phases)
        }
    }
}

/// Phases that older documents name, and that say nothing of themselves; they may stand beside
/// others.
const SILENT_PHASES: [&str; 2] = ["alert_generation", "finalization"];

/// Whether this can be a ticker symbol.
pub(super) fn is_symbol(text: &str) -> bool {
    (1..=10).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-'))
}
