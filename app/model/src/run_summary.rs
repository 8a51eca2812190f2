//! A run in one line, as lists of earlier runs show it.

use crate::run::{Claim, ClaimSource, End, short_word};
use crate::{Run, RunStatus, Thresholds, limits, times};
use contract::http::ReportedRun;
use contract::{RunId, Timestamp};
use serde::Serialize;

/// One run in one line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunSummary {
    /// The run.
    pub id: RunId,
    /// Number of this execution among those under the same id; the first is 1.
    #[serde(skip_serializing_if = "is_first")]
    pub attempt: u32,
    /// How it ended.
    pub status: RunStatus,
    /// Who reported that, and when.
    pub claim: Claim,
    /// Only events know of it so far: TickStockPL's API has not confirmed it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unverified: bool,
    /// TickStockPL's own word where `status` is [`RunStatus::OutcomeUnknown`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome_word: Option<String>,
    /// How it was started.
    pub trigger: Option<String>,
    /// The trading day, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_date: Option<String>,
    /// Source of its symbols; empty in [`crate::State::earlier`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub universes: Vec<String>,
    /// The run whose failures it retries; absent in [`crate::State::earlier`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_run_id: Option<RunId>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Seconds it took, as TickStockPL says.
    pub duration_seconds: Option<f64>,
    /// Symbols it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Symbols processed.
    pub processed: Option<u64>,
    /// Symbols failed.
    pub failed: Option<u64>,
    /// Indicator calculations.
    pub indicators: Option<u64>,
    /// Patterns detected.
    pub patterns: Option<u64>,
    /// Why it failed.
    pub message: Option<String>,
}

fn is_first(attempt: &u32) -> bool {
    *attempt == 1
}

impl RunSummary {
    /// Seconds it took: as said, else from start to end. A run that ends before it starts has no
    /// duration: one of the two times is in a wrong zone, and nobody can tell which.
    pub fn seconds(&self) -> Option<f64> {
        let took = self
            .started_at
            .zip(self.ended_at)
            .map(|(from, to)| to.0.saturating_sub(from.0));
        if took.is_some_and(|took| took < -times::SKEW_MS) {
            return None;
        }
        self.duration_seconds
            .or_else(|| took.map(|took| took.max(0) as f64 / 1000.0))
    }

    /// When it began, or ended where its beginning is not known; lists of runs are sorted by it.
    pub fn list_time(&self) -> Option<Timestamp> {
        self.started_at.or(self.ended_at)
    }

    /// Fills in what is absent from an older summary of the same attempt.
    pub fn complete(&mut self, known: RunSummary) {
        fn fill<T>(field: &mut Option<T>, known: Option<T>) {
            if field.is_none() {
                *field = known;
            }
        }
        if self.universes.is_empty() {
            self.universes = known.universes;
        }
        fill(&mut self.trigger, known.trigger);
        fill(&mut self.run_date, known.run_date);
        fill(&mut self.original_run_id, known.original_run_id);
        fill(&mut self.started_at, known.started_at);
        // An active run has no end.
        if !self.status.is_active() {
            fill(&mut self.ended_at, known.ended_at);
            fill(&mut self.duration_seconds, known.duration_seconds);
        }
        fill(&mut self.total, known.total);
        fill(&mut self.processed, known.processed);
        fill(&mut self.failed, known.failed);
        fill(&mut self.indicators, known.indicators);
        fill(&mut self.patterns, known.patterns);
    }

    /// The summary as [`crate::State::earlier`] has it: the size of the snapshot is bounded.
    #[must_use]
    pub fn without_parameters(self) -> RunSummary {
        RunSummary {
            universes: Vec::new(),
            original_run_id: None,
            ..self
        }
    }

