//! How long a session lasts: so long without being used, and so long in all.

use std::time::Duration;

/// The two times. Whichever is over first ends a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// Without a request.
    pub idle: Duration,
    /// In all.
    pub whole: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Lifetimes {
            idle: Duration::from_secs(12 * 3600),
            whole: Duration::from_secs(7 * 24 * 3600),
        }
    }
}

impl Lifetimes {
    /// Whether a session that began and was last used then is over. Times are milliseconds since
    /// 1970.
    pub fn are_over(&self, began_ms: i64, used_ms: i64, now_ms: i64) -> bool {
        let over = |since: i64, limit: Duration| {
            now_ms.saturating_sub(since) as i128 >= limit.as_millis() as i128
        };
        over(began_ms, self.whole) || over(used_ms, self.idle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_when_it_is_not_used_and_also_when_it_is() {
        let hour = 3_600_000;
        let lifetimes = Lifetimes::default();
        assert!(!lifetimes.are_over(0, 0, 12 * hour - 1));
        assert!(lifetimes.are_over(0, 0, 12 * hour));
        assert!(!lifetimes.are_over(0, 160 * hour, 167 * hour));
        assert!(lifetimes.are_over(0, 167 * hour, 168 * hour));
        // A clock that was set back ends nothing.
        assert!(!lifetimes.are_over(hour, hour, 0));
    }
}
