//! A borrowed JSON value: what `decode` reads a message into before it looks for fields.
//!
//! A document is one list of nodes in the order of the text, each followed by what stands in it, so
//! that a message costs one allocation. Text without escapes borrows from the message, and of a key
//! that stands twice the last counts, as in Python's `json`, which TickStockPL and its other
//! readers use.

mod document;
mod expand;
mod parse;
mod quick;
mod tolerant;

pub(crate) use document::Items;
pub use document::Json;
pub(crate) use document::named;
pub(crate) use document::{Document, Name, Value, names};
pub(crate) use parse::parse;
pub(crate) use tolerant::{Pieces, with_tail};

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    #[test]
    fn of_a_key_that_stands_twice_the_last_counts() {
        let document = parse(r#"{"a":1,"a":{"b":[2,3]},"c":4}"#).unwrap();
        let value = document.top().get("a").unwrap();
        let items: Vec<_> = value
            .get("b")
            .unwrap()
            .list_items()
            .unwrap()
            .map(Json::value)
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
            unread.push(format!("{parent}.{name}"));
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
