//! How a message says that something ended, in every way that issue 14 lists, and their siblings:
//! input and decoded outcome.
use contract::http::parse_history;
use contract::{Body, Channel, Event, Outcome, Phase, decode};
use serde_json::{Value, json};

fn event(name: &str, payload: &Value) -> Event {
    let text = json!({ "event": name, "payload": payload }).to_string();
    decode(Channel::ProcessingStatus, text.as_bytes()).unwrap()
}

/// The outcome of a run's or a phase's end, with the word beside it.
fn ended(name: &str, payload: &Value) -> (Option<Outcome>, Option<String>) {
    match event(name, payload).body {
        Body::RunEnded(ended) => (ended.outcome, ended.outcome_word),
        Body::PhaseEnded(ended) => (ended.outcome, ended.outcome_word),
        other => panic!("{name} {payload} is no end: {other:?}"),
    }
}

use Outcome::{Cancelled, Failed, Succeeded, SucceededWithWarnings, Unknown};

/// What stands in a payload beside its run id, and the outcome with its word.
fn statements() -> Vec<(Value, Option<Outcome>, Option<&'static str>)> {
    vec![
        (json!({}), None, None),
        (json!({ "status": null, "error_message": null }), None, None),
        (json!({ "status": "", "error": "" }), None, None),
        (
            json!({ "message": "all is well", "reason": "scheduled" }),
            None,
            None,
        ),
        (json!({ "error_message": "None" }), None, None),
        (json!({ "status": "success" }), Some(Succeeded), None),
        (
            json!({ "status": "ProcessingStatus.COMPLETED" }),
            Some(Succeeded),
            None,
        ),
        (json!({ "status": true }), Some(Succeeded), None),
        (json!({ "status": 1 }), Some(Succeeded), None),
        (json!({ "success": 1.0 }), Some(Succeeded), None),
        (json!({ "success": 505, "failed": 0 }), None, None),
        (
            json!({ "status": "ProcessingStatus.FAILED", "error_message": "OperationalError" }),
            Some(Failed),
            None,
        ),
        (
            json!({ "status": "<Status.FAILED: 'failed'>" }),
            Some(Failed),
            None,
        ),
        (json!({ "status": "failed: database" }), Some(Failed), None),
        (json!({ "status": "timeout" }), Some(Failed), None),
        (json!({ "status": "timed_out" }), Some(Failed), None),
        (json!({ "status": "killed" }), Some(Failed), None),
        (json!({ "status": "terminated" }), Some(Failed), None),
        (json!({ "status": false }), Some(Failed), None),
        (json!({ "status": 0 }), Some(Failed), None),
        (json!({ "success": 0.0 }), Some(Failed), None),
        (json!({ "success": "0" }), Some(Failed), None),
        (json!({ "success": "no" }), Some(Failed), None),
        (json!({ "success": "failed" }), Some(Failed), None),
        (
            json!({ "status": { "name": "FAILED", "value": "failed" } }),
            Some(Failed),
            None,
        ),
        (
            json!({ "status": "success", "success": false }),
            Some(Failed),
            None,
        ),
        (
            json!({ "status": "success", "sync_status": "error" }),
            Some(Failed),
            None,
        ),
        (
            json!({ "status": "rolled_back", "final_status": "failed" }),
            Some(Failed),
            None,
        ),
        (
            json!({ "status": "partial" }),
            Some(SucceededWithWarnings),
            None,
        ),
        (
            json!({ "status": "partial_failure" }),
            Some(SucceededWithWarnings),
            None,
        ),
        (
            json!({ "status": "completed_with_errors" }),
            Some(SucceededWithWarnings),
            None,
        ),
        (
            json!({ "status": "partial", "success": true }),
            Some(SucceededWithWarnings),
            None,
        ),
        (
            json!({ "status": "cancelled", "success": false }),
            Some(Cancelled),
            None,
        ),
        (json!({ "status": "STOPPED" }), Some(Cancelled), None),
        (
            json!({ "status": "in_progress" }),
            Some(Unknown),
            Some("in_progress"),
        ),
        (
            json!({ "status": " Rolled back " }),
            Some(Unknown),
            Some("Rolled back"),
        ),
        (
            json!({ "status": "success", "final_status": "rolled_back" }),
            Some(Unknown),
            Some("rolled_back"),
        ),
        (json!({ "status": 2 }), Some(Unknown), Some("2")),
        (json!({ "status": ["failed"] }), Some(Unknown), None),
        (
            json!({ "error_message": "server closed the connection" }),
            Some(Unknown),
            None,
        ),
        (
            json!({ "error": { "message": "disk full" } }),
            Some(Unknown),
            None,
        ),
        (json!({ "error_details": ["a"] }), Some(Unknown), None),
        (json!({ "exception": "ValueError" }), Some(Unknown), None),
    ]
}

