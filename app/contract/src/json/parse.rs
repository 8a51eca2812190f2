//! Reads JSON with serde_json, where `quick` does not.

use super::document::{Builder, Document, Keys, Value};
use super::quick;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Reads `text`, which must be JSON; what is not is left to [`Pieces`].
pub(crate) fn parse(text: &str) -> Result<Document<'_>, serde_json::Error> {
    match quick::read(text) {
        Some(document) => Ok(document),
        None => parse_with_serde(text),
    }
}

pub(super) fn parse_with_serde(text: &str) -> Result<Document<'_>, serde_json::Error> {
    serde_json::from_str(text)
}

impl<'de: 'a, 'a> Deserialize<'de> for Document<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut builder = Builder::new();
        Seed {
            builder: &mut builder,
            name: Cow::Borrowed(""),
        }
        .deserialize(deserializer)?;
        Ok(builder.document())
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

/// Reads one value into a document.
struct Seed<'b, 'a> {
    builder: &'b mut Builder<'a>,
    name: Cow<'a, str>,
}

impl<'de> DeserializeSeed<'de> for Seed<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Seed<'_, 'a> {
    fn push<E>(self, value: Value<'a>) -> Result<(), E> {
        self.builder.push(self.name, value);
        Ok(())
    }

    fn text<E>(self, text: Cow<'a, str>) -> Result<(), E> {
        self.builder.push_text(self.name, text);
        Ok(())
    }
}

impl<'de> Visitor<'de> for Seed<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        self.push(Value::Null)
    }
    fn visit_bool<E>(self, v: bool) -> Result<(), E> {
        self.push(Value::Bool(v))
    }
    fn visit_i64<E>(self, v: i64) -> Result<(), E> {
        self.push(Value::Int(v))
    }
    fn visit_u64<E>(self, v: u64) -> Result<(), E> {
        self.push(i64::try_from(v).map_or(Value::Large(v), Value::Int))
    }
    fn visit_f64<E>(self, v: f64) -> Result<(), E> {
        self.push(Value::Float(v))
    }
    fn visit_borrowed_str<E>(self, v: &'de str) -> Result<(), E> {
        self.text(Cow::Borrowed(v))
    }
    fn visit_str<E>(self, v: &str) -> Result<(), E> {
        self.text(Cow::Owned(v.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let index = self.builder.open(self.name);
        while seq
            .next_element_seed(Seed {
                builder: &mut *self.builder,
                name: Cow::Borrowed(""),
            })?
            .is_some()
        {}
        self.builder.close(index, Value::List);
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let index = self.builder.open(self.name);
        let mut keys = Keys::default();
        while let Some(Key(name)) = map.next_key()? {
            keys.add(&name);
            map.next_value_seed(Seed {
                builder: &mut *self.builder,
                name,
            })?;
        }
        self.builder.close(index, keys.object());
        Ok(())
    }
}
