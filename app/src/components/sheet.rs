//! The one dialog. A link to a form opens it with the form that the server makes for that address,
//! with its preview and a key of its own; without JavaScript the link leads to a page with the same
//! form.

use crate::store::use_console;
use leptos::html::Dialog;
use leptos::prelude::*;

/// The dialog, closed until a link asks for it.
#[component]
pub(crate) fn Sheet() -> impl IntoView {
    let console = use_console();
    let node = NodeRef::<Dialog>::new();
    let html = RwSignal::new(String::new());
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        let Some(address) = console.sheet.get() else {
            return;
        };
        leptos::task::spawn_local(async move {
            match crate::client::part(&address).await {
                Ok(part) => {
                    html.set(part.html);
                    // Opened with its contents in it, so that the field that wants the focus gets
                    // it.
                    request_animation_frame(move || {
                        if let Some(dialog) = node.get_untracked() {
                            // A dialog that is open already stays so.
                            let _ = dialog.show_modal();
                        }
                    });
                }
                Err(error) => console.said.set(Some((true, error.message))),
            }
        });
    });
    view! {
        <dialog
            node_ref=node
            class="sheet"
            aria-labelledby="sheet-title"
            inner_html=move || html.get()
            on:close=move |_| {
                console.sheet.set(None);
                html.set(String::new());
            }
        ></dialog>
    }
    .into_any()
}
