//! What the pages with lists have in common: head, filters as a plain form, the foot with the next
//! page, and why rows are missing.

use super::Room;
use crate::components::{Icon, glyph};
use crate::format::moment;
use contract::Timestamp;
use leptos::prelude::*;

/// A page's head: its name and what it is.
pub(super) fn head(title: impl Into<String>, about: impl Into<String>) -> AnyView {
    view! {
        <header class="page-head">
            <h2>{title.into()}</h2>
            <p>{about.into()}</p>
        </header>
    }
    .into_any()
}

/// Why rows are missing; nothing where none is.
pub(super) fn problem(why: Option<&String>) -> Option<AnyView> {
    why.map(|why| {
        let text =
            format!("The local copy could not be read: {why}. What is shown is what the console holds in memory.");
        view! {
            <p class="caution" data-tone="warn" role="status">
                {glyph(Icon::Warning)}
                <span>{text}</span>
                <a href="">"Try again"</a>
            </p>
        }
        .into_any()
    })
}

/// A choice of a filter.
pub(super) fn choice(
    room: &Room,
    name: &'static str,
    label: &'static str,
    all: &[(&'static str, &'static str)],
    standard: &'static str,
) -> AnyView {
    let chosen = room.asked.text(name).unwrap_or_else(|| standard.to_owned());
    let options = all.iter().map(|(value, word)| {
        view! {
            <option value=*value selected=*value == chosen>
                {*word}
            </option>
        }
        .into_any()
    });
    view! { <label class="field">{label} <select name=name>{options.collect_view()}</select></label> }
    .into_any()
}

/// A text of a filter.
pub(super) fn search(
    room: &Room,
    name: &'static str,
    label: &'static str,
    hint: &'static str,
) -> AnyView {
    view! {
        <label class="field grow">
            {label}
            <input
                type="search"
                name=name
                value=room.asked.text(name)
                placeholder=hint
                autocomplete="off"
            />
        </label>
    }
    .into_any()
}

/// The form around the filters: a plain one, so that what is shown stands in the address.
pub(super) fn filters(room: &Room, fields: AnyView) -> AnyView {
    let path = room.asked.path.clone();
    let clear = room.asked.any().then(|| {
        view! {
            <a class="button" href=path.clone()>
                "Clear"
            </a>
        }
    });
    view! {
        <form class="filters" method="get" action=path.clone() role="search">
            {fields}
            <button type="submit" class="button">
                "Show"
            </button>
            {clear}
        </form>
    }
    .into_any()
}

/// The link to the rows that follow.
pub(super) fn more(room: &Room, next: Option<&String>) -> Option<AnyView> {
    let first = room
        .asked
        .get("cursor")
        .map(|_| room.asked.with("cursor", ""));
    if next.is_none() && first.is_none() {
        return None;
    }
    let next = next.map(|next| room.asked.with("cursor", next));
    Some(
        view! {
            <nav class="more" aria-label="Pages of this list">
                {first
                    .map(|address| {
                        view! {
                            <a class="button" href=address>
                                "Newest"
                            </a>
                        }
                    })}
                {next
                    .map(|address| {
                        view! {
                            <a class="button" href=address data-more="">
                                "Load more"
                            </a>
                        }
                    })}
            </nav>
        }
        .into_any(),
    )
}

/// An empty list, told apart: nothing yet, or nothing that fits.
pub(super) fn empty(room: &Room, nothing: &'static str) -> AnyView {
    let text = if room.asked.any() {
        "Nothing fits what was asked for."
    } else {
        nothing
    };
    let clear = room
        .asked
        .any()
        .then(|| view! { <a href=room.asked.path.clone()>"Show all"</a> });
    view! { <p class="empty">{text} " " {clear}</p> }.into_any()
}

/// A moment for machines and for people.
pub(super) fn time(room: &Room, at: Timestamp) -> AnyView {
    view! { <time datetime=at.to_string()>{moment(at, &room.data.zone)}</time> }.into_any()
}
