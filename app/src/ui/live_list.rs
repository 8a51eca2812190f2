//! The frame of a live list: title, count, filter, "+N new", Pause, Download, rows.

use super::icon::{Glyph, Icon, glyph};
use super::list_pause::{FIRST_ROWS, ListPause};
use crate::format::count;
use crate::paths::PATHS;
use leptos::prelude::*;

/// Returns true if each word of `filter` occurs in one of the texts, whatever its case.
pub(crate) fn matches_filter(filter: &str, texts: &[&str]) -> bool {
    let has = |text: &str, word: &str| text.to_ascii_lowercase().contains(word);
    filter
        .to_ascii_lowercase()
        .split_whitespace()
        .all(|word| texts.iter().any(|text| has(text, word)))
}

/// A card with a list that is fed.
#[component]
pub(crate) fn LiveList(
    /// The title.
    title: &'static str,
    /// Number of entries, with its noun.
    #[prop(into)]
    total: Signal<String>,
    /// Number of entries since the list was paused.
    #[prop(into)]
    newer: Signal<u64>,
    pause: ListPause,
    /// Text of the filter; empty for all.
    filter: RwSignal<String>,
    /// Its name in the address of its file.
    file: &'static str,
    /// Shows all rows, not only [`FIRST_ROWS`].
    all: RwSignal<bool>,
    /// Number of rows.
    #[prop(into)]
    rows: Signal<usize>,
    /// The rows.
    children: Children,
) -> impl IntoView {
    let pause_label = move || {
        if pause.paused() {
            format!("Resume: {title}")
        } else {
            format!("Pause: {title}")
        }
    };
    view! {
        <section class="card live-list">
            <header class="card-head">
                <h2>{title}</h2>
                <span class="meta num">{total}</span>
                <span class="head-end">
                    <input
                        type="search"
                        class="live-list-filter needs-script"
                        placeholder="Filter"
                        aria-label=format!("Filter: {title}")
                        autocomplete="off"
                        spellcheck="false"
                        on:input=move |event| filter.set(event_target_value(&event))
                    />
                    // Its place is there at any time.
                    <button
                        type="button"
                        class="small-button new-rows num"
                        class:none=move || newer.get() == 0
                        on:click=move |_| pause.catch_up()
                    >
                        {move || format!("+{} new", count(newer.get()))}
                    </button>
                    <button
                        type="button"
                        class="icon-button needs-script"
                        aria-label=pause_label
                        title=pause_label
                        on:click=move |_| pause.toggle()
                    >
                        <Glyph icon=Signal::derive(move || {
                            if pause.paused() { Icon::Play } else { Icon::Pause }
                        }) />
                    </button>
                    <a
                        class="icon-button"
                        rel="external"
                        download=""
                        href=PATHS.live_list_csv(file)
                        aria-label=format!("Download: {title}")
                        title="Download as CSV"
                    >
                        {glyph(Icon::Import)}
                    </a>
                </span>
            </header>
            <div
                class="card-scroll"
                tabindex="0"
                role="region"
                aria-label=title
                on:pointerenter=move |_| pause.set_hovered(true)
                on:pointerleave=move |_| pause.set_hovered(false)
                on:focusin=move |_| pause.set_focused(true)
                on:focusout=move |_| pause.set_focused(false)
            >
                {children()}
                <button
                    type="button"
                    class="small-button show-all"
                    data-testid="show-all"
                    hidden=move || all.get() || rows.get() <= FIRST_ROWS
                    on:click=move |_| all.set(true)
                >
                    {move || format!("Show all {}", rows.get())}
                </button>
            </div>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::matches_filter;

    #[test]
    fn every_word_of_the_filter_must_occur_in_a_text() {
        let texts = ["AAPL", "Doji", "daily"];
        assert!(matches_filter("", &texts));
        assert!(matches_filter("  aap  DOJI ", &texts));
        assert!(!matches_filter("aapl hammer", &texts));
        assert!(!matches_filter("aapldoji", &texts));
    }
}
