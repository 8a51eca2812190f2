//! After a restart: the state from the database, and what confirms it.

use crate::support::{BEGIN, Console};
use contract::frame::Neighbour;
use contract::{Phase, Timestamp};
use model::{Changes, RunStatus, State};

/// A console that had a run when its relay was restarted, `seconds` after anything was heard of it.
fn restarted(seconds: i64) -> Console {
    let mut console = Console::default();
    console.link(Neighbour::Redis, true);
    console.started("r");
    console.progress("import", "r", 100);
    console.wait(seconds);
    let copy = serde_json::to_string(&console.state).expect("a state can be written");
    let state: State = serde_json::from_str(&copy).expect("a copy can be read");
    console.state = state.restored(console.now());
    console
}

#[test]
fn a_restored_state_says_so_and_knows_nothing_of_the_links() {
    let console = restarted(1);
    assert_eq!(console.state.restored_at, Some(BEGIN.plus_ms(1000)));
    assert_eq!(console.state.links, model::Links::default());
    assert_eq!(
        (console.status(), console.run().unconfirmed),
        (RunStatus::Running, true)
    );
}

#[test]
fn first_answer_settles_an_unfinished_run_after_restart() {
    let mut console = restarted(1);
    let changes = console.idle_answer();
    assert!(changes.any(Changes::RUN) && changes.any(Changes::LINKS));
    assert_eq!(
        (console.status(), console.state.restored_at),
        (RunStatus::Lost, None)
    );
    console.history(&[("r", "completed")]);
    assert_eq!(console.status(), RunStatus::Succeeded);
}

#[test]
fn an_answer_that_the_run_goes_on_confirms_it() {
    let mut console = restarted(1);
    console.apply_active_status("r", Phase::Import, 120);
    assert_eq!(
        (console.state.restored_at, console.run().unconfirmed),
        (None, false)
    );
    console.wait(1).idle_answer();
    assert_eq!(
        console.status(),
        RunStatus::Running,
        "the end's event is waited for as ever"
    );
}

#[test]
fn restored_run_is_confirmed_only_by_its_own_events() {
    let mut console = restarted(1);
    console.progress("import", "other", 1);
    assert!(console.state.restored_at.is_some());
    assert!(console.progress("import", "r", 130).any(Changes::LINKS));
    assert_eq!(
        (console.state.restored_at, console.run().unconfirmed),
        (None, false)
    );
}

#[test]
fn history_confirms_and_another_start_supersedes() {
    let mut console = restarted(1);
    assert!(console.history(&[]).any(Changes::LINKS));
    assert_eq!(console.state.restored_at, None);
    let mut console = restarted(1);
    console.started("next");
    assert_eq!(
        (console.state.restored_at, console.run().id.as_str()),
        (None, "next")
    );
    assert_eq!(console.state.earlier[0].status, RunStatus::Superseded);
}

#[test]
fn run_known_from_events_alone_is_forgotten_after_restart() {
    let mut console = Console::default();
    console.link(Neighbour::Redis, true);
    console.link(Neighbour::Api, true);
    console.started("r");
    console.apply_active_status("r", Phase::Import, 100);
    console.wait(1).started("stray");
    assert_eq!(
        (console.run().id.as_str(), console.state.others.len()),
        ("r", 1)
    );
    console.state = console.state.clone().restored(console.now());
    assert_eq!(
        console.run().id.as_str(),
        "r",
        "what TickStockPL confirmed comes first"
    );
    let mut forgotten = Vec::new();
    for _ in 0..5 {
        console.wait(1).apply_active_status("r", Phase::Import, 120);
        forgotten.append(&mut console.state.forgotten);
    }
    assert_eq!(
        forgotten
            .iter()
            .map(contract::RunId::as_str)
            .collect::<Vec<_>>(),
        ["stray"]
    );
    assert!(console.state.others.is_empty() && console.state.earlier.is_empty());
}

#[test]
fn a_run_that_is_followed_no_longer_is_forgotten() {
    let mut console = Console::default();
    console.link(Neighbour::Redis, true);
    console.link(Neighbour::Api, true);
    console.started("r");
    console.apply_active_status("r", Phase::Import, 100);
    for (stray, forgotten) in [("first", 0), ("second", 0), ("third", 1)] {
        console.wait(1).started(stray);
        assert_eq!(console.state.forgotten.len(), forgotten, "{stray}");
    }
    assert_eq!(console.state.others.len(), model::limits::OTHER_RUNS);
}

#[test]
fn a_copy_of_an_older_version_is_read() {
    let older = include_str!("../fixtures/state-before-rates.json");
    let state: State = serde_json::from_str(older).unwrap();
    let run = state.run.as_ref().unwrap();
    assert_eq!(
        (run.phase(Phase::Import).done, run.failed_symbols.len()),
        (Some(500), 1)
    );
    assert!(run.share(Phase::Import) > 0.0);
    let mut console = Console {
        state: state.restored(Timestamp(BEGIN.0 + 3_600_000)),
        ..Default::default()
    };
    console.wait(3600).progress("indicators", "r", 40);
    assert_eq!(console.run().phase(Phase::Indicators).done, Some(40));
    assert!(console.state.errors[0].id.is_some());
}

#[test]
fn every_status_is_read_as_it_is_written() {
    use RunStatus::*;
    for status in [
        Running,
        Cancelling,
        Succeeded,
        SucceededWithWarnings,
        Failed,
        Cancelled,
        Lost,
        Superseded,
    ] {
        let text = serde_json::to_string(&status).expect("written");
        assert_eq!(
            serde_json::from_str::<RunStatus>(&text).expect("read"),
            status
        );
    }
    use model::PhaseStatus;
    use model::PhaseStatus::{Done, Skipped, Stopped, Waiting};
    for status in [
        Waiting,
        PhaseStatus::Running,
        Done,
        PhaseStatus::Failed,
        Stopped,
        Skipped,
    ] {
        let text = serde_json::to_string(&status).expect("written");
        assert_eq!(
            serde_json::from_str::<PhaseStatus>(&text).expect("read"),
            status
        );
    }
}
