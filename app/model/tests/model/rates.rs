//! How fast phases are, and when they will end.

use crate::support::{BEGIN, Console};
use contract::Phase;
use model::PhaseState;
use serde_json::{Value, json};

fn import(console: &Console) -> &PhaseState {
    console.run().phase(Phase::Import)
}

fn import_started(console: &mut Console) {
    console.started("r");
    console.message(
        "import:started",
        "data_import_started",
        json!({ "run_id": "r", "total_symbols": 500 }),
    );
}

#[test]
fn a_rate_is_known_once_more_was_done_over_a_second_or_longer() {
    let mut console = Console::default();
    import_started(&mut console);
    assert_eq!(import(&console).per_second, None);
    console.progress("import", "r", 5);
    assert_eq!(import(&console).per_second, None, "no time has passed");
    console.wait(10).progress("import", "r", 20);
    assert_eq!(import(&console).per_second, Some(2.0));
}

#[test]
fn phase_with_missed_start_has_a_rate_from_second_message() {
    let mut console = Console::default();
    console.progress("import", "r", 300);
    assert_eq!(import(&console).per_second, None);
    console.wait(5).progress("import", "r", 310);
    assert_eq!(import(&console).per_second, Some(2.0));
}

#[test]
fn a_rate_follows_slowly_what_changes() {
    let mut console = Console::default();
    import_started(&mut console);
    console.wait(10).progress("import", "r", 20);
    console.wait(10).progress("import", "r", 20 + 80);
    let rate = import(&console).per_second.unwrap();
    assert!(
        2.0 < rate && rate < 5.0,
        "{rate} lies between the old and the new one, nearer to the old"
    );
    for step in 1..=30 {
        console.wait(10).progress("import", "r", 100 + step * 8);
    }
    let rate = import(&console).per_second.unwrap();
    assert!(
        (0.8..1.0).contains(&rate),
        "{rate} has come near to the 0.8 of the last five minutes"
    );
}

#[test]
fn missing_eta_is_estimated_from_the_rate() {
    let mut console = Console::default();
    import_started(&mut console);
    console.wait(100).progress("import", "r", 100);
    let phase = import(&console);
    assert_eq!(
        (phase.eta_at, phase.eta_is_reckoned),
        (Some(BEGIN.plus_ms(500_000)), true)
    );
    let payload = json!({ "run_id": "r", "completed_symbols": 101, "eta_seconds": 60 });
    console
        .wait(1)
        .message("import:progress", "import_progress", payload);
    let phase = import(&console);
    assert_eq!(
        (phase.eta_at, phase.eta_is_reckoned),
        (Some(BEGIN.plus_ms(161_000)), false),
        "TickStockPL's word wins"
    );
    console.wait(1).progress("import", "r", 102);
    assert_eq!(import(&console).eta_at, Some(BEGIN.plus_ms(161_000)));
}

#[test]
fn duplicate_or_late_progress_changes_neither_rate_nor_eta() {
    let mut console = Console::default();
    import_started(&mut console);
    let progress = |done: u64| json!({ "run_id": "r", "completed_symbols": done, "total_symbols": 500, "eta_seconds": 400, "current_symbol": format!("S{done}") });
    console
        .wait(50)
        .message("import:progress", "import_progress", progress(50));
    console
        .wait(50)
        .message("import:progress", "import_progress", progress(100));
    let before = import(&console).clone();
    for late in [100, 50, 100] {
        console
            .wait(20)
            .message("import:progress", "import_progress", progress(late));
        assert_eq!(*import(&console), before, "{late}");
    }
}

#[test]
fn a_repeated_message_without_any_number_moves_nothing() {
    let mut console = Console::default();
    import_started(&mut console);
    console.progress("import", "r", 50);
    let payload = json!({ "run_id": "r", "eta_seconds": 60 });
    console.message("import:progress", "import_progress", payload.clone());
    let before = import(&console).clone();
    assert!(before.eta_at.is_some());
    console
        .wait(5)
        .message("import:progress", "import_progress", payload);
    assert_eq!(*import(&console), before);
}

#[test]
fn a_phase_that_is_over_has_its_rate_on_the_whole() {
    let mut console = Console::default();
    import_started(&mut console);
    console.wait(10).progress("import", "r", 400);
    let payload = json!({ "run_id": "r", "total_symbols": 500, "successful_symbols": 500, "duration_seconds": 250 });
    console
        .wait(1)
        .message("import:completed", "data_import_completed", payload);
    let phase = import(&console);
    assert_eq!(
        (phase.per_second, phase.eta_at, phase.eta_is_reckoned),
        (Some(2.0), None, false)
    );
}

#[test]
fn what_the_start_says_of_a_run_is_kept() {
    let mut console = Console::default();
    let payload = json!({
        "run_id": "r", "run_date": "2025-01-27", "universe": "sp500", "trigger_type": "manual", "skip_market_check": true,
        "timeframes": ["daily"], "lookback_days": 30, "symbols": ["AAPL"], "phases": ["data_import", "finalization"],
    });
    console.message("processing:status", "processing_started", payload);
    let run = console.run();
    assert_eq!(
        (run.run_date.as_deref(), run.skip_market_check),
        (Some("2025-01-27"), Some(true))
    );
    assert_eq!(
        (&run.planned[..], &run.other_phases[..]),
        (&[Phase::Import][..], &["finalization".to_owned()][..])
    );
    assert_eq!(
        (&run.timeframes[..], &run.symbols[..]),
        (&["daily".to_owned()][..], &["AAPL".to_owned()][..])
    );
    assert_eq!(run.lookback_days, [(String::new(), 30)]);
    console.completed("r", "success");
    assert_eq!(
        console.state.earlier[0].run_date.as_deref(),
        Some("2025-01-27")
    );
}

#[test]
fn a_run_takes_from_its_import_what_its_start_did_not_say() {
    let mut console = Console::default();
    let payload: Value = json!({ "run_id": "r", "universe_names": ["sp500"], "timeframes": ["hourly"], "lookback_days": { "hourly": 7 }, "total_symbols": 503 });
    console.message("import:started", "data_import_started", payload);
    let run = console.run();
    assert_eq!(
        (&run.universes[..], &run.timeframes[..]),
        (&["sp500".to_owned()][..], &["hourly".to_owned()][..])
    );
    assert_eq!(
        (&run.lookback_days[..], run.symbols_total),
        (&[("hourly".to_owned(), 7)][..], Some(503))
    );
}
