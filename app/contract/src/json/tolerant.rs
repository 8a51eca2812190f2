//! Reading what is nearly JSON, as far as it can be read: what stands for a value that cannot be
//! read is replaced, not refused.
//!
//! Only what [`super::parse`] refuses comes here. Accepted beside JSON: lone surrogates (replaced),
//! control characters and unescaped quotation marks in texts, `NaN` and `Infinity` (null), numbers
//! that nothing holds, commas too many or too few, what Python's `repr` writes (single quotes,
//! `True`, `None`), words without quotes, several values one after another or in a list, and a text
//! that ends before its objects do.

use super::document::{Builder, Document, Items, Keys, Value};
use std::borrow::Cow;

/// Deeper values are left out.
const DEPTH: u32 = 128;
/// Values of one message that are kept.
const NODES: usize = 1 << 16;
/// A text that is cut off is kept if it is longer than this: then it is prose, and neither an id
/// nor a word.
const PROSE_BYTES: usize = 256;
/// How much white space between a quotation mark and what follows it is looked at.
const LOOK_AHEAD: usize = 64;

/// One value at the top of a text.
pub(crate) struct Piece<'a> {
    /// Where it stands in the text.
    pub(crate) text: &'a str,
    /// `None` where no object and no text begins.
    pub(crate) document: Option<Document<'a>>,
    /// False where something is missing of it: what is not in it may have been said.
    pub(crate) is_complete: bool,
    /// Whether it stands in a list.
    pub(crate) in_list: bool,
}

/// The values at the top of a text: several objects in lines or one after another are several, and
/// so are the items of a list.
pub(crate) struct Pieces<'a> {
    text: &'a str,
    at: usize,
    in_list: bool,
}

impl<'a> Pieces<'a> {
    pub(crate) fn split(text: &'a str) -> Self {
        Pieces {
            text,
            at: 0,
            in_list: false,
        }
    }

    /// Steps over what may stand between values.
    fn separators(&mut self) {
        for (index, c) in self.text[self.at..].char_indices() {
            match c {
                '[' => self.in_list = true,
                ',' | ']' | '}' | '\u{feff}' | '\u{fffd}' => {}
                c if c.is_whitespace() || c.is_control() => {}
                _ => {
                    self.at += index;
                    return;
                }
            }
        }
        self.at = self.text.len();
    }

    /// Steps over what is neither an object nor a text: to the end of its line or, in a list, of
    /// its item. False where an object follows on the same line: then it was what a log writes in
    /// front.
    fn junk(&mut self) -> bool {
        let rest = &self.text[self.at..];
        for (index, c) in rest.char_indices() {
            let ends = c == '\n' || self.in_list && matches!(c, ',' | ']');
            let begins_object = c == '{' && rest[index + 1..].trim_start().starts_with(['"', '\'']);
            if ends || begins_object {
                self.at += index;
                return ends;
            }
        }
        self.at = self.text.len();
        true
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        loop {
            self.separators();
            let from = self.at;
            let rest = &self.text.as_bytes()[from..];
            // Python writes b'…' for bytes.
            let quote = usize::from(matches!(rest, [b'b', b'"' | b'\'', ..]));
            match rest.get(quote)? {
                b'{' | b'"' | b'\'' => {
                    let mut reader = Reader::starting_at(self.text, from + quote);
                    reader.value(Cow::Borrowed(""), DEPTH, Quotes::EndAtOnce);
                    self.at = reader.at;
                    let (text, is_complete) = (&self.text[from..self.at], reader.is_complete);
                    let document = Some(reader.builder.document());
                    return Some(Piece {
                        text,
                        document,
                        is_complete,
                        in_list: self.in_list,
                    });
                }
                _ if self.junk() => {
                    let text = self.text[from..self.at].trim_end();
                    return Some(Piece {
                        text,
                        document: None,
                        is_complete: false,
                        in_list: self.in_list,
                    });
                }
                _ => {}
            }
        }
    }
}

