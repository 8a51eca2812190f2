//! Parts of the state, for those who follow only some of it.

use crate::{Changes, Feeds, State};
use contract::RunId;

impl State {
    /// The state with only these parts of it, the others as if nothing had come. The links stay: they say how fresh the rest is.
    #[must_use]
    pub fn only(&self, parts: Changes) -> State {
        let has = |part| parts.any(part);
        let nothing = State::default();
        State {
            links: self.links.clone(),
            schedule: self.schedule.clone().filter(|_| has(Changes::SCHEDULE)),
            run: self.run.clone().filter(|_| has(Changes::RUN_AND_PHASES)),
            earlier: if has(Changes::HISTORY) { self.earlier.clone() } else { nothing.earlier },
            errors: if has(Changes::ERRORS) { self.errors.clone() } else { nothing.errors },
            feeds: Feeds {
                patterns: if has(Changes::DETECTIONS) { self.feeds.patterns.clone() } else { nothing.feeds.patterns },
                patterns_seen: if has(Changes::DETECTIONS) { self.feeds.patterns_seen } else { 0 },
                indicators: if has(Changes::INDICATORS) {
                    self.feeds.indicators.clone()
                } else {
                    nothing.feeds.indicators
                },
                indicators_seen: if has(Changes::INDICATORS) { self.feeds.indicators_seen } else { 0 },
            },
            log: if has(Changes::LOG) { self.log.clone() } else { nothing.log },
            rejected: if has(Changes::REJECTED) { self.rejected.clone() } else { nothing.rejected },
            gaps: self.gaps.clone(),
            messages: 0,
            last_message_at: None,
            also_changed: Changes::NONE,
        }
    }

    /// The state with this run's part only: the run if it is the one shown, else its line of the earlier ones; its events.
    #[must_use]
    pub fn of_run(mut self, id: &RunId) -> State {
        if self.run.as_ref().is_none_or(|run| run.id != *id) {
            self.run = None;
            self.feeds = Feeds::default();
        }
        self.earlier.retain(|run| run.id == *id);
        self.errors.retain(|group| group.run_id.as_ref() == Some(id));
        self.log.retain(|entry| entry.run_id.as_ref() == Some(id));
        self
    }
}
