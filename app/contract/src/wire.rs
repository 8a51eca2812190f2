//! Reads what the console itself wrote, frames and states, with little code: a page loads all of
//! it.
//!
//! Serde's derived deserializers are generated for every type: with them, contract, model and
//! serde_json take 384 KB of WASM instead of 211 KB. Here a text is read into the same list of
//! nodes as a message, and each type picks its fields from it: [`Read`]. Writing is serde's.
//! Missing fields are empty, absent or zero where that means something, so that the output of
//! older versions can be read.

pub use crate::json::Json;

use crate::json::{Document, Value};
use serde::de::{Deserialize, Deserializer, Error};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// What can be read from a value.
pub trait Read: Sized {
    /// Reads it; `None` where the value is something else.
    fn read(json: Json<'_, '_>) -> Option<Self>;

    /// What it is where nothing is said; `None` where something must be.
    fn missing() -> Option<Self> {
        None
    }
}

/// Reads the field `name` of an object.
pub fn field<T: Read>(object: Json<'_, '_>, name: &str) -> Option<T> {
    match object.get(name) {
        Some(value) => T::read(value),
        None => T::missing(),
    }
}

/// As [`field`], with what it is where nothing is said.
pub fn field_or<T: Read>(object: Json<'_, '_>, name: &str, otherwise: T) -> Option<T> {
    match object.get(name) {
        Some(value) => T::read(value),
        None => Some(otherwise),
    }
}

/// Reads a type by its [`Read`], for serde; `name` is what an error calls it.
///
/// # Errors
/// Those of the text, or that it is something else.
pub fn deserialize<'de, D: Deserializer<'de>, T: Read>(
    deserializer: D,
    name: &str,
) -> Result<T, D::Error> {
    let document = Document::deserialize(deserializer)?;
    T::read(document.top())
        .ok_or_else(|| Error::custom(format_args!("not what the console writes as {name}")))
}

/// Lets serde read a type by its [`Read`].
#[macro_export]
macro_rules! deserialize_by_read {
    ($name:ident) => {
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::wire::deserialize(deserializer, stringify!($name))
            }
        }
    };
}

/// [`Read`] for a struct: its fields by name, some with what they are where nothing is said.
#[macro_export]
macro_rules! read_fields {
    ($name:ident { $($field:ident $(or $otherwise:expr)?),+ $(,)? }) => {
        impl $crate::wire::Read for $name {
            fn read(json: $crate::wire::Json<'_, '_>) -> Option<Self> {
                Some($name { $($field: $crate::read_fields!(@ json $field $($otherwise)?)?),+ })
            }
        }
        $crate::deserialize_by_read!($name);
    };
    (@ $json:ident $field:ident) => { $crate::wire::field($json, stringify!($field)) };
    (@ $json:ident $field:ident $otherwise:expr) => {
        $crate::wire::field_or($json, stringify!($field), $otherwise)
    };
}

