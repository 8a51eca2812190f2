//! What TickStockPL's HTTP answers mend.

use crate::support::{BEGIN, Console};
use contract::Phase;
use contract::frame::{Input, Neighbour};
use contract::http::{ReportedRun, StatusAnswer};
use contract::{Outcome, RunId};
use model::{Changes, PhaseStatus, RunStatus};

#[test]
fn run_that_ended_during_redis_outage_ends_as_history_says() {
    let mut console = Console::default();
    console.started("r");
    console.progress("import", "r", 100);
    console.link(Neighbour::Redis, false);
    console.wait(300).history(&[("r", "failed")]);
    assert_eq!(console.status(), RunStatus::Failed);
    assert_eq!(console.state.earlier[0].status, RunStatus::Failed);
    console.idle_answer();
    assert_eq!(console.status(), RunStatus::Failed);
}

#[test]
fn lost_run_is_found_again_in_the_history() {
    let mut console = Console::default();
    console.started("r");
    console.wait(60).idle_answer();
    assert_eq!(
        console.status(),
        RunStatus::Running,
        "its end event may be on its way"
    );
    console.wait(3).idle_answer();
    assert_eq!(console.status(), RunStatus::Lost);
    assert_eq!(console.run().ended_at, Some(console.now()));
    console.history(&[("r", "completed")]);
    assert_eq!(console.status(), RunStatus::Succeeded);
}

#[test]
fn an_idle_answer_that_events_overtook_loses_nothing() {
    let mut console = Console::default();
    let asked_at = console.now();
    console.wait(1).started("r");
    assert_eq!(
        console.input(Input::Status {
            asked_at,
            answer: StatusAnswer::default()
        }),
        Changes::CLAIMS
    );
    assert_eq!(console.status(), RunStatus::Running);
    console.wait(1).idle_answer();
    assert_eq!(
        console.status(),
        RunStatus::Running,
        "TickStockPL may publish a start a moment before its status shows it"
    );
}

#[test]
fn a_run_that_only_the_api_knows_is_shown_and_moves() {
    let mut console = Console::default();
    console.apply_active_status("r", Phase::Indicators, 100);
    assert_eq!(console.run().current_phase(), Some(Phase::Indicators));
    assert_eq!(console.run().phase(Phase::Import).status, PhaseStatus::Done);
    let percent = console.run().percent;
    console
        .wait(2)
        .apply_active_status("r", Phase::Indicators, 200);
    assert_eq!(console.run().phase(Phase::Indicators).done, Some(200));
    assert!(console.run().percent > percent);
}

#[test]
fn an_active_answer_that_the_end_overtook_revives_nothing() {
    let mut console = Console::default();
    console.started("r");
    console.completed("r", "success");
    assert_eq!(
        console.apply_active_status("r", Phase::Patterns, 499),
        Changes::CLAIMS
    );
    assert_eq!(console.status(), RunStatus::Succeeded);
    console.started("next");
    console.apply_active_status("r", Phase::Patterns, 499);
    assert_eq!(console.run().id.as_str(), "next");
}

#[test]
fn an_active_answer_about_another_run_shows_that_one() {
    let mut console = Console::default();
    console.started("r");
    console
        .wait(600)
        .apply_active_status("newer", Phase::Import, 5);
    assert_eq!(console.run().id.as_str(), "newer");
    console
        .wait(3)
        .apply_active_status("newer", Phase::Import, 9);
    assert_eq!(console.state.earlier[0].status, RunStatus::Superseded);
}

#[test]
fn an_accepted_cancel_is_cancelling_until_its_event_comes() {
    let mut console = Console::default();
    console.started("r");
    console.input(Input::CancelAccepted {
        run_id: contract::RunId::new("other"),
    });
    assert_eq!(console.status(), RunStatus::Running);
    console.input(Input::CancelAccepted {
        run_id: contract::RunId::new("r"),
    });
    assert_eq!(console.status(), RunStatus::Cancelling);
    console.completed("r", "cancelled");
    assert_eq!(console.status(), RunStatus::Cancelled);
}

