//! The one dialog. A link to a form opens it with the form that the server makes for that address,
//! with its preview and a key of its own; without JavaScript the link leads to a page with the same
//! form.

use crate::store::use_console;
use leptos::html::Dialog;
use leptos::prelude::*;

/// The dialog, closed until a link asks for it.
#[component]
pub(crate) fn ActionDialog() -> impl IntoView {
    let console = use_console();
    let node = NodeRef::<Dialog>::new();
    let html = RwSignal::new(String::new());
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        let Some(address) = console.dialog.get() else {
            return;
        };
        leptos::task::spawn_local(async move {
            match crate::client::load_fragment(&address).await {
                Ok(fragment) => {
                    html.set(fragment.html);
                    // Opened with its contents in it, so that the field that wants the focus gets
                    // it.
                    request_animation_frame(move || {
                        if let Some(dialog) = node.get_untracked() {
                            // A dialog that is open already stays so.
                            let _ = dialog.show_modal();
                        }
                    });
                }
                Err(error) => console.show_error(error.message),
            }
        });
    });
    view! {
        <dialog
            node_ref=node
            class="action-dialog"
            aria-labelledby="dialog-title"
            inner_html=move || html.get()
            on:close=move |_| {
                console.dialog.set(None);
                html.set(String::new());
            }
        ></dialog>
    }
    .into_any()
}
