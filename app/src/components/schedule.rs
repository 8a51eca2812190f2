//! When runs start by themselves, as far as TickStockPL said.

use crate::format::{day_clock, from_now};
use crate::paths::PATHS;
use crate::store::use_console;
use crate::text::tonight;
use crate::ui::FragmentSlot;
use crate::ui::{Glyph, Icon};
use leptos::prelude::*;
use model::Schedule;

const UNKNOWN: &str = "Not reported";

/// The card.
#[component]
pub(crate) fn ScheduleCard() -> impl IntoView {
    let console = use_console();
    // The version of the schedule, as a number: the days ahead are others when it is another.
    let again = Memo::new(move |_| {
        console
            .schedule
            .with(|schedule| schedule.as_ref().map_or(0, |s| s.known_at.0 as u64))
    });
    let known = move || console.schedule.with(Option::is_some);
    let of = move |figure: fn(&Schedule) -> Option<String>| {
        Memo::new(move |_| {
            let figure = console
                .schedule
                .with(|schedule| schedule.as_ref().and_then(figure));
            figure.unwrap_or_else(|| UNKNOWN.to_owned())
        })
    };
    let switch = move || match console
        .schedule
        .with(|schedule| schedule.as_ref().and_then(|s| s.enabled))
    {
        Some(true) => (Icon::Succeeded, "good", "On"),
        Some(false) => (Icon::Cancelled, "neutral", "Off"),
        None => (Icon::Unknown, "quiet", "Unknown"),
    };
    let next = move || {
        let now = console.now.get();
        let at = console
            .schedule
            .with(|schedule| schedule.as_ref().and_then(|s| s.next_run));
        match at {
            Some(at) if at > now => console
                .zone
                .with_value(|zone| format!("{}, {}", day_clock(at, now, zone), from_now(at, now))),
            // What was to come has come; TickStockPL has not yet named another.
            _ => UNKNOWN.to_owned(),
        }
    };
    let as_of = move || {
        let at = console
            .schedule
            .with(|schedule| schedule.as_ref().map(|s| s.known_at));
        let now = console.now.get_untracked();
        at.map(|at| {
            console.zone.with_value(|zone| {
                format!(
                    "Reported by TickStockPL, unchanged since {}.",
                    day_clock(at, now, zone)
                )
            })
        })
    };
    let trigger = of(|s| {
        let time = s.trigger_time.as_deref()?;
        Some(
            s.timezone
                .as_deref()
                .map_or_else(|| time.to_owned(), |zone| format!("{time} {zone}")),
        )
    });
    let market = of(|s| {
        s.market_check.map(|on| {
            if on {
                tonight::TRADING_DAYS_ONLY
            } else {
                tonight::EVERY_DAY
            }
            .to_owned()
        })
    });
    let universes = of(|s| Some(s.universes.join(", ")).filter(|text| !text.is_empty()));
    view! {
        <section class="card schedule" aria-labelledby="schedule-title">
            <header class="card-head">
                <h2 id="schedule-title">"Schedule"</h2>
                <a class="small-button" href=PATHS.page("schedule")>
                    "Edit schedule"
                </a>
                <span class="chip small" data-tone=move || switch().1>
                    <Glyph icon=Signal::derive(move || switch().0) />
                    {move || switch().2}
                </span>
            </header>
            <div class="card-scroll" tabindex="0" role="region" aria-label=tonight::SCHEDULE_REGION>
                <Show
                    when=known
                    fallback=|| {
                        view! { <p class="empty">{tonight::NO_SCHEDULE}</p> }
                    }
                >
                    <dl class="pairs num">
                        <dt>"Next run"</dt>
                        <dd>{next}</dd>
                        <dt>"Start time"</dt>
                        <dd>{trigger}</dd>
                        <dt>"Market check"</dt>
                        <dd>{market}</dd>
                        <dt>"Universes"</dt>
                        <dd>{universes}</dd>
                    </dl>
                    <p class="meta foot">{as_of}</p>
                </Show>
                <FragmentSlot name="ahead" again=again />
            </div>
        </section>
    }
    .into_any()
}
