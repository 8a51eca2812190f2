//! The icon and the tone of each state.

use super::icon::Icon;
use contract::Severity;
use model::{PhaseStatus, RunStatus, Tone};

/// The icon and the tone of a run's status; without a run, of "no run".
pub(crate) fn of_run(status: Option<RunStatus>) -> (Icon, &'static str) {
    let Some(status) = status else {
        return look(Tone::Quiet);
    };
    let (icon, tone) = look(status.tone());
    let icon = match status {
        RunStatus::Cancelling => Icon::Cancelling,
        RunStatus::Cancelled => Icon::Cancelled,
        RunStatus::OutcomeUnknown | RunStatus::Lost => Icon::Lost,
        RunStatus::Superseded => Icon::Superseded,
        _ => icon,
    };
    (icon, tone)
}

/// The icon and the tone of a phase's status.
pub(crate) fn of_phase(status: PhaseStatus) -> (Icon, &'static str) {
    let (icon, tone) = look(status.tone());
    let icon = match status {
        PhaseStatus::Stopped => Icon::Cancelled,
        PhaseStatus::Unknown => Icon::Lost,
        PhaseStatus::Skipped => Icon::Skipped,
        _ => icon,
    };
    (icon, tone)
}

/// The icon and the tone of an error's severity.
pub(crate) fn of_severity(severity: Severity) -> (Icon, &'static str) {
    look(match severity {
        Severity::Debug | Severity::Info => Tone::Neutral,
        Severity::Warning => Tone::Warn,
        Severity::Error | Severity::Critical => Tone::Bad,
    })
}

/// The usual icon of a tone, and its key.
fn look(tone: Tone) -> (Icon, &'static str) {
    let icon = match tone {
        Tone::Running => Icon::Running,
        Tone::Good => Icon::Succeeded,
        Tone::Warn => Icon::Warning,
        Tone::Bad => Icon::Failed,
        Tone::Neutral => Icon::Info,
        Tone::Quiet => Icon::Waiting,
    };
    (icon, tone.key())
}
