//! Zones from the time-zone database, as the short tables that pages carry: browsers ship none that
//! the WASM could read.

use app::{Zone, ZoneSpan};
use contract::{EXCHANGE_ZONE, Timestamp};
use jiff::tz::TimeZone;

/// How far the table reaches back and ahead: history and schedules lie within.
const YEAR_MS: i64 = 366 * 86_400_000;

/// The exchange's offsets from two years before `now` to one year after.
pub(crate) fn exchange(now: Timestamp) -> Zone {
    of(EXCHANGE_ZONE, now).expect("the time-zone database is built in")
}

/// The same of the zone with this name, if there is one; of the exchange's without a name.
pub(crate) fn chosen(name: Option<&str>, now: Timestamp) -> Zone {
    name.and_then(|name| of(name, now))
        .unwrap_or_else(|| exchange(now))
}

/// Whether there is a zone of this name.
pub(crate) fn is_known(name: &str) -> bool {
    TimeZone::get(name).is_ok()
}

/// The same of a zone with this IANA name; none where there is none.
pub(crate) fn of(name: &str, now: Timestamp) -> Option<Zone> {
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
    let changes = zone
        .following(first)
        .map(|change| change.timestamp())
        .take_while(|at| *at < last);
    // As the database spells it, whatever the case it was asked for in.
    let name = zone.iana_name().unwrap_or(name).to_owned();
    Some(Zone {
        name,
        spans: std::iter::once(first).chain(changes).map(span).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(zone: &Zone, text: &str) -> String {
        zone.at(Timestamp::parse(text).unwrap()).1.to_owned()
    }

    #[test]
    fn new_york_moves_its_clock_in_november() {
        let zone = exchange(Timestamp::parse("2026-11-24T12:00:00Z").unwrap());
        assert_eq!(at(&zone, "2026-11-01T05:59:59Z"), "EDT");
        assert_eq!(at(&zone, "2026-11-01T06:00:00Z"), "EST");
        assert_eq!(at(&zone, "2025-07-01T00:00:00Z"), "EDT");
        assert!(zone.spans.len() >= 6);
    }

    #[test]
    fn unknown_zone_falls_back_to_the_exchanges() {
        let now = Timestamp::parse("2026-11-24T12:00:00Z").unwrap();
        assert_eq!(
            at(&chosen(Some("Europe/Berlin"), now), "2026-11-24T12:00:00Z"),
            "CET"
        );
        assert_eq!(at(&chosen(Some("UTC"), now), "2026-11-24T12:00:00Z"), "UTC");
        assert_eq!(chosen(Some("Moon/Base"), now).name, EXCHANGE_ZONE);
        assert_eq!(chosen(None, now).name, EXCHANGE_ZONE);
    }
}
