//! The event list, newest first.

use crate::format::{clock_seconds, plural, short_id};
use crate::paths::PATHS;
use crate::store::use_console;
use crate::text::tonight;
use crate::ui::{EVENTS, FIRST_ROWS, ListPause, throttle};
use crate::ui::{Icon, glyph};
use crate::ui::{LiveList, matches_filter};
use contract::Channel;
use leptos::prelude::*;
use model::LogEntry;

/// The list.
#[component]
pub(crate) fn Events() -> impl IntoView {
    let console = use_console();
    let pause = ListPause::new();
    let log = throttle(console.log, EVENTS);
    let shown = pause.shown(move || log.get());
    let last =
        |log: &std::collections::VecDeque<LogEntry>| log.back().map_or(0, |entry| entry.number);
    let newer = Memo::new(move |_| {
        log.with(last)
            .saturating_sub(shown.with(|(_, log)| last(log)))
    });
    let total = Signal::derive(move || match log.with(|log| log.len() as u64) {
        0 => String::new(),
        n => format!("latest {}", plural(n, "event", "events")),
    });
    // By place, not by key: rows stay where they are and their texts change, so nothing on the page
    // shifts.
    let filter = RwSignal::new(String::new());
    let all = RwSignal::new(false);
    let most = move || if all.get() { usize::MAX } else { FIRST_ROWS };
    let fitting = move |entry: &&LogEntry| {
        let run = entry.run_id.as_ref().map_or("", contract::RunId::as_str);
        filter.with(|filter| {
            matches_filter(
                filter,
                &[&entry.name, entry.channel.wire_name(), &entry.summary, run],
            )
        })
    };
    // A line of progress is told again in its old place of the list: by time it stands where it
    // belongs.
    let rows = move || {
        let mut rows = shown.with(|(_, log)| {
            log.iter()
                .rev()
                .filter(fitting)
                .cloned()
                .collect::<Vec<_>>()
        });
        rows.sort_by_key(|entry| std::cmp::Reverse(entry.at));
        rows.into_iter().take(most()).map(row).collect_view()
    };
    let known = Signal::derive(move || shown.with(|(_, log)| log.iter().filter(fitting).count()));
    let none = move || shown.with(|(_, log)| !log.iter().any(|entry| fitting(&entry)));
    view! {
        <LiveList title="Events" total newer pause filter file="events" all rows=known>
            <ol class="rows" data-testid="event-list">
                {rows}
            </ol>
            <Show when=none>
                <p class="empty">
                    {move || {
                        if shown.with(|(_, log)| log.is_empty()) {
                            tonight::NO_EVENTS
                        } else {
                            tonight::NO_MATCHING_EVENTS
                        }
                    }}
                </p>
            </Show>
        </LiveList>
    }
    .into_any()
}

fn row(entry: LogEntry) -> impl IntoView {
    let console = use_console();
    let at = console
        .zone
        .with_value(|zone| clock_seconds(entry.at, zone));
    let channel = entry.channel.wire_name();
    let short = channel.strip_prefix("tickstock:").unwrap_or(channel);
    let run = entry
        .run_id
        .as_ref()
        .map(|id| view! { <code title=id.to_string()>{short_id(id)}</code> });
    let raw_label = format!("Raw message of {at}");
    let tone = if entry.channel == Channel::Errors {
        "bad"
    } else {
        "quiet"
    };
    let name = if entry.name.is_empty() {
        tonight::UNNAMED_EVENT.to_owned()
    } else {
        entry.name.clone()
    };
    view! {
        <li class="event" data-event=entry.name data-channel=channel data-tone=tone>
            {glyph(icon(entry.channel))}
            <time class="num" datetime=entry.at.to_string()>
                {at}
            </time>
            <span class="event-name">
                <span class="truncate">{name}</span>
                {(!entry.known).then(|| view! { <span class="tag">"unknown"</span> })}
            </span>
            <span class="event-channel">{short}</span>
            <span class="event-summary num">{entry.summary}</span>
            <span class="event-run">
                {run}
                <a class="raw" rel="external" href=PATHS.event(entry.number) aria-label=raw_label>
                    "raw"
                </a>
            </span>
        </li>
    }
    .into_any()
}

fn icon(channel: Channel) -> Icon {
    let family = channel.wire_name().split(':').nth(1).unwrap_or_default();
    match family {
        "import" | "data" => Icon::Import,
        "cache" | "universe" => Icon::Cache,
        "indicators" => Icon::Indicators,
        "patterns" => Icon::Patterns,
        "errors" => Icon::Failed,
        "monitoring" => Icon::Pulse,
        _ if channel == Channel::ProcessingSchedule => Icon::Clock,
        _ => Icon::Play,
    }
}
