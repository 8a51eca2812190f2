//! Results per symbol that are delivered twice count once. They have no id, so they are recognised
//! by what they are about.

use contract::{Body, Event, RunId};
use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};

/// Results that are remembered; a run of 505 symbols with 15 indicators has 7,575.
const REMEMBERED: usize = 32_768;

/// Hashes of the latest results.
#[derive(Debug, Default)]
pub(super) struct SeenResults {
    hasher: RandomState,
    known: HashSet<u64>,
    /// The same, oldest first.
    order: VecDeque<u64>,
}

impl SeenResults {
    /// Whether the event is about a result that came before in the same run, `active` where it
    /// names none. An indicator of a symbol and timeframe is calculated once in a run; detections
    /// of a pattern differ by their own time and figures.
    pub(super) fn is_duplicate(&mut self, event: &Event, active: Option<&RunId>) -> bool {
        let run = event.run_id.as_ref().or(active);
        let hash = match &event.body {
            // Streams of the trading day have no run, and calculate the same indicator again and
            // again.
            Body::IndicatorCalculated(result) if !result.streaming && run.is_some() => {
                self.hasher.hash_one((
                    0_u8,
                    run,
                    &result.symbol,
                    &result.indicator,
                    &result.timeframe,
                ))
            }
            // Without a time of its own nothing tells a repeated detection from a second one.
            Body::PatternsDetected(detections) if event.at.is_some() => {
                self.hasher
                    .hash_one((1_u8, run, event.at, format!("{:?}", detections.items)))
            }
            _ => return false,
        };
        if !self.known.insert(hash) {
            return true;
        }
        if self.order.len() == REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.order.push_back(hash);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::Channel;

    fn event(channel: Channel, text: &str) -> Event {
        contract::decode(channel, text.as_bytes()).unwrap()
    }

    #[test]
    fn result_counts_once_in_each_run() {
        let mut seen_results = SeenResults::default();
        let runs = ["a", "b"].map(|id| RunId::new(id).unwrap());
        let rsi = event(
            Channel::IndicatorsCalculated,
            r#"{"event":"indicator_calculated","payload":{"symbol":"A","indicator":"RSI","timeframe":"daily","values":{}}}"#,
        );
        let seen = [Some(&runs[0]), Some(&runs[0]), Some(&runs[1]), None, None]
            .map(|run| seen_results.is_duplicate(&rsi, run));
        assert_eq!(
            seen,
            [false, true, false, false, false],
            "what belongs to no run is not counted for any"
        );
        let detected = |at: u8, confidence: f32| {
            let text = format!(
                r#"{{"event":"pattern_detected","timestamp":"2025-01-27T21:10:0{at}Z","payload":{{"symbol":"A","pattern":"Doji","confidence":{confidence}}}}}"#
            );
            event(Channel::PatternsDetected, &text)
        };
        let seen = [
            detected(1, 0.5),
            detected(1, 0.5),
            detected(2, 0.5),
            detected(2, 0.6),
        ]
        .map(|event| seen_results.is_duplicate(&event, Some(&runs[0])));
        assert_eq!(seen, [false, true, false, false]);
    }

    #[test]
    fn memory_is_bounded() {
        let mut seen_results = SeenResults::default();
        let run = RunId::new("a").unwrap();
        let mut result = event(
            Channel::IndicatorsCalculated,
            r#"{"event":"indicator_calculated","payload":{"symbol":"A","indicator":"RSI","values":{}}}"#,
        );
        for n in 0..REMEMBERED + 9 {
            let Body::IndicatorCalculated(body) = &mut result.body else {
                panic!("an indicator")
            };
            body.indicator = n.to_string();
            assert!(!seen_results.is_duplicate(&result, Some(&run)));
        }
        assert_eq!(
            (seen_results.known.len(), seen_results.order.len()),
            (REMEMBERED, REMEMBERED)
        );
    }
}
