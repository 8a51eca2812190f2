//! Decides when inputs leave: state changes at once, progress and results per symbol at most ten
//! times a second, merged.
//!
//! Inputs are merged before they are applied, and what is merged is what is sent: counts stay
//! exact, order stays as it came between state changes, and a burst costs a page no more than a
//! calm run.

use contract::frame::Input;
use contract::{Body, Event, RejectedMore, RejectionReason, ResultBatch};
use std::time::Duration;
use tokio::time::Instant;

/// How long progress and results may wait for more of their kind.
const WINDOW: Duration = Duration::from_millis(100);
/// Steps follow each other no faster than this: a burst of state changes leaves as few steps.
const GAP: Duration = Duration::from_millis(10);
/// Results of a kind that one step carries as such; the others are counted.
const ITEMS: usize = 16;
/// Rejected messages that one step carries as samples; the others are counted.
const SAMPLES: usize = 10;
/// Inputs that wait at most; beyond it they leave whatever the time.
const WAITING: usize = 512;

/// Inputs that wait to be applied and sent; the hub's task takes them when they are due.
#[derive(Debug, Default)]
pub(super) struct Coalescer {
    /// In the order in which they came, but for what was merged.
    inputs: Vec<Input>,
    overtaken: u64,
    more_rejected: Vec<(RejectionReason, u64)>,
    due: Option<Instant>,
}

impl Coalescer {
    /// Takes an input that came at `now`; the last step left at `last_step`.
    pub(super) fn push(&mut self, input: Input, now: Instant, last_step: Option<Instant>) {
        let patient = match self.merge(input) {
            Some(input) => {
                let patient = waits(&input);
                self.inputs.push(input);
                patient
            }
            None => true,
        };
        let not_before = last_step.map_or(now, |last| (last + GAP).max(now));
        let due = if patient && self.inputs.len() < WAITING {
            now + WINDOW
        } else {
            not_before
        };
        self.due = Some(self.due.map_or(due, |earlier| earlier.min(due)));
    }

    /// When the next step leaves; `None` when nothing waits.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }

    /// What waits, in order.
    pub(super) fn take(&mut self) -> Vec<Input> {
        self.due = None;
        let mut inputs = std::mem::take(&mut self.inputs);
        if self.overtaken > 0 {
            inputs.push(Input::Overtaken {
                messages: std::mem::take(&mut self.overtaken),
            });
        }
        if !self.more_rejected.is_empty() {
            inputs.push(Input::RejectedMore(RejectedMore {
                counts: std::mem::take(&mut self.more_rejected),
            }));
        }
        inputs
    }

    /// Merges the input into one that waits; returns what cannot be merged.
    fn merge(&mut self, input: Input) -> Option<Input> {
        match input {
            Input::Event(event) => match ResultBatch::from_event(event) {
                Ok(batch) => self.merge_results(batch).map(Input::Results),
                Err(event) => match event.body {
                    Body::Progress(_) => self.merge_progress(*event).map(Input::Event),
                    _ => Some(Input::Event(*event)),
                },
            },
            Input::Rejected { channel, rejection } => {
                let alike = |input: &&Input| matches!(input, Input::Rejected { rejection: known, .. } if known.reports_end == rejection.reports_end);
                let samples = self.inputs.iter().filter(alike).count();
                if samples < SAMPLES {
                    return Some(Input::Rejected { channel, rejection });
                }
                match self
                    .more_rejected
                    .iter_mut()
                    .find(|(reason, _)| *reason == rejection.reason)
                {
                    Some((_, n)) => *n += 1,
                    None => self.more_rejected.push((rejection.reason, 1)),
                }
                None
            }
            other => Some(other),
        }
    }

    fn merge_results(&mut self, mut batch: ResultBatch) -> Option<ResultBatch> {
        for input in self.since_change() {
            if let Input::Results(waiting) = input {
                batch = waiting.add(batch, ITEMS).err()?;
            }
        }
        Some(batch)
    }

    /// Progress of the same thing: what is further stays, in the place of the one that waits.
    fn merge_progress(&mut self, event: Event) -> Option<Event> {
        let same = |known: &Event| {
            known.channel == event.channel
                && known.name == event.name
                && known.run_id == event.run_id
                && matches!((&known.body, &event.body), (Body::Progress(a), Body::Progress(b))
                    if a.phase == b.phase && a.phase_name == b.phase_name)
        };
        let waiting = self.since_change().find_map(|input| match input {
            Input::Event(known) if same(known) => Some(known),
            _ => None,
        });
        let Some(waiting) = waiting else {
            return Some(event);
        };
        if !is_further(waiting, &event) {
            *waiting = event;
        }
        self.overtaken += 1;
        None
    }

    /// What came after the last state change that waits: nothing is merged across one.
    fn since_change(&mut self) -> impl Iterator<Item = &mut Input> {
        let first = self
            .inputs
            .iter()
            .rposition(|input| !waits(input))
            .map_or(0, |index| index + 1);
        self.inputs[first..].iter_mut()
    }
}

