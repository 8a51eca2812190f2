//! Tonight's page: the state of the run at a glance.

use crate::components::{
    Actions, Announcer, Detections, Events, FreshnessRow, Headline, MonitoringCard, NeedsAttention,
    OpenNote, PhaseStrip, RecentRuns, RejectedMessages, Results, RunStatusPanel, ScheduleCard,
    SymbolBox, TopBar, is_current,
};
use crate::store::{Freshness, use_console};
use leptos::prelude::*;

/// The page `/admin/daily-processing`.
#[component]
pub(crate) fn TonightPage() -> impl IntoView {
    let console = use_console();
    let freshness = move || match console.freshness.get() {
        Freshness::Live => "live",
        Freshness::Reconnecting => "reconnecting",
        Freshness::Stale => "stale",
    };
    view! {
        <TopBar />
        <main
            id="main"
            tabindex="-1"
            data-freshness=freshness
            data-current=move || is_current(console).to_string()
        >
            <FreshnessRow />
            <section class="hero" aria-labelledby="headline">
                <div class="card run-summary">
                    <Headline />
                    <RunStatusPanel />
                </div>
                <Actions />
            </section>
            <PhaseStrip />
            <div class="columns">
                <NeedsAttention />
                <ScheduleCard />
            </div>
            <RecentRuns />
            <SymbolBox />
            <Events />
            <div class="halves">
                <Detections />
                <Results />
            </div>
            <MonitoringCard />
            <RejectedMessages />
            <Announcer />
            <OpenNote />
        </main>
    }
    .into_any()
}
