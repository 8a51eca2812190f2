//! Usual durations: which runs are comparable, their percentiles, and how they weigh the phases.
use crate::support::{BEGIN, Console};
use contract::frame::{Baseline, Baselines, Input};
use contract::{Phase, Timestamp};
use model::{
    Changes, MAX_SAMPLE_SIZE, PhaseStatus, RunSample, RunStatus, State, baselines, comparable_key,
    default_universes,
};
use serde_json::json;

const FULL: [f64; 4] = [900.0, 120.0, 720.0, 540.0];

/// A run of these universes that took `seconds` in its phases; a phase of 0 seconds is one that it
/// did not have.
fn sample(universes: &[&str], seconds: [f64; 4], symbols: Option<u64>) -> RunSample {
    let duration: f64 = seconds.iter().sum();
    let phase = |(phase, seconds): (Phase, f64)| match seconds {
        0.0 => (phase, PhaseStatus::Skipped, None),
        seconds => (phase, PhaseStatus::Done, Some(seconds)),
    };
    RunSample {
        status: RunStatus::Succeeded,
        universes: universes.iter().map(|name| (*name).to_owned()).collect(),
        symbols,
        started_at: Some(BEGIN),
        ended_at: Some(BEGIN.plus_ms((duration * 1000.0) as i64)),
        duration_seconds: Some(duration),
        phases: Phase::ALL.into_iter().zip(seconds).map(phase).collect(),
    }
}

fn full(symbols: u64) -> RunSample {
    sample(&["sp500"], FULL, Some(symbols))
}

fn import_only(symbols: u64) -> RunSample {
    sample(&["sp500"], [19.0, 0.0, 0.0, 0.0], Some(symbols))
}

