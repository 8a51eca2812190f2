//! The settings' part on access: oneself, and for administrators users and API tokens. Plain forms,
//! each answered with a page.

use super::context::PageContext;
use super::lists::time;
use crate::format::plural;
use crate::paths::{PATHS, route};
use crate::ports::{AccessSettings, TokenRow, UserRow, ViewerAuth};
use crate::text::settings;
use leptos::prelude::*;

const ROLES: [(&str, &str); 3] = [
    ("viewer", settings::VIEWER_ROLE),
    ("operator", settings::OPERATOR_ROLE),
    ("admin", settings::ADMIN_ROLE),
];

/// Who is signed in, how one gets in, and what one may manage of it.
pub(super) fn access(page: &PageContext, access: AccessSettings) -> AnyView {
    let viewer = &page.data.viewer;
    let who = match viewer.auth {
        ViewerAuth::Open => settings::OPEN_ACCESS.to_owned(),
        ViewerAuth::User => format!("Signed in as {} ({}).", viewer.name, viewer.role),
        ViewerAuth::Proxy => format!(
            "Signed in through the proxy as {} ({}).",
            viewer.name, viewer.role
        ),
        ViewerAuth::Token => format!(
            "Authenticated with the token {} ({}).",
            viewer.name, viewer.role
        ),
    };
    let manages = viewer.manages_access;
    let door = (access.password_sign_in && viewer.auth == ViewerAuth::Open).then(|| {
        view! {
            <a class="button" rel="external" href=PATHS.sign_in(&PATHS.settings(""))>
                "Sign in"
            </a>
        }
    });
    view! {
        <section class="card" aria-labelledby="access-title" id="access" data-testid="access">
            <header class="card-head">
                <h2 id="access-title">"Access"</h2>
            </header>
            <dl class="pairs">
                <dt>"You"</dt>
                <dd>{who}</dd>
                <dt>"Authentication"</dt>
                <dd>{access.auth_modes}</dd>
            </dl>
            {door.map(|door| view! { <p class="form-footer">{door}</p> })}
            {access
                .problem
                .map(|why| {
                    view! {
                        <p class="warning-line" data-tone="warn" role="status">
                            {format!("Could not read the database: {why}.")}
                        </p>
                    }
                })}
            {(viewer.auth == ViewerAuth::User).then(oneself)}
        </section>
        {manages.then(|| users(page, access.users))}
        {manages.then(|| tokens(page, access.tokens))}
    }
    .into_any()
}

fn oneself() -> AnyView {
    view! {
        <div class="form-body">
            <form class="filters access-form" action=PATHS.of(route::OWN_PASSWORD) method="post">
                {password("present", settings::CURRENT_PASSWORD, "current-password")}
                {password("password", settings::NEW_PASSWORD, "new-password")}
                <button type="submit" class="button">
                    {settings::CHANGE_PASSWORD}
                </button>
            </form>
            <form action=PATHS.of(route::SIGN_OUT_EVERYWHERE) method="post">
                <button type="submit" class="button" data-testid="sign-out-everywhere">
                    "Sign out everywhere"
                </button>
            </form>
        </div>
    }
    .into_any()
}

