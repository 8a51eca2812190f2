//! Two runs side by side, phase by phase, in words: "import 4 min 10 s longer, +38 %".

use super::context::PageContext;
use crate::format::{duration, long_duration, moment, phase_name, plural, short_id};
use crate::paths::PATHS;
use crate::ports::{RunView, RunsQuery};
use crate::text::{run, tonight};
use contract::RunId;
use leptos::prelude::*;

/// Nearer than this is the same.
const SAME_SECONDS: f64 = 2.0;
/// Runs that are offered to compare with.
const OFFERED: usize = 30;

/// The comparison, where the address names another run, and its form.
pub(super) async fn section(page: &PageContext, run: &RunView) -> AnyView {
    let others = page
        .backend
        .runs(RunsQuery {
            days: 365,
            ..RunsQuery::default()
        })
        .await
        .rows;
    let chosen = page.query.text("with");
    let options = others
        .iter()
        .filter(|other| other.id != run.summary.id)
        .take(OFFERED)
        .map(|other| {
            let began = other
                .started_at
                .map(|at| moment(at, &page.data.zone))
                .unwrap_or_default();
            let text = format!(
                "{began}, {}, {}",
                other.status.word(),
                other.seconds().map(duration).unwrap_or_default()
            );
            let id = other.id.to_string();
            view! {
                <option selected=chosen.as_deref() == Some(id.as_str()) value=id.clone()>
                    {text}
                </option>
            }
            .into_any()
        });
    let options = options.collect_view();
    let other = match chosen.as_deref().and_then(RunId::new) {
        Some(id) => Some(page.backend.run(id).await),
        None => None,
    };
    let words = other.map(|other| match other {
        Some(other) => {
            let lines = differences(run, &other)
                .into_iter()
                .map(|line| view! { <li>{line}</li> }.into_any());
            view! {
                <p class="body meta">
                    "Compared with run "
                    <a href=PATHS.run(&other.summary.id)>{short_id(&other.summary.id)}</a> ":"
                </p>
                <ul class="words num" data-testid="differences">
                    {lines.collect_view()}
                </ul>
            }
            .into_any()
        }
        None => view! { <p class="empty">{run::OTHER_RUN_GONE}</p> }.into_any(),
    });
    view! {
        <section class="card" aria-labelledby="compare-title" id="compare">
            <header class="card-head">
                <h2 id="compare-title">"Compare with another run"</h2>
            </header>
            <form class="filters" method="get" action=format!("{}#compare", page.query.path)>
                <label class="field grow">"Other run" <select name="with">{options}</select></label>
                <button type="submit" class="button">
                    "Compare"
                </button>
            </form>
            {words}
        </section>
    }
    .into_any()
}

/// What is different, the whole run first.
fn differences(own: &RunView, other: &RunView) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(longer(
        tonight::WHOLE_RUN,
        own.summary.seconds(),
        other.summary.seconds(),
    ));
    for phase in &own.phases {
        let twin = other.phases.iter().find(|twin| twin.phase == phase.phase);
        lines.extend(longer(
            phase_name(phase.phase),
            phase.seconds,
            twin.and_then(|twin| twin.seconds),
        ));
    }
    lines.extend(more(
        "symbol",
        "symbols",
        "failed",
        own.summary.failed,
        other.summary.failed,
    ));
    lines.extend(more(
        "symbol",
        "symbols",
        "processed",
        own.summary.processed,
        other.summary.processed,
    ));
    lines.extend(more(
        "pattern",
        "patterns",
        "detected",
        own.summary.patterns,
        other.summary.patterns,
    ));
    if own.phases.iter().all(|phase| phase.seconds.is_none())
        || other.phases.iter().all(|phase| phase.seconds.is_none())
    {
        lines.push(run::PHASES_NOT_COMPARABLE.to_owned());
    }
    if lines.is_empty() {
        lines.push(run::NO_DIFFERENCES.to_owned());
    }
    lines
}

/// `Import: 4 min 10 s longer, +38 %`
fn longer(name: &str, own: Option<f64>, other: Option<f64>) -> Option<String> {
    let (own, other) = (own?, other?);
    let difference = own - other;
    if difference.abs() < SAME_SECONDS || other <= 0.0 {
        return Some(format!("{name}: same duration, {}", long_duration(own)));
    }
    let word = if difference > 0.0 {
        "longer"
    } else {
        "shorter"
    };
    let sign = if difference > 0.0 { "+" } else { "\u{2212}" };
    let share = (difference.abs() / other * 100.0).round();
    Some(format!(
        "{name}: {} {word}, {sign}{share}\u{a0}%",
        long_duration(difference.abs())
    ))
}

/// `3 symbols more failed`
fn more(one: &str, many: &str, what: &str, own: Option<u64>, other: Option<u64>) -> Option<String> {
    let (own, other) = (own?, other?);
    match own.abs_diff(other) {
        0 => None,
        n if own > other => Some(format!("{} more {what}", plural(n, one, many))),
        n => Some(format!("{} fewer {what}", plural(n, one, many))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_said_in_time_and_share() {
        let difference = |own, other| {
            longer("Import", Some(own), Some(other)).map(|text| text.replace('\u{a0}', " "))
        };
        assert_eq!(
            difference(907.0, 657.0).as_deref(),
            Some("Import: 4 min 10 s longer, +38 %")
        );
        assert_eq!(
            difference(60.0, 120.0).as_deref(),
            Some("Import: 1 min 00 s shorter, −50 %")
        );
        assert_eq!(
            difference(60.0, 61.0).as_deref(),
            Some("Import: same duration, 1 min 00 s")
        );
        assert_eq!(longer("Import", None, Some(1.0)), None);
    }

    #[test]
    fn counts_are_said_where_they_differ() {
        let difference = |own, other| {
            more("symbol", "symbols", "failed", Some(own), Some(other))
                .map(|t| t.replace('\u{a0}', " "))
        };
        assert_eq!(difference(3, 1).as_deref(), Some("2 symbols more failed"));
        assert_eq!(difference(0, 1).as_deref(), Some("1 symbol fewer failed"));
        assert_eq!(difference(4, 4), None);
    }
}
