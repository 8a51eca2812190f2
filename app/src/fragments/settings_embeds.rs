//! The settings' part on embeds: choose a view, see it as a portal's visitors would, copy what the
//! portal needs, make and revoke shares. The choice stands in the address; what changes anything
//! are plain forms, each answered with a page.

use super::context::PageContext;
use super::lists::time;
use crate::embed::EmbedCode;
use crate::fragment::{COPY, attribute};
use crate::paths::{PATHS, route};
use crate::ports::{EmbedSettings, EmbedShareRow};
use crate::text::settings;
use crate::ui::{Icon, glyph};
use leptos::prelude::*;

const VIEWS: [(&str, &str); 4] = [
    ("status", "Tonight's run"),
    ("runs", "Recent runs"),
    ("run", "One run"),
    ("schedule", "Schedule"),
];
const THEMES: [(&str, &str); 4] = [
    ("", settings::VISITOR_THEME),
    ("light", "Light"),
    ("dark", "Dark"),
    ("transparent", "Transparent"),
];
const DENSITIES: [(&str, &str); 2] = [("", "Comfortable"), ("compact", "Compact")];
/// The options, as fields and as parameters.
const OPTIONS: [&str; 5] = ["theme", "accent", "density", "tz", "sections"];

/// The section.
pub(super) fn embeds(page: &PageContext, known: EmbedSettings) -> AnyView {
    if !known.manages {
        return ().into_any();
    }
    let origins = if known.origins.is_empty() {
        settings::NO_FRAME_ORIGINS.to_owned()
    } else {
        known.origins.join(", ")
    };
    let who = if known.open {
        settings::EMBEDS_OPEN
    } else {
        settings::EMBEDS_NEED_TOKEN
    };
    view! {
        <section class="card" aria-labelledby="embeds-title" id="embeds" data-testid="embeds">
            <header class="card-head">
                <h2 id="embeds-title">"Embeds"</h2>
            </header>
            <dl class="pairs">
                <dt>{settings::FRAME_ORIGINS}</dt>
                <dd>{origins}</dd>
                <dt>{settings::EMBED_ACCESS}</dt>
                <dd>{who}</dd>
            </dl>
            {choice(page)}
            {chosen(page, &known)}
        </section>
        {shares(page, &known)}
    }
    .into_any()
}

fn value(page: &PageContext, name: &str) -> String {
    page.query.text(name).unwrap_or_default()
}

fn view_of(page: &PageContext) -> String {
    page.query
        .get("view")
        .filter(|view| VIEWS.iter().any(|(known, _)| known == view))
        .unwrap_or("status")
        .to_owned()
}

fn choice(page: &PageContext) -> AnyView {
    let options = |name: &'static str,
                   label: &'static str,
                   all: &'static [(&'static str, &'static str)],
                   chosen: String| {
        let options = all.iter().map(|(value, word)| {
            view! {
                <option value=*value selected=*value == chosen>
                    {*word}
                </option>
            }
        });
        view! { <label class="field">{label} <select name=name>{options.collect_view()}</select></label> }.into_any()
    };
    let text = |name: &'static str, label: &'static str, hint: &'static str| {
        view! {
            <label class="field">
                {label}
                <input
                    type="text"
                    name=name
                    value=value(page, name)
                    placeholder=hint
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                />
            </label>
        }
        .into_any()
    };
    view! {
        <form
            class="filters"
            method="get"
            action=format!("{}#embeds", page.query.path)
            data-testid="embed-choice"
        >
            {options("view", "View", &VIEWS, view_of(page))}
            {text("run_id", settings::ONE_RUN_ID, "run ID")}
            {text("origin", settings::PORTAL_ORIGIN, "https://portal.example")}
            {options("theme", "Theme", &THEMES, value(page, "theme"))}
            {text("accent", "Accent", "#1c2cac")}
            {options("density", "Density", &DENSITIES, value(page, "density"))}
            {text("tz", "Time zone", "exchange, UTC, Europe/Berlin")}
            {text("sections", "Sections", "all")}
            <button type="submit" class="button">
                "Preview"
            </button>
        </form>
    }
    .into_any()
}

/// The chosen one: what speaks against it, the preview, what to copy.
fn chosen(page: &PageContext, known: &EmbedSettings) -> AnyView {
    let chosen = EmbedCode {
        base: known.base.clone(),
        view: view_of(page),
        run_id: value(page, "run_id"),
        options: OPTIONS.map(|name| (name, value(page, name))).into(),
        token: None,
        provided: !known.open,
    };
    if chosen.view == "run" && chosen.run_id.is_empty() {
        return view! { <p class="empty">{settings::NAME_THE_RUN}</p> }.into_any();
    }
    // Of this console, whatever its address is.
    let mut own = EmbedCode {
        base: String::new(),
        ..chosen.clone()
    };
    own.options.push(("preview", "1".to_owned()));
    own.token = known.preview_token.clone();
    let warnings = warnings(page, known);
    let warnings = warnings.into_iter().map(|text| {
        view! {
            <p class="warning-line inset" data-tone="warn" data-testid="embed-warning">
                {glyph(Icon::Warning)}
                <span>{text}</span>
            </p>
        }
        .into_any()
    });
    view! {
        {warnings.collect_view()}
        <iframe
            class="embed-preview"
            title="Preview of the embed"
            src=own.address()
            data-testid="embed-preview"
        ></iframe>
        {code("Frame", chosen.frame())}
        {code("Component", chosen.component())}
        {code("Badge", chosen.badge())}
    }
    .into_any()
}

