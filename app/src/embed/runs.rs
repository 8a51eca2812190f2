//! Recent runs: bars, oldest on the left, and their table.

use super::{EmbedContext, EmbedSections, EmbedView, html, step};
use crate::format::{clock, count, duration, plural, sentence, short_date, short_id, status_key};
use crate::text::embed;
use crate::ui::{glyph, of_run};
use leptos::prelude::*;
use model::{RunStatus, RunSummary};

/// Rows of the table.
const ROWS: usize = 12;
/// Bars of the picture.
const BARS: usize = 40;
const HEIGHT: f64 = 40.0;
/// From one bar to the next, of which the bar takes most.
const STEP: f64 = 10.0;
const BAR: f64 = 7.0;

/// The view.
pub fn runs(context: EmbedContext<'_>, sections: EmbedSections) -> EmbedView {
    let state = context.state;
    let mut all: Vec<RunSummary> = state.earlier.clone();
    if let Some(run) = &state.run {
        all.retain(|known| known.id != run.id);
        all.insert(0, RunSummary::from(run));
    }
    let newest = all.first();
    let key = status_key(newest.map(|run| run.status));
    let summary = match newest {
        Some(run) => format!(
            "The newest of {} {}.",
            plural(all.len() as u64, "run", "runs"),
            run.status.predicate()
        ),
        None => embed::NO_RUNS.to_owned(),
    };
    let sentence = summary.clone();
    let html = html(|| {
        let chart = sections.has("chart").then(|| chart(&all)).flatten();
        let table = (sections.has("table") && !all.is_empty()).then(|| table(&all, context));
        let nothing = all
            .is_empty()
            .then(|| view! { <p class="empty">{summary}</p> }.into_any());
        view! {
            <section class="view" data-view="runs" data-state=key>
                {chart}
                {table}
                {nothing}
            </section>
        }
        .into_any()
    });
    EmbedView {
        html,
        state: key.to_owned(),
        sentence,
    }
}

/// Height is duration, colour is what became of the run; the table says the same in words.
fn chart(all: &[RunSummary]) -> Option<AnyView> {
    let timed: Vec<_> = all
        .iter()
        .filter_map(|run| Some((run, run.seconds()?)))
        .take(BARS)
        .collect();
    if timed.len() < 2 {
        return None;
    }
    let most = timed
        .iter()
        .map(|(_, seconds)| *seconds)
        .fold(1.0, f64::max);
    let bars = timed
        .iter()
        .rev()
        .enumerate()
        .map(|(index, (run, seconds))| {
            let height = (seconds / most * HEIGHT).max(2.0);
            view! {
                <rect
                    data-tone=of_run(Some(run.status)).1
                    x=format!("{:.1}", STEP * index as f64)
                    y=format!("{:.1}", HEIGHT - height)
                    width=BAR.to_string()
                    height=format!("{height:.1}")
                    rx="1"
                >
                    <title>{format!("{}, {}", run.status.word(), duration(*seconds))}</title>
                </rect>
            }
            .into_any()
        });
    let bars = bars.collect_view();
    let width = STEP * timed.len() as f64 - (STEP - BAR);
    let label = format!(
        "Durations of {}, oldest on the left",
        plural(timed.len() as u64, "run", "runs")
    );
    Some(
        view! {
            <svg
                class="chart"
                viewBox=format!("0 0 {width} {HEIGHT}")
                preserveAspectRatio="xMinYMax meet"
                role="img"
                aria-label=label
            >
                {bars}
            </svg>
        }
        .into_any(),
    )
}

fn table(all: &[RunSummary], context: EmbedContext<'_>) -> AnyView {
    let rows = all
        .iter()
        .take(ROWS)
        .map(|run| row(run, context))
        .collect::<Vec<_>>();
    view! {
        <table class="num">
            <caption class="visually-hidden">"Runs, newest first"</caption>
            <thead>
                <tr>
                    <th scope="col">"Status"</th>
                    <th scope="col">"Started"</th>
                    <th scope="col" class="right">
                        "Duration"
                    </th>
                    <th scope="col" class="right wide">
                        "Processed"
                    </th>
                    <th scope="col" class="right wide">
                        "Failed"
                    </th>
                    <th scope="col" class="wide">
                        "Run"
                    </th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(run: &RunSummary, context: EmbedContext<'_>) -> AnyView {
    let (icon, tone) = of_run(Some(run.status));
    let figure = |n: Option<u64>| n.map_or_else(|| "–".to_owned(), count);
    let unwell = matches!(
        run.status,
        RunStatus::Failed | RunStatus::Cancelled | RunStatus::Lost
    );
    let why = run
        .message
        .as_deref()
        .filter(|_| unwell)
        .map(|text| view! { <span class="meta">{sentence(text, 120)}</span> }.into_any());
    let began = run.started_at.or(run.ended_at).map(|at| {
        let time = format!(", {}", clock(at, context.zone));
        view! {
            {short_date(at, context.zone)}
            <span class="wide">{time}</span>
        }
        .into_any()
    });
    let active = run.status.is_active();
    let since = run.started_at.filter(|_| active);
    let seconds = match since {
        Some(at) => Some(step(context.now).since(at).max(0) as f64 / 1000.0),
        None => run.seconds().filter(|_| !active),
    };
    let bad = if run.failed.is_some_and(|n| n > 0) {
        "right wide bad"
    } else {
        "right wide"
    };
    view! {
        <tr data-status=status_key(Some(run.status))>
            <td class="status" data-tone=tone>
                <span class="state">{glyph(icon)} <span>{run.status.word()}</span></span>
                {why}
            </td>
            <td>{began}</td>
            <td class="right">
                <span data-since=since
                    .map(|at| {
                        at.0.to_string()
                    })>{seconds.map_or_else(|| "–".to_owned(), duration)}</span>
            </td>
            <td class="right wide">{figure(run.processed)}</td>
            <td class=bad>{figure(run.failed)}</td>
            <td class="wide">
                <code>{short_id(&run.id)}</code>
            </td>
        </tr>
    }
    .into_any()
}
