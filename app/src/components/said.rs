//! What came of what the viewer did: one line above the page's end, until it is dismissed or
//! something else is said.

use super::icon::{Glyph, Icon};
use crate::store::use_console;
use leptos::prelude::*;

/// The line. Its live region is there at any time, so that screen readers hear what is put into it.
#[component]
pub(crate) fn SaidLine() -> impl IntoView {
    let console = use_console();
    let tone = move || {
        if console
            .said
            .with(|said| said.as_ref().is_some_and(|(failed, _)| *failed))
        {
            "bad"
        } else {
            "good"
        }
    };
    let icon = move || {
        if tone() == "bad" {
            Icon::Failed
        } else {
            Icon::Succeeded
        }
    };
    let text = move || {
        console
            .said
            .with(|said| said.as_ref().map(|(_, text)| text.clone()))
    };
    view! {
        <div
            class="said"
            role="status"
            data-testid="said"
            data-tone=tone
            data-some=move || text().is_some().to_string()
        >
            <Glyph icon=Signal::derive(icon) />
            <p>{text}</p>
            <button type="button" class="small-button" on:click=move |_| console.said.set(None)>
                "Dismiss"
            </button>
        </div>
    }
    .into_any()
}
