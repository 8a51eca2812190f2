//! The HTML document around the app.

use crate::fragment::{DENSITY, NOTIFY, SOUND, THEME, attribute};
use crate::ui::ThemeChoice;
use crate::{App, Preferences};
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags};

/// The document that the server sends, as the viewer wants to see it.
///
/// Without JavaScript it follows in steps where it `follows`; not where somebody may be typing.
pub fn shell(options: LeptosOptions, chosen: &Preferences, follows: bool) -> impl IntoView + use<> {
    provide_context(ThemeChoice::of(chosen.theme));
    let on = |is: bool| is.then_some("on");
    view! {
        <!DOCTYPE html>
        <html
            lang="en"
            {..attribute(THEME, chosen.theme)}
            {..attribute(DENSITY, chosen.compact.then_some("compact"))}
            {..attribute(SOUND, on(chosen.sound))}
            {..attribute(NOTIFY, on(chosen.notify))}
        >
            <head>
                <meta charset="utf-8" />
                <meta
                    name="viewport"
                    content="width=device-width, initial-scale=1, viewport-fit=cover"
                />
                <meta name="color-scheme" content="light dark" />
                {follows
                    .then(|| {
                        view! {
                            <noscript>
                                <meta http-equiv="refresh" content="10" />
                            </noscript>
                        }
                    })}
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="apple-touch-icon" href="/icon-192.png" />
                <link rel="manifest" href="/manifest.webmanifest" />
                <meta name="theme-color" content="#ffffff" media="(prefers-color-scheme: light)" />
                <meta name="theme-color" content="#151920" media="(prefers-color-scheme: dark)" />
                <HashedStylesheet options=options.clone() />
                <HydrationScripts options=options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}
