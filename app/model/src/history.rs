//! Earlier runs: what became of them, as the events said and as TickStockPL's API says; the API's word wins.

use crate::run::word;
use crate::{Changes, Run, RunStatus, State, limits};
use contract::http::HistoryRun;
use contract::{RunId, Timestamp};
use serde::Serialize;

/// One run in one line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RunSummary {
    /// The run.
    pub id: RunId,
    /// What became of it.
    pub status: RunStatus,
    /// How it was started.
    pub trigger: Option<String>,
    /// The trading day, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_date: Option<String>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Seconds it took.
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

impl RunSummary {
    /// Seconds it took: as said, else from start to end.
    pub fn seconds(&self) -> Option<f64> {
        self.duration_seconds.or_else(|| Some(self.ended_at?.since(self.started_at?) as f64 / 1000.0))
    }
}

impl From<&Run> for RunSummary {
    fn from(run: &Run) -> Self {
        RunSummary {
            id: run.id.clone(),
            status: run.status,
            trigger: run.trigger.clone(),
            run_date: run.run_date.clone(),
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

impl RunSummary {
    /// What TickStockPL's history says of a run, with what is known of it where that says nothing; `None` for a run that goes on
    /// or has no id.
    pub fn of_history(row: &HistoryRun, local: Option<&RunSummary>) -> Option<RunSummary> {
        let (id, outcome) = (row.run_id.as_ref()?, row.outcome?);
        Some(RunSummary {
            id: id.clone(),
            status: RunStatus::ended(outcome, row.failed.or(local.and_then(|k| k.failed)).unwrap_or(0)),
            trigger: word(row.trigger.as_ref()).or_else(|| local?.trigger.clone()),
            run_date: word(row.run_date.as_ref()).or_else(|| local?.run_date.clone()),
            started_at: row.started_at.or_else(|| local?.started_at),
            ended_at: row.ended_at.or_else(|| local?.ended_at),
            duration_seconds: row.duration_seconds.or_else(|| local?.duration_seconds),
            total: row.total.or_else(|| local?.total),
            processed: row.processed.or_else(|| local?.processed),
            failed: row.failed.or_else(|| local?.failed),
            indicators: row.indicators_calculated.or_else(|| local?.indicators),
            patterns: row.patterns_detected.or_else(|| local?.patterns),
            message: brief(row.message.as_ref()).or_else(|| local?.message.clone()),
        })
    }
}

/// A message as a line of earlier runs has room for.
fn brief(message: Option<&String>) -> Option<String> {
    message.map(|text| contract::cut(text, limits::EARLIER_MESSAGE_BYTES).to_owned())
}

impl State {
    /// Puts the run among the earlier ones, or what is newly known of it.
    pub(crate) fn remember(&mut self, summary: RunSummary) {
        match self.earlier.iter_mut().find(|known| known.id == summary.id) {
            Some(known) if *known == summary => return,
            Some(known) => *known = summary,
            None => self.earlier.push(summary),
        }
        // Newest first; a run without a start stands where its end is.
        self.earlier.sort_by_key(|run| std::cmp::Reverse(run.started_at.or(run.ended_at)));
        self.earlier.truncate(limits::RUNS);
        self.also_changed |= Changes::HISTORY;
    }

    pub(crate) fn history_answer(&mut self, at: Timestamp, runs: &[HistoryRun]) -> Changes {
        let mut changes = self.confirmed();
        for row in runs.iter().take(limits::RUNS) {
            let Some(id) = &row.run_id else { continue };
            if let (Some(run), Some(outcome)) = (self.run.as_mut().filter(|run| run.id == *id), row.outcome)
                && run.settle(at, outcome, row)
            {
                changes |= Changes::RUN_AND_PHASES;
            }
            let active = self.run.as_ref().is_some_and(|run| run.id == *id && run.is_active());
            let known = self.earlier.iter().find(|known| known.id == *id).cloned();
            if let Some(summary) = RunSummary::of_history(row, known.as_ref()).filter(|_| !active) {
                self.remember(summary);
            }
        }
        changes
    }
}

contract::read_fields!(RunSummary {
    id,
    status,
    trigger,
    run_date,
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
