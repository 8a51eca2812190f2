//! The icon and the tone of each state. A tone is a name that the stylesheet gives colours to.

use super::icon::Icon;
use contract::Severity;
use model::{PhaseStatus, RunStatus};

/// The icon and the tone of a run's status; without a run, of "no run".
pub(crate) fn of_run(status: Option<RunStatus>) -> (Icon, &'static str) {
    match status {
        None => (Icon::Waiting, "quiet"),
        Some(RunStatus::Running) => (Icon::Running, "running"),
        Some(RunStatus::Cancelling) => (Icon::Cancelling, "neutral"),
        Some(RunStatus::Succeeded) => (Icon::Succeeded, "good"),
        Some(RunStatus::SucceededWithWarnings) => (Icon::Warning, "warn"),
        Some(RunStatus::Failed) => (Icon::Failed, "bad"),
        Some(RunStatus::Cancelled) => (Icon::Cancelled, "neutral"),
        Some(RunStatus::OutcomeUnknown) => (Icon::Lost, "warn"),
        Some(RunStatus::Lost) => (Icon::Lost, "warn"),
        Some(RunStatus::Superseded) => (Icon::Superseded, "neutral"),
    }
}

/// The icon and the tone of a phase's status.
pub(crate) fn of_phase(status: PhaseStatus) -> (Icon, &'static str) {
    match status {
        PhaseStatus::Waiting => (Icon::Waiting, "quiet"),
        PhaseStatus::Running => (Icon::Running, "running"),
        PhaseStatus::Done => (Icon::Succeeded, "good"),
        PhaseStatus::Failed => (Icon::Failed, "bad"),
        PhaseStatus::Stopped => (Icon::Cancelled, "neutral"),
        PhaseStatus::Unknown => (Icon::Lost, "warn"),
        PhaseStatus::Skipped => (Icon::Skipped, "quiet"),
    }
}

/// The icon and the tone of an error's severity.
pub(crate) fn of_severity(severity: Severity) -> (Icon, &'static str) {
    match severity {
        Severity::Debug | Severity::Info => (Icon::Info, "neutral"),
        Severity::Warning => (Icon::Warning, "warn"),
        Severity::Error | Severity::Critical => (Icon::Failed, "bad"),
    }
}
