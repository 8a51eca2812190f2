//! Times on the wire: every form that TickStockPL and its neighbours write, read into one.

use crate::ids::trim;
use crate::wire::{Json, Read};
use serde::Serialize;
use std::fmt;

/// A moment, in milliseconds since 1970-01-01T00:00:00Z. Serialised as that number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// 0000-01-01 and 9999-12-31: what lies outside is not a time that anybody meant.
const RANGE_MS: std::ops::RangeInclusive<i64> = -62_167_219_200_000..=253_402_300_799_999;

impl Read for Timestamp {
    fn read(json: Json<'_, '_>) -> Option<Self> {
        i64::read(json).map(Timestamp)
    }
}

crate::deserialize_by_read!(Timestamp);

impl Timestamp {
    /// Reads a text. Accepted: a date and a time divided by `T` or a space, with 0 to 9 digits of
    /// fraction, with `Z`, with an offset, with both (`+00:00Z`), with ` UTC` or ` GMT`, or with
    /// none of them (then it is UTC); a date alone (midnight UTC); epoch seconds or milliseconds as
    /// text; and what Flask makes of a time, `Sun, 26 Jan 2025 21:10:00 GMT`. Anything else is
    /// `None`: a bad time never costs an event.
    pub fn parse(text: &str) -> Option<Timestamp> {
        let text = trim(text);
        if text.as_bytes().get(4) != Some(&b'-') {
            return match text.split_once(", ") {
                Some((_, rest)) => of_mail(rest),
                None => Timestamp::from_epoch(text.parse().ok()?),
            };
        }
        let mut at = Scanner {
            rest: text.as_bytes(),
        };
        let (year, month, day) = (
            at.digits(4)?,
            at.after(b"-").digits(2)?,
            at.after(b"-").digits(2)?,
        );
        let mut ms = midnight_ms(year, month, day)?;
        if !at.rest.is_empty() {
            let (hour, minute) = (at.after(b"T ").digits(2)?, at.after(b":").digits(2)?);
            let second = if at.rest.first() == Some(&b':') {
                at.after(b":").digits(2)?
            } else {
                0
            };
            if hour > 23 || minute > 59 || second > 60 {
                return None;
            }
            ms += (hour * 3600 + minute * 60 + second) * 1000 + at.fraction_ms();
            ms -= at.offset_ms()?;
        }
        Timestamp(ms).checked()
    }

    /// Reads a number: seconds since 1970, or milliseconds where the number is too large for
    /// seconds (over 1e11, which as seconds is the year 5138).
    pub fn from_epoch(number: f64) -> Option<Timestamp> {
        if !number.is_finite() {
            return None;
        }
        let ms = if number.abs() > 1e11 {
            number
        } else {
            number * 1000.0
        };
        (ms.abs() < 1e15)
            .then_some(Timestamp(ms.round() as i64))?
            .checked()
    }

    /// Milliseconds from `earlier` to this, never negative.
    pub fn since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0).max(0)
    }

    /// This moment moved by `ms` milliseconds.
    pub fn plus_ms(self, ms: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(ms))
    }

    /// Year, month, day, hour, minute, second in a zone that is `offset_seconds` east of UTC.
    pub fn civil(self, offset_seconds: i32) -> (i64, i64, i64, i64, i64, i64) {
        let seconds = self.0.div_euclid(1000) + i64::from(offset_seconds);
        let (year, month, day) = civil_from_days(seconds.div_euclid(86_400));
        let of_day = seconds.rem_euclid(86_400);
        (
            year,
            month,
            day,
            of_day / 3600,
            of_day / 60 % 60,
            of_day % 60,
        )
    }

    fn checked(self) -> Option<Timestamp> {
        RANGE_MS.contains(&self.0).then_some(self)
    }
}

/// RFC 3339 in UTC, with milliseconds where there are any: `2025-01-26T21:10:00Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day, hour, minute, second) = self.civil(0);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        )?;
        match self.0.rem_euclid(1000) {
            0 => write!(f, "Z"),
            ms => write!(f, ".{ms:03}Z"),
        }
    }
}

/// What stands after the day's name in `Sun, 26 Jan 2025 21:10:00 GMT`.
fn of_mail(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let mut words = text.split_ascii_whitespace();
    let (day, name, year) = (words.next()?, words.next()?, words.next()?);
    let month = MONTHS
        .iter()
        .position(|month| month.eq_ignore_ascii_case(name))? as i64
        + 1;
    let midnight = midnight_ms(year.parse().ok()?, month, day.parse().ok()?)?;
    let mut clock = Scanner {
        rest: words.next()?.as_bytes(),
    };
    let (hour, minute, second) = (
        clock.digits(2)?,
        clock.after(b":").digits(2)?,
        clock.after(b":").digits(2)?,
    );
    let utc = clock.rest.is_empty()
        && matches!(
            words.next(),
            None | Some("GMT" | "UTC" | "Z" | "+0000" | "-0000")
        );
    (utc && hour < 24 && minute < 60 && second <= 60)
        .then_some(Timestamp(
            midnight + (hour * 3600 + minute * 60 + second) * 1000,
        ))?
        .checked()
}

