//! The simulator's own word, and which of the console's words fit it.

use serde::Deserialize;

/// What the simulator says of all runs.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(crate) struct Truth {
    /// The active run.
    pub active: Option<String>,
    /// The others, newest first.
    pub runs: Vec<EndedRun>,
}

/// A run that ended.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct EndedRun {
    pub run_id: String,
    pub outcome: Outcome,
    pub start_time: String,
    pub symbols_processed: u64,
    /// Symbols that could not be imported.
    pub symbols_failed: u64,
    /// These, and those whose indicators failed.
    pub symbols_failed_in_any_phase: u64,
    pub indicators_calculated: u64,
    pub patterns_detected: u64,
    pub error_message: Option<String>,
    pub lookback_days: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Outcome {
    Completed,
    Failed,
    Cancelled,
}

/// Figures of a run as some view of a console gives them; absent where it gives none.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    pub processed: Option<u64>,
    pub failed: Option<u64>,
    pub indicators: Option<u64>,
    pub patterns: Option<u64>,
}

impl Truth {
    /// The run that ended last.
    pub(crate) fn last(&self) -> Option<&EndedRun> {
        self.runs.first()
    }

    pub(crate) fn ended(&self, run_id: &str) -> Option<&EndedRun> {
        self.runs.iter().find(|run| run.run_id == run_id)
    }
}

impl EndedRun {
    /// Whether it was active when the simulator was killed: what it did since its latest whole
    /// phase is not in its figures.
    pub(crate) fn was_interrupted(&self) -> bool {
        self.error_message
            .as_deref()
            .is_some_and(|text| text.starts_with("interrupted"))
    }

    /// Whether `state`, a name of `model::RunStatus`, is how this run ended. With failed symbols a
    /// run may have succeeded with warnings or without: how many it takes is configured.
    pub(crate) fn fits(&self, state: &str) -> bool {
        match self.outcome {
            Outcome::Completed if state == "succeeded_with_warnings" => {
                self.symbols_failed_in_any_phase > 0
            }
            Outcome::Completed => state == "succeeded",
            Outcome::Failed => state == "failed",
            Outcome::Cancelled => state == "cancelled",
        }
    }

    /// The outcome in words.
    pub(crate) fn words(&self) -> String {
        let mut words = format!("{:?}", self.outcome).to_lowercase();
        if self.was_interrupted() {
            words += " (interrupted)";
        }
        words
    }

    /// The first figure that is not this run's, in words.
    pub(crate) fn misfit(&self, figures: &Figures) -> Option<String> {
        let exact = |n: u64| n..=if self.was_interrupted() { u64::MAX } else { n };
        let failed = self.symbols_failed..=if self.was_interrupted() {
            u64::MAX
        } else {
            self.symbols_failed_in_any_phase
        };
        let figures = [
            (
                "symbols processed",
                figures.processed,
                exact(self.symbols_processed),
            ),
            ("symbols failed", figures.failed, failed),
            (
                "indicators calculated",
                figures.indicators,
                exact(self.indicators_calculated),
            ),
            (
                "patterns detected",
                figures.patterns,
                exact(self.patterns_detected),
            ),
        ];
        let wrong = figures
            .into_iter()
            .find(|(_, said, right)| !right.contains(&said.unwrap_or(0)));
        wrong.map(|(what, said, right)| {
            let said = said.map_or("unknown".to_owned(), |said| said.to_string());
            format!("{what} {said} instead of {}", right.start())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(outcome: Outcome, failed: u64, any: u64) -> EndedRun {
        EndedRun {
            run_id: "r".to_owned(),
            outcome,
            start_time: String::new(),
            symbols_processed: 28,
            symbols_failed: failed,
            symbols_failed_in_any_phase: any,
            indicators_calculated: 420,
            patterns_detected: 0,
            error_message: None,
            lookback_days: None,
        }
    }

    #[test]
    fn only_failed_symbols_excuse_a_warning() {
        assert!(run(Outcome::Completed, 2, 2).fits("succeeded_with_warnings"));
        assert!(run(Outcome::Completed, 2, 2).fits("succeeded"));
        assert!(!run(Outcome::Completed, 0, 0).fits("succeeded_with_warnings"));
        assert!(!run(Outcome::Failed, 0, 0).fits("lost"));
    }

    #[test]
    fn a_figure_that_is_absent_counts_as_zero() {
        let right = Figures {
            processed: Some(28),
            failed: Some(3),
            indicators: Some(420),
            patterns: None,
        };
        assert_eq!(run(Outcome::Completed, 2, 3).misfit(&right), None);
        let few = Figures {
            failed: None,
            ..right
        };
        assert_eq!(
            run(Outcome::Completed, 2, 3).misfit(&few).unwrap(),
            "symbols failed unknown instead of 2"
        );
    }

    #[test]
    fn events_may_have_told_more_of_an_interrupted_run() {
        let interrupted = EndedRun {
            error_message: Some("interrupted by a restart".to_owned()),
            ..run(Outcome::Failed, 2, 2)
        };
        let more = Figures {
            processed: Some(30),
            failed: Some(4),
            indicators: Some(425),
            patterns: Some(9),
        };
        assert_eq!(interrupted.misfit(&more), None);
        assert!(run(Outcome::Failed, 2, 2).misfit(&more).is_some());
    }
}