    /// What TickStockPL's history, asked for at `asked_at`, says of a run, with what is known of it
    /// where that says nothing; `None` for a run that is active or has no id.
    pub fn from_history(
        row: &ReportedRun,
        known: Option<&RunSummary>,
        asked_at: Timestamp,
        thresholds: Thresholds,
    ) -> Option<RunSummary> {
        let (id, outcome) = (row.run_id.as_ref()?, row.outcome?);
        let failed = row.failed.max(known.and_then(|known| known.failed));
        let total = row
            .total
            .or_else(|| known?.total)
            .or_else(|| Some(row.processed?.saturating_add(failed.unwrap_or(0))));
        let status = RunStatus::ended(outcome, failed.unwrap_or(0), total, thresholds);
        // A run that turns out to have ended well keeps no error text.
        let known_message = known.filter(|known| !status.is_success() || known.status.is_success());
        Some(RunSummary {
            id: id.clone(),
            attempt: known.map_or(1, |known| known.attempt),
            status,
            claim: Claim {
                source: ClaimSource::History,
                at: asked_at,
            },
            unverified: false,
            outcome_word: row.outcome_word.clone(),
            trigger: short_word(row.trigger.as_ref()).or_else(|| known?.trigger.clone()),
            run_date: short_word(row.run_date.as_ref()).or_else(|| known?.run_date.clone()),
            universes: Vec::new(),
            original_run_id: None,
            started_at: row.started_at.or_else(|| known?.started_at),
            ended_at: row.ended_at.or_else(|| known?.ended_at),
            duration_seconds: row.duration_seconds.or_else(|| known?.duration_seconds),
            total: row.total.or_else(|| known?.total),
            processed: row.processed.or_else(|| known?.processed),
            failed,
            indicators: row
                .indicators_calculated
                .max(known.and_then(|known| known.indicators)),
            patterns: row
                .patterns_detected
                .max(known.and_then(|known| known.patterns)),
            message: brief(row.message.as_ref()).or_else(|| known_message?.message.clone()),
        })
    }
}

impl From<&Run> for RunSummary {
    fn from(run: &Run) -> Self {
        RunSummary {
            id: run.id.clone(),
            attempt: run.attempt,
            status: run.status,
            claim: run.claim,
            unverified: run.unverified,
            outcome_word: run.outcome_word.clone(),
            trigger: run.trigger.clone(),
            run_date: run.run_date.clone(),
            universes: run.universes.clone(),
            original_run_id: run.original_run_id.clone(),
            started_at: run.started_at,
            ended_at: run.ended_at,
            duration_seconds: run.duration_seconds,
            total: run.symbols_total,
            processed: run.processed,
            failed: run.failed_count(),
            indicators: Some(run.indicators).filter(|n| *n > 0),
            patterns: Some(run.patterns).filter(|n| *n > 0),
            message: brief(run.message.as_ref()),
        }
    }
}

impl From<&RunSummary> for Run {
    /// A run of which no more is known than its line.
    fn from(summary: &RunSummary) -> Self {
        let at = summary
            .ended_at
            .or(summary.started_at)
            .unwrap_or(summary.claim.at);
        let mut run = Run::new(summary.id.clone(), at);
        run.attempt = summary.attempt;
        run.unverified = summary.unverified;
        run.trigger.clone_from(&summary.trigger);
        run.run_date.clone_from(&summary.run_date);
        run.universes.clone_from(&summary.universes);
        run.original_run_id.clone_from(&summary.original_run_id);
        run.started_at = summary.started_at;
        run.duration_seconds = summary.duration_seconds;
        run.symbols_total = summary.total;
        run.processed = summary.processed;
        run.failed_said = summary.failed;
        run.indicators = summary.indicators.unwrap_or(0);
        run.patterns = summary.patterns.unwrap_or(0);
        run.end_will_be_said = true;
        run.end(End {
            status: summary.status,
            claim: summary.claim,
            at,
            word: summary.outcome_word.clone(),
        });
        run.ended_at = summary.ended_at.or(Some(at));
        run.message.clone_from(&summary.message);
        run
    }
}

/// A message as a line of earlier runs has budget for.
fn brief(message: Option<&String>) -> Option<String> {
    message.map(|text| contract::truncate_text(text, limits::EARLIER_MESSAGE_BYTES).to_owned())
}

contract::read_fields!(RunSummary {
    id,
    attempt or 1,
    status,
    claim or Claim::default(),
    unverified or false,
    outcome_word,
    trigger,
    run_date,
    universes,
    original_run_id,
    started_at,
    ended_at,
    duration_seconds,
    total,
    processed,
    failed,
    indicators,
    patterns,
    message,
});
