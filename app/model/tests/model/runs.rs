//! What events do to the run that is shown.

use crate::support::Console;
use contract::Phase;
use contract::frame::Input;
use model::{Changes, PhaseStatus, RunStatus};
use serde_json::json;

#[test]
fn a_whole_run_goes_through_its_four_phases_and_ends() {
    let mut console = Console::default();
    console.started("r");
    for (phase, channel) in [
        (Phase::Import, "import"),
        (Phase::Indicators, "indicators"),
        (Phase::Patterns, "patterns"),
    ] {
        let percent = console.run().percent;
        console.message(
            &format!("{channel}:started"),
            &format!("{channel}_started"),
            json!({ "run_id": "r", "total_symbols": 500 }),
        );
        assert_eq!(console.run().current_phase(), Some(phase));
        console.wait(60).progress(channel, "r", 250);
        assert_eq!(
            (
                console.run().phase(phase).done,
                console.run().phase(phase).percent
            ),
            (Some(250), 50.0)
        );
        assert!(console.run().percent > percent);
        console.message(
            &format!("{channel}:completed"),
            &format!("{channel}_completed"),
            json!({ "run_id": "r" }),
        );
        assert_eq!(console.run().phase(phase).status, PhaseStatus::Done);
    }
    console.completed("r", "success");
    assert_eq!(
        (console.status(), console.run().percent),
        (RunStatus::Succeeded, 100.0)
    );
    assert_eq!(
        console.run().phase(Phase::CacheSync).status,
        PhaseStatus::Skipped,
        "its events never came"
    );
    assert_eq!(console.state.earlier[0].status, RunStatus::Succeeded);
}

#[test]
fn a_finished_run_stays_finished_whatever_comes_late() {
    let mut console = Console::default();
    console.started("r");
    console.progress("import", "r", 100);
    console.completed("r", "failed");
    let ended = console.state.run.clone();
    console.wait(5);
    console.progress("import", "r", 200);
    console.delayed(
        "processing:status",
        "processing_started",
        crate::support::BEGIN,
        json!({ "run_id": "r" }),
    );
    console.completed("r", "success");
    console.message(
        "indicators:started",
        "indicator_processing_started",
        json!({ "run_id": "r" }),
    );
    assert_eq!(console.state.run, ended);
}

#[test]
fn progress_never_runs_backwards_within_a_phase() {
    let mut console = Console::default();
    console.started("r");
    console.progress("import", "r", 300);
    let percent = console.run().percent;
    console.progress("import", "r", 100);
    assert_eq!(console.run().phase(Phase::Import).done, Some(300));
    assert_eq!(console.run().percent, percent);
}

#[test]
fn late_progress_of_an_earlier_phase_does_not_reopen_it() {
    let mut console = Console::default();
    console.started("r");
    console.progress("import", "r", 400);
    console.progress("indicators", "r", 10);
    console.progress("import", "r", 450);
    let run = console.run();
    assert_eq!(run.phase(Phase::Import).status, PhaseStatus::Done);
    assert_eq!(run.current_phase(), Some(Phase::Indicators));
}

#[test]
fn an_event_of_another_run_does_not_disturb_the_one_shown() {
    let mut console = Console::default();
    console.started("r");
    console.progress("import", "r", 100);
    let before = console.state.run.clone();
    console.progress("import", "other", 400);
    console.completed("other", "failed");
    assert_eq!(console.state.run, before);
}

#[test]
fn a_start_of_another_run_supersedes_an_unfinished_one() {
    let mut console = Console::default();
    console.started("first");
    console.started("second");
    assert_eq!(console.run().id.as_str(), "second");
    let first = &console.state.earlier[0];
    assert_eq!(
        (first.id.as_str(), first.status),
        ("first", RunStatus::Superseded)
    );
    console.started("first");
    assert_eq!(
        console.run().id.as_str(),
        "second",
        "a repeated start of an earlier run is late"
    );
}

#[test]
fn a_run_whose_start_was_missed_is_picked_up() {
    let mut console = Console::default();
    console.progress("indicators", "r", 100);
    assert_eq!(
        (console.status(), console.run().started_at),
        (RunStatus::Running, None)
    );
    assert_eq!(console.run().current_phase(), Some(Phase::Indicators));
}

#[test]
fn a_run_known_by_one_phase_only_ends_with_it() {
    let mut console = Console::default();
    console.message(
        "import:started",
        "data_import_started",
        json!({ "run_id": "only-import", "total_symbols": 5 }),
    );
    console.message(
        "import:completed",
        "data_import_completed",
        json!({ "run_id": "only-import", "failed_symbols": ["A"] }),
    );
    assert_eq!(console.status(), RunStatus::SucceededWithWarnings);
}

#[test]
fn a_run_that_the_api_calls_active_outlives_its_phase() {
    let mut console = Console::default();
    console.progress("import", "r", 100);
    console.apply_active_status("r", Phase::Import, 120);
    console.message(
        "import:completed",
        "import_completed",
        json!({ "run_id": "r" }),
    );
    assert_eq!(console.status(), RunStatus::Running);
}

