//! One run: what made it fail before anything else, its phases, failed symbols, errors, events,
//! audit, comparison.

use super::context::{PageContext, fragment};
use super::lists::{more, problem};
use super::run_sections::{facts, failed_symbols, results, timeline};
use super::{audit, compare, errors};
use crate::format::{
    count, day_clock, duration, moment, phase_name, phase_word, plural, reported, sentence,
    short_id, status_key,
};
use crate::fragment::{COPY, DIALOG, Fragment, ROWS, attribute};
use crate::paths::PATHS;
use crate::ports::RunView;
use crate::text::run;
use crate::ui::{glyph, of_run};
use contract::RunId;
use leptos::prelude::*;
use model::{EventSummary, PhaseStatus, RunStatus};

/// The page; none where nothing is known of the run.
pub(super) async fn page(page: &PageContext, id: &str) -> Option<Fragment> {
    let run = page.backend.run(RunId::new(id)?).await?;
    let after = page
        .query
        .get("cursor")
        .and_then(|cursor| cursor.parse().ok());
    let happened = page.backend.events(run.summary.id.clone(), after).await;
    let compared = compare::section(page, &run).await;
    let listed = run
        .errors
        .iter()
        .map(|group| errors::row(page, group))
        .collect::<Vec<_>>();
    let no_errors = listed
        .is_empty()
        .then(|| view! { <p class="empty">{run::NO_ERRORS}</p> });
    let trail = if run.audit.is_empty() {
        view! { <p class="empty">{run::NO_AUDIT}</p> }.into_any()
    } else {
        audit::table(page, &run.audit)
    };
    let view = view! {
        {head(page, &run)}
        {failure(page, &run)}
        {timeline(page, &run)}
        {facts(page, &run)}
        {failed_symbols(page, &run)}
        <section class="card" aria-labelledby="errors-title">
            <header class="card-head">
                <h2 id="errors-title">"Errors"</h2>
            </header>
            <ul class="rows">{listed.collect_view()}</ul>
            {no_errors}
        </section>
        {results(&run)}
        {compared}
        <section class="card" aria-labelledby="events-title">
            <header class="card-head">
                <h2 id="events-title">"Events"</h2>
                <span class="meta num">
                    {plural(happened.rows.len() as u64, "event", "events")} " shown"
                </span>
            </header>
            {problem(happened.problem.as_ref())}
            <ol
                class="rows run-events"
                {..attribute(ROWS, "")}
                data-testid="run-events"
                tabindex="0"
                aria-label="Events of this run"
            >
                {happened.rows.iter().map(|event| event_row(page, event)).collect_view()}
            </ol>
            {happened.rows.is_empty().then(|| view! { <p class="empty">{run::NO_EVENTS}</p> })}
            {more(page, happened.next.as_ref())}
        </section>
        <section class="card" aria-labelledby="audit-title">
            <header class="card-head">
                <h2 id="audit-title">{run::AUDIT_TITLE}</h2>
            </header>
            {trail}
        </section>
    };
    let title = format!(
        "Run {}, {}",
        short_id(&run.summary.id),
        run.summary.status.word()
    );
    Some(fragment(title, view))
}

fn head(page: &PageContext, run: &RunView) -> AnyView {
    let summary = &run.summary;
    let (icon, tone) = of_run(Some(summary.status));
    let began = summary
        .started_at
        .map(|at| format!("started {}", moment(at, &page.data.zone)));
    let took = summary
        .seconds()
        .map(|seconds| format!("took {}", duration(seconds)));
    let about = began.into_iter().chain(took).collect::<Vec<_>>().join(", ");
    let again = again(run);
    let failed = summary
        .failed
        .filter(|failed| *failed > 0 && summary.status.is_success());
    let failed = failed.map(|failed| format!(" · {} failed", count(failed)));
    view! {
        <header
            class="page-head"
            data-testid="run-head"
            data-status=status_key(Some(summary.status))
        >
            <h2>"Run " <code>{short_id(&summary.id)}</code></h2>
            <span class="chip" data-tone=tone>
                {glyph(icon)}
                {summary.status.word()}
                {failed}
            </span>
            <div class="button-row">
                {again}
                <button
                    type="button"
                    class="small-button needs-script"
                    {..attribute(COPY, words(page, run))}
                >
                    {run::COPY_SUMMARY}
                </button>
                <button
                    type="button"
                    class="small-button needs-script"
                    {..attribute(COPY, summary.id.to_string())}
                >
                    {run::COPY_ID}
                </button>
            </div>
            <p class="num">{about}</p>
        </header>
    }
    .into_any()
}