#[test]
fn a_run_and_a_phase_end_as_every_statement_says() {
    for (statement, outcome, word) in statements() {
        let expected = (outcome, word.map(str::to_owned));
        for name in [
            "processing_completed",
            "daily_processing_completed",
            "import_completed",
            "cache_sync_completed",
        ] {
            assert_eq!(ended(name, &statement), expected, "{name} {statement}");
        }
    }
}

#[test]
fn a_word_that_is_shown_is_cut() {
    let (outcome, word) = ended(
        "processing_completed",
        &json!({ "status": "ö".repeat(200) }),
    );
    assert_eq!((outcome, word.unwrap().len()), (Some(Unknown), 64));
}

#[test]
fn a_name_that_reports_an_end_says_how() {
    for (name, outcome) in [
        ("processing_completed", None),
        ("processing_complete", None),
        ("daily_processing_finished", None),
        ("processing_failed", Some(Failed)),
        ("daily_processing_timeout", Some(Failed)),
        ("processing_timed_out", Some(Failed)),
        ("daily_processing_crashed", Some(Failed)),
        ("processing_killed", Some(Failed)),
        ("processing_error", Some(Failed)),
        ("daily_processing_error", Some(Failed)),
        ("processing_cancelled", Some(Cancelled)),
        ("processing_canceled", Some(Cancelled)),
        ("PROCESSING_ABORTED", Some(Cancelled)),
        ("daily_processing_stopped", Some(Cancelled)),
        (
            "processing_completed_with_errors",
            Some(SucceededWithWarnings),
        ),
        ("import_failed", Some(Failed)),
        ("data_import_cancelled", Some(Cancelled)),
        ("indicator_processing_failed", Some(Failed)),
        ("indicators_timeout", Some(Failed)),
        ("pattern_processing_aborted", Some(Cancelled)),
        ("pattern_detection_failed", Some(Failed)),
        ("cache_sync_failed", Some(Failed)),
    ] {
        assert_eq!(ended(name, &json!({})).0, outcome, "{name}");
    }
    // The name, the status and the flag are one statement each.
    assert_eq!(
        ended("processing_failed", &json!({ "status": "rolled_back" })),
        (Some(Failed), None)
    );
    assert_eq!(
        ended("import_failed", &json!({ "status": "cancelled" })),
        (Some(Cancelled), None)
    );
}

#[test]
fn names_that_report_no_end_end_nothing() {
    for name in [
        "processing_paused",
        "processing_cancel_requested",
        "processing_stopping",
        "import_retry",
        "failed",
    ] {
        assert!(
            matches!(event(name, &json!({})).body, Body::Unknown(_)),
            "{name}"
        );
    }
    for name in ["indicator_failed", "pattern_failed"] {
        let of_one_symbol = event(name, &json!({ "symbol": "AAPL", "error": "no data" }));
        assert!(matches!(of_one_symbol.body, Body::Unknown(_)), "{name}");
    }
    let Body::Error(error) = event("import_error", &json!({ "message": "no data" })).body else {
        panic!("an error")
    };
    assert_eq!((error.phase, error.fatal), (Some(Phase::Import), false));
}

