//! A borrowed JSON value: what `decode` reads a message into before it looks for fields.
//!
//! A document is one list of nodes in the order of the text, each followed by what stands in it, so
//! that a message costs one allocation. Text without escapes borrows from the message, and of a key
//! that stands twice the last counts, as in Python's `json`, which TickStockPL and its other
//! readers use.

mod quick;
mod tolerant;

pub(crate) use tolerant::{Piece, Pieces, with_tail};

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

/// A message.
#[derive(Debug, PartialEq)]
pub(crate) struct Document<'a> {
    nodes: Vec<Node<'a>>,
    /// Whether some text in it looks like an object; see [`Document::expanded`].
    has_object_text: bool,
}

/// A value in its place, followed by what stands in it.
#[derive(Debug, PartialEq)]
struct Node<'a> {
    /// Its key; empty in a list and at the top.
    name: Cow<'a, str>,
    value: Value<'a>,
    /// How many nodes it is with all that stands in it.
    span: u32,
    /// Which of the 64 bits its key has.
    bit: u8,
    /// Whether anybody asked for it. What nobody asked for, nobody documented.
    read: Cell<bool>,
}

/// What a value is.
#[derive(Debug, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// One that no `i64` holds.
    Large(u64),
    Float(f64),
    Text(Cow<'a, str>),
    /// Something stands here that nobody can read: a number that nothing holds, a text that was cut
    /// off. Unlike null it is not nothing.
    Unreadable,
    List,
    Object {
        /// A bit for each key, so that most of the names that are not there are told so without a
        /// look at the entries: a field is looked for under many names, and nearly all of them are
        /// absent.
        present: u64,
        /// Whether two keys may be the same: they have the same bit.
        twice: bool,
    },
}

/// One value of a text that was read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Json<'j, 'a>(&'j [Node<'a>]);

/// The values that stand directly in one.
#[derive(Clone)]
pub struct Items<'j, 'a>(&'j [Node<'a>]);

impl<'j, 'a> Iterator for Items<'j, 'a> {
    type Item = Json<'j, 'a>;

    fn next(&mut self) -> Option<Json<'j, 'a>> {
        let first = self.0.first()?;
        let (item, rest) = self.0.split_at(first.span as usize);
        self.0 = rest;
        Some(Json(item))
    }
}

impl<'a> Document<'a> {
    /// The value at the top.
    pub(crate) fn top(&self) -> Json<'_, 'a> {
        Json(&self.nodes)
    }

    /// Whether [`Document::expanded`] may find anything.
    pub(crate) fn has_object_text(&self) -> bool {
        self.has_object_text
    }

    /// The same with the objects that stand as text in a place for objects (`"payload":
    /// "{\"run_id\": …}"`), one level deep. Also whether all of those texts could be read to their
    /// end.
    pub(crate) fn expanded(&self) -> (Document<'_>, bool) {
        let (mut builder, mut is_complete) = (Builder::new(), true);
        expand("", self.top(), &mut builder, &mut is_complete);
        (builder.document(), is_complete)
    }

    /// Whether a text, a number or a flag stands anywhere in it.
    pub(crate) fn says_anything(&self) -> bool {
        let empty = |value: &Value<'_>| {
            matches!(
                value,
                Value::Null | Value::Unreadable | Value::List | Value::Object { .. }
            )
        };
        self.nodes.iter().any(|node| !empty(&node.value))
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
    } = Pieces::of(text).next()?;
    document
        .filter(|document| document.top().is_object() && document.says_anything())
        .map(|document| (document, is_complete))
}

/// The bit that a key has in [`Value::Object`], 0 to 63; several keys share one.
const fn bit(key: &str) -> u8 {
    match key.as_bytes() {
        [first, .., last] => ((key.len() as u64 * 5 + *first as u64 * 3 + *last as u64) & 63) as u8,
        _ => 0,
    }
}

/// A name that is looked for, with its bit.
#[derive(Clone, Copy)]
pub(crate) struct Name {
    pub(crate) text: &'static str,
    bit: u8,
}

