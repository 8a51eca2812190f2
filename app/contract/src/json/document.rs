//! A document: one list of nodes in the order of the text, each followed by what stands in it, so
//! that a message costs one allocation.

use std::borrow::Cow;
use std::cell::Cell;

/// A message.
#[derive(Debug, PartialEq)]
pub(crate) struct Document<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    /// Whether some text in it looks like an object; see [`Document::expanded`].
    pub(super) has_object_text: bool,
}

/// A value in its place, followed by what stands in it.
#[derive(Debug, PartialEq)]
pub(super) struct Node<'a> {
    /// Its key; empty in a list and at the top.
    pub(super) name: Cow<'a, str>,
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
pub struct Json<'j, 'a>(pub(super) &'j [Node<'a>]);

/// The values that stand directly in one.
#[derive(Debug, Clone)]
pub struct Items<'j, 'a>(pub(super) &'j [Node<'a>]);

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
    pub fn list_items(self) -> Option<Items<'j, 'a>> {
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
pub(super) struct Keys {
    present: u64,
    twice: bool,
}

impl Keys {
    pub(super) fn add(&mut self, name: &str) {
        let bit = 1 << bit(name);
        self.twice |= self.present & bit != 0;
        self.present |= bit;
    }

    pub(super) fn object<'a>(self) -> Value<'a> {
        Value::Object {
            present: self.present,
            twice: self.twice,
        }
    }
}

/// Nodes of a usual message: one allocation for nearly all of them.
const USUAL_NODES: usize = 18;

/// A document that is being read.
pub(super) struct Builder<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) has_object_text: bool,
}

impl<'a> Builder<'a> {
    pub(super) fn new() -> Self {
        Builder {
            nodes: Vec::with_capacity(USUAL_NODES),
            has_object_text: false,
        }
    }

    pub(super) fn document(self) -> Document<'a> {
        Document {
            nodes: self.nodes,
            has_object_text: self.has_object_text,
        }
    }

    pub(super) fn push(&mut self, name: Cow<'a, str>, value: Value<'a>) {
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
    pub(super) fn push_text(&mut self, name: Cow<'a, str>, text: Cow<'a, str>) {
        self.has_object_text |= text.as_bytes().first() == Some(&b'{');
        self.push(name, Value::Text(text));
    }

    /// Puts all of another document here, under `name`.
    pub(super) fn append(&mut self, name: Cow<'a, str>, document: Document<'a>) {
        let index = self.nodes.len();
        self.nodes.extend(document.nodes);
        if let Some(first) = self.nodes.get_mut(index) {
            (first.bit, first.name) = (bit(&name), name);
        }
    }

    /// Begins a list or an object; what is pushed before [`Self::close`] stands in it.
    pub(super) fn open(&mut self, name: Cow<'a, str>) -> usize {
        self.push(name, Value::List);
        self.nodes.len() - 1
    }

    pub(super) fn close(&mut self, index: usize, value: Value<'a>) {
        // A message has no more nodes than bytes, so the number fits.
        self.nodes[index].span = u32::try_from(self.nodes.len() - index).unwrap_or(u32::MAX);
        self.nodes[index].value = value;
    }
}