#[test]
fn an_error_that_ends_the_run_is_listed_as_one() {
    for name in ["processing_error", "daily_processing_error"] {
        let Body::Error(error) = event(name, &json!({ "exception": "disk full" })).body else {
            panic!("an error")
        };
        assert!(error.fatal && error.message == "disk full", "{name}");
    }
}

#[test]
fn a_name_on_the_caches_channel_says_how_it_ended() {
    for (name, outcome) in [
        ("cache_refresh_failed", Some(Failed)),
        ("cache_refresh_finished", None),
    ] {
        let text = json!({ "event": name, "payload": { "run_id": "r1" } }).to_string();
        let Body::PhaseEnded(ended) = decode(Channel::CacheCompleted, text.as_bytes())
            .unwrap()
            .body
        else {
            panic!("an end")
        };
        assert_eq!(ended.outcome, outcome, "{name}");
    }
}

#[test]
fn a_symbols_import_is_read_as_a_runs_end_is() {
    for (name, payload, failed, message) in [
        (
            "symbol_processing_complete",
            json!({ "success": true }),
            false,
            None,
        ),
        ("symbol_processing_complete", json!({}), false, None),
        (
            "symbol_processing_complete",
            json!({ "status": "partial" }),
            false,
            None,
        ),
        (
            "symbol_processing_complete",
            json!({ "success": 0.0 }),
            true,
            None,
        ),
        (
            "symbol_processing_complete",
            json!({ "success": "no" }),
            true,
            None,
        ),
        (
            "symbol_processing_complete",
            json!({ "status": "timeout" }),
            true,
            None,
        ),
        (
            "symbol_processing_complete",
            json!({ "status": "rate_limited" }),
            true,
            Some("rate_limited"),
        ),
        (
            "symbol_processing_complete",
            json!({ "error": "404" }),
            true,
            Some("404"),
        ),
        (
            "symbol_processing_failed",
            json!({ "reason": "404" }),
            true,
            Some("404"),
        ),
        (
            "import_failed",
            json!({ "error": "404" }),
            true,
            Some("404"),
        ),
    ] {
        let mut with_symbol = payload.clone();
        with_symbol["symbol"] = "AAPL".into();
        let Body::SymbolImported(import) = event(name, &with_symbol).body else {
            panic!("{name} {payload}")
        };
        assert_eq!(
            (import.failed, import.message.as_deref()),
            (failed, message),
            "{name} {payload}"
        );
    }
}

#[test]
fn a_row_of_the_history_is_never_dropped_for_its_word() {
    let mut rows: Vec<(Value, Option<Outcome>, Option<&str>)> = statements();
    rows.retain(|(row, ..)| row["status"] != "in_progress");
    let active = [
        "running",
        "in_progress",
        "started",
        "queued",
        "pending",
        "processing",
        "cancelling",
        "paused",
        "RunState.RUNNING",
    ];
    rows.extend(active.map(|word| (json!({ "status": word, "success": true }), None, None)));
    rows.push((json!({ "duration_seconds": 60 }), Some(Succeeded), None));
    rows.push((
        json!({ "end_time": "2025-01-26T21:45:00Z" }),
        Some(Succeeded),
        None,
    ));
    rows.push((
        json!({ "end_time": "2025-01-26T21:45:00Z", "error": "disk full" }),
        Some(Unknown),
        None,
    ));
    rows.push((
        json!({ "end_time": "2025-01-26T21:45:00Z", "status": "running" }),
        None,
        None,
    ));
    for (row, outcome, word) in rows {
        let mut with_id = row.clone();
        with_id["run_id"] = "a".into();
        let body = json!({ "runs": [with_id, { "run_id": { "id": 1 } }] }).to_string();
        let runs = parse_history(body.as_bytes()).unwrap();
        assert_eq!(runs.len(), 1, "{row}");
        assert_eq!(
            (runs[0].outcome, runs[0].outcome_word.as_deref()),
            (outcome, word),
            "{row}"
        );
    }
}