/// A link to the form, filled in: from the failed phase on, else all of the run's phases.
fn again(run: &RunView) -> Option<AnyView> {
    if run.summary.status.is_active() {
        return None;
    }
    let from = run
        .phases
        .iter()
        .position(|phase| matches!(phase.status, PhaseStatus::Failed | PhaseStatus::Stopped));
    let phases = run
        .phases
        .iter()
        .skip(from.unwrap_or(0))
        .map(|phase| phase.phase);
    let mut query: Vec<String> = phases
        .map(|phase| format!("phases[]={}", phase.wire_name()))
        .collect();
    if let [universe] = run.summary.universes.as_slice() {
        query.push(format!(
            "universe={}",
            url::form_urlencoded::byte_serialize(universe.as_bytes()).collect::<String>()
        ));
    }
    let label = match from.and_then(|index| run.phases.get(index)) {
        Some(failed) => format!("Run again from {}", phase_word(failed.phase)),
        None => "Run again".to_owned(),
    };
    let address = format!("{}?{}", PATHS.command_form("run"), query.join("&"));
    Some(
        view! {
            <a class="small-button" rel="external" {..attribute(DIALOG, "")} href=address>
                {label}
            </a>
        }
        .into_any(),
    )
}

/// What made it fail: the phase and the first error.
fn failure(page: &PageContext, run: &RunView) -> Option<AnyView> {
    if run.summary.status == RunStatus::OutcomeUnknown {
        return Some(outcome_unknown(run));
    }
    if run.summary.status != RunStatus::Failed {
        return None;
    }
    let failed = run
        .phases
        .iter()
        .find(|phase| phase.status == PhaseStatus::Failed);
    let place = failed.map_or_else(
        || "Failed".to_owned(),
        |phase| format!("Failed in {}", phase_word(phase.phase)),
    );
    let at = failed
        .and_then(|phase| phase.ended_at)
        .or(run.summary.ended_at);
    let at = at
        .map(|at| {
            format!(
                " at {}",
                day_clock(at, page.data.snapshot.at, &page.data.zone)
            )
        })
        .unwrap_or_default();
    let bad = || {
        run.errors
            .iter()
            .filter(|group| group.severity >= contract::Severity::Error)
    };
    let first = bad()
        .find(|group| failed.is_some_and(|phase| group.phase == Some(phase.phase)))
        .or_else(|| bad().next());
    let first = first.map(|group| {
        view! {
            <p class="meta">{run::FIRST_ERROR}</p>
            <ul>{errors::row(page, group)}</ul>
        }
        .into_any()
    });
    view! {
        <section class="card failure" aria-labelledby="failure-title" data-testid="failure">
            <h3 id="failure-title">{format!("{place}{at}")}</h3>
            <p>{run.summary.message.clone()}</p>
            {first}
        </section>
    }
    .into_any()
    .into()
}

/// What TickStockPL reported of an end that nobody can judge.
fn outcome_unknown(run: &RunView) -> AnyView {
    view! {
        <section
            class="card failure"
            data-tone="warn"
            aria-labelledby="failure-title"
            data-testid="outcome-unknown"
        >
            <h3 id="failure-title">
                {format!("Ended, outcome unknown{}", reported(run.summary.outcome_word.as_deref()))}
            </h3>
            <p>{run.summary.message.clone()}</p>
        </section>
    }
    .into_any()
}

/// The run in words, for a chat.
fn words(page: &PageContext, run: &RunView) -> String {
    let summary = &run.summary;
    let mut text = format!(
        "TickStock run {} {}",
        summary.id,
        summary.status.predicate()
    );
    if let Some(at) = summary.started_at {
        text += &format!(", started {}", moment(at, &page.data.zone));
    }
    if let Some(seconds) = summary.seconds() {
        text += &format!(", took {}", duration(seconds));
    }
    text += ".";
    if let Some(message) = &summary.message {
        text += &format!(" {}.", sentence(message, 200));
    }
    for phase in run.phases.iter().filter(|phase| phase.seconds.is_some()) {
        let took = phase.seconds.map(duration).unwrap_or_default();
        let failed = phase
            .failed
            .filter(|n| *n > 0)
            .map(|n| format!(", {} failed", plural(n, "symbol", "symbols")));
        text += &format!(
            "\n{}: {took}{}",
            phase_name(phase.phase),
            failed.unwrap_or_default()
        );
    }
    text.replace('\u{a0}', " ")
}

fn event_row(page: &PageContext, event: &EventSummary) -> AnyView {
    let short = event
        .channel
        .strip_prefix("tickstock:")
        .unwrap_or(&event.channel)
        .to_owned();
    let raw = event.raw.clone().map(|raw| {
        view! {
            <details class="raw-json">
                <summary>"raw"</summary>
                <pre>{raw}</pre>
            </details>
        }
    });
    view! {
        <li class="stored-event">
            <time class="meta num" datetime=event.at.to_string()>
                {crate::format::clock_seconds(event.at, &page.data.zone)}
            </time>
            <code>{event.name.clone()}</code>
            <span class="meta">{short}</span>
            <span class="num">{event.summary.clone()}</span>
            {raw}
        </li>
    }
    .into_any()
}
