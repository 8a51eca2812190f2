//! A small panel behind a button. It opens without JavaScript; with it, it closes on Escape and
//! when it is left.

use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::html::Details;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{HtmlElement, Node};

/// A panel that lies above the page while it is open.
#[component]
pub(crate) fn Disclosure(
    /// The class of the whole.
    class: &'static str,
    /// The hook for tests.
    #[prop(optional)]
    testid: Option<&'static str>,
    /// The state, as a key for styles and tests.
    #[prop(into, optional)]
    state: Option<Signal<&'static str>>,
    /// Contents that are visible while it is closed.
    summary: ViewFn,
    /// The panel.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<Details>::new();
    // The panel loses the focus also by being taken away, when there is no node any more to ask
    // for.
    let details = move || node.try_get_untracked().flatten();
    let on_keydown = move |event: KeyboardEvent| {
        if event.key() == "Escape"
            && let Some(details) = details().filter(|details| details.open())
        {
            details.set_open(false);
            if let Some(summary) = details
                .first_element_child()
                .and_then(|e| e.dyn_into::<HtmlElement>().ok())
            {
                let _ = summary.focus();
            }
        }
    };
    let on_focusout = move |event: FocusEvent| {
        let to = event
            .related_target()
            .and_then(|target| target.dyn_into::<Node>().ok());
        if let Some(details) = details()
            && !details.contains(to.as_ref())
        {
            details.set_open(false);
        }
    };
    view! {
        <details
            node_ref=node
            class=format!("disclosure {class}")
            data-testid=testid
            data-state=move || state.map(|state| state.get())
            on:keydown=on_keydown
            on:focusout=on_focusout
        >
            <summary>{summary.run()}</summary>
            // Takes the focus when it is clicked, so that clicking inside is not leaving.
            <div class="panel" tabindex="-1">
                {children()}
            </div>
        </details>
    }
    .into_any()
}
