//! Whatever comes, in whatever order: no panic, the bounds hold, only a stronger word corrects an
//! end, and a browser that joined at any point knows the same as the relay. `PROPTEST_CASES` sets
//! how many sequences are tried.
use crate::support::BEGIN;
use contract::frame::{
    Baseline, Baselines, ComparableKey, Frame, Gap, Input, LinkChange, Neighbour,
};
use contract::http::{ReportedRun, StatusAnswer};
use contract::{
    Channel, Phase, RejectedMore, RejectionReason, ResultBatch, RunId, ScheduleChange, decode,
};
use model::{ClaimSource, Run, Snapshot, State, limits};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

/// Few runs, so that sequences hit the same ones.
fn run_id() -> impl Strategy<Value = Value> {
    prop_oneof![8 => (0..4u8).prop_map(|n| json!(format!("run-{n}"))), 1 => Just(Value::Null), 1 => Just(json!(7))]
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (0..1000u64).prop_map(Value::from),
        1 => (0.0..200.0f64).prop_map(Value::from),
        1 => (0..100u8).prop_map(|n| json!(n.to_string())),
        1 => Just(Value::Null),
        1 => Just(json!(-5)),
        1 => Just(json!(1e300)),
        1 => Just(json!(["A", "B", null])),
    ]
}

fn event_name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "processing_started",
        "daily_processing_started",
        "daily_processing_progress",
        "processing_completed",
        "daily_processing_completed",
        "processing_failed",
        "processing_cancelled",
        "data_import_started",
        "import_progress",
        "import_completed",
        "symbol_processing_complete",
        "cache_sync_started",
        "cache_sync_completed",
        "indicator_processing_started",
        "indicator_progress",
        "indicator_processing_completed",
        "indicator_calculated",
        "pattern_processing_started",
        "pattern_progress",
        "pattern_processing_completed",
        "pattern_detected",
        "patterns_batch",
        "schedule_updated",
        "error",
        "processing_error",
        "universe_updated",
        "job_progress_update",
        "METRIC_UPDATE",
        "HEALTH_CHECK",
        "SYSTEM_STATUS",
        "ALERT_TRIGGERED",
        "ALERT_RESOLVED",
        "nobody_documented_this",
        "",
    ])
}

fn message() -> impl Strategy<Value = Input> {
    let words = prop::sample::select(vec![
        "success",
        "failed",
        "cancelled",
        "manual",
        "data_import",
        "patterns",
        "",
        "<b>&\"\n",
    ]);
    let channel = prop::sample::select(Channel::ALL.to_vec());
    (channel, event_name(), run_id(), prop::array::uniform5(number()), words).prop_map(|(channel, event, run, n, word)| {
        let text = json!({ "event": event, "timestamp": n[0], "payload": {
            "run_id": run, "symbols_completed": n[1], "total_symbols": n[2], "percent_complete": n[3], "failed_symbols": n[4],
            "status": word, "phase": word, "symbol": word, "current_symbol": word, "indicator": word, "pattern": word,
            "message": word, "error_code": "E", "component": "c", "severity": "error", "alert_id": word, "universe": word,
            "metrics": { word: n[1], "b": n[2] }, "components": { "redis": word }, "undocumented": n[3],
            "success": event.len() % 3 == 0, "eta_seconds": n[0], "duration_seconds": n[1], "trigger_time": word,
        }});
        read(channel, text.to_string().as_bytes())
    })
}

fn read(channel: Channel, bytes: &[u8]) -> Input {
    match decode(channel, bytes) {
        Ok(event) => Input::Event(event),
        Err(rejection) => Input::Rejected { channel, rejection },
    }
}

