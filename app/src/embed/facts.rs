//! The figures of a run. A clock that runs has the moment that it runs from; the browser lets it
//! tick.

use super::run_content::RunContent;
use crate::format::{count, day_clock, from_now, long_duration};
use leptos::prelude::*;
use model::RunSummary;

/// The list; none before any run was seen.
pub(super) fn list(content: &RunContent<'_>) -> Option<AnyView> {
    let summary = content.summary.as_ref()?;
    let active = summary.status.is_active();
    let figures = [
        Some((
            if active { "Elapsed" } else { "Duration" },
            elapsed(summary, content),
        )),
        end(summary, content)
            .map(|text| (if active { "Expected" } else { "Ended" }, text.into_any())),
        symbols(summary).map(|text| ("Symbols", text.into_any())),
        summary.failed.filter(|n| *n > 0).map(|n| {
            (
                "Failed",
                view! { <span class="bad">{count(n)}</span> }.into_any(),
            )
        }),
        summary
            .indicators
            .map(|n| ("Indicators", count(n).into_any())),
        summary.patterns.map(|n| ("Patterns", count(n).into_any())),
    ];
    let figures = figures.into_iter().flatten().map(|(name, value)| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd class="num">{value}</dd>
            </div>
        }
        .into_any()
    });
    Some(view! { <dl class="facts">{figures.collect_view()}</dl> }.into_any())
}

fn elapsed(run: &RunSummary, content: &RunContent<'_>) -> AnyView {
    let since = run.started_at.filter(|_| run.status.is_active());
    let seconds = match since {
        Some(at) => Some(content.now.since(at).max(0) as f64 / 1000.0),
        None => run.seconds().filter(|_| !run.status.is_active()),
    };
    let text = seconds.map_or_else(|| "–".to_owned(), long_duration);
    view! { <span data-since=since.map(|at| at.0.to_string())>{text}</span> }.into_any()
}

fn end(run: &RunSummary, content: &RunContent<'_>) -> Option<String> {
    if !run.status.is_active() {
        return run
            .ended_at
            .map(|at| day_clock(at, content.now, content.zone));
    }
    let at = content.run?.estimated_completion?;
    let how = if at > content.now {
        from_now(at, content.now)
    } else {
        "overdue".to_owned()
    };
    Some(format!(
        "{}, {how}",
        day_clock(at, content.now, content.zone)
    ))
}

fn symbols(run: &RunSummary) -> Option<String> {
    match (run.processed, run.total) {
        (Some(done), Some(total)) if done != total => {
            Some(format!("{} of {}", count(done), count(total)))
        }
        (one, other) => one.or(other).map(count),
    }
}
