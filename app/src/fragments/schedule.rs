//! The schedule: as TickStockPL keeps it, the days ahead under it, and the form that changes it.

use super::context::{PageContext, fragment};
use super::form::{check, text};
use super::lists::{head, time};
use crate::commands::SCHEDULE;
use crate::format::{date, day_clock, from_now, short_date};
use crate::fragment::{FORM_ERROR, Fragment, LOCAL_TIME, REFRESH_AT, SUBMIT, SUCCESS, attribute};
use crate::ports::{ErrorCode, Market, PreviewDay, SchedulePlan};
use crate::text::{forms, schedule, tonight};
use crate::ui::{Icon, glyph};
use contract::EXCHANGE_ZONE;
use leptos::prelude::*;
use model::Schedule;

/// The page.
pub(super) fn page(page: &PageContext) -> Fragment {
    let schedule = page.data.snapshot.state.schedule.as_ref();
    let view = view! {
        {head("Schedule", schedule::ABOUT)}
        {page.backend.market().map(|market| market_line(page, &market))}
        <div class="halves">{present(page, schedule)} {edit(page, schedule)}</div>
        {days(page, schedule)}
    };
    fragment("Schedule", view)
}

/// For tonight's page: the market, and the next days in short.
pub(super) fn ahead(page: &PageContext) -> AnyView {
    let schedule = page.data.snapshot.state.schedule.clone();
    let days = schedule.and_then(|schedule| {
        let plan = SchedulePlan {
            enabled: schedule.enabled.unwrap_or(true),
            time: schedule.trigger_time?,
            zone: schedule.timezone,
            market_check: schedule.market_check.unwrap_or(true),
        };
        page.backend.preview(plan).ok()
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
            short_date(day.at, &page.data.zone),
            crate::format::clock(day.at, &page.data.zone)
        );
        view! {
            <li data-tone=tone>
                {icon} <span>{when}</span> <span class="meta">{day.notes.join(", ")}</span>
            </li>
        }
        .into_any()
    });
    view! {
        {page.backend.market().map(|market| market_line(page, &market))}
        <ol class="upcoming num" aria-label=schedule::UPCOMING>
            {days.collect_view()}
        </ol>
    }
    .into_any()
}

/// What the exchange is doing, and until when. The page asks again by itself when that is over.
fn market_line(page: &PageContext, market: &Market) -> AnyView {
    let (now, zone) = (page.data.snapshot.at, &page.data.zone);
    let (icon, tone, word) = match market.phase.as_str() {
        "open" => (Icon::Live, "good", "Market open"),
        "before_hours" => (Icon::Clock, "neutral", "Pre-market"),
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
        <p class="market num" data-testid="market" {..attribute(REFRESH_AT, at.0.to_string())}>
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

fn present(page: &PageContext, schedule: Option<&Schedule>) -> AnyView {
    let Some(schedule) = schedule else {
        return view! {
            <section class="card" aria-labelledby="present-title">
                <header class="card-head">
                    <h2 id="present-title">{schedule::CURRENT}</h2>
                </header>
                <p class="empty">{schedule::UNKNOWN}</p>
            </section>
        }
        .into_any();
    };
    let (now, zone) = (page.data.snapshot.at, &page.data.zone);
    let not_said = || "Not reported".to_owned();
    let on = match schedule.enabled {
        Some(true) => "On",
        Some(false) => schedule::OFF,
        None => "Not reported",
    };
    let check = match schedule.market_check {
        Some(true) => tonight::TRADING_DAYS_ONLY,
        Some(false) => tonight::EVERY_DAY,
        None => "Not reported",
    };
    let starts = schedule.trigger_time.clone().map(|time| {
        let zone = schedule
            .timezone
            .clone()
            .unwrap_or_else(|| format!("{EXCHANGE_ZONE} (default; TickStockPL reported no zone)"));
        format!("{time} {zone}")
    });
    let next = schedule
        .next_run
        .filter(|at| *at > now)
        .map(|at| format!("{}, {}", day_clock(at, now, zone), from_now(at, now)));
    let universes = Some(schedule.universes.join(", ")).filter(|text| !text.is_empty());
    let pairs = [
        (schedule::AUTOMATIC_RUNS, on.to_owned()),
        ("Next run", next.unwrap_or_else(not_said)),
        ("Start time", starts.unwrap_or_else(not_said)),
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
                <h2 id="present-title">{schedule::CURRENT}</h2>
            </header>
            <dl class="pairs num">{pairs}</dl>
            <p class="meta foot">
                "Reported by TickStockPL, unchanged since " {time(page, schedule.known_at)} "."
            </p>
        </section>
    }
    .into_any()
}

/// The form. Its preview is of what is typed, once that was looked at; what is saved is compared
/// with the version that was seen.
fn edit(page: &PageContext, schedule: Option<&Schedule>) -> AnyView {
    let (wrong, query) = (page.query.error(), &page.query);
    let changed = wrong
        .as_ref()
        .is_some_and(|error| error.code == ErrorCode::Changed);
    let present = schedule.cloned().unwrap_or_default();
    let is_wrong = wrong
        .as_ref()
        .is_some_and(|error| error.field.as_deref() == Some("trigger_time"));
    let trigger_time = query
        .text("trigger_time")
        .or_else(|| present.trigger_time.clone());
    let zone = present
        .timezone
        .clone()
        .unwrap_or_else(|| EXCHANGE_ZONE.to_owned());
    let version = schedule.map(Schedule::version);
    let universes = query
        .text("universes")
        .unwrap_or_else(|| present.universes.join(", "));
    let reload = changed.then(|| {
        view! {
            <a class="button" href=query.path.clone()>
                {schedule::RELOAD}
            </a>
        }
    });
    view! {
        <form
            class="card form-card"
            action=SCHEDULE.action()
            method="post"
            {..attribute(SUBMIT, "")}
            {..attribute(SUCCESS, SCHEDULE.accepted)}
            aria-labelledby="edit-title"
        >
            <header class="card-head">
                <h2 id="edit-title">{schedule::EDIT}</h2>
            </header>
            <div class="form-body">
                {check(
                    page,
                    "enabled",
                    schedule::START_AUTOMATICALLY,
                    present.enabled.unwrap_or(true),
                )} <label class="field">
                    <span>{format!("Start time (24-hour HH:MM, {zone})")}</span>
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
                    page,
                    "market_check",
                    schedule::MARKET_CHECK,
                    present.market_check.unwrap_or(true),
                )} {text_of(page, universes, &present.universes)}
                <input type="hidden" name="seen" value=version />
                <input type="hidden" name="key" value=page.backend.key() />
                <p class="form-error" {..attribute(FORM_ERROR, "")} role="alert">
                    {wrong.map(|error| error.message)}
                </p>
                {page
                    .denied()
                    .map(|why| {
                        view! {
                            <p class="warning-line" data-tone="warn">
                                {why}
                            </p>
                        }
                    })}
            </div>
            <footer class="form-footer">
                <button
                    type="submit"
                    class="button primary"
                    disabled=page.denied().is_some()
                    title=page.denied()
                >
                    {SCHEDULE.label}
                </button>
                <button type="submit" class="button" formmethod="get" formaction=query.path.clone()>
                    "Preview"
                </button>
                {reload}
            </footer>
        </form>
    }
    .into_any()
}

