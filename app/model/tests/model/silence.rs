//! What does not happen: a run of which no event comes, events that do not arrive, times that
//! cannot be.

use crate::support::Console;
use contract::frame::{Input, Neighbour};
use contract::http::StatusAnswer;
use contract::{Phase, RunId};
use model::Changes;
use serde_json::json;

fn ticks(console: &mut Console, seconds: i64) -> Changes {
    let mut changes = Changes::NONE;
    for _ in 0..seconds / 5 {
        changes |= console.wait(5).input(Input::Tick {});
    }
    changes
}

#[test]
fn a_run_without_an_event_falls_silent_and_its_rate_decays() {
    let mut console = Console::default();
    console.started("r");
    for n in 1..20 {
        console.wait(5).progress("import", "r", n * 20);
    }
    let phase = console.run().phase(Phase::Import).clone();
    let rate = phase.rate(console.now()).unwrap_or_default();
    assert!((3.0..5.0).contains(&rate), "{rate}");
    assert!(!ticks(&mut console, 55).any(Changes::RUN) && !console.run().pace.silent);
    assert!(ticks(&mut console, 10).any(Changes::RUN) && console.run().pace.silent);
    assert!(
        phase.rate(console.now()).unwrap_or_default() < rate / 4.0,
        "it does not look alive"
    );
    assert!(console.progress("import", "r", 400).any(Changes::RUN));
    assert!(!console.run().pace.silent, "an event ends the silence");
}

#[test]
fn progress_from_the_api_alone_marks_events_missing() {
    let mut console = Console::default();
    console.link(Neighbour::Redis, true);
    console.link(Neighbour::Api, true);
    console.started("r");
    let last_event = console.now();
    for n in 1..20 {
        console
            .wait(5)
            .apply_active_status("r", Phase::Import, n * 10);
        console.input(Input::Tick {});
    }
    assert_eq!(console.run().pace.missing_since, Some(last_event));
    assert!(!console.run().pace.silent, "the API reports progress");
    console.progress("import", "r", 300);
    assert_eq!(console.run().pace.missing_since, None);
}

#[test]
fn run_that_tickstockpl_does_not_know_is_forgotten() {
    let mut console = Console::default();
    console.link(Neighbour::Api, true);
    console.idle_answer();
    console.history(&[("yesterday", "completed")]);
    console.wait(3_600).started("by-hand");
    assert_eq!(
        console.run().id.as_str(),
        "by-hand",
        "shown at once: nothing else is active"
    );
    console.wait(1).idle_answer();
    console.wait(3).idle_answer();
    console.history(&[("yesterday", "completed")]);
    assert!(console.state.run.is_none());
    let earlier: Vec<_> = console
        .state
        .earlier
        .iter()
        .map(|run| run.id.as_str())
        .collect();
    assert_eq!(earlier, ["yesterday"]);
    assert_eq!(
        console.state.forgotten,
        [RunId::new("by-hand").expect("an id")]
    );
}

#[test]
fn an_expected_end_that_cannot_be_is_absent() {
    for end in [
        "9999-12-31T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "2025-01-27T16:12:00Z",
    ] {
        let mut console = Console::default();
        console.started("r");
        let payload = json!({ "run_id": "r", "percent_complete": 5, "estimated_completion": end });
        console.message(
            "processing:status",
            "daily_processing_progress",
            payload.clone(),
        );
        assert_eq!(console.run().estimated_completion, None, "{end}");
        console.message("import:progress", "import_progress", payload);
        assert_eq!(console.run().phase(Phase::Import).eta_at, None, "{end}");
    }
    let mut console = Console::default();
    console.started("r");
    let payload = json!({ "run_id": "r", "completed_symbols": 5, "total_symbols": 500, "eta_seconds": 1_000_000_000 });
    console.message("import:progress", "import_progress", payload);
    assert_eq!(console.run().phase(Phase::Import).eta_at, None);
}

#[test]
fn a_run_whose_end_is_before_its_start_has_no_duration() {
    let mut console = Console::default();
    let mut row = contract::http::ReportedRun {
        run_id: RunId::new("r"),
        outcome: Some(contract::Outcome::Succeeded),
        started_at: Some(console.now()),
        ended_at: Some(console.now().plus_ms(-5 * 3_600_000)),
        duration_seconds: Some(2100.0),
        ..Default::default()
    };
    let asked_at = console.now();
    console.input(Input::History {
        asked_at,
        runs: vec![row.clone()],
    });
    assert_eq!(console.state.earlier[0].seconds(), None);
    row.ended_at = Some(console.now().plus_ms(-60_000));
    console.input(Input::History {
        asked_at,
        runs: vec![row],
    });
    assert_eq!(
        console.state.earlier[0].seconds(),
        Some(2100.0),
        "a minute is the difference between two clocks"
    );
}

#[test]
fn a_run_that_is_started_again_under_its_id_is_a_new_attempt() {
    let mut console = Console::default();
    console.started("r");
    console.wait(60).completed("r", "failed");
    console.wait(60).started("r");
    assert_eq!(
        (console.run().attempt, console.run().is_active()),
        (2, true)
    );
    // By the API's word alone, without an event.
    let mut console = Console::default();
    console.link(Neighbour::Api, true);
    let status = |started_at| StatusAnswer {
        is_running: true,
        run_id: RunId::new("r"),
        started_at,
        ..Default::default()
    };
    let first = console.now();
    console.input(Input::Status {
        asked_at: first,
        answer: status(Some(first)),
    });
    console.wait(60).completed("r", "failed");
    let second = console.wait(60).now();
    console.input(Input::Status {
        asked_at: second,
        answer: status(Some(second)),
    });
    assert_eq!(
        (console.run().attempt, console.run().is_active()),
        (2, true)
    );
}
