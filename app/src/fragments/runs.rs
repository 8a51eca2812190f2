//! The runs: filters in the address, bars against the usual duration, the table.

use super::bars;
use super::context::{PageContext, fragment};
use super::lists::{choice, empty, filters, head, more, problem, search, time};
use crate::fragment::{Fragment, ROWS, attribute};
use crate::ports::RunsQuery;
use crate::text::runs;
use crate::ui::{run_head, run_row};
use leptos::prelude::*;
use model::{RunStatus, RunSummary};

const DAYS: [(&str, &str); 5] = [
    ("7", "7 days"),
    ("30", "30 days"),
    ("90", "90 days"),
    ("365", "1 year"),
    ("3650", "All"),
];
const TRIGGERS: [(&str, &str); 3] = [("", "Any"), ("automatic", "Schedule"), ("manual", "Manual")];
const STANDARD_DAYS: u32 = 30;

/// The page.
pub(super) async fn page(page: &PageContext) -> Fragment {
    let query = RunsQuery {
        days: page
            .query
            .get("days")
            .and_then(|days| days.parse().ok())
            .unwrap_or(STANDARD_DAYS),
        status: page.query.text("status"),
        trigger: page.query.text("trigger"),
        universe: page.query.text("universe"),
        text: page.query.text("q"),
        cursor: page.query.text("cursor"),
    };
    let found = page.backend.runs(query).await;
    let statuses: Vec<_> = [("", "Any")]
        .into_iter()
        .chain(RunStatus::ALL.map(|status| (status.wire_name(), status.word())))
        .collect();
    let fields = view! {
        {choice(page, "days", "Period", &DAYS, "30")}
        {choice(page, "status", "Status", &statuses, "")}
        {choice(page, "trigger", "Trigger", &TRIGGERS, "")}
        {search(page, "universe", "Universe", "sp500")}
        {search(page, "q", "Search", runs::SEARCH_HINT)}
    };
    // Where nothing is left out, a day without a run is one.
    let every_day = ["status", "trigger", "universe", "q", "cursor"]
        .iter()
        .all(|name| page.query.get(name).is_none());
    let rows: Vec<_> = found.rows.iter().map(|run| row(page, run)).collect();
    let list = if rows.is_empty() {
        empty(page, runs::EMPTY)
    } else {
        table(rows.collect_view().into_any())
    };
    let view = view! {
        {head("Runs", runs::ABOUT)}
        {problem(found.problem.as_ref())}
        <section class="card" aria-label="Runs">
            {filters(page, fields.into_any())}
            {bars::chart(page, &found.rows, every_day)}
            {list}
            {more(page, found.next.as_ref())}
        </section>
    };
    fragment("Runs", view)
}

fn table(rows: AnyView) -> AnyView {
    view! {
        <table class="num" data-testid="runs">
            <caption class="visually-hidden">"Runs, newest first"</caption>
            {run_head()}
            <tbody {..attribute(ROWS, "")}>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(page: &PageContext, run: &RunSummary) -> AnyView {
    run_row(run, run.list_time().map(|at| time(page, at)))
}

/// The runs that the console holds in memory, as bars.
pub(super) fn recent(page: &PageContext) -> Option<AnyView> {
    bars::chart(page, &page.data.snapshot.state.earlier, true)
}
