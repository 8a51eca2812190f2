//! The settings: what the console is connected to, and how that is; what the browser keeps.

use super::context::{PageContext, fragment};
use super::lists::{head, time};
use super::settings_embeds;
use crate::fragment::{
    FORM_ERROR, Fragment, LOCAL_ZONE, NOTIFICATION_STATUS, RELOAD, REQUEST_NOTIFICATIONS, SUBMIT,
    attribute,
};
use crate::paths::{PATHS, route};
use crate::text::settings;
use crate::ui::{Icon, glyph};
use leptos::prelude::*;
use model::LinkState;

/// The page.
pub(super) async fn page(page: &PageContext) -> Fragment {
    let access = page.backend.people().await;
    let embeds = settings_embeds::embeds(page, page.backend.embeds().await);
    let links = &page.data.snapshot.state.links;
    let states = [
        ("Redis", &links.redis),
        ("TickStockPL API", &links.api),
        ("Database", &links.database),
    ];
    let known = page.backend.connections();
    let pairs = known.into_iter().map(|(name, value)| {
        view! {
            <dt>{name}</dt>
            <dd>
                <code>{value}</code>
            </dd>
        }
        .into_any()
    });
    let view = view! {
        {head("Settings", settings::ABOUT)}
        {preferences(page)}
        <section class="card" aria-labelledby="links-title">
            <header class="card-head">
                <h2 id="links-title">"Connections"</h2>
            </header>
            <ul class="rows">{states.map(|(name, link)| state(page, name, link))}</ul>
        </section>
        {super::settings_access::access(page, access)}
        <section class="card" aria-labelledby="setup-title">
            <header class="card-head">
                <h2 id="setup-title">{settings::CONFIGURATION}</h2>
                <span class="meta">{settings::CONFIGURATION_SOURCE}</span>
            </header>
            {(!page.data.viewer.configuration)
                .then(|| view! { <p class="empty">{settings::CONFIGURATION_DENIED}</p> })}
            <dl class="pairs">{pairs.collect_view()}</dl>
        </section>
        {embeds}
        <section class="card" aria-labelledby="for-programs-title">
            <header class="card-head">
                <h2 id="for-programs-title">{settings::API}</h2>
            </header>
            <dl class="pairs">
                <dt>{settings::REST_API}</dt>
                <dd>
                    <a rel="external" href=PATHS.of(route::API_DOCS)>
                        {route::API_DOCS}
                    </a>
                    ", as OpenAPI: "
                    <a rel="external" href=PATHS.of(route::OPENAPI)>
                        {route::OPENAPI}
                    </a>
                </dd>
                <dt>{settings::EVENT_STREAM}</dt>
                <dd>
                    <code>{PATHS.of(route::EVENTS)}</code>
                </dd>
                <dt>"Health"</dt>
                <dd>
                    <a rel="external" href=PATHS.of(route::HEALTH)>
                        {route::HEALTH}
                    </a>
                </dd>
            </dl>
        </section>
    };
    fragment("Settings", view)
}

/// What the browser keeps. A plain form: it works without JavaScript, but for the viewer's own
/// zone.
fn preferences(page: &PageContext) -> AnyView {
    let chosen = page.backend.preferences();
    let zone = chosen.zone.as_deref().unwrap_or_default();
    // The script names the zone of this device.
    let own = zone.to_owned();
    let is_own = !matches!(zone, "" | "UTC");
    let own_name = if is_own {
        format!("Your time ({zone})")
    } else {
        "Your time".to_owned()
    };
    let theme = chosen.theme.unwrap_or_default();
    let choice = |name: &'static str,
                  label: &'static str,
                  all: [(&'static str, &'static str); 3],
                  present: &str| {
        let options = all.map(|(value, word)| {
            view! {
                <option value=value selected=value == present>
                    {word}
                </option>
            }
            .into_any()
        });
        view! { <label class="field">{label} <select name=name>{options}</select></label> }
            .into_any()
    };
    let density = if chosen.compact { "compact" } else { "" };
    view! {
        <form
            class="card"
            id="preferences"
            action=PATHS.of(route::PREFERENCES)
            method="post"
            {..attribute(SUBMIT, "")}
            {..attribute(RELOAD, "")}
            aria-labelledby="preferences-title"
        >
            <header class="card-head">
                <h2 id="preferences-title">"Preferences"</h2>
                <span class="meta">{settings::BROWSER_STORAGE}</span>
            </header>
            <div class="filters">
                {choice(
                    "theme",
                    "Theme",
                    [("", settings::SYSTEM_THEME), ("light", "Light"), ("dark", "Dark")],
                    theme,
                )}
                <label class="field">
                    {settings::TIME_ZONE} <select name="zone">
                        <option value="" selected=zone.is_empty()>
                            {settings::EXCHANGE_ZONE}
                        </option>
                        <option value="UTC" selected=zone == "UTC">
                            "UTC"
                        </option>
                        <option
                            {..attribute(LOCAL_ZONE, "")}
                            value=own
                            selected=is_own
                            hidden=!is_own
                        >
                            {own_name}
                        </option>
                    </select>
                </label>
                <label class="field">
                    "Density" <select name="density">
                        <option value="" selected=density.is_empty()>
                            "Comfortable"
                        </option>
                        <option value="compact" selected=chosen.compact>
                            "Compact"
                        </option>
                    </select>
                </label>
            </div>
            <div class="body">
                <label class="check">
                    <input type="checkbox" name="sound" value="on" checked=chosen.sound />
                    {settings::SOUND}
                </label>
                <label class="check needs-script">
                    <input
                        type="checkbox"
                        name="notify"
                        value="on"
                        checked=chosen.notify
                        {..attribute(REQUEST_NOTIFICATIONS, "")}
                    />
                    {settings::NOTIFICATION}
                </label>
                <p
                    class="meta needs-script"
                    {..attribute(NOTIFICATION_STATUS, "")}
                    role="status"
                ></p>
                <p class="form-error" {..attribute(FORM_ERROR, "")} role="alert"></p>
            </div>
            <footer class="form-footer">
                <button type="submit" class="button primary">
                    "Save preferences"
                </button>
            </footer>
        </form>
    }
    .into_any()
}

fn state(page: &PageContext, name: &'static str, link: &LinkState) -> AnyView {
    let (icon, tone, word) = match (link.since, link.up) {
        (None, _) => (Icon::Waiting, "quiet", "not checked yet"),
        (_, true) => (Icon::Succeeded, "good", "connected"),
        (_, false) => (Icon::Failed, "bad", "unavailable"),
    };
    let since = link.since.map(|at| {
        view! {
            " since "
            {time(page, at)}
        }
    });
    view! {
        <li class="error" data-tone=tone>
            {glyph(icon)}
            <div>
                <p class="error-message">{name}</p>
                <p class="meta num">{word} {since}</p>
                <p class="reason">{link.detail.clone()}</p>
            </div>
        </li>
    }
    .into_any()
}
