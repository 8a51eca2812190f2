//! Throughput of the run: symbols per second from its start to now, as a line and in words.

use super::as_of::as_of;
use crate::format::{NBSP, count, decimal};
use crate::store::use_console;
use crate::text::tonight;
use leptos::prelude::*;

const WIDTH: u32 = 240;
const HEIGHT: u32 = 28;

/// The line and its words. Its place is there at any time.
#[component]
pub(crate) fn Throughput() -> impl IntoView {
    let console = use_console();
    let speeds = Memo::new(move |_| {
        console.run.with(|run| {
            let Some(run) = run else { return Vec::new() };
            let until = run.ended_at.unwrap_or_else(|| as_of(console));
            run.throughput.per_second(until)
        })
    });
    let active = Memo::new(move |_| {
        console
            .run
            .with(|run| run.as_ref().is_some_and(model::Run::is_active))
    });
    let words = Memo::new(move |_| speeds.with(|speeds| words(speeds, active.get())));
    let known = Memo::new(move |_| console.run.with(Option::is_some));
    view! {
        <div class="throughput" role="img" aria-label=words title=words data-testid="throughput">
            <svg
                viewBox=format!("0 0 {WIDTH} {HEIGHT}")
                preserveAspectRatio="none"
                aria-hidden="true"
            >
                <path class="area" d=move || speeds.with(|speeds| area(speeds))></path>
                <path class="line" d=move || speeds.with(|speeds| line(speeds))></path>
            </svg>
            <span class="meta num" aria-hidden="true">
                {move || if known.get() { words.get() } else { String::new() }}
            </span>
        </div>
    }
    .into_any()
}

fn words(speeds: &[f64], active: bool) -> String {
    let Some(last) = speeds.last() else {
        return tonight::NO_THROUGHPUT.to_owned();
    };
    let most = speeds.iter().copied().fold(0.0, f64::max);
    let figure = |speed: f64| {
        if speed < 10.0 {
            decimal(speed, 1)
        } else {
            count(speed.round() as u64)
        }
    };
    if active {
        format!(
            "{}{NBSP}symbols/s now, peak {}",
            figure(*last),
            figure(most)
        )
    } else {
        let mean = speeds.iter().sum::<f64>() / speeds.len() as f64;
        format!(
            "{}{NBSP}symbols/s on average, peak {}",
            figure(mean),
            figure(most)
        )
    }
}

fn line(speeds: &[f64]) -> String {
    let most = speeds
        .iter()
        .copied()
        .fold(0.0, f64::max)
        .max(f64::MIN_POSITIVE);
    let step = f64::from(WIDTH) / speeds.len().saturating_sub(1).max(1) as f64;
    let height = f64::from(HEIGHT);
    let mut path = String::new();
    for (index, speed) in speeds.iter().enumerate() {
        let (x, y) = (
            index as f64 * step,
            height - 1.0 - speed / most * (height - 3.0),
        );
        path.push(if index == 0 { 'M' } else { 'L' });
        path.push_str(&format!("{} {}", x.round() as u32, y.round() as u32));
    }
    path
}

fn area(speeds: &[f64]) -> String {
    if speeds.len() < 2 {
        String::new()
    } else {
        format!("{}V{HEIGHT}H0Z", line(speeds))
    }
}
