//! The phase strip: four phases side by side, each as wide as it usually takes long; a list on a
//! phone.

use super::as_of::as_of;
use crate::format::{
    NBSP, count, day_clock, decimal, duration, long_duration, percent, phase_name,
    phase_status_word, plural, rate, sentence, usual_place, usual_sentence,
};
use crate::store::{Console, use_console};
use crate::ui::Meter;
use crate::ui::of_phase;
use crate::ui::{Glyph, Icon};
use contract::frame::Baselines;
use contract::{Phase, PhaseEnded, PhaseStarted};
use leptos::prelude::*;
use model::{PhaseState, PhaseStatus};

/// Parts that the strip's width is divided into, and the least and the most of them that one phase
/// has.
const PARTS: f64 = 24.0;
const LEAST_PARTS: u32 = 4;
const MOST_PARTS: u32 = 12;

/// All four.
#[component]
pub(crate) fn PhaseStrip() -> impl IntoView {
    let console = use_console();
    let usual = Memo::new(move |_| {
        let baselines = console.baselines.read();
        let run = console.run.read();
        run.as_ref()
            .filter(|run| run.is_active())
            .map(|run| usual(model::baseline_for(&baselines, run)))
    });
    view! {
        <section class="strip" aria-labelledby="phases-title">
            <h2 class="visually-hidden" id="phases-title">
                "Phases"
            </h2>
            <ol class="phases">
                {Phase::ALL.into_iter().map(|phase| view! { <PhaseItem phase /> }).collect_view()}
            </ol>
            <p class="meta num" data-testid="usual">
                {usual}
            </p>
        </section>
    }
    .into_any()
}

/// The usual duration of such a run, and what the marks on the bars are.
fn usual(baselines: Option<&Baselines>) -> String {
    let sentence = usual_sentence(baselines);
    match baselines.and_then(|baselines| baselines.run) {
        Some(run) => {
            let runs = plural(run.sample_size, "run", "runs");
            format!("{sentence} The mark on each bar shows the usual progress by now, from {runs}.")
        }
        None => sentence,
    }
}

#[component]
fn PhaseItem(phase: Phase) -> impl IntoView {
    let console = use_console();
    let state = Memo::new(move |_| {
        console.run.with(|run| {
            run.as_ref()
                .map(|run| run.phase(phase).clone())
                .unwrap_or_default()
        })
    });
    let active = Memo::new(move |_| {
        console
            .run
            .with(|run| run.as_ref().is_some_and(model::Run::is_active))
    });
    let status = Memo::new(move |_| state.with(|state| state.status));
    let done = Memo::new(move |_| state.with(|state| state.percent));
    // What moves says that events come: of a silent run nothing does.
    let silent = Memo::new(move |_| {
        console
            .run
            .with(|run| run.as_ref().is_some_and(|run| run.pace.silent))
    });
    let face = move || match status.get() {
        PhaseStatus::Running if silent.get() => (Icon::Pause, "warn"),
        status => of_phase(status),
    };
    let known = Memo::new(move |_| console.run.with(Option::is_some));
    let word = move || {
        if known.get() {
            phase_status_word(status.get(), active.get())
        } else {
            "No run"
        }
    };
    let counts = Memo::new(move |_| state.with(|state| counts(phase, state)));
    let share = move || {
        if begun(status.get()) {
            percent(done.get())
        } else {
            String::new()
        }
    };
    let spoken = Signal::derive(move || {
        let counts = counts.get();
        let parts = [word().to_owned(), counts, percent(done.get())];
        parts
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(", ")
    });
    let lines = Memo::new(move |_| {
        let time = state.with(|state| time(state, console));
        match state.with(|state| detail(phase, state, console)) {
            detail if detail.is_empty() => (time, detail),
            detail => (detail, time),
        }
    });
    let failed = move || state.with(|state| state.failed.filter(|n| *n > 0));
    let tick = Memo::new(move |_| {
        let now = as_of(console);
        let baselines = console.baselines.read();
        let run = console.run.read();
        let run = run.as_ref().filter(|run| run.is_active())?;
        let place = usual_place(run, model::baseline_for(&baselines, run)?, phase, now)?;
        // Not where it says nothing: a phase whose turn is not yet due, or one that is over.
        (place > 0.0 && !run.phase(phase).is_over()).then_some((place * 200.0).round() / 200.0)
    });
    let strip_parts = Memo::new(move |_| {
        let shares = console.run.with(|run| {
            run.as_ref()
                .map_or_else(|| model::DOCUMENTED_SECONDS, |run| run.shares)
        });
        parts_of_strip(shares, phase)
    });
    view! {
        <li
            class=format!("phase {}", phase.wire_name())
            data-testid=format!("phase-{}", phase.wire_name())
            data-share=strip_parts
            data-status=move || status.get().wire_name()
            data-tone=move || face().1
        >
            <div class="phase-head">
                <Glyph icon=Signal::derive(move || face().0) />
                <h3>{phase_name(phase)}</h3>
                <span class="phase-word">{word}</span>
            </div>
            <Meter label=phase_name(phase) percent=done text=spoken tick=tick.into() testid="" />
            <p class="phase-row num">
                <span>{counts}</span>
                <span>{share}</span>
            </p>
            <p class="phase-row num">
                <span>{move || lines.get().0}</span>
            </p>
            <p class="phase-row num">
                <span>{move || lines.get().1}</span>
                <span class="phase-failed">
                    {move || failed().map(|n| format!("{}{NBSP}failed", count(n)))}
                </span>
            </p>
        </li>
    }
    .into_any()
}