/// The state that has learnt from these runs.
fn learnt(samples: &[RunSample]) -> State {
    let mut console = Console::default();
    for group in baselines(samples) {
        console.input(Input::Baselines(group));
    }
    console.state
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Usual seconds of a run of the S&P 500 with these phases.
fn usual(state: &State, phases: &[Phase], symbols: Option<u64>) -> Option<f64> {
    Some(
        state
            .baseline_for_parameters(&names(&["sp500"]), phases, symbols)?
            .run?
            .p50_seconds,
    )
}

fn five(sample: &RunSample) -> Vec<RunSample> {
    vec![sample.clone(); 5]
}

#[test]
fn runs_of_different_phases_never_mix() {
    let samples: Vec<_> = (0..12)
        .map(|n| {
            if n % 2 == 0 {
                import_only(505)
            } else {
                full(505)
            }
        })
        .collect();
    let state = learnt(&samples);
    assert_eq!(usual(&state, &Phase::ALL, None), Some(2280.0), "38 min");
    assert_eq!(usual(&state, &[Phase::Import], None), Some(19.0));
    assert_eq!(
        usual(&state, &[Phase::Import, Phase::CacheSync], None),
        None
    );
}

#[test]
fn runs_of_different_universes_never_mix() {
    let etf = sample(&["etf"], FULL.map(|seconds| seconds / 10.0), Some(505));
    let both = sample(
        &["sp500", "etf"],
        FULL.map(|seconds| seconds * 2.0),
        Some(505),
    );
    let state = learnt(&[five(&etf), five(&both), five(&full(505))].concat());
    let of = |universes: &[&str]| {
        Some(
            state
                .baseline_for_parameters(&names(universes), &Phase::ALL, None)?
                .run?
                .p50_seconds,
        )
    };
    assert_eq!((of(&["sp500"]), of(&["etf"])), (Some(2280.0), Some(228.0)));
    assert_eq!(
        (of(&["etf", "sp500", "etf"]), of(&["nasdaq"]), of(&[])),
        (Some(4560.0), None, None)
    );
}

#[test]
fn runs_of_implausibly_few_symbols_do_not_count() {
    let few = sample(&["sp500"], FULL.map(|seconds| seconds / 100.0), Some(5));
    let state = learnt(&[five(&full(505)), vec![few.clone(); 3]].concat());
    let group = state
        .baseline_for_parameters(&names(&["sp500"]), &Phase::ALL, None)
        .unwrap();
    assert_eq!(
        (
            group.run.unwrap().sample_size,
            group.run.unwrap().p10_seconds
        ),
        (5, 2280.0)
    );
    assert_eq!(
        usual(&learnt(&[five(&few)].concat()), &Phase::ALL, Some(505)),
        None,
        "nor are they the measure"
    );
    assert_eq!(usual(&state, &Phase::ALL, Some(5)), None);
    assert_eq!(usual(&state, &Phase::ALL, Some(252)), None);
    assert_eq!(usual(&state, &Phase::ALL, Some(253)), Some(2280.0));
    assert_eq!(usual(&state, &Phase::ALL, Some(1010)), Some(2280.0));
    assert_eq!(usual(&state, &Phase::ALL, Some(1011)), None);
    let unknown = sample(&["sp500"], FULL, None);
    assert_eq!(
        usual(&learnt(&five(&unknown)), &Phase::ALL, Some(5)),
        Some(2280.0),
        "where both are known"
    );
}

#[test]
fn a_run_that_ended_before_its_start_is_no_sample() {
    let backwards = RunSample {
        ended_at: Some(BEGIN.plus_ms(-1)),
        ..full(505)
    };
    assert!(!backwards.is_usable() && full(505).is_usable());
    let state = learnt(&[five(&backwards), vec![full(505); 4]].concat());
    assert_eq!(usual(&state, &Phase::ALL, None), None);
}

#[test]
fn only_successful_runs_of_known_duration_are_samples() {
    let untimed = RunSample {
        duration_seconds: None,
        ended_at: None,
        ..full(505)
    };
    assert!(!untimed.is_usable());
    let measured = RunSample {
        duration_seconds: None,
        ..full(505)
    };
    assert!(measured.is_usable(), "from start to end");
    for seconds in [0.0, -5.0, f64::NAN, f64::INFINITY] {
        assert!(
            !RunSample {
                duration_seconds: Some(seconds),
                ..full(505)
            }
            .is_usable(),
            "{seconds}"
        );
    }
    for status in RunStatus::ALL {
        assert_eq!(
            RunSample {
                status,
                ..full(505)
            }
            .is_usable(),
            status.is_success(),
            "{status:?}"
        );
    }
}

#[test]
fn a_run_that_was_not_followed_whole_is_no_sample() {
    let mut stopped = full(505);
    stopped.phases[2].1 = PhaseStatus::Stopped;
    let mut untimed = full(505);
    untimed.phases[0].2 = None;
    let mostly_unseen = RunSample {
        duration_seconds: Some(2280.0),
        ..sample(&["sp500"], [0.0, 0.0, 0.0, 540.0], None)
    };
    assert_eq!(
        [stopped, untimed, mostly_unseen].map(|sample| sample.is_usable()),
        [false; 3]
    );
    let mut console = Console::default();
    console.started("r");
    console.message(
        "import:started",
        "data_import_started",
        json!({ "run_id": "r", "total_symbols": 500 }),
    );
    console.wait(60).completed("r", "success");
    assert!(
        !RunSample::from(console.run()).is_usable(),
        "three planned phases were missed"
    );
}

#[test]
fn a_followed_run_is_a_sample_of_its_own_key() {
    let mut console = Console::default();
    let payload =
        json!({ "run_id": "r", "phases": ["import"], "universe": "sp500", "symbols_count": 505 });
    console.message("processing:status", "processing_started", payload);
    console.message(
        "import:started",
        "data_import_started",
        json!({ "run_id": "r" }),
    );
    console.wait(19).completed("r", "success");
    let sample = RunSample::from(console.run());
    let group = baselines(&five(&sample)).pop().unwrap();
    assert_eq!(
        group.key,
        comparable_key(&names(&["sp500"]), [Phase::Import])
    );
    assert_eq!(
        (group.symbols, group.run.unwrap().p50_seconds),
        (Some(505), 19.0)
    );
    console.input(Input::Baselines(group.clone()));
    assert_eq!(console.state.baseline_for(console.run()), Some(&group));
}

#[test]
fn percentiles_are_interpolated_between_samples() {
    let lasting =
        |minutes: u32| sample(&["sp500"], [0.0, 0.0, 0.0, f64::from(minutes) * 60.0], None);
    let of = |minutes: &mut dyn Iterator<Item = u32>| {
        let run = baselines(&minutes.map(lasting).collect::<Vec<_>>())
            .pop()
            .unwrap()
            .run;
        run.map(|run| {
            (
                run.sample_size,
                [run.p10_seconds, run.p50_seconds, run.p90_seconds].map(|s| s / 60.0),
            )
        })
    };
    assert_eq!(of(&mut (1..=11).rev()), Some((11, [2.0, 6.0, 10.0])));
    assert_eq!(of(&mut (10..=15)), Some((6, [10.5, 12.5, 14.5])));
    assert_eq!(of(&mut (1..=4)), None, "too few");
    let newest_first = [1; MAX_SAMPLE_SIZE].into_iter().chain([99; 30]);
    assert_eq!(
        of(&mut newest_first.into_iter()),
        Some((20, [1.0; 3])),
        "the newest only"
    );
}

#[test]
fn a_group_that_became_too_small_has_no_baseline() {
    let mut console = Console {
        state: learnt(&five(&full(505))),
        ..Console::default()
    };
    let too_few = baselines(&[full(505)]).pop().unwrap();
    assert_eq!(
        console.input(Input::Baselines(too_few.clone())),
        Changes::BASELINES
    );
    assert_eq!(
        (
            usual(&console.state, &Phase::ALL, None),
            console.state.baselines.len()
        ),
        (None, 0)
    );
    assert_eq!(console.input(Input::Baselines(too_few)), Changes::NONE);
}

#[test]
fn a_run_without_universes_gets_those_of_the_schedule() {
    let mut console = Console::default();
    let universes = |console: &Console| {
        default_universes(console.state.schedule.as_ref(), console.state.run.as_ref()).to_owned()
    };
    assert!(universes(&console).is_empty());
    console.started("r");
    assert_eq!(universes(&console), ["sp500"]);
    let schedule = json!({ "schedule": { "universes": ["etf", "nasdaq100"] } });
    console.message("processing:schedule", "schedule_updated", schedule);
    assert_eq!(universes(&console), ["etf", "nasdaq100"]);
}

fn group(universe: &str, phases: &[(Phase, f64, u64)]) -> Input {
    let baseline = |seconds, sample_size| Baseline {
        sample_size,
        p10_seconds: seconds,
        p50_seconds: seconds,
        p90_seconds: seconds,
    };
    Input::Baselines(Baselines {
        key: comparable_key(&names(&[universe]), Phase::ALL),
        phases: phases
            .iter()
            .map(|(phase, seconds, runs)| (*phase, baseline(*seconds, *runs)))
            .collect(),
        ..Default::default()
    })
}

fn import_started(console: &mut Console) {
    console.started("r");
    console.message(
        "import:started",
        "data_import_started",
        json!({ "run_id": "r", "total_symbols": 500 }),
    );
}

fn percent_after_import(learnt: &[Input]) -> f64 {
    let mut console = Console::default();
    for input in learnt {
        console.input(input.clone());
    }
    import_started(&mut console);
    console.message(
        "import:completed",
        "data_import_completed",
        json!({ "run_id": "r" }),
    );
    console.run().percent
}

const ALL_ALIKE: &[(Phase, f64, u64)] = &[
    (Phase::Import, 60.0, 9),
    (Phase::CacheSync, 60.0, 9),
    (Phase::Indicators, 60.0, 9),
    (Phase::Patterns, 60.0, 9),
];

#[test]
fn phases_weigh_what_they_usually_take() {
    assert_eq!(
        percent_after_import(&[]),
        40.0,
        "14 of 35 documented minutes"
    );
    assert_eq!(percent_after_import(&[group("sp500", ALL_ALIKE)]), 25.0);
    assert_eq!(
        percent_after_import(&[group("etf", ALL_ALIKE)]),
        40.0,
        "of other universes"
    );
    let few: Vec<_> = ALL_ALIKE
        .iter()
        .map(|(phase, seconds, _)| (*phase, *seconds, 4))
        .collect();
    assert_eq!(
        percent_after_import(&[group("sp500", &few)]),
        40.0,
        "from too few runs"
    );
}

#[test]
fn a_phase_without_a_baseline_weighs_as_documented() {
    // Import twice as fast as documented, so the others count half as well: all shares are as
    // documented.
    assert_eq!(
        percent_after_import(&[group("sp500", &[(Phase::Import, 420.0, 5)])]),
        40.0
    );
}

#[test]
fn baselines_that_come_during_a_run_only_move_it_on() {
    let mut console = Console::default();
    import_started(&mut console);
    console.message(
        "import:completed",
        "data_import_completed",
        json!({ "run_id": "r" }),
    );
    let changes = console.input(group("sp500", ALL_ALIKE));
    assert!(changes.any(Changes::BASELINES) && changes.any(Changes::RUN));
    assert_eq!(console.run().percent, 40.0);
    assert_eq!(console.run().share(Phase::Import), 0.25);
    assert_eq!(
        console.input(group("sp500", ALL_ALIKE)),
        Changes::NONE,
        "the same again changes nothing"
    );
    let mut other = ALL_ALIKE.to_vec();
    other[0].1 = 3000.0;
    console.input(group("sp500", &other));
    assert!(console.run().percent > 90.0);
}

#[test]
fn durations_that_cannot_be_are_not_learnt() {
    for seconds in [0.0, -5.0, f64::NAN, f64::INFINITY] {
        assert_eq!(
            percent_after_import(&[group("sp500", &[(Phase::Import, seconds, 9)])]),
            40.0,
            "{seconds}"
        );
    }
}

#[test]
fn baselines_come_back_as_they_were_written() {
    let state = learnt(&five(&full(505)));
    let text = serde_json::to_string(&state.baselines).unwrap();
    assert!(
        text.starts_with(r#"[{"key":{"universes":"sp500","phases":["import","cache_sync","#),
        "{text}"
    );
    assert_eq!(
        serde_json::from_str::<Vec<Baselines>>(&text).unwrap(),
        state.baselines
    );
    let older: State =
        serde_json::from_str(r#"{"usual":[{"universe":"sp500","phases":[]}],"messages":1}"#)
            .unwrap();
    assert_eq!(
        (older.baselines.len(), older.last_message_at),
        (0, None::<Timestamp>)
    );
}
