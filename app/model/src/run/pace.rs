//! How often events about a run come, so that a run which falls silent is not taken for one that is
//! well.

use contract::Timestamp;
use serde::Serialize;

/// No run is silent before this, however quickly its events slice.
const SILENT_AFTER_MS: i64 = 60_000;
/// Every run is silent after this, however slowly its events slice.
const SILENT_AT_LATEST_MS: i64 = 600_000;
/// A silence of this many usual gaps is out of the ordinary.
const GAPS: i64 = 6;
/// Each gap weighs one in so many in the usual one.
const SMOOTHING: i64 = 8;
/// Messages of one burst are one sign of life.
const BURST_MS: i64 = 250;

/// When events about a run slice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EventPace {
    /// When the last event came that was about the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_at: Option<Timestamp>,
    /// The usual time between two of them, in ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap_ms: Option<i64>,
    /// When the API last reported progress.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advanced_at: Option<Timestamp>,
    /// Since when events are missing: the API reports progress, and Redis brings none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_since: Option<Timestamp>,
    /// No event came for longer than the pace of the run makes plausible.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub silent: bool,
}

impl EventPace {
    /// Takes an event that came at `at`; true where that ends a silence.
    pub(crate) fn record_event(&mut self, at: Timestamp) -> bool {
        let gap = self.last_at.map(|last| at.since(last));
        if gap.is_none_or(|gap| gap >= BURST_MS) {
            if let (Some(gap), false) = (gap, self.silent) {
                self.gap_ms = Some(
                    self.gap_ms
                        .map_or(gap, |usual| usual + (gap - usual) / SMOOTHING),
                );
            }
            self.last_at = Some(at);
        }
        self.missing_since.take().is_some() | std::mem::take(&mut self.silent)
    }

    /// Takes progress that the API reported. Where events did not report it for
    /// `silence_threshold_ms`, they do not arrive.
    pub(crate) fn record_progress(&mut self, at: Timestamp, silence_threshold_ms: i64) {
        let first = self.advanced_at.replace(at);
        self.silent = false;
        let since = self.last_at.or(first);
        if since.is_some_and(|since| at.since(since) >= silence_threshold_ms) {
            self.missing_since = self.missing_since.or(since);
        }
    }

    /// How long no event must come until the run counts as silent, in ms.
    pub fn silence_threshold_ms(&self) -> i64 {
        self.gap_ms
            .unwrap_or(0)
            .saturating_mul(GAPS)
            .clamp(SILENT_AFTER_MS, SILENT_AT_LATEST_MS)
    }

    /// Looks at the clock; true where that begins a silence.
    pub(crate) fn tick(&mut self, now: Timestamp, began: Timestamp) -> bool {
        let last = self.last_at.max(self.advanced_at).unwrap_or(began);
        let silent = now.since(last) >= self.silence_threshold_ms();
        let begins = silent && !self.silent;
        self.silent |= silent;
        begins
    }
}

contract::read_fields!(EventPace { last_at, gap_ms, advanced_at, missing_since, silent or false });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_follows_the_usual_gap_within_bounds() {
        let mut pace = EventPace::default();
        for n in 0..20 {
            pace.record_event(Timestamp(n * 5_000));
        }
        assert_eq!(
            (pace.gap_ms, pace.silence_threshold_ms()),
            (Some(5_000), SILENT_AFTER_MS)
        );
        let mut slow = EventPace::default();
        for n in 0..20 {
            slow.record_event(Timestamp(n * 45_000));
        }
        assert_eq!(slow.silence_threshold_ms(), 270_000);
        assert!(!slow.tick(Timestamp(19 * 45_000 + 269_999), Timestamp(0)));
        assert!(slow.tick(Timestamp(19 * 45_000 + 270_000), Timestamp(0)));
        assert!(
            !slow.tick(Timestamp(30 * 45_000), Timestamp(0)),
            "a silence begins once"
        );
        assert!(
            slow.record_event(Timestamp(31 * 45_000)),
            "an event ends it"
        );
        assert_eq!(slow.gap_ms, Some(45_000), "a silence is no pace");
    }
}
