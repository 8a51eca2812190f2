//! Which run is shown. TickStockPL executes one run at a time, and its API says which; events are
//! its fast hints. So a run that only events know of is followed beside the one that the API
//! confirmed, and takes its place when the API says so, or at once where the API does not answer.

use crate::run::{Claim, ClaimSource, End, GUARD_MS};
use crate::{Changes, Run, RunStatus, RunSummary, State, limits};
use contract::{RunId, Timestamp};

impl State {
    /// The run of this id among those that are followed.
    pub(crate) fn tracked_run(&mut self, id: &RunId) -> Option<&mut Run> {
        self.run
            .iter_mut()
            .chain(&mut self.others)
            .find(|run| run.id == *id && !run.id_unknown)
    }

    /// The active run that the API reports without an id turns out to be this one: a run whose end
    /// nobody reported, or one that events have been about for a while. A single event may be late.
    pub(crate) fn resolve_unknown_id(&mut self, at: Timestamp, id: &RunId) {
        let Some(shown) = self
            .run
            .as_mut()
            .filter(|run| run.is_active() && run.id_unknown)
        else {
            return;
        };
        let open = |run: &&mut Run| run.id == *id && run.claim.source == ClaimSource::Inferred;
        if let Some(known) = self.others.iter_mut().find(open) {
            known.reopen(Claim {
                source: ClaimSource::Event,
                at,
            });
            known.confirmed_at = shown.confirmed_at;
            std::mem::swap(known, shown);
            self.others.retain(|run| !run.id_unknown);
            self.remove_from_earlier(id);
            self.also_changed |= Changes::RUN_AND_PHASES;
            return;
        }
        let heard_for_long =
            |run: &Run| run.id == *id && run.is_active() && at.since(run.claim.at) >= GUARD_MS;
        if let Some(index) = self.others.iter().position(heard_for_long) {
            self.others.remove(index);
            (shown.id, shown.id_unknown) = (id.clone(), false);
            self.also_changed |= Changes::RUN_AND_PHASES;
        }
    }

    /// The run of this id, which is followed from now on if nothing is known of it; `None` for one
    /// that is known to have ended.
    pub(crate) fn track_run(&mut self, at: Timestamp, id: &RunId) -> Option<&mut Run> {
        self.resolve_unknown_id(at, id);
        if self.tracked_run(id).is_none() {
            if self.earlier.iter().any(|run| run.id == *id) {
                return None;
            }
            self.track_hint(Run::new(id.clone(), at));
        }
        self.tracked_run(id)
    }

    /// Follows a run that the API or a start event says is active: the active run without an id
    /// turns out to be this one.
    pub(crate) fn track(&mut self, run: Run) {
        match &mut self.run {
            Some(shown) if shown.is_active() && shown.id_unknown && run.is_active() => {
                (shown.id, shown.id_unknown) = (run.id.clone(), false);
                self.others.retain(|other| other.id != run.id);
                self.remove_from_earlier(&run.id);
                self.also_changed |= Changes::RUN_AND_PHASES;
            }
            _ => self.track_hint(run),
        }
    }

    /// Follows a run that only a single event speaks of, in place of another attempt of the same
    /// id.
    pub(crate) fn track_hint(&mut self, run: Run) {
        self.remove_from_earlier(&run.id);
        match &mut self.run {
            Some(shown) if shown.id == run.id => {
                self.others.retain(|other| other.id != run.id);
                *shown = run;
            }
            _ => self.add_to_others(run),
        }
    }

    /// Follows `run` beside the one that is shown, in place of the least important one where they
    /// are too many.
    fn add_to_others(&mut self, run: Run) {
        self.others.retain(|other| other.id != run.id);
        if self.others.len() >= limits::OTHER_RUNS {
            let least = |run: &Run| {
                (
                    run.is_active(),
                    run.confirmed_at.is_some(),
                    run.announced,
                    run.claim.at,
                )
            };
            let index = (0..self.others.len()).min_by_key(|index| least(&self.others[*index]));
            let dropped = self.others.remove(index.unwrap_or(0));
            // Nobody would hear of its end: it would stay active in the database.
            if dropped.is_active() {
                self.forget(dropped.id);
            }
        }
        self.others.push(run);
    }

