//! "What happened to AAPL tonight?" One box answers for any symbol.

use crate::paths::PATHS;
use crate::text::tonight;
use leptos::prelude::*;

/// The box. Its answer is a page of its own, on which another run can be chosen.
#[component]
pub(crate) fn SymbolBox() -> impl IntoView {
    view! {
        <section class="card symbol-box" aria-labelledby="symbol-box-title">
            <form method="get" action=PATHS.page("symbols") role="search">
                <label id="symbol-box-title" for="symbol-box">
                    {tonight::SYMBOL_QUESTION}
                </label>
                <input
                    type="search"
                    id="symbol-box"
                    name="symbol"
                    placeholder="AAPL"
                    autocapitalize="characters"
                    autocomplete="off"
                    spellcheck="false"
                    required
                />
                <button type="submit" class="button">
                    {tonight::LOOK_UP}
                </button>
            </form>
        </section>
    }
    .into_any()
}
