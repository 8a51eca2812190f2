//! A run: tonight's, or one that is named.

use super::run_content::RunContent;
use super::{EmbedContext, EmbedSections, EmbedView, facts, html, meter, phases, step};
use crate::format::{
    Situation, day_clock, duration, headline, percent, plural, sentence, short_id, status_key,
    trigger_word,
};
use crate::ports::RunView;
use crate::text::tonight;
use crate::ui::{glyph, of_run, of_severity};
use contract::{RunId, Timestamp};
use leptos::prelude::*;
use model::{ErrorGroup, Run, RunSummary};

/// Errors that are listed; the others are only counted.
const ERRORS: usize = 4;
/// Longest error text, in characters.
const ERROR_CHARACTERS: usize = 160;

/// Tonight's run; between runs the last one, and when the next starts.
pub fn status(context: EmbedContext<'_>, sections: EmbedSections) -> EmbedView {
    let (state, now, zone) = (context.state, step(context.now), context.zone);
    let headline = headline_of(context, now);
    let summary = state
        .run
        .as_ref()
        .map(RunSummary::from)
        .or_else(|| state.earlier.first().cloned());
    let own = |group: &&ErrorGroup| {
        state
            .run
            .as_ref()
            .is_some_and(|run| group.run_id.as_ref() == Some(&run.id))
    };
    let content = RunContent {
        summary,
        run: state.run.as_ref(),
        phases: state
            .run
            .as_ref()
            .map(Run::phase_summaries)
            .unwrap_or_default(),
        errors: state.errors.iter().filter(own).collect(),
        now,
        zone,
    };
    let status = state.run.as_ref().map(|run| run.status);
    let word = status.map_or("No run is active", model::RunStatus::word);
    let key = if status.is_some() {
        status_key(status)
    } else {
        "idle"
    };
    fragment(
        "status",
        &content,
        (of_run(status), word, key),
        headline,
        sections,
    )
}

/// One run: the state's where it is the one that is content, else as the database has it.
pub fn run(
    context: EmbedContext<'_>,
    id: &RunId,
    stored: Option<&RunView>,
    sections: EmbedSections,
) -> EmbedView {
    let (state, now, zone) = (context.state, step(context.now), context.zone);
    let live = state.run.as_ref().filter(|run| run.id == *id);
    let content = match (live, stored) {
        (Some(run), _) => RunContent {
            summary: Some(RunSummary::from(run)),
            run: Some(run),
            phases: run.phase_summaries(),
            errors: state
                .errors
                .iter()
                .filter(|group| group.run_id.as_ref() == Some(id))
                .collect(),
            now,
            zone,
        },
        (None, Some(stored)) => RunContent {
            summary: Some(stored.summary.clone()),
            run: stored.run.as_deref(),
            phases: stored.phases.clone(),
            errors: stored.errors.iter().collect(),
            now,
            zone,
        },
        (None, None) => return unknown(id),
    };
    let status = content.summary.as_ref().map(|run| run.status);
    let headline = match (&content.summary, live) {
        (_, Some(run)) if run.is_active() => headline_of(context, now),
        (summary, _) => summary
            .as_ref()
            .map(|summary| in_words(summary, &content))
            .unwrap_or_default(),
    };
    let word = status.map_or("Unknown", model::RunStatus::word);
    fragment(
        "run",
        &content,
        (of_run(status), word, status_key(status)),
        headline,
        sections,
    )
}

fn headline_of(context: EmbedContext<'_>, now: Timestamp) -> String {
    let state = context.state;
    headline(&Situation {
        run: state.run.as_ref(),
        last: state.earlier.first(),
        usual: state.run.as_ref().and_then(|run| state.baseline_for(run)),
        schedule: state.schedule.as_ref(),
        links: &state.links,
        live: true,
        now,
        zone: context.zone,
    })
}

