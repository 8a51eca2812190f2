//! Recent runs: a table; rows of two lines on a phone.

use super::icon::glyph;
use super::snippet::Snippet;
use super::tone;
use crate::format::{count, duration, moment, run_address, sentence, short_id, status_key, status_word, trigger_short};
use crate::store::use_console;
use leptos::prelude::*;
use model::{RunStatus, RunSummary};

/// Rows before "Show all".
const FEW: usize = 10;

/// The card.
#[component]
pub(crate) fn RecentRuns() -> impl IntoView {
    let console = use_console();
    let all = RwSignal::new(false);
    let known = Memo::new(move |_| console.earlier.with(Vec::len));
    let rows = move || {
        let shown = if all.get() { usize::MAX } else { FEW };
        console.earlier.with(|runs| runs.iter().take(shown).map(row).collect_view())
    };
    view! {
        <section class="card runs" aria-labelledby="runs-title">
            <header class="card-head">
                <h2 id="runs-title">"Recent runs"</h2>
                <Show when=move || known.get().gt(&FEW)>
                    <button type="button" class="small-button needs-script" on:click=move |_| all.update(|all| *all = !*all)>
                        {move || if all.get() { format!("Show the latest {FEW}") } else { format!("Show all {}", known.get()) }}
                    </button>
                </Show>
            </header>
            <Show
                when=move || known.get() != 0
                fallback=|| view! { <p class="empty">"No earlier run is known. Runs appear here when they have ended."</p> }
            >
                <Snippet name="bars" again=Signal::derive(move || known.get() as u64)/>
                <table class="num" aria-labelledby="runs-title">
                    <thead>
                        <tr>
                            <th scope="col">"Status"</th>
                            <th scope="col">"Began"</th>
                            <th scope="col" class="right">"Took"</th>
                            <th scope="col" class="right">"Processed"</th>
                            <th scope="col" class="right">"Failed"</th>
                            <th scope="col" class="right">"Indicators"</th>
                            <th scope="col" class="right">"Patterns"</th>
                            <th scope="col">"Trigger"</th>
                            <th scope="col">"Run"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </Show>
        </section>
    }
    .into_any()
}

fn row(run: &RunSummary) -> impl IntoView + use<> {
    let console = use_console();
    let (icon, tone) = tone::of_run(Some(run.status));
    let began = run.started_at.map(|at| console.zone.with_value(|zone| moment(at, zone)));
    let ended = run.ended_at.map(|at| console.zone.with_value(|zone| format!("ended {}", moment(at, zone))));
    let figure = |n: Option<u64>| n.map_or_else(|| "–".to_owned(), count);
    let unwell =
        matches!(run.status, RunStatus::Failed | RunStatus::Cancelled | RunStatus::Lost | RunStatus::Superseded);
    let why = run.message.as_deref().filter(|_| unwell).map(|text| sentence(text, 160));
    view! {
        <tr data-status=status_key(Some(run.status))>
            <td class="status" data-tone=tone>
                <a class="state row-link" href=run_address(&run.id)>{glyph(icon)}{status_word(run.status)}</a>
                <span class="why">{why}</span>
            </td>
            <td class="began">{began.or(ended).unwrap_or_else(|| "–".to_owned())}</td>
            <td class="right took">{run.seconds().map_or_else(|| "–".to_owned(), duration)}</td>
            <td class="right figure" data-label="processed">{figure(run.processed)}</td>
            <td class="right figure failed" data-label="failed" data-some=run.failed.is_some_and(|n| n > 0).to_string()>{figure(run.failed)}</td>
            <td class="right wide">{figure(run.indicators)}</td>
            <td class="right wide">{figure(run.patterns)}</td>
            <td class="wide">{run.trigger.as_deref().map(trigger_short).unwrap_or_default()}</td>
            <td class="wide"><code title=run.id.to_string()>{short_id(&run.id)}</code></td>
        </tr>
    }
    .into_any()
}
