//! The quick way to read a message: plain JSON without escapes, exponents and deep nesting, which
//! is what TickStockPL writes.
//!
//! Whatever is unusual in any way (and whatever is wrong) is left to serde_json, whose word counts.
//! A property test holds that what is read here is what serde_json reads.

use super::document::{Builder, Document, Keys, Value};
use std::borrow::Cow;

/// Deeper than any message that means something.
const DEPTH: u32 = 16;

/// Reads `text`; `None` where serde_json is to be asked.
pub(super) fn read(text: &str) -> Option<Document<'_>> {
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        builder: Builder::new(),
    };
    reader.value("", DEPTH)?;
    reader.space();
    (reader.at == text.len()).then(|| reader.builder.document())
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    builder: Builder<'a>,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// Steps over `byte`, if it stands here.
    fn step(&mut self, byte: u8) -> bool {
        let is = self.peek() == Some(byte);
        self.at += usize::from(is);
        is
    }

    fn value(&mut self, name: &'a str, depth: u32) -> Option<()> {
        self.space();
        let value = match self.peek()? {
            b'"' => {
                let text = Cow::Borrowed(self.string()?);
                self.builder.push_text(Cow::Borrowed(name), text);
                return Some(());
            }
            b'{' => return self.object(name, depth.checked_sub(1)?),
            b'[' => return self.list(name, depth.checked_sub(1)?),
            b'-' | b'0'..=b'9' => self.number()?,
            b't' => self.word("true", Value::Bool(true))?,
            b'f' => self.word("false", Value::Bool(false))?,
            b'n' => self.word("null", Value::Null)?,
            _ => return None,
        };
        self.builder.push(Cow::Borrowed(name), value);
        Some(())
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Option<Value<'a>> {
        self.bytes[self.at..].starts_with(word.as_bytes()).then(|| {
            self.at += word.len();
            value
        })
    }

    fn object(&mut self, name: &'a str, depth: u32) -> Option<()> {
        self.at += 1;
        let index = self.builder.open(Cow::Borrowed(name));
        let mut keys = Keys::default();
        self.space();
        if !self.step(b'}') {
            loop {
                self.space();
                let name = if self.peek() == Some(b'"') {
                    self.string()?
                } else {
                    return None;
                };
                keys.add(name);
                self.space();
                if !self.step(b':') {
                    return None;
                }
                self.value(name, depth)?;
                self.space();
                if self.step(b'}') {
                    break;
                }
                if !self.step(b',') {
                    return None;
                }
            }
        }
        self.builder.close(index, keys.object());
        Some(())
    }

    fn list(&mut self, name: &'a str, depth: u32) -> Option<()> {
        self.at += 1;
        let index = self.builder.open(Cow::Borrowed(name));
        self.space();
        if !self.step(b']') {
            loop {
                self.value("", depth)?;
                self.space();
                if self.step(b']') {
                    break;
                }
                if !self.step(b',') {
                    return None;
                }
            }
        }
        self.builder.close(index, Value::List);
        Some(())
    }

    /// A text without escapes, from its quotation mark on.
    fn string(&mut self) -> Option<&'a str> {
        let from = self.at + 1;
        let mut at = from;
        // Eight bytes at a time, while none of them ends the text or needs a closer look.
        while let Some(eight) = self.bytes.get(at..at + 8) {
            let marks = special(u64::from_le_bytes(eight.try_into().ok()?));
            if marks != 0 {
                at += (marks.trailing_zeros() / 8) as usize;
                break;
            }
            at += 8;
        }
        while !matches!(self.bytes.get(at)?, b'"' | b'\\' | 0..=0x1f) {
            at += 1;
        }
        self.at = at + 1;
        (self.bytes[at] == b'"').then(|| &self.text[from..at])
    }

    /// A whole number of up to 18 digits, or a decimal fraction of up to 15 without an exponent.
    fn number(&mut self) -> Option<Value<'a>> {
        let negative = self.step(b'-');
        let from = self.at;
        let whole = self.digits(0)?;
        let digits = self.at - from;
        // No zero in front of other digits, and `-0` is a fraction to serde_json.
        if digits == 0 || digits > 18 || self.bytes[from] == b'0' && (digits > 1 || negative) {
            return None;
        }
        if !self.step(b'.') {
            let exponent = matches!(self.peek(), Some(b'e' | b'E'));
            return (!exponent).then_some(Value::Int(if negative { -whole } else { whole }));
        }
        let after = self.at;
        let all = self.digits(whole)?;
        let decimals = self.at - after;
        if decimals == 0 || digits + decimals > 15 || matches!(self.peek(), Some(b'e' | b'E')) {
            return None;
        }
        // Both are exact in an f64, so their quotient is rounded once: the nearest number, as
        // serde_json gives it.
        let value = all as f64 / POWERS[decimals];
        Some(Value::Float(if negative { -value } else { value }))
    }

    fn digits(&mut self, mut number: i64) -> Option<i64> {
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            number = number
                .checked_mul(10)?
                .checked_add(i64::from(digit - b'0'))?;
            self.at += 1;
        }
        Some(number)
    }
}