fn any_input() -> impl Strategy<Value = Input> {
    let id = || (0..4u8).prop_map(|n| RunId::new(&format!("run-{n}")));
    let phase = || prop::option::of(prop::sample::select(Phase::ALL.to_vec()));
    let outcome = || {
        prop::sample::select(vec!["success", "failed", "cancelled", "running"])
            .prop_map(contract::Outcome::parse)
    };
    prop_oneof![
        12 => message(),
        1 => (prop::sample::select(Channel::ALL.to_vec()), prop::collection::vec(any::<u8>(), 0..60)).prop_map(|(c, b)| read(c, &b)),
        1 => (any::<bool>(), any::<bool>()).prop_map(|(redis, up)| Input::Link(LinkChange {
            neighbour: if redis { Neighbour::Redis } else { Neighbour::Api }, up, detail: None,
        })),
        2 => (any::<bool>(), prop_oneof![9 => id(), 1 => Just(None)], phase(), 0..600u64, -20_000..600_000i64).prop_map(|(is_running, run_id, phase, done, ago)| Input::Status {
            asked_at: BEGIN.plus_ms(ago),
            answer: StatusAnswer { is_running, run_id, phase, done: Some(done), total: Some(500), ..Default::default() },
        }),
        1 => Just(Input::Tick {}),
        1 => (id(), outcome(), 0..3_600_000i64).prop_map(|(run_id, outcome, later)| Input::History {
            asked_at: BEGIN.plus_ms(later),
            runs: vec![ReportedRun { run_id, outcome, started_at: Some(BEGIN), ..Default::default() }],
        }),
        1 => id().prop_map(|run_id| Input::CancelAccepted { run_id }),
        1 => (prop::sample::select(ERROR_GROUPS.to_vec()), prop::option::of(0..4u64)).prop_map(|(group, seen)| Input::Acknowledge {
            group: contract::ErrorGroupId::new(group).unwrap(), who: "kim".to_owned(), seen,
        }),
        1 => ("[a-c]{0,2}", prop::collection::vec((phase_name(), seconds(), 0..9u64), 0..6)).prop_map(
            |(universes, phases)| Input::Baselines(Baselines {
                key: ComparableKey { universes, phases: Phase::ALL.into() },
                phases: phases.into_iter().map(|(phase, seconds, sample_size)| {
                    (phase, Baseline { sample_size, p10_seconds: 0.0, p50_seconds: seconds, p90_seconds: seconds })
                }).collect(),
                ..Default::default()
            })
        ),
        1 => (0..3i64).prop_map(|n| Input::Gap(Gap { from: BEGIN, to: BEGIN.plus_ms(n), status: n == 0, history: n == 1 })),
        1 => Just(Input::Overtaken { messages: 3 }),
        2 => message().prop_map(|input| match input {
            Input::Event(event) => match ResultBatch::from_event(event) {
                Ok(batch) => Input::Results(batch),
                Err(event) => Input::Event(*event),
            },
            other => other,
        }),
        1 => Just(Input::RejectedMore(RejectedMore { counts: vec![(RejectionReason::NotJson, 2), (RejectionReason::TooLarge, 1)] })),
        1 => any::<bool>().prop_map(|on| Input::Schedule(ScheduleChange {
            enabled: Some(on), trigger_time: Some("16:10".to_owned()), ..Default::default()
        })),
    ]
}

/// Ids of groups that [`message`] makes, of three of its runs; a test says so.
const ERROR_GROUPS: [&str; 3] = ["859fcabb7b6e0e40", "2f88d7220950e1e1", "92730b15ded1d272"];

fn phase_name() -> impl Strategy<Value = Phase> {
    prop::sample::select(Phase::ALL.to_vec())
}

fn seconds() -> impl Strategy<Value = f64> {
    prop_oneof![4 => 1.0..5000.0f64, 1 => Just(0.0), 1 => Just(-1.0), 1 => Just(1e300)]
}

fn frames() -> impl Strategy<Value = Vec<Frame>> {
    prop::collection::vec(
        (prop::collection::vec(any_input(), 1..4), 0..20_000i64),
        1..60,
    )
    .prop_map(|steps| {
        let mut at = BEGIN;
        let frame = |(index, (inputs, later)): (usize, (Vec<Input>, i64))| {
            at = at.plus_ms(later);
            Frame {
                seq: index as u64 + 1,
                at,
                inputs,
            }
        };
        steps.into_iter().enumerate().map(frame).collect()
    })
}

/// As it arrives in a browser.
fn over_the_wire<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T) -> T {
    serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
}

