//! The row above the run: the exchange's clock, and beside it what the page cannot see just now. It
//! has its place at any time, so nothing moves when something goes away.

use crate::format::{clock_seconds, date, day_clock};
use crate::store::{Console, Freshness, use_console};
use crate::text::tonight;
use crate::ui::Disclosure;
use crate::ui::{Glyph, Icon};
use leptos::prelude::*;
use model::Links;

/// Clock and notice.
#[component]
pub(crate) fn FreshnessRow() -> impl IntoView {
    let console = use_console();
    let notice = Memo::new(move |_| Notice::now(console));
    let day = Memo::new(move |_| {
        console
            .zone
            .with_value(|zone| date(console.now.get(), zone))
    });
    let time = move || {
        console
            .zone
            .with_value(|zone| clock_seconds(console.now.get(), zone))
    };
    view! {
        <div class="freshness" class:with-notice=move || notice.with(Option::is_some)>
            <p class="clock num">
                <span>{day}</span>
                " "
                <span>{time}</span>
            </p>
            {move || notice.get().map(|notice| view! { <NoticeBar notice /> })}
        </div>
    }
    .into_any()
}

/// A notice about missing data, and what is shown instead.
#[derive(Clone, PartialEq)]
struct Notice {
    text: String,
    why: Vec<String>,
    stale: bool,
}

impl Notice {
    fn now(console: Console) -> Option<Notice> {
        if console.freshness.get() == Freshness::Stale {
            let heard = console
                .zone
                .with_value(|zone| clock_seconds(console.heard_at.get(), zone));
            let text = format!("Live updates paused. Showing data from {heard}.");
            return Some(Notice {
                text,
                why: Vec::new(),
                stale: true,
            });
        }
        console
            .links
            .with(|links| Notice::of_links(links, console))
            .or_else(|| Notice::of_restored(console))
    }

    /// After a restart: what is shown is what the database held, until TickStockPL says how it is
    /// now.
    fn of_restored(console: Console) -> Option<Notice> {
        let (at, now) = (console.restored_at.get()?, console.now.get_untracked());
        let at = console.zone.with_value(|zone| day_clock(at, now, zone));
        let text = format!(
            "Showing data restored from the database, as of {at}. TickStockPL has not confirmed it yet."
        );
        let why = tonight::CONSOLE_RESTARTED;
        Some(Notice {
            text,
            why: vec![why.to_owned()],
            stale: false,
        })
    }

    fn of_links(links: &Links, console: Console) -> Option<Notice> {
        let now = console.now.get_untracked();
        let since = |at| console.zone.with_value(|zone| day_clock(at, now, zone));
        let away = |link: &model::LinkState| link.since.filter(|_| !link.up);
        let why = |name: &str, link: &model::LinkState| {
            format!(
                "{name}: {}",
                link.detail.as_deref().unwrap_or(tonight::NO_REASON)
            )
        };
        let (text, why) = match (away(&links.redis), away(&links.api)) {
            (None, None) => return None,
            (Some(redis), Some(api)) => (
                format!(
                    "Redis and the TickStockPL API unavailable since {}. Showing the last known state.",
                    since(redis.max(api))
                ),
                vec![why("Redis", &links.redis), why("API", &links.api)],
            ),
            (Some(at), None) => (
                format!(
                    "Redis unavailable since {}. Showing status polled from the API.",
                    since(at)
                ),
                vec![
                    why("Redis", &links.redis),
                    tonight::WITHOUT_REDIS.to_owned(),
                ],
            ),
            (None, Some(at)) => (
                format!(
                    "TickStockPL API unavailable since {}. Showing state from events.",
                    since(at)
                ),
                vec![why("API", &links.api), tonight::WITHOUT_API.to_owned()],
            ),
        };
        Some(Notice {
            text,
            why,
            stale: false,
        })
    }
}

#[component]
fn NoticeBar(notice: Notice) -> impl IntoView {
    let console = use_console();
    let action = if notice.stale {
        let retry = move |_| console.retry.update(|n| *n += 1);
        view! {
            <button type="button" class="small-button" on:click=retry>
                "Retry now"
            </button>
        }
        .into_any()
    } else {
        let why = notice.why;
        view! {
            <Disclosure class="why" summary=(|| "Details").into()>
                {why.into_iter().map(|line| view! { <p>{line}</p> }).collect_view()}
            </Disclosure>
        }
        .into_any()
    };
    view! {
        <div class="notice" data-testid="freshness-bar">
            <Glyph icon=Icon::Warning />
            <p>{notice.text}</p>
            {action}
        </div>
    }
    .into_any()
}