/// Names with their bits; see [`names!`].
pub(crate) const fn named<const N: usize>(texts: [&'static str; N]) -> [Name; N] {
    let mut names = [Name { text: "", bit: 0 }; N];
    let mut index = 0;
    while index < N {
        names[index] = Name {
            text: texts[index],
            bit: bit(texts[index]),
        };
        index += 1;
    }
    names
}

/// Names to look for; their bits are known when this is compiled.
macro_rules! names {
    ($($text:literal),+ $(,)?) => {
        &const { $crate::json::named([$($text),+]) }
    };
}
pub(crate) use names;

impl<'j, 'a> Json<'j, 'a> {
    /// The value under `key`, if this is an object that has it and it is not null.
    pub fn get(self, key: &str) -> Option<Json<'j, 'a>> {
        self.find(key, bit(key))
    }

    /// As [`Self::get`], for a name whose bit is known.
    pub(crate) fn get_named(self, name: &Name) -> Option<Json<'j, 'a>> {
        self.find(name.text, name.bit)
    }

    fn find(self, key: &str, bit: u8) -> Option<Json<'j, 'a>> {
        let Value::Object { present, twice } = self.value() else {
            return None;
        };
        if present & (1 << bit) == 0 {
            return None;
        }
        let mut named =
            Items(&self.0[1..]).filter(|item| item.0[0].bit == bit && item.0[0].name == key);
        let found = if *twice { named.last() } else { named.next() }?;
        found.0[0].read.set(true);
        (!matches!(found.value(), Value::Null)).then_some(found)
    }

    /// What it is.
    pub(crate) fn value(self) -> &'j Value<'a> {
        &self.0[0].value
    }

    /// The text, if this is one.
    pub fn text(self) -> Option<&'j str> {
        match self.value() {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether this is an object.
    pub fn is_object(self) -> bool {
        matches!(self.value(), Value::Object { .. })
    }

    /// What stands in it, if this is a list.
    pub fn items(self) -> Option<Items<'j, 'a>> {
        matches!(self.value(), Value::List).then(|| Items(&self.0[1..]))
    }

    /// All entries, if this is an object, also those that a later one of the same key overrides.
    /// All that stands in them counts as read.
    pub fn entries(self) -> impl Iterator<Item = (&'j str, Json<'j, 'a>)> {
        let inside = if self.is_object() { &self.0[1..] } else { &[] };
        inside.iter().for_each(|node| node.read.set(true));
        Items(inside).map(|item| (item.0[0].name.as_ref(), item))
    }

    /// Shows `see` every entry that nobody asked for, with the name of the object it stands in;
    /// `""` at the top.
    pub(crate) fn unread(self, parent: &str, see: &mut impl FnMut(&str, &str, Json<'j, 'a>)) {
        let inside = if self.is_object() { &self.0[1..] } else { &[] };
        for item in Items(inside) {
            let node = &item.0[0];
            if !node.read.get() {
                see(parent, &node.name, item);
            } else if item.is_object() {
                item.unread(&node.name, see);
            }
        }
    }
}

/// The keys of an object that is being read.
#[derive(Default)]
struct Keys {
    present: u64,
    twice: bool,
}

impl Keys {
    fn add(&mut self, name: &str) {
        let bit = 1 << bit(name);
        self.twice |= self.present & bit != 0;
        self.present |= bit;
    }

    fn object<'a>(self) -> Value<'a> {
        Value::Object {
            present: self.present,
            twice: self.twice,
        }
    }
}

/// Nodes of a usual message: one allocation for nearly all of them.
const USUAL_NODES: usize = 18;

/// A document that is being read.
struct Builder<'a> {
    nodes: Vec<Node<'a>>,
    has_object_text: bool,
}

impl<'a> Builder<'a> {
    fn new() -> Self {
        Builder {
            nodes: Vec::with_capacity(USUAL_NODES),
            has_object_text: false,
        }
    }

    fn document(self) -> Document<'a> {
        Document {
            nodes: self.nodes,
            has_object_text: self.has_object_text,
        }
    }

    fn push(&mut self, name: Cow<'a, str>, value: Value<'a>) {
        let bit = bit(&name);
        self.nodes.push(Node {
            name,
            value,
            span: 1,
            bit,
            read: Cell::new(false),
        });
    }

    #[inline]
    fn push_text(&mut self, name: Cow<'a, str>, text: Cow<'a, str>) {
        self.has_object_text |= text.as_bytes().first() == Some(&b'{');
        self.push(name, Value::Text(text));
    }

    /// Puts all of another document here, under `name`.
    fn append(&mut self, name: Cow<'a, str>, document: Document<'a>) {
        let index = self.nodes.len();
        self.nodes.extend(document.nodes);
        if let Some(first) = self.nodes.get_mut(index) {
            (first.bit, first.name) = (bit(&name), name);
        }
    }

    /// Begins a list or an object; what is pushed before [`Self::close`] stands in it.
    fn open(&mut self, name: Cow<'a, str>) -> usize {
        self.push(name, Value::List);
        self.nodes.len() - 1
    }

    fn close(&mut self, index: usize, value: Value<'a>) {
        // A message has no more nodes than bytes, so the number fits.
        self.nodes[index].span = u32::try_from(self.nodes.len() - index).unwrap_or(u32::MAX);
        self.nodes[index].value = value;
    }
}

