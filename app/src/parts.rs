//! The pages and forms that only the server makes: each a function from what the relay knows to
//! HTML.
//!
//! They are views as any other, but rendered to text: the browser gets the text, so that none of
//! this is in the WASM.

mod actions;
mod asked;
mod audit;
mod bars;
mod compare;
pub mod door;
pub mod embed;
mod errors;
mod form;
mod lists;
mod palette;
mod run;
mod run_parts;
mod runs;
mod schedule;
mod settings;
mod settings_embeds;
mod settings_people;
pub mod share_made;
mod symbol;
#[cfg(test)]
mod usual_tests;

use crate::part::Part;
use crate::ports::{Backend, PageData};
use asked::Asked;
use leptos::prelude::*;
use std::sync::Arc;

/// What every part is made from.
struct Room {
    backend: Arc<dyn Backend>,
    data: PageData,
    asked: Asked,
}

impl Room {
    /// Why who looks cannot do what changes anything.
    fn denied(&self) -> Option<&'static str> {
        (!self.data.viewer.commands)
            .then_some("Viewers cannot start or change anything; ask an operator.")
    }
}

/// The part at an address, path and query; one that says so where there is none.
pub async fn at(address: &str, backend: Arc<dyn Backend>) -> Part {
    let Some(data) = backend.page().await else {
        return Part::default();
    };
    let room = Room {
        backend,
        data,
        asked: Asked::read(address),
    };
    let below = room
        .asked
        .path
        .strip_prefix(crate::HOME)
        .unwrap_or_default()
        .trim_matches('/')
        .to_owned();
    let names: Vec<&str> = below.split('/').collect();
    if let ["bits", name] = names.as_slice() {
        return Part {
            html: bit(name, room.backend, room.data),
            found: true,
            ..Part::default()
        };
    }
    let made = match names.as_slice() {
        ["do", action] => actions::form(&room, action),
        ["runs"] => Some(runs::page(&room).await),
        ["runs", id] => run::page(&room, id).await,
        ["schedule"] => Some(schedule::page(&room)),
        ["errors"] => Some(errors::page(&room).await),
        ["audit"] if !room.data.viewer.audit => Some(not_allowed(
            "Only administrators see the audit; ask one of them.",
        )),
        ["audit"] => Some(audit::page(&room).await),
        ["settings"] => Some(settings::page(&room).await),
        ["symbols"] => Some(symbol::page(&room).await),
        ["keys"] => Some(palette::keys()),
        ["palette"] => Some(palette::palette(&room)),
        _ => None,
    };
    made.unwrap_or_else(nothing)
}

/// A piece of a page that the browser hydrates; made from the state alone, so that the page need
/// not wait.
pub fn bit(name: &str, backend: Arc<dyn Backend>, data: PageData) -> String {
    let room = Room {
        backend,
        data,
        asked: Asked::read(crate::HOME),
    };
    match name {
        "ahead" => schedule::ahead(&room).to_html(),
        "bars" => runs::recent(&room).to_html(),
        _ => String::new(),
    }
}

fn part(title: impl Into<String>, view: impl IntoView) -> Part {
    Part {
        title: title.into(),
        html: view.to_html(),
        found: true,
    }
}

/// A page that who asks may not see.
pub fn not_allowed(why: &'static str) -> Part {
    let view = view! {
        <section class="card nothing" data-testid="not-allowed">
            <h2>"Not allowed"</h2>
            <p>{why}</p>
            <a class="button" href=crate::HOME>
                "Go to tonight's run"
            </a>
        </section>
    };
    part("Not allowed", view)
}

fn nothing() -> Part {
    let view = view! {
        <section class="card nothing">
            <h2>"There is no such page"</h2>
            <p>"The address may be mistyped, or what it named is no longer known."</p>
            <a class="button" href=crate::HOME>
                "Go to tonight's run"
            </a>
        </section>
    };
    Part {
        found: false,
        ..part("No such page", view)
    }
}