const POWERS: [f64; 16] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// The highest bit of the first byte (and maybe of later ones) that is a quotation mark, a
/// backslash or a control character.
fn special(eight: u64) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const TOPS: u64 = u64::from_ne_bytes([0x80; 8]);
    let zero = |bytes: u64| bytes.wrapping_sub(ONES) & !bytes & TOPS;
    let equal = |byte: u8| zero(eight ^ (ONES * u64::from(byte)));
    let control = eight.wrapping_sub(ONES * 0x20) & !eight & TOPS;
    equal(b'"') | equal(b'\\') | control
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse_with_serde(text: &str) -> Option<Document<'_>> {
        super::super::parse::parse_with_serde(text).ok()
    }

    #[test]
    fn a_message_of_tickstockpl_is_read_the_quick_way() {
        for text in [
            r#"{"event": "import_progress", "payload": {"percent_complete": 49.5, "n": -250, "list": ["A", 1, null, true], "none": {}}}"#,
            r#"{"confidence":0.85,"values":{"rsi":65.4},"name":"Größe"}"#,
            " [ ] ",
        ] {
            assert_eq!(read(text), parse_with_serde(text), "{text}");
            assert!(read(text).is_some(), "{text}");
        }
    }

    #[test]
    fn what_is_unusual_or_wrong_is_left_to_serde_json() {
        let deep = "[".repeat(40);
        for text in [
            r#""\n""#,
            "1e5",
            "-0",
            "00",
            "1.",
            "01",
            "-",
            "1234567890123456789",
            "0.1234567890123456",
            "NaN",
            "{\"a\" 1}",
            "[1 2]",
            "[1,]",
            "{,}",
            "\"open",
            "\"\u{1}\"",
            "tru",
            "{} {}",
            "",
            &deep,
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn what_is_read_the_quick_way_is_what_serde_json_reads(text in json_text()) {
            if let Some(value) = read(&text) {
                prop_assert_eq!(Some(value), parse_with_serde(&text));
            }
        }

        #[test]
        fn a_fraction_is_read_to_the_last_bit(whole in 0..10_000_000u64, decimals in "[0-9]{1,9}", negative in any::<bool>()) {
            let text = format!("{}{whole}.{decimals}", if negative { "-" } else { "" });
            if let Some(value) = read(&text) {
                prop_assert_eq!(Some(value), parse_with_serde(&text));
            }
        }
    }

    /// Pieces of JSON in any order, so that many are right and many are nearly so.
    fn json_text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("{".to_owned()),
            Just("}".to_owned()),
            Just("[".to_owned()),
            Just("]".to_owned()),
            Just(",".to_owned()),
            Just(":".to_owned()),
            Just(" ".to_owned()),
            Just("true".to_owned()),
            Just("null".to_owned()),
            "-?[0-9]{0,20}",
            "-?[0-9]{1,9}\\.[0-9]{0,9}",
            "-?[0-9]\\.[0-9]e-?[0-9]{1,2}",
            "\"[a-cö\"\\\\\u{1}]{0,12}\"",
            Just("\"k\":1".to_owned()),
            Just("{\"k\":[1,2.5,\"x\"],\"k\":{}}".to_owned()),
        ];
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }
}
