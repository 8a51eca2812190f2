//! The frame of all forms of commands (head, preview, error) and their fields, which keep what was
//! typed.

use super::context::PageContext;
use crate::commands::CommandSpec;
use crate::fragment::{CLOSE_DIALOG, FORM_ERROR, SUBMIT, SUCCESS, attribute};
use crate::paths::PATHS;
use crate::ports::CommandError;
use crate::ui::{Icon, glyph};
use leptos::prelude::*;

/// A form of a command.
pub(super) struct Form {
    pub(super) command: &'static CommandSpec,
    /// What would happen, as terms and descriptions.
    pub(super) preview: Vec<(&'static str, String)>,
    /// Warnings that do not prevent it.
    pub(super) warnings: Vec<String>,
    /// Reason why it is not possible now.
    pub(super) blocked: Option<String>,
    pub(super) fields: AnyView,
}

impl Form {
    /// The form, with a key of its own.
    pub(super) fn view(self, page: &PageContext) -> AnyView {
        let wrong = page.query.error();
        // Which of them it is about is on the button that does it.
        let on = page
            .data
            .environment
            .as_ref()
            .map(|name| format!(" on {name}"));
        let denied = page.denied().map(str::to_owned);
        let blocked = self.blocked.is_some() || denied.is_some();
        let preview = self.preview.into_iter().map(|(name, value)| {
            view! {
                <dt>{name}</dt>
                <dd>{value}</dd>
            }
            .into_any()
        });
        let warnings = self
            .warnings
            .into_iter()
            .chain(self.blocked)
            .chain(denied)
            .map(|text| {
                view! {
                    <p class="warning-line" data-tone="warn">
                        {glyph(Icon::Warning)}
                        <span>{text}</span>
                    </p>
                }
                .into_any()
            });
        view! {
            <form
                class="card form-card"
                action=self.command.action()
                method="post"
                {..attribute(SUBMIT, "")}
                {..attribute(SUCCESS, self.command.accepted)}
            >
                <header class="card-head">
                    <h2 id="dialog-title">{self.command.label}</h2>
                    <a class="small-button" {..attribute(CLOSE_DIALOG, "")} href=PATHS.tonight()>
                        "Close"
                    </a>
                </header>
                <div class="form-body">
                    <dl class="pairs num">{preview.collect_view()}</dl>
                    {warnings.collect_view()}
                    {self.fields}
                    <input type="hidden" name="key" value=page.backend.key() />
                    <p class="form-error" {..attribute(FORM_ERROR, "")} role="alert">
                        {wrong.map(|error| error.message)}
                    </p>
                </div>
                <footer class="form-footer">
                    <button
                        type="submit"
                        class="button primary"
                        disabled=blocked
                        data-testid="confirm"
                    >
                        {self.command.label}
                        {on}
                    </button>
                    <a class="button" {..attribute(CLOSE_DIALOG, "")} href=PATHS.tonight()>
                        "Cancel"
                    </a>
                </footer>
            </form>
        }
        .into_any()
    }
}

/// A line of text.
pub(super) fn text(
    page: &PageContext,
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    list: &[String],
) -> AnyView {
    let wrong = is_wrong(page, name);
    let options = list
        .iter()
        .map(|value| view! { <option value=value.clone()></option> }.into_any())
        .collect_view();
    let list_id = format!("{name}-list");
    let hint_id = format!("{name}-hint");
    view! {
        <label class="field">
            <span>{label}</span>
            <input
                type="text"
                name=name
                list=list_id.clone()
                value=page.query.text(name)
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                aria-describedby=hint_id.clone()
                aria-invalid=wrong.then_some("true")
            />
        </label>
        <p class="meta hint" id=hint_id>
            {hint}
        </p>
        <datalist id=list_id>{options}</datalist>
    }
    .into_any()
}

/// Several boxes of one list; those in `ticked` are, unless the form was sent before.
pub(super) fn boxes(
    page: &PageContext,
    name: &'static str,
    label: &'static str,
    all: &[(&'static str, &'static str)],
    ticked: &[&str],
) -> AnyView {
    let sent = page.query.all(name);
    let is = |value: &str| {
        if page.query.any() {
            sent.contains(&value)
        } else {
            ticked.contains(&value)
        }
    };
    let boxes = all.iter().map(|(value, word)| {
        view! {
            <label class="check">
                <input type="checkbox" name=format!("{name}[]") value=*value checked=is(value) />
                {*word}
            </label>
        }
        .into_any()
    });
    view! {
        <fieldset class="boxes">
            <legend>{label}</legend>
            {boxes.collect_view()}
        </fieldset>
    }
    .into_any()
}

/// One box.
pub(super) fn check(
    page: &PageContext,
    name: &'static str,
    label: &'static str,
    ticked: bool,
) -> AnyView {
    let ticked = if page.query.any() {
        page.query.get(name).is_some()
    } else {
        ticked
    };
    view! {
        <label class="check">
            <input type="checkbox" name=name value="true" checked=ticked />
            {label}
        </label>
    }
    .into_any()
}

fn is_wrong(page: &PageContext, name: &str) -> bool {
    matches!(page.query.error(), Some(CommandError { field: Some(field), .. }) if field == name)
}
