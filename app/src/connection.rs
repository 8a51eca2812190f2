//! The decisions of the live driver: when the stream counts as lost, when it is opened again, how
//! fresh the page is. It reads no clock and opens nothing, so it is tested natively; `crate::live`
//! feeds it and does what it says. All times in ms, by the device's clock.

use crate::store::Freshness;
use contract::Timestamp;

/// The relay sends a heartbeat every 15 s: after two of them and a little, the connection is dead
/// whatever it says.
pub(crate) const SILENCE_MS: f64 = 33_000.0;
/// A stream that was silent for this long when the tab wakes up is not trusted.
pub(crate) const WAKE_SILENCE_MS: f64 = 16_000.0;
const RECONNECTING_MS: f64 = 3_000.0;
const STALE_MS: f64 = 10_000.0;
/// A hidden page closes a stream of its own after this long: browsers have few connections.
const HIDDEN_MS: f64 = 300_000.0;
/// Interval at which a page tells the shared worker that it is still there.
const KEEP_ALIVE_MS: f64 = 15_000.0;
/// Failed attempts before the session is checked.
const CHECK_SESSION_AFTER: u32 = 2;
const FIRST_BACK_OFF_MS: f64 = 500.0;
const MAX_BACK_OFF_MS: f64 = 10_000.0;

/// State of the connection to the relay's stream.
pub(crate) struct Connection {
    /// Nobody else opens the stream again.
    closed: bool,
    streaming: bool,
    hidden_since: Option<f64>,
    kept_alive_at: f64,
    /// The relay's clock minus the device's.
    clock_ahead: f64,
    received_at: f64,
    lost_since: Option<f64>,
    retry_at: f64,
    attempts: u32,
}

/// What a tick asks of the driver, in this order.
#[derive(Debug, PartialEq)]
pub(crate) struct Tick {
    pub(crate) close: bool,
    pub(crate) keep_alive: bool,
    pub(crate) open: bool,
    pub(crate) freshness: Freshness,
    /// The relay's clock; it stands still unless the page is live.
    pub(crate) relay_now: Option<Timestamp>,
}

impl Connection {
    /// A page that was rendered at `rendered_at` by the relay's clock. One from the service
    /// worker's cache is stale from the start.
    pub(crate) fn new(now: f64, rendered_at: Timestamp, from_cache: bool) -> Connection {
        Connection {
            closed: false,
            streaming: false,
            hidden_since: None,
            kept_alive_at: now,
            clock_ahead: rendered_at.0 as f64 - now,
            received_at: now,
            lost_since: Some(if from_cache { now - STALE_MS } else { now }),
            retry_at: 0.0,
            attempts: 0,
        }
    }

    pub(crate) fn opened(&mut self) {
        self.closed = false;
    }

    /// Something came; true for the first time.
    pub(crate) fn received(&mut self, now: f64) -> bool {
        self.received_at = now;
        self.lost_since = None;
        self.attempts = 0;
        !std::mem::replace(&mut self.streaming, true)
    }

    pub(crate) fn set_clock(&mut self, now: f64, relay_now: Timestamp) {
        self.clock_ahead = relay_now.0 as f64 - now;
    }

    /// The stream ended. Where it is `closed` nobody else opens it again: [`Connection::tick`]
    /// does, after a back-off with `jitter` (0 to 1). True when the session should be checked.
    pub(crate) fn lost(&mut self, now: f64, closed: bool, jitter: f64) -> bool {
        self.lost_since.get_or_insert(now);
        if !closed || self.closed {
            return false;
        }
        let wait = (FIRST_BACK_OFF_MS * f64::from(1 << self.attempts.min(5))).min(MAX_BACK_OFF_MS);
        self.retry_at = now + wait * (0.5 + jitter / 2.0);
        self.attempts += 1;
        self.closed = true;
        self.attempts == CHECK_SESSION_AFTER
    }

    /// The browser puts the page away. If it brings the page back, the next tick opens the stream.
    pub(crate) fn suspended(&mut self) {
        self.closed = true;
        self.retry_at = 0.0;
    }

    /// Every second, and when the tab wakes up.
    pub(crate) fn tick(
        &mut self,
        now: f64,
        hidden: bool,
        shared: bool,
        trusted_silence: f64,
    ) -> Tick {
        let close = self.leave_when_hidden(now, hidden, shared);
        let keep_alive = !close && now - self.kept_alive_at > KEEP_ALIVE_MS;
        if keep_alive {
            self.kept_alive_at = now;
        }
        let dead = self.lost_since.is_none() && now - self.received_at > trusted_silence;
        let lost_ms = self.lost_since.map_or(0.0, |since| now - since);
        if dead {
            self.lost_since = Some(now);
        }
        let freshness = match lost_ms {
            ms if ms < RECONNECTING_MS => Freshness::Live,
            ms if ms < STALE_MS => Freshness::Reconnecting,
            _ => Freshness::Stale,
        };
        Tick {
            close,
            keep_alive,
            open: dead || (self.closed && self.retry_at <= now),
            freshness,
            relay_now: (freshness == Freshness::Live)
                .then_some(Timestamp((now + self.clock_ahead) as i64)),
        }
    }

