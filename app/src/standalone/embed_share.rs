//! The page that shows a share, this once, or why none was made.

use crate::components::Logo;
use crate::embed::EmbedCode;
use crate::text::shared;
use leptos::prelude::*;
use leptos_meta::HashedStylesheet;

/// What came of a form of the settings.
#[derive(Debug)]
pub enum NewEmbedShare {
    /// It was made.
    Made(Box<EmbedCode>),
    /// It was not, and why.
    NotMade(String),
}

/// The page: it needs no script.
pub fn page(options: LeptosOptions, share: NewEmbedShare) -> String {
    let owner = Owner::new();
    let back = format!("{}/settings#embeds", crate::HOME);
    let (title, body) = match share {
        NewEmbedShare::Made(snippet) => ("Embed link", owner.with(|| made(&snippet))),
        NewEmbedShare::NotMade(why) => (
            "Embed link not created",
            owner.with(|| view! { <p data-testid="share-wrong">{why}</p> }.into_any()),
        ),
    };
    let html = owner.with(|| {
        view! {
            <!DOCTYPE html>
            <html lang="en">
                <head>
                    <meta charset="utf-8" />
                    <meta name="viewport" content="width=device-width, initial-scale=1" />
                    <meta name="color-scheme" content="light dark" />
                    <meta name="robots" content="noindex" />
                    <title>{format!("{title} · TickStock")}</title>
                    <HashedStylesheet options=options />
                </head>
                <body class="standalone">
                    <header class="top">
                        <a class="brand" href="/">
                            <Logo />
                            <span class="brand-name">"TickStock"</span>
                        </a>
                    </header>
                    <main id="main">
                        <section
                            class="card form-card standalone-card"
                            aria-labelledby="standalone-title"
                        >
                            <header class="card-head">
                                <h1 id="standalone-title">{title}</h1>
                            </header>
                            <div class="form-body">{body}</div>
                            <footer class="form-footer">
                                <a class="button" href=back>
                                    "Back to settings"
                                </a>
                            </footer>
                        </section>
                    </main>
                </body>
            </html>
        }
        .to_html()
    });
    owner.cleanup();
    html
}

fn made(snippet: &EmbedCode) -> AnyView {
    let code = |title: &'static str, text: String| {
        view! {
            <figure class="code-block">
                <figcaption>{title}</figcaption>
                <pre tabindex="0">{text}</pre>
            </figure>
        }
    };
    view! {
        <p>{shared::COPY_LINK_NOW}</p>
        <label class="field">
            <span>"Token"</span>
            <input
                type="text"
                readonly
                autofocus
                value=snippet.token.clone()
                data-testid="share-token"
            />
        </label>
        {code("Frame", snippet.frame())}
        {code("Component", snippet.component())}
    }
    .into_any()
}