/// A message of which the beginning was read, and the fields that stand at its end: they are added
/// to those at the top, unless they stand deeper than in its payload.
pub(crate) fn with_tail<'a>(document: Document<'a>, tail: &'a str) -> Document<'a> {
    let Some(from) = first_member(tail) else {
        return document;
    };
    let depth = open_at(tail, from);
    let mut reader = Reader::starting_at(tail, from);
    reader.builder = Builder {
        nodes: document.nodes,
        has_object_text: document.has_object_text,
    };
    reader.members(&mut Keys::default(), DEPTH, Some(depth));
    let mut keys = Keys::default();
    Items(&reader.builder.nodes[1..]).for_each(|item| keys.add(&item.0[0].name));
    reader.builder.close(0, keys.object());
    reader.builder.document()
}

/// Where the first `"key":` of a text stands that begins anywhere: behind a comma or a brace, since
/// within a text its quotation marks would be escaped.
fn first_member(text: &str) -> Option<usize> {
    let is_key = |rest: &str| {
        let key = rest
            .bytes()
            .take_while(|b| b.is_ascii_alphanumeric() || *b == b'_')
            .count();
        key > 0
            && rest[key..]
                .strip_prefix('"')
                .is_some_and(|rest| rest.trim_start().starts_with(':'))
    };
    let follows = |before: &str| before.trim_end().ends_with([',', '{']);
    text.match_indices('"')
        .map(|(at, _)| at)
        .find(|at| follows(&text[..*at]) && is_key(&text[at + 1..]))
}

/// How many objects and lists are open at `from`, if all of them end in the text.
fn open_at(text: &str, from: usize) -> i64 {
    let mut reader = Reader::starting_at(text, from);
    let mut open = 0;
    while let Some(byte) = reader.peek() {
        match byte {
            b'"' => {
                reader.string(Quotes::EndBeforePunctuation);
                continue;
            }
            b'{' | b'[' => open -= 1,
            b'}' | b']' => open += 1,
            _ => {}
        }
        reader.at += 1;
    }
    open
}

/// Which quotation mark ends a text.
#[derive(Clone, Copy)]
enum Quotes {
    /// The next one.
    EndAtOnce,
    /// The next one behind which something can follow a text; others stand in it unescaped.
    EndBeforePunctuation,
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    builder: Builder<'a>,
    is_complete: bool,
}

