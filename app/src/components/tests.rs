//! Components as the server renders them, for the states that matter.

use super::{NeedsAttention, PhaseStrip, RunStatusPanel};
use crate::Zone;
use crate::format::NBSP;
use crate::ports::{PageData, Viewer};
use crate::store::Console;
use crate::text::tonight;
use crate::ui::ToastRegion;
use contract::frame::{Frame, Input};
use contract::{Channel, Timestamp};
use leptos::prelude::*;
use model::{Snapshot, State};
use std::sync::Arc;

const START: Timestamp = Timestamp(1_764_018_600_000);

const STARTED: (&str, &str) = (
    "processing:status",
    r#"{"event":"processing_started","payload":{"run_id":"r","phases":["import","patterns"]}}"#,
);
const IMPORT: (&str, &str) = (
    "import:progress",
    r#"{"event":"import_progress","payload":{"run_id":"r","completed_symbols":50,"total_symbols":100}}"#,
);
const COMPLETED: (&str, &str) = (
    "processing:status",
    r#"{"event":"processing_completed","payload":{"run_id":"r","status":"success"}}"#,
);
const ERROR: (&str, &str) = (
    "errors",
    r#"{"event":"critical_error","payload":{"severity":"error","component":"fetcher","error_code":"API_RATE_LIMIT","message":"Rate limit exceeded"}}"#,
);

/// The state after `events`, with Redis up.
fn state(events: &[(&str, &str)]) -> State {
    let mut state = State::default();
    state.links.redis.up = true;
    for (index, (channel, text)) in events.iter().enumerate() {
        let channel = Channel::from_wire_name(&format!("tickstock:{channel}")).unwrap();
        let event = contract::decode(channel, text.as_bytes()).unwrap();
        state.apply(&Frame {
            seq: index as u64 + 1,
            at: START.plus_ms(index as i64 * 1000),
            inputs: vec![Input::Event(event)],
        });
    }
    state
}

fn render(state: State, viewer: Viewer, view: impl FnOnce(Console) -> AnyView) -> String {
    let page = PageData {
        snapshot: Snapshot {
            protocol: 2,
            epoch: 1,
            seq: 1,
            at: START.plus_ms(10_000),
            state: Arc::new(state),
        },
        zone: Zone::default(),
        environment: None,
        viewer,
    };
    let owner = Owner::new();
    let html = owner.with(|| {
        let console = Console::new(&page);
        provide_context(console);
        view(console).to_html()
    });
    html.replace(NBSP, " ").replace("<!>", "")
}

fn operator() -> Viewer {
    Viewer {
        commands: true,
        ..Viewer::default()
    }
}

/// The opening tag of the element with this test id.
fn tag<'a>(html: &'a str, testid: &str) -> &'a str {
    let at = html.find(&format!("data-testid=\"{testid}\"")).unwrap();
    let start = html[..at].rfind('<').unwrap();
    let end = at + html[at..].find('>').unwrap();
    &html[start..end]
}

#[test]
fn chip_shows_the_status_of_the_run() {
    let chip = |events: &[_]| {
        let html = render(state(events), operator(), |_| {
            view! { <RunStatusPanel /> }.into_any()
        });
        tag(&html, "run-status").to_owned()
    };
    for (events, status, tone) in [
        (&[][..], "none", "quiet"),
        (&[STARTED][..], "running", "running"),
        (&[STARTED, COMPLETED][..], "succeeded", "good"),
    ] {
        let chip = chip(events);
        assert!(
            chip.contains(&format!("data-status=\"{status}\"")),
            "{chip}"
        );
        assert!(chip.contains(&format!("data-tone=\"{tone}\"")), "{chip}");
    }
}

#[test]
fn phase_cards_show_status_and_counts() {
    let html = render(state(&[STARTED, IMPORT]), operator(), |_| {
        view! { <PhaseStrip /> }.into_any()
    });
    for (phase, status) in [
        ("import", "running"),
        ("cache_sync", "skipped"),
        ("patterns", "waiting"),
    ] {
        let card = tag(&html, &format!("phase-{phase}"));
        assert!(
            card.contains(&format!("data-status=\"{status}\"")),
            "{card}"
        );
    }
    assert!(html.contains("50 of 100 symbols"), "{html}");
    assert!(html.contains("Not in this run"), "{html}");
}

#[test]
fn needs_attention_without_errors_depends_on_redis() {
    let render = |state| {
        render(state, operator(), |_| {
            view! { <NeedsAttention /> }.into_any()
        })
    };
    assert!(render(state(&[])).contains(tonight::NO_ERRORS));
    assert!(render(State::default()).contains(tonight::NO_ERRORS_WITHOUT_REDIS));
}

#[test]
fn only_operators_can_acknowledge_an_error() {
    let render = |viewer| {
        render(state(&[ERROR]), viewer, |_| {
            view! { <NeedsAttention /> }.into_any()
        })
    };
    let html = render(operator());
    assert!(html.contains("Rate limit exceeded"), "{html}");
    assert!(html.contains("API_RATE_LIMIT"), "{html}");
    assert!(!tag(&html, "acknowledge").contains("disabled"), "{html}");
    let html = render(Viewer::default());
    assert!(tag(&html, "acknowledge").contains("disabled"), "{html}");
}

#[test]
fn toast_is_open_while_there_is_a_message() {
    let html = render(State::default(), operator(), |_| {
        view! { <ToastRegion /> }.into_any()
    });
    assert!(
        tag(&html, "toast").contains("data-open=\"false\""),
        "{html}"
    );
    let html = render(State::default(), operator(), |console| {
        console.show_error("Not saved.".to_owned());
        view! { <ToastRegion /> }.into_any()
    });
    let toast = tag(&html, "toast");
    assert!(toast.contains("data-open=\"true\""), "{toast}");
    assert!(toast.contains("data-tone=\"bad\""), "{toast}");
    assert!(html.contains("Not saved."), "{html}");
}