/// When a date begins, in UTC; `None` where there is no such date.
fn midnight_ms(year: i64, month: i64, day: i64) -> Option<i64> {
    let exists = (0..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day);
    exists.then(|| days_from_civil(year, month, day) * 86_400_000)
}

struct Scanner<'a> {
    rest: &'a [u8],
}

impl Scanner<'_> {
    /// Steps over one of `separators`; where none stands, the digits that are read next fail.
    fn after(&mut self, separators: &[u8]) -> &mut Self {
        match self.rest.split_first() {
            Some((first, rest)) if separators.contains(first) => self.rest = rest,
            _ => self.rest = &[],
        }
        self
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        digits.iter().try_fold(0, |n, d| {
            d.is_ascii_digit().then(|| n * 10 + i64::from(d - b'0'))
        })
    }

    fn fraction_ms(&mut self) -> i64 {
        if !matches!(self.rest.first(), Some(b'.' | b',')) {
            return 0;
        }
        self.rest = &self.rest[1..];
        let count = self.rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        (0..3).fold(0, |ms, i| {
            ms * 10 + digits.get(i).map_or(0, |d| i64::from(d - b'0'))
        })
    }

    /// What stands after the time: nothing, `Z`, an offset, an offset and `Z`, or a space and `UTC`
    /// or `GMT`.
    fn offset_ms(&mut self) -> Option<i64> {
        if let [b' ', word @ ..] = self.rest
            && [b"UTC", b"GMT"]
                .iter()
                .any(|utc| word.eq_ignore_ascii_case(*utc))
        {
            return Some(0);
        }
        let mut offset = 0;
        if let Some(sign) = self
            .rest
            .first()
            .copied()
            .filter(|b| matches!(b, b'+' | b'-'))
        {
            self.rest = &self.rest[1..];
            let hours = self.digits(2)?;
            if self.rest.first() == Some(&b':') {
                self.rest = &self.rest[1..];
            }
            let minutes = if self.rest.first().is_some_and(u8::is_ascii_digit) {
                self.digits(2)?
            } else {
                0
            };
            if hours > 18 || minutes > 59 {
                return None;
            }
            offset = (hours * 60 + minutes) * 60_000 * if sign == b'-' { -1 } else { 1 };
        }
        matches!(self.rest, b"" | b"Z" | b"z").then_some(offset)
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a number of days since 1970-01-01.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    (
        era * 400 + year_of_era + i64::from(month <= 2),
        month,
        of_year - (153 * shifted_month + 2) / 5 + 1,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_contract_is_read_as_the_same_moment() {
        let moment = Some(Timestamp(1_737_925_800_000));
        for text in [
            "2025-01-26T21:10:00Z",
            "2025-01-26T21:10:00.000Z",
            "2025-01-26T21:10:00+00:00",
            "2025-01-26T21:10:00+00:00Z",
            "2025-01-26T16:10:00-05:00",
            "2025-01-26 21:10:00",
            "2025-01-26 21:10:00 UTC",
            "2025-01-26T21:10:00.000000 gmt",
            "2025-01-26T21:10",
            " 2025-01-26T21:10:00.000000 ",
            "1737925800",
            "1737925800.0",
            "1737925800000",
            "Sun, 26 Jan 2025 21:10:00 GMT",
        ] {
            assert_eq!(Timestamp::parse(text), moment, "{text}");
        }
        assert_eq!(
            Timestamp::parse("2025-01-26T21:10:00.123456Z"),
            Some(Timestamp(1_737_925_800_123))
        );
        assert_eq!(
            Timestamp::parse("2025-01-26T21:10:00.5Z"),
            Some(Timestamp(1_737_925_800_500))
        );
        assert_eq!(
            Timestamp::parse("2025-01-26"),
            Some(Timestamp(1_737_849_600_000))
        );
        assert_eq!(
            Timestamp::from_epoch(1_737_925_800.123),
            Some(Timestamp(1_737_925_800_123))
        );
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "yesterday",
            "2025-13-01",
            "2025-02-29",
            "2025-01-26T25:00:00Z",
            "2025-01-26T21:10:00X",
            "2025-01-26 21:10:00 EST",
            "2025-01-26 21:10:00  UTC",
            "20-1-1",
            "1e300",
            "NaN",
            "2025-01-26T21:10:00+99:00",
            "Sun, 26 Jan 2025 21:10:00 EST",
            "Sun, 31 Feb 2025 21:10:00 GMT",
            "Sun, 1 Jan 99999999999 21:10:00 GMT",
            "no, no",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn text_and_civil_time_agree_over_centuries() {
        for day in (-700_000..2_900_000).step_by(977) {
            let moment = Timestamp(day * 86_400_000 + 45_296_789);
            if moment.checked().is_some() {
                assert_eq!(
                    Timestamp::parse(&moment.to_string()),
                    Some(moment),
                    "{moment}"
                );
            }
        }
        assert_eq!(
            Timestamp(1_737_925_800_000).civil(-18_000),
            (2025, 1, 26, 16, 10, 0)
        );
    }
}
