//! Detected patterns, newest first.

use crate::format::{NBSP, clock_seconds, decimal, percent, plural, scalar};
use crate::store::use_console;
use crate::text::tonight;
use crate::ui::{FIRST_ROWS, ListPause, RESULTS, throttle};
use crate::ui::{LiveList, matches_filter};
use leptos::prelude::*;
use model::PatternRow;

/// The list.
#[component]
pub(crate) fn Detections() -> impl IntoView {
    let console = use_console();
    let feeds = throttle(console.feeds, RESULTS);
    let pause = ListPause::new();
    let shown =
        pause.shown(move || feeds.with(|feeds| (feeds.patterns_seen, feeds.patterns.clone())));
    let seen = Memo::new(move |_| feeds.with(|feeds| feeds.patterns_seen));
    let newer = Memo::new(move |_| {
        seen.get()
            .saturating_sub(shown.with(|(_, (seen, _))| *seen))
    });
    let total = Signal::derive(move || match seen.get() {
        0 => String::new(),
        n => plural(n, "detection", "detections"),
    });
    // By place, not by key: rows stay where they are and their texts change, so nothing on the page
    // shifts.
    let filter = RwSignal::new(String::new());
    let all = RwSignal::new(false);
    let most = move || if all.get() { usize::MAX } else { FIRST_ROWS };
    let fitting = move |row: &&PatternRow| {
        let found = &row.detection;
        let symbol = found.symbol.as_ref().map_or("", contract::Symbol::as_str);
        filter.with(|filter| {
            matches_filter(
                filter,
                &[
                    symbol,
                    &found.pattern,
                    found.timeframe.as_deref().unwrap_or_default(),
                ],
            )
        })
    };
    let rows = move || {
        shown.with(|(_, (_, rows))| {
            rows.iter()
                .rev()
                .filter(fitting)
                .take(most())
                .cloned()
                .map(row)
                .collect_view()
        })
    };
    let known =
        Signal::derive(move || shown.with(|(_, (_, rows))| rows.iter().filter(fitting).count()));
    let none = move || shown.with(|(_, (_, rows))| !rows.iter().any(|row| fitting(&row)));
    view! {
        <LiveList
            title="Detected patterns"
            total
            newer
            pause
            filter
            file="detections"
            all
            rows=known
        >
            <ol class="rows">{rows}</ol>
            <Show when=none>
                <p class="empty">
                    {move || {
                        if seen.get() == 0 {
                            tonight::NO_PATTERNS
                        } else {
                            tonight::NO_MATCHING_PATTERNS
                        }
                    }}
                </p>
            </Show>
        </LiveList>
    }
    .into_any()
}

fn row(row: PatternRow) -> impl IntoView {
    let console = use_console();
    let at = console.zone.with_value(|zone| clock_seconds(row.at, zone));
    let found = row.detection;
    let levels = found
        .levels
        .iter()
        .map(|(kind, price)| format!("{kind}{NBSP}{}", decimal(*price, 2)));
    let data = found
        .data
        .iter()
        .map(|(name, value)| format!("{}{NBSP}{}", name.replace('_', " "), scalar(value)));
    let more = levels.chain(data).collect::<Vec<_>>().join(" · ");
    let frame = found
        .timeframe
        .into_iter()
        .chain(row.streaming.then(|| "intraday stream".to_owned()));
    view! {
        <li class="result">
            <b>{found.symbol.map_or_else(|| "–".to_owned(), |symbol| symbol.to_string())}</b>
            <span class="result-name">
                {found.pattern} <span class="meta">{frame.collect::<Vec<_>>().join(" · ")}</span>
            </span>
            <span class="result-figure num">{found.confidence.map(|c| percent(c * 100.0))}</span>
            <span class="meta result-more num">{more}</span>
            <time class="meta num" datetime=row.at.to_string()>
                {at}
            </time>
        </li>
    }
    .into_any()
}
