//! What the pages with lists have in common: head, filters as a plain form, the foot with the next
//! page, and why rows are missing.

use super::context::PageContext;
use crate::format::moment;
use crate::fragment::{LOAD_MORE, attribute};
use crate::text::shared;
use crate::ui::{Icon, glyph};
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
        let text = format!("Could not read the database: {why}. Showing data from memory.");
        view! {
            <p class="warning-line" data-tone="warn" role="status">
                {glyph(Icon::Warning)}
                <span>{text}</span>
                <a href="">"Retry"</a>
            </p>
        }
        .into_any()
    })
}

/// A choice of a filter.
pub(super) fn choice(
    page: &PageContext,
    name: &'static str,
    label: &'static str,
    all: &[(&'static str, &'static str)],
    standard: &'static str,
) -> AnyView {
    let chosen = page.query.text(name).unwrap_or_else(|| standard.to_owned());
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
    page: &PageContext,
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
                value=page.query.text(name)
                placeholder=hint
                autocomplete="off"
            />
        </label>
    }
    .into_any()
}

/// The form around the filters: a plain one, so that what is shown stands in the address.
pub(super) fn filters(page: &PageContext, fields: AnyView) -> AnyView {
    let path = page.query.path.clone();
    let clear = page.query.any().then(|| {
        view! {
            <a class="button" href=path.clone()>
                "Clear filters"
            </a>
        }
    });
    view! {
        <form class="filters" method="get" action=path.clone() role="search">
            {fields}
            <button type="submit" class="button">
                "Apply filters"
            </button>
            {clear}
        </form>
    }
    .into_any()
}

/// The link to the rows that follow.
pub(super) fn more(page: &PageContext, next: Option<&String>) -> Option<AnyView> {
    let first = page
        .query
        .get("cursor")
        .map(|_| page.query.with("cursor", ""));
    if next.is_none() && first.is_none() {
        return None;
    }
    let next = next.map(|next| page.query.with("cursor", next));
    Some(
        view! {
            <nav class="load-more" aria-label="Pages of this list">
                {first
                    .map(|address| {
                        view! {
                            <a class="button" href=address>
                                "Show newest"
                            </a>
                        }
                    })}
                {next
                    .map(|address| {
                        view! {
                            <a {..attribute(LOAD_MORE, "")} class="button" href=address>
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
pub(super) fn empty(page: &PageContext, nothing: &'static str) -> AnyView {
    let text = if page.query.any() {
        shared::NO_MATCHES
    } else {
        nothing
    };
    let clear = page
        .query
        .any()
        .then(|| view! { <a href=page.query.path.clone()>"Show all"</a> });
    view! { <p class="empty">{text} " " {clear}</p> }.into_any()
}

/// A moment for machines and for people.
pub(super) fn time(page: &PageContext, at: Timestamp) -> AnyView {
    view! { <time datetime=at.to_string()>{moment(at, &page.data.zone)}</time> }.into_any()
}
