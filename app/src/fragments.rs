//! The pages and forms that only the server renders, each a function from what the relay knows to
//! HTML. They are views as any other, but rendered to text: the browser gets the text, so none of
//! this is in the WASM.

mod actions;
mod audit;
mod bars;
#[cfg(test)]
mod baseline_tests;
mod compare;
mod context;
mod errors;
mod form;
mod lists;
mod palette;
mod query;
mod run;
mod run_sections;
mod runs;
mod schedule;
mod settings;
mod settings_access;
mod settings_embeds;
mod symbol;

use crate::fragment::Fragment;
use crate::paths::PATHS;
use crate::ports::{Backend, CommandError, PageData};
use crate::text::shared;
use context::{PageContext, fragment};
use leptos::prelude::*;
use query::PageQuery;
use std::sync::Arc;

/// The fragment at an address (path and query), for the browser.
#[server(prefix = "/api/console", endpoint = "part", input = server_fn::codec::GetUrl)]
pub async fn load_fragment(
    /// Path and query.
    address: String,
) -> Result<Fragment, CommandError> {
    Ok(render(&address, expect_context()).await)
}

/// Renders the fragment at an address, or one that says that the page does not exist.
pub async fn render(address: &str, backend: Arc<dyn Backend>) -> Fragment {
    let Some(data) = backend.page().await else {
        return Fragment::default();
    };
    let page = PageContext {
        backend,
        data,
        query: PageQuery::parse(address),
    };
    let below = page
        .query
        .path
        .strip_prefix(PATHS.tonight().as_str())
        .unwrap_or_default()
        .trim_matches('/')
        .to_owned();
    let names: Vec<&str> = below.split('/').collect();
    if let ["bits", name] = names.as_slice() {
        return Fragment {
            html: render_slot(name, page.backend, page.data),
            found: true,
            ..Fragment::default()
        };
    }
    let rendered = match names.as_slice() {
        ["do", action] => actions::form(&page, action),
        ["runs"] => Some(runs::page(&page).await),
        ["runs", id] => run::page(&page, id).await,
        ["schedule"] => Some(schedule::page(&page)),
        ["errors"] => Some(errors::page(&page).await),
        ["audit"] if !page.data.viewer.audit => Some(not_allowed(shared::AUDIT_DENIED)),
        ["audit"] => Some(audit::page(&page).await),
        ["settings"] => Some(settings::page(&page).await),
        ["symbols"] => Some(symbol::page(&page).await),
        ["keys"] => Some(palette::keys()),
        ["palette"] => Some(palette::palette(&page)),
        _ => None,
    };
    rendered.unwrap_or_else(not_found)
}

/// Renders a slot of a page that the browser hydrates; from the state alone, so that the page need
/// not wait.
pub fn render_slot(name: &str, backend: Arc<dyn Backend>, data: PageData) -> String {
    let page = PageContext {
        backend,
        data,
        query: PageQuery::parse(&PATHS.tonight()),
    };
    match name {
        "ahead" => schedule::ahead(&page).to_html(),
        "bars" => runs::recent(&page).to_html(),
        _ => String::new(),
    }
}

/// A page that the viewer may not see.
pub fn not_allowed(why: &'static str) -> Fragment {
    let view = view! {
        <section class="card nothing" data-testid="not-allowed">
            <h2>"Not allowed"</h2>
            <p>{why}</p>
            <a class="button" href=PATHS.tonight()>
                {shared::GO_HOME}
            </a>
        </section>
    };
    fragment("Not allowed", view)
}

fn not_found() -> Fragment {
    let view = view! {
        <section class="card nothing">
            <h2>{shared::PAGE_NOT_FOUND}</h2>
            <p>{shared::PAGE_NOT_FOUND_WHY}</p>
            <a class="button" href=PATHS.tonight()>
                {shared::GO_HOME}
            </a>
        </section>
    };
    Fragment {
        found: false,
        ..fragment(shared::PAGE_NOT_FOUND, view)
    }
}
