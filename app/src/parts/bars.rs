//! Runs as bars: height is duration, colour is what became of them, behind them the median and the band of nine in ten. In words
//! beside it; the table below is its twin.

use super::Room;
use crate::components::of_run;
use crate::format::run_address;
use crate::format::{duration, moment, status_word};
use crate::ports::RunRow;
use leptos::prelude::*;
use model::RunStatus;

/// Fewer bars are no picture.
const LEAST: usize = 3;
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 96.0;
/// Of a bar at most, so that few runs do not make a wall.
const WIDEST: f64 = 28.0;

/// The picture and its words; nothing where there are too few runs with a duration.
pub(super) fn chart(room: &Room, rows: &[RunRow]) -> Option<AnyView> {
    let timed: Vec<_> = rows.iter().filter_map(|row| Some((&row.summary, row.summary.seconds()?))).collect();
    if timed.len() < LEAST {
        return None;
    }
    let good = |status| matches!(status, RunStatus::Succeeded | RunStatus::SucceededWithWarnings);
    let mut took: Vec<f64> = timed.iter().filter(|(run, _)| good(run.status)).map(|(_, seconds)| *seconds).collect();
    took.sort_by(f64::total_cmp);
    let most = timed.iter().map(|(_, seconds)| *seconds).fold(1.0, f64::max);
    let y = |seconds: f64| HEIGHT - (seconds / most * (HEIGHT - 4.0)).max(2.0);
    let at = |share: f64| took.get(((took.len().saturating_sub(1)) as f64 * share).round() as usize).copied();
    let usual = at(0.1).zip(at(0.5)).zip(at(0.9)).map(|((low, median), high)| (low, median, high));
    let step = WIDTH / timed.len() as f64;
    let width = (step * 0.72).min(WIDEST);
    // Oldest on the left.
    let bars = timed.iter().rev().enumerate().map(|(index, (run, seconds))| {
        let began = run.started_at.or(run.ended_at).map(|at| moment(at, &room.data.zone)).unwrap_or_default();
        let label = format!("{began}: {}, {}", status_word(run.status), duration(*seconds));
        let (top, title) = (y(*seconds), label.clone());
        view! {
            <a href=run_address(&run.id) aria-label=label.clone()>
                <title>{title}</title>
                <rect
                    data-tone=of_run(Some(run.status)).1
                    x=format!("{:.1}", step * index as f64 + (step - width) / 2.0)
                    y=format!("{top:.1}")
                    width=format!("{width:.1}")
                    height=format!("{:.1}", HEIGHT - top)
                ></rect>
            </a>
        }
        .into_any()
    });
    let bars = bars.collect_view();
    let band = usual.map(|(low, median, high)| {
        view! {
            <rect class="band" x="0" width=WIDTH.to_string() y=format!("{:.1}", y(high)) height=format!("{:.1}", (y(low) - y(high)).max(1.0))></rect>
            <line class="median" x1="0" x2=WIDTH.to_string() y1=format!("{:.1}", y(median)) y2=format!("{:.1}", y(median))></line>
        }
        .into_any()
    });
    let words = match usual {
        Some((low, median, high)) => format!(
            "{} runs, oldest on the left. Those that succeeded took {} in the middle, eight in ten of them {} to {}.",
            timed.len(),
            duration(median),
            duration(low),
            duration(high)
        ),
        None => format!("{} runs, oldest on the left; none of them succeeded.", timed.len()),
    };
    Some(
        view! {
            <div class="chart">
                <svg class="bars" viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" role="group" aria-label="Durations of these runs">
                    {band}
                    {bars}
                </svg>
            </div>
            <p class="meta legend num">{words}</p>
        }
        .into_any(),
    )
}
