//! The views that stand in other people's pages: what is shown, without a link, a form or anything
//! else to click.
//!
//! Each is made again from the state when something changed, and sent whole; the browser only puts
//! it in place. So none of it is in the WASM, and an embed costs its page a few kilobytes of
//! script.

mod code;
mod document;
mod facts;
mod phases;
mod run;
mod run_content;
mod runs;
mod schedule;
mod sections;

pub use code::EmbedCode;
pub use document::{EmbedDocument, document};
pub use run::{run, status};
pub use runs::runs;
pub use schedule::schedule;
pub use sections::{EmbedKind, EmbedSections};

use crate::Zone;
use contract::Timestamp;
use leptos::prelude::*;
use model::State;

/// Texts name minutes, and clocks tick in the browser: what is made within one such step is the
/// same.
const STEP_MS: i64 = 10_000;

/// A view as it is now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmbedView {
    /// The HTML, escaped where it holds anybody's text.
    pub html: String,
    /// The state in one word, as `statuschange` tells it.
    pub state: String,
    /// The same in a sentence.
    pub sentence: String,
}

/// The data of a view.
#[derive(Clone, Copy, Debug)]
pub struct EmbedContext<'a> {
    /// The state.
    pub state: &'a State,
    /// The relay's clock.
    pub now: Timestamp,
    /// The zone that times are written in.
    pub zone: &'a Zone,
}

/// The moment that texts are made for.
fn step(now: Timestamp) -> Timestamp {
    Timestamp(now.0.div_euclid(STEP_MS) * STEP_MS)
}

/// A view as text. Views of this folder hold no signals; the owner is what leptos wants around any
/// view.
fn html(view: impl FnOnce() -> AnyView) -> String {
    let owner = Owner::new();
    let html = owner.with(|| view().to_html());
    // What only a browser that hydrates needs: where texts meet.
    html.replace("<!>", "")
}

/// A bar with what is done, and the same in words; drawn without a style attribute, which the
/// embeds' content policy forbids.
fn meter(label: &'static str, percent: f64, text: String) -> AnyView {
    let percent = percent.clamp(0.0, 100.0);
    view! {
        <div
            class="meter"
            role="progressbar"
            aria-label=label
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=format!("{percent:.0}")
            aria-valuetext=text
        >
            <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                <rect
                    width="100"
                    height="4"
                    transform=format!("scale({:.4},1)", percent / 100.0)
                ></rect>
            </svg>
        </div>
    }
    .into_any()
}