impl<'a> Reader<'a> {
    fn starting_at(text: &'a str, at: usize) -> Self {
        Reader {
            text,
            bytes: text.as_bytes(),
            at,
            builder: Builder::new(),
            is_complete: true,
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Steps over white space, control characters and `more`.
    fn space(&mut self, more: u8) {
        while let Some(byte) = self.peek()
            && (byte <= b' ' || byte == 0x7f || byte == more)
        {
            self.at += 1;
        }
    }

    fn has_room(&mut self) -> bool {
        let has_room = self.builder.nodes.len() < NODES;
        self.is_complete &= has_room;
        has_room
    }

    fn push(&mut self, name: Cow<'a, str>, value: Value<'a>) {
        if self.has_room() {
            match value {
                Value::Text(text) => self.builder.push_text(name, text),
                value => self.builder.push(name, value),
            }
        }
    }

    fn value(&mut self, name: Cow<'a, str>, depth: u32, quotes: Quotes) {
        self.space(b' ');
        if let Some([b'b' | b'u', b'"' | b'\'']) = self.bytes.get(self.at..self.at + 2) {
            self.at += 1;
        }
        match self.peek() {
            Some(b'{' | b'[') if depth == 0 || !self.has_room() => {
                self.skip();
                self.push(name, Value::Unreadable);
            }
            Some(b'{') => self.object(name, depth - 1),
            Some(b'[') => self.list(name, depth - 1),
            Some(b'"' | b'\'') => {
                let value = match self.string(quotes) {
                    (text, true) => Value::Text(text),
                    (text, false) if text.len() > PROSE_BYTES => Value::Text(text),
                    _ => Value::Unreadable,
                };
                self.push(name, value);
            }
            // There is none.
            None | Some(b',' | b'}' | b']') => {
                self.is_complete = false;
                self.push(name, Value::Unreadable);
            }
            Some(_) => {
                let value = self.bare();
                self.push(name, value);
            }
        }
    }

    fn object(&mut self, name: Cow<'a, str>, depth: u32) {
        self.at += 1;
        let index = self.builder.open(name);
        let mut keys = Keys::default();
        self.members(&mut keys, depth, None);
        self.builder.close(index, keys.object());
    }

    /// Reads `"key": value` to the end of the object; where `open` says how many objects and lists
    /// are open, to the end of the text, leaving out what stands deeper than in the payload.
    fn members(&mut self, keys: &mut Keys, depth: u32, mut open: Option<i64>) {
        loop {
            self.space(b',');
            let key = match self.peek() {
                None => {
                    self.is_complete = false;
                    return;
                }
                Some(b'}' | b']') if open.is_some() => {
                    self.at += 1;
                    open = open.map(|open| open - 1);
                    continue;
                }
                Some(b'{' | b'[') if open.is_some() => {
                    self.skip();
                    continue;
                }
                Some(b'}') => {
                    self.at += 1;
                    return;
                }
                Some(b']') => {
                    self.at += 1;
                    self.is_complete = false;
                    continue;
                }
                Some(b'"' | b'\'') => match self.string(Quotes::EndBeforePunctuation) {
                    (key, true) => key,
                    _ => continue,
                },
                Some(_) => Cow::Borrowed(self.bare_key()),
            };
            self.space(b' ');
            if self.peek() != Some(b':') {
                self.is_complete = false;
                continue;
            }
            self.at += 1;
            let before = self.builder.nodes.len();
            keys.add(&key);
            self.value(key, depth, Quotes::EndBeforePunctuation);
            if open.is_some_and(|open| open > 2) {
                self.builder.nodes.truncate(before);
            }
            self.space(b' ');
            self.is_complete &= matches!(self.peek(), Some(b',' | b'}'));
        }
    }

    fn list(&mut self, name: Cow<'a, str>, depth: u32) {
        self.at += 1;
        let index = self.builder.open(name);
        loop {
            self.space(b',');
            match self.peek() {
                Some(b']') => {
                    self.at += 1;
                    break;
                }
                // It ends with the object that it stands in.
                None | Some(b'}') => {
                    self.is_complete = false;
                    break;
                }
                Some(_) => self.value(Cow::Borrowed(""), depth, Quotes::EndBeforePunctuation),
            }
        }
        self.builder.close(index, Value::List);
    }

    /// Steps over an object or a list.
    fn skip(&mut self) {
        let mut open = 0usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' | b'\'' => {
                    self.string(Quotes::EndBeforePunctuation);
                    continue;
                }
                b'{' | b'[' => open += 1,
                b'}' | b']' => open = open.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                return;
            }
        }
        self.is_complete = false;
    }

    /// A text from its quotation mark on, and whether it ends.
    fn string(&mut self, quotes: Quotes) -> (Cow<'a, str>, bool) {
        let quote = self.bytes[self.at];
        let mut at = self.at + 1;
        let (mut copied, mut out) = (at, None::<String>);
        let ends = loop {
            match self.bytes.get(at) {
                None => break false,
                Some(b'\\') => {
                    let out = out.get_or_insert_default();
                    out.push_str(&self.text[copied..at]);
                    at = self.escape(at + 1, out);
                    copied = at;
                }
                Some(byte) if *byte == quote && self.ends_before(at + 1, quotes) => break true,
                Some(_) => at += 1,
            }
        };
        let rest = &self.text[copied..at];
        self.at = at + usize::from(ends);
        self.is_complete &= ends;
        let text = match out {
            Some(out) => Cow::Owned(out + rest),
            None => Cow::Borrowed(rest),
        };
        (text, ends)
    }

