//! The bar above every page: what this is, what it is connected to, how it looks.

use super::connections::{ConnectionChip, StreamChip};
use super::viewer::ViewerInBar;
use crate::fragment::{SHORTCUT, attribute};
use crate::paths::PATHS;
use crate::store::use_console;
use crate::text::tonight;
use crate::ui::ThemeToggle;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The pages: what follows tonight's address, the name, and the key that leads there after `g`.
pub(crate) const PAGES: [(&str, &str, &str); 7] = [
    ("", "Tonight", "t"),
    ("/runs", "Runs", "r"),
    ("/symbols", "Symbols", "y"),
    ("/schedule", "Schedule", "s"),
    ("/errors", "Errors", "e"),
    ("/audit", "Audit log", "a"),
    ("/settings", "Settings", "c"),
];

/// The bar.
#[component]
pub(crate) fn TopBar() -> impl IntoView {
    let path = use_location().pathname;
    let environment = use_console().environment.get_value();
    let pages = PAGES.map(|(below, name, key)| {
        let address = PATHS.below_tonight(below);
        let own = address.clone();
        let current = move || {
            let path = path.get();
            let here = path == own || (!below.is_empty() && path.starts_with(&own));
            here.then_some("page")
        };
        view! {
            <a {..attribute(SHORTCUT, key)} href=address aria-current=current>
                {name}
            </a>
        }
    });
    view! {
        // External to the router, which would scroll but not move the focus.
        <a class="skip" href="#main" rel="external">
            {tonight::SKIP_LINK}
        </a>
        <header class="top">
            <a class="brand" href=PATHS.tonight() aria-label="TickStock, daily processing">
                <Logo />
                <span class="brand-name">"TickStock"</span>
            </a>
            {environment
                .map(|name| {
                    view! {
                        <span class="tag environment" title="Environment">
                            {name}
                        </span>
                    }
                })}
            <h1 class="visually-hidden">"Daily processing"</h1>
            <nav class="nav" aria-label="Pages">
                {pages}
            </nav>
            <div class="links" role="group" aria-label="Connections">
                <StreamChip />
                <ConnectionChip
                    name="Redis"
                    long_name="Redis"
                    purpose=tonight::REDIS_PURPOSE
                    testid="link-redis"
                    of=|links| &links.redis
                    gaps=true
                />
                <ConnectionChip
                    name="API"
                    long_name="TickStockPL API"
                    purpose=tonight::API_PURPOSE
                    testid="link-api"
                    of=|links| &links.api
                />
                <ConnectionChip
                    name="DB"
                    long_name="Database"
                    purpose=tonight::DATABASE_PURPOSE
                    testid="link-database"
                    of=|links| &links.database
                />
            </div>
            <ThemeToggle />
            <ViewerInBar />
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
