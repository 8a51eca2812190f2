//! Every page but tonight's: the server makes its main part, the browser only puts it in place and
//! asks for it again.

use crate::components::{FreshnessRow, OpenNote, PhaseStrip, RunStatusPanel, TopBar, is_current};
use crate::fragment::Fragment;
use crate::paths::PATHS;
use crate::store::{Freshness, use_console};
use crate::ui::served;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

/// Where the shown run stands: what a part is made again for.
type Stand = (model::RunStatus, Option<contract::Phase>);

/// A page below [`crate::paths::Paths::tonight`].
#[component]
pub(crate) fn FragmentPage() -> impl IntoView {
    let console = use_console();
    let location = use_location();
    let address = Memo::new(move |_| {
        format!(
            "{}{}",
            location.pathname.get(),
            query(&location.search.get())
        )
    });
    // The page of the active run has that run above it, live; the part below is asked for again
    // when the run moves on.
    let shown = Memo::new(move |_| {
        let path = location.pathname.get();
        console.run.with(|run| {
            let run = run
                .as_ref()
                .filter(|run| run.is_active() && path == PATHS.run(&run.id))?;
            Some((run.status, run.current_phase()))
        })
    });
    let again = Memo::new(move |before: Option<&(u64, Option<Stand>)>| {
        let now = shown.get();
        match before {
            Some((n, before)) if *before == now => (*n, now),
            Some((n, _)) => (n + 1, now),
            None => (0, now),
        }
    });
    let (title, html) = served(address, Signal::derive(move || again.get().0), rendered());
    let freshness = move || match console.freshness.get() {
        Freshness::Live => "live",
        Freshness::Reconnecting => "reconnecting",
        Freshness::Stale => "stale",
    };
    view! {
        <Title text=move || format!("{} · TickStock", title.get()) />
        <TopBar />
        <main
            id="main"
            tabindex="-1"
            data-freshness=freshness
            data-current=move || is_current(console).to_string()
        >
            <FreshnessRow />
            <Show when=move || shown.with(Option::is_some)>
                <section class="card run-summary" aria-label="The run, live">
                    <RunStatusPanel />
                </section>
                <PhaseStrip />
            </Show>
            <div class="fragment" data-testid="fragment" inner_html=move || html.get()></div>
            <OpenNote />
        </main>
    }
    .into_any()
}

fn query(search: &str) -> String {
    if search.is_empty() {
        String::new()
    } else {
        format!("?{}", search.trim_start_matches('?'))
    }
}

/// The part that the page was rendered with. The browser has it in the document already.
fn rendered() -> Fragment {
    #[cfg(feature = "ssr")]
    {
        use_context().unwrap_or_default()
    }
    #[cfg(not(feature = "ssr"))]
    {
        Fragment {
            title: document()
                .title()
                .trim_end_matches(" · TickStock")
                .to_owned(),
            ..Fragment::default()
        }
    }
}
