//! The document of an embed: a frame around a view, with how fresh it is. It comes with the view,
//! or without any data where a token is asked for.

use super::EmbedView;
use crate::fragment::{DENSITY, THEME};
use crate::text::embed;
use leptos::prelude::*;

/// The parameters of a document. All but the fragment are from fixed sets of words.
#[derive(Debug)]
pub struct EmbedDocument<'a> {
    /// The view's name, for the title.
    pub title: &'static str,
    /// The view, where it may be shown to anybody.
    pub fragment: Option<&'a EmbedView>,
    /// Path of the stream, relative to the document: `../events` from a run's page.
    pub base: &'static str,
    /// Query of the stream.
    pub of: &'a str,
    /// The name of the zone that times are in.
    pub zone: &'a str,
    /// `light`, `dark`, `auto` or `transparent`.
    pub theme: &'static str,
    /// `comfortable` or `compact`.
    pub density: &'static str,
    /// `#rrggbb`.
    pub accent: Option<&'a str>,
    /// The nonce that lets the accent's style through.
    pub nonce: &'a str,
    /// The origins that may frame it, with spaces between.
    pub origins: &'a str,
    /// True if a token is required.
    pub locked: bool,
}

/// The whole document.
pub fn document(of: &EmbedDocument<'_>) -> String {
    let owner = Owner::new();
    let head = owner.with(|| head(of).to_html());
    let body = owner.with(|| body(of).to_html());
    let attributes = format!(
        "lang=\"en\" {THEME}=\"{}\" {DENSITY}=\"{}\"",
        of.theme, of.density
    );
    format!("<!DOCTYPE html>\n<html {attributes}><head>{head}</head><body>{body}</body></html>\n")
        .replace("<!>", "")
}

fn head(of: &EmbedDocument<'_>) -> AnyView {
    // Validated as a colour before it comes here, so it is no markup.
    let accent = of.accent.map(|accent| {
        let rule = format!(":root{{--tickstock-accent:{accent}}}");
        view! { <style nonce=of.nonce.to_owned() inner_html=rule></style> }.into_any()
    });
    let refresh = of.fragment.map(|_| {
        view! {
            <noscript>
                <meta http-equiv="refresh" content="30" />
            </noscript>
        }
        .into_any()
    });
    view! {
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>{format!("{} · TickStock", of.title)}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href=format!("{}embed.css", of.base) />
        {accent}
        {refresh}
        <script src=format!("{}page.js", of.base) defer></script>
    }
    .into_any()
}

fn body(of: &EmbedDocument<'_>) -> AnyView {
    let content = match of.fragment {
        Some(fragment) => fragment.html.clone(),
        None if of.locked => {
            format!("<p class=\"empty\">{}</p>", embed::WAITING_FOR_TOKEN)
        }
        None => "<p class=\"empty\">Loading…</p>".to_owned(),
    };
    view! {
        <main
            class="embed"
            aria-label=of.title.to_owned()
            data-base=of.base
            data-subject=of.of.to_owned()
            data-zone=of.zone.to_owned()
            data-origins=of.origins.to_owned()
            data-locked=of.locked.then_some("")
            data-freshness="connecting"
        >
            <p class="notice" role="status" hidden></p>
            <div class="content" inner_html=content></div>
            <footer class="foot">
                <span class="brand">"TickStock"</span>
                <span class="fresh">
                    <i></i>
                    <span class="fresh-word">"Connecting"</span>
                </span>
            </footer>
        </main>
    }
    .into_any()
}