    /// Shows what is to be shown: the active run, else the one that ended last.
    pub(crate) fn select_shown_run(&mut self) -> Changes {
        let best = (0..self.others.len())
            .filter_map(|index| Some((self.display_priority(&self.others[index])?, index)))
            .max();
        let shown = self.run.as_ref().and_then(|run| self.display_priority(run));
        match best {
            Some((claim, index)) if shown.is_none_or(|shown| claim > shown) => {
                let run = self.others.remove(index);
                self.show(run);
            }
            _ => {}
        }
        if self.active().is_none() {
            self.show_last_ended();
        }
        std::mem::take(&mut self.also_changed)
    }

    /// How strong the claim of an active run is to be the one that is shown; `None` where it has
    /// none.
    fn display_priority(&self, run: &Run) -> Option<(u8, Timestamp)> {
        if !run.is_active() {
            return None;
        }
        let known = run.announced || run.unconfirmed || run.id_unknown;
        if self.api_answers() {
            return match run.confirmed_at {
                Some(confirmed_at) => Some((2, confirmed_at)),
                None => known.then_some((1, run.claim.at)),
            };
        }
        // One that the API confirmed while it still answered comes before one that began beside it.
        let confirmed = run.confirmed_at.is_some() || run.unconfirmed;
        let known = u8::from(known || confirmed) + u8::from(confirmed);
        Some((known + 4 * u8::from(!run.pace.silent), run.claim.at))
    }

    /// Makes `run` the one that is shown; the one before it is followed on where it may come back.
    fn show(&mut self, run: Run) {
        // A run that became active since the restart is no longer what the database knew.
        if run.is_active() && self.restored_at.take().is_some() {
            self.also_changed |= Changes::LINKS;
        }
        if let Some(previous) = self.run.replace(run) {
            self.move_to_others(previous);
        }
        self.update_shares();
        self.also_changed |= Changes::RUN_AND_PHASES;
    }

    fn move_to_others(&mut self, run: Run) {
        if run.id_unknown {
            return;
        }
        if !run.is_active() {
            self.record_summary(RunSummary::from(&run));
        }
        self.add_to_others(run);
        self.also_changed |= Changes::CLAIMS;
    }

    /// Shows the run that ended last, if none is active. Where no more is known of it than its line
    /// among the earlier ones, no run is shown in detail.
    fn show_last_ended(&mut self) {
        let shown = self
            .run
            .as_ref()
            .filter(|run| !run.id_unknown)
            .and_then(ended_last);
        let other = (0..self.others.len())
            .filter(|index| !self.others[*index].is_active())
            .filter_map(|index| Some((ended_last(&self.others[index])?, index)))
            .max();
        let earlier = self
            .earlier
            .iter()
            .filter(|run| !self.others.iter().any(|other| other.id == run.id));
        let earlier = earlier
            .filter_map(|run| Some((run.ended_at.or(run.started_at)?, run)))
            .max_by_key(|(at, _)| *at);
        let later = |at: Timestamp| shown.is_none_or(|shown| at > shown);
        match (other, earlier) {
            (Some((at, index)), earlier)
                if later(at) && earlier.is_none_or(|(other, _)| at >= other) =>
            {
                let run = self.others.remove(index);
                self.show(run);
            }
            (_, Some((at, summary)))
                if later(at) && self.run.as_ref().is_some_and(|run| run.id != summary.id) =>
            {
                if let Some(previous) = self.run.take() {
                    self.move_to_others(previous);
                }
                self.also_changed |= Changes::RUN_AND_PHASES;
            }
            _ => {}
        }
    }