#[test]
fn either_word_can_fail_a_run_and_cancelled_is_not_failed() {
    for (payload, status) in [
        (
            json!({ "run_id": "r", "status": "success" }),
            RunStatus::Succeeded,
        ),
        (json!({ "run_id": "r" }), RunStatus::Succeeded),
        (
            json!({ "run_id": "r", "status": "success", "symbols_failed": 3 }),
            RunStatus::SucceededWithWarnings,
        ),
        (
            json!({ "run_id": "r", "success": false }),
            RunStatus::Failed,
        ),
        (
            json!({ "run_id": "r", "success": true, "status": "error" }),
            RunStatus::Failed,
        ),
        (
            json!({ "run_id": "r", "status": "cancelled", "success": false }),
            RunStatus::Cancelled,
        ),
    ] {
        let mut console = Console::default();
        console.started("r");
        console.message(
            "processing:status",
            "daily_processing_completed",
            payload.clone(),
        );
        assert_eq!(console.status(), status, "{payload}");
    }
}

#[test]
fn a_failed_run_names_its_phase_and_its_reason() {
    let mut console = Console::default();
    console.started("r");
    console.progress("indicators", "r", 10);
    let payload = json!({ "run_id": "r", "status": "failed", "phase": "indicator_processing", "error_message": "database gone" });
    console.message("processing:status", "processing_failed", payload);
    assert_eq!(console.status(), RunStatus::Failed);
    assert_eq!(
        console.run().phase(Phase::Indicators).status,
        PhaseStatus::Failed
    );
    assert_eq!(console.run().message.as_deref(), Some("database gone"));
    assert_eq!(
        console.run().phase(Phase::Patterns).status,
        PhaseStatus::Skipped
    );
}

#[test]
fn results_are_counted_by_kind_and_only_for_the_daily_run() {
    let mut console = Console::default();
    console.started("r");
    for indicator in ["RSI", "RSI", "MACD"] {
        console.message(
            "indicators:calculated",
            "indicator_calculated",
            json!({ "symbol": "A", "indicator": indicator, "values": {} }),
        );
    }
    console.message(
        "indicators:calculated",
        "streaming_indicator",
        json!({ "symbol": "A", "indicator": "RSI", "value": 1.5 }),
    );
    assert_eq!(
        (console.run().indicators, console.run().by_indicator["RSI"]),
        (3, 2)
    );
    assert_eq!(console.state.feeds.indicators_seen, 4);
    // The end's own count wins when it is larger, and the number of kinds that the start gives is
    // no count of results.
    console.message(
        "indicators:started",
        "indicator_processing_started",
        json!({ "run_id": "r", "total_indicators": 15 }),
    );
    let end = json!({ "run_id": "r", "total_indicators": 7575, "successful_indicators": 7500, "failed_indicators": 75 });
    console.message(
        "indicators:completed",
        "indicator_processing_completed",
        end,
    );
    assert_eq!(console.run().indicators, 7500);
}

#[test]
fn event_without_run_id_belongs_to_the_active_run() {
    let mut console = Console::default();
    assert_eq!(
        console.message(
            "import:progress",
            "import_progress",
            json!({ "completed_symbols": 5 })
        ),
        Changes::LOG
    );
    assert!(console.state.run.is_none());
    console.started("r");
    console.message(
        "import:progress",
        "import_progress",
        json!({ "completed_symbols": 5, "total_symbols": 500 }),
    );
    assert_eq!(console.run().phase(Phase::Import).done, Some(5));
    // A cache job of its own that says no run does not begin the run's cache phase in the middle of
    // its import.
    console.message(
        "cache:sync_triggered",
        "cache_sync_triggered",
        json!({ "job_id": "j", "mode": "full" }),
    );
    assert_eq!(
        console.run().phase(Phase::CacheSync).status,
        PhaseStatus::Waiting
    );
}

#[test]
fn undocumented_events_and_commands_are_only_logged() {
    let mut console = Console::default();
    console.started("r");
    let before = console.state.run.clone();
    let changes = console.message(
        "processing:status",
        "daily_processing_paused",
        json!({ "run_id": "r" }),
    );
    assert_eq!(changes, Changes::LOG);
    assert_eq!(console.state.run, before);
    let line = console.state.log.back().unwrap();
    assert!(
        !line.known && line.summary.contains("daily_processing_paused"),
        "{line:?}"
    );
}

#[test]
fn errors_that_say_the_same_are_one_group() {
    let mut console = Console::default();
    console.started("r");
    for symbol in ["A", "B", "A"] {
        let payload = json!({ "severity": "warning", "component": "fetcher", "error_code": "API_RATE_LIMIT", "message": "slow down", "context": { "symbol": symbol } });
        console.wait(1).message("errors", "error", payload);
    }
    console.message(
        "errors",
        "critical_error",
        json!({ "component": "fetcher", "message": "no more" }),
    );
    assert_eq!(console.state.errors.len(), 2);
    let group = &console.state.errors[0];
    assert_eq!((group.count, group.symbols.len()), (3, 2));
    assert_eq!(
        group.run_id.as_ref().map(contract::RunId::as_str),
        Some("r")
    );
    assert!(group.first_at < group.last_at);
}

