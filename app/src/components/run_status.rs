//! The run at one glance: its state, how far it is, how long it took and will take, what it counts.
//! Where no run is shown, the figures are the last one's, and say so.

use super::as_of::as_of;
use super::throughput::Throughput;
use crate::format::{
    count, day_clock, from_now, long_duration, minutes, percent, short_id, silent_for, status_key,
    trigger_word,
};
use crate::store::{Console, use_console};
use crate::text::tonight;
use crate::ui::Meter;
use crate::ui::RunIdText;
use crate::ui::of_run;
use crate::ui::{Glyph, Icon};
use contract::{RunId, Timestamp};
use leptos::prelude::*;
use model::{Run, RunStatus, RunSummary};

/// Shown for unknown figures.
const NONE: &str = "–";

/// The panel.
#[component]
pub(crate) fn RunStatusPanel() -> impl IntoView {
    let console = use_console();
    let status = Memo::new(move |_| console.run.with(|run| run.as_ref().map(|run| run.status)));
    let done = Memo::new(move |_| {
        console
            .run
            .with(|run| run.as_ref().map_or(0.0, |run| run.percent))
    });
    let active = Memo::new(move |_| status.get().is_some_and(RunStatus::is_active));
    let silent = Memo::new(move |_| {
        console.run.with(|run| {
            run.as_ref()
                .and_then(|run| silent_for(run, console.now.get()))
        })
    });
    let tone = move || {
        if silent.get().is_some() {
            "warn"
        } else {
            of_run(status.get()).1
        }
    };
    let icon = move || {
        if silent.get().is_some() {
            Icon::Pause
        } else {
            of_run(status.get()).0
        }
    };
    let few_failed = Memo::new(move |_| {
        console
            .run
            .with(|run| run.as_ref().and_then(failed_beside_success))
    });
    let word = move || match (status.get(), silent.get(), few_failed.get()) {
        (Some(status), Some(seconds), _) => {
            format!("{}, no event for {}", status.word(), minutes(seconds))
        }
        (Some(status), _, Some(failed)) => {
            format!("{} · {} failed", status.word(), count(failed))
        }
        (status, ..) => word_of(console, status).to_owned(),
    };
    let shown = Signal::derive(move || percent(done.get()));
    let failed = figure(Run::failed_count, |run| run.failed);
    let warns = Memo::new(move |_| {
        status
            .get()
            .is_none_or(|status| status != RunStatus::Succeeded)
    });
    let failed_tone = move || {
        if failed.get().is_some_and(|n| n > 0) && warns.get() {
            "bad"
        } else {
            "quiet"
        }
    };
    let number = |n: Memo<Option<u64>>| {
        Signal::derive(move || n.get().map_or_else(|| NONE.to_owned(), count))
    };
    let current_symbol = figure(
        |run| run.phase(run.current_phase()?).current.clone(),
        |_| None,
    );
    view! {
        <div class="run-line">
            <span
                class="chip"
                data-tone=tone
                data-testid="run-status"
                data-status=move || status_key(status.get())
            >
                <Glyph icon=Signal::derive(icon) />
                {word}
            </span>
            <p class="run-origins">
                <Origin />
            </p>
        </div>
        <div class="overall" data-known=move || status.get().is_some().to_string() data-tone=tone>
            <Meter
                label=tonight::WHOLE_RUN
                percent=done
                text=Signal::derive(move || format!("{} done", shown.get()))
                testid="overall-progress"
            />
            <span class="overall-percent num">
                {move || if status.get().is_some() { shown.get() } else { String::new() }}
            </span>
        </div>
        <Throughput />
        <dl class="facts">
            <Fact
                label=Signal::derive(move || if active.get() { "Elapsed" } else { "Duration" })
                value=Signal::derive(move || elapsed(console, active.get()))
            />
            <Fact
                label=Signal::derive(move || if active.get() { "Expected" } else { "Ended" })
                value=Signal::derive(move || end(console, active.get()))
            />
            <Fact label="Symbols" value=text(figure(symbols, |run| run.processed.map(count))) />
            <Fact label="Current symbol" value=text(current_symbol) />
            <Fact label="Failed" value=number(failed) tone=Signal::derive(failed_tone) />
            <Fact
                label="Indicators"
                value=number(figure(|run| Some(run.indicators), |run| run.indicators))
            />
            <Fact
                label="Patterns"
                value=number(figure(|run| Some(run.patterns), |run| run.patterns))
            />
        </dl>
    }
    .into_any()
}

/// The word where there is no more to say; without a run, what is known of none.
fn word_of(console: Console, status: Option<RunStatus>) -> &'static str {
    match status {
        Some(status) => status.word(),
        None if console.links.with(|links| links.api.up) => "No run is active",
        None if console.earlier.with(Vec::is_empty) => tonight::NO_RUNS_SEEN,
        None => tonight::NO_KNOWN_RUN,
    }
}

