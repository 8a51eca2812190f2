//! Moments in the exchange's zone, always with its name.

use super::number::{NBSP, plural};
use crate::Zone;
use contract::Timestamp;

const DAY_MS: i64 = 86_400_000;
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `16:52 EST`
pub(crate) fn clock(at: Timestamp, zone: &Zone) -> String {
    let (offset, name) = zone.at(at);
    let (_, _, _, hour, minute, _) = at.civil(offset);
    format!("{hour:02}:{minute:02}{NBSP}{name}")
}

/// `16:52:10 EST`
pub(crate) fn clock_seconds(at: Timestamp, zone: &Zone) -> String {
    let (offset, name) = zone.at(at);
    let (_, _, _, hour, minute, second) = at.civil(offset);
    format!("{hour:02}:{minute:02}:{second:02}{NBSP}{name}")
}

/// `Mon 24 Nov 2025`
pub(crate) fn date(at: Timestamp, zone: &Zone) -> String {
    let (year, month, day, ..) = at.civil(zone.at(at).0);
    format!(
        "{} {day} {} {year}",
        weekday(at, zone),
        MONTHS[month as usize - 1]
    )
}

/// A moment with as much of its date as is needed beside `now`: `16:52 EST`, `Mon 16:10 EST` in the
/// days that come, `Mon 24 Nov, 16:10 EST` otherwise.
pub(crate) fn day_clock(at: Timestamp, now: Timestamp, zone: &Zone) -> String {
    match day_number(at, zone) - day_number(now, zone) {
        0 => clock(at, zone),
        1..=6 => format!("{}{NBSP}{}", weekday(at, zone), clock(at, zone)),
        _ => format!("{}, {}", short_date(at, zone), clock(at, zone)),
    }
}

/// For tables, without regard to today: `Mon 24 Nov, 16:10 EST`.
pub(crate) fn moment(at: Timestamp, zone: &Zone) -> String {
    format!("{}, {}", short_date(at, zone), clock(at, zone))
}

/// Time from `now` until `at`: `in 2 days`, `in 3 h 17 min`, `in 8 min`.
pub(crate) fn from_now(at: Timestamp, now: Timestamp) -> String {
    let seconds = at.since(now) / 1000;
    let minutes = (seconds + 30) / 60;
    match minutes {
        0 => format!("in{NBSP}under 1{NBSP}min"),
        1..60 => format!("in{NBSP}{minutes}{NBSP}min"),
        60..2160 => format!(
            "in{NBSP}{}{NBSP}h{NBSP}{:02}{NBSP}min",
            minutes / 60,
            minutes % 60
        ),
        _ => format!(
            "in{NBSP}{}",
            plural((minutes as u64 + 720) / 1440, "day", "days")
        ),
    }
}

/// A day that is given as `YYYY-MM-DD`, as `Mon 24 Nov 2025`; as it is where it is none.
#[cfg(feature = "ssr")]
pub(crate) fn day_in_words(day: &str) -> String {
    let noon = Timestamp::parse(&format!("{day}T12:00:00Z"));
    noon.map_or_else(|| day.to_owned(), |at| date(at, &Zone::default()))
}

pub(crate) fn short_date(at: Timestamp, zone: &Zone) -> String {
    let (_, month, day, ..) = at.civil(zone.at(at).0);
    format!(
        "{}{NBSP}{day}{NBSP}{}",
        weekday(at, zone),
        MONTHS[month as usize - 1]
    )
}

fn weekday(at: Timestamp, zone: &Zone) -> &'static str {
    // The first of January 1970 was a Thursday.
    WEEKDAYS[(day_number(at, zone) + 3).rem_euclid(7) as usize]
}

fn day_number(at: Timestamp, zone: &Zone) -> i64 {
    (at.0 + i64::from(zone.at(at).0) * 1000).div_euclid(DAY_MS)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::ZoneSpan;

    pub(crate) fn new_york() -> Zone {
        let span = |from, hours: i32, name: &str| ZoneSpan {
            from,
            offset_seconds: hours * 3600,
            abbreviation: name.into(),
        };
        let november = Timestamp::parse("2025-11-02T06:00:00Z").unwrap();
        Zone {
            name: "America/New_York".into(),
            spans: vec![span(Timestamp(0), -4, "EDT"), span(november, -5, "EST")],
        }
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn plain(text: String) -> String {
        text.replace(NBSP, " ")
    }

    #[test]
    fn times_are_the_exchanges_and_name_its_zone() {
        let zone = new_york();
        assert_eq!(
            plain(clock_seconds(at("2025-11-24T21:10:05Z"), &zone)),
            "16:10:05 EST"
        );
        assert_eq!(plain(clock(at("2025-07-01T20:10:05Z"), &zone)), "16:10 EDT");
        assert_eq!(
            plain(moment(at("2025-11-25T02:00:00Z"), &zone)),
            "Mon 24 Nov, 21:00 EST"
        );
        assert_eq!(
            plain(date(at("2025-11-25T06:00:00Z"), &zone)),
            "Tue 25 Nov 2025"
        );
    }

    #[test]
    fn a_date_is_given_where_the_day_is_another() {
        let (zone, now) = (new_york(), at("2025-11-21T23:00:00Z"));
        assert_eq!(
            plain(day_clock(at("2025-11-22T04:00:00Z"), now, &zone)),
            "23:00 EST"
        );
        assert_eq!(
            plain(day_clock(at("2025-11-24T21:10:00Z"), now, &zone)),
            "Mon 16:10 EST"
        );
        assert_eq!(
            plain(day_clock(at("2025-11-20T21:10:00Z"), now, &zone)),
            "Thu 20 Nov, 16:10 EST"
        );
        assert_eq!(
            plain(day_clock(at("2025-12-01T21:10:00Z"), now, &zone)),
            "Mon 1 Dec, 16:10 EST"
        );
    }

    #[test]
    fn what_is_to_come_is_said_in_the_unit_that_fits() {
        let now = Timestamp(0);
        let texts =
            [10, 480, 11_820, 190_000, 500_000].map(|s| plain(from_now(Timestamp(s * 1000), now)));
        assert_eq!(
            texts,
            [
                "in under 1 min",
                "in 8 min",
                "in 3 h 17 min",
                "in 2 days",
                "in 6 days"
            ]
        );
    }
}
