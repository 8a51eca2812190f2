//! What the keyboard opens: the list of keys, and the palette with every page, every action and the
//! latest runs.

use super::context::{PageContext, fragment};
use crate::commands::COMMANDS;
use crate::components::PAGES;
use crate::format::{moment, short_id};
use crate::fragment::{
    CLOSE_DIALOG, DIALOG, FILTER, FILTER_EMPTY, FILTER_LIST, Fragment, attribute,
};
use crate::paths::PATHS;
use crate::text::palette;
use leptos::prelude::*;

/// Runs that the palette names.
const RUNS: usize = 12;

/// The keys.
pub(super) fn keys() -> Fragment {
    let pages = PAGES.map(|(_, name, key)| (format!("g {key}"), name.to_owned()));
    let others = [
        ("?", palette::SHOW_SHORTCUTS),
        ("Ctrl K", palette::OPEN_PALETTE),
        ("/", palette::SEARCH_PAGE),
        ("Esc", palette::CLOSE),
    ];
    let commands = COMMANDS.iter().filter_map(|command| {
        let what = format!("{} (asks for confirmation)", command.label);
        Some((command.shortcut?.to_owned(), what))
    });
    let rows = others
        .into_iter()
        .map(|(key, what)| (key.to_owned(), what.to_owned()))
        .chain(commands)
        .chain(pages);
    let rows = rows.map(|(key, what)| {
        let keys = key
            .split(' ')
            .map(|key| view! { <kbd>{key.to_owned()}</kbd> }.into_any())
            .collect_view();
        view! {
            <dt>{keys}</dt>
            <dd>{what}</dd>
        }
        .into_any()
    });
    let view = view! {
        <section class="card form-card">
            <header class="card-head">
                <h2 id="dialog-title">"Keyboard shortcuts"</h2>
                <a class="small-button" {..attribute(CLOSE_DIALOG, "")} href=PATHS.tonight()>
                    "Close"
                </a>
            </header>
            <dl class="pairs keys">{rows.collect_view()}</dl>
            <p class="meta foot">{palette::WHILE_TYPING}</p>
        </section>
    };
    fragment("Keyboard shortcuts", view)
}

/// The palette. The browser leaves out what does not fit what is typed.
pub(super) fn palette(page: &PageContext) -> Fragment {
    let pages = PAGES.map(|(below, name, key)| {
        let hint = view! {
            <kbd>"g"</kbd>
            <kbd>{key}</kbd>
        }
        .into_any();
        entry(PATHS.below_tonight(below), name.to_owned(), hint, false)
    });
    let actions = COMMANDS.iter().filter_map(|command| {
        let hint = view! { <span class="meta">"Action"</span> }.into_any();
        let address = PATHS.command_form(command.form?);
        Some(entry(address, format!("{}…", command.label), hint, true))
    });
    let actions = actions.collect_view();
    let keys = entry(
        PATHS.page("keys"),
        "Keyboard shortcuts".to_owned(),
        view! { <kbd>"?"</kbd> }.into_any(),
        true,
    );
    let state = &page.data.snapshot.state;
    let shown = state.run.as_ref().map(model::RunSummary::from);
    let shown_id = shown.as_ref().map(|run| &run.id);
    // A run that ended is the shown one and among the earlier ones.
    let others = state.earlier.iter().filter(|run| Some(&run.id) != shown_id);
    let runs = shown.iter().chain(others).take(RUNS).map(|run| {
        let began = run
            .started_at
            .map(|at| format!(", {}", moment(at, &page.data.zone)))
            .unwrap_or_default();
        let name = format!("Run {}{began}", short_id(&run.id));
        let hint = view! { <span class="meta">{run.status.word()}</span> }.into_any();
        entry(PATHS.run(&run.id), name, hint, false)
    });
    let view = view! {
        <section class="card form-card palette">
            <h2 id="dialog-title" class="visually-hidden">
                {palette::TITLE}
            </h2>
            <input
                type="search"
                {..attribute(FILTER, "")}
                aria-label=palette::TITLE
                placeholder=palette::PLACEHOLDER
                autocomplete="off"
                autofocus
            />
            <ul class="choices" {..attribute(FILTER_LIST, "")}>
                {pages}
                {actions}
                {keys}
                {runs.collect_view()}
            </ul>
            <p class="empty" {..attribute(FILTER_EMPTY, "")} hidden>
                {palette::NO_MATCHES}
            </p>
        </section>
    };
    fragment(palette::TITLE, view)
}

fn entry(address: String, name: String, hint: AnyView, opens: bool) -> AnyView {
    let (dialog, close) = (opens.then_some(""), (!opens).then_some("after"));
    view! {
        <li>
            <a {..attribute(DIALOG, dialog)} {..attribute(CLOSE_DIALOG, close)} href=address>
                {name}
                <span>{hint}</span>
            </a>
        </li>
    }
    .into_any()
}
