//! Days with a session: the next ones, the one before, those between two dates.

use crate::moment::exchange_zone;
use crate::session::session_by_rule;
use crate::{FIRST_YEAR, LAST_YEAR, Moment, Session, session};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

/// A day on which the exchange has a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct TradingDay {
    /// `YYYY-MM-DD`.
    pub date: String,
    /// In English, like `Friday`.
    pub weekday: String,
    /// 09:30, in exchange time.
    pub open: Moment,
    /// 16:00, or 13:00 on a half day, in exchange time.
    pub close: Moment,
    /// The half day's name, like "day after Thanksgiving". `None` on a whole day.
    pub half_day: Option<String>,
}

impl TradingDay {
    /// The trading day that `day` is by the rules, in the calendar's years or not.
    fn of(day: Date) -> Option<TradingDay> {
        let Session::Open {
            open,
            close,
            half_day,
        } = session_by_rule(day)
        else {
            return None;
        };
        let moment = |time| {
            Some(Moment::from(
                &day.to_datetime(time)
                    .to_zoned_datetime(exchange_zone())
                    .ok()?,
            ))
        };
        Some(TradingDay {
            date: day.to_string(),
            weekday: day.strftime("%A").to_string(),
            open: moment(open)?,
            close: moment(close)?,
            half_day: half_day.map(str::to_owned),
        })
    }
}

/// Whether the exchange has a session on `day`. Outside the calendar's years none is known, so the
/// answer is no.
pub fn is_session(day: Date) -> bool {
    matches!(session(day), Ok(Session::Open { .. }))
}

/// The first `n` days with a session from `from` on, `from` included. Fewer where the calendar
/// ends.
pub fn next_sessions(from: Date, n: usize) -> Vec<TradingDay> {
    sessions(from, last_day()).take(n).collect()
}

/// The last day with a session before `day`. `None` where the calendar has none.
pub fn previous_session(day: Date) -> Option<TradingDay> {
    let last = day.yesterday().ok()?.min(last_day());
    last.series(-1.day())
        .take_while(|day| *day >= first_day())
        .find_map(TradingDay::of)
}

/// The days with a session from `first` to `last`, both included, as far as the calendar reaches.
pub fn sessions_between(first: Date, last: Date) -> Vec<TradingDay> {
    sessions(first, last.min(last_day())).collect()
}

/// Days with a session from `from` on, by the rules and without an end: the calendar's last day
/// still has a next open.
pub(crate) fn sessions_from(from: Date) -> impl Iterator<Item = TradingDay> {
    from.series(1.day()).filter_map(TradingDay::of)
}

fn sessions(first: Date, last: Date) -> impl Iterator<Item = TradingDay> {
    first
        .max(first_day())
        .series(1.day())
        .take_while(move |day| *day <= last)
        .filter_map(TradingDay::of)
}

const fn first_day() -> Date {
    date(FIRST_YEAR, 1, 1)
}

const fn last_day() -> Date {
    date(LAST_YEAR, 12, 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dates(days: &[TradingDay]) -> Vec<&str> {
        days.iter().map(|day| day.date.as_str()).collect()
    }

    #[test]
    fn thanksgiving_and_the_weekend_are_stepped_over() {
        let next = next_sessions(date(2026, 11, 26), 3);
        assert_eq!(dates(&next), ["2026-11-27", "2026-11-30", "2026-12-01"]);
        assert_eq!(next[0].weekday, "Friday");
        assert_eq!(next[0].half_day.as_deref(), Some("day after Thanksgiving"));
        assert_eq!(next[0].open.text, "2026-11-27T09:30:00-05:00");
        assert_eq!(next[0].close.text, "2026-11-27T13:00:00-05:00");
        assert_eq!(next[1].close.text, "2026-11-30T16:00:00-05:00");
        assert_eq!(
            previous_session(date(2026, 11, 30)).unwrap().date,
            "2026-11-27"
        );
        assert_eq!(
            previous_session(date(2026, 11, 27)).unwrap().date,
            "2026-11-25"
        );
    }

    #[test]
    fn both_ends_are_included() {
        assert_eq!(
            dates(&sessions_between(date(2026, 7, 2), date(2026, 7, 6))),
            ["2026-07-02", "2026-07-06"]
        );
        assert!(sessions_between(date(2026, 7, 3), date(2026, 7, 5)).is_empty());
        assert!(sessions_between(date(2026, 7, 6), date(2026, 7, 2)).is_empty());
        // The exchange had 252 sessions in 2024.
        assert_eq!(
            sessions_between(date(2024, 1, 1), date(2024, 12, 31)).len(),
            252
        );
    }

    #[test]
    fn outside_the_calendar_there_is_no_session_and_no_long_search() {
        assert!(!is_session(date(2011, 12, 30)) && !is_session(date(2061, 1, 3)));
        assert_eq!(next_sessions(Date::MIN, 1)[0].date, "2012-01-03");
        assert_eq!(previous_session(Date::MAX).unwrap().date, "2060-12-31");
        assert_eq!(previous_session(date(2012, 1, 3)), None);
        assert!(next_sessions(Date::MAX, 1).is_empty() && previous_session(Date::MIN).is_none());
    }
}
