//! How many symbols a run got through, from its beginning to now, in steps of equal length: always
//! the whole run, however long it is.

use crate::limits;
use contract::Timestamp;
use serde::Serialize;

/// The length of a step at the beginning. It doubles when there are too many steps.
const FIRST_STEP_MS: i64 = 1000;

/// Symbols done, by time.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Throughput {
    /// When the first step begins.
    pub from: Timestamp,
    /// How long a step is, in milliseconds; 0 while there is none.
    pub step_ms: i64,
    /// Symbols done in each step, latest last.
    pub done: Vec<u64>,
}

impl Throughput {
    /// Adds `count` symbols that were done until `at`.
    pub(crate) fn add(&mut self, at: Timestamp, count: u64) {
        if self.done.is_empty() {
            (self.from, self.step_ms) = (at, FIRST_STEP_MS);
        }
        let mut step = self.step(at);
        while step >= limits::THROUGHPUT_STEPS {
            self.done = self
                .done
                .chunks(2)
                .map(|pair| pair.iter().fold(0, |sum: u64, n| sum.saturating_add(*n)))
                .collect();
            self.step_ms = self.step_ms.saturating_mul(2);
            step = self.step(at);
        }
        if self.done.len() <= step {
            self.done.resize(step + 1, 0);
        }
        self.done[step] = self.done[step].saturating_add(count);
    }

    /// Symbols a second in each step that is over at `now`.
    pub fn per_second(&self, now: Timestamp) -> Vec<f64> {
        let over = if self.step_ms > 0 { self.step(now) } else { 0 };
        let seconds = self.step_ms as f64 / 1000.0;
        // Steps in which nothing came have no number of their own yet.
        let quiet = std::iter::repeat_n(
            &0,
            over.saturating_sub(self.done.len())
                .min(limits::THROUGHPUT_STEPS),
        );
        self.done
            .iter()
            .take(over)
            .chain(quiet)
            .map(|done| *done as f64 / seconds)
            .collect()
    }

    fn step(&self, at: Timestamp) -> usize {
        usize::try_from(at.since(self.from) / self.step_ms.max(1)).unwrap_or(0)
    }
}

contract::read_fields!(Throughput {
    from,
    step_ms,
    done
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_run_stays_in_sight_and_nothing_is_lost() {
        let mut throughput = Throughput::default();
        for second in 0..4000 {
            throughput.add(Timestamp(second * 1000), 3);
        }
        assert!(throughput.done.len() <= limits::THROUGHPUT_STEPS);
        assert_eq!(throughput.done.iter().sum::<u64>(), 12_000);
        assert_eq!(throughput.step_ms, 64_000);
        let speeds = throughput.per_second(Timestamp(4_000_000));
        assert!(
            speeds.iter().all(|speed| (*speed - 3.0).abs() < 1e-9),
            "{speeds:?}"
        );
    }

    #[test]
    fn silence_is_seen_and_a_clock_that_jumps_does_no_harm() {
        let mut throughput = Throughput::default();
        throughput.add(Timestamp(5_000), 10);
        assert_eq!(
            throughput.per_second(Timestamp(5_500)),
            [0.0; 0],
            "the first step is not over"
        );
        assert_eq!(throughput.per_second(Timestamp(8_000)), [10.0, 0.0, 0.0]);
        throughput.add(Timestamp(0), 1);
        throughput.add(Timestamp(i64::MAX), 1);
        assert_eq!(throughput.done.iter().sum::<u64>(), 12);
        assert!(throughput.done.len() <= limits::THROUGHPUT_STEPS);
    }
}
