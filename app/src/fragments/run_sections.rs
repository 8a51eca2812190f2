//! Sections of a run's page: the timeline with its table, the parameters, the failed symbols, the
//! counts.

use super::context::PageContext;
use crate::commands::RETRY_SELECTED;
use crate::format::{
    clock_seconds, count, duration, failure_words, long_duration, phase_name, phase_status_word,
    plural, short_id, trigger_word,
};
use crate::fragment::{COPY, FORM_ERROR, SUBMIT, SUCCESS, attribute};
use crate::ports::RunView;
use crate::text::run;
use crate::ui::{glyph, of_phase};
use contract::Timestamp;
use leptos::prelude::*;
use model::PhaseSummary;

const LANE: f64 = 24.0;
const LABELS: f64 = 90.0;
const WIDTH: f64 = 1000.0;

/// The phases in time, and the same as a table.
pub(super) fn timeline(page: &PageContext, run: &RunView) -> Option<AnyView> {
    if run.phases.is_empty() {
        return None;
    }
    let start = run
        .summary
        .started_at
        .or_else(|| run.phases.iter().filter_map(|phase| phase.started_at).min());
    let now = page.data.snapshot.at;
    let end = run.summary.ended_at.unwrap_or(now);
    let picture = start.map(|start| picture(run, start, end.max(start.plus_ms(1000)), now));
    let active = run.summary.status.is_active();
    let mut before = start;
    let rows = run.phases.iter().map(|phase| {
        let waited = before
            .zip(phase.started_at)
            .map(|(before, at)| at.since(before) as f64 / 1000.0)
            .filter(|s| *s >= 1.0);
        before = phase.ended_at.or(before);
        row(page, phase, waited, active)
    });
    let rows = rows.collect_view();
    Some(
        view! {
            <section class="card" aria-labelledby="timeline-title" data-testid="timeline">
                <header class="card-head">
                    <h2 id="timeline-title">"Timeline"</h2>
                </header>
                {picture}
                <table class="num phases-table">
                    <caption class="visually-hidden">{run::PHASES_CAPTION}</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Phase"</th>
                            <th scope="col" class="right">
                                "Duration"
                            </th>
                            <th scope="col">"Started"</th>
                            <th scope="col" class="right">
                                "Done"
                            </th>
                            <th scope="col" class="right">
                                "Failed"
                            </th>
                            <th scope="col">"Ended"</th>
                            <th scope="col" class="right">
                                "Wait"
                            </th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </section>
        }
        .into_any(),
    )
}

fn picture(run: &RunView, start: Timestamp, end: Timestamp, now: Timestamp) -> AnyView {
    let whole = end.since(start) as f64;
    let x = |at: Timestamp| {
        LABELS + (at.since(start) as f64 / whole).clamp(0.0, 1.0) * (WIDTH - LABELS)
    };
    let lanes = run.phases.iter().enumerate().map(|(index, phase)| {
        let y = index as f64 * LANE + 5.0;
        let bar = phase.started_at.map(|at| {
            let (from, to) = (x(at), x(phase.ended_at.unwrap_or(now.min(end))));
            let width = (to - from).max(3.0);
            view! {
                <rect
                    class="bar"
                    data-tone=of_phase(phase.status).1
                    rx="2"
                    x=format!("{from:.1}")
                    y=y.to_string()
                    width=format!("{width:.1}")
                    height="14"
                ></rect>
            }
        });
        view! {
            <text x="0" y=(y + 11.0).to_string()>
                {phase_name(phase.phase)}
            </text>
            <rect
                class="lane"
                x=LABELS.to_string()
                y=y.to_string()
                width=(WIDTH - LABELS).to_string()
                height="14"
                rx="2"
            ></rect>
            {bar}
        }
        .into_any()
    });
    view! {
        <div class="chart timeline-box">
            <svg class="timeline" viewBox=format!("0 0 {WIDTH} {}", LANE * 4.0) aria-hidden="true">
                {lanes.collect_view()}
            </svg>
        </div>
    }
    .into_any()
}

