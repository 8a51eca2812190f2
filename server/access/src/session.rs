//! Session expiry: an idle limit and a total limit.

use std::time::Duration;

/// Limits on a session; the first one reached ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLifetimes {
    /// Maximum time without a request.
    pub idle: Duration,
    /// Maximum time since sign-in.
    pub total: Duration,
}

impl Default for SessionLifetimes {
    fn default() -> Self {
        SessionLifetimes {
            idle: Duration::from_secs(12 * 3600),
            total: Duration::from_secs(7 * 24 * 3600),
        }
    }
}

impl SessionLifetimes {
    /// Returns true if a session that started and was last used at these times has expired. Times
    /// are milliseconds since 1970.
    pub fn expired(&self, started_ms: i64, used_ms: i64, now_ms: i64) -> bool {
        let exceeded = |since: i64, limit: Duration| {
            now_ms.saturating_sub(since) as i128 >= limit.as_millis() as i128
        };
        exceeded(started_ms, self.total) || exceeded(used_ms, self.idle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_expires_when_idle_and_after_its_total_time() {
        let hour = 3_600_000;
        let lifetimes = SessionLifetimes::default();
        assert!(!lifetimes.expired(0, 0, 12 * hour - 1));
        assert!(lifetimes.expired(0, 0, 12 * hour));
        assert!(!lifetimes.expired(0, 160 * hour, 167 * hour));
        assert!(lifetimes.expired(0, 167 * hour, 168 * hour));
        // A clock that was set back expires nothing.
        assert!(!lifetimes.expired(hour, hour, 0));
    }
}
