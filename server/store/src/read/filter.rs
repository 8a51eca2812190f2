//! Filters of lists.

use contract::Timestamp;
use model::RunStatus;

/// Runs of the history; a field that is absent does not narrow it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistoryFilter {
    /// Runs that began at this moment or later.
    pub since: Option<Timestamp>,
    /// Runs of this status.
    pub status: Option<RunStatus>,
    /// Runs with this trigger, such as `manual`.
    pub trigger: Option<String>,
    /// Runs of this universe.
    pub universe: Option<String>,
    /// Runs with this text in their id, trigger, universes or message, in any case.
    pub text: Option<String>,
}

impl HistoryFilter {
    /// The text to search for, in lower case; none where it is blank.
    pub(crate) fn search(&self) -> Option<String> {
        let text = self.text.as_deref()?.trim();
        (!text.is_empty()).then(|| text.to_lowercase())
    }
}
