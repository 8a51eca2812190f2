//! The page that shows a new embed link, this once, or why none was created.

use super::document;
use crate::embed::EmbedCode;
use crate::paths::PATHS;
use crate::text::shared;
use leptos::prelude::*;

/// The outcome of the form that creates an embed link.
#[derive(Debug)]
pub enum NewEmbedShare {
    /// Its code.
    Created(Box<EmbedCode>),
    /// The reason why it was not created.
    Rejected(String),
}

/// The page.
pub fn page(
    options: LeptosOptions,
    theme: Option<&'static str>,
    embed_share: NewEmbedShare,
) -> String {
    let title = match embed_share {
        NewEmbedShare::Created(_) => "Embed link",
        NewEmbedShare::Rejected(_) => "Embed link not created",
    };
    document(options, theme, title, move || {
        let body = match embed_share {
            NewEmbedShare::Created(code) => created(&code),
            NewEmbedShare::Rejected(why) => {
                view! { <p data-testid="share-wrong">{why}</p> }.into_any()
            }
        };
        view! {
            <section class="card form-card standalone-card" aria-labelledby="standalone-title">
                <header class="card-head">
                    <h1 id="standalone-title">{title}</h1>
                </header>
                <div class="form-body">{body}</div>
                <footer class="form-footer">
                    <a class="button" href=PATHS.settings("embeds")>
                        "Back to settings"
                    </a>
                </footer>
            </section>
        }
        .into_any()
    })
}

fn created(embed: &EmbedCode) -> AnyView {
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
                value=embed.token.clone()
                data-testid="share-token"
            />
        </label>
        {code("Frame", embed.frame())}
        {code("Component", embed.component())}
    }
    .into_any()
}
