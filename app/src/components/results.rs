//! Calculated indicators, newest first.

use crate::format::{NBSP, clock_seconds, plural, scalar};
use crate::store::use_console;
use crate::text::tonight;
use crate::ui::{FIRST_ROWS, ListPause, RESULTS, throttle};
use crate::ui::{LiveList, matches_filter};
use leptos::prelude::*;
use model::IndicatorRow;

/// The list.
#[component]
pub(crate) fn Results() -> impl IntoView {
    let console = use_console();
    let feeds = throttle(console.feeds, RESULTS);
    let pause = ListPause::new();
    let shown =
        pause.shown(move || feeds.with(|feeds| (feeds.indicators_seen, feeds.indicators.clone())));
    let seen = Memo::new(move |_| feeds.with(|feeds| feeds.indicators_seen));
    let newer = Memo::new(move |_| {
        seen.get()
            .saturating_sub(shown.with(|(_, (seen, _))| *seen))
    });
    let total = Signal::derive(move || match seen.get() {
        0 => String::new(),
        n => plural(n, "result", "results"),
    });
    // By place, not by key: rows stay where they are and their texts change, so nothing on the page
    // shifts.
    let filter = RwSignal::new(String::new());
    let all = RwSignal::new(false);
    let most = move || if all.get() { usize::MAX } else { FIRST_ROWS };
    let fitting = move |row: &&IndicatorRow| {
        let result = &row.result;
        let symbol = result.symbol.as_ref().map_or("", contract::Symbol::as_str);
        filter.with(|filter| {
            matches_filter(
                filter,
                &[
                    symbol,
                    &result.indicator,
                    result.timeframe.as_deref().unwrap_or_default(),
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
            title="Calculated indicators"
            total
            newer
            pause
            filter
            file="indicators"
            all
            rows=known
        >
            <ol class="rows">{rows}</ol>
            <Show when=none>
                <p class="empty">
                    {move || {
                        if seen.get() == 0 {
                            tonight::NO_INDICATORS
                        } else {
                            tonight::NO_MATCHING_INDICATORS
                        }
                    }}
                </p>
            </Show>
        </LiveList>
    }
    .into_any()
}

fn row(row: IndicatorRow) -> impl IntoView {
    let console = use_console();
    let at = console.zone.with_value(|zone| clock_seconds(row.at, zone));
    let result = row.result;
    // One value alone is the figure; several stand in a line of their own.
    let (figure, values) = match result.values.as_slice() {
        [(_, value)] => (scalar(value), String::new()),
        values => {
            let named = values
                .iter()
                .map(|(name, value)| format!("{}{NBSP}{}", name.replace('_', " "), scalar(value)));
            (String::new(), named.collect::<Vec<_>>().join(" · "))
        }
    };
    let frame = result
        .timeframe
        .into_iter()
        .chain(result.streaming.then(|| "intraday stream".to_owned()));
    view! {
        <li class="result">
            <b>{result.symbol.map_or_else(|| "–".to_owned(), |symbol| symbol.to_string())}</b>
            <span class="result-name">
                {result.indicator}
                <span class="meta">{frame.collect::<Vec<_>>().join(" · ")}</span>
            </span>
            <span class="result-figure num">{figure}</span>
            <span class="meta result-more num">{values}</span>
            <time class="meta num" datetime=row.at.to_string()>
                {at}
            </time>
        </li>
    }
    .into_any()
}
