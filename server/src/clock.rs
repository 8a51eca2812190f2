//! The relay's clock: the wall's time when the process began, moved on by the monotonic clock.
//!
//! A wall clock that somebody sets, or that a time server corrects by a step, must not make a run
//! look silent for an hour, or an answer older than the event before it. So the time that the state
//! is measured with never goes back while a run is active, and a step is taken over only when it
//! can do no harm.

use contract::Timestamp;
use parking_lot::Mutex;
use std::sync::LazyLock;
use std::time::Instant;

/// The wall clock may differ from the relay's by this much before a step is taken over.
const TOLERATED_MS: i64 = 1000;

static ANCHOR: LazyLock<Mutex<Anchor>> = LazyLock::new(|| {
    Mutex::new(Anchor {
        wall: wall(),
        monotonic: Instant::now(),
    })
});

/// The time, as the relay measures it.
pub(crate) fn now() -> Timestamp {
    ANCHOR.lock().at(Instant::now())
}

/// Takes a step of the wall clock over, if there was one: forward at any time, back only when
/// nothing is being measured.
pub(crate) fn settle(nothing_is_measured: bool) {
    let mut anchor = ANCHOR.lock();
    if let Some(step_ms) = anchor.settle(wall(), Instant::now(), nothing_is_measured) {
        tracing::warn!(step_ms, "followed a step of the system clock");
    }
}

fn wall() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}

/// A moment on both clocks.
struct Anchor {
    wall: Timestamp,
    monotonic: Instant,
}

impl Anchor {
    fn at(&self, monotonic: Instant) -> Timestamp {
        let elapsed = monotonic.saturating_duration_since(self.monotonic);
        self.wall
            .plus_ms(i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
    }

    /// The step that was taken over, in milliseconds.
    fn settle(&mut self, wall: Timestamp, monotonic: Instant, may_go_back: bool) -> Option<i64> {
        let step = wall.0.saturating_sub(self.at(monotonic).0);
        if step.abs() <= TOLERATED_MS || (step < 0 && !may_go_back) {
            return None;
        }
        *self = Anchor { wall, monotonic };
        Some(step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn clock_follows_steps_forward_and_delays_steps_back() {
        let began = Instant::now();
        let later = began + Duration::from_secs(60);
        let mut anchor = Anchor {
            wall: Timestamp(1_000_000),
            monotonic: began,
        };
        assert_eq!(anchor.at(later), Timestamp(1_060_000));
        assert_eq!(
            anchor.settle(Timestamp(1_060_400), later, true),
            None,
            "that is jitter"
        );
        assert_eq!(
            anchor.settle(Timestamp(4_660_000), later, false),
            Some(3_600_000)
        );
        assert_eq!(anchor.at(later), Timestamp(4_660_000));
        assert_eq!(anchor.settle(Timestamp(1_060_000), later, false), None);
        assert_eq!(
            anchor.at(later),
            Timestamp(4_660_000),
            "a run is active: its time goes on"
        );
        assert_eq!(
            anchor.settle(Timestamp(1_060_000), later, true),
            Some(-3_600_000)
        );
        assert_eq!(anchor.at(later), Timestamp(1_060_000));
    }
}
