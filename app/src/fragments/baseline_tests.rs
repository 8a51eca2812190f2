//! Every place that says how long a run usually takes says the same, whatever other runs the state
//! knows.

use super::{actions, bars};
use crate::Zone;
use crate::components::{Actions, PhaseStrip};
use crate::embed::{self, EmbedContext, EmbedKind, EmbedSections};
use crate::format::{NBSP, usual_sentence};
use crate::ports::{PageData, Viewer};
use crate::store::Console;
use contract::frame::{Frame, Input};
use contract::{Phase, Timestamp};
use leptos::prelude::*;
use model::{PhaseStatus, RunSample, RunStatus, RunSummary, Snapshot, State};

const START: Timestamp = Timestamp(1_764_018_600_000); // Mon 24 Nov 2025, 21:10 UTC.

/// A run of the S&P 500 whose phases took these seconds; it had none that took 0.
fn sample(seconds: [f64; 4]) -> RunSample {
    let phase = |(phase, seconds): (Phase, f64)| match seconds {
        0.0 => (phase, PhaseStatus::Skipped, None),
        seconds => (phase, PhaseStatus::Done, Some(seconds)),
    };
    RunSample {
        status: RunStatus::Succeeded,
        universes: vec!["sp500".to_owned()],
        symbols: Some(505),
        started_at: None,
        ended_at: None,
        duration_seconds: Some(seconds.iter().sum()),
        phases: Phase::ALL.into_iter().zip(seconds).map(phase).collect(),
    }
}

/// The state with these runs in its past, half-way through the import of a run with `phases`.
fn state(samples: &[RunSample], phases: &str) -> State {
    let start =
        format!(r#"{{"run_id":"r","universe":"sp500","symbols_count":505,"phases":{phases}}}"#);
    let progress = r#"{"run_id":"r","completed_symbols":50,"total_symbols":100}"#;
    let messages = [
        ("processing:status", "processing_started", start.as_str()),
        ("import:progress", "import_progress", progress),
    ];
    let event = |(channel, event, payload): (&str, &str, &str)| {
        let channel = contract::Channel::from_wire_name(&format!("tickstock:{channel}")).unwrap();
        let text = format!(r#"{{"event":"{event}","payload":{payload}}}"#);
        Input::Event(contract::decode(channel, text.as_bytes()).unwrap())
    };
    let inputs = model::baselines(samples)
        .into_iter()
        .map(Input::Baselines)
        .chain(messages.map(event))
        .collect();
    let mut state = State::default();
    state.apply(&Frame {
        seq: 1,
        at: START,
        inputs,
    });
    state
}

/// Imports of 19 s beside full runs of 38 to 40 min.
fn mixed() -> Vec<RunSample> {
    let one = |n: u32| {
        [
            sample([19.0, 0.0, 0.0, 0.0]),
            sample([900.0 + f64::from(n % 3) * 60.0, 120.0, 720.0, 540.0]),
        ]
    };
    (0..9).flat_map(one).collect()
}

/// A component's text, with plain spaces.
fn text(state: &State, view: impl FnOnce() -> AnyView) -> String {
    let page = PageData {
        snapshot: Snapshot {
            protocol: 2,
            epoch: 1,
            seq: 1,
            at: START.plus_ms(450_000),
            state: std::sync::Arc::new(state.clone()),
        },
        zone: Zone::default(),
        environment: None,
        viewer: Viewer::default(),
    };
    let owner = Owner::new();
    let html = owner.with(|| {
        provide_context(Console::new(&page));
        view().to_html()
    });
    html.replace(NBSP, " ").replace("<!>", "")
}

fn strip(state: &State) -> String {
    text(state, || view! { <PhaseStrip /> }.into_any())
}

fn run_now(state: &State) -> String {
    text(state, || view! { <Actions /> }.into_any())
}

fn form(state: &State) -> String {
    actions::expected_end_in_words(state, &[], &[], START, &Zone::default()).replace(NBSP, " ")
}

fn chart(state: &State) -> String {
    let summary = RunSummary::from(state.run.as_ref().unwrap());
    let rows: Vec<_> = [19.0, 2280.0, 19.0]
        .map(|seconds| RunSummary {
            duration_seconds: Some(seconds),
            universes: vec!["sp500".to_owned()],
            ..summary.clone()
        })
        .into();
    bars::words(3, bars::usual(state, &rows), 0).replace(NBSP, " ")
}

fn embedded(state: &State) -> String {
    let context = EmbedContext {
        state,
        now: START.plus_ms(450_000),
        zone: &Zone::default(),
    };
    embed::status(context, EmbedSections::parse(EmbedKind::Status, None))
        .sentence
        .replace(NBSP, " ")
}

#[test]
fn five_places_agree_on_the_usual_duration() {
    let state = state(
        &mixed(),
        r#"["import","cache_sync","indicators","patterns"]"#,
    );
    let sentence =
        usual_sentence(state.baseline_for(state.run.as_ref().unwrap())).replace(NBSP, " ");
    assert_eq!(
        sentence,
        "Full runs of sp500 usually take 39 min (38 to 40 min in eight of ten)."
    );
    for html in [strip(&state), run_now(&state), form(&state), chart(&state)] {
        assert!(html.contains(&sentence), "{html}");
        assert!(!html.contains("19 s"), "{html}");
    }
    assert_eq!(form(&state), format!("21:49 UTC. {sentence}"));
    assert_eq!(
        embedded(&state),
        "Import, phase 1 of 4, on time, expected 21:47 to 21:49 UTC."
    );
}

#[test]
fn an_import_alone_is_measured_by_imports_alone() {
    let state = state(&mixed(), r#"["import"]"#);
    assert!(
        strip(&state).contains("Runs with import only of sp500 usually take 19 s."),
        "{}",
        strip(&state)
    );
    for html in [run_now(&state), form(&state), chart(&state)] {
        assert!(
            html.contains("Full runs of sp500 usually take 39 min (38 to 40 min in eight of ten)."),
            "{html}"
        );
    }
}

#[test]
fn five_places_agree_that_nothing_is_known() {
    let state = state(
        &mixed()[..8],
        r#"["import","cache_sync","indicators","patterns"]"#,
    );
    for html in [strip(&state), run_now(&state), form(&state), chart(&state)] {
        assert!(html.contains("Usual duration not known yet."), "{html}");
        assert!(!html.contains("usually"), "{html}");
    }
    assert_eq!(
        embedded(&state),
        "Import, phase 1 of 4; the run is 20 % done."
    );
}
