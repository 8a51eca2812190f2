//! Until when the page sees what happens. It is blind when its own stream is unavailable, and when
//! both of the relay's links are: then clocks stand still, and nothing looks alive.

use crate::store::{Console, Freshness};
use contract::Timestamp;
use leptos::prelude::*;
use model::Links;

/// Returns true while the page receives changes.
pub(crate) fn is_current(console: Console) -> bool {
    console.freshness.get() == Freshness::Live && console.links.with(blind_since).is_none()
}

/// The moment that what is shown is true for: now, while the page sees.
pub(super) fn as_of(console: Console) -> Timestamp {
    let now = console.now.get();
    console
        .links
        .with(blind_since)
        .map_or(now, |since| since.min(now))
}

fn blind_since(links: &Links) -> Option<Timestamp> {
    let away = |link: &model::LinkState| link.since.filter(|_| !link.up);
    away(&links.redis)
        .zip(away(&links.api))
        .map(|(redis, api)| redis.max(api))
}