fn check_bounds(state: &State) {
    assert!(state.log.len() <= limits::LOG);
    assert!(state.errors.len() <= limits::ERROR_GROUPS);
    assert!(state.earlier.len() <= limits::RUNS);
    assert!(
        state.feeds.patterns.len() <= limits::FEED_ROWS
            && state.feeds.indicators.len() <= limits::FEED_ROWS
    );
    assert!(state.rejected.samples.len() <= limits::REJECTED_SAMPLES);
    assert!(state.gaps.len() <= limits::GAPS && state.baselines.len() <= limits::BASELINES);
    assert!(
        state.monitoring.figures.len() <= limits::FIGURES
            && state.monitoring.alerts.len() <= limits::ALERTS
    );
    for group in &state.errors {
        assert!(group.id.is_some());
        assert!(
            group
                .acknowledged
                .as_ref()
                .is_none_or(|seen| seen.count <= group.count),
            "{group:?}"
        );
    }
    if let Some(run) = &state.run {
        assert!(run.failed_symbols.len() <= limits::FAILED_SYMBOLS);
        assert!((0.0..=100.0).contains(&run.percent));
        assert_eq!(run.is_active(), run.ended_at.is_none());
        assert!(
            run.shares
                .iter()
                .all(|share| share.is_finite() && *share > 0.0),
            "{:?}",
            run.shares
        );
        let shares: f64 = Phase::ALL.into_iter().map(|phase| run.share(phase)).sum();
        assert!(shares < 1.000_001, "{shares}");
        for phase in &run.phases {
            assert!(
                phase
                    .per_second
                    .is_none_or(|rate| rate.is_finite() && rate >= 0.0),
                "{phase:?}"
            );
            assert!(phase.eta_at.is_some() || !phase.eta_is_reckoned);
            assert!((0.0..=100.0).contains(&phase.percent));
            assert!(
                phase
                    .done
                    .zip(phase.total)
                    .is_none_or(|(done, total)| done <= total),
                "{phase:?}"
            );
        }
    }
}

fn check_step(before: &Option<Run>, after: &Option<Run>) {
    let (Some(before), Some(after)) = (before, after) else {
        return;
    };
    if before.id != after.id || before.attempt != after.attempt {
        return;
    }
    if before.status != after.status && !before.is_active() {
        // Only a stronger word corrects an end, and TickStockPL's own answers any.
        let api = matches!(
            after.claim.source,
            ClaimSource::Status | ClaimSource::History
        );
        assert!(
            api || after.claim.source > before.claim.source,
            "a weaker word counted: {before:?} {after:?}"
        );
        return;
    }
    assert!(
        after.percent >= before.percent,
        "the percentage fell: {}",
        difference(&Some(before.clone()), &Some(after.clone()))
    );
    for (then, now) in before.phases.iter().zip(&after.phases) {
        assert!(
            now.percent >= then.percent && now.done >= then.done,
            "a phase ran backwards: {then:?} {now:?}"
        );
        assert!(
            !then.is_over() || now.is_over(),
            "a phase that was over is not: {then:?} {now:?}"
        );
    }
}

