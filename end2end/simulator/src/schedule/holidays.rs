//! The days on which the New York Stock Exchange is closed although they are weekdays, by its
//! rules.

use jiff::civil::{Date, Weekday, date};
use jiff::{Error, ToSpan};

/// Whether the exchange has a session on `day`.
pub(super) fn is_session(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
        && !holidays(day.year()).is_ok_and(|d| d.contains(&day))
}

fn holidays(year: i16) -> Result<[Date; 10], Error> {
    let nth = |month, n, weekday| date(year, month, 1).nth_weekday_of_month(n, weekday);
    Ok([
        // A New Year's Day on a Saturday is not made up for: the year before would end early.
        sunday_to_monday(date(year, 1, 1))?,
        nth(1, 3, Weekday::Monday)?,
        nth(2, 3, Weekday::Monday)?,
        easter(year)?.checked_sub(2.days())?,
        nth(5, -1, Weekday::Monday)?,
        observed(date(year, 6, 19))?,
        observed(date(year, 7, 4))?,
        nth(9, 1, Weekday::Monday)?,
        nth(11, 4, Weekday::Thursday)?,
        observed(date(year, 12, 25))?,
    ])
}

fn sunday_to_monday(day: Date) -> Result<Date, Error> {
    if day.weekday() == Weekday::Sunday {
        day.tomorrow()
    } else {
        Ok(day)
    }
}

fn observed(day: Date) -> Result<Date, Error> {
    if day.weekday() == Weekday::Saturday {
        day.yesterday()
    } else {
        sunday_to_monday(day)
    }
}

/// Easter Sunday, by the anonymous Gregorian rule.
fn easter(year: i16) -> Result<Date, Error> {
    let (golden, century, rest) = (year % 19, year / 100, year % 100);
    let epact =
        (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
    let to_sunday = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7;
    let correction = (golden + 11 * epact + 22 * to_sunday) / 451;
    let days = epact + to_sunday - 7 * correction + 114;
    Date::new(year, (days / 31) as i8, (days % 31 + 1) as i8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exchange_is_closed_on_holidays_only() {
        let closed = [
            "2025-01-01",
            "2025-01-20",
            "2025-02-17",
            "2025-04-18",
            "2025-05-26",
            "2025-06-19",
            "2025-07-04",
            "2025-09-01",
            "2025-11-27",
            "2025-12-25",
            "2026-04-03",
            "2026-07-03",
            "2027-12-24",
            "2023-01-02",
            "2026-11-28",
            "2026-11-29",
        ];
        let open = [
            "2026-11-27",
            "2026-11-25",
            "2021-12-31",
            "2025-04-21",
            "2026-07-06",
            "2025-10-13",
        ];
        assert!(
            closed
                .into_iter()
                .all(|day| !is_session(day.parse().unwrap()))
        );
        assert!(open.into_iter().all(|day| is_session(day.parse().unwrap())));
    }
}
