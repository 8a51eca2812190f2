//! The runs: filters in the address, bars against the usual duration, the table.

use super::lists::{choice, empty, filters, head, more, problem, search, time};
use super::{Room, bars, part};
use crate::components::{run_head, run_row};
use crate::part::Part;
use crate::ports::{RunRow, RunsAsked};
use leptos::prelude::*;
use model::RunStatus;

const DAYS: [(&str, &str); 5] = [
    ("7", "7 days"),
    ("30", "30 days"),
    ("90", "90 days"),
    ("365", "A year"),
    ("3650", "All"),
];
const TRIGGERS: [(&str, &str); 3] = [
    ("", "Any"),
    ("automatic", "Schedule"),
    ("manual", "By hand"),
];
const STANDARD_DAYS: u32 = 30;

/// The page.
pub(super) async fn page(room: &Room) -> Part {
    let asked = RunsAsked {
        days: room
            .asked
            .get("days")
            .and_then(|days| days.parse().ok())
            .unwrap_or(STANDARD_DAYS),
        status: room.asked.text("status"),
        trigger: room.asked.text("trigger"),
        universe: room.asked.text("universe"),
        text: room.asked.text("q"),
        cursor: room.asked.text("cursor"),
    };
    let found = room.backend.runs(asked).await;
    let statuses: Vec<_> = [("", "Any")]
        .into_iter()
        .chain(RunStatus::ALL.map(|status| (status.wire_name(), status.word())))
        .collect();
    let fields = view! {
        {choice(room, "days", "Since", &DAYS, "30")}
        {choice(room, "status", "Status", &statuses, "")}
        {choice(room, "trigger", "Trigger", &TRIGGERS, "")}
        {search(room, "universe", "Universe", "sp500")}
        {search(room, "q", "Search", "id, message, universe")}
    };
    // Where nothing is left out, a day without a run is one.
    let every_day = ["status", "trigger", "universe", "q", "cursor"]
        .iter()
        .all(|name| room.asked.get(name).is_none());
    let rows: Vec<_> = found.rows.iter().map(|run| row(room, run)).collect();
    let list = if rows.is_empty() {
        empty(
            room,
            "No run is known in this time. Runs appear here when they begin.",
        )
    } else {
        table(rows.collect_view().into_any())
    };
    let view = view! {
        {head(
            "Runs",
            "Every run that is known, newest first: what the console heard, and its local copy.",
        )}
        {problem(found.problem.as_ref())}
        <section class="card" aria-label="Runs">
            {filters(room, fields.into_any())}
            {bars::chart(room, &found.rows, every_day)}
            {list}
            {more(room, found.next.as_ref())}
        </section>
    };
    part("Runs", view)
}

fn table(rows: AnyView) -> AnyView {
    view! {
        <table class="num" data-testid="runs">
            <caption class="unseen">"Runs, newest first"</caption>
            {run_head()}
            <tbody data-rows="">{rows}</tbody>
        </table>
    }
    .into_any()
}

fn row(room: &Room, row: &RunRow) -> AnyView {
    let run = &row.summary;
    run_row(
        run,
        run.started_at.or(run.ended_at).map(|at| time(room, at)),
    )
}

/// The runs that the console holds in memory, as bars.
pub(super) fn recent(room: &Room) -> Option<AnyView> {
    let earlier = room.data.snapshot.state.earlier.iter();
    let rows: Vec<RunRow> = earlier
        .map(|summary| RunRow {
            summary: summary.clone(),
            universes: Vec::new(),
        })
        .collect();
    bars::chart(room, &rows, true)
}
