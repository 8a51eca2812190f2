//! Runs as bars: height is duration, colour is what became of them, behind them the usual duration
//! of full runs. A day without a session is a gap, one with a session and no run a hollow bar. In
//! words beside it; the table below is its twin.

use super::context::PageContext;
use crate::format::{duration, moment, plural, usual_sentence};
use crate::paths::PATHS;
use crate::ports::TradingDay;
use crate::text::runs;
use crate::ui::of_run;
use contract::frame::Baselines;
use contract::{Phase, Timestamp};
use leptos::prelude::*;
use model::{RunStatus, RunSummary, State};
use std::collections::BTreeMap;

/// Fewer bars are no picture.
const LEAST: usize = 3;
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 96.0;
/// Of a bar at most, so that few runs do not make a wall.
const WIDEST: f64 = 28.0;
/// Of a bar, so that a short run is seen.
const LEAST_HEIGHT: f64 = 5.0;
/// How high a hollow bar is.
const HOLLOW: f64 = 12.0;
/// Places of a picture with its days; more are too narrow to be told apart.
const MOST_PLACES: usize = 90;

/// What stands in one place of the picture.
enum Place<'a> {
    Run(&'a RunSummary, f64),
    /// A day with a session and no run.
    Missed(&'a TradingDay),
    /// A day without a session.
    Gap,
}

/// The picture and its words; nothing where there are too few runs with a duration. With
/// `every_day` the days without a run have a place, too: right only where no run is left out of
/// `rows`.
pub(super) fn chart(page: &PageContext, rows: &[RunSummary], every_day: bool) -> Option<AnyView> {
    let mut timed: Vec<_> = rows
        .iter()
        .filter_map(|run| Some((run, run.seconds()?)))
        .collect();
    if timed.len() < LEAST {
        return None;
    }
    // Oldest on the left.
    timed.sort_by_key(|(run, _)| began(run));
    let first = timed.iter().find_map(|(run, _)| began(run));
    let days = first
        .filter(|_| every_day)
        .map(|first| page.backend.days(first, page.data.snapshot.at));
    let days = days.unwrap_or_default();
    let mut places = places(&timed, &days);
    places.drain(..places.len().saturating_sub(MOST_PLACES.max(timed.len())));
    let missed = places
        .iter()
        .filter(|place| matches!(place, Place::Missed(_)))
        .count();

    let usual = usual(&page.data.snapshot.state, rows);
    let band = usual.and_then(|usual| usual.run);
    let longest = timed
        .iter()
        .map(|(_, seconds)| *seconds)
        .chain(band.map(|band| band.p90_seconds));
    let most = longest.fold(1.0, f64::max);
    let y = |seconds: f64| HEIGHT - (seconds / most * (HEIGHT - 4.0)).max(LEAST_HEIGHT);
    let step = WIDTH / places.len() as f64;
    let width = (step * 0.72).min(WIDEST);
    let bars = places.iter().enumerate().map(|(index, place)| {
        let x = step * index as f64 + (step - width) / 2.0;
        match place {
            Place::Run(run, seconds) => bar(page, run, *seconds, x, width, y(*seconds)),
            Place::Missed(day) => hollow(day, x, width),
            Place::Gap => ().into_any(),
        }
    });
    let bars = bars.collect_view();
    let day = |run: Option<&(&RunSummary, f64)>| {
        run.and_then(|(run, _)| began(run))
            .map(|at| crate::format::short_date(at, &page.data.zone))
    };
    let (oldest, newest) = (day(timed.first()), day(timed.last()));
    let band = band.map(|band| {
        let [low, median, high] = [band.p10_seconds, band.p50_seconds, band.p90_seconds].map(y);
        view! {
            <rect
                class="band"
                x="0"
                width=WIDTH.to_string()
                y=format!("{high:.1}")
                height=format!("{:.1}", (low - high).max(1.0))
            ></rect>
            <line
                class="median"
                x1="0"
                x2=WIDTH.to_string()
                y1=format!("{median:.1}")
                y2=format!("{median:.1}")
            ></line>
        }
        .into_any()
    });
    Some(
        view! {
            <div class="chart">
                <svg
                    class="bars"
                    viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                    preserveAspectRatio="none"
                    role="group"
                    aria-label=runs::CHART
                >
                    {band}
                    {bars}
                </svg>
                <p class="meta ends num" aria-hidden="true">
                    <span>{oldest}</span>
                    <span>{newest}</span>
                </p>
            </div>
            <p class="meta legend num">{words(timed.len() as u64, usual, missed)}</p>
        }
        .into_any(),
    )
}

fn began(run: &RunSummary) -> Option<Timestamp> {
    run.started_at.or(run.ended_at)
}

/// The runs among the days; just the runs where no days are given.
fn places<'a>(timed: &[(&'a RunSummary, f64)], days: &'a [TradingDay]) -> Vec<Place<'a>> {
    let mut runs = timed.iter().copied().peekable();
    let mut places = Vec::new();
    for (index, day) in days.iter().enumerate() {
        // Today is not over: nothing is missed yet.
        let Some(next) = days.get(index + 1).map(|next| next.from) else {
            break;
        };
        let before = places.len();
        while let Some((run, seconds)) =
            runs.next_if(|(run, _)| began(run).is_none_or(|at| at < next))
        {
            places.push(Place::Run(run, seconds));
        }
        if places.len() == before {
            places.push(if day.session {
                Place::Missed(day)
            } else {
                Place::Gap
            });
        }
    }
    places.extend(runs.map(|(run, seconds)| Place::Run(run, seconds)));
    places
}

