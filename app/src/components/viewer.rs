//! The viewer: name and sign-out in the bar, or a note that authentication is off.

use crate::paths::{PATHS, route};
use crate::ports::ViewerAuth;
use crate::store::use_console;
use crate::text::tonight;
use leptos::prelude::*;

/// Reason on controls that only operators can use.
pub(crate) const VIEWERS_CANNOT: &str = tonight::VIEWERS_CANNOT_COMMAND;

/// In the bar: who is signed in, and the way out.
#[component]
pub(crate) fn ViewerInBar() -> impl IntoView {
    let viewer = use_console().viewer.get_value();
    let out = (viewer.auth == ViewerAuth::User).then(|| {
        view! {
            <button type="submit" class="small-button" data-testid="sign-out">
                "Sign out"
            </button>
        }
    });
    (viewer.auth != ViewerAuth::Open).then(|| {
        view! {
            <form
                class="viewer"
                action=PATHS.of(route::SIGN_OUT)
                method="post"
                data-testid="viewer"
            >
                <span class="meta" title=viewer.role>
                    {viewer.name}
                </span>
                {out}
            </form>
        }
    })
}

/// At the end of the page, where nobody need sign in: that it is so.
#[component]
pub(crate) fn OpenNote() -> impl IntoView {
    let open = use_console()
        .viewer
        .with_value(|viewer| viewer.auth == ViewerAuth::Open);
    open.then(|| {
        view! {
            <p class="meta" data-testid="open-note">
                {tonight::OPEN_NOTE}
            </p>
        }
    })
}
