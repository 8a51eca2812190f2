//! Messages that are too large for a fixture, or no text at all.
use contract::{Body, Channel, MAX_MESSAGE_BYTES, Rejection, RejectionReason, decode};

fn refused(bytes: &[u8]) -> Rejection {
    decode(Channel::ProcessingStatus, bytes).unwrap_err()
}

#[test]
fn rejection_of_non_utf8_shows_what_is_readable() {
    for bytes in [&b"\xff\xfe{}"[..], b"\xe6\xa0", b"\x1f\x8b\x08\0\0\0\0\0"] {
        let rejection = refused(bytes);
        assert_eq!(rejection.reason, RejectionReason::NotUtf8);
        assert!(
            rejection.sample.contains('\u{fffd}') && !rejection.detail.is_empty(),
            "{rejection:?}"
        );
    }
}

#[test]
fn oversized_message_is_read_at_both_ends() {
    let padded =
        |head: &str, size: usize| format!("{head}{}\"}}", "x".repeat(size - head.len() - 2));
    for size in [MAX_MESSAGE_BYTES, MAX_MESSAGE_BYTES + 1] {
        let message = padded(r#"{"event":"test","pad":""#, size);
        assert_eq!(
            decode(Channel::ProcessingStatus, message.as_bytes())
                .unwrap()
                .name,
            "test"
        );
    }
    let rejection = refused(padded("no object, \"event\", \"", MAX_MESSAGE_BYTES + 1).as_bytes());
    assert_eq!(
        (rejection.reason, rejection.size_bytes),
        (RejectionReason::TooLarge, 1_048_577)
    );
    assert_eq!(
        rejection.sample.len(),
        2045,
        "2 KiB as JSON writes them, which has three quotation marks"
    );
}

#[test]
fn nesting_without_end_is_refused() {
    assert_eq!(
        refused("[".repeat(20_000).as_bytes()).reason,
        RejectionReason::NotJson
    );
    let objects = "{\"payload\":".repeat(20_000);
    assert_eq!(refused(objects.as_bytes()).reason, RejectionReason::NotJson);
}

#[test]
fn a_symbol_of_a_hundred_kilobytes_is_cut() {
    let text = format!(
        r#"{{"event":"daily_processing_progress","payload":{{"progress":5,"current_symbol":"{}"}}}}"#,
        "Z".repeat(100_000)
    );
    let event = decode(Channel::ProcessingStatus, text.as_bytes()).unwrap();
    let Body::Progress(progress) = event.body else {
        panic!("progress")
    };
    assert_eq!(
        (progress.current.unwrap().len(), progress.percent),
        (128, Some(5.0))
    );
}

#[test]
fn failed_symbols_are_all_counted_and_a_thousand_named() {
    let symbols: Vec<String> = (0..9000).map(|n| format!("\"SYM{n:05}\"")).collect();
    let text = format!(
        r#"{{"event":"data_import_completed","payload":{{"successful_symbols":1,"failed_symbols":[{}],"success_rate":0.0}}}}"#,
        symbols.join(", ")
    );
    let event = decode(Channel::ImportCompleted, text.as_bytes()).unwrap();
    let Body::PhaseEnded(ended) = event.body else {
        panic!("an end")
    };
    assert_eq!(
        (ended.failed, ended.failed_symbols.len(), ended.success_rate),
        (Some(9000), 1000, Some(0.0))
    );
}

#[test]
fn of_seven_thousand_undocumented_fields_a_few_are_kept() {
    let fields: Vec<String> = (0..7000).map(|n| format!("\"k{n}\": {n}")).collect();
    let text = format!(
        r#"{{"event":"daily_processing_progress","payload":{{{}}}}}"#,
        fields.join(", ")
    );
    let event = decode(Channel::ProcessingStatus, text.as_bytes()).unwrap();
    assert!(matches!(event.body, Body::Progress(_)));
    assert_eq!(event.more.len(), 24);
}