type Looks = ((crate::ui::Icon, &'static str), &'static str, &'static str);

fn fragment(
    view: &'static str,
    content: &RunContent<'_>,
    looks: Looks,
    headline: String,
    sections: EmbedSections,
) -> EmbedView {
    let ((icon, tone), word, key) = looks;
    let sentence = headline.clone();
    let html = html(|| {
        let head = sections.has("headline").then(|| {
            view! {
                <header class="head">
                    <span class="chip" data-tone=tone>
                        {glyph(icon)}
                        <span>{word}</span>
                    </span>
                    <p class="run-origin num">{origin(content)}</p>
                </header>
                <p class="headline">{headline}</p>
            }
            .into_any()
        });
        let progress = content.run.filter(|_| sections.has("progress")).map(|run| {
            let done = percent(run.percent);
            view! {
                <div class="overall" data-tone=tone>
                    {meter(tonight::WHOLE_RUN, run.percent, format!("{done} done"))}
                    <b class="num">{done.clone()}</b>
                </div>
            }
            .into_any()
        });
        let phases = sections
            .has("phases")
            .then(|| phases::list(content))
            .flatten();
        let figures = sections
            .has("facts")
            .then(|| facts::list(content))
            .flatten();
        let errors = sections.has("errors").then(|| errors(content)).flatten();
        view! {
            <section class="view" data-view=view data-state=key data-tone=tone>
                {head}
                {progress}
                {phases}
                {figures}
                {errors}
            </section>
        }
        .into_any()
    });
    EmbedView {
        html,
        state: key.to_owned(),
        sentence,
    }
}

fn unknown(id: &RunId) -> EmbedView {
    let headline = format!("No record of run {}.", short_id(id));
    let sentence = headline.clone();
    let html = html(|| {
        view! {
            <section class="view" data-view="run" data-state="none">
                <p class="empty">{headline}</p>
            </section>
        }
        .into_any()
    });
    EmbedView {
        html,
        state: "none".to_owned(),
        sentence,
    }
}

fn in_words(run: &RunSummary, content: &RunContent<'_>) -> String {
    let took = run
        .seconds()
        .filter(|_| !run.status.is_active())
        .map(|seconds| format!(" after {}", duration(seconds)));
    let why = run.message.as_deref().filter(|_| !run.status.is_active());
    let why = why
        .map(|text| format!(": {}", sentence(text, 140)))
        .unwrap_or_default();
    let when = run
        .ended_at
        .map(|at| format!(" at {}", day_clock(at, content.now, content.zone)))
        .unwrap_or_default();
    format!(
        "The run {}{}{when}{why}.",
        run.status.predicate(),
        took.unwrap_or_default()
    )
}

/// Trigger, start and id of the run.
fn origin(content: &RunContent<'_>) -> String {
    let Some(summary) = &content.summary else {
        return String::new();
    };
    let label = if summary.status.is_active() {
        "since"
    } else {
        "started"
    };
    let parts = [
        content.run.is_none().then(|| "Last run".to_owned()),
        summary
            .trigger
            .as_deref()
            .filter(|_| content.run.is_some())
            .map(trigger_word),
        summary
            .started_at
            .map(|at| format!("{label} {}", day_clock(at, content.now, content.zone))),
        Some(short_id(&summary.id)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn errors(content: &RunContent<'_>) -> Option<AnyView> {
    if content.errors.is_empty() {
        return None;
    }
    let mut worst = content.errors.clone();
    worst.sort_by_key(|group| (std::cmp::Reverse(group.severity), group.first_at));
    let more = worst.len().saturating_sub(ERRORS) as u64;
    let rows = worst.into_iter().take(ERRORS).map(|group| {
        let (icon, tone) = of_severity(group.severity);
        let times = (group.count > 1).then(|| format!("{}×", group.count));
        view! {
            <li data-tone=tone>
                {glyph(icon)} <span>{sentence(&group.message, ERROR_CHARACTERS)}</span>
                <span class="meta num">{times}</span>
            </li>
        }
        .into_any()
    });
    let rows = rows.collect_view();
    let more = (more > 0).then(
        || view! { <li class="meta">{format!("and {}", plural(more, "other", "others"))}</li> },
    );
    Some(
        view! {
            <ul class="errors" aria-label="Errors">
                {rows}
                {more}
            </ul>
        }
        .into_any(),
    )
}