fn row(page: &PageContext, phase: &PhaseSummary, waited: Option<f64>, active: bool) -> AnyView {
    let (icon, tone) = of_phase(phase.status);
    let clock = |at: Option<Timestamp>| {
        at.map_or_else(|| "–".to_owned(), |at| clock_seconds(at, &page.data.zone))
    };
    let done = match (phase.done, phase.total) {
        (Some(done), Some(total)) => format!("{} of {}", count(done), count(total)),
        (Some(n), None) | (None, Some(n)) => count(n),
        (None, None) => "–".to_owned(),
    };
    let failed = phase.failed.filter(|n| *n > 0);
    let done_label = if phase.done.or(phase.total).is_some() {
        "done"
    } else {
        ""
    };
    view! {
        <tr>
            <td class="status" data-tone=tone>
                <span class="state">{glyph(icon)} {phase_name(phase.phase)}</span>
                <span class="meta">" " {phase_status_word(phase.status, active)}</span>
            </td>
            <td class="right duration">
                {phase.seconds.map_or_else(|| "–".to_owned(), long_duration)}
            </td>
            <td class="started">{clock(phase.started_at)}</td>
            <td class="right figure" data-label=done_label>
                {done}
            </td>
            <td
                class="right figure failed"
                data-label="failed"
                data-nonzero=failed.is_some().to_string()
            >
                {failed.map_or_else(|| "–".to_owned(), count)}
            </td>
            <td class="wide">{clock(phase.ended_at)}</td>
            <td class="right wide">{waited.map_or_else(|| "–".to_owned(), duration)}</td>
        </tr>
    }
    .into_any()
}

/// Parameters and figures.
pub(super) fn facts(page: &PageContext, view: &RunView) -> AnyView {
    let (summary, run) = (&view.summary, view.run.as_deref());
    let list = |names: &[String]| Some(names.join(", ")).filter(|text| !text.is_empty());
    let lookback = run.map(|run| {
        run.lookback_days
            .iter()
            .map(|(frame, days)| format!("{frame} {}", plural(*days, "day", "days")))
            .collect::<Vec<_>>()
            .join(", ")
    });
    let pairs = [
        ("ID", Some(summary.id.to_string())),
        ("Trigger", summary.trigger.as_deref().map(trigger_word)),
        (
            "Trading day",
            summary.run_date.as_deref().map(crate::format::day_in_words),
        ),
        ("Universes", list(&view.summary.universes)),
        (
            "Planned phases",
            run.and_then(|run| {
                list(
                    &run.planned
                        .iter()
                        .map(|phase| phase_name(*phase).to_owned())
                        .collect::<Vec<_>>(),
                )
            }),
        ),
        ("Timeframes", run.and_then(|run| list(&run.timeframes))),
        ("Lookback", lookback.filter(|text| !text.is_empty())),
        ("Requested symbols", run.and_then(|run| list(&run.symbols))),
        (
            "Market check",
            run.and_then(|run| run.skip_market_check)
                .map(|skip| if skip { "skipped" } else { "applied" }.to_owned()),
        ),
        (
            "Retry of",
            run.and_then(|run| run.original_run_id.as_ref())
                .map(short_id),
        ),
        ("Symbols", summary.total.map(count)),
        ("Processed", summary.processed.map(count)),
        ("Failed", summary.failed.map(count)),
        ("Indicator results", summary.indicators.map(count)),
        ("Patterns detected", summary.patterns.map(count)),
        (
            "Started",
            summary
                .started_at
                .map(|at| clock_seconds(at, &page.data.zone)),
        ),
        (
            "Ended",
            summary
                .ended_at
                .map(|at| clock_seconds(at, &page.data.zone)),
        ),
    ];
    let pairs = pairs.into_iter().filter_map(|(name, value)| {
        Some(
            view! {
                <dt>{name}</dt>
                <dd>{value?}</dd>
            }
            .into_any(),
        )
    });
    let less = run.is_none().then(|| {
        view! { <p class="meta foot">{run::HISTORY_ONLY}</p> }
    });
    view! {
        <section class="card" aria-labelledby="facts-title">
            <header class="card-head">
                <h2 id="facts-title">{run::PARAMETERS}</h2>
            </header>
            <dl class="pairs columns-pairs num">{pairs.collect_view()}</dl>
            {less}
        </section>
    }
    .into_any()
}

