//! A borrowed JSON value: what `decode` reads a message into before it looks for fields.
//!
//! Text without escapes borrows from the message, objects are short lists in the order of the text, and of a key that
//! stands twice the last counts, as in Python's `json`, which TickStockPL and its other readers use.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

/// One JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Object(Object<'a>),
}

/// An object's entries in the order of the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Object<'a> {
    entries: Vec<(Cow<'a, str>, Json<'a>)>,
    /// A bit for each key, so that most of the names that are not there are told so without a look at the entries: a field
    /// is looked for under many names, and nearly all of them are absent.
    present: u64,
    /// A bit for each of the first 64 entries: whether anybody asked for it. What nobody asked for, nobody documented.
    read: Cell<u64>,
}

/// The bit that a key has in [`Object::present`]; several keys share one.
fn bit(key: &str) -> u64 {
    match key.as_bytes() {
        [first, .., last] => 1 << ((key.len() as u64 * 5 + u64::from(*first) * 3 + u64::from(*last)) & 63),
        _ => 1,
    }
}

impl<'a> Object<'a> {
    fn get(&self, key: &str) -> Option<&Json<'a>> {
        if self.present & bit(key) == 0 {
            return None;
        }
        let index = self.entries.iter().rposition(|(name, _)| name == key)?;
        self.read.set(self.read.get() | 1u64.checked_shl(index as u32).unwrap_or(0));
        let value = &self.entries[index].1;
        (*value != Json::Null).then_some(value)
    }
}

impl<'a> Json<'a> {
    /// The value under `key`, if this is an object that has it and it is not null.
    pub(crate) fn get(&self, key: &str) -> Option<&Json<'a>> {
        match self {
            Json::Object(object) => object.get(key),
            _ => None,
        }
    }

    /// All entries, if this is an object, also those that a later one of the same key overrides. All of them count as read.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &Json<'a>)> {
        let object = match self {
            Json::Object(object) => Some(object),
            _ => None,
        };
        object.into_iter().flat_map(|object| {
            object.read.set(u64::MAX);
            object.entries.iter().map(|(name, value)| (name.as_ref(), value))
        })
    }

    /// Shows `see` every entry that nobody asked for, with the name of the object it stands in; `""` at the top.
    pub(crate) fn unread(&self, parent: &str, see: &mut impl FnMut(&str, &str, &Json<'a>)) {
        let Json::Object(object) = self else { return };
        let read = object.read.get();
        for (index, (name, value)) in object.entries.iter().enumerate() {
            if read & 1u64.checked_shl(index as u32).unwrap_or(0) == 0 {
                see(parent, name, value);
            } else if value.is_object() && read != u64::MAX {
                value.unread(name, see);
            }
        }
    }

    /// The text, if this is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_object(&self) -> bool {
        matches!(self, Json::Object(_))
    }
}

/// Reads `text`; a message in which Python wrote `NaN` or `Infinity` is read with `null` in their place.
pub(crate) fn parse(text: &str) -> Result<Json<'_>, serde_json::Error> {
    serde_json::from_str(text)
}

/// `text` with every bare `NaN`, `Infinity` and `-Infinity` (what Python's `json.dumps` writes) replaced by `null`;
/// `None` when there is nothing to replace.
pub(crate) fn without_nan(text: &str) -> Option<String> {
    let mut out = String::new();
    let (mut copied, mut at) = (0, 0);
    let bytes = text.as_bytes();
    let mut in_text = false;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if in_text => at += 1,
            b'"' => in_text = !in_text,
            b'N' | b'I' | b'-' if !in_text => {
                let word = ["NaN", "Infinity", "-Infinity"].into_iter().find(|w| bytes[at..].starts_with(w.as_bytes()));
                if let Some(word) = word {
                    out.push_str(&text[copied..at]);
                    out.push_str("null");
                    at += word.len();
                    copied = at;
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
    if copied == 0 {
        return None;
    }
    out.push_str(&text[copied..]);
    Some(out)
}

impl<'de: 'a, 'a> Deserialize<'de> for Json<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

/// An object's key: borrowed from the message where it has no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Cow<'de, str>;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(v))
            }
            fn visit_str<E>(self, v: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(v.to_owned()))
            }
        }
        deserializer.deserialize_str(KeyVisitor).map(Key)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }
    fn visit_bool<E>(self, v: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(v))
    }
    fn visit_i64<E>(self, v: i64) -> Result<Json<'de>, E> {
        Ok(Json::Int(v))
    }
    fn visit_u64<E>(self, v: u64) -> Result<Json<'de>, E> {
        Ok(i64::try_from(v).map_or(Json::Float(v as f64), Json::Int))
    }
    fn visit_f64<E>(self, v: f64) -> Result<Json<'de>, E> {
        Ok(Json::Float(v))
    }
    fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(v)))
    }
    fn visit_str<E>(self, v: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(v.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = seq.next_element()? {
            list.push(value);
        }
        Ok(Json::List(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'de>, A::Error> {
        // Envelopes have five keys and payloads up to eight: one allocation for nearly all of them.
        let mut object = Object { entries: Vec::new(), present: 0, read: Cell::new(0) };
        while let Some((Key(name), value)) = map.next_entry()? {
            if object.entries.is_empty() {
                object.entries.reserve(8);
            }
            object.present |= bit(&name);
            object.entries.push((name, value));
        }
        Ok(Json::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_key_that_stands_twice_the_last_counts() {
        let value = parse(r#"{"a":1,"a":2}"#).unwrap();
        assert_eq!(value.get("a"), Some(&Json::Int(2)));
    }

    #[test]
    fn pythons_nan_becomes_null_but_text_is_left_alone() {
        let text = r#"{"a":NaN,"b":[-Infinity,"NaN \" NaN"],"c":-1}"#;
        assert_eq!(without_nan(text).unwrap(), r#"{"a":null,"b":[null,"NaN \" NaN"],"c":-1}"#);
        assert_eq!(without_nan(r#"{"a":"NaN","b":-1}"#), None);
    }

    #[test]
    fn text_without_escapes_is_borrowed() {
        let value = parse(r#"{"a":"x","b":"x\n"}"#).unwrap();
        assert!(matches!(value.get("a"), Some(Json::Text(Cow::Borrowed("x")))));
        assert!(matches!(value.get("b"), Some(Json::Text(Cow::Owned(_)))));
    }
}