#[test]
fn history_fills_earlier_runs_and_keeps_our_own_details() {
    let mut console = Console::default();
    console.started("mine");
    console.wait(30).completed("mine", "success");
    assert!(
        console
            .history(&[("old", "failed"), ("mine", "success")])
            .any(Changes::HISTORY)
    );
    let ids: Vec<_> = console
        .state
        .earlier
        .iter()
        .map(|run| run.id.as_str())
        .collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(
        console.history(&[("old", "failed"), ("mine", "success")]),
        Changes::CLAIMS,
        "the same answer changes nothing"
    );
    let mine = console
        .state
        .earlier
        .iter()
        .find(|run| run.id.as_str() == "mine")
        .unwrap();
    assert_eq!(mine.trigger.as_deref(), Some("manual"));
}

#[test]
fn a_link_says_since_when_and_repeats_do_not_move_that() {
    let mut console = Console::default();
    console.link(Neighbour::Api, false);
    let since = console.state.links.api.since;
    assert_eq!(console.wait(5).link(Neighbour::Api, false), Changes::NONE);
    assert_eq!(console.state.links.api.since, since);
    assert!(console.link(Neighbour::Api, true).any(Changes::LINKS));
    assert_eq!(console.state.links.api.since, Some(console.now()));
}

/// The history's only row: this run, which began so many milliseconds after [`BEGIN`].
fn history_row(console: &mut Console, row: ReportedRun, started_ms: i64) {
    let row = ReportedRun {
        run_id: RunId::new("r"),
        started_at: Some(BEGIN.plus_ms(started_ms)),
        ..row
    };
    let asked_at = console.now();
    console.input(Input::History {
        asked_at,
        runs: vec![row],
    });
}

#[test]
fn history_may_say_that_a_run_began_seconds_before_its_status_does() {
    let mut console = Console::default();
    console.link(Neighbour::Api, true);
    let answer = StatusAnswer {
        is_running: true,
        run_id: RunId::new("r"),
        started_at: Some(BEGIN),
        ..Default::default()
    };
    let asked_at = console.now();
    console.input(Input::Status { asked_at, answer });
    console.wait(10).idle_answer();
    console.wait(4).idle_answer();
    let failed = ReportedRun {
        outcome: Some(Outcome::Failed),
        ended_at: Some(console.now()),
        message: Some("gone".to_owned()),
        ..Default::default()
    };
    history_row(&mut console, failed, -5_000);
    assert_eq!(
        (console.status(), console.run().message.as_deref()),
        (RunStatus::Failed, Some("gone"))
    );
}

#[test]
fn heard_failure_outlasts_a_history_that_lists_the_run_as_active() {
    let mut console = Console::default();
    console.link(Neighbour::Api, true);
    console.started("r");
    console.wait(10).message(
        "processing:status",
        "processing_failed",
        serde_json::json!({ "run_id": "r", "error_message": "The disk is full" }),
    );
    for _ in 0..3 {
        console.wait(30).idle_answer();
        history_row(&mut console, ReportedRun::default(), -100_000);
        assert_eq!(
            (console.status(), console.run().message.as_deref()),
            (RunStatus::Failed, Some("The disk is full"))
        );
    }
}

#[test]
fn single_late_event_does_not_name_the_active_run() {
    let mut console = Console::default();
    console.link(Neighbour::Api, true);
    let active = || StatusAnswer {
        is_running: true,
        ..Default::default()
    };
    let asked_at = console.now();
    console.input(Input::Status {
        asked_at,
        answer: active(),
    });
    console.wait(1).progress("import", "other", 5);
    assert!(console.run().id_unknown);
    // Events that continue are about the run that continues.
    console.wait(4).progress("import", "other", 9);
    assert_eq!(
        (console.run().id.as_str(), console.run().id_unknown),
        ("other", false)
    );
}
