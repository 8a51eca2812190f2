//! Earlier runs: how they ended, as events report and as TickStockPL's API says.

use crate::run::{Claim, ClaimSource, End, GUARD_MS, SAME_START_MS, short_word};
use crate::{Changes, Run, RunStatus, RunSummary, State, Thresholds, limits, times};
use contract::http::ReportedRun;
use contract::{Outcome, RunId, Timestamp};

impl State {
    /// Puts the run among the earlier ones, or what is newly known of it.
    pub(crate) fn record_summary(&mut self, summary: RunSummary) {
        let summary = summary.without_parameters();
        match self.earlier.iter_mut().find(|known| known.id == summary.id) {
            Some(known) if *known == summary => return,
            Some(known) => *known = summary,
            None => self.earlier.push(summary),
        }
        // Newest first; a run without a start stands where its end is.
        self.earlier
            .sort_by_key(|run| std::cmp::Reverse(run.list_time()));
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
        let mut changes = self.clear_restored() | Changes::CLAIMS;
        for row in rows.iter().take(limits::RUNS) {
            changes |= self.record_history_row(at, asked_at, &times::credible_row(at, row));
        }
        self.forget_unlisted(asked_at, rows);
        changes | self.select_shown_run()
    }

    fn record_history_row(
        &mut self,
        at: Timestamp,
        asked_at: Timestamp,
        row: &ReportedRun,
    ) -> Changes {
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
        if let Some(run) = self.tracked_run(id) {
            let changed = run.apply_history_row(at, asked_at, row, idle, thresholds);
            let changes = if changed {
                self.change_of(id)
            } else {
                Changes::NONE
            };
            self.record_ended(id);
            return changes;
        }
        let known = self.earlier.iter().find(|known| known.id == *id);
        if known.is_some_and(|known| !known.claim.is_outdated_by_answer(asked_at)) {
            return Changes::NONE;
        }
        if let Some(mut summary) = RunSummary::from_history(row, known, asked_at, thresholds) {
            // Asked again, the same answer changes nothing.
            if let Some(known) = known.filter(|known| known.claim.source == ClaimSource::History) {
                summary.claim = known.claim;
            }
            self.record_summary(summary);
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
    fn forget_unlisted(&mut self, asked_at: Timestamp, rows: &[ReportedRun]) {
        let oldest = rows
            .iter()
            .take(limits::RUNS)
            .filter_map(|row| row.ended_at.or(row.started_at))
            .min();
        let Some(oldest) = oldest else { return };
        let listed = |id: &RunId| rows.iter().any(|row| row.run_id.as_ref() == Some(id));
        let unlisted = |id: &RunId, unverified: bool, claim: Claim| {
            unverified && claim.is_outdated_by_answer(asked_at) && claim.at > oldest && !listed(id)
        };
        let drops = |run: &Run| !run.is_active() && unlisted(&run.id, run.unverified, run.claim);
        let before = (self.earlier.len(), self.others.len());
        let drops_summary = |run: &RunSummary| unlisted(&run.id, run.unverified, run.claim);
        let mut dropped: Vec<_> = self
            .earlier
            .extract_if(.., |run| drops_summary(run))
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
    fn apply_history_row(
        &mut self,
        at: Timestamp,
        asked_at: Timestamp,
        row: &ReportedRun,
        idle: bool,
        thresholds: Thresholds,
    ) -> bool {
        let before = self.clone();
        if self.is_about_earlier_attempt(row) {
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
        if !self.is_active() && !self.claim.is_outdated_by_answer(asked_at) {
            return *self != before;
        }
        self.failed_said = self.failed_said.max(row.failed);
        self.processed = row.processed.or(self.processed);
        self.duration_seconds = row.duration_seconds.or(self.duration_seconds);
        self.started_at = row.started_at.or(self.started_at);
        self.indicators = self.indicators.max(row.indicators_calculated.unwrap_or(0));
        self.patterns = self.patterns.max(row.patterns_detected.unwrap_or(0));
        self.run_date = self
            .run_date
            .take()
            .or_else(|| short_word(row.run_date.as_ref()));
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
            // A failure keeps the text that an event gave it; a run that ended well has none.
            if row.message.is_some() || status.is_success() {
                self.set_message(row.message.as_ref());
            }
        } else {
            self.ended_at = row.ended_at.or(self.ended_at);
            if row.message.is_some() && self.message.is_none() && !uninformed {
                self.set_message(row.message.as_ref());
            }
            // What the history does not know leaves the event's word in force, next time too.
            if self.claim.source != ClaimSource::History && !uninformed {
                self.claim = Claim {
                    source: ClaimSource::History,
                    at: asked_at,
                };
            }
        }
        *self != before
    }

    /// Whether a row is about an execution under the same id before this one.
    fn is_about_earlier_attempt(&self, row: &ReportedRun) -> bool {
        // The history's start of a run may be some seconds before the status' own.
        if let (Some(started), Some(own)) = (row.started_at, self.reported_start) {
            return match row.ended_at {
                Some(ended) => ended <= own && started.plus_ms(SAME_START_MS) < own,
                None => started.plus_ms(times::SKEW_MS) < own,
            };
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