fn text_of(page: &PageContext, value: String, known: &[String]) -> AnyView {
    // What was typed wins; else what is.
    if page.query.get("universes").is_some() {
        return text(
            page,
            "universes",
            "Universes",
            forms::KEEP_UNIVERSES_HINT,
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
            {forms::KEEP_UNIVERSES_HINT}
        </p>
    }
    .into_any()
}

/// The upcoming sessions: for the values of the address in a preview, else for the current
/// schedule.
fn days(page: &PageContext, schedule: Option<&Schedule>) -> AnyView {
    let query = &page.query;
    let typed = query.get("trigger_time").is_some();
    let present = schedule.cloned().unwrap_or_default();
    let plan = SchedulePlan {
        enabled: if typed {
            query.get("enabled").is_some()
        } else {
            present.enabled.unwrap_or(true)
        },
        time: query
            .text("trigger_time")
            .or(present.trigger_time)
            .unwrap_or_default(),
        zone: present.timezone,
        market_check: if typed {
            query.get("market_check").is_some()
        } else {
            present.market_check.unwrap_or(true)
        },
    };
    let title = if typed {
        schedule::UPCOMING_PREVIEW
    } else {
        schedule::UPCOMING
    };
    let body = if plan.time.is_empty() {
        view! { <p class="empty">{schedule::NO_TIME}</p> }.into_any()
    } else {
        match page.backend.preview(plan) {
            Ok(days) => table(page, &days),
            Err(why) => {
                view! { <p class="empty">{format!("Cannot preview: {why}.")}</p> }.into_any()
            }
        }
    };
    view! {
        <section class="card" aria-labelledby="days-title" data-testid="preview">
            <header class="card-head">
                <h2 id="days-title">{title}</h2>
            </header>
            {conflict(page)}
            {body}
        </section>
    }
    .into_any()
}

fn conflict(page: &PageContext) -> Option<AnyView> {
    let run = page
        .data
        .snapshot
        .state
        .run
        .as_ref()
        .filter(|run| run.is_active())?;
    let until = run.estimated_completion.map(|at| {
        format!(
            ", expected to end {}",
            day_clock(at, page.data.snapshot.at, &page.data.zone)
        )
    });
    let text = format!(
        "A run is active now{}. A scheduled run cannot start until it ends.",
        until.unwrap_or_default()
    );
    Some(
        view! {
            <p class="warning-line inset" data-tone="warn">
                {glyph(Icon::Warning)}
                <span>{text}</span>
            </p>
        }
        .into_any(),
    )
}

fn table(page: &PageContext, days: &[PreviewDay]) -> AnyView {
    let exchange = page.backend.exchange();
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
                <td class="started">
                    <b>{date(day.at, &exchange)}</b>
                    <span class="why">{day.notes.join(" · ")}</span>
                </td>
                <td class="duration">{crate::format::clock(day.at, &exchange)}</td>
                <td class="wide">{day.local.clone()}</td>
                <td class="figure" {..attribute(LOCAL_TIME, day.at.0.to_string())}></td>
                <td class="wide wrap">{day.notes.join(" · ")}</td>
            </tr>
        }
        .into_any()
    });
    view! {
        <table class="num preview">
            <caption class="visually-hidden">{schedule::UPCOMING}</caption>
            <thead>
                <tr>
                    <th scope="col">"Run"</th>
                    <th scope="col">"Day"</th>
                    <th scope="col">"Exchange time"</th>
                    <th scope="col">"Schedule time"</th>
                    <th scope="col">"Your time"</th>
                    <th scope="col">"Note"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}
