//! The exchange's holidays and half days, by rule.
//!
//! Sources: NYSE Rule 7.2 (which holidays, and when they are observed); the press releases "NYSE
//! Group Announces … Holiday and Early Closings Calendar" of 2019-12-09, 2020-12-28, 2021-12-27,
//! 2024-11-08 and 2025-12-23, which reach to 2028; and the lists at
//! <https://www.nyse.com/markets/hours-calendars> for the years before. After 2028 the rules say
//! what to expect.

use jiff::civil::{Date, Weekday};

/// The first year that the calendar knows. The rules are checked against the published days from
/// here on.
pub const FIRST_YEAR: i16 = 2012;
/// The last year that the calendar answers for. The exchange publishes three years ahead (2028 by
/// now); later ones are by rule.
pub const LAST_YEAR: i16 = 2060;

/// The first year in which the exchange kept Juneteenth: the list of 2021 was out when it became a
/// holiday.
const JUNETEENTH_SINCE: i16 = 2022;

/// The holiday for which the exchange has no session on `day`, and whether it is kept on that day
/// for another, as Monday 2022-06-20 was for Sunday the 19th. `None` on weekends too: they are no
/// holidays.
pub(crate) fn holiday(day: Date) -> Option<(&'static str, bool)> {
    let fixed = [
        ("New Year's Day", 1, 1, true),
        ("Juneteenth", 6, 19, day.year() >= JUNETEENTH_SINCE),
        ("Independence Day", 7, 4, true),
        ("Christmas", 12, 25, true),
    ];
    let moving = [
        (
            "Martin Luther King Jr. Day",
            is_nth(day, 1, Weekday::Monday, 3),
        ),
        ("Presidents' Day", is_nth(day, 2, Weekday::Monday, 3)),
        ("Good Friday", is_good_friday(day)),
        (
            "Memorial Day",
            day.month() == 5 && day.weekday() == Weekday::Monday && day.day() > 24,
        ),
        ("Labor Day", is_nth(day, 9, Weekday::Monday, 1)),
        ("Thanksgiving", is_nth(day, 11, Weekday::Thursday, 4)),
    ];
    let fixed = fixed
        .into_iter()
        .filter(|&(_, month, date, since)| since && is_kept(day, month, date));
    let moving = moving.into_iter().filter(|(_, is)| *is);
    fixed
        .map(|(name, _, date, _)| (name, day.day() != date))
        .chain(moving.map(|(name, _)| (name, false)))
        .next()
}

/// The name of the half day, on which the session ends at 13:00, that `day` is.
pub(crate) fn half_day(day: Date) -> Option<&'static str> {
    // The day before a holiday in the week's middle: on a Friday the holiday itself is kept, on a
    // weekend there is no session, and when the holiday is a Monday its eve is a Sunday.
    let monday_to_thursday = (1..=4).contains(&day.weekday().to_monday_one_offset());
    match (day.month(), day.day()) {
        (7, 3) if monday_to_thursday => Some("day before Independence Day"),
        (11, 23..=29) if day.weekday() == Weekday::Friday => Some("day after Thanksgiving"),
        (12, 24) if monday_to_thursday => Some("Christmas Eve"),
        _ => None,
    }
}

/// Whether a holiday of that date is kept on `day`: on the date, on the Friday before when it is a
/// Saturday, on the Monday after when it is a Sunday.
///
/// New Year's Day on a Saturday is kept nowhere: Rule 7.2 leaves out a Friday that ends an
/// accounting period. Comparing within the month does that too, since December 31 is not in
/// January; the other dates lie inside their months.
fn is_kept(day: Date, month: i8, date: i8) -> bool {
    let moved = match day.weekday() {
        Weekday::Saturday | Weekday::Sunday => return false,
        Weekday::Monday => 1,
        Weekday::Friday => -1,
        _ => 0,
    };
    day.month() == month && (day.day() == date || day.day() == date + moved)
}

/// Whether `day` is the `nth` such weekday of that month.
fn is_nth(day: Date, month: i8, weekday: Weekday, nth: i8) -> bool {
    day.month() == month && day.weekday() == weekday && (day.day() - 1) / 7 + 1 == nth
}

/// Whether `day` is the Friday before Easter Sunday, which the anonymous Gregorian rule
/// (Meeus/Jones/Butcher) gives.
fn is_good_friday(day: Date) -> bool {
    let year = day.year();
    let (golden, century, rest) = (year % 19, year / 100, year % 100);
    let epact =
        (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
    let to_sunday = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7;
    let correction = (golden + 11 * epact + 22 * to_sunday) / 451;
    // Both counted from March 1 on, so that the month's end needs no care: Easter lies between
    // March 22 and April 25.
    let easter = epact + to_sunday - 7 * correction + 22;
    let counted = match day.month() {
        3 => i16::from(day.day()),
        4 => i16::from(day.day()) + 31,
        _ => return false,
    };
    counted == easter - 2
}
