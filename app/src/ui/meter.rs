//! A progress bar, drawn without a style attribute (the console's content policy forbids those).

use crate::format::fixed;
use leptos::prelude::*;

/// A bar with what is done, and the same in words.
#[component]
pub(crate) fn Meter(
    /// Label: what progresses.
    label: &'static str,
    /// 0 to 100.
    #[prop(into)]
    percent: Signal<f64>,
    /// The progress in words.
    #[prop(into)]
    text: Signal<String>,
    /// Usual progress by now, 0 to 1.
    #[prop(optional)]
    tick: Option<Signal<Option<f64>>>,
    /// The hook for tests.
    testid: &'static str,
) -> impl IntoView {
    let scale = move || {
        format!(
            "scale({},1)",
            fixed(percent.get().clamp(0.0, 100.0) / 100.0, 4)
        )
    };
    let tick = tick.map(|tick| {
        let at = move || {
            tick.get()
                .map(|place| fixed(place.clamp(0.0, 0.99) * 100.0, 1))
        };
        let width = move || if tick.get().is_some() { "1" } else { "0" };
        view! { <rect class="tick" height="4" width=width x=at></rect> }
    });
    view! {
        <div
            class="meter"
            role="progressbar"
            aria-label=label
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=move || fixed(percent.get(), 1)
            aria-valuetext=text
            data-testid=testid
        >
            <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                <rect width="100" height="4" transform=scale></rect>
                {tick}
            </svg>
        </div>
    }
    .into_any()
}
