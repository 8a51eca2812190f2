//! A run's id, short enough to read, whole enough to copy.

use super::browser;
use super::icon::{Glyph, Icon};
use crate::format::short_id;
use crate::text::tonight;
use contract::RunId;
use leptos::prelude::*;
use std::time::Duration;

/// The id and a button that copies it.
#[component]
pub(crate) fn RunIdText(
    /// The id.
    id: RunId,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let (short, full) = (short_id(&id), id.to_string());
    let to_copy = full.clone();
    let copy = move |_| {
        if browser::can_copy() {
            browser::copy(&to_copy);
            copied.set(true);
            set_timeout(
                move || {
                    let _ = copied.try_set(false);
                },
                Duration::from_secs(2),
            );
        }
    };
    let icon = Signal::derive(move || {
        if copied.get() {
            Icon::Succeeded
        } else {
            Icon::Copy
        }
    });
    view! {
        <span class="run-id">
            <code title=full>{short}</code>
            <button
                type="button"
                class="copy needs-script"
                aria-label=tonight::COPY_RUN_ID
                on:click=copy
            >
                <Glyph icon=icon />
                <span class="visually-hidden" role="status">
                    {move || copied.get().then_some("Copied")}
                </span>
            </button>
        </span>
    }
    .into_any()
}
