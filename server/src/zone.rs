//! The exchange's zone, from the time-zone database, as the short table that pages carry.

use app::{Zone, ZoneSpan};
use contract::Timestamp;
use jiff::tz::TimeZone;

/// The zone of the New York Stock Exchange.
const EXCHANGE: &str = "America/New_York";
/// How far the table reaches back and ahead: history and schedules lie within.
const YEAR_MS: i64 = 366 * 86_400_000;

/// The exchange's offsets from two years before `now` to one year after.
pub fn exchange(now: Timestamp) -> Zone {
    of(EXCHANGE, now).expect("the time-zone database is built in")
}

/// The same of a zone with this IANA name; none where there is none.
pub fn of(name: &str, now: Timestamp) -> Option<Zone> {
    let zone = TimeZone::get(name).ok()?;
    let first = jiff::Timestamp::from_millisecond(now.0 - 2 * YEAR_MS).unwrap_or_default();
    let last = jiff::Timestamp::from_millisecond(now.0 + YEAR_MS).unwrap_or_default();
    let span = |from: jiff::Timestamp| {
        let info = zone.to_offset_info(from);
        ZoneSpan {
            from: Timestamp(from.as_millisecond()),
            offset_seconds: info.offset().seconds(),
            abbreviation: info.abbreviation().to_owned(),
        }
    };
    let changes = zone.following(first).map(|change| change.timestamp()).take_while(|at| *at < last);
    Some(Zone { name: name.to_owned(), spans: std::iter::once(first).chain(changes).map(span).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_york_moves_its_clock_in_november() {
        let zone = exchange(Timestamp::parse("2026-11-24T12:00:00Z").unwrap());
        let at = |text: &str| zone.at(Timestamp::parse(text).unwrap()).1.to_owned();
        assert_eq!(at("2026-11-01T05:59:59Z"), "EDT");
        assert_eq!(at("2026-11-01T06:00:00Z"), "EST");
        assert_eq!(at("2025-07-01T00:00:00Z"), "EDT");
        assert!(zone.spans.len() >= 6);
    }
}
