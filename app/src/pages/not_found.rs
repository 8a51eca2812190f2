//! The page for addresses that have none.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::components::Logo;

/// Says that there is no such page, and where to go.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <Title text="No such page · TickStock" />
        <main class="not-found">
            <Logo />
            <h1>"There is no such page"</h1>
            <p>"The address may be mistyped, or the page may have moved."</p>
            <a class="button primary" href="/admin/daily-processing">
                "Go to daily processing"
            </a>
        </main>
    }
    .into_any()
}