    /// Whether a text can end before `at`.
    fn ends_before(&self, at: usize, quotes: Quotes) -> bool {
        let next = || {
            self.bytes[at..]
                .iter()
                .take(LOOK_AHEAD)
                .find(|byte| **byte > b' ')
        };
        matches!(quotes, Quotes::EndAtOnce)
            || matches!(next(), None | Some(b',' | b'}' | b']' | b':'))
    }

    /// Reads what stands behind a backslash; returns where it ends.
    fn escape(&self, at: usize, out: &mut String) -> usize {
        let Some(c) = self.text[at..].chars().next() else {
            return at;
        };
        let hex = |from: usize, digits: usize| {
            let text = self.text.get(from..from + digits)?;
            text.bytes()
                .all(|b| b.is_ascii_hexdigit())
                .then(|| u32::from_str_radix(text, 16).ok())?
        };
        let after = at + c.len_utf8();
        let plain = match c {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'x' | 'u' => {
                let digits = if c == 'x' { 2 } else { 4 };
                let Some(unit) = hex(after, digits) else {
                    out.push(char::REPLACEMENT_CHARACTER);
                    return after;
                };
                let after = after + digits;
                let second = match self.bytes.get(after..after + 2) {
                    Some(b"\\u") => hex(after + 2, 4),
                    _ => None,
                };
                if let (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) = (unit, second) {
                    let code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                    out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    return after + 6;
                }
                out.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
                return after;
            }
            other => other,
        };
        out.push(plain);
        after
    }

    /// A key without quotation marks.
    fn bare_key(&mut self) -> &'a str {
        let from = self.at;
        while let Some(byte) = self.peek()
            && !matches!(
                byte,
                b':' | b',' | b'{' | b'}' | b'[' | b']' | b'"' | b'\'' | 0..=b' '
            )
        {
            self.at += 1;
        }
        // Whatever it is, it is stepped over.
        self.at += usize::from(self.at == from);
        &self.text[from..self.at]
    }

    /// A number or a word without quotation marks; Python's `Decimal('1')` and `<Status.FAILED:
    /// 'failed'>` are words.
    fn bare(&mut self) -> Value<'a> {
        let from = self.at;
        let to_end_of = |close: u8, at: usize| {
            self.bytes[at..]
                .iter()
                .position(|b| *b == close)
                .map(|n| at + n)
        };
        let mut at = from;
        while let Some(byte) = self.bytes.get(at) {
            match byte {
                b'(' => at = to_end_of(b')', at).unwrap_or(at),
                b'<' if at == from => at = to_end_of(b'>', at).unwrap_or(at),
                b',' | b'{' | b'}' | b'[' | b']' | b'"' | b'\'' | 0..=b' ' => break,
                _ => {}
            }
            at += 1;
        }
        self.at = at;
        if at == self.bytes.len() {
            // Nobody knows what else would have followed.
            self.is_complete = false;
            return Value::Unreadable;
        }
        word(&self.text[from..at])
    }
}

fn word(text: &str) -> Value<'_> {
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(&[
        "null",
        "none",
        "undefined",
        "nan",
        "-nan",
        "infinity",
        "-infinity",
        "inf",
        "-inf",
    ]) {
        return Value::Null;
    }
    if is(&["true"]) || is(&["false"]) {
        return Value::Bool(text.len() == 4);
    }
    if text == "-0" {
        return Value::Float(-0.0);
    }
    if let Ok(number) = text.parse() {
        return Value::Int(number);
    }
    if let Ok(number) = text.parse() {
        return Value::Large(number);
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Value::Float(number),
        Ok(_) => Value::Unreadable,
        Err(_) => Value::Text(Cow::Borrowed(text)),
    }
}

#[cfg(test)]
mod tests;
