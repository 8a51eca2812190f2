//! The bar above every page: what this is, what it is connected to, how it looks.

use super::link_state::{RelayChip, StreamChip};
use super::theme::ThemeToggle;
use leptos::prelude::*;

/// The bar.
#[component]
pub(crate) fn TopBar() -> impl IntoView {
    view! {
        // External to the router, which would scroll but not move the focus.
        <a class="skip" href="#main" rel="external">"Skip to the run"</a>
        <header class="top">
            <a class="brand" href="/admin/daily-processing" aria-label="TickStock, daily processing">
                <Logo/>
                <span class="brand-name">"TickStock"</span>
            </a>
            <h1 class="page-name">"Daily processing"</h1>
            <div class="links" role="group" aria-label="Connections">
                <StreamChip/>
                <RelayChip
                    name="Redis"
                    long_name="Redis"
                    purpose="It carries TickStockPL's events: progress, results and errors."
                    testid="link-redis"
                    of=|links| &links.redis
                    gaps=true
                />
                <RelayChip
                    name="API"
                    long_name="TickStockPL's API"
                    purpose="It takes commands, and knows the schedule, earlier runs and what is active."
                    testid="link-api"
                    of=|links| &links.api
                />
            </div>
            <ThemeToggle/>
        </header>
    }
    .into_any()
}

/// The product's mark.
#[component]
pub(crate) fn Logo() -> impl IntoView {
    view! {
        <svg class="logo" viewBox="0 0 20 20" aria-hidden="true">
            <path d="M2.5 13.5 7 8l3.5 3.5L17.5 4"></path>
            <path d="M2.5 17.5h15" class="faint"></path>
        </svg>
    }
}
