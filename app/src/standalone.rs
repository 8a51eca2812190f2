//! Pages that stand alone, without script: sign-in, messages, a new token, a new embed link.

pub mod embed_share;

use crate::components::Logo;
use crate::fragment::{THEME, attribute};
use crate::paths::{PATHS, route};
use crate::text::shared;
use leptos::prelude::*;
use leptos_meta::HashedStylesheet;

/// Contents of the sign-in page.
#[derive(Clone, Debug, Default)]
pub struct SignIn {
    /// Path of this console to continue with.
    pub next: String,
    /// Submitted name.
    pub name: String,
    /// Error of the last attempt.
    pub wrong: Option<String>,
}

/// The page to sign in.
pub fn sign_in(options: LeptosOptions, theme: Option<&'static str>, asked: SignIn) -> String {
    let failed = asked.wrong.is_some();
    document(options, theme, "Sign in", move || {
        view! {
            <form
                class="card form-card standalone-card"
                action=PATHS.of(route::SIGN_IN)
                method="post"
                aria-labelledby="standalone-title"
            >
                <header class="card-head">
                    <h1 id="standalone-title">"Sign in"</h1>
                </header>
                <div class="form-body">
                    <p
                        class="form-error"
                        role="alert"
                        id="standalone-wrong"
                        data-testid="sign-in-wrong"
                    >
                        {asked.wrong}
                    </p>
                    <input type="hidden" name="next" value=asked.next />
                    <label class="field">
                        <span>"Name"</span>
                        <input
                            type="text"
                            name="name"
                            value=asked.name
                            required
                            maxlength="64"
                            autocomplete="username"
                            autocapitalize="none"
                            spellcheck="false"
                            autofocus=!failed
                            aria-describedby="standalone-wrong"
                        />
                    </label>
                    <label class="field">
                        <span>"Password"</span>
                        <input
                            type="password"
                            name="password"
                            required
                            maxlength="512"
                            autocomplete="current-password"
                            autofocus=failed
                            aria-describedby="standalone-wrong"
                        />
                    </label>
                </div>
                <footer class="form-footer">
                    <button type="submit" class="button primary" data-testid="sign-in">
                        "Sign in"
                    </button>
                </footer>
            </form>
        }
        .into_any()
    })
}

/// A page with one message and a link back.
pub fn message(
    options: LeptosOptions,
    theme: Option<&'static str>,
    title: &str,
    text: &str,
    back: (&str, &'static str),
) -> String {
    let (title, text, back) = (
        title.to_owned(),
        text.to_owned(),
        (back.0.to_owned(), back.1),
    );
    document(options, theme, &title.clone(), move || {
        view! {
            <section class="card form-card standalone-card" aria-labelledby="standalone-title">
                <header class="card-head">
                    <h1 id="standalone-title">{title}</h1>
                </header>
                <div class="form-body">
                    <p data-testid="message">{text}</p>
                </div>
                <footer class="form-footer">
                    <a class="button" href=back.0>
                        {back.1}
                    </a>
                </footer>
            </section>
        }
        .into_any()
    })
}

/// The page that shows a new token, this once.
pub fn token_created(
    options: LeptosOptions,
    theme: Option<&'static str>,
    name: &str,
    token: &str,
) -> String {
    let (name, token) = (name.to_owned(), token.to_owned());
    document(options, theme, "Token", move || {
        view! {
            <section class="card form-card standalone-card" aria-labelledby="standalone-title">
                <header class="card-head">
                    <h1 id="standalone-title">{format!("Token {name}")}</h1>
                </header>
                <div class="form-body">
                    <p>{shared::COPY_SECRET_NOW}</p>
                    <label class="field">
                        <span>"Token"</span>
                        <input type="text" readonly autofocus value=token data-testid="token" />
                    </label>
                    <p class="meta">"Send it as " <code>"Authorization: Bearer …"</code></p>
                </div>
                <footer class="form-footer">
                    <a class="button" href=PATHS.settings("")>
                        "Back to settings"
                    </a>
                </footer>
            </section>
        }
        .into_any()
    })
}

fn document(
    options: LeptosOptions,
    theme: Option<&'static str>,
    title: &str,
    card: impl FnOnce() -> AnyView,
) -> String {
    let title = format!("{title} · TickStock");
    let owner = Owner::new();
    let html = owner.with(|| {
        view! {
            <!DOCTYPE html>
            <html lang="en" {..attribute(THEME, theme)}>
                <head>
                    <meta charset="utf-8" />
                    <meta
                        name="viewport"
                        content="width=device-width, initial-scale=1, viewport-fit=cover"
                    />
                    <meta name="color-scheme" content="light dark" />
                    <meta name="robots" content="noindex" />
                    <title>{title}</title>
                    <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                    <HashedStylesheet options=options />
                </head>
                <body class="standalone">
                    <header class="top">
                        <a
                            class="brand"
                            href=PATHS.of(route::ROOT)
                            aria-label="TickStock, daily processing"
                        >
                            <Logo />
                            <span class="brand-name">"TickStock"</span>
                        </a>
                    </header>
                    <main id="main">{card()}</main>
                </body>
            </html>
        }
        .to_html()
    });
    owner.cleanup();
    html
}
