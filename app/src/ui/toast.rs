//! The result of the viewer's last action: one line above the end of the page, until it is
//! dismissed or replaced.

use super::icon::{Glyph, Icon};
use crate::store::use_console;
use leptos::prelude::*;

/// The live region is there at any time, so that screen readers hear what is put into it.
#[component]
pub(crate) fn ToastRegion() -> impl IntoView {
    let console = use_console();
    let failed = move || {
        console
            .toast
            .with(|toast| toast.as_ref().is_some_and(|toast| toast.failed))
    };
    let tone = move || if failed() { "bad" } else { "good" };
    let icon = move || {
        if failed() {
            Icon::Failed
        } else {
            Icon::Succeeded
        }
    };
    let text = move || {
        console
            .toast
            .with(|toast| toast.as_ref().map(|toast| toast.text.clone()))
    };
    view! {
        <div
            class="toast"
            role="status"
            data-testid="toast"
            data-tone=tone
            data-open=move || text().is_some().to_string()
        >
            <Glyph icon=Signal::derive(icon) />
            <p>{text}</p>
            <button type="button" class="small-button" on:click=move |_| console.toast.set(None)>
                "Dismiss"
            </button>
        </div>
    }
    .into_any()
}