/// Of the strip's width, in parts of [`PARTS`]: the phase's usual share, but never too little to be
/// read.
fn parts_of_strip(shares: [f64; 4], phase: Phase) -> u32 {
    let all: f64 = shares.iter().sum();
    let own = if all > 0.0 {
        shares[phase.index()] / all
    } else {
        0.25
    };
    ((own * PARTS).round() as u32).clamp(LEAST_PARTS, MOST_PARTS)
}

fn begun(status: PhaseStatus) -> bool {
    !matches!(status, PhaseStatus::Waiting | PhaseStatus::Skipped)
}

/// `312 of 505 symbols`
fn counts(phase: Phase, state: &PhaseState) -> String {
    let (one, many) = if phase == Phase::CacheSync {
        ("universe", "universes")
    } else {
        ("symbol", "symbols")
    };
    match (state.done.filter(|_| begun(state.status)), state.total) {
        (Some(done), Some(total)) => format!("{} of {}", count(done), plural(total, one, many)),
        (Some(n), None) | (None, Some(n)) => plural(n, one, many),
        (None, None) => String::new(),
    }
}

/// Current symbol and speed, or the result.
fn detail(phase: Phase, state: &PhaseState, console: Console) -> String {
    let parts = match state.status {
        PhaseStatus::Running => {
            let speed = state.rate(as_of(console)).and_then(rate);
            let started = state.current.is_none() && speed.is_none();
            let plan = state
                .start
                .as_deref()
                .filter(|_| started)
                .and_then(|start| plan(phase, start));
            vec![state.current.clone(), speed, plan]
        }
        PhaseStatus::Failed => {
            let message = state.end.as_ref().and_then(|end| end.message.clone());
            let message = message.or_else(|| console.run.with(|run| run.as_ref()?.message.clone()));
            vec![message.map(|text| sentence(&text, 80))]
        }
        _ => state
            .end
            .as_deref()
            .map(|end| facts(phase, end))
            .unwrap_or_default(),
    };
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Plan that the phase's start reported.
fn plan(phase: Phase, start: &PhaseStarted) -> Option<String> {
    match phase {
        Phase::Indicators => start
            .indicator_kinds
            .map(|n| plural(n, "indicator", "indicators")),
        Phase::Patterns => start
            .pattern_kinds
            .map(|n| plural(n, "pattern", "patterns")),
        _ => Some(start.timeframes.join(", ")).filter(|text| !text.is_empty()),
    }
}

/// Results that the phase's end reported.
fn facts(phase: Phase, end: &PhaseEnded) -> Vec<Option<String>> {
    match phase {
        Phase::Import => vec![end.records_imported.map(|n| plural(n, "record", "records"))],
        Phase::CacheSync => vec![
            end.total_changes.map(|n| plural(n, "change", "changes")),
            end.universes_updated
                .map(|n| format!("{}{NBSP}updated", count(n))),
        ],
        Phase::Indicators => vec![
            end.indicators_calculated
                .map(|n| plural(n, "result", "results")),
            end.indicators_failed
                .filter(|n| *n > 0)
                .map(|n| format!("{}{NBSP}of them failed", count(n))),
        ],
        Phase::Patterns => vec![
            end.patterns_detected
                .map(|n| format!("{}{NBSP}detected", count(n))),
            end.detection_rate
                .map(|rate| format!("{}{NBSP}% of checks", decimal(rate, 1))),
        ],
    }
}

/// When it will end, or how long it took.
fn time(state: &PhaseState, console: Console) -> String {
    if state.status == PhaseStatus::Running {
        let now = as_of(console);
        if let Some(at) = state.eta_at.filter(|at| *at > now) {
            return console
                .zone
                .with_value(|zone| format!("until about {}", day_clock(at, now, zone)));
        }
        return state
            .seconds(now)
            .map(|seconds| format!("for {}", long_duration(seconds)))
            .unwrap_or_default();
    }
    match state.ended_at {
        Some(ended) if begun(state.status) => state
            .seconds(ended)
            .map(|s| format!("took {}", duration(s)))
            .unwrap_or_default(),
        _ => String::new(),
    }
}
