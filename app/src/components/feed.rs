//! The frame of a live list: title, count, "+N new", Pause, and rows that stand still under the pointer.

use super::hold::Hold;
use super::icon::{Glyph, Icon};
use crate::format::count;
use leptos::prelude::*;

/// A card with a list that is fed.
#[component]
pub(crate) fn Feed(
    /// The title.
    title: &'static str,
    /// How many there are, in words.
    #[prop(into)]
    total: Signal<String>,
    /// How many came since it is held.
    #[prop(into)]
    newer: Signal<u64>,
    /// What holds it.
    hold: Hold,
    /// The rows.
    children: Children,
) -> impl IntoView {
    let pause_label = move || if hold.paused() { format!("Resume: {title}") } else { format!("Pause: {title}") };
    view! {
        <section class="card feed">
            <header class="card-head">
                <h2>{title}</h2>
                <span class="meta num">{total}</span>
                <span class="head-end">
                    // Its place is there at any time.
                    <button
                        type="button"
                        class="small-button newer num"
                        class:none=move || newer.get() == 0
                        on:click=move |_| hold.catch_up()
                    >
                        {move || format!("+{} new", count(newer.get()))}
                    </button>
                    <button
                        type="button"
                        class="icon-button needs-script"
                        aria-label=pause_label
                        title=pause_label
                        on:click=move |_| hold.toggle()
                    >
                        <Glyph icon=Signal::derive(move || if hold.paused() { Icon::Play } else { Icon::Pause })/>
                    </button>
                </span>
            </header>
            <div class="card-scroll" tabindex="0" role="region" aria-label=title
                on:pointerenter=move |_| hold.over(true) on:pointerleave=move |_| hold.over(false)
                on:focusin=move |_| hold.focused(true) on:focusout=move |_| hold.focused(false)
            >
                {children()}
            </div>
        </section>
    }
    .into_any()
}
