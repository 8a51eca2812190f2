//! Earlier runs: how they ended, as events report and as TickStockPL's API says.

use crate::run::{Claim, ClaimSource, End, GUARD_MS, SAME_START_MS, word};
use crate::{Changes, Run, RunStatus, State, Thresholds, limits, times};
use contract::http::ReportedRun;
use contract::{Outcome, RunId, Timestamp};
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

    /// What TickStockPL's history, asked for at `asked_at`, says of a run, with what is known of it
    /// where that says nothing; `None` for a run that is active or has no id.
    pub fn of_history(
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
            trigger: word(row.trigger.as_ref()).or_else(|| known?.trigger.clone()),
            run_date: word(row.run_date.as_ref()).or_else(|| known?.run_date.clone()),
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
        self.earlier
            .sort_by_key(|run| std::cmp::Reverse(run.started_at.or(run.ended_at)));
        self.earlier.truncate(limits::RUNS);
        self.also_changed |= Changes::HISTORY;
    }

    pub(crate) fn history_answer(
        &mut self,
        at: Timestamp,
        asked_at: Timestamp,
        rows: &[ReportedRun],
    ) -> Changes {
        if self
            .authority
            .history_asked_at
            .is_some_and(|later| asked_at < later)
        {
            return Changes::NONE;
        }
        self.authority.history_asked_at = Some(asked_at);
        let mut changes = self.confirmed() | Changes::CLAIMS;
        for row in rows.iter().take(limits::RUNS) {
            changes |= self.history_row(at, asked_at, &times::credible_row(at, row));
        }
        self.drop_unlisted(asked_at, rows);
        changes | self.choose()
    }

    fn history_row(&mut self, at: Timestamp, asked_at: Timestamp, row: &ReportedRun) -> Changes {
        let Some(id) = &row.run_id else {
            return Changes::NONE;
        };
        let thresholds = self.thresholds;
        let stale = self.is_stale_row(row).then(|| ReportedRun {
            outcome: Some(Outcome::Unknown),
            message: Some(
                "TickStockPL's history lists it as active, and its status does not.".to_owned(),
            ),
            ..row.clone()
        });
        let row = stale.as_ref().unwrap_or(row);
        let idle = self.authority.asked_at.is_some() && !self.authority.running;
        if let Some(run) = self.followed(id) {
            let changed = run.take_row(at, asked_at, row, idle, thresholds);
            let changes = if changed {
                self.change_of(id)
            } else {
                Changes::NONE
            };
            self.remember_ended(id);
            return changes;
        }
        let known = self.earlier.iter().find(|known| known.id == *id);
        if known.is_some_and(|known| !known.claim.gives_way_to(asked_at)) {
            return Changes::NONE;
        }
        if let Some(mut summary) = RunSummary::of_history(row, known, asked_at, thresholds) {
            // Asked again, the same answer changes nothing.
            if let Some(known) = known.filter(|known| known.claim.source == ClaimSource::History) {
                summary.claim = known.claim;
            }
            self.remember(summary);
        }
        Changes::NONE
    }

    /// Whether TickStockPL's history lists a run as active that its status, asked later, does not
    /// know: it crashed.
    fn is_stale_row(&self, row: &ReportedRun) -> bool {
        const LATELY_MS: i64 = 60_000;
        let idle = self.authority.asked_at.filter(|_| !self.authority.running);
        let began = row.started_at;
        row.outcome.is_none()
            && idle
                .zip(began)
                .is_some_and(|(asked_at, began)| asked_at.since(began) > LATELY_MS)
    }

    /// Forgets runs that only events reported, and that TickStockPL's history does not list
    /// although it was asked after their end: whoever published them, TickStockPL did not execute
    /// them.
    fn drop_unlisted(&mut self, asked_at: Timestamp, rows: &[ReportedRun]) {
        let oldest = rows
            .iter()
            .take(limits::RUNS)
            .filter_map(|row| row.ended_at.or(row.started_at))
            .min();
        let Some(oldest) = oldest else { return };
        let listed = |id: &RunId| rows.iter().any(|row| row.run_id.as_ref() == Some(id));
        let unlisted = |id: &RunId, unverified: bool, claim: Claim| {
            unverified && claim.gives_way_to(asked_at) && claim.at > oldest && !listed(id)
        };
        let drops = |run: &Run| !run.is_active() && unlisted(&run.id, run.unverified, run.claim);
        let before = (self.earlier.len(), self.others.len());
        let line_drops = |run: &RunSummary| unlisted(&run.id, run.unverified, run.claim);
        let mut dropped: Vec<_> = self
            .earlier
            .extract_if(.., |run| line_drops(run))
            .map(|run| run.id)
            .collect();
        dropped.extend(
            self.others
                .extract_if(.., |run| drops(run))
                .map(|run| run.id),
        );
        dropped.into_iter().for_each(|id| self.forget(id));
        if self.earlier.len() != before.0 {
            self.also_changed |= Changes::HISTORY;
        }
        if self.others.len() != before.1 {
            self.also_changed |= Changes::CLAIMS;
        }
        if let Some(run) = self.run.take_if(|run| drops(run)) {
            self.forget(run.id);
            self.also_changed |= Changes::RUN_AND_PHASES;
        }
    }
}

