//! States in words, as a person would say them, and as the keys that styles and tests know them by.

use contract::{Phase, RunId, Severity};
use model::{PhaseStatus, RunStatus};

/// A run's status, as a key.
pub(crate) fn status_key(status: Option<RunStatus>) -> &'static str {
    status.map_or("none", RunStatus::wire_name)
}

/// A phase's name, as a title.
pub(crate) fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Import => "Import",
        Phase::CacheSync => "Cache sync",
        Phase::Indicators => "Indicators",
        Phase::Patterns => "Patterns",
    }
}

/// A phase's name in the middle of a sentence.
pub(crate) fn phase_word(phase: Phase) -> &'static str {
    match phase {
        Phase::Import => "import",
        Phase::CacheSync => "cache sync",
        Phase::Indicators => "indicators",
        Phase::Patterns => "patterns",
    }
}

/// Why a symbol failed, and in which phase where that was not the import.
pub(crate) fn failure_words(failure: &model::SymbolFailure) -> Option<String> {
    let phase = failure
        .phase
        .filter(|phase| *phase != Phase::Import)
        .map(phase_name);
    match (phase, &failure.reason) {
        (Some(phase), Some(reason)) => Some(format!("{phase}: {reason}")),
        (Some(phase), None) => Some(phase.to_owned()),
        (None, reason) => reason.clone(),
    }
}

/// A phase's status, as a word; `active` is true while the run is.
pub(crate) fn phase_status_word(status: PhaseStatus, active: bool) -> &'static str {
    match status {
        PhaseStatus::Skipped if active => "Not in this run",
        _ => status.word(),
    }
}

pub(crate) fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Debug => "Debug",
        Severity::Info => "Info",
        Severity::Warning => "Warning",
        Severity::Error => "Error",
        Severity::Critical => "Critical",
    }
}

/// The trigger of a run as a phrase; TickStockPL's own word if it is unknown.
pub(crate) fn trigger_word(trigger: &str) -> String {
    match trigger {
        "automatic" => "Started by the schedule".to_owned(),
        "manual" => "Started manually".to_owned(),
        other => format!("Started by {}", other.replace('_', " ")),
    }
}

/// The same for a column that is headed "Trigger".
pub(crate) fn trigger_short(trigger: &str) -> String {
    match trigger {
        "automatic" => "Schedule".to_owned(),
        "manual" => "Manual".to_owned(),
        other => other.replace('_', " "),
    }
}

/// The beginning of an id, enough to tell runs apart; ids that are hardly longer stay whole.
pub(crate) fn short_id(id: &RunId) -> String {
    let text = id.as_str();
    if text.chars().count() <= 12 {
        return text.to_owned();
    }
    text.chars().take(8).chain(['…']).collect()
}

/// A text as one sentence: without the full stop that it may have, and at most `max` characters.
pub(crate) fn sentence(text: &str, max: usize) -> String {
    let text = text.trim().trim_end_matches('.');
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(max).collect();
    if let Some(end) = cut.rfind(' ').filter(|end| *end > max / 2) {
        cut.truncate(end);
    }
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_shortened_only_where_that_helps() {
        let short = |id: &str| short_id(&RunId::new(id).unwrap());
        assert_eq!(short("by-hand"), "by-hand");
        assert_eq!(short("3f2a9c1b-5d7e-4a1b-9c3d-8e7f6a5b4c3d"), "3f2a9c1b…");
        assert_eq!(short(&"ö".repeat(20)), "öööööööö…");
    }

    #[test]
    fn a_sentence_ends_at_a_word() {
        assert_eq!(sentence("Done.", 10), "Done");
        assert_eq!(
            sentence("connection to the provider refused", 20),
            "connection to the…"
        );
    }
}
