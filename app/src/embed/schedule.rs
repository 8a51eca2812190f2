//! When runs start by themselves: the next one, what TickStockPL said, and the days ahead.

use super::{EmbedContext, EmbedSections, EmbedView, html, step};
use crate::format::{clock, day_clock, from_now, short_date};
use crate::ports::PreviewDay;
use crate::text::{embed, schedule, tonight};
use crate::ui::{Icon, glyph};
use leptos::prelude::*;
use model::Schedule;

/// The view. `days` are those ahead, as the relay's calendar has them.
pub fn schedule(
    context: EmbedContext<'_>,
    days: &[PreviewDay],
    sections: EmbedSections,
) -> EmbedView {
    let (now, zone) = (step(context.now), context.zone);
    let known = context.state.schedule.as_ref();
    let (icon, tone, word, key) = match known.and_then(|schedule| schedule.enabled) {
        Some(true) => (Icon::Succeeded, "good", "On", "on"),
        Some(false) => (Icon::Cancelled, "neutral", "Off", "off"),
        None => (Icon::Unknown, "quiet", "Unknown", "unknown"),
    };
    let next = known
        .and_then(|schedule| schedule.next_run)
        .filter(|at| *at > now);
    let headline = match (key, next) {
        ("off", _) => embed::SCHEDULE_OFF.to_owned(),
        (_, Some(at)) => format!(
            "Next run {}, {}.",
            day_clock(at, now, zone),
            from_now(at, now)
        ),
        ("on", None) => embed::NO_NEXT_RUN.to_owned(),
        _ => tonight::NO_SCHEDULE.to_owned(),
    };
    let sentence = headline.clone();
    let html = html(|| {
        let head = sections.has("next").then(|| {
            view! {
                <header class="head">
                    <span class="chip" data-tone=tone>
                        {glyph(icon)}
                        <span>{word}</span>
                    </span>
                    <p class="run-origin">"Schedule"</p>
                </header>
                <p class="headline num">{headline}</p>
            }
            .into_any()
        });
        let settings = known.filter(|_| sections.has("settings")).map(settings);
        let ahead = (sections.has("ahead") && !days.is_empty()).then(|| ahead(context, days));
        view! {
            <section class="view" data-view="schedule" data-state=key>
                {head}
                {settings}
                {ahead}
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

fn settings(schedule: &Schedule) -> AnyView {
    let starts = schedule
        .trigger_time
        .clone()
        .map(|time| match &schedule.timezone {
            Some(zone) => format!("{time} {zone}"),
            None => time,
        });
    let check = schedule.market_check.map(|on| {
        if on {
            embed::TRADING_DAYS_ONLY
        } else {
            embed::EVERY_DAY
        }
        .to_owned()
    });
    let universes = Some(schedule.universes.join(", ")).filter(|text| !text.is_empty());
    let pairs = [
        ("Start time", starts),
        ("Market check", check),
        ("Universes", universes),
    ];
    let pairs = pairs
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    let pairs = pairs.map(|(name, value)| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd class="num">{value}</dd>
            </div>
        }
        .into_any()
    });
    view! { <dl class="facts">{pairs.collect_view()}</dl> }.into_any()
}

fn ahead(context: EmbedContext<'_>, days: &[PreviewDay]) -> AnyView {
    let days = days.iter().map(|day| {
        let (icon, tone) = if day.runs {
            (Icon::Succeeded, "good")
        } else {
            (Icon::Skipped, "quiet")
        };
        let headline = if day.notes.is_empty() && !day.runs {
            "no run".to_owned()
        } else {
            day.notes.join(", ")
        };
        view! {
            <li data-tone=tone>
                {glyph(icon)}
                <span>
                    {format!(
                        "{}, {}",
                        short_date(day.at, context.zone),
                        clock(day.at, context.zone),
                    )}
                </span> <span class="meta">{headline}</span>
            </li>
        }
        .into_any()
    });
    view! {
        <ol class="upcoming num" aria-label=schedule::UPCOMING>
            {days.collect_view()}
        </ol>
    }
    .into_any()
}
