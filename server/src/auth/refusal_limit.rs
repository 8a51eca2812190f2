//! Bound on the audit entries of refusals, which anybody can cause.

use std::time::Duration;
use tokio::time::Instant;

/// Refusals that are written in a minute.
const PER_MINUTE: u32 = 60;
const MINUTE: Duration = Duration::from_secs(60);

/// The refusals of the current minute.
#[derive(Debug, Default)]
pub(super) struct RefusalLimit {
    since: Option<Instant>,
    written: u32,
    suppressed: u64,
}

impl RefusalLimit {
    /// Returns true if another refusal may be written this minute.
    pub(super) fn take(&mut self) -> bool {
        if self.since.is_none_or(|since| since.elapsed() >= MINUTE) {
            if self.suppressed > 0 {
                tracing::warn!(
                    suppressed = self.suppressed,
                    "left refusals out of the audit log"
                );
            }
            *self = RefusalLimit {
                since: Some(Instant::now()),
                ..RefusalLimit::default()
            };
        }
        let room = self.written < PER_MINUTE;
        if room {
            self.written += 1;
        } else {
            self.suppressed += 1;
        }
        room
    }
}
