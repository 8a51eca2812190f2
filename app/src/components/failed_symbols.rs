//! The symbols of the shown run that failed: how many, which, and why where TickStockPL said so.

use crate::format::{failure_words, plural};
use crate::store::use_console;
use crate::text::tonight;
use crate::ui::{Glyph, Icon};
use contract::Phase;
use leptos::prelude::*;
use model::SymbolFailure;

/// Symbols that are named without opening the list.
const AT_A_GLANCE: usize = 12;

/// One line, with the whole list behind it.
#[component]
pub(crate) fn FailedSymbols() -> impl IntoView {
    let console = use_console();
    let failed = Memo::new(move |_| {
        console
            .run
            .with(|run| run.as_ref().and_then(model::Run::failed_count).unwrap_or(0))
    });
    let named = Memo::new(move |_| {
        console.run.with(|run| {
            run.as_ref()
                .map(|run| run.failed_symbols.clone())
                .unwrap_or_default()
        })
    });
    let glance = move || {
        named.with(|named| {
            let mut text = named
                .iter()
                .take(AT_A_GLANCE)
                .map(|failure| failure.symbol.as_str())
                .collect::<Vec<_>>()
                .join(", ");
            if named.len() > AT_A_GLANCE {
                text.push_str(", …");
            }
            text
        })
    };
    let told = |failure: &SymbolFailure| {
        failure.reason.is_some() || failure.phase.is_some_and(|phase| phase != Phase::Import)
    };
    let more = move || named.with(|named| named.len() > AT_A_GLANCE || named.iter().any(told));
    view! {
        <Show when=move || failed.get() != 0>
            <div class="error failed-symbols" data-tone="bad">
                <Glyph icon=Icon::Failed />
                <div>
                    <p class="error-message">
                        {move || {
                            format!(
                                "{} failed in this run",
                                plural(failed.get(), "symbol", "symbols"),
                            )
                        }}
                    </p>
                    <p class="meta symbols">{glance}</p>
                    <Show when=more>
                        <details class="all-symbols">
                            <summary>{move || show_label(named.with(Vec::len))}</summary>
                            <ul>
                                {move || {
                                    named
                                        .with(|named| {
                                            named.iter().cloned().map(symbol_row).collect_view()
                                        })
                                }}
                            </ul>
                        </details>
                    </Show>
                </div>
            </div>
        </Show>
    }
    .into_any()
}

fn show_label(known: usize) -> String {
    if known > AT_A_GLANCE {
        format!("Show all {known} with reasons")
    } else {
        tonight::SHOW_REASONS.to_owned()
    }
}

fn symbol_row(failure: SymbolFailure) -> impl IntoView {
    view! {
        <li>
            <b>{failure.symbol.to_string()}</b>
            {failure_words(&failure).map(|words| format!(" {words}"))}
        </li>
    }
    .into_any()
}