#[test]
fn a_processing_error_fails_the_run() {
    let mut console = Console::default();
    console.started("r");
    console.message(
        "errors",
        "processing_error",
        json!({ "run_id": "r", "error_message": "import job crashed" }),
    );
    assert_eq!(
        (console.status(), console.run().message.as_deref()),
        (RunStatus::Failed, Some("import job crashed"))
    );
}

#[test]
fn progress_of_one_phase_is_one_line_of_the_event_list() {
    let mut console = Console::default();
    console.started("r");
    for done in 0..100 {
        console.progress("import", "r", done);
        console.message(
            "monitoring",
            "job_progress_update",
            json!({ "run_id": "r", "phase": "data_import", "completed": done }),
        );
    }
    assert_eq!(console.state.log.len(), 2);
    assert!(console.state.log.back().unwrap().summary.contains("S99"));
}

#[test]
fn a_schedule_is_put_together_from_what_was_said() {
    let mut console = Console::default();
    let schedule = json!({ "schedule": { "enabled": true, "trigger_time": "16:10", "next_run": "2025-01-28T21:10:00Z" } });
    console.message("processing:schedule", "schedule_updated", schedule);
    assert!(console.state.schedule.as_ref().unwrap().next_run.is_some());
    console.message(
        "processing:schedule",
        "schedule_updated",
        json!({ "enabled": false, "timezone": "America/New_York" }),
    );
    let schedule = console.state.schedule.as_ref().unwrap();
    assert_eq!((schedule.enabled, schedule.next_run), (Some(false), None));
    assert_eq!(schedule.trigger_time.as_deref(), Some("16:10"));
}

#[test]
fn a_batch_of_results_counts_as_much_as_its_messages_one_by_one() {
    let decode = |channel: &str, data: &str| {
        contract::decode(
            contract::Channel::from_wire_name(channel).unwrap(),
            data.as_bytes(),
        )
        .unwrap()
    };
    let results: Vec<contract::Event> = (0..100)
        .map(|n| {
            let (kind, other) = (["RSI", "MACD", "SMA_20"][n % 3], ["Doji", "Hammer"][n % 2]);
            let (channel, data) = match n % 4 {
                0 | 1 => ("indicators:calculated", format!(r#"{{"event":"indicator_calculated","payload":{{"symbol":"S{n}","indicator":"{kind}","timeframe":"daily","values":{{"v":{n}}}}}}}"#)),
                2 => ("patterns:detected", format!(r#"{{"event":"pattern_detected","payload":{{"run_id":"r","symbol":"S{n}","pattern":"{other}","confidence":0.8}}}}"#)),
                _ => ("data:import:status", format!(r#"{{"event":"symbol_processing_complete","payload":{{"run_id":"r","symbol":"S{n}","success":{}}}}}"#, n % 8 == 3)),
            };
            decode(&format!("tickstock:{channel}"), &data)
        })
        .collect();
    let start = Input::Event(decode(
        "tickstock:processing:status",
        r#"{"event":"processing_started","payload":{"run_id":"r"}}"#,
    ));
    let at = contract::Timestamp(1_764_000_000_000);
    let apply = |inputs: Vec<Input>| {
        let mut state = model::State::default();
        state.apply(&contract::frame::Frame { seq: 1, at, inputs });
        state
    };
    let singly = apply(
        [start.clone()]
            .into_iter()
            .chain(results.iter().cloned().map(Input::Event))
            .collect(),
    );
    let mut batches: Vec<contract::ResultBatch> = Vec::new();
    for event in results {
        let batch = contract::ResultBatch::from_event(event).unwrap();
        let left = batches
            .iter_mut()
            .try_fold(batch, |batch, known| known.add(batch, 1000).err());
        batches.extend(left);
    }
    assert_eq!(batches.len(), 3, "one of each kind");
    let mut batched = apply(
        [start]
            .into_iter()
            .chain(batches.into_iter().map(Input::Results))
            .collect(),
    );
    assert_eq!(
        (
            singly.messages,
            singly.feeds.indicators_seen,
            singly.feeds.patterns_seen
        ),
        (101, 50, 25)
    );
    // The order in which kinds were first seen may differ; nothing else does.
    batched.feeds.clone_from(&singly.feeds);
    assert_eq!(batched, singly);
}

#[test]
fn count_without_a_total_is_measured_by_the_known_one() {
    let mut console = Console::default();
    console.started("r");
    console.progress("import", "r", 100);
    console.message(
        "import:progress",
        "import_progress",
        json!({ "run_id": "r", "completed_symbols": 200 }),
    );
    let import = console.run().phase(Phase::Import);
    assert_eq!((import.done, import.percent), (Some(200), 40.0));
}