proptest! {
    #[test]
    fn any_sequence_keeps_the_invariants(frames in frames()) {
        let mut state = State::default();
        for frame in &frames {
            let before = state.clone();
            let changes = state.apply(frame);
            check_bounds(&state);
            if frame.inputs.len() == 1 {
                check_step(&before.run, &state.run);
            }
            // What changed is said, so that no view shows an old thing.
            prop_assert!(
                changes.any(model::Changes::RUN) || before.run == state.run || only_heard(&before.run, &state.run),
                "not said: {}", difference(&before.run, &state.run)
            );
            prop_assert!(changes.any(model::Changes::HISTORY) || before.earlier == state.earlier);
            prop_assert!(changes.any(model::Changes::ERRORS) || before.errors == state.errors);
            prop_assert!(changes.any(model::Changes::LOG) || before.log == state.log);
            prop_assert!(changes.any(model::Changes::FEEDS) || before.feeds == state.feeds);
            prop_assert!(changes.any(model::Changes::LINKS) || before.links == state.links);
            prop_assert!(changes.any(model::Changes::SCHEDULE) || before.schedule == state.schedule);
            prop_assert!(changes.any(model::Changes::REJECTED) || before.rejected == state.rejected);
            prop_assert!(changes.any(model::Changes::MONITORING) || before.monitoring == state.monitoring);
            prop_assert!(changes.any(model::Changes::BASELINES) || before.baselines == state.baselines);
            let confirmed = before.restored_at == state.restored_at && before.gaps == state.gaps;
            prop_assert!(changes.any(model::Changes::LINKS) || confirmed);
        }
    }

    #[test]
    fn a_state_from_the_local_copy_keeps_the_invariants(frames in frames(), cut in any::<prop::sample::Index>()) {
        let cut = cut.index(frames.len() + 1);
        let mut state = State::default();
        for frame in &frames[..cut] {
            state.apply(frame);
        }
        let mut state = over_the_wire(&state).restored(BEGIN);
        for frame in &frames[cut..] {
            let before = state.clone();
            let changes = state.apply(frame);
            check_bounds(&state);
            if frame.inputs.len() == 1 {
                check_step(&before.run, &state.run);
            }
            prop_assert!(
                changes.any(model::Changes::RUN) || before.run == state.run || only_heard(&before.run, &state.run),
                "not said: {}", difference(&before.run, &state.run)
            );
            prop_assert!(changes.any(model::Changes::LINKS) || before.restored_at == state.restored_at);
        }
    }

    #[test]
    fn an_event_that_comes_twice_changes_the_run_once(frames in frames(), inputs in prop::collection::vec(message(), 1..20)) {
        let mut state = State::default();
        for frame in &frames {
            state.apply(frame);
        }
        let mut at = BEGIN.plus_ms(3_600_000);
        for input in inputs {
            at = at.plus_ms(3_000);
            // Results per symbol have nothing by which a repeated one is known.
            if let Input::Event(event) = &input && !is_result(&event.body) {
                state.apply(&Frame { seq: 0, at, inputs: vec![input.clone()] });
                let once = state.clone();
                state.apply(&Frame { seq: 0, at: at.plus_ms(2_000), inputs: vec![input] });
                prop_assert!(
                    state.run == once.run || only_heard(&once.run, &state.run),
                    "{}", difference(&once.run, &state.run)
                );
                prop_assert_eq!(&state.earlier, &once.earlier);
                prop_assert_eq!(&state.schedule, &once.schedule);
                prop_assert_eq!(&state.monitoring.alerts, &once.monitoring.alerts);
            }
        }
    }

    #[test]
    fn a_browser_that_joins_at_any_point_knows_the_same(frames in frames(), cut in any::<prop::sample::Index>()) {
        let cut = cut.index(frames.len() + 1);
        let mut relay = State::default();
        for frame in &frames[..cut] {
            relay.apply(frame);
        }
        let snapshot = Snapshot { protocol: 1, epoch: 1, seq: cut as u64, at: BEGIN, state: Arc::new(relay.clone()) };
        let mut browser = Arc::unwrap_or_clone(over_the_wire(&snapshot).state);
        for frame in &frames[cut..] {
            relay.apply(frame);
            browser.apply(&over_the_wire(frame));
        }
        // What the last step forgot is told to the database only.
        relay.forgotten.clear();
        browser.forgotten.clear();
        prop_assert_eq!(relay, browser);
    }
}

fn is_result(body: &contract::Body) -> bool {
    use contract::Body::{IndicatorCalculated, PatternsDetected, SymbolImported};
    matches!(
        body,
        IndicatorCalculated(_) | PatternsDetected(_) | SymbolImported(_)
    )
}

/// The fields of a run that are not the same.
fn difference(before: &Option<Run>, after: &Option<Run>) -> String {
    let [before, after] = [before, after].map(|run| serde_json::to_value(run).unwrap());
    let none = serde_json::Map::new();
    let (before, after) = (
        before.as_object().unwrap_or(&none),
        after.as_object().unwrap_or(&none),
    );
    let names = before
        .keys()
        .chain(after.keys())
        .collect::<std::collections::BTreeSet<_>>();
    let differs = names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name));
    differs
        .map(|name| format!("{name}: {:?} -> {:?}; ", before.get(name), after.get(name)))
        .collect()
}

/// That something was heard of a run is no change that a view shows.
fn only_heard(before: &Option<Run>, after: &Option<Run>) -> bool {
    let (Some(before), Some(after)) = (before, after) else {
        return false;
    };
    let mut before = before.clone();
    (before.heard_at, before.named_at, before.pace) = (after.heard_at, after.named_at, after.pace);
    before.confirmed_at = after.confirmed_at;
    before == *after
}

#[test]
fn properties_acknowledge_groups_of_their_own_messages() {
    let mut state = State::default();
    for run in ["run-0", "run-1", "run-2"] {
        let text = json!({ "event": "error", "payload": {
            "run_id": run, "error_code": "E", "component": "c", "severity": "error", "message": "any" } });
        let inputs = vec![read(Channel::Errors, text.to_string().as_bytes())];
        state.apply(&Frame {
            seq: 1,
            at: BEGIN,
            inputs,
        });
    }
    let ids: Vec<_> = state
        .errors
        .iter()
        .filter_map(|group| group.id.as_ref())
        .map(contract::ErrorGroupId::as_str)
        .collect();
    assert_eq!(ids, ERROR_GROUPS);
}