/// Number of failed symbols of a run that succeeded.
fn failed_beside_success(run: &Run) -> Option<u64> {
    run.failed_count()
        .filter(|failed| *failed > 0 && run.status == RunStatus::Succeeded)
}

/// One figure. Its place is there whether it is known or not.
#[component]
fn Fact(
    #[prop(into)] label: Signal<&'static str>,
    #[prop(into)] value: Signal<String>,
    #[prop(into, optional)] tone: Option<Signal<&'static str>>,
) -> impl IntoView {
    view! {
        <div data-tone=move || tone.map(|tone| tone.get())>
            <dt>{label}</dt>
            <dd class="num">{value}</dd>
        </div>
    }
    .into_any()
}

/// The origin of the run: trigger, start, universes, id.
#[component]
fn Origin() -> impl IntoView {
    let console = use_console();
    let origin = Memo::new(move |_| {
        console
            .run
            .with(|run| {
                run.as_ref().map(|run| {
                    (
                        (!run.id_unknown).then(|| run.id.clone()),
                        origin_of(run, console),
                    )
                })
            })
            .or_else(|| {
                console.earlier.with(|runs| {
                    runs.first()
                        .map(|last| (Some(last.id.clone()), origin_of_last(last, console)))
                })
            })
    });
    let words = move |(id, words): (Option<RunId>, Vec<String>)| {
        view! {
            {words
                .into_iter()
                .map(|word| view! { <span class="run-origin">{word}</span> })
                .collect_view()}
            <span class="run-origin">
                {id
                    .map_or_else(
                        || tonight::RUN_ID_UNKNOWN.into_any(),
                        |id| {
                            view! {
                                "Run "
                                <RunIdText id />
                            }
                                .into_any()
                        },
                    )}
            </span>
        }
    };
    move || origin.get().map(words)
}

fn origin_of(run: &Run, console: Console) -> Vec<String> {
    let label = if run.is_active() { "since" } else { "started" };
    let start = run
        .started_at
        .map(|at| format!("{label} {}", when(at, console)));
    let universes = Some(run.universes.join(", ")).filter(|text| !text.is_empty());
    let retry = run
        .original_run_id
        .as_ref()
        .map(|id| format!("retries {}", short_id(id)));
    let attempt = (run.attempt > 1).then(|| format!("attempt {}", run.attempt));
    let parts = run
        .trigger
        .as_deref()
        .map(trigger_word)
        .into_iter()
        .chain(start)
        .chain(universes);
    parts.chain(retry).chain(attempt).collect()
}

fn origin_of_last(last: &RunSummary, console: Console) -> Vec<String> {
    let start = last
        .started_at
        .map(|at| format!(" started {}", when(at, console)))
        .unwrap_or_default();
    vec![format!("Last run{start}")]
}

fn when(at: Timestamp, console: Console) -> String {
    let now = console.now.get_untracked();
    console.zone.with_value(|zone| day_clock(at, now, zone))
}

/// A figure of the run that is shown; else of the last one.
fn figure<T>(of: fn(&Run) -> Option<T>, of_last: fn(&RunSummary) -> Option<T>) -> Memo<Option<T>>
where
    T: PartialEq + Send + Sync + 'static,
{
    let console = use_console();
    Memo::new(move |_| match &*console.run.read() {
        Some(run) => of(run),
        None => console.earlier.read().first().and_then(of_last),
    })
}

fn text(figure: Memo<Option<String>>) -> Signal<String> {
    Signal::derive(move || figure.get().unwrap_or_else(|| NONE.to_owned()))
}

fn symbols(run: &Run) -> Option<String> {
    match (
        run.processed.filter(|_| !run.is_active()),
        run.symbols_total,
    ) {
        (Some(done), Some(total)) => Some(format!("{} of {}", count(done), count(total))),
        (one, other) => one.or(other).map(count),
    }
}

fn elapsed(console: Console, active: bool) -> String {
    let seconds = match &*console.run.read() {
        Some(run) if active => run
            .started_at
            .map(|at| as_of(console).since(at) as f64 / 1000.0),
        Some(run) => RunSummary::from(run).seconds(),
        None => console.earlier.read().first().and_then(RunSummary::seconds),
    };
    seconds.map_or_else(|| NONE.to_owned(), long_duration)
}

fn end(console: Console, active: bool) -> String {
    let at = match &*console.run.read() {
        Some(run) if active => run.estimated_completion,
        Some(run) => run.ended_at,
        None => console
            .earlier
            .read()
            .first()
            .and_then(|last| last.ended_at),
    };
    let Some(at) = at else { return NONE.to_owned() };
    if !active {
        return when(at, console);
    }
    let now = as_of(console);
    let how = if at > now {
        from_now(at, now)
    } else {
        "overdue".to_owned()
    };
    console
        .zone
        .with_value(|zone| format!("{}, {how}", day_clock(at, now, zone)))
}
