//! The icons: drawn here, 16 by 16, in the colour of the text around them. Each state has a shape
//! of its own.

use leptos::prelude::*;

/// An icon; what it means always stands beside it as a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    Waiting,
    Running,
    Cancelling,
    Succeeded,
    Warning,
    Failed,
    Cancelled,
    Lost,
    Superseded,
    Skipped,
    Live,
    Info,
    Play,
    Stop,
    Copy,
    Pause,
    Clock,
    Sun,
    Moon,
    System,
    Import,
    Cache,
    Indicators,
    Patterns,
    Pulse,
    Unknown,
}

impl Icon {
    fn drawing(self) -> &'static str {
        match self {
            Icon::Waiting => r#"<circle cx="8" cy="8" r="5.5" stroke-dasharray="2.2 2.1"/>"#,
            Icon::Running => {
                r#"<circle cx="8" cy="8" r="5.5" opacity=".3"/><path class="turns" d="M8 2.5A5.5 5.5 0 0 1 13.5 8"/><circle cx="8" cy="8" r="1.5" class="solid"/>"#
            }
            Icon::Cancelling => {
                r#"<circle cx="8" cy="8" r="5.5" opacity=".3"/><path class="turns" d="M8 2.5A5.5 5.5 0 0 1 13.5 8"/><path class="solid" d="M6 6h4v4H6z"/>"#
            }
            Icon::Succeeded => {
                r#"<circle cx="8" cy="8" r="6.5" class="solid"/><path class="cut" d="m5.2 8.2 2 2 3.7-4.2"/>"#
            }
            Icon::Warning => {
                r#"<path class="solid" d="M8 1.8 15 14H1Z" stroke-linejoin="round"/><path class="cut" d="M8 6.4v3.4M8 11.9v.1"/>"#
            }
            Icon::Failed => {
                r#"<path class="solid" d="M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3l-3.8-3.8V5.3Z"/><path class="cut" d="m5.7 5.7 4.6 4.6m0-4.6-4.6 4.6"/>"#
            }
            Icon::Cancelled => r#"<circle cx="8" cy="8" r="6"/><path d="m3.9 12.1 8.2-8.2"/>"#,
            Icon::Lost => {
                r#"<circle cx="8" cy="8" r="6.2" stroke-dasharray="3 1.9"/><path d="M6.3 6.4a1.8 1.8 0 1 1 2.5 1.7c-.5.2-.8.5-.8 1M8 11.4v.1"/>"#
            }
            Icon::Superseded => r#"<path d="m3.5 4 4 4-4 4m5-8 4 4-4 4"/>"#,
            Icon::Skipped => r#"<circle cx="8" cy="8" r="5.5" opacity=".5"/><path d="M5.5 8h5"/>"#,
            Icon::Live => {
                r#"<circle cx="8" cy="8" r="3.2" class="solid"/><circle cx="8" cy="8" r="6" opacity=".35"/>"#
            }
            Icon::Info => r#"<circle cx="8" cy="8" r="6"/><path d="M8 7.4v3.4M8 5v.1"/>"#,
            Icon::Play => r#"<path class="solid" d="M5 3.2v9.6L12.5 8Z" stroke-linejoin="round"/>"#,
            Icon::Stop => r#"<rect class="solid" x="4" y="4" width="8" height="8" rx="1"/>"#,
            Icon::Copy => {
                r#"<rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/><path d="M10.5 3.2c0-.4-.3-.7-.7-.7H3.2c-.4 0-.7.3-.7.7v6.6c0 .4.3.7.7.7"/>"#
            }
            Icon::Pause => r#"<path d="M5.5 3.5v9m5-9v9" stroke-width="2"/>"#,
            Icon::Clock => r#"<circle cx="8" cy="8" r="6"/><path d="M8 4.5V8l2.4 1.6"/>"#,
            Icon::Sun => {
                r#"<circle cx="8" cy="8" r="2.8"/><path d="M8 1.5v1.4m0 10.2v1.4M1.5 8h1.4m10.2 0h1.4M3.4 3.4l1 1m7.2 7.2 1 1m0-9.2-1 1m-7.2 7.2-1 1"/>"#
            }
            Icon::Moon => {
                r#"<path d="M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8Z" stroke-linejoin="round"/>"#
            }
            Icon::System => {
                r#"<rect x="1.8" y="3" width="12.4" height="8" rx="1.2"/><path d="M5.5 13.5h5M8 11v2.5"/>"#
            }
            Icon::Import => r#"<path d="M8 2v7.5m0 0L4.8 6.3M8 9.5l3.2-3.2M2.5 13.5h11"/>"#,
            Icon::Cache => {
                r#"<path d="M13 6.5A5.3 5.3 0 0 0 3.6 5M3 9.5A5.3 5.3 0 0 0 12.4 11"/><path d="M3.2 2.4V5h2.6m7 8.6V11h-2.6"/>"#
            }
            Icon::Indicators => r#"<path d="M1.8 10.5c2 0 2-6 4-6s2.3 8 4.3 8 2-5 4.1-5"/>"#,
            Icon::Patterns => {
                r#"<path d="M1.8 12.5 5 7l2.6 3L11 4.5l3.2 3.5" stroke-linejoin="round"/>"#
            }
            Icon::Pulse => {
                r#"<path d="M1.5 8h3l1.8-4.5 3.2 9L11.4 8h3.1" stroke-linejoin="round"/>"#
            }
            Icon::Unknown => r#"<path d="M5.8 5.6a2.2 2.2 0 1 1 3.2 2c-.6.4-1 .8-1 1.6M8 12v.1"/>"#,
        }
    }
}

/// Draws an icon that stays what it is. Screen readers pass over it.
pub(crate) fn glyph(icon: Icon) -> impl IntoView {
    view! { <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" inner_html=icon.drawing()></svg> }
}

/// Draws an icon that changes. Screen readers pass over it.
#[component]
pub(crate) fn Glyph(
    /// Which one.
    #[prop(into)]
    icon: Signal<Icon>,
) -> impl IntoView {
    view! {
        <svg
            class="icon"
            viewBox="0 0 16 16"
            aria-hidden="true"
            inner_html=move || icon.get().drawing()
        ></svg>
    }
}
