//! The schedule: as TickStockPL keeps it, the days ahead under it, and the form that changes it.

use super::form::{check, text};
use super::lists::{head, time};
use super::{Room, part};
use crate::components::{Icon, glyph};
use crate::format::{date, day_clock, from_now, short_date};
use crate::part::Part;
use crate::ports::{ErrorCode, Market, PlanAsked, PreviewDay};
use leptos::prelude::*;
use model::Schedule;

/// The exchange's own zone, for a schedule whose zone was not said.
const EXCHANGE: &str = "America/New_York";

/// The page.
pub(super) fn page(room: &Room) -> Part {
    let schedule = room.data.snapshot.state.schedule.as_ref();
    let view = view! {
        {head(
            "Schedule",
            "When TickStockPL starts runs by itself. It keeps the schedule; the console shows and changes it.",
        )}
        {room.backend.market().map(|market| market_line(room, &market))}
        <div class="halves">{present(room, schedule)} {edit(room, schedule)}</div>
        {days(room, schedule)}
    };
    part("Schedule", view)
}

/// For tonight's page: the market, and the next days in short.
pub(super) fn ahead(room: &Room) -> AnyView {
    let schedule = room.data.snapshot.state.schedule.clone();
    let days = schedule.and_then(|schedule| {
        let plan = PlanAsked {
            enabled: schedule.enabled.unwrap_or(true),
            time: schedule.trigger_time?,
            zone: schedule.timezone,
            market_check: schedule.market_check.unwrap_or(true),
        };
        room.backend.preview(plan).ok()
    });
    let days = days.into_iter().flatten().map(|day| {
        let icon = glyph(if day.runs {
            Icon::Succeeded
        } else {
            Icon::Skipped
        });
        let tone = if day.runs { "good" } else { "quiet" };
        let when = format!(
            "{}, {}",
            short_date(day.at, &room.data.zone),
            crate::format::clock(day.at, &room.data.zone)
        );
        view! {
            <li data-tone=tone>
                {icon} <span>{when}</span> <span class="meta">{day.notes.join(", ")}</span>
            </li>
        }
        .into_any()
    });
    view! {
        {room.backend.market().map(|market| market_line(room, &market))}
        <ol class="ahead num" aria-label="The days ahead">
            {days.collect_view()}
        </ol>
    }
    .into_any()
}

/// What the exchange is doing, and until when. The page asks again by itself when that is over.
fn market_line(room: &Room, market: &Market) -> AnyView {
    let (now, zone) = (room.data.snapshot.at, &room.data.zone);
    let (icon, tone, word) = match market.phase.as_str() {
        "open" => (Icon::Live, "good", "Market open"),
        "before_hours" => (Icon::Clock, "neutral", "Before hours"),
        "after_hours" => (Icon::Clock, "neutral", "After hours"),
        _ => (Icon::Moon, "quiet", "Market closed"),
    };
    let (what, at) = if market.is_open {
        ("Closes", market.next_close)
    } else {
        ("Opens", market.next_open)
    };
    let next = format!(
        "{what} {}, {}.",
        day_clock(at, now, zone),
        from_now(at, now)
    );
    view! {
        <p class="market num" data-testid="market" data-until=at.0.to_string()>
            <span class="chip" data-tone=tone>
                {glyph(icon)}
                {word}
            </span>
            <span>{market.why.clone()}</span>
            <span class="meta">{next}</span>
        </p>
    }
    .into_any()
}