/// Declares an enum whose variants are words, each with its name on the wire, once.
#[macro_export]
macro_rules! words {
    (
        $(#[$attribute:meta])*
        $name:ident { $( $(#[$doc:meta])* $variant:ident = $word:literal ),+ $(,)? }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $( $(#[$doc])* #[doc = concat!("Wire name: `", $word, "`.")] $variant ),+
        }

        impl $name {
            /// Every variant, in the order of their declaration.
            pub const ALL: [Self; [$(Self::$variant),+].len()] = [$(Self::$variant),+];

            /// Name in the stream, in REST and in the database.
            pub const fn wire_name(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Returns the variant with this wire name.
            pub fn from_wire_name(name: &str) -> Option<Self> {
                match name { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.wire_name())
            }
        }

        impl $crate::wire::Read for $name {
            fn read(json: $crate::wire::Json<'_, '_>) -> Option<Self> {
                Self::from_wire_name(json.text()?)
            }
        }

        $crate::deserialize_by_read!($name);
    };
}

/// [`Read`] for an enum whose variants hold one value each, as an object of one entry.
#[macro_export]
macro_rules! read_variants {
    ($name:ident { $($word:literal => $variant:ident),+ $(,)? }) => {
        impl $crate::wire::Read for $name {
            fn read(json: $crate::wire::Json<'_, '_>) -> Option<Self> {
                let (word, value) = json.entries().next()?;
                match word {
                    $($word => $crate::wire::Read::read(value).map($name::$variant),)+
                    _ => None,
                }
            }
        }
        $crate::deserialize_by_read!($name);
        // A variant that is forgotten here does not compile.
        const _: fn(&$name) = |value| match value {
            $($name::$variant(_) => {})+
        };
    };
}

impl Read for bool {
    fn read(json: Json<'_, '_>) -> Option<Self> {
        match json.value() {
            Value::Bool(yes) => Some(*yes),
            _ => None,
        }
    }
    fn missing() -> Option<Self> {
        Some(false)
    }
}

impl Read for i64 {
    fn read(json: Json<'_, '_>) -> Option<Self> {
        match json.value() {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }
}

impl Read for u64 {
    fn read(json: Json<'_, '_>) -> Option<Self> {
        match json.value() {
            Value::Int(number) => u64::try_from(*number).ok(),
            Value::Large(number) => Some(*number),
            _ => None,
        }
    }
    fn missing() -> Option<Self> {
        Some(0)
    }
}

impl Read for u32 {
    fn read(json: Json<'_, '_>) -> Option<Self> {
        u64::read(json)?.try_into().ok()
    }
    fn missing() -> Option<Self> {
        Some(0)
    }
}

impl Read for f64 {
    fn read(json: Json<'_, '_>) -> Option<Self> {
        match json.value() {
            Value::Int(number) => Some(*number as f64),
            Value::Large(number) => Some(*number as f64),
            Value::Float(number) => Some(*number),
            _ => None,
        }
    }
    fn missing() -> Option<Self> {
        Some(0.0)
    }
}

impl Read for Arc<str> {
    fn read(json: Json<'_, '_>) -> Option<Self> {
        json.text().map(Arc::from)
    }
}

impl Read for String {
    fn read(json: Json<'_, '_>) -> Option<Self> {
        json.text().map(str::to_owned)
    }
    fn missing() -> Option<Self> {
        Some(String::new())
    }
}

impl<T: Read> Read for Option<T> {
    fn read(json: Json<'_, '_>) -> Option<Self> {
        match json.value() {
            Value::Null => Some(None),
            _ => T::read(json).map(Some),
        }
    }
    fn missing() -> Option<Self> {
        Some(None)
    }
}

impl<T: Read> Read for Box<T> {
    fn read(json: Json<'_, '_>) -> Option<Self> {
        T::read(json).map(Box::new)
    }
}

impl<T: Read> Read for Arc<T> {
    fn read(json: Json<'_, '_>) -> Option<Self> {
        T::read(json).map(Arc::new)
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(json: Json<'_, '_>) -> Option<Self> {
        json.list_items()?.map(T::read).collect()
    }
    fn missing() -> Option<Self> {
        Some(Vec::new())
    }
}

impl<T: Read> Read for VecDeque<T> {
    fn read(json: Json<'_, '_>) -> Option<Self> {
        Vec::read(json).map(VecDeque::from)
    }
    fn missing() -> Option<Self> {
        Some(VecDeque::new())
    }
}

impl<T: Read, const N: usize> Read for [T; N] {
    fn read(json: Json<'_, '_>) -> Option<Self> {
        Vec::read(json)?.try_into().ok()
    }
}

impl Read for BTreeMap<String, u64> {
    fn read(json: Json<'_, '_>) -> Option<Self> {
        json.is_object().then_some(())?;
        json.entries()
            .map(|(name, value)| Some((name.to_owned(), u64::read(value)?)))
            .collect()
    }
    fn missing() -> Option<Self> {
        Some(BTreeMap::new())
    }
}

impl<A: Read, B: Read> Read for (A, B) {
    fn read(json: Json<'_, '_>) -> Option<Self> {
        let mut items = json.list_items()?;
        Some((A::read(items.next()?)?, B::read(items.next()?)?))
    }
}

impl<A: Read, B: Read, C: Read> Read for (A, B, C) {
    fn read(json: Json<'_, '_>) -> Option<Self> {
        let mut items = json.list_items()?;
        Some((
            A::read(items.next()?)?,
            B::read(items.next()?)?,
            C::read(items.next()?)?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use crate::frame::{Frame, Neighbour};
    use crate::{Channel, Outcome, Phase, RejectionReason, Scalar, Severity, Timestamp};
    use serde::Serialize;
    use serde::de::DeserializeOwned;
    use std::fmt::Debug;

    fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T) {
        let text = serde_json::to_string(&value).unwrap();
        assert_eq!(serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
    }

    #[test]
    fn every_word_is_read_as_it_is_written() {
        Channel::ALL.into_iter().for_each(comes_back);
        Phase::ALL.into_iter().for_each(comes_back);
        RejectionReason::ALL.into_iter().for_each(comes_back);
        Outcome::ALL.into_iter().for_each(comes_back);
        Severity::ALL.into_iter().for_each(comes_back);
        Neighbour::ALL.into_iter().for_each(comes_back);
    }

    #[test]
    fn the_largest_and_the_smallest_numbers_are_read_exactly() {
        for seq in [0, 1 << 53, i64::MAX as u64 + 1, u64::MAX] {
            comes_back(Frame {
                seq,
                at: Timestamp(i64::MIN),
                inputs: Vec::new(),
            });
        }
        [f64::MIN_POSITIVE, -0.1, 1e300, 1_234.567_890_123_4]
            .into_iter()
            .map(Scalar::Number)
            .for_each(comes_back);
    }

    #[test]
    fn wrong_input_is_an_error_that_names_the_type() {
        let frame: Frame = serde_json::from_str(r#"{"at":5,"later_versions_say":"more"}"#).unwrap();
        assert_eq!(
            frame,
            Frame {
                seq: 0,
                at: Timestamp(5),
                inputs: Vec::new()
            }
        );
        for wrong in [
            r#"{"seq":1}"#,
            r#"{"seq":"x","at":5}"#,
            r#"{"seq":1,"at":5,"inputs":[{"nonsense":{}}]}"#,
            "[]",
        ] {
            let error = serde_json::from_str::<Frame>(wrong)
                .unwrap_err()
                .to_string();
            assert!(
                error.contains("not what the console writes as Frame"),
                "{wrong}: {error}"
            );
        }
    }
}
