//! The HTML document around the app.

use crate::App;
use crate::components::ThemeChoice;
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags};

/// The document that the server sends. `theme` is `light` or `dark` where the viewer chose one.
pub fn shell(options: LeptosOptions, theme: Option<&'static str>) -> impl IntoView {
    provide_context(ThemeChoice::of(theme));
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <meta name="color-scheme" content="light dark"/>
                // Without JavaScript the page still follows, in steps.
                <noscript>
                    <meta http-equiv="refresh" content="10"/>
                </noscript>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <HashedStylesheet options=options.clone()/>
                <HydrationScripts options=options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}
