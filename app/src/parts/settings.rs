//! The settings: what the console is connected to, and how that is; what the browser keeps.

use super::lists::{head, time};
use super::{Room, part, settings_embeds};
use crate::components::{Icon, glyph};
use crate::part::Part;
use leptos::prelude::*;
use model::LinkState;

/// The page.
pub(super) async fn page(room: &Room) -> Part {
    let embeds = settings_embeds::embeds(room, room.backend.embeds().await);
    let links = &room.data.snapshot.state.links;
    let states = [("Redis", &links.redis), ("TickStockPL's API", &links.api), ("Local copy", &links.database)];
    let known = room.backend.connections();
    let pairs =
        known.into_iter().map(|(name, value)| view! { <dt>{name}</dt> <dd><code>{value}</code></dd> }.into_any());
    let view = view! {
        {head("Settings", "What this console is connected to. It is set by its environment; secrets are not shown.")}
        <section class="card" aria-labelledby="links-title">
            <header class="card-head"><h2 id="links-title">"Connections"</h2></header>
            <ul class="rows">{states.map(|(name, link)| state(room, name, link))}</ul>
        </section>
        <section class="card" aria-labelledby="setup-title">
            <header class="card-head"><h2 id="setup-title">"Set up"</h2></header>
            <dl class="pairs">{pairs.collect_view()}</dl>
        </section>
        {embeds}
        <section class="card" aria-labelledby="for-programs-title">
            <header class="card-head"><h2 id="for-programs-title">"For programs"</h2></header>
            <dl class="pairs">
                <dt>"The REST API"</dt>
                <dd><a rel="external" href="/api/docs">"/api/docs"</a> ", as OpenAPI: " <a rel="external" href="/api/openapi.json">"/api/openapi.json"</a></dd>
                <dt>"The stream of events"</dt>
                <dd><code>"/api/events"</code></dd>
                <dt>"Health"</dt>
                <dd><a rel="external" href="/health">"/health"</a></dd>
            </dl>
        </section>
    };
    part("Settings", view)
}

fn state(room: &Room, name: &'static str, link: &LinkState) -> AnyView {
    let (icon, tone, word) = match (link.since, link.up) {
        (None, _) => (Icon::Waiting, "quiet", "not tried yet"),
        (_, true) => (Icon::Succeeded, "good", "connected"),
        (_, false) => (Icon::Failed, "bad", "away"),
    };
    let since = link.since.map(|at| view! { " since " {time(room, at)} });
    view! {
        <li class="error" data-tone=tone>
            {glyph(icon)}
            <div>
                <p class="error-message">{name}</p>
                <p class="meta num">{word} {since}</p>
                <p class="reason">{link.detail.clone()}</p>
            </div>
        </li>
    }
    .into_any()
}
