//! Recent runs: bars, and a table.

use crate::format::moment;
use crate::store::use_console;
use crate::text::tonight;
use crate::ui::FragmentSlot;
use crate::ui::{run_head, run_row};
use leptos::prelude::*;
use model::RunSummary;

/// Rows before "Show all".
const FEW: usize = 10;

/// The card.
#[component]
pub(crate) fn RecentRuns() -> impl IntoView {
    let console = use_console();
    let all = RwSignal::new(false);
    let known = Memo::new(move |_| console.earlier.with(Vec::len));
    // The picture shows the usual duration, too.
    let again = Memo::new(move |times: Option<&u64>| {
        known.track();
        console.baselines.track();
        times.map_or(0, |times| times + 1)
    });
    let rows = move || {
        let shown = if all.get() { usize::MAX } else { FEW };
        console
            .earlier
            .with(|runs| runs.iter().take(shown).map(row).collect_view())
    };
    view! {
        <section class="card runs" aria-labelledby="runs-title">
            <header class="card-head">
                <h2 id="runs-title">"Recent runs"</h2>
                <Show when=move || known.get().gt(&FEW)>
                    <button
                        type="button"
                        class="small-button needs-script"
                        on:click=move |_| all.update(|all| *all = !*all)
                    >
                        {move || {
                            if all.get() {
                                format!("Show the latest {FEW}")
                            } else {
                                format!("Show all {}", known.get())
                            }
                        }}
                    </button>
                </Show>
            </header>
            <Show
                when=move || known.get() != 0
                fallback=|| {
                    view! { <p class="empty">{tonight::NO_EARLIER_RUNS}</p> }
                }
            >
                <FragmentSlot name="bars" again=again />
                <table class="num" aria-labelledby="runs-title">
                    {run_head()}
                    <tbody>{rows}</tbody>
                </table>
            </Show>
        </section>
    }
    .into_any()
}

fn row(run: &RunSummary) -> AnyView {
    let console = use_console();
    let began = run
        .started_at
        .map(|at| console.zone.with_value(|zone| moment(at, zone)));
    let ended = run.ended_at.map(|at| {
        console
            .zone
            .with_value(|zone| format!("ended {}", moment(at, zone)))
    });
    run_row(run, began.or(ended).unwrap_or_else(|| "–".to_owned()))
}
