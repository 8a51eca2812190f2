//! Needs attention: grouped errors, this run's first, and the failed symbols.

use super::failed_symbols::FailedSymbols;
use crate::commands::ACKNOWLEDGE;
use crate::format::{
    NBSP, clock_seconds, count, moment, phase_name, plural, scalar, severity_word, short_id,
    status_key,
};
use crate::fragment::{SUBMIT, attribute};
use crate::store::use_console;
use crate::text::tonight;
use crate::ui::of_severity;
use crate::ui::{EVENTS, ListPause, throttle};
use crate::ui::{Glyph, Icon, glyph};
use leptos::prelude::*;
use model::ErrorGroup;
use std::cmp::Reverse;

/// The card.
#[component]
pub(crate) fn NeedsAttention() -> impl IntoView {
    let console = use_console();
    let pause = ListPause::new();
    let errors = throttle(console.errors, EVENTS);
    let run_id = Memo::new(move |_| {
        console
            .run
            .with(|run| run.as_ref().map(|run| run.id.clone()))
    });
    let groups = pause.shown(move || {
        let mut groups = errors.get();
        let current = run_id.get();
        // By when it began, not by when it came last: a line keeps its place while more of the same
        // arrive.
        groups.sort_by_key(|group| {
            (
                group.run_id != current,
                Reverse(group.severity),
                Reverse(group.first_at),
            )
        });
        groups
    });
    // The pointer is over the button that was just pressed: what it did is shown all the same.
    let seen = Memo::new(move |_| {
        errors.with(|groups| {
            groups
                .iter()
                .filter_map(|group| group.acknowledged.as_ref())
                .map(|seen| seen.count)
                .sum::<u64>()
        })
    });
    Effect::new(move |before: Option<u64>| {
        let seen = seen.get();
        if before.is_some_and(|before| before != seen) {
            pause.catch_up();
        }
        seen
    });
    let failed = Memo::new(move |_| {
        console
            .run
            .with(|run| run.as_ref().and_then(model::Run::failed_count).unwrap_or(0))
    });
    let total =
        move || groups.with(|(_, groups)| groups.iter().map(|group| group.count).sum::<u64>());
    let hears = move || console.links.with(|links| links.redis.up);
    let status =
        Memo::new(move |_| status_key(console.run.with(|run| run.as_ref().map(|run| run.status))));
    let nothing = move || failed.get() == 0 && groups.with(|(_, groups)| groups.is_empty());
    view! {
        <section
            class="card attention"
            aria-labelledby="needs-title"
            data-testid="errors"
            data-run=status
        >
            <header class="card-head">
                <h2 id="needs-title">{tonight::NEEDS_ATTENTION}</h2>
                <span class="meta num">
                    {move || match total() {
                        0 => String::new(),
                        n => plural(n, "error", "errors"),
                    }}
                </span>
            </header>
            <div
                class="card-scroll"
                tabindex="0"
                role="region"
                aria-label="Errors and failed symbols"
                on:pointerenter=move |_| pause.set_hovered(true)
                on:pointerleave=move |_| pause.set_hovered(false)
                on:focusin=move |_| pause.set_focused(true)
                on:focusout=move |_| pause.set_focused(false)
            >
                <FailedSymbols />
                <ul class="rows">
                    {move || {
                        groups
                            .with(|(_, groups)| {
                                groups
                                    .iter()
                                    .map(|group| error_row(group, run_id.get().as_ref()))
                                    .collect_view()
                            })
                    }}
                </ul>
                <Show when=nothing>
                    <p class="empty">
                        <Glyph icon=Signal::derive(move || {
                            if hears() { Icon::Succeeded } else { Icon::Unknown }
                        }) />
                        {move || {
                            if hears() {
                                tonight::NO_ERRORS
                            } else {
                                tonight::NO_ERRORS_WITHOUT_REDIS
                            }
                        }}
                    </p>
                </Show>
            </div>
        </section>
    }
    .into_any()
}

fn error_row(group: &ErrorGroup, current: Option<&contract::RunId>) -> impl IntoView + use<> {
    let console = use_console();
    let (icon, tone) = of_severity(group.severity);
    let when = console.zone.with_value(|zone| {
        let last = clock_seconds(group.last_at, zone);
        if group.count == 1 {
            last
        } else {
            format!("{} to {last}", clock_seconds(group.first_at, zone))
        }
    });
    let older = group
        .run_id
        .as_ref()
        .filter(|id| Some(*id) != current)
        .map(|id| {
            let day = console.zone.with_value(|zone| moment(group.last_at, zone));
            format!("run {}, {day}", short_id(id))
        });
    let symbols = group
        .symbols
        .iter()
        .rev()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    let about = [
        group.component.clone(),
        group.phase.map(|phase| phase_name(phase).to_owned()),
        Some(older.unwrap_or(when)),
        Some(symbols).filter(|text| !text.is_empty()),
        group
            .recovery_action
            .as_ref()
            .map(|action| format!("TickStockPL: {}", action.replace('_', " "))),
    ];
    // What the latest of them says of its circumstances, such as the limit that was hit.
    let context = group
        .context
        .iter()
        .map(|(name, value)| format!("{}{NBSP}{}", name.replace('_', " "), scalar(value)));
    let context = Some(context.collect::<Vec<_>>().join(", ")).filter(|text| !text.is_empty());
    let about = about
        .into_iter()
        .chain([context])
        .flatten()
        .collect::<Vec<_>>()
        .join(" · ");
    let severity = severity_word(group.severity);
    let (code, message, n) = (group.code.clone(), group.message.clone(), group.count);
    view! {
        <li class="error" data-tone=tone data-severity=group.severity.wire_name()>
            {glyph(icon)}
            <div>
                <p class="error-message">{message}</p>
                <p class="meta num">
                    <b class="severity">{severity}</b>
                    {code
                        .map(|code| {
                            view! {
                                " · "
                                <code>{code}</code>
                            }
                        })}
                    " · "
                    {about}
                </p>
            </div>
            <div class="error-end">
                <span class="times num">{(n > 1).then(|| format!("{}{NBSP}times", count(n)))}</span>
                {acknowledge(group)}
            </div>
        </li>
    }
    .into_any()
}

/// The acknowledgement, or a button for it. A plain form: the effect comes back with the stream.
fn acknowledge(group: &ErrorGroup) -> impl IntoView + use<> {
    let console = use_console();
    let seen = group.acknowledged.as_ref().map(|seen| {
        let at = console.zone.with_value(|zone| clock_seconds(seen.at, zone));
        let since = group.count.saturating_sub(seen.count);
        let more = if since > 0 {
            format!("; {} more since", count(since))
        } else {
            String::new()
        };
        format!("Acknowledged by {} at {at}{more}", seen.by)
    });
    let may = console.viewer.with_value(|viewer| viewer.commands);
    let form = group
        .id
        .as_ref()
        .filter(|_| group.needs_attention())
        .map(|id| {
            let label = format!("Acknowledge: {}", group.message);
            view! {
                <form action=ACKNOWLEDGE.action() method="post" {..attribute(SUBMIT, "")}>
                    <input type="hidden" name="group" value=id.as_str().to_owned() />
                    <input type="hidden" name="seen" value=group.count.to_string() />
                    <button
                        type="submit"
                        class="small-button"
                        data-testid="acknowledge"
                        aria-label=label
                        disabled=!may
                        title=(!may).then_some(tonight::VIEWERS_CANNOT_ACKNOWLEDGE)
                    >
                        "Acknowledge"
                    </button>
                </form>
            }
        });
    view! {
        <span class="meta num">{seen}</span>
        {form}
    }
    .into_any()
}
