//! Counts, lists of failed symbols and percentages: input and what is decoded of it.
use contract::http::{parse_history, parse_status};
use contract::{Body, Channel, FailedSymbol, Progress, decode};
use serde_json::{Value, json};

fn body(name: &str, payload: &Value) -> Body {
    let text = json!({ "event": name, "payload": payload }).to_string();
    decode(Channel::ProcessingStatus, text.as_bytes())
        .unwrap()
        .body
}

/// How many failed, and each that is named with its reason (`AAPL`, `AAPL=timeout`).
fn failed(name: &str, payload: &Value) -> (Option<u64>, Vec<String>) {
    let (failed, symbols) = match body(name, payload) {
        Body::RunEnded(ended) => (ended.failed, ended.failed_symbols),
        Body::PhaseEnded(ended) => (ended.failed, ended.failed_symbols),
        other => panic!("{name} {payload} is no end: {other:?}"),
    };
    let in_short = |FailedSymbol { symbol, reason }: &FailedSymbol| match reason {
        Some(reason) => format!("{symbol}={reason}"),
        None => symbol.to_string(),
    };
    (failed, symbols.iter().map(in_short).collect())
}

fn failures() -> Vec<(Value, Option<u64>, &'static [&'static str])> {
    vec![
        (json!({}), None, &[]),
        (json!({ "failed_symbols": [] }), Some(0), &[]),
        (
            json!({ "failed_symbols": [], "symbols_failed": 405 }),
            Some(405),
            &[],
        ),
        (
            json!({ "failed_symbols": ["A", "B"], "symbols_failed": 4 }),
            Some(4),
            &["A", "B"],
        ),
        (
            json!({ "failed_symbols": ["A", "B", "C"], "symbols_failed": 1 }),
            Some(3),
            &["A", "B", "C"],
        ),
        (
            json!({ "failed_symbols": ["B", "A", "B", "A"] }),
            Some(2),
            &["B", "A"],
        ),
        (
            json!({ "failed_symbols": ["A"], "symbols_failed": ["A", "B"] }),
            Some(2),
            &["A", "B"],
        ),
        (
            json!({ "failed_symbols": { "AAPL": "timeout", "MSFT": "404" } }),
            Some(2),
            &["AAPL=timeout", "MSFT=404"],
        ),
        (
            json!({ "failed_symbols": { "AAPL": { "error": "timeout" }, "MSFT": 404, "BRK.B": null } }),
            Some(3),
            &["AAPL=timeout", "BRK.B", "MSFT=404"],
        ),
        (
            json!({ "failed_symbols": { "AAPL": ["daily", "weekly"] } }),
            Some(1),
            &["AAPL=daily, weekly"],
        ),
        (
            json!({ "failed_symbols": { "timeout": ["AAPL", "MSFT"], "not found": ["X"] } }),
            Some(3),
            &["X=not found", "AAPL=timeout", "MSFT=timeout"],
        ),
        (
            json!({ "failed_symbols": { "timeout": 3, "not_found": 2 } }),
            Some(5),
            &[],
        ),
        (
            json!({ "failed_symbols": { "count": 4, "symbols": ["A", "B"] } }),
            Some(4),
            &["A", "B"],
        ),
        (
            json!({ "failed_symbols": [{ "symbol": "A", "reason": "x" }, { "ticker": "B", "error": "y" }] }),
            Some(2),
            &["A=x", "B=y"],
        ),
        (
            json!({ "failed_symbols": [{ "symbol": "A" }, { "symbol": "A", "error_message": "late" }] }),
            Some(1),
            &["A=late"],
        ),
        (
            json!({ "failed_symbols": [{ "AAPL": "timeout" }, ["MSFT", "404"], "X: gone"] }),
            Some(3),
            &["AAPL=timeout", "MSFT=404", "X=gone"],
        ),
        (
            json!({ "failed_symbols": "AAPL,MSFT" }),
            Some(2),
            &["AAPL", "MSFT"],
        ),
        (
            json!({ "failed_symbols": "AAPL, MSFT, AAPL" }),
            Some(2),
            &["AAPL", "MSFT"],
        ),
        (
            json!({ "failed_symbols": "AAPL MSFT" }),
            Some(2),
            &["AAPL", "MSFT"],
        ),
        (
            json!({ "failed_symbols": "['AAPL', 'BRK.B']" }),
            Some(2),
            &["AAPL", "BRK.B"],
        ),
        (
            json!({ "failed_symbols": "AAPL: timeout; MSFT (404)" }),
            Some(2),
            &["AAPL=timeout", "MSFT=404"],
        ),
        (json!({ "failed_symbols": "[]" }), Some(0), &[]),
        (json!({ "failed_symbols": "None" }), Some(0), &[]),
        (json!({ "failed_symbols": "" }), None, &[]),
        (json!({ "failed_symbols": "two of them" }), None, &[]),
        (json!({ "symbols_failed": "1,234" }), Some(1234), &[]),
        (json!({ "symbols_failed": "1 234" }), Some(1234), &[]),
        (json!({ "symbols_failed": "12,34" }), None, &[]),
        (json!({ "symbols_failed": 1e13 }), None, &[]),
        (json!({ "symbols_failed": -1 }), None, &[]),
        // A number over the total is not credible, unless as many are listed.
        (
            json!({ "symbols_failed": 600, "failed": 3, "total_symbols": 505 }),
            Some(3),
            &[],
        ),
        (
            json!({ "symbols_failed": 600, "total_symbols": 505 }),
            None,
            &[],
        ),
        (
            json!({ "symbols_failed": 600, "total_symbols": 0 }),
            Some(600),
            &[],
        ),
        (
            json!({ "symbols_failed": ["A", "B"], "failed": 2, "total_symbols": 1 }),
            Some(2),
            &["A", "B"],
        ),
    ]
}

