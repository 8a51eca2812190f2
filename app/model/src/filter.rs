//! Parts of the state, for those who follow only some of it.

use crate::{Changes, Feeds, State};
use contract::{RunId, Timestamp};

impl State {
    /// The state with only these parts of it, the others as if nothing had come. The links stay:
    /// they say how fresh the rest is.
    #[must_use]
    pub fn only(&self, parts: Changes) -> State {
        // Taken apart by name, so that a new part of the state cannot be forgotten here.
        let State {
            links,
            schedule,
            run,
            others,
            authority,
            unnamed_end_at,
            thresholds,
            clock: _,
            earlier,
            errors,
            feeds:
                Feeds {
                    patterns,
                    patterns_seen,
                    indicators,
                    indicators_seen,
                },
            log,
            rejected,
            gaps,
            monitoring,
            baselines,
            restored_at,
            messages: _,
            last_message_at: _,
            forgotten: _,
            also_changed: _,
        } = self;
        State {
            links: links.clone(),
            schedule: part(parts, Changes::SCHEDULE, schedule),
            run: part(parts, Changes::RUN_AND_PHASES, run),
            others: part(parts, Changes::RUN_AND_PHASES, others),
            authority: part(parts, Changes::RUN_AND_PHASES, authority),
            unnamed_end_at: part(parts, Changes::RUN_AND_PHASES, unnamed_end_at),
            thresholds: *thresholds,
            clock: Timestamp::default(),
            // Which run is shown next depends on them.
            earlier: part(parts, Changes::HISTORY | Changes::RUN_AND_PHASES, earlier),
            errors: part(parts, Changes::ERRORS, errors),
            feeds: Feeds {
                patterns: part(parts, Changes::DETECTIONS, patterns),
                patterns_seen: part(parts, Changes::DETECTIONS, patterns_seen),
                indicators: part(parts, Changes::INDICATORS, indicators),
                indicators_seen: part(parts, Changes::INDICATORS, indicators_seen),
            },
            log: part(parts, Changes::LOG, log),
            rejected: part(parts, Changes::REJECTED, rejected),
            gaps: gaps.clone(),
            monitoring: part(parts, Changes::MONITORING, monitoring),
            // Without them progress would weigh the phases otherwise than in the whole state.
            baselines: part(
                parts,
                Changes::RUN_AND_PHASES | Changes::BASELINES,
                baselines,
            ),
            restored_at: *restored_at,
            messages: 0,
            last_message_at: None,
            forgotten: Vec::new(),
            also_changed: Changes::NONE,
        }
    }

    /// The state with this run's part only: the run if it is the one shown, else its line of the
    /// earlier ones; its events.
    #[must_use]
    pub fn of_run(mut self, id: &RunId) -> State {
        if self.run.as_ref().is_none_or(|run| run.id != *id) {
            self.run = None;
            self.feeds = Feeds::default();
        }
        self.others.clear();
        self.earlier.retain(|run| run.id == *id);
        self.errors
            .retain(|group| group.run_id.as_ref() == Some(id));
        self.log.retain(|entry| entry.run_id.as_ref() == Some(id));
        self
    }
}

/// A copy of `part` if it is wanted, else what it is when nothing slice.
fn part<T: Clone + Default>(wanted: Changes, of: Changes, part: &T) -> T {
    if wanted.any(of) {
        part.clone()
    } else {
        T::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::frame::{Baseline, Baselines, Frame, Input};
    use contract::{Channel, Timestamp, decode};

    fn baselines() -> Baselines {
        let run = Baseline {
            sample_size: 9,
            p10_seconds: 1.0,
            p50_seconds: 2.0,
            p90_seconds: 3.0,
        };
        Baselines {
            run: Some(run),
            ..Default::default()
        }
    }

    fn state() -> State {
        let messages = [
            (
                Channel::ProcessingStatus,
                r#"{"event":"processing_started","payload":{"run_id":"r"}}"#,
            ),
            (
                Channel::Errors,
                r#"{"event":"error","payload":{"run_id":"r","message":"gone"}}"#,
            ),
            (
                Channel::Monitoring,
                r#"{"event_type":"SYSTEM_STATUS","status":"RUNNING"}"#,
            ),
            (
                Channel::PatternsDetected,
                r#"{"event":"pattern_detected","payload":{"symbol":"A","pattern":"Doji"}}"#,
            ),
        ];
        let event = |(channel, text): (Channel, &str)| {
            Input::Event(decode(channel, text.as_bytes()).expect("readable"))
        };
        let inputs = messages
            .into_iter()
            .map(event)
            .chain([Input::Baselines(baselines())])
            .collect();
        let mut state = State::default();
        state.apply(&Frame {
            seq: 1,
            at: Timestamp(1_738_012_200_000),
            inputs,
        });
        state
    }

    #[test]
    fn all_parts_make_the_whole_except_message_counts() {
        let whole = state();
        let parts = whole.only(Changes::ALL);
        assert_eq!(
            State {
                messages: whole.messages,
                last_message_at: whole.last_message_at,
                clock: whole.clock,
                ..parts
            },
            whole
        );
    }

    #[test]
    fn one_part_has_nothing_of_the_others() {
        let whole = state();
        let errors = whole.only(Changes::ERRORS);
        assert_eq!(
            errors,
            State {
                errors: whole.errors.clone(),
                ..State::default()
            }
        );
        let monitoring = whole.only(Changes::MONITORING);
        assert_eq!(
            monitoring,
            State {
                monitoring: whole.monitoring,
                ..State::default()
            }
        );
    }
}
