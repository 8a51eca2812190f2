//! The page for addresses that have none.

use crate::paths::PATHS;
use crate::text::shared;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::components::Logo;

/// Says that there is no such page, and where to go.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    view! {
        <Title text="Page not found · TickStock" />
        <main class="not-found">
            <Logo />
            <h1>{shared::PAGE_NOT_FOUND}</h1>
            <p>{shared::PAGE_NOT_FOUND_WHY}</p>
            <a class="button primary" href=PATHS.tonight()>
                {shared::GO_HOME}
            </a>
        </main>
    }
    .into_any()
}
