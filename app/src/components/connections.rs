//! The connections, one chip each: the stream to this page, and the relay's links to Redis and to
//! TickStockPL's API.

use crate::format::{clock_seconds, day_clock};
use crate::store::{Console, Freshness, use_console};
use crate::text::tonight;
use crate::ui::Disclosure;
use crate::ui::{Glyph, Icon};
use contract::frame::Gap;
use leptos::prelude::*;
use model::{LinkState, Links};

/// Gaps that are named; older ones are of no use to anybody.
const SHOWN_GAPS: usize = 3;

/// The state of the stream to this page.
#[component]
pub(crate) fn StreamChip() -> impl IntoView {
    let console = use_console();
    let state = move || match console.freshness.get() {
        Freshness::Live => "live",
        Freshness::Reconnecting => "reconnecting",
        Freshness::Stale => "stale",
    };
    let face = move || match console.freshness.get() {
        Freshness::Live => (Icon::Live, "Live"),
        Freshness::Reconnecting => (Icon::Running, "Reconnecting"),
        Freshness::Stale => (Icon::Pause, "Stale"),
    };
    let heard = Memo::new(move |_| {
        console
            .zone
            .with_value(|zone| clock_seconds(console.heard_at.get(), zone))
    });
    let detail = move || match console.freshness.get() {
        Freshness::Live => tonight::STREAM_LIVE,
        Freshness::Reconnecting => tonight::STREAM_RECONNECTING,
        Freshness::Stale => tonight::STREAM_STALE,
    };
    let summary = move || {
        view! {
            <Glyph icon=Signal::derive(move || face().0) />
            <span>{move || face().1}</span>
        }
    };
    view! {
        <Disclosure class="link" testid="stream" state=Signal::derive(state) summary=summary.into()>
            <p>{detail}</p>
            <p class="meta">"Last update " <span class="num">{heard}</span></p>
        </Disclosure>
    }
    .into_any()
}

/// One link of the relay's.
#[component]
pub(crate) fn ConnectionChip(
    /// Its name on the chip.
    name: &'static str,
    /// Its name in sentences.
    long_name: &'static str,
    /// Its purpose.
    purpose: &'static str,
    /// The hook for tests.
    testid: &'static str,
    /// Which of the links.
    of: fn(&Links) -> &LinkState,
    /// Lists gaps, in which events were lost.
    #[prop(optional)]
    gaps: bool,
) -> impl IntoView {
    let console = use_console();
    let link = Memo::new(move |_| console.links.with(|links| of(links).clone()));
    let state = move || link.with(key);
    // While the stream is unavailable the page knows only how it was.
    let stale = Memo::new(move |_| console.freshness.get() == Freshness::Stale);
    let face = move || match (state(), stale.get()) {
        ("up", false) => (Icon::Succeeded, "connected"),
        ("up", true) => (Icon::Unknown, "was connected"),
        ("down", false) => (Icon::Failed, "unavailable"),
        ("down", true) => (Icon::Unknown, "was unavailable"),
        _ => (Icon::Waiting, "not checked yet"),
    };
    let since = move || link.with(|link| since(link, console));
    let detail = move || link.with(|link| link.detail.clone());
    let summary = move || {
        view! {
            <Glyph icon=Signal::derive(move || face().0) />
            <span>{name} " " <span class="link-word">{move || face().1}</span></span>
        }
    };
    view! {
        <Disclosure class="link" testid=testid state=Signal::derive(state) summary=summary.into()>
            <p>{move || format!("{long_name}: {}{}.", face().1, since())}</p>
            <p class="reason">{detail}</p>
            <p class="meta">{purpose}</p>
            {gaps.then(|| view! { <Gaps /> })}
        </Disclosure>
    }
    .into_any()
}

/// The latest times in which events were missed, newest first.
#[component]
fn Gaps() -> impl IntoView {
    let console = use_console();
    let lines = move || {
        let at = |moment| console.zone.with_value(|zone| clock_seconds(moment, zone));
        let line = |gap: &Gap| {
            let mended = match (gap.status, gap.history) {
                (false, _) => tonight::GAP_OPEN,
                (true, false) => tonight::GAP_STATUS,
                (true, true) => tonight::GAP_CLOSED,
            };
            format!(
                "Events from {} to {} were missed. {mended}",
                at(gap.from),
                at(gap.to)
            )
        };
        let gaps = console.gaps.get();
        gaps.iter()
            .rev()
            .take(SHOWN_GAPS)
            .map(line)
            .map(|line| view! { <p class="meta">{line}</p> })
            .collect_view()
    };
    view! { <div data-testid="gaps">{lines}</div> }.into_any()
}

fn key(link: &LinkState) -> &'static str {
    match (link.since, link.up) {
        (None, _) => "unknown",
        (_, true) => "up",
        (_, false) => "down",
    }
}

fn since(link: &LinkState, console: Console) -> String {
    let Some(since) = link.since else {
        return String::new();
    };
    let now = console.now.get_untracked();
    console
        .zone
        .with_value(|zone| format!(" since {}", day_clock(since, now, zone)))
}
