use super::super::document::Json;
use super::super::parse::parse_with_serde;
use super::*;
use proptest::prelude::*;

fn only(text: &str) -> Document<'_> {
    let mut pieces = Pieces::split(text);
    let first = pieces.next().unwrap();
    assert!(pieces.next().is_none(), "{text}");
    first.document.unwrap()
}

fn text_of<'d>(document: &'d Document<'_>, key: &str) -> Option<&'d str> {
    document.top().get(key).and_then(Json::text)
}

#[test]
fn a_bad_value_is_replaced_and_the_others_are_read() {
    for (text, expected) in [
        (r#"{"a":"caf\udce9","b":"x"}"#, Some("caf\u{fffd}")),
        (r#"{"a":"\ud83d cut","b":"x"}"#, Some("\u{fffd} cut")),
        (r#"{"a":"\ud83d\ude80","b":"x\u"}"#, Some("\u{1f680}")),
        (
            "{\"a\":\"one\ntwo\tthree\u{1}\",\"b\":\"x\"}",
            Some("one\ntwo\tthree\u{1}"),
        ),
        (
            r#"{"a":"relation "runs" is missing","b":"x"}"#,
            Some("relation \"runs\" is missing"),
        ),
        (r"{'a': 'it\'s', 'b': 'x'}", Some("it's")),
        (r#"{a: failed, "b":"x"}"#, Some("failed")),
        (
            r#"{"a":<Status.FAILED: 'failed'>,"b":"x"}"#,
            Some("<Status.FAILED: 'failed'>"),
        ),
        (r#"{"a":NaN,"b":"x"}"#, None),
        (r#"{"a":-Infinity,"b":"x",}"#, None),
        (r#"{"a":None,"b":"x"}"#, None),
    ] {
        let document = only(text);
        assert_eq!(text_of(&document, "a"), expected, "{text}");
        assert!(
            text_of(&document, "b").is_some_and(|b| b.starts_with('x')),
            "{text}"
        );
    }
    let digits = format!(r#"{{"a":{},"b":1}}"#, "9".repeat(400));
    let document = only(&digits);
    assert_eq!(document.top().get("a").unwrap().value(), &Value::Unreadable);
    assert_eq!(document.top().get("b").unwrap().value(), &Value::Int(1));
}

#[test]
fn what_was_complete_before_a_cut_is_read() {
    let prose = "x".repeat(PROSE_BYTES + 1);
    let cut = format!(r#"{{"a":"one","b":{{"c":"two","d":"{prose}"#);
    let piece = Pieces::split(&cut).next().unwrap();
    let document = piece.document.unwrap();
    assert!(!piece.is_complete);
    assert_eq!(text_of(&document, "a"), Some("one"));
    let inner = document.top().get("b").unwrap();
    assert_eq!(
        (
            inner.get("c").unwrap().text(),
            inner.get("d").unwrap().text()
        ),
        (Some("two"), Some(prose.as_str()))
    );
    for text in [r#"{"a":"fail"#, r#"{"a":40"#, r#"{"a":"#, r#"{"a""#] {
        let piece = Pieces::split(text).next().unwrap();
        assert!(
            !piece.is_complete && text_of(&piece.document.unwrap(), "a").is_none(),
            "{text}"
        );
    }
}

#[test]
fn several_values_are_several_pieces() {
    for (text, pieces) in [
        (r#"{"a":1}{"a":2}"#, 2),
        ("{\"a\":1}\n{\"a\":2}\r\n", 2),
        (r#"[{"a":1},{"a":2},{"a":3}]"#, 3),
        ("\u{feff}{\"a\":1}\0\0", 1),
        (r#"{"a":1}}"#, 1),
        (r#"2025-01-26 INFO {"a":1}"#, 1),
        (r#"[{"a":1},42,{"a":2}]"#, 3),
        ("{\"a\":1}\nnonsense\n{\"a\":2}", 3),
        ("[[[[", 0),
        ("", 0),
    ] {
        assert_eq!(Pieces::split(text).count(), pieces, "{text}");
    }
}

#[test]
fn tail_fields_are_added_except_those_of_rows() {
    let head = r#"{"event":"e","payload":{"run_id":"r","rows":[{"status":"ok"},"#;
    let tail = r#"9"},{"status":"ok","n":1},{"n":2},{"n":3},{"status":"ok"}],"status":"failed","at":{"z":1}},"timestamp":5}"#;
    let document = with_tail(Pieces::split(head).next().unwrap().document.unwrap(), tail);
    assert_eq!(text_of(&document, "status"), Some("failed"));
    assert_eq!(
        document.top().get("timestamp").unwrap().value(),
        &Value::Int(5)
    );
    assert!(
        document.top().get("at").unwrap().get("z").is_some() && document.top().get("n").is_none()
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn what_is_json_is_read_as_serde_json_reads_it(value in json_object()) {
        let text = value.to_string();
        prop_assert_eq!(Some(only(&text)), parse_with_serde(&text).ok());
    }

    #[test]
    fn nothing_makes_it_fail_or_go_on_for_ever(text in "[{}\\[\\]\"',:a1é\\\\ u\u{0}<(.-]{0,60}") {
        let pieces = Pieces::split(&text).count();
        prop_assert!(pieces <= text.len());
        let document = with_tail(only(r#"{"a":1}"#), &text);
        prop_assert!(document.top().get("a").is_some());
    }
}

fn json_object() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value as Json;
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        ".{0,12}".prop_map(Json::from),
        "[a-z\"\\\\,:{} ]{0,12}".prop_map(Json::from),
    ];
    let any = leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Json::from),
            prop::collection::btree_map("[a-z\" ,]{0,6}", inner, 0..5)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    });
    prop::collection::btree_map("[a-z]{1,6}", any, 0..5)
        .prop_map(|map| Json::Object(map.into_iter().collect()))
}