#[test]
fn of_failures_the_largest_credible_statement_counts() {
    for (payload, count, symbols) in failures() {
        for name in [
            "processing_completed",
            "import_completed",
            "indicator_processing_completed",
            "pattern_processing_completed",
        ] {
            let (failed, named) = failed(name, &payload);
            assert_eq!(
                (failed, named.iter().map(String::as_str).collect::<Vec<_>>()),
                (count, symbols.to_vec()),
                "{name} {payload}"
            );
        }
    }
}

#[test]
fn progress_status_and_history_count_failures_in_the_same_way() {
    for (payload, count, _) in failures() {
        let Body::Progress(progress) = body("import_progress", &payload) else {
            panic!("{payload}")
        };
        assert_eq!(progress.failed, count, "{payload}");
        let mut status = payload.clone();
        status["is_running"] = true.into();
        assert_eq!(
            parse_status(status.to_string().as_bytes()).unwrap().failed,
            count,
            "{payload}"
        );
        let mut row = payload.clone();
        row["run_id"] = "a".into();
        let runs = parse_history(json!({ "runs": [row] }).to_string().as_bytes()).unwrap();
        assert_eq!(runs[0].failed, count, "{payload}");
    }
}

#[test]
fn failed_symbol_counts_once_and_its_reason_is_truncated() {
    let list: Vec<String> = (0..3000).map(|n| format!("S{}", n % 1500)).collect();
    let (count, named) = failed("import_completed", &json!({ "failed_symbols": list }));
    assert_eq!((count, named.len()), (Some(1500), 1000));
    let (_, named) = failed(
        "import_completed",
        &json!({ "failed_symbols": { "A": "x".repeat(5000) } }),
    );
    assert_eq!(named[0].len(), "A=".len() + 256);
}

fn progress(name: &str, payload: &Value) -> Progress {
    match body(name, payload) {
        Body::Progress(progress) => progress,
        other => panic!("{name} {payload} is no progress: {other:?}"),
    }
}

