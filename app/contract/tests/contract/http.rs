//! What TickStockPL's HTTP API answers, endpoint by endpoint: as documented, and as a tolerant
//! reader must accept it.
use contract::http::{
    HealthAnswer, Refusal, StatusAnswer, parse_command, parse_health, parse_history, parse_refusal,
    parse_schedule, parse_schedule_change, parse_status,
};
use contract::{Outcome, Phase, Timestamp};

// GET /api/processing/status

#[test]
fn a_status_is_read_as_documented() {
    let status = parse_status(
        br#"{"is_running":true,"run_id":"r","current_phase":"indicator_processing","progress":62.5,"symbols_processed":300,
            "symbols_total":505,"current_symbol":"AAPL","start_time":"2025-01-26T21:10:00Z","estimated_completion":"2025-01-26T21:45:00Z"}"#,
    )
    .unwrap();
    assert!(status.is_running);
    assert_eq!(
        (status.phase, status.percent),
        (Some(Phase::Indicators), Some(62.5))
    );
    assert_eq!(
        (status.done, status.total, status.current.as_deref()),
        (Some(300), Some(505), Some("AAPL"))
    );
    assert_eq!(status.started_at, Timestamp::parse("2025-01-26T21:10:00Z"));
    assert_eq!(
        status.estimated_completion,
        Timestamp::parse("2025-01-26T21:45:00Z")
    );
}

#[test]
fn a_status_with_nulls_everywhere_is_idle() {
    for idle in [
        r#"{"is_running":null,"run_id":null,"progress":null,"status":"idle"}"#,
        r#"{"is_running":false,"run_id":null,"current_phase":null,"symbols_processed":null,"start_time":null}"#,
        r#"{"status":"idle"}"#,
        r#"{"status":"ServiceState.IDLE"}"#,
        r#"{"status":"completed"}"#,
        r#"{"is_running":0}"#,
    ] {
        assert_eq!(
            parse_status(idle.as_bytes()).unwrap(),
            StatusAnswer::default(),
            "{idle}"
        );
    }
    let zeros = parse_status(
        br#"{"is_running":false,"progress":0,"symbols_processed":0,"symbols_total":0}"#,
    )
    .unwrap();
    assert!(!zeros.is_running);
}

#[test]
fn a_status_reads_every_spelling() {
    for running in [
        r#"{"status":"running","run_id":"r","phase":"data_import","percent_complete":"12.5","symbols_completed":3,"total_symbols":9}"#,
        r#"{"is_running":"true","run_id":"r","current_phase":"import","percentage":12.5,"completed_symbols":"3","symbols_count":9}"#,
        r#"{"is_processing":1,"run_id":"r","phase":"import","progress":{"percentage":12.5,"symbols_completed":3,"symbols_total":9}}"#,
        r#"{"success":true,"status":{"is_running":true,"run_id":"r","phase":"import","progress":12.5,"symbols_completed":3,"symbols_total":9}}"#,
    ] {
        let status = parse_status(running.as_bytes()).unwrap();
        assert!(status.is_running, "{running}");
        assert_eq!(
            (status.phase, status.percent),
            (Some(Phase::Import), Some(12.5)),
            "{running}"
        );
        assert_eq!((status.done, status.total), (Some(3), Some(9)), "{running}");
    }
}