fn bar(
    page: &PageContext,
    run: &RunSummary,
    seconds: f64,
    x: f64,
    width: f64,
    top: f64,
) -> AnyView {
    let began = began(run)
        .map(|at| moment(at, &page.data.zone))
        .unwrap_or_default();
    let label = format!("{began}: {}, {}", run.status.word(), duration(seconds));
    let title = label.clone();
    // What did not succeed has a cap as well as a colour.
    let unwell = !matches!(
        run.status,
        RunStatus::Succeeded | RunStatus::Running | RunStatus::Cancelling
    );
    let cap = unwell.then(|| {
        let (left, right) = (x, x + width);
        view! { <path class="cap" d=format!("M{left:.1} {top:.1}H{right:.1}")></path> }
    });
    view! {
        <a href=PATHS.run(&run.id) aria-label=label data-tone=of_run(Some(run.status)).1>
            <title>{title}</title>
            <rect
                x=format!("{x:.1}")
                y=format!("{top:.1}")
                width=format!("{width:.1}")
                height=format!("{:.1}", HEIGHT - top)
            ></rect>
            {cap}
        </a>
    }
    .into_any()
}

fn hollow(day: &TradingDay, x: f64, width: f64) -> AnyView {
    let label = format!("{}: no run on a trading day", day.date);
    let title = label.clone();
    view! {
        <g role="img" aria-label=title>
            <title>{label}</title>
            <rect
                class="missed"
                x=format!("{x:.1}")
                y=format!("{:.1}", HEIGHT - HOLLOW)
                width=format!("{width:.1}")
                height=format!("{:.1}", HOLLOW - 1.0)
            ></rect>
        </g>
    }
    .into_any()
}

/// What the bars are measured by: full runs, of the universes that most of the rows name.
pub(super) fn usual<'a>(state: &'a State, rows: &[RunSummary]) -> Option<&'a Baselines> {
    let mut counts: BTreeMap<&[String], usize> = BTreeMap::new();
    for row in rows.iter().filter(|row| !row.universes.is_empty()) {
        *counts.entry(&row.universes).or_default() += 1;
    }
    let most = counts
        .into_iter()
        .max_by_key(|(_, count)| *count)
        .map(|(universes, _)| universes);
    let default = || model::default_universes(state.schedule.as_ref(), state.run.as_ref());
    state.baseline_for_parameters(most.unwrap_or_else(default), &Phase::ALL, None)
}

pub(super) fn words(runs: u64, usual: Option<&Baselines>, missed: usize) -> String {
    let runs = plural(runs, "run", "runs");
    let took = format!("{runs}, oldest on the left. {}", usual_sentence(usual));
    match missed {
        0 => took,
        1 => format!("{took} The hollow bar is a trading day without a run."),
        n => format!("{took} The {n} hollow bars are trading days without a run."),
    }
}
