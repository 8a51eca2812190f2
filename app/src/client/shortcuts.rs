//! The keyboard: `?` for the list of keys, `/` to search, `g` and a letter to move, `t` to run,
//! Ctrl or Cmd and K for the palette.

use crate::fragment::{RUN_NOW, SHORTCUT};
use crate::paths::PATHS;
use crate::store::Console;
use leptos::prelude::*;
use std::cell::Cell;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlDialogElement, HtmlElement, KeyboardEvent};

/// How long after `g` a letter is waited for.
const LETTER_MS: f64 = 1500.0;

/// Listens as long as the page lives.
pub(crate) fn listen_to_keys(console: Console) {
    let letter_until = Cell::new(0.0);
    let handle = window_event_listener_untyped("keydown", move |event| {
        if let Some(event) = event.dyn_ref::<KeyboardEvent>()
            && pressed(event, console, &letter_until)
        {
            event.prevent_default();
        }
    });
    std::mem::forget(handle);
}

/// Whether the key meant something.
fn pressed(event: &KeyboardEvent, console: Console, letter_until: &Cell<f64>) -> bool {
    let key = event.key();
    let with_control = event.ctrl_key() || event.meta_key();
    if with_control && !event.alt_key() && !event.shift_key() && key.eq_ignore_ascii_case("k") {
        return open(console, "/palette");
    }
    if in_palette(event) {
        // A search field with a text in it would take the first Escape for itself.
        return if key == "Escape" {
            close_dialog()
        } else {
            move_in_palette(&key)
        };
    }
    if with_control || event.alt_key() || is_typing(event) || first("dialog[open]").is_some() {
        return false;
    }
    if letter_until.replace(0.0) > js_sys::Date::now() {
        return first(&format!("[{SHORTCUT}=\"{}\"]", letter(&key)))
            .inspect(HtmlElement::click)
            .is_some();
    }
    match key.as_str() {
        "?" => open(console, "/keys"),
        "t" => {
            first(&format!("[{RUN_NOW}]:not([disabled])"))
                .inspect(HtmlElement::click)
                .is_some()
                || open(console, "/do/run")
        }
        "/" => first("main input[type=search]")
            .inspect(|field| drop(field.focus()))
            .is_some(),
        "g" => {
            letter_until.set(js_sys::Date::now() + LETTER_MS);
            true
        }
        _ => false,
    }
}

/// Only a letter can stand in the selector.
fn letter(key: &str) -> &str {
    if key.len() == 1 && key.bytes().all(|byte| byte.is_ascii_lowercase()) {
        key
    } else {
        ""
    }
}

fn open(console: Console, below: &str) -> bool {
    console
        .dialog
        .set(Some(format!("{}{below}", PATHS.tonight())));
    true
}

fn close_dialog() -> bool {
    first("dialog[open]")
        .map(|dialog| dialog.unchecked_into::<HtmlDialogElement>().close())
        .is_some()
}

fn first(selector: &str) -> Option<HtmlElement> {
    document()
        .query_selector(selector)
        .ok()
        .flatten()?
        .dyn_into()
        .ok()
}

/// Keys are the field's while somebody types in it.
fn is_typing(event: &Event) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    // Boxes and buttons take no letters.
    target.is_some_and(|element| {
        let fields =
            "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
        element.closest(fields).ok().flatten().is_some()
    })
}

fn in_palette(event: &Event) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|element| element.closest(".palette").ok().flatten().is_some())
}

/// Up and down go through what fits; Enter in the field takes the first.
fn move_in_palette(key: &str) -> bool {
    let links = document().query_selector_all(".palette li:not([hidden]) a");
    let Ok(links) = links else { return false };
    let links: Vec<HtmlElement> = (0..links.length())
        .filter_map(|index| links.item(index)?.dyn_into().ok())
        .collect();
    let active = document().active_element();
    let at = links.iter().position(|link| {
        active
            .as_ref()
            .is_some_and(|active| link.is_same_node(Some(active)))
    });
    let next = match (key, at) {
        ("ArrowDown", None) => Some(0),
        ("ArrowDown", Some(at)) => Some((at + 1).min(links.len().saturating_sub(1))),
        ("ArrowUp", Some(0) | None) => {
            return first(".palette input")
                .inspect(|field| drop(field.focus()))
                .is_some();
        }
        ("ArrowUp", Some(at)) => Some(at - 1),
        ("Enter", None) => return links.first().inspect(|link| link.click()).is_some(),
        _ => None,
    };
    next.and_then(|next| links.get(next))
        .inspect(|link| drop(link.focus()))
        .is_some()
}
