//! A table of runs, as tonight's page and the page of all runs have it: its head, and a run's row,
//! of two lines on a phone.

use super::icon::glyph;
use super::tone::of_run;
use crate::format::{count, duration, sentence, short_id, status_key, trigger_short};
use crate::paths::PATHS;
use leptos::prelude::*;
use model::{RunStatus, RunSummary};

/// The columns. A test of the server compares them with those of the database (`RUN_COLUMNS`).
pub(crate) fn run_head() -> impl IntoView {
    view! {
        <thead>
            <tr>
                <th scope="col">"Status"</th>
                <th scope="col">"Started"</th>
                <th scope="col" class="right">
                    "Duration"
                </th>
                <th scope="col" class="right">
                    "Processed"
                </th>
                <th scope="col" class="right">
                    "Failed"
                </th>
                <th scope="col" class="right">
                    "Indicators"
                </th>
                <th scope="col" class="right">
                    "Patterns"
                </th>
                <th scope="col">"Trigger"</th>
                <th scope="col">"Run"</th>
            </tr>
        </thead>
    }
    .into_any()
}

/// A run's row; `began` is what the page says of its beginning.
pub(crate) fn run_row(run: &RunSummary, began: impl IntoView + 'static) -> AnyView {
    let (icon, tone) = of_run(Some(run.status));
    let figure = |n: Option<u64>| n.map_or_else(|| "–".to_owned(), count);
    let unwell = matches!(
        run.status,
        RunStatus::Failed | RunStatus::Cancelled | RunStatus::Lost | RunStatus::Superseded
    );
    let why = run
        .message
        .as_deref()
        .filter(|_| unwell)
        .map(|text| sentence(text, 160));
    view! {
        <tr data-status=status_key(Some(run.status))>
            <td class="status" data-tone=tone>
                <a class="state row-link" href=PATHS.run(&run.id)>
                    {glyph(icon)}
                    {run.status.word()}
                </a>
                <span class="why">{why}</span>
            </td>
            <td class="started">{began.into_any()}</td>
            <td class="right duration">
                {run.seconds().map_or_else(|| "–".to_owned(), duration)}
            </td>
            <td class="right figure" data-label="processed">
                {figure(run.processed)}
            </td>
            <td
                class="right figure failed"
                data-label="failed"
                data-nonzero=run.failed.is_some_and(|n| n > 0).to_string()
            >
                {figure(run.failed)}
            </td>
            <td class="right wide">{figure(run.indicators)}</td>
            <td class="right wide">{figure(run.patterns)}</td>
            <td class="wide">{run.trigger.as_deref().map(trigger_short).unwrap_or_default()}</td>
            <td class="wide">
                <code title=run.id.to_string()>{short_id(&run.id)}</code>
            </td>
        </tr>
    }
    .into_any()
}
