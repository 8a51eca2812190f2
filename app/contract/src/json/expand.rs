//! Objects that stand as text in a place for objects.

use super::document::{Builder, Document, Items, Json, Keys, Value};
use super::parse::parse;
use super::tolerant::{Piece, Pieces};
use std::borrow::Cow;

impl Document<'_> {
    /// The same with the objects that stand as text in a place for objects (`"payload":
    /// "{\"run_id\": …}"`), one level deep. Also whether all of those texts could be read to their
    /// end.
    pub(crate) fn expanded(&self) -> (Document<'_>, bool) {
        let (mut builder, mut is_complete) = (Builder::new(), true);
        expand("", self.top(), &mut builder, &mut is_complete);
        (builder.document(), is_complete)
    }
}

/// Where a message has an object, by name.
const OBJECT_PLACES: [&str; 20] = [
    "payload",
    "data",
    "detection",
    "calculation",
    "indicator",
    "alert",
    "context",
    "schedule",
    "metadata",
    "pattern",
    "pattern_data",
    "parameters",
    "bar_data",
    "values",
    "metrics",
    "health",
    "health_score",
    "details",
    "task_results",
    "lookback_days",
];

fn expand<'s>(
    name: &'s str,
    value: Json<'s, '_>,
    builder: &mut Builder<'s>,
    is_complete: &mut bool,
) {
    let in_name = Cow::Borrowed(name);
    match value.value() {
        Value::Object { .. } => {
            let index = builder.open(in_name);
            let mut keys = Keys::default();
            for item in Items(&value.0[1..]) {
                let name = item.0[0].name.as_ref();
                keys.add(name);
                expand(name, item, builder, is_complete);
            }
            builder.close(index, keys.object());
        }
        Value::List => {
            let index = builder.open(in_name);
            Items(&value.0[1..]).for_each(|item| expand("", item, builder, is_complete));
            builder.close(index, Value::List);
        }
        Value::Text(text) if text.starts_with('{') && OBJECT_PLACES.contains(&name) => {
            match object_in(text) {
                Some((inner, whole)) => {
                    *is_complete &= whole;
                    builder.append(in_name, inner);
                }
                None => builder.push_text(in_name, Cow::Borrowed(text)),
            }
        }
        Value::Text(text) => builder.push_text(in_name, Cow::Borrowed(text)),
        Value::Null => builder.push(in_name, Value::Null),
        Value::Unreadable => builder.push(in_name, Value::Unreadable),
        Value::Bool(yes) => builder.push(in_name, Value::Bool(*yes)),
        Value::Int(number) => builder.push(in_name, Value::Int(*number)),
        Value::Large(number) => builder.push(in_name, Value::Large(*number)),
        Value::Float(number) => builder.push(in_name, Value::Float(*number)),
    }
}

/// The object that a text holds, and whether it could be read to its end.
fn object_in(text: &str) -> Option<(Document<'_>, bool)> {
    if let Ok(document) = parse(text) {
        return document.top().is_object().then_some((document, true));
    }
    let Piece {
        document,
        is_complete,
        ..
    } = Pieces::split(text).next()?;
    document
        .filter(|document| document.top().is_object() && document.says_anything())
        .map(|document| (document, is_complete))
}
