//! The four phases of a run, small: side by side where there is room, else below each other.

use super::meter;
use super::run_content::RunContent;
use crate::format::{NBSP, count, percent, phase_name, phase_status_word, plural};
use crate::ui::{glyph, of_phase};
use contract::Phase;
use leptos::prelude::*;
use model::{PhaseStatus, PhaseSummary, Run};

/// The list; none where nothing is known of them.
pub(super) fn list(content: &RunContent<'_>) -> Option<AnyView> {
    if content.phases.is_empty() {
        return None;
    }
    let active = content
        .summary
        .as_ref()
        .is_some_and(|run| run.status.is_active());
    let items = content
        .phases
        .iter()
        .map(|row| item(row, content.run, active))
        .collect::<Vec<_>>();
    Some(
        view! {
            <ol class="phases" aria-label="Phases">
                {items}
            </ol>
        }
        .into_any(),
    )
}

fn item(row: &PhaseSummary, run: Option<&Run>, active: bool) -> AnyView {
    let (icon, tone) = of_phase(row.status);
    let word = phase_status_word(row.status, active);
    let done = share(row, run);
    let counted = counted(row);
    let failed = row.failed.filter(|n| *n > 0).map(|n| {
        view! { <span class="bad">{format!("{}{NBSP}failed", count(n))}</span> }.into_any()
    });
    let label = if row.status == PhaseStatus::Running {
        percent(done)
    } else {
        word.to_owned()
    };
    view! {
        <li data-phase=row.phase.wire_name() data-status=row.status.wire_name() data-tone=tone>
            <p class="phase-head">
                {glyph(icon)} <b>{phase_name(row.phase)}</b> <span class="word num">{label}</span>
            </p>
            {meter(phase_name(row.phase), done, format!("{word}, {}", percent(done)))}
            <p class="meta num">
                <span>{counted}</span>
                {failed}
            </p>
        </li>
    }
    .into_any()
}

/// Progress, 0 to 100.
fn share(row: &PhaseSummary, run: Option<&Run>) -> f64 {
    match (row.status, run, row.done.zip(row.total)) {
        (PhaseStatus::Done, ..) => 100.0,
        (PhaseStatus::Waiting | PhaseStatus::Skipped, ..) => 0.0,
        (_, Some(run), _) => run.phase(row.phase).percent,
        (_, None, Some((done, total))) if total > 0 => done as f64 * 100.0 / total as f64,
        _ => 0.0,
    }
}

fn counted(row: &PhaseSummary) -> String {
    let (one, many) = if row.phase == Phase::CacheSync {
        ("universe", "universes")
    } else {
        ("symbol", "symbols")
    };
    let begun = !matches!(row.status, PhaseStatus::Waiting | PhaseStatus::Skipped);
    match (row.done.filter(|_| begun), row.total) {
        (Some(done), Some(total)) if done < total => {
            format!("{} of {}", count(done), plural(total, one, many))
        }
        (Some(n), _) | (None, Some(n)) => plural(n, one, many),
        (None, None) => String::new(),
    }
}
