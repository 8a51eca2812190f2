//! Runs, errors and audit entries as the relay would hand them over.

use contract::{Phase, RunId, Severity, Symbol, Timestamp};
use model::{
    AuditEntry, ErrorGroup, EventSummary, PhaseState, PhaseStatus, Run, RunStatus, State,
    SymbolFailure,
};
use store::Record;

/// When the tests' clock begins: 2025-01-27T21:10:00Z, a Monday, 16:10 in New York.
pub(crate) const BEGIN: Timestamp = Timestamp(1_738_012_200_000);

pub(crate) fn id(text: &str) -> RunId {
    RunId::new(text).unwrap()
}

pub(crate) fn symbol(text: &str) -> Symbol {
    Symbol::new(text).unwrap()
}

/// A run with all four phases that ended so, `minutes` after [`BEGIN`], and took 600 s.
pub(crate) fn run(name: &str, status: RunStatus, minutes: i64) -> Run {
    let mut state = State::default();
    let mut seq = 0;
    let mut at = BEGIN.plus_ms(minutes * 60_000);
    let mut input = |at: Timestamp, channel: &str, text: String| {
        seq += 1;
        let channel = contract::Channel::from_wire_name(&format!("tickstock:{channel}")).unwrap();
        let event = contract::decode(channel, text.as_bytes()).unwrap();
        let inputs = vec![contract::frame::Input::Event(event)];
        state.apply(&contract::frame::Frame { seq, at, inputs });
        state.clone()
    };
    let name = serde_json::to_string(name).unwrap();
    let message = |event: &str, rest: &str| {
        format!(r#"{{"event":"{event}","payload":{{"run_id":{name}{rest}}}}}"#)
    };
    let start = r#","phases":["import","cache_sync","indicators","patterns"],"universe":"sp500","trigger_type":"manual","symbols_count":500"#;
    let mut now = input(
        at,
        "processing:status",
        message("processing_started", start),
    );
    for (phase, channel, seconds) in [
        (0, "import", 300),
        (1, "cache", 60),
        (2, "indicators", 180),
        (3, "patterns", 60),
    ] {
        let [begin, end] = ["started", "completed"].map(|stage| format!("{channel}:{stage}"));
        let name = [
            "data_import",
            "cache_sync",
            "indicator_processing",
            "pattern_processing",
        ][phase];
        input(
            at,
            &begin,
            message(&format!("{name}_started"), r#","total_symbols":500"#),
        );
        at = at.plus_ms(seconds * 1000);
        now = input(
            at,
            &end,
            message(
                &format!("{name}_completed"),
                &format!(r#","duration_seconds":{seconds}"#),
            ),
        );
    }
    if !status.is_active() {
        let word = match status {
            RunStatus::Failed => "failed",
            RunStatus::Cancelled => "cancelled",
            _ => "success",
        };
        let rest = format!(r#","status":"{word}","duration_seconds":600,"symbols_processed":500"#);
        now = input(
            at,
            "processing:status",
            message("processing_completed", &rest),
        );
    }
    let mut run = now.run.unwrap();
    run.status = status;
    run
}

/// As [`run`], with failed symbols, counts by kind and a message.
pub(crate) fn full(name: &str, minutes: i64) -> Run {
    let mut run = run(name, RunStatus::SucceededWithWarnings, minutes);
    run.failed_symbols = vec![
        failure(symbol("BRK.B"), Some("no data")),
        failure(symbol("XYZ"), None),
    ];
    run.indicators = 7_575;
    run.patterns = 2;
    run.by_indicator = [("RSI".to_owned(), 7_000), ("MACD".to_owned(), 575)].into();
    run.by_pattern = [("Doji".to_owned(), 2)].into();
    run.message = Some("2 symbols failed".to_owned());
    run
}

/// A run that only imported, for 300 s.
pub(crate) fn import_only(name: &str, minutes: i64) -> Run {
    let mut run = full(name, minutes);
    for phase in [Phase::CacheSync, Phase::Indicators, Phase::Patterns] {
        let state = &mut run.phases[phase.index()];
        *state = PhaseState::default();
        state.status = PhaseStatus::Skipped;
    }
    run.planned = vec![Phase::Import];
    run.duration_seconds = Some(300.0);
    run
}

/// A run in its import.
pub(crate) fn active(name: &str, minutes: i64, percent: f64) -> Run {
    let mut run = run(name, RunStatus::Running, minutes);
    for phase in Phase::ALL {
        let state = &mut run.phases[phase.index()];
        state.status = PhaseStatus::Waiting;
        state.end = None;
        state.ended_at = None;
    }
    run.phases[0].status = PhaseStatus::Running;
    run.phases[0].percent = percent;
    run.percent = percent;
    run.heard_at = BEGIN.plus_ms(minutes * 60_000 + (percent * 1000.0) as i64);
    run
}

pub(crate) fn record(run: Run) -> Record {
    Record::Run(Box::new(run))
}

pub(crate) fn errors(run_id: &str, message: &str, count: u64) -> ErrorGroup {
    let mut group = ErrorGroup {
        id: None,
        category: None,
        retry_after_seconds: None,
        context: Vec::new(),
        error_id: None,
        acknowledged: None,
        run_id: Some(id(run_id)),
        severity: Severity::Warning,
        component: Some("fetcher".to_owned()),
        code: None,
        message: message.to_owned(),
        phase: Some(Phase::Import),
        recovery_action: Some("retry".to_owned()),
        symbols: vec![symbol("XYZ")],
        count,
        first_at: BEGIN,
        last_at: BEGIN.plus_ms(count as i64),
    };
    group.name();
    group
}

pub(crate) fn audit(who: &str, action: &str) -> AuditEntry {
    AuditEntry {
        key: store::new_key(),
        at: BEGIN,
        who: who.to_owned(),
        role: Some("operator".to_owned()),
        action: action.to_owned(),
        target: Some("run-1".to_owned()),
        address: Some("192.0.2.1".to_owned()),
        request_id: Some("req-1".to_owned()),
        outcome: "accepted".to_owned(),
        detail: None,
    }
}

pub(crate) fn line(run_id: &str, number: u64) -> EventSummary {
    EventSummary {
        run_id: Some(id(run_id)),
        number,
        at: BEGIN.plus_ms(number as i64),
        channel: "tickstock:errors".to_owned(),
        name: "error".to_owned(),
        summary: format!("event {number}"),
        raw: Some(format!(r#"{{"n":{number}}}"#)),
    }
}

pub(crate) fn failure(symbol: Symbol, reason: Option<&str>) -> SymbolFailure {
    SymbolFailure {
        symbol,
        phase: None,
        reason: reason.map(str::to_owned),
    }
}

/// A run's line as the database has it: who reported it is not kept there.
pub(crate) fn line_of(run: &Run) -> model::RunSummary {
    model::RunSummary {
        claim: model::Claim::default(),
        unverified: false,
        ..model::RunSummary::from(run)
    }
}