fn present(room: &Room, schedule: Option<&Schedule>) -> AnyView {
    let Some(schedule) = schedule else {
        return view! {
            <section class="card" aria-labelledby="present-title">
                <header class="card-head">
                    <h2 id="present-title">"As it is"</h2>
                </header>
                <p class="empty">
                    "TickStockPL has not said when runs start. It is asked again as soon as its API answers."
                </p>
            </section>
        }
        .into_any();
    };
    let (now, zone) = (room.data.snapshot.at, &room.data.zone);
    let not_said = || "Not said".to_owned();
    let on = match schedule.enabled {
        Some(true) => "On",
        Some(false) => "Off: no run starts by itself",
        None => "Not said",
    };
    let check = match schedule.market_check {
        Some(true) => "On: only days with a session",
        Some(false) => "Off: any day",
        None => "Not said",
    };
    let starts = schedule.trigger_time.clone().map(|time| {
        let zone = schedule
            .timezone
            .clone()
            .unwrap_or_else(|| format!("{EXCHANGE}, as documented: TickStockPL named no zone"));
        format!("{time} {zone}")
    });
    let next = schedule
        .next_run
        .filter(|at| *at > now)
        .map(|at| format!("{}, {}", day_clock(at, now, zone), from_now(at, now)));
    let universes = Some(schedule.universes.join(", ")).filter(|text| !text.is_empty());
    let pairs = [
        ("Runs by itself", on.to_owned()),
        ("Next run", next.unwrap_or_else(not_said)),
        ("Starts at", starts.unwrap_or_else(not_said)),
        ("Market check", check.to_owned()),
        ("Universes", universes.unwrap_or_else(not_said)),
    ];
    let pairs = pairs.map(|(name, value)| {
        view! {
            <dt>{name}</dt>
            <dd>{value}</dd>
        }
        .into_any()
    });
    view! {
        <section class="card" aria-labelledby="present-title" data-testid="schedule">
            <header class="card-head">
                <h2 id="present-title">"As it is"</h2>
            </header>
            <dl class="pairs num">{pairs}</dl>
            <p class="meta foot">
                "As TickStockPL said it, unchanged since " {time(room, schedule.known_at)} "."
            </p>
        </section>
    }
    .into_any()
}

/// The form. Its preview is of what is typed, once that was looked at; what is saved is compared
/// with the version that was seen.
fn edit(room: &Room, schedule: Option<&Schedule>) -> AnyView {
    let (wrong, asked) = (room.asked.error(), &room.asked);
    let changed = wrong
        .as_ref()
        .is_some_and(|error| error.code == ErrorCode::Changed);
    let present = schedule.cloned().unwrap_or_default();
    let is_wrong = wrong
        .as_ref()
        .is_some_and(|error| error.field.as_deref() == Some("trigger_time"));
    let trigger_time = asked
        .text("trigger_time")
        .or_else(|| present.trigger_time.clone());
    let zone = present
        .timezone
        .clone()
        .unwrap_or_else(|| EXCHANGE.to_owned());
    let version = schedule.map(Schedule::version);
    let universes = asked
        .text("universes")
        .unwrap_or_else(|| present.universes.join(", "));
    let reload = changed.then(|| {
        view! {
            <a class="button" href=asked.path.clone()>
                "Start from the present one"
            </a>
        }
    });
    view! {
        <form
            class="card act"
            action="/api/console/schedule"
            method="post"
            data-send=""
            data-done="The schedule was changed."
            aria-labelledby="edit-title"
        >
            <header class="card-head">
                <h2 id="edit-title">"Change it"</h2>
            </header>
            <div class="act-body">
                {check(
                    room,
                    "enabled",
                    "Runs start by themselves",
                    present.enabled.unwrap_or(true),
                )} <label class="field">
                    <span>{format!("Starts at (HH:MM, 24 hours), in {zone}")}</span>
                    <input
                        type="text"
                        inputmode="numeric"
                        maxlength="5"
                        autocomplete="off"
                        name="trigger_time"
                        value=trigger_time
                        required
                        aria-invalid=is_wrong.then_some("true")
                    />
                </label>
                {check(
                    room,
                    "market_check",
                    "Market check: leave out days without a session",
                    present.market_check.unwrap_or(true),
                )} {text_of(room, universes, &present.universes)}
                <input type="hidden" name="seen" value=version />
                <input type="hidden" name="key" value=room.backend.key() />
                <p class="wrong" data-wrong="" role="alert">
                    {wrong.map(|error| error.message)}
                </p>
                {room
                    .denied()
                    .map(|why| {
                        view! {
                            <p class="caution" data-tone="warn">
                                {why}
                            </p>
                        }
                    })}
            </div>
            <footer class="act-foot">
                <button
                    type="submit"
                    class="button primary"
                    disabled=room.denied().is_some()
                    title=room.denied()
                >
                    "Save"
                </button>
                <button
                    type="submit"
                    class="button"
                    formmethod="get"
                    formaction=asked.path.clone()
                    data-preview=""
                >
                    "Preview"
                </button>
                {reload}
            </footer>
        </form>
    }
    .into_any()
}

