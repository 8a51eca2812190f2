//! Tonight: whether the run is well, at one glance.

use crate::store::use_console;
use leptos::prelude::*;

/// The page `/admin/daily-processing`.
#[component]
pub fn Tonight() -> impl IntoView {
    let console = use_console();
    view! { <main><h1>"Daily processing"</h1>{move || console.run.with(|run| run.as_ref().map(|run| run.percent))}</main> }
}
