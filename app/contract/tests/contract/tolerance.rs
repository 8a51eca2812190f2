//! One bad value costs one value, not the message: what is published that is not one JSON object,
//! and what is read of it.
use contract::{Body, Channel, Event, Outcome, Rejection, RejectionReason, decode, decode_all};
use serde_json::json;

const FAILED: &str =
    r#"{"event":"processing_completed","payload":{"run_id":"r1","status":"failed"}}"#;

fn all(bytes: &[u8]) -> Vec<Result<Event, Rejection>> {
    decode_all(Channel::ProcessingStatus, bytes)
}

fn only(bytes: &[u8]) -> Event {
    let mut all = all(bytes);
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(decode(Channel::ProcessingStatus, bytes), all[0].clone());
    all.remove(0).unwrap()
}

/// The run, the outcome and the message of a run's end.
fn end(event: Event) -> (Option<String>, Option<Outcome>, Option<String>) {
    let Body::RunEnded(ended) = event.body else {
        panic!("no run ended: {event:?}")
    };
    (
        event.run_id.map(|id| id.to_string()),
        ended.outcome,
        ended.message,
    )
}

#[test]
fn a_runs_failure_is_read_whatever_is_around_and_in_it() {
    let with_error = |error: &[u8]| {
        let (head, tail) = (
            &br#"{"event":"processing_failed","payload":{"run_id":"r1","error":"#[..],
            &b"}}"[..],
        );
        [head, error, tail].concat()
    };
    let table: Vec<(Vec<u8>, Option<&str>)> = vec![
        (with_error(br#""caf\udce9""#), Some("caf\u{fffd}")),
        (with_error(br#""cut \ud83d""#), Some("cut \u{fffd}")),
        (
            with_error(br#""\ud83d\ud83d\ude80""#),
            Some("\u{fffd}\u{1f680}"),
        ),
        (with_error(b"\"caf\xe9\""), Some("caf\u{fffd}")),
        (
            with_error(b"\"caf\xed\xb3\xa9 au lait\""),
            Some("caf\u{fffd} au lait"),
        ),
        (
            with_error(b"\"line 1\nline 2\tcolumn\""),
            Some("line 1\nline 2\tcolumn"),
        ),
        (
            with_error(br#""relation "runs" does not exist""#),
            Some("relation \"runs\" does not exist"),
        ),
        (with_error("9".repeat(400).as_bytes()), None),
        (with_error(b"NaN"), None),
        (with_error(b"-Infinity"), None),
        (with_error(b"Decimal('1.5')"), Some("Decimal('1.5')")),
    ];
    for (bytes, message) in table {
        let (run, outcome, read) = end(only(&bytes));
        let shown = String::from_utf8_lossy(&bytes);
        assert_eq!(
            (run.as_deref(), outcome, read.as_deref()),
            (Some("r1"), Some(Outcome::Failed), message),
            "{shown}"
        );
    }
    let encoded = |text: &str| json!(text).to_string().into_bytes();
    for bytes in [
        [FAILED.as_bytes(), b"\0"].concat(),
        [b"\0 \t\r\n", FAILED.as_bytes(), b"\n\0\0"].concat(),
        format!("\u{feff}{FAILED}\u{feff}").into_bytes(),
        format!("[{FAILED}]").into_bytes(),
        format!("{FAILED}}}").into_bytes(),
        format!("b'{FAILED}'").into_bytes(),
        format!("2025-01-26 21:10:00,123 INFO {FAILED}").into_bytes(),
        encoded(FAILED),
        [encoded(FAILED), b"\0".to_vec()].concat(),
        format!("[{}]", json!(FAILED)).into_bytes(),
        b"{'event': 'processing_completed', 'payload': {'run_id': 'r1', 'status': 'failed', 'error': None, 'ok': False}}".to_vec(),
        b"{'event': 'processing_completed', 'payload': {'run_id': 'r1', 'status': <Status.FAILED: 'failed'>}}".to_vec(),
        br#"{"event":"processing_completed","payload":{"run_id":"r1","status":FAILED,}}"#.to_vec(),
        br#"{"event":"processing_completed","payload":{"run_id":"r1" , , "status":"failed"]}}"#.to_vec(),
        br#"{"event":"processing_completed","payload":{"run_id":"r1","status":"failed","symbols":["A","#.to_vec(),
    ] {
        let (run, outcome, _) = end(only(&bytes));
        assert_eq!((run.as_deref(), outcome), (Some("r1"), Some(Outcome::Failed)), "{}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn a_success_is_not_assumed_where_something_is_missing() {
    for (text, outcome) in [
        (
            r#"{"event":"processing_completed","payload":{"run_id":"r1"}}"#,
            None,
        ),
        (
            r#"{"event":"processing_completed","payload":{"run_id":"r1","#,
            Some(Outcome::Unknown),
        ),
        (
            r#"{"event":"processing_completed","payload":{"run_id":"r1","status":"suc"#,
            Some(Outcome::Unknown),
        ),
        (
            r#"{"event":"processing_completed","payload":{"run_id":"r1","status":}}"#,
            Some(Outcome::Unknown),
        ),
        (
            r#"{"event":"processing_completed","run_id":"r1","payload":"failed"}"#,
            Some(Outcome::Unknown),
        ),
        (
            r#"{"event":"processing_completed","run_id":"r1","payload":["failed"]}"#,
            Some(Outcome::Unknown),
        ),
        (
            r#"{"event":"processing_completed","run_id":"r1","payload":[]}"#,
            None,
        ),
        (
            r#"{"event":"processing_completed","payload":"{\"run_id\":\"r1\",\"sta"}"#,
            Some(Outcome::Unknown),
        ),
        (
            r#"{"event":"processing_completed","payload":{"run_id":"r1","status":"success","symbols":["#,
            Some(Outcome::Succeeded),
        ),
    ] {
        let (run, read, _) = end(only(text.as_bytes()));
        assert_eq!((run.as_deref(), read), (Some("r1"), outcome), "{text}");
    }
}

#[test]
fn bad_message_in_a_batch_rejects_only_itself() {
    let progress = r#"{"event":"import_progress","payload":{"run_id":"r1","progress":5}}"#;
    for (text, read, refused) in [
        (format!("[{progress}, {FAILED}]"), 2, 0),
        (format!("{progress}\n{FAILED}\n"), 2, 0),
        (format!("{progress}{FAILED}"), 2, 0),
        (format!("[{}, {}]", json!(progress), json!(FAILED)), 2, 0),
        (json!(format!("[{progress},{FAILED}]")).to_string(), 2, 0),
        (format!("[{progress}, 42, {FAILED}, \"x\", null]"), 2, 3),
        (format!("{progress}\nnonsense\n{FAILED}"), 2, 1),
        (
            format!(
                "[{progress}, {{\"event\":\"processing_failed\",\"payload\":{{\"run_id\":\"r1\""
            ),
            2,
            0,
        ),
    ] {
        let messages = all(text.as_bytes());
        let good: Vec<_> = messages.iter().flatten().collect();
        assert_eq!(
            (good.len(), messages.len() - good.len()),
            (read, refused),
            "{text}"
        );
        assert!(
            good.iter()
                .all(|event| event.run_id.as_ref().unwrap().as_str() == "r1"),
            "{text}"
        );
        assert!(matches!(good[1].body, Body::RunEnded(_)), "{text}");
    }
}

#[test]
fn of_too_many_messages_in_one_a_thousand_are_read() {
    let messages = all(format!("[{}]", vec![FAILED; 1500].join(",")).as_bytes());
    assert_eq!(messages.len(), 1001);
    assert!(messages[..1000].iter().all(Result::is_ok));
    assert_eq!(
        messages[1000].as_ref().unwrap_err().reason,
        RejectionReason::TooLarge
    );
}

#[test]
fn of_an_oversized_message_what_counts_is_read() {
    let traceback = json!("  File \"x.py\", {\"status\": \"success\"}, line 1\n".repeat(60_000));
    let error = r#""status":"failed","error_message":"boom""#;
    for text in [
        format!(
            r#"{{"event":"processing_completed","payload":{{"run_id":"r1",{error},"traceback":{traceback}}}}}"#
        ),
        format!(
            r#"{{"event":"processing_completed","payload":{{"run_id":"r1","traceback":{traceback},{error}}}}}"#
        ),
        format!(
            r#"{{"payload":{{"traceback":{traceback},"run_id":"r1",{error}}},"event":"processing_completed"}}"#
        ),
        format!(
            r#"{{"event":"processing_completed","traceback":{traceback},"run_id":"r1",{error}}}"#
        ),
    ] {
        assert!(text.len() > contract::MAX_MESSAGE_BYTES);
        let event = only(text.as_bytes());
        assert_eq!(
            end(event),
            (
                Some("r1".into()),
                Some(Outcome::Failed),
                Some("boom".into())
            ),
            "{}",
            &text[..60]
        );
    }
    // The error itself is what is long.
    let text = format!(
        r#"{{"event":"processing_failed","payload":{{"run_id":"r1","error":{traceback}}}}}"#
    );
    let (run, outcome, message) = end(only(text.as_bytes()));
    assert_eq!(
        (run.as_deref(), outcome),
        (Some("r1"), Some(Outcome::Failed))
    );
    assert!(message.unwrap().starts_with("File \"x.py\""));
    // It names no run anywhere, so it is about the active one.
    let text = format!(r#"{{"event":"processing_failed","payload":{{"error":{traceback}}}}}"#);
    let event = only(text.as_bytes());
    assert!(event.run_id.is_none() && !event.unreadable_run_id);
    // The word of a row is not the run's.
    let rows = vec![r#"{"symbol":"A","status":"success","run_id":"r2"}"#; 40_000].join(",");
    let text = format!(
        r#"{{"event":"processing_completed","payload":{{"run_id":"r1","rows":[{rows}]}}}}"#
    );
    assert_eq!(
        end(only(text.as_bytes())),
        (Some("r1".into()), Some(Outcome::Unknown), None)
    );
}

#[test]
fn oversized_list_is_read_up_to_the_limit() {
    let messages = all(format!("[{}]", vec![FAILED; 20_000].join(",\n")).as_bytes());
    assert_eq!(messages.len(), 1001);
    let rejection = messages[1000].as_ref().unwrap_err();
    assert_eq!(
        (rejection.reason, rejection.reports_end),
        (RejectionReason::TooLarge, true)
    );
    let long = format!(r#"{{"event":"test","pad":"{}"}}"#, "x".repeat(100_000));
    let messages = all(vec![long; 20].join("\n").as_bytes());
    assert_eq!(messages.iter().filter(|message| message.is_ok()).count(), 2);
    assert_eq!(
        messages.last().unwrap().as_ref().unwrap_err().reason,
        RejectionReason::TooLarge
    );
}

#[test]
fn an_object_as_text_is_that_object() {
    for place in ["payload", "data"] {
        let inner = json!({ "run_id": "r2", "status": "failed", "error_message": "boom" });
        let python = "{'run_id': 'r2', 'status': 'failed', 'error_message': 'boom'}";
        for text in [inner.to_string(), python.to_owned()] {
            let message = json!({ "event": "processing_completed", place: text }).to_string();
            let read = end(only(message.as_bytes()));
            assert_eq!(
                read,
                (
                    Some("r2".into()),
                    Some(Outcome::Failed),
                    Some("boom".into())
                ),
                "{message}"
            );
        }
    }
    let context = json!({ "run_id": "r2", "symbol": "AAPL" }).to_string();
    let message =
        json!({ "event": "error", "payload": { "message": "{\"not\": \"a place\"}", "context": context } }).to_string();
    let event = decode(Channel::Errors, message.as_bytes()).unwrap();
    assert_eq!(event.run_id.unwrap().as_str(), "r2");
    let Body::Error(error) = event.body else {
        panic!("an error")
    };
    assert_eq!(
        (error.symbol.unwrap().as_str(), error.message.as_str()),
        ("AAPL", "{\"not\": \"a place\"}")
    );
    let detection = json!({ "symbol": "AMD", "pattern_type": "Hammer" }).to_string();
    let message = json!({ "type": "streaming_pattern", "detection": detection }).to_string();
    let event = decode(Channel::PatternsDetected, message.as_bytes()).unwrap();
    assert!(matches!(event.body, Body::PatternsDetected(_)), "{event:?}");
}

#[test]
fn an_unreadable_run_id_is_not_no_run_id() {
    for (id, read, unreadable) in [
        (json!("r1"), Some("r1"), false),
        (json!(12), Some("12"), false),
        (json!(12.0), Some("12"), false),
        (json!(u64::MAX), Some("18446744073709551615"), false),
        (json!(null), None, false),
        (json!(""), None, false),
        (json!("  "), None, false),
        (json!("None"), None, false),
        (json!(12.5), None, true),
        (json!({ "id": "r1" }), None, true),
        (json!(["r1"]), None, true),
        (json!(true), None, true),
    ] {
        for message in [
            json!({ "event": "processing_completed", "payload": { "run_id": id } }),
            json!({ "event": "processing_completed", "run_id": id }),
            json!({ "event": "error", "payload": { "message": "m", "context": { "run_id": id } } }),
        ] {
            let event = only(message.to_string().as_bytes());
            let run = event.run_id.as_ref().map(contract::RunId::as_str);
            assert_eq!(
                (run, event.unreadable_run_id),
                (read, unreadable),
                "{message}"
            );
        }
    }
    let both = r#"{"event":"processing_completed","run_id":"r1","payload":{"run_id":12.5}}"#;
    assert!(!only(both.as_bytes()).unreadable_run_id);
    let digits = format!(
        r#"{{"event":"processing_completed","payload":{{"run_id":{}}}}}"#,
        "9".repeat(400)
    );
    assert!(only(digits.as_bytes()).unreadable_run_id);
    // It is not known which run what is missing would have named.
    for missing in [
        r#"{"event":"processing_completed","payload":{"durat"#,
        r#"{"event":"processing_completed","payload":"r1"}"#,
    ] {
        assert!(only(missing.as_bytes()).unreadable_run_id, "{missing}");
    }
}

#[test]
fn what_is_refused_says_whether_it_may_report_an_end() {
    for (channel, text, reports_end) in [
        (Channel::ProcessingStatus, "nonsense", true),
        (Channel::Errors, "nonsense", true),
        (Channel::ImportCompleted, "nonsense", true),
        (Channel::CacheSyncComplete, "42", true),
        (Channel::ImportProgress, "nonsense", false),
        (
            Channel::ImportProgress,
            "event: PROCESSING_FAILED run r1",
            true,
        ),
        (Channel::Monitoring, "<event>job_cancelled</event>", true),
        (Channel::Monitoring, "no failure here", false),
    ] {
        let rejection = decode(channel, text.as_bytes()).unwrap_err();
        assert_eq!(rejection.reports_end, reports_end, "{channel:?} {text}");
        assert!(!rejection.detail.is_empty() && rejection.sample == text);
        let again: Rejection =
            serde_json::from_str(&serde_json::to_string(&rejection).unwrap()).unwrap();
        assert_eq!(again, rejection);
    }
}

#[test]
fn nothing_like_an_object_is_refused() {
    for (text, reason) in [
        ("", RejectionReason::NotJson),
        (" \n\0", RejectionReason::NotJson),
        ("[]", RejectionReason::NotAnObject),
        ("[1,2,[3]]", RejectionReason::NotAnObject),
        ("\"processing_failed\"", RejectionReason::NotAnObject),
        ("PING", RejectionReason::NotJson),
        ("{", RejectionReason::NotJson),
        ("{\"a\":", RejectionReason::NotJson),
        (
            "<html><head><style>\nbody { color: red }\n</style></head></html>",
            RejectionReason::NotJson,
        ),
    ] {
        let messages = all(text.as_bytes());
        assert_eq!(messages.len(), 1, "{text}");
        assert_eq!(messages[0].as_ref().unwrap_err().reason, reason, "{text}");
    }
}