/// What would not work there, said before anything is copied.
fn warnings(page: &PageContext, known: &EmbedSettings) -> Vec<String> {
    let Some(origin) = page.query.get("origin") else {
        return Vec::new();
    };
    let origin = origin.trim_end_matches('/');
    let listed = known
        .origins
        .iter()
        .any(|listed| listed.eq_ignore_ascii_case(origin));
    let unlisted = (!listed).then(|| {
        format!("{origin} is not in CONSOLE_EMBED_ORIGINS, so browsers refuse to show the view there. Add it and restart the console.")
    });
    let plain = (origin.starts_with("https:") && known.base.starts_with("http:"))
        .then(|| settings::MIXED_CONTENT.to_owned());
    unlisted.into_iter().chain(plain).collect()
}

fn code(title: &'static str, text: String) -> AnyView {
    view! {
        <figure class="code-block">
            <figcaption>
                <span>{title}</span>
                <button
                    type="button"
                    class="small-button needs-script"
                    {..attribute(COPY, text.clone())}
                >
                    "Copy"
                </button>
            </figcaption>
            <pre tabindex="0">{text}</pre>
        </figure>
    }
    .into_any()
}

fn shares(page: &PageContext, known: &EmbedSettings) -> AnyView {
    let hidden = ["origin", "run_id"].into_iter().chain(OPTIONS);
    let hidden = hidden
        .map(|name| view! { <input type="hidden" name=name value=value(page, name) /> }.into_any());
    let blocked = page.query.get("origin").is_none();
    let open = known.open.then(|| {
        view! { <p class="meta foot">{settings::OPEN_EMBED_LINKS}</p> }
    });
    let problem = known.problem.as_ref().map(|why| {
        view! {
            <p class="warning-line inset" data-tone="warn" role="status">
                {format!("Could not read the database: {why}.")}
            </p>
        }
    });
    let nothing = known
        .shares
        .is_empty()
        .then(|| view! { <p class="empty">{settings::NO_EMBED_LINKS}</p> });
    view! {
        <section class="card" aria-labelledby="shares-title" data-testid="shares">
            <header class="card-head">
                <h2 id="shares-title">"Embed links"</h2>
            </header>
            {problem}
            <ul class="rows">{known.shares.iter().map(|share| row(page, share)).collect_view()}</ul>
            {nothing}
            {open}
            <form
                class="filters"
                action=PATHS.of(route::EMBED_SHARES)
                method="post"
                data-testid="add-share"
            >
                <input type="hidden" name="view" value=view_of(page) />
                {hidden.collect_view()}
                <label class="field grow">
                    {settings::EMBED_LINK_NOTE}
                    <input type="text" name="note" maxlength="200" autocomplete="off" />
                </label>
                <label class="field">
                    {settings::VALID_DAYS}
                    <input
                        type="text"
                        name="days"
                        inputmode="numeric"
                        value="90"
                        autocomplete="off"
                    />
                </label>
                <button type="submit" class="button" disabled=blocked>
                    {settings::CREATE_EMBED_LINK}
                </button>
                {blocked
                    .then(|| {
                        view! { <span class="meta">{settings::NAME_THE_ORIGIN}</span> }
                    })}
            </form>
        </section>
    }
    .into_any()
}

fn row(page: &PageContext, share: &EmbedShareRow) -> AnyView {
    let good = share.state == "good";
    let until = match share.expires_at {
        Some(at) => view! {
            ", "
            {settings::EXPIRES}
            {time(page, at)}
        }
        .into_any(),
        None => view! { {settings::NO_EXPIRY_AFTER} }.into_any(),
    };
    let revoke = good.then(|| {
        view! {
            <form action=PATHS.of(route::EMBED_SHARE_REVOKE) method="post">
                <input type="hidden" name="id" value=share.id.clone() />
                <button type="submit" class="small-button">
                    "Revoke"
                </button>
            </form>
        }
    });
    let state = (!good).then(|| format!(" · {}", share.state));
    view! {
        <li class="access-row" data-testid="share">
            <p class="error-message">
                <code>{share.resource.clone()}</code>
                " for "
                {share.origin.clone()}
                {state}
            </p>
            <p class="meta num">
                {share.note.clone().map(|note| format!("{note}. "))} "By " {share.who.clone()} ", "
                {time(page, share.created_at)} {until}
            </p>
            {revoke}
        </li>
    }
    .into_any()
}