fn users(page: &PageContext, users: Vec<UserRow>) -> AnyView {
    let own = &page.data.viewer.name;
    let rows = users.into_iter().map(|user| {
        let last = match user.signed_in_at {
            Some(at) => view! {
                "Last signed in "
                {time(page, at)}
            }
            .into_any(),
            None => view! { "Never signed in" }.into_any(),
        };
        let sessions = format!(
            ", {}",
            plural(user.sessions as u64, "open session", "open sessions")
        );
        let others = (user.name != *own).then(|| {
            view! {
                <form class="filters access-form" action=PATHS.of(route::USER_ROLE) method="post">
                    {named(&user.name)}
                    {roles(&user.role)}
                    <button type="submit" class="small-button">
                        {settings::CHANGE_ROLE}
                    </button>
                </form>
                <form
                    class="filters access-form"
                    action=PATHS.of(route::USER_PASSWORD)
                    method="post"
                >
                    {named(&user.name)}
                    {password("password", "New password", "new-password")}
                    <button type="submit" class="small-button">
                        {settings::SET_PASSWORD}
                    </button>
                </form>
                {one(route::USER_SIGN_OUT, "name", &user.name, "Sign out everywhere")}
                {one(route::USER_REMOVE, "name", &user.name, "Remove user")}
            }
        });
        view! {
            <li class="access-row" data-testid="user">
                <p class="error-message">{user.name.clone()} " · " {user.role.clone()}</p>
                <p class="meta num">{last} {sessions}</p>
                {others
                    .map(|others| {
                        view! {
                            <details>
                                <summary>{format!("Manage {}", user.name)}</summary>
                                {others}
                            </details>
                        }
                    })}
            </li>
        }
        .into_any()
    });
    view! {
        <section class="card" aria-labelledby="users-title">
            <header class="card-head">
                <h2 id="users-title">"Users"</h2>
            </header>
            <ul class="rows">{rows.collect_view()}</ul>
            <form
                class="filters access-form"
                action=PATHS.of(route::USERS)
                method="post"
                data-testid="add-user"
            >
                {text("name", "Name", 64)}
                {roles("operator")}
                {password("password", settings::PASSWORD, "new-password")}
                <button type="submit" class="button">
                    {settings::ADD_USER}
                </button>
            </form>
        </section>
    }
    .into_any()
}

fn tokens(page: &PageContext, tokens: Vec<TokenRow>) -> AnyView {
    let rows = tokens.into_iter().map(|token| {
        let until = match token.expires_at {
            Some(at) => view! {
                {settings::EXPIRES}
                {time(page, at)}
            }
            .into_any(),
            None => view! { {settings::NO_EXPIRY} }.into_any(),
        };
        let used = match token.used_at {
            Some(at) => view! {
                "last used "
                {time(page, at)}
            }
            .into_any(),
            None => view! { "never used" }.into_any(),
        };
        let good = token.state == "good";
        view! {
            <li class="access-row" data-testid="token-row">
                <p class="error-message">
                    {token.name} " · " {token.role}
                    {(!good).then(|| format!(" · {}", token.state))}
                </p>
                <p class="meta num">"By " {token.created_by} ", " {until} ", " {used}</p>
                {good.then(|| one(route::TOKEN_REVOKE, "id", &token.id, "Revoke"))}
            </li>
        }
        .into_any()
    });
    view! {
        <section class="card" aria-labelledby="tokens-title">
            <header class="card-head">
                <h2 id="tokens-title">"API tokens"</h2>
            </header>
            <ul class="rows">{rows.collect_view()}</ul>
            <form
                class="filters access-form"
                action=PATHS.of(route::TOKENS)
                method="post"
                data-testid="add-token"
            >
                {text("name", "Name", 64)}
                {roles("viewer")}
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
                <button type="submit" class="button">
                    {settings::CREATE_TOKEN}
                </button>
            </form>
        </section>
    }
    .into_any()
}

/// A form with one button.
fn one(route: &str, field: &'static str, value: &str, label: &'static str) -> AnyView {
    view! {
        <form action=PATHS.of(route) method="post">
            <input type="hidden" name=field value=value.to_owned() />
            <button type="submit" class="small-button">
                {label}
            </button>
        </form>
    }
    .into_any()
}

fn named(name: &str) -> AnyView {
    view! { <input type="hidden" name="name" value=name.to_owned() /> }.into_any()
}

fn text(name: &'static str, label: &'static str, longest: u32) -> AnyView {
    view! {
        <label class="field">
            {label}
            <input
                type="text"
                name=name
                required
                maxlength=longest.to_string()
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
            />
        </label>
    }
    .into_any()
}

fn password(name: &'static str, label: &'static str, kind: &'static str) -> AnyView {
    view! {
        <label class="field">
            {label} <input type="password" name=name required maxlength="512" autocomplete=kind />
        </label>
    }
    .into_any()
}

fn roles(chosen: &str) -> AnyView {
    let options = ROLES.map(|(role, words)| {
        view! {
            <option value=role selected=role == chosen>
                {words}
            </option>
        }
    });
    view! { <label class="field">"Role" <select name="role">{options}</select></label> }.into_any()
}
