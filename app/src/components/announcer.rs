//! Announcements for screen readers: a run that starts, changes phase or ends, at most every ten
//! seconds; a failure at once.

use crate::format::{duration, phase_name, phase_word, sentence};
use crate::store::use_console;
use contract::{Phase, RunId};
use leptos::prelude::*;
use model::{RunStatus, RunSummary};
use std::time::Duration;

const QUIET: Duration = Duration::from_secs(10);

/// State whose changes are announced.
#[derive(Clone, PartialEq)]
struct Stand {
    id: RunId,
    status: RunStatus,
    phase: Option<Phase>,
}

/// The two live regions. They are empty until something changes.
#[component]
pub(crate) fn Announcer() -> impl IntoView {
    let console = use_console();
    let polite = RwSignal::new(String::new());
    let alert = RwSignal::new(String::new());
    let next = RwSignal::new(None::<String>);
    let quiet = RwSignal::new(false);

    let stand = Memo::new(move |_| {
        console.run.with(|run| {
            run.as_ref().map(|run| Stand {
                id: run.id.clone(),
                status: run.status,
                phase: run.current_phase(),
            })
        })
    });
    Effect::new(move |before: Option<Option<Stand>>| {
        let now = stand.get();
        if let (Some(before), Some(now)) = (before, &now)
            && let Some(text) = change(before.as_ref(), now, &console)
        {
            if now.status == RunStatus::Failed {
                alert.set(text);
            } else {
                alert.set(String::new());
                next.set(Some(text));
            }
        }
        now
    });
    Effect::new(move || {
        if quiet.get() {
            return;
        }
        if let Some(text) = next.get() {
            next.set(None);
            polite.set(text);
            quiet.set(true);
            set_timeout(
                move || {
                    // The page may have been left by then.
                    let _ = quiet.try_set(false);
                },
                QUIET,
            );
        }
    });
    view! {
        <p class="visually-hidden" role="status">
            {polite}
        </p>
        <p class="visually-hidden" role="alert">
            {alert}
        </p>
    }
    .into_any()
}

fn change(before: Option<&Stand>, now: &Stand, console: &crate::store::Console) -> Option<String> {
    let same = before.filter(|before| before.id == now.id);
    if same.is_none_or(|before| before.status != now.status) && now.status != RunStatus::Running {
        let (took, why) = console.run.with_untracked(|run| {
            let run = run.as_ref();
            (
                run.and_then(|run| RunSummary::from(run).seconds()),
                run.and_then(|run| run.message.clone()),
            )
        });
        let took = took
            .filter(|_| !now.status.is_active())
            .map(|s| format!(" after {}", duration(s)))
            .unwrap_or_default();
        let why = why
            .map(|text| format!(" {}.", sentence(&text, 140)))
            .unwrap_or_default();
        return Some(format!("The run {}{took}.{why}", now.status.predicate()));
    }
    let begun = now
        .phase
        .filter(|phase| same.and_then(|before| before.phase) != Some(*phase));
    match (same, begun) {
        (None, Some(phase)) => Some(format!("A run is active: {}.", phase_word(phase))),
        (None, None) => Some("Run started.".to_owned()),
        (Some(_), Some(phase)) => Some(format!("{} phase started.", phase_name(phase))),
        (Some(_), None) => None,
    }
}
