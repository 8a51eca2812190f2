//! Waits between attempts to reach a neighbour that cannot be reached.

use std::time::Duration;

/// Doubles the wait with each failed attempt, from the first to the last, with a quarter of jitter
/// either way. Only attempts that failed count: whoever reached the neighbour calls
/// [`Backoff::reset`], however soon the connection broke again.
#[derive(Debug)]
pub(crate) struct Backoff {
    first: Duration,
    last: Duration,
    failures: u32,
}

impl Backoff {
    /// Waits from `first` to `last`, jitter apart.
    pub(crate) const fn new(first: Duration, last: Duration) -> Backoff {
        Backoff {
            first,
            last,
            failures: 0,
        }
    }

    /// Counts a failed attempt, and says how long to wait before the next one.
    pub(crate) fn next_wait(&mut self) -> Duration {
        let wait = self
            .first
            .saturating_mul(1 << self.failures.min(16))
            .min(self.last);
        self.failures = self.failures.saturating_add(1);
        wait.mul_f64(rand::random_range(0.75..1.25))
    }

    /// The neighbour was reached.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }

    /// Attempts that failed since the neighbour was last reached.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_millis(250);
    const LAST: Duration = Duration::from_secs(10);

    #[test]
    fn waits_double_up_to_the_last_with_jitter() {
        let mut backoff = Backoff::new(FIRST, LAST);
        for n in 0..100 {
            let expected = FIRST.mul_f64(f64::from(1 << n.min(10))).min(LAST);
            let wait = backoff.next_wait();
            assert!(
                wait >= expected.mul_f64(0.75) && wait <= expected.mul_f64(1.25),
                "{n}: {wait:?}"
            );
            assert_eq!(backoff.failures(), n + 1);
        }
        let waits: std::collections::BTreeSet<_> = (0..20).map(|_| backoff.next_wait()).collect();
        assert!(
            waits.len() > 10,
            "consoles that lost the same neighbour do not come back together"
        );
    }

    #[test]
    fn a_neighbour_that_was_reached_is_tried_again_soon() {
        let mut backoff = Backoff::new(FIRST, LAST);
        for _ in 0..10 {
            backoff.next_wait();
            backoff.reset();
            assert_eq!(backoff.failures(), 0);
        }
        assert!(backoff.next_wait() <= FIRST.mul_f64(1.25));
    }
}