/// The symbols that failed: looked through by text, copied, some of them tried again.
pub(super) fn failed_symbols(page: &PageContext, run: &RunView) -> Option<AnyView> {
    if run.failed_symbols.is_empty() {
        return None;
    }
    let text = page.query.get("failed").map(str::to_uppercase);
    let fits = |failure: &&model::SymbolFailure| {
        let own = format!(
            "{} {}",
            failure.symbol,
            failure_words(failure).unwrap_or_default()
        )
        .to_uppercase();
        text.as_ref().is_none_or(|text| own.contains(text))
    };
    let shown: Vec<_> = run.failed_symbols.iter().filter(fits).collect();
    let names = shown
        .iter()
        .map(|failure| failure.symbol.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    let boxes = shown.iter().map(|failure| {
        let (symbol, reason) = (&failure.symbol, failure_words(failure));
        view! {
            <label class="check">
                <input type="checkbox" name="symbols[]" value=symbol.to_string() />
                <span>
                    <b>{symbol.to_string()}</b>
                    " "
                    <span class="meta">{reason}</span>
                </span>
            </label>
        }
        .into_any()
    });
    let boxes = boxes.collect_view();
    let active = page
        .data
        .snapshot
        .state
        .run
        .as_ref()
        .is_some_and(model::Run::is_active);
    let why = active.then(|| view! { <span class="meta">{run::RUN_IS_ACTIVE}</span> });
    Some(
        view! {
            <section
                class="card"
                aria-labelledby="failed-title"
                data-testid="failed-symbols"
                id="failed"
            >
                <header class="card-head">
                    <h2 id="failed-title">"Failed symbols"</h2>
                    <span class="meta num">
                        {format!(
                            "{} of {}",
                            shown.len(),
                            plural(run.failed_symbols.len() as u64, "symbol", "symbols"),
                        )}
                    </span>
                    <button
                        type="button"
                        class="small-button needs-script"
                        {..attribute(COPY, names)}
                    >
                        "Copy symbols"
                    </button>
                </header>
                <form class="filters" method="get" action=format!("{}#failed", page.query.path)>
                    <label class="field grow">
                        "Search"
                        <input
                            type="search"
                            name="failed"
                            value=page.query.text("failed")
                            autocomplete="off"
                        />
                    </label>
                    <button type="submit" class="button">
                        "Apply filter"
                    </button>
                </form>
                <form
                    action=RETRY_SELECTED.action()
                    method="post"
                    {..attribute(SUBMIT, "")}
                    {..attribute(SUCCESS, RETRY_SELECTED.accepted)}
                >
                    <input type="hidden" name="run_id" value=run.summary.id.to_string() />
                    <input type="hidden" name="key" value=page.backend.key() />
                    <div
                        class="symbols-list"
                        tabindex="0"
                        role="region"
                        aria-label=run::FAILED_SYMBOLS_REGION
                    >
                        {boxes}
                    </div>
                    <p class="form-error inset" {..attribute(FORM_ERROR, "")} role="alert"></p>
                    <footer class="form-footer">
                        <button
                            type="submit"
                            class="button"
                            disabled=active || page.denied().is_some()
                            title=page.denied()
                        >
                            {RETRY_SELECTED.label}
                        </button>
                        <span class="meta">{run::RETRY_ALL_HINT}</span>
                        {why}
                    </footer>
                </form>
            </section>
        }
        .into_any(),
    )
}

/// Results by indicator and detections by pattern.
pub(super) fn results(run: &RunView) -> Option<AnyView> {
    if run.indicators.is_empty() && run.patterns.is_empty() {
        return None;
    }
    let list = |title: &'static str, counts: &[(String, u64)]| {
        let most = counts.iter().map(|(_, n)| *n).max().unwrap_or(1).max(1);
        let rows = counts.iter().map(|(name, n)| {
            let width = format!("{:.1}", *n as f64 / most as f64 * 100.0);
            view! {
                <tr>
                    <th scope="row">{name.clone()}</th>
                    <td class="right">{count(*n)}</td>
                    <td class="count-bar">
                        <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                            <rect width=width height="4"></rect>
                        </svg>
                    </td>
                </tr>
            }
            .into_any()
        });
        let none = counts
            .is_empty()
            .then(|| view! { <p class="empty">"None"</p> });
        view! {
            <section class="card" aria-label=title>
                <header class="card-head">
                    <h2>{title}</h2>
                </header>
                <table class="num counts">
                    <tbody>{rows.collect_view()}</tbody>
                </table>
                {none}
            </section>
        }
        .into_any()
    };
    Some(
        view! {
            <div class="halves">
                {list("Results by indicator", &run.indicators)}
                {list("Detections by pattern", &run.patterns)}
            </div>
        }
        .into_any(),
    )
}
