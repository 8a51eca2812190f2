//! "Load more" adds the next rows to the list that is there: what was read stays where it is.

use super::fetch::load_fragment;
use crate::fragment::ROWS;
use crate::store::Console;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// The links to other pages of it.
const PAGES: &str = "nav.load-more";

/// Adds the rows of the page at the link's address to the list that the link is below.
pub(crate) fn append(link: &Element, console: Console) {
    let card = link.closest("section").ok().flatten();
    let (Some(address), Some(card)) = (link.get_attribute("href"), card) else {
        return;
    };
    if link.has_attribute("aria-busy") {
        return;
    }
    let _ = link.set_attribute("aria-busy", "true");
    let link = link.clone();
    spawn_local(async move {
        match load_fragment(&address).await {
            Ok(next) => add(&card, &next.html),
            Err(error) => console.show_error(error.message),
        }
        let _ = link.remove_attribute("aria-busy");
        super::local_values::fill_local_values(console);
    });
}

fn add(card: &Element, html: &str) {
    let Ok(apart) = document().create_element("div") else {
        return;
    };
    // The server's own HTML, in which anybody's text is escaped.
    apart.set_inner_html(html);
    let rows = format!("[{ROWS}]");
    let find = |within: &Element, what: &str| within.query_selector(what).ok().flatten();
    let (Some(rows), Some(next)) = (find(card, &rows), find(&apart, &rows)) else {
        return;
    };
    let first = next.first_element_child();
    while let Some(row) = next.first_element_child() {
        let _ = rows.append_child(&row);
    }
    if let Some(pages) = find(card, PAGES) {
        match find(&apart, PAGES) {
            Some(next) => drop(pages.replace_with_with_node_1(&next)),
            None => pages.remove(),
        }
    }
    // Where reading continues.
    let link = first.and_then(|row| row.query_selector("a, summary").ok().flatten());
    if let Some(link) = link.and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
        let _ = link.focus();
    }
}
