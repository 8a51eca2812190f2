//! Messages that could not be read: quiet, but never hidden.

use crate::format::{clock_seconds, count, plural};
use crate::store::use_console;
use crate::text::tonight;
use crate::ui::{Glyph, Icon};
use leptos::prelude::*;

/// One line, with reasons and samples behind it. Nothing when all could be read.
#[component]
pub(crate) fn RejectedMessages() -> impl IntoView {
    let console = use_console();
    let total = Memo::new(move |_| console.rejected.with(model::Rejected::total));
    let reasons = move || {
        let reasons = console.rejected.with(|rejected| {
            rejected
                .counts
                .iter()
                .map(|(reason, n)| format!("{} {}", count(*n), reason))
                .collect::<Vec<_>>()
        });
        reasons.join(", ")
    };
    let samples = move || {
        console.rejected.with(|rejected| {
            let rows = rejected
                .samples
                .iter()
                .rev()
                .map(|(at, channel, rejection)| {
                    let at = console.zone.with_value(|zone| clock_seconds(*at, zone));
                    let about = format!(
                        "{} · {} · {} · {}",
                        channel.wire_name(),
                        rejection.reason,
                        rejection.detail,
                        plural(rejection.size_bytes, "byte", "bytes")
                    );
                    let sample: String = rejection.sample.chars().take(400).collect();
                    view! {
                        <li>
                            <p class="meta num">{at} " · " {about}</p>
                            <pre>{sample}</pre>
                        </li>
                    }
                });
            rows.collect_view()
        })
    };
    view! {
        <Show when=move || total.get() != 0>
            <details class="rejected" data-testid="rejected">
                <summary>
                    <Glyph icon=Icon::Unknown />
                    {move || {
                        format!("{} could not be read", plural(total.get(), "message", "messages"))
                    }}
                </summary>
                <p class="meta">{reasons} {tonight::REJECTED_SAMPLES}</p>
                <ul>{samples}</ul>
            </details>
        </Show>
    }
    .into_any()
}