fn text_of(room: &Room, value: String, known: &[String]) -> AnyView {
    // What was typed wins; else what is.
    if room.asked.get("universes").is_some() {
        return text(
            room,
            "universes",
            "Universes",
            "With commas between. Empty: as they are.",
            known,
        );
    }
    view! {
        <label class="field">
            <span>"Universes"</span>
            <input
                type="text"
                name="universes"
                value=value
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                aria-describedby="universes-hint"
            />
        </label>
        <p class="meta hint" id="universes-hint">
            "With commas between. Empty: as they are."
        </p>
    }
    .into_any()
}

/// The days ahead: under what is typed where that was asked for, else under what is.
fn days(room: &Room, schedule: Option<&Schedule>) -> AnyView {
    let asked = &room.asked;
    let typed = asked.get("trigger_time").is_some();
    let present = schedule.cloned().unwrap_or_default();
    let plan = PlanAsked {
        enabled: if typed {
            asked.get("enabled").is_some()
        } else {
            present.enabled.unwrap_or(true)
        },
        time: asked
            .text("trigger_time")
            .or(present.trigger_time)
            .unwrap_or_default(),
        zone: present.timezone,
        market_check: if typed {
            asked.get("market_check").is_some()
        } else {
            present.market_check.unwrap_or(true)
        },
    };
    let title = if typed {
        "The days ahead, as typed (not saved)"
    } else {
        "The days ahead"
    };
    let body = if plan.time.is_empty() {
        view! { <p class="empty">"There is nothing to show until a time is known."</p> }.into_any()
    } else {
        match room.backend.preview(plan) {
            Ok(days) => table(room, &days),
            Err(why) => {
                view! { <p class="empty">{format!("This cannot be previewed: {why}.")}</p> }
                    .into_any()
            }
        }
    };
    view! {
        <section class="card" aria-labelledby="days-title" data-testid="preview">
            <header class="card-head">
                <h2 id="days-title">{title}</h2>
            </header>
            {conflict(room)}
            {body}
        </section>
    }
    .into_any()
}

fn conflict(room: &Room) -> Option<AnyView> {
    let run = room
        .data
        .snapshot
        .state
        .run
        .as_ref()
        .filter(|run| run.is_active())?;
    let until = run.estimated_completion.map(|at| {
        format!(
            ", expected to end {}",
            day_clock(at, room.data.snapshot.at, &room.data.zone)
        )
    });
    let text = format!(
        "A run is active now{}. A scheduled run cannot start while it is.",
        until.unwrap_or_default()
    );
    Some(
        view! {
            <p class="caution inset" data-tone="warn">
                {glyph(Icon::Warning)}
                <span>{text}</span>
            </p>
        }
        .into_any(),
    )
}

fn table(room: &Room, days: &[PreviewDay]) -> AnyView {
    let exchange = room.backend.exchange();
    let rows = days.iter().map(|day| {
        let (icon, tone, word) = if day.runs {
            (Icon::Succeeded, "good", "Runs")
        } else {
            (Icon::Skipped, "quiet", "No run")
        };
        view! {
            <tr>
                <td class="status" data-tone=tone>
                    <span class="state">{glyph(icon)} {word}</span>
                </td>
                <td class="began">
                    <b>{date(day.at, &exchange)}</b>
                    <span class="why">{day.notes.join(" · ")}</span>
                </td>
                <td class="took">{crate::format::clock(day.at, &exchange)}</td>
                <td class="wide">{day.local.clone()}</td>
                <td class="figure" data-time=day.at.0.to_string()></td>
                <td class="wide wrap">{day.notes.join(" · ")}</td>
            </tr>
        }
        .into_any()
    });
    view! {
        <table class="num preview">
            <caption class="unseen">"The days ahead"</caption>
            <thead>
                <tr>
                    <th scope="col">"Run"</th>
                    <th scope="col">"Day"</th>
                    <th scope="col">"Exchange"</th>
                    <th scope="col">"Schedule"</th>
                    <th scope="col">"Yours"</th>
                    <th scope="col">"Special"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}