/// Whether an input may wait for others of its kind.
fn waits(input: &Input) -> bool {
    match input {
        Input::Results(_)
        | Input::Rejected { .. }
        | Input::RejectedMore(_)
        | Input::Overtaken { .. } => true,
        Input::Event(event) => matches!(event.body, Body::Progress(_) | Body::Metrics(_)),
        _ => false,
    }
}

/// Whether `known` is further than what came after it: messages overtake each other.
fn is_further(known: &Event, later: &Event) -> bool {
    match (&known.body, &later.body) {
        (Body::Progress(known), Body::Progress(later)) => {
            known.done > later.done || known.percent > later.percent
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::Channel;
    use serde_json::json;

    fn event(channel: &str, name: &str, payload: &serde_json::Value) -> Input {
        let channel = Channel::from_wire_name(channel).unwrap();
        let text = json!({ "event": name, "payload": payload }).to_string();
        Input::Event(contract::decode(channel, text.as_bytes()).unwrap())
    }

    fn progress(done: u64) -> Input {
        let payload = json!({ "run_id": "r", "completed_symbols": done, "total_symbols": 100 });
        event("tickstock:import:progress", "import_progress", &payload)
    }

    fn indicator(n: u64) -> Input {
        let payload = json!({ "symbol": format!("S{n}"), "indicator": "RSI", "timeframe": "daily", "values": { "v": n } });
        event(
            "tickstock:indicators:calculated",
            "indicator_calculated",
            &payload,
        )
    }

    fn started(run: &str) -> Input {
        event(
            "tickstock:processing:status",
            "processing_started",
            &json!({ "run_id": run }),
        )
    }

    #[test]
    fn state_change_leaves_at_once_with_what_waited_before_it() {
        let (mut coalescer, now) = (Coalescer::default(), Instant::now());
        coalescer.push(progress(1), now, None);
        assert_eq!(coalescer.due(), Some(now + WINDOW));
        coalescer.push(started("r"), now, None);
        assert_eq!(coalescer.due(), Some(now));
        assert_eq!(coalescer.take(), [progress(1), started("r")]);
        assert_eq!(coalescer.due(), None);
    }

    #[test]
    fn burst_of_state_changes_leaves_as_one_step() {
        let (mut coalescer, now) = (Coalescer::default(), Instant::now());
        for n in 0..20 {
            coalescer.push(started(&n.to_string()), now, Some(now));
        }
        assert_eq!(coalescer.due(), Some(now + GAP));
        assert_eq!(coalescer.take().len(), 20);
    }

    #[test]
    fn progress_is_merged_to_the_furthest_and_counted() {
        let (mut coalescer, now) = (Coalescer::default(), Instant::now());
        for done in [1, 2, 5, 4] {
            coalescer.push(progress(done), now, None);
        }
        assert_eq!(
            coalescer.take(),
            [progress(5), Input::Overtaken { messages: 3 }]
        );
    }

    #[test]
    fn results_are_counted_exactly_and_carried_up_to_a_bound() {
        let (mut coalescer, now) = (Coalescer::default(), Instant::now());
        for n in 0..5000 {
            coalescer.push(indicator(n), now, None);
        }
        let inputs = coalescer.take();
        let [Input::Results(ResultBatch::Indicators(results))] = &inputs[..] else {
            panic!("one batch: {inputs:?}")
        };
        assert_eq!(
            (results.messages, results.count(), results.latest.len()),
            (5000, 5000, ITEMS)
        );
        assert_eq!(
            results
                .latest
                .last()
                .unwrap()
                .symbol
                .as_ref()
                .unwrap()
                .as_str(),
            "S4999"
        );
    }

    #[test]
    fn nothing_is_merged_across_a_state_change() {
        let (mut coalescer, now) = (Coalescer::default(), Instant::now());
        coalescer.push(progress(9), now, None);
        coalescer.push(started("next"), now, None);
        coalescer.push(progress(10), now, None);
        assert_eq!(
            coalescer.take(),
            [progress(9), started("next"), progress(10)]
        );
    }

    #[test]
    fn flood_of_rejected_messages_is_counted_with_samples() {
        let (mut coalescer, now) = (Coalescer::default(), Instant::now());
        for _ in 0..1000 {
            let rejection = contract::decode(Channel::Errors, b"\xff").unwrap_err();
            coalescer.push(
                Input::Rejected {
                    channel: Channel::Errors,
                    rejection,
                },
                now,
                None,
            );
        }
        let mut state = model::State::default();
        let inputs = coalescer.take();
        assert_eq!(inputs.len(), SAMPLES + 1);
        state.apply(&contract::frame::Frame {
            seq: 1,
            at: contract::Timestamp(0),
            inputs,
        });
        assert_eq!((state.rejected.total(), state.messages), (1000, 1000));
    }
}
