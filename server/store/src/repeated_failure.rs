//! Rate limit for the log lines of a failure that repeats.

use std::time::Duration;
use tokio::time::Instant;

/// A failure that lasts is logged once in this time.
const LOG_EVERY: Duration = Duration::from_secs(60);

/// One kind of failure of a loop that retries. The caller logs the first occurrence, then at most
/// one a minute with the number of those left out, and the recovery.
#[derive(Debug, Default)]
pub struct RepeatedFailure {
    logged: Option<Instant>,
    suppressed: u64,
}

impl RepeatedFailure {
    /// Counts an occurrence. `Some` where it is to be logged: the number of occurrences since the
    /// last line, for the field `suppressed`.
    pub fn occurred(&mut self) -> Option<u64> {
        if self.logged.is_some_and(|at| at.elapsed() < LOG_EVERY) {
            self.suppressed += 1;
            return None;
        }
        self.logged = Some(Instant::now());
        Some(std::mem::take(&mut self.suppressed))
    }

    /// Returns true if a failure was logged before: then its recovery is to be logged.
    pub fn recovered(&mut self) -> bool {
        std::mem::take(self).logged.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn failure_is_logged_first_then_once_a_minute_then_its_recovery() {
        let mut failure = RepeatedFailure::default();
        assert!(!failure.recovered());
        assert_eq!(failure.occurred(), Some(0));
        assert_eq!((failure.occurred(), failure.occurred()), (None, None));
        tokio::time::advance(LOG_EVERY).await;
        assert_eq!(failure.occurred(), Some(2));
        assert_eq!(failure.occurred(), None);
        assert!(failure.recovered());
        assert!(!failure.recovered());
        assert_eq!(failure.occurred(), Some(0));
    }
}
