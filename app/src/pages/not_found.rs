//! The page for addresses that have none.

use leptos::prelude::*;

/// Says that there is no such page, and where to go.
#[component]
pub fn NotFound() -> impl IntoView {
    view! { <main><h1>"There is no such page"</h1><a href="/admin/daily-processing">"Tonight"</a></main> }
}