    /// Ends every active run but `id`, of which an answer asked at `asked_at` says that TickStockPL
    /// does not execute it.
    pub(crate) fn end_runs_except(
        &mut self,
        asked_at: Timestamp,
        at: Timestamp,
        id: Option<&RunId>,
    ) {
        // The first answer that says so may be a moment ahead of the event of the run's end.
        let first = self
            .authority
            .since
            .is_none_or(|since| asked_at.since(since) < crate::run::GUARD_MS);
        let denied = |run: &Run| {
            let waited = run.unconfirmed || !first;
            let named = run
                .named_at
                .is_none_or(|named_at| asked_at.since(named_at) >= crate::run::GUARD_MS);
            let confirmed = run
                .confirmed_at
                .is_none_or(|confirmed_at| asked_at > confirmed_at);
            run.is_active() && id != Some(&run.id) && waited && named && confirmed
        };
        let status = if id.is_some() {
            RunStatus::Superseded
        } else {
            RunStatus::Lost
        };
        let mut changes = Changes::NONE;
        // A run that nobody announced was a late message, nothing more.
        let before = self.others.len();
        let known = |run: &Run| run.announced || run.confirmed_at.is_some() || run.unconfirmed;
        // Nor was one that somebody announced while TickStockPL executed another.
        let other = id
            .and_then(|id| self.tracked_run(id))
            .map(|run| run.claim.at);
        let beside = |run: &Run| {
            run.confirmed_at.is_none() && other.is_some_and(|began| run.claim.at >= began)
        };
        let keep = |run: &Run| !denied(run) || known(run) && !beside(run);
        let dropped: Vec<_> = self
            .others
            .extract_if(.., |run| !keep(run))
            .map(|run| run.id)
            .collect();
        dropped.into_iter().for_each(|id| self.forget(id));
        if self.others.len() != before {
            changes |= Changes::CLAIMS;
        }
        if let Some(run) = self.run.take_if(|run| denied(run) && !known(run)) {
            self.forget(run.id);
            changes |= Changes::RUN_AND_PHASES;
        }
        self.also_changed |= changes;
        let claim = Claim {
            source: ClaimSource::Inferred,
            at: asked_at,
        };
        self.end_followed(denied, |_| End {
            status,
            claim,
            at,
            word: None,
        });
    }

    /// Ends those of the followed runs, which are then among the earlier ones.
    fn end_followed(&mut self, which: impl Fn(&Run) -> bool, end: impl Fn(&Run) -> End) {
        let mut ended = Vec::new();
        for run in self
            .run
            .iter_mut()
            .chain(&mut self.others)
            .filter(|run| which(run))
        {
            run.end(end(run));
            if !run.id_unknown {
                ended.push(RunSummary::from(&*run));
            }
            self.also_changed |= Changes::RUN_AND_PHASES;
        }
        ended
            .into_iter()
            .for_each(|summary| self.record_summary(summary));
    }

    /// Without an answer of the API the start of a run says that the one before it is over.
    pub(crate) fn supersede_runs_except(&mut self, at: Timestamp, id: &RunId) {
        if self.api_answers() {
            return;
        }
        let claim = Claim {
            source: ClaimSource::Inferred,
            at,
        };
        let superseded = |run: &Run| End {
            status: RunStatus::Superseded,
            claim,
            at: run.heard_at,
            word: None,
        };
        self.end_followed(|run| run.is_active() && run.id != *id, superseded);
    }

    /// Takes a run that is followed into the list of earlier ones, when it has ended.
    pub(crate) fn record_ended(&mut self, id: &RunId) {
        if self.run.as_ref().is_some_and(|run| run.id == *id) {
            self.add_failure_reasons();
        }
        let ended = self
            .tracked_run(id)
            .filter(|run| !run.is_active())
            .map(|run| RunSummary::from(&*run));
        if let Some(summary) = ended {
            self.record_summary(summary);
        }
    }

    /// Notes that nothing is known any more of a run that TickStockPL did not execute.
    pub(crate) fn forget(&mut self, id: RunId) {
        // It may have been followed and among the earlier ones.
        if !self.forgotten.contains(&id) {
            self.forgotten.push(id);
        }
    }

    /// Takes a run that is active again out of the list of earlier ones.
    pub(crate) fn remove_from_earlier(&mut self, id: &RunId) {
        let before = self.earlier.len();
        self.earlier.retain(|run| run.id != *id);
        if self.earlier.len() != before {
            self.also_changed |= Changes::HISTORY;
        }
    }

    /// Returns what a change of the run `id` means for the views.
    pub(crate) fn change_of(&self, id: &RunId) -> Changes {
        if self.run.as_ref().is_some_and(|run| run.id == *id) {
            Changes::RUN_AND_PHASES
        } else {
            Changes::CLAIMS
        }
    }
}

fn ended_last(run: &Run) -> Option<Timestamp> {
    run.ended_at.or(run.started_at)
}
