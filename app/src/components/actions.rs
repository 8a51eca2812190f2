//! Run now, Cancel, and the links to what else can be asked for. Each asks before it does, and
//! works without JavaScript; what is not possible now is disabled and says why.

use super::viewer::VIEWERS_CANNOT;
use crate::commands::{CANCEL, FORM_LINKS};
use crate::format::{day_clock, overdue_cancel, usual_sentence};
use crate::fragment::{DIALOG, FORM_ERROR, NEW_KEY, RUN_NOW, SUBMIT, SUCCESS, attribute};
use crate::paths::PATHS;
use crate::store::use_console;
use crate::text::tonight;
use crate::ui::Disclosure;
use crate::ui::{Glyph, Icon, glyph};
use contract::Phase;
use leptos::prelude::*;
use model::RunStatus;

#[component]
pub(crate) fn Actions() -> impl IntoView {
    let console = use_console();
    let status = Memo::new(move |_| {
        console
            .run
            .with(|run| run.as_ref().map(|run| run.status).filter(|s| s.is_active()))
    });
    let overdue = Memo::new(move |_| {
        console.run.with(|run| {
            run.as_ref()
                .is_some_and(|run| overdue_cancel(run, console.now.get()).is_some())
        })
    });
    let active = move || status.get().is_some();
    let since = move || {
        let started = console
            .run
            .with(|run| run.as_ref().and_then(|run| run.started_at));
        let now = console.now.get_untracked();
        let since = started.map(|at| {
            console
                .zone
                .with_value(|zone| format!(" since {}", day_clock(at, now, zone)))
        });
        since.unwrap_or_default()
    };
    let run_form = PATHS.command_form("run");
    let run_dialog = run_form.clone();
    let may = console.viewer.with_value(|viewer| viewer.commands);
    let reason = move || match status.get() {
        _ if !may => VIEWERS_CANNOT.to_owned(),
        Some(RunStatus::Cancelling) if overdue.get() => tonight::CANCEL_OVERDUE.to_owned(),
        Some(RunStatus::Cancelling) => tonight::CANCELLING.to_owned(),
        Some(_) => format!(
            "A run is active{}. Another can start when it ends.",
            since()
        ),
        None if console.links.with(|links| links.api.up) => tonight::NOTHING_TO_CANCEL.to_owned(),
        None => tonight::NO_KNOWN_RUN_TO_CANCEL.to_owned(),
    };
    let usual = Memo::new(move |_| {
        let (baselines, schedule, run) = (
            console.baselines.read(),
            console.schedule.read(),
            console.run.read(),
        );
        let universes = model::default_universes(schedule.as_ref(), run.as_ref());
        usual_sentence(model::baseline_for_parameters(
            &baselines,
            universes,
            &Phase::ALL,
            None,
        ))
    });
    let cancel_area = move || match status.get() {
        Some(RunStatus::Cancelling) if !overdue.get() => disabled_cancel("Cancelling…").into_any(),
        Some(_) if may => view! { <CancelForm /> }.into_any(),
        _ => disabled_cancel("Cancel run").into_any(),
    };
    let others = FORM_LINKS.map(|(form, label)| {
        view! {
            <a
                class="small-button"
                rel="external"
                {..attribute(DIALOG, "")}
                href=PATHS.command_form(form)
            >
                {label}
            </a>
        }
    });
    view! {
        <section
            class="card actions"
            aria-labelledby="actions-title"
            data-active=move || active().to_string()
        >
            <h2 class="visually-hidden" id="actions-title">
                "Actions"
            </h2>
            <div class="action-row">
                <div class="run-now">
                    // It asks before it does: without JavaScript on a page of its own.
                    <form action=run_form method="get">
                        <button
                            type="submit"
                            class="button primary"
                            data-testid="run-now"
                            {..attribute(DIALOG, run_dialog)}
                            {..attribute(RUN_NOW, "")}
                            aria-describedby="actions-reason"
                            disabled=move || !may || active()
                        >
                            {glyph(Icon::Play)}
                            "Run now…"
                        </button>
                    </form>
                </div>
                <div class="cancel">{cancel_area}</div>
            </div>
            <p class="meta reason-line" id="actions-reason">
                {reason}
            </p>
            <p class="more-actions">{others}</p>
            <p class="meta usual num">"Runs all four phases. " {usual}</p>
        </section>
    }
    .into_any()
}

fn disabled_cancel(word: &'static str) -> impl IntoView {
    view! {
        <button
            type="button"
            class="button"
            data-testid="cancel-run"
            disabled
            aria-describedby="actions-reason"
        >
            <Glyph icon=Icon::Stop />
            {word}
        </button>
    }
    .into_any()
}

/// Asks whether it is meant and why, and says what is kept.
#[component]
fn CancelForm() -> impl IntoView {
    let summary = || {
        view! {
            <span class="button">
                {glyph(Icon::Stop)} <span class="when-closed">"Cancel run…"</span>
                <span class="when-open">"Keep running"</span>
            </span>
        }
    };
    view! {
        <Disclosure class="confirm" summary=summary.into()>
            <p class="confirm-title">{tonight::CANCEL_TITLE}</p>
            <p>{tonight::CANCEL_EFFECT}</p>
            <form
                action=CANCEL.action()
                method="post"
                {..attribute(SUBMIT, "")}
                {..attribute(SUCCESS, CANCEL.accepted)}
            >
                <label class="field">
                    {tonight::CANCEL_REASON}
                    <input type="text" name="reason" maxlength="500" autocomplete="off" />
                </label>
                <input type="hidden" name="key" value="" {..attribute(NEW_KEY, "")} />
                <p class="form-error" {..attribute(FORM_ERROR, "")} role="alert"></p>
                <button type="submit" class="button danger" data-testid="cancel-run">
                    "Cancel run"
                </button>
            </form>
        </Disclosure>
    }
    .into_any()
}
