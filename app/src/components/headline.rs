//! The headline of tonight's page, and the title of the tab.

use crate::format::{Situation, headline, page_title};
use crate::store::{Freshness, use_console};
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub(crate) fn Headline() -> impl IntoView {
    let console = use_console();
    let live = Memo::new(move |_| console.freshness.get() != Freshness::Stale);
    // The sentence names minutes: not every second need wake it.
    let coarse =
        Memo::new(move |_| contract::Timestamp(console.now.get().0.div_euclid(10_000) * 10_000));
    let sentence = Memo::new(move |_| {
        let now = coarse.get();
        let run = console.run.read();
        let earlier = console.earlier.read();
        let schedule = console.schedule.read();
        let links = console.links.read();
        let baselines = console.baselines.read();
        console.zone.with_value(|zone| {
            headline(&Situation {
                run: run.as_ref(),
                last: earlier.first(),
                usual: run
                    .as_ref()
                    .and_then(|run| model::baseline_for(&baselines, run)),
                schedule: schedule.as_ref(),
                links: &links,
                live: live.get(),
                now,
                zone,
            })
        })
    });
    // Counted, not owned by this view: the server writes the title after the view is done with.
    let title = ArcMemo::new(move |_| {
        let live = console.freshness.get() != Freshness::Stale;
        console.run.with(|run| page_title(run.as_ref(), live))
    });
    title.get_untracked();
    view! {
        <Title text=move || title.get() />
        <h2 class="headline" id="headline">
            {sentence}
        </h2>
    }
    .into_any()
}