#[test]
fn a_status_between_the_phases_names_what_it_does() {
    let status =
        parse_status(br#"{"is_running":true,"run_id":"r","current_phase":"finalization"}"#)
            .unwrap();
    assert_eq!(
        (status.phase, status.phase_name.as_deref()),
        (None, Some("finalization"))
    );
    assert_eq!(
        parse_status(br#"{"is_running":false,"current_phase":"idle"}"#)
            .unwrap()
            .phase_name,
        None
    );
}

#[test]
fn an_answer_that_does_not_say_whether_a_run_is_active_is_bad() {
    for (answer, error) in [
        ("{}", None),
        (r#"{"is_running":null}"#, None),
        (r#"{"is_running":"perhaps"}"#, None),
        (r#"{"run_id":"r","progress":50}"#, None),
        (r#"{"status":"ok"}"#, None),
        (r#"{"status":"success"}"#, None),
        (r#"{"status":"rebooting"}"#, None),
        (r#"{"success":false}"#, None),
        (r#"{"success":false,"is_running":false}"#, None),
        (
            r#"{"error":"database is locked"}"#,
            Some("database is locked"),
        ),
        (
            r#"{"error":{"message":"database is locked","code":5}}"#,
            Some("database is locked"),
        ),
        (
            r#"{"status":"error","message":"database is locked"}"#,
            Some("database is locked"),
        ),
        (
            r#"{"status":"idle","error":"database is locked"}"#,
            Some("database is locked"),
        ),
        (
            r#"{"success":false,"error":"database is locked","status":{"is_running":false}}"#,
            Some("database is locked"),
        ),
    ] {
        let bad = parse_status(answer.as_bytes()).unwrap_err();
        assert_eq!(bad.error.as_deref(), error, "{answer}");
    }
    let bad = parse_status(br#"{"error":"database is locked"}"#).unwrap_err();
    assert_eq!(
        bad.to_string(),
        "expected a JSON object with is_running, got an error: database is locked"
    );
    assert_eq!(
        parse_status(b"{}").unwrap_err().to_string(),
        r#"expected a JSON object with is_running, got "{}""#
    );
}

#[test]
fn a_status_that_says_so_is_read_beside_an_error() {
    for (answer, is_running) in [
        (
            r#"{"is_running":true,"error":"the last import was slow"}"#,
            true,
        ),
        (
            r#"{"is_running":false,"error":"the last run failed"}"#,
            false,
        ),
        (r#"{"success":false,"is_running":true}"#, true),
        (r#"{"status":"ProcessingStatus.RUNNING"}"#, true),
        (r#"{"status":"queued"}"#, true),
        (r#"{"status":"failed"}"#, false),
        (r#"{"is_running":true,"status":{"code":5}}"#, true),
        (
            r#"{"is_running":true,"progress":NaN,"current_symbol":"caf\udce9"}"#,
            true,
        ),
    ] {
        assert_eq!(
            parse_status(answer.as_bytes()).unwrap().is_running,
            is_running,
            "{answer}"
        );
    }
}

#[test]
fn an_unreadable_run_id_does_not_hide_that_a_run_is_active() {
    let status = parse_status(br#"{"is_running":true,"run_id":{"id":1}}"#).unwrap();
    assert!(status.is_running && status.run_id.is_none());
}

#[test]
fn an_html_page_is_a_bad_answer_with_its_beginning() {
    let error = parse_status(b"<html><body>502</body></html>").unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"expected a JSON object with is_running, got "<html><body>502</body></html>""#
    );
    assert!(
        parse_status(b"[]").is_err()
            && parse_status(b"").is_err()
            && parse_status(b"\xff").is_err()
    );
}

// GET /api/processing/history

#[test]
fn a_history_is_read_as_documented() {
    let runs = parse_history(
        br#"{"runs":[{"run_id":"a","run_date":"2025-01-26","start_time":"2025-01-26T21:10:00Z","end_time":"2025-01-26T21:45:00Z",
            "status":"completed","symbols_processed":505,"patterns_detected":1250,"indicators_calculated":7575,"duration_seconds":2100,
            "trigger_type":"automatic","symbols_failed":5}]}"#,
    )
    .unwrap();
    let [run] = &runs[..] else {
        panic!("one run: {runs:?}")
    };
    assert_eq!(
        (run.run_date.as_deref(), run.trigger.as_deref()),
        (Some("2025-01-26"), Some("automatic"))
    );
    assert_eq!(
        (run.outcome, run.duration_seconds),
        (Some(Outcome::Succeeded), Some(2100.0))
    );
    assert_eq!((run.processed, run.failed), (Some(505), Some(5)));
    assert_eq!(
        (run.indicators_calculated, run.patterns_detected),
        (Some(7575), Some(1250))
    );
}

#[test]
fn history_reads_the_other_services_names_and_times() {
    let runs = parse_history(
        br#"{"success":true,"history":[
            {"run_id":"b","status":"success","start_time":"Sun, 26 Jan 2025 21:10:00 GMT","symbols_total":505,"error_message":null},
            {"x":1},7,null,
            {"run_id":3,"status":"running"},{"run_id":"d","success":false,"processing_time_seconds":"12.5"}]}"#,
    )
    .unwrap();
    assert_eq!(runs.len(), 3);
    assert_eq!(
        (runs[0].outcome, runs[0].total),
        (Some(Outcome::Succeeded), Some(505))
    );
    assert_eq!(runs[0].started_at, Timestamp::parse("2025-01-26T21:10:00Z"));
    assert_eq!(
        (runs[1].run_id.as_ref().unwrap().as_str(), runs[1].outcome),
        ("3", None)
    );
    assert_eq!(
        (runs[2].outcome, runs[2].duration_seconds),
        (Some(Outcome::Failed), Some(12.5))
    );
    assert!(parse_history(b"{}").is_err() && parse_history(br#"{"runs":null}"#).is_err());
}

#[test]
fn a_history_that_reports_an_error_is_a_bad_answer() {
    for (answer, error) in [
        (
            r#"{"error":"database is locked"}"#,
            Some("database is locked"),
        ),
        (
            r#"{"success":false,"error":"database is locked","history":[]}"#,
            Some("database is locked"),
        ),
        (r#"{"success":false,"runs":[]}"#, None),
        (r#"{"runs":[{"run_id":"a","#, None),
    ] {
        assert_eq!(
            parse_history(answer.as_bytes())
                .unwrap_err()
                .error
                .as_deref(),
            error,
            "{answer}"
        );
    }
    assert_eq!(
        parse_history(br#"{"error":null,"runs":[]}"#),
        Ok(Vec::new())
    );
}

#[test]
fn one_bad_value_costs_a_history_one_value() {
    let runs = parse_history(
        b"{\"runs\":[{\"run_id\":\"a\",\"duration_seconds\":NaN,\"status\":\"completed\"},{\"run_id\":\"b\",\"error_message\":\"caf\xe9\"}]}",
    )
    .unwrap();
    assert_eq!(
        (runs.len(), runs[0].duration_seconds, runs[0].outcome),
        (2, None, Some(Outcome::Succeeded))
    );
    assert_eq!(runs[1].message.as_deref(), Some("caf\u{fffd}"));
}

// POST trigger-manual, trigger-import, trigger-indicators, trigger-patterns, retry-imports,
// cache-sync/trigger; DELETE cancel

#[test]
fn an_accepted_command_names_its_run() {
    let started =
        parse_command(br#"{"run_id":"r","status":"started","message":"Processing started"}"#)
            .unwrap()
            .unwrap();
    assert_eq!(started.run_id.unwrap().as_str(), "r");
    assert_eq!(
        (started.status.as_deref(), started.message.as_deref()),
        (Some("started"), Some("Processing started"))
    );
    let cancelling = parse_command(br#"{"status":"cancelling","message":"ok","run_id":"r"}"#)
        .unwrap()
        .unwrap();
    assert_eq!(cancelling.status.as_deref(), Some("cancelling"));
    let retry = parse_command(br#"{"run_id":"new","status":"started","retry_count":5}"#)
        .unwrap()
        .unwrap();
    assert_eq!(retry.retry_count, Some(5));
    assert!(
        parse_command(br#"{"message":"queued"}"#)
            .unwrap()
            .unwrap()
            .run_id
            .is_none()
    );
    assert!(parse_command(b"OK").is_err());
}

#[test]
fn accepted_cache_sync_names_its_job_in_either_spelling() {
    let older = parse_command(br#"{"success":true,"job_id":"j","mode":"full","message":"queued"}"#)
        .unwrap()
        .unwrap();
    assert_eq!(
        (older.job_id.unwrap().as_str(), older.mode.as_deref()),
        ("j", Some("full"))
    );
    let newer = parse_command(br#"{"success":true,"run_id":"manual-cache-sync-1a2b3c4d"}"#)
        .unwrap()
        .unwrap();
    assert_eq!(newer.run_id.unwrap().as_str(), "manual-cache-sync-1a2b3c4d");
}

#[test]
fn a_command_answer_with_success_false_is_a_refusal() {
    for busy in [
        r#"{"success":false,"error":"Processing already running","run_id":"r"}"#,
        r#"{"success":false,"message":"Processing already running","run_id":"r"}"#,
        r#"{"success":"false","detail":"Processing already running","run_id":"r"}"#,
    ] {
        let refused = parse_command(busy.as_bytes()).unwrap().unwrap_err();
        assert_eq!(
            refused.message.as_deref(),
            Some("Processing already running"),
            "{busy}"
        );
        assert_eq!(refused.run_id.unwrap().as_str(), "r");
    }
}

#[test]
fn command_answer_with_error_is_refused_and_empty_is_invalid() {
    for refusal in [
        r#"{"error":"database is locked"}"#,
        r#"{"error":{"message":"database is locked"}}"#,
        r#"{"success":false,"error":"database is locked"}"#,
        r#"{"status":"error","message":"database is locked"}"#,
        r#"{"status":"failed","detail":"database is locked"}"#,
        r#"{"status":"rejected","message":"database is locked"}"#,
        r#"{"error":"database is locked","run_id":"r"}"#,
    ] {
        let refused = parse_command(refusal.as_bytes()).unwrap().unwrap_err();
        assert_eq!(
            refused.message.as_deref(),
            Some("database is locked"),
            "{refusal}"
        );
    }
    for accepted in [
        r#"{"success":true}"#,
        r#"{"run_id":"r","error":null}"#,
        r#"{"run_id":"r","status":"started","error":"one universe is unknown"}"#,
        r#"{"success":true,"error":"one universe is unknown"}"#,
        r#"{"status":"cancelled"}"#,
        r#"{"job_id":"j"}"#,
    ] {
        assert!(
            parse_command(accepted.as_bytes()).unwrap().is_ok(),
            "{accepted}"
        );
    }
    for bad in ["{}", r#"{"error":null}"#, r#"{"mode":"full"}"#] {
        let error = parse_command(bad.as_bytes()).unwrap_err().to_string();
        assert!(
            error.starts_with("expected a JSON object with run_id, got "),
            "{bad}: {error}"
        );
    }
}

#[test]
fn a_refusal_is_read_as_far_as_it_can_be() {
    let field = parse_refusal(br#"{"error":"unknown phase","field":"phases"}"#);
    assert_eq!(
        (field.message.as_deref(), field.field.as_deref()),
        (Some("unknown phase"), Some("phases"))
    );
    assert_eq!(
        parse_refusal(br#"{"error":"No processing is running"}"#)
            .message
            .as_deref(),
        Some("No processing is running")
    );
    for nothing in [&b"<html>"[..], b"", b"null", b"[]", b"\xff\xfe"] {
        assert_eq!(parse_refusal(nothing), Refusal::default());
    }
}

// GET and POST /api/processing/schedule

#[test]
fn a_schedule_is_read_as_documented_and_when_wrapped() {
    for text in [
        r#"{"enabled":true,"trigger_time":"16:10","timezone":"America/New_York","next_run":"2025-01-27T21:10:00Z","universes":["sp500"],"market_check":true}"#,
        r#"{"success":true,"schedule":{"enabled":"true","trigger_time":"16:10","timezone":"America/New_York","next_run":"2025-01-27T21:10:00+00:00Z","universes":"sp500","market_check":1}}"#,
    ] {
        let schedule = parse_schedule(text.as_bytes()).unwrap();
        assert_eq!(
            (schedule.enabled, schedule.market_check),
            (Some(true), Some(true)),
            "{text}"
        );
        assert_eq!(schedule.trigger_time.as_deref(), Some("16:10"));
        assert_eq!(schedule.timezone.as_deref(), Some("America/New_York"));
        assert_eq!(
            (schedule.next_run, &schedule.universes[..]),
            (
                Timestamp::parse("2025-01-27T21:10:00Z"),
                &["sp500".to_owned()][..]
            )
        );
    }
}

#[test]
fn an_answer_without_any_field_of_a_schedule_is_bad() {
    for (answer, error) in [
        ("{}", None),
        (r#"{"success":true,"schedule":{}}"#, None),
        (r#"{"enabled":null,"universes":[]}"#, None),
        (
            r#"{"error":"database is locked"}"#,
            Some("database is locked"),
        ),
        (
            r#"{"success":false,"error":"database is locked","schedule":{"enabled":false}}"#,
            Some("database is locked"),
        ),
    ] {
        assert_eq!(
            parse_schedule(answer.as_bytes())
                .unwrap_err()
                .error
                .as_deref(),
            error,
            "{answer}"
        );
    }
    assert_eq!(
        parse_schedule(br#"{"enabled":false}"#).unwrap().enabled,
        Some(false)
    );
}

#[test]
fn schedule_is_refetched_unless_the_answer_shows_it() {
    let shown = parse_schedule_change(br#"{"enabled":false,"trigger_time":"16:10"}"#)
        .unwrap()
        .unwrap();
    assert_eq!(shown.enabled, Some(false));
    for nothing in [
        &br#"{"success":true,"message":"updated"}"#[..],
        b"{}",
        b"",
        b"OK",
        b"<html>",
        b"[1]",
    ] {
        assert_eq!(parse_schedule_change(nothing).unwrap(), None);
    }
    let refused = parse_schedule_change(br#"{"success":false,"message":"bad time"}"#).unwrap_err();
    assert_eq!(refused.message.as_deref(), Some("bad time"));
    let refused = parse_schedule_change(br#"{"error":"database is locked"}"#).unwrap_err();
    assert_eq!(refused.message.as_deref(), Some("database is locked"));
    for refused in [
        &br#"{"status":"error","message":"no"}"#[..],
        br#"{"status":"rejected","message":"no"}"#,
    ] {
        let refused = parse_schedule_change(refused).unwrap_err();
        assert_eq!(refused.message.as_deref(), Some("no"));
    }
}

// GET /health

#[test]
fn health_names_the_services() {
    let health = parse_health(
        br#"{"status":"healthy","services":{"redis":"up","database":"up","api":"up"},"processing_status":"idle","version":"1.0.0"}"#,
    )
    .unwrap();
    assert_eq!(
        (health.status.as_deref(), health.version.as_deref()),
        (Some("healthy"), Some("1.0.0"))
    );
    assert_eq!(health.processing_status.as_deref(), Some("idle"));
    let names: Vec<_> = health
        .services
        .iter()
        .map(|(name, word)| format!("{name} {word}"))
        .collect();
    assert_eq!(names, ["redis up", "database up", "api up"]);
    assert_eq!(
        parse_health(br#"{"status":null,"services":[]}"#).unwrap(),
        HealthAnswer::default()
    );
}