#[test]
fn counts_are_read_wherever_a_progress_states_them() {
    for payload in [
        json!({ "completed_symbols": 227, "total_symbols": 505 }),
        json!({ "completed_symbols": "227", "total_symbols": "505" }),
        json!({ "progress": { "current": 227, "total": 505, "current_symbol": "AAPL" } }),
        json!({ "progress": { "done": 227, "total": 505, "percentage": 44.95 } }),
        json!({ "progress": { "processed": 227, "symbols_total": 505 } }),
        json!({ "progress": { "completed": 227, "total": 505 } }),
        json!({ "progress": "227/505" }),
        json!({ "progress": "227 of 505" }),
        json!({ "progress": "227 / 505 symbols" }),
        json!({ "progress": "227/505 (45%)" }),
        json!({ "completed_symbols": "227/505" }),
    ] {
        let read = progress("import_progress", &payload);
        assert_eq!((read.done, read.total), (Some(227), Some(505)), "{payload}");
        assert!(
            (read.percent.unwrap() - 44.95).abs() < 0.01,
            "{payload}: {read:?}"
        );
        let mut status = payload.clone();
        status["is_running"] = true.into();
        let status = parse_status(status.to_string().as_bytes()).unwrap();
        assert_eq!(
            (status.done, status.total),
            (Some(227), Some(505)),
            "{payload}"
        );
    }
    let large = progress("import_progress", &json!({ "progress": "1,227/2,505" }));
    assert_eq!((large.done, large.total), (Some(1227), Some(2505)));
}

#[test]
fn counts_win_over_a_percentage_that_contradicts_them() {
    let counts = |done: u64, percent: Value| json!({ "completed_symbols": done, "total_symbols": 505, "percent_complete": percent });
    for (name, payload, percent) in [
        // A fraction of one, or a hundred times too large: also of a whole run.
        ("import_progress", counts(227, json!(0.45)), 44.95),
        ("processing_progress", counts(227, json!(0.45)), 44.95),
        ("processing_progress", counts(227, json!("0.45")), 44.95),
        ("processing_progress", counts(227, json!(4495)), 44.95),
        ("processing_progress", counts(5, json!(0.0099)), 0.99),
        ("processing_progress", counts(505, json!(1)), 100.0),
        // Of a phase also any other.
        ("import_progress", counts(227, json!(80)), 44.95),
        ("import_progress", counts(227, json!(45.9)), 45.9),
        ("processing_progress", counts(227, json!(80)), 80.0),
        ("processing_progress", counts(5, json!(1)), 1.0),
        // Without counts it is what it says.
        ("import_progress", json!({ "percent_complete": 0.45 }), 0.45),
        (
            "import_progress",
            json!({ "percent_complete": 0.45, "total_symbols": 505 }),
            0.45,
        ),
        ("import_progress", json!({ "percent_complete": 450 }), 100.0),
        // It may count those that failed.
        (
            "import_progress",
            json!({ "completed": 200, "failed": 55, "total": 505, "percentage": 50.5 }),
            50.5,
        ),
        (
            "import_progress",
            json!({ "completed": 200, "processed": 255, "total": 505, "percentage": 50.5 }),
            50.5,
        ),
    ] {
        let read = progress(name, &payload).percent.unwrap();
        assert!((read - percent).abs() < 0.01, "{name} {payload}: {read}");
    }
}

#[test]
fn a_statuss_percentage_is_of_the_run_and_no_fraction() {
    for (body, percent) in [
        (
            json!({ "progress": 0.45, "symbols_processed": 227, "symbols_total": 505 }),
            Some(44.95),
        ),
        (
            json!({ "progress": 80, "symbols_processed": 227, "symbols_total": 505 }),
            Some(80.0),
        ),
        (
            json!({ "symbols_processed": 227, "symbols_total": 505 }),
            None,
        ),
        (json!({ "progress": "227/505" }), None),
    ] {
        let mut status = body.clone();
        status["is_running"] = true.into();
        let read = parse_status(status.to_string().as_bytes()).unwrap().percent;
        assert_eq!(
            read.map(|p| (p * 100.0).round()),
            percent.map(|p: f64| (p * 100.0).round()),
            "{body}"
        );
    }
}

#[test]
fn what_is_done_at_an_end_is_read_from_text_too() {
    let Body::RunEnded(run) = body(
        "processing_completed",
        &json!({ "symbols_processed": "1,234" }),
    ) else {
        panic!("run")
    };
    assert_eq!(run.processed, Some(1234));
    let Body::PhaseEnded(phase) = body(
        "import_completed",
        &json!({ "successful_symbols": "1 234", "total_symbols": "2,468" }),
    ) else {
        panic!("phase")
    };
    assert_eq!((phase.done, phase.total), (Some(1234), Some(2468)));
    let Body::RunEnded(run) = body(
        "processing_completed",
        &json!({ "symbols_processed": "100/505" }),
    ) else {
        panic!("run")
    };
    assert_eq!(run.processed, Some(100));
}