/// Reads `text`, which must be JSON; what is not is left to [`Pieces`].
pub(crate) fn parse(text: &str) -> Result<Document<'_>, serde_json::Error> {
    match quick::read(text) {
        Some(document) => Ok(document),
        None => slowly(text),
    }
}

fn slowly(text: &str) -> Result<Document<'_>, serde_json::Error> {
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
    fn one<E>(self, value: Value<'a>) -> Result<(), E> {
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
        self.one(Value::Null)
    }
    fn visit_bool<E>(self, v: bool) -> Result<(), E> {
        self.one(Value::Bool(v))
    }
    fn visit_i64<E>(self, v: i64) -> Result<(), E> {
        self.one(Value::Int(v))
    }
    fn visit_u64<E>(self, v: u64) -> Result<(), E> {
        self.one(i64::try_from(v).map_or(Value::Large(v), Value::Int))
    }
    fn visit_f64<E>(self, v: f64) -> Result<(), E> {
        self.one(Value::Float(v))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_key_that_stands_twice_the_last_counts() {
        let document = parse(r#"{"a":1,"a":{"b":[2,3]},"c":4}"#).unwrap();
        let value = document.top().get("a").unwrap();
        let items: Vec<_> = value
            .get("b")
            .unwrap()
            .items()
            .unwrap()
            .map(|item| item.value())
            .collect();
        assert_eq!(items, [&Value::Int(2), &Value::Int(3)]);
        assert_eq!(document.top().get("c").unwrap().value(), &Value::Int(4));
    }

    #[test]
    fn what_nobody_asked_for_is_told() {
        let document = parse(r#"{"a":{"x":1,"y":{"z":2}},"b":3,"c":{"d":4}}"#).unwrap();
        let top = document.top();
        top.get("a").and_then(|a| a.get("x"));
        assert_eq!(top.get("c").map(|c| c.entries().count()), Some(1));
        let mut unread = Vec::new();
        top.unread("", &mut |parent, name, _| {
            unread.push(format!("{parent}.{name}"))
        });
        assert_eq!(unread, ["a.y", ".b"]);
    }

    #[test]
    fn an_object_as_text_is_read_in_its_place_one_level_deep() {
        let document =
            parse(r#"{"payload":"{\"a\":1,\"data\":\"{\\\"b\\\":2}\"}","message":"{\"c\":3}"}"#)
                .unwrap();
        assert!(document.has_object_text());
        let (expanded, is_complete) = document.expanded();
        let payload = expanded.top().get("payload").unwrap();
        assert!(is_complete);
        assert_eq!(payload.get("a").unwrap().value(), &Value::Int(1));
        assert_eq!(payload.get("data").unwrap().text(), Some(r#"{"b":2}"#));
        assert_eq!(
            expanded.top().get("message").unwrap().text(),
            Some(r#"{"c":3}"#)
        );
    }

    #[test]
    fn what_is_no_object_text_is_copied_as_it_is() {
        let text = r#"{"payload":"{","a":{"b":[1,null,true,2.5,18446744073709551615,"x"]}}"#;
        let document = parse(text).unwrap();
        let (expanded, _) = document.expanded();
        assert_eq!(expanded.nodes, document.nodes);
    }

    #[test]
    fn text_without_escapes_is_borrowed() {
        for (text, borrowed) in [(r#""x""#, true), (r#""x\n""#, false)] {
            let document = parse(text).unwrap();
            assert_eq!(
                matches!(document.top().value(), Value::Text(Cow::Borrowed(_))),
                borrowed,
                "{text}"
            );
        }
    }
}