impl Run {
    /// Takes what TickStockPL's history says of this run; true where that changed anything.
    fn take_row(
        &mut self,
        at: Timestamp,
        asked_at: Timestamp,
        row: &ReportedRun,
        idle: bool,
        thresholds: Thresholds,
    ) -> bool {
        let before = self.clone();
        if self.is_older_attempt(row) {
            return false;
        }
        self.unverified = false;
        let Some(outcome) = row.outcome else {
            return *self != before;
        };
        if self.is_active() {
            let heard = self.named_at.unwrap_or(self.claim.at);
            // Which run is active is the status' to say; the history lists a run's end a moment
            // before or after it.
            let over = if self.confirmed_at.is_some() {
                idle
            } else {
                idle || asked_at.since(heard) >= GUARD_MS
            };
            if !over {
                return *self != before;
            }
        }
        self.unverified = false;
        if !self.is_active() && !self.claim.gives_way_to(asked_at) {
            return *self != before;
        }
        self.failed_said = self.failed_said.max(row.failed);
        self.processed = row.processed.or(self.processed);
        self.duration_seconds = row.duration_seconds.or(self.duration_seconds);
        self.started_at = row.started_at.or(self.started_at);
        self.indicators = self.indicators.max(row.indicators_calculated.unwrap_or(0));
        self.patterns = self.patterns.max(row.patterns_detected.unwrap_or(0));
        self.run_date = self.run_date.take().or_else(|| word(row.run_date.as_ref()));
        self.symbols_total = self.symbols_total.or(row.total);
        self.unconfirmed = false;
        let status = self.ended_status(outcome, thresholds);
        let uninformed =
            outcome == Outcome::Unknown && matches!(self.claim.source, ClaimSource::Event);
        if status != self.status && !uninformed {
            let claim = Claim {
                source: ClaimSource::History,
                at: asked_at,
            };
            let ended_at = row.ended_at.or(self.ended_at).unwrap_or(at);
            self.end(End {
                status,
                claim,
                at: ended_at,
                word: row.outcome_word.clone(),
            });
            // What is written later was heard later.
            self.heard_at = self.heard_at.max(at);
            self.say(row.message.as_ref());
        } else {
            self.ended_at = row.ended_at.or(self.ended_at);
            if row.message.is_some() && self.message.is_none() {
                self.say(row.message.as_ref());
            }
            if self.claim.source != ClaimSource::History {
                self.claim = Claim {
                    source: ClaimSource::History,
                    at: asked_at,
                };
            }
        }
        *self != before
    }

    /// Whether a row is about an execution under the same id before this one.
    fn is_older_attempt(&self, row: &ReportedRun) -> bool {
        if let (Some(row), Some(own)) = (row.started_at, self.reported_start) {
            return row.plus_ms(SAME_START_MS) < own;
        }
        let began = self.started_at.unwrap_or(self.claim.at);
        row.ended_at
            .is_some_and(|ended_at| ended_at.plus_ms(times::SKEW_MS) < began)
            && self.attempt > 1
    }

    /// The status of this run if it ended so.
    pub(crate) fn ended_status(&self, outcome: Outcome, thresholds: Thresholds) -> RunStatus {
        let failed = self.failed_count().unwrap_or(0);
        let in_phases = self.phases.iter().filter_map(|phase| phase.total).max();
        let worked_on = self
            .processed
            .map(|processed| processed.saturating_add(failed));
        RunStatus::ended(
            outcome,
            failed,
            self.symbols_total.or(in_phases).or(worked_on),
            thresholds,
        )
    }
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