    fn leave_when_hidden(&mut self, now: f64, hidden: bool, shared: bool) -> bool {
        if hidden {
            let close = !shared && now - *self.hidden_since.get_or_insert(now) > HIDDEN_MS;
            if close {
                self.lost_since.get_or_insert(now);
            }
            return close;
        }
        let was_closed = self
            .hidden_since
            .take()
            .is_some_and(|since| now - since > HIDDEN_MS);
        if was_closed && !shared {
            self.suspended();
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp(1_764_018_600_000);

    fn connected() -> Connection {
        let mut connection = Connection::new(0.0, START, false);
        assert!(connection.received(0.0));
        connection
    }

    fn tick(connection: &mut Connection, now: f64) -> Tick {
        connection.tick(now, false, true, SILENCE_MS)
    }

    #[test]
    fn a_lost_stream_turns_reconnecting_and_then_stale() {
        let mut connection = connected();
        connection.lost(1_000.0, false, 0.0);
        let freshness =
            [3_900.0, 4_100.0, 10_900.0, 11_100.0].map(|now| tick(&mut connection, now).freshness);
        let expected = [
            Freshness::Live,
            Freshness::Reconnecting,
            Freshness::Reconnecting,
            Freshness::Stale,
        ];
        assert_eq!(freshness, expected);
        assert_eq!(tick(&mut connection, 12_000.0).relay_now, None);
        assert!(!connection.received(12_500.0));
        let live = tick(&mut connection, 13_000.0);
        assert_eq!(live.freshness, Freshness::Live);
        assert_eq!(live.relay_now, Some(START.plus_ms(13_000)));
    }

    #[test]
    fn a_page_from_the_cache_is_stale_from_the_start() {
        let mut connection = Connection::new(0.0, START, true);
        assert_eq!(tick(&mut connection, 0.0).freshness, Freshness::Stale);
    }

    #[test]
    fn a_silent_stream_is_opened_again_once() {
        let mut connection = connected();
        assert!(!tick(&mut connection, 33_000.0).open);
        assert!(tick(&mut connection, 33_001.0).open);
        assert!(!tick(&mut connection, 34_000.0).open);
        let mut asleep = connected();
        assert!(asleep.tick(17_000.0, false, true, WAKE_SILENCE_MS).open);
    }

    #[test]
    fn a_closed_stream_is_retried_with_a_growing_wait() {
        let mut connection = connected();
        let mut now = 0.0;
        let mut waits = Vec::new();
        for attempt in 1..=7 {
            assert_eq!(
                connection.lost(now, true, 1.0),
                attempt == CHECK_SESSION_AFTER
            );
            let mut wait = 0.0;
            while !tick(&mut connection, now + wait).open {
                wait += 100.0;
            }
            connection.opened();
            waits.push(wait);
            now += wait;
        }
        assert_eq!(
            waits,
            [
                500.0, 1_000.0, 2_000.0, 4_000.0, 8_000.0, 10_000.0, 10_000.0
            ]
        );
    }

    #[test]
    fn an_interrupted_stream_is_left_to_its_client() {
        let mut connection = connected();
        connection.lost(0.0, false, 0.0);
        assert!(!tick(&mut connection, 20_000.0).open);
    }

    #[test]
    fn a_hidden_page_gives_up_a_stream_of_its_own() {
        let mut connection = connected();
        let at = |connection: &mut Connection, now, hidden| {
            connection.received(now);
            connection.tick(now, hidden, false, SILENCE_MS)
        };
        assert!(!at(&mut connection, 0.0, true).close);
        assert!(at(&mut connection, 300_001.0, true).close);
        let back = connection.tick(301_000.0, false, false, SILENCE_MS);
        assert!(back.open && !back.close);

        let mut shared = connected();
        assert!(!shared.tick(0.0, true, true, SILENCE_MS).close);
        assert!(!shared.tick(300_001.0, true, true, SILENCE_MS).close);
    }

    #[test]
    fn the_clock_follows_the_relays() {
        let mut connection = connected();
        connection.set_clock(1_000.0, START.plus_ms(5_000));
        assert_eq!(
            tick(&mut connection, 2_000.0).relay_now,
            Some(START.plus_ms(6_000))
        );
    }

    #[test]
    fn a_page_says_every_fifteen_seconds_that_it_is_there() {
        let mut connection = connected();
        let stale = [10_000.0, 15_001.0, 20_000.0, 30_100.0]
            .map(|now| tick(&mut connection, now).keep_alive);
        assert_eq!(stale, [false, true, false, true]);
    }
}
