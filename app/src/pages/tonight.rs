//! Tonight: whether the run is well, at one glance.

use crate::components::{
    Actions, Announcer, Detections, Events, FreshnessRow, Headline, MonitoringCard, OpenNote,
    PhaseStrip, RecentRuns, Refused, Requirement, Results, RunStatusPanel, ScheduleCard, SymbolBox,
    TopBar, sees,
};
use crate::store::{Freshness, use_console};
use leptos::prelude::*;

/// The page `/admin/daily-processing`.
#[component]
pub fn Tonight() -> impl IntoView {
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
            data-sees=move || sees(console).to_string()
        >
            <FreshnessRow />
            <section class="hero" aria-labelledby="headline">
                <div class="card glance">
                    <Headline />
                    <RunStatusPanel />
                </div>
                <Actions />
            </section>
            <PhaseStrip />
            <div class="columns">
                <Requirement />
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
            <Refused />
            <Announcer />
            <OpenNote />
        </main>
    }
    .into_any()
}
