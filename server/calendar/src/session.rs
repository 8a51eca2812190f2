//! What the exchange does on one day: a session with its hours, or none and why.

use crate::{CalendarError, FIRST_YEAR, LAST_YEAR, closures, rules};
use jiff::civil::{Date, Time, Weekday, time};
use std::fmt;

/// When a session begins, in exchange time.
pub const OPEN: Time = time(9, 30, 0, 0);
/// When a session ends, in exchange time.
pub const CLOSE: Time = time(16, 0, 0, 0);
/// When a session ends on a half day, in exchange time.
pub const HALF_DAY_CLOSE: Time = time(13, 0, 0, 0);

/// What the exchange does on a day. Times are exchange time; the session ends just before `close`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Session {
    /// There is a session.
    Open {
        /// 09:30.
        open: Time,
        /// 16:00, and 13:00 on a half day.
        close: Time,
        /// The half day's name, like "day after Thanksgiving". `None` on a whole day.
        half_day: Option<&'static str>,
    },
    /// There is none.
    Closed(ClosureReason),
}

/// Why there is no session. As text: "weekend", "holiday: Independence Day (observed)", "special
/// closure: Hurricane Sandy".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClosureReason {
    /// Saturday or Sunday, holiday or not.
    Weekend,
    /// A holiday of the exchange, by rule.
    Holiday {
        /// Its name, like "Thanksgiving".
        name: &'static str,
        /// Whether it is kept on this day because its own date is a Saturday or a Sunday.
        observed: bool,
    },
    /// The exchange's decision for this one day, with its name, like "day of mourning for Jimmy
    /// Carter".
    SpecialClosure(&'static str),
}

/// What the exchange does on `day`, from [`FIRST_YEAR`] to [`LAST_YEAR`].
///
/// # Errors
///
/// [`CalendarError::Outside`] for a day before or after these years.
pub fn session(day: Date) -> Result<Session, CalendarError> {
    if (FIRST_YEAR..=LAST_YEAR).contains(&day.year()) {
        Ok(session_by_rule(day))
    } else {
        Err(CalendarError::Outside { day })
    }
}

/// What the rules say of any day, inside the calendar's years or not.
pub(crate) fn session_by_rule(day: Date) -> Session {
    if matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
        return Session::Closed(ClosureReason::Weekend);
    }
    if let Some((name, observed)) = rules::holiday(day) {
        return Session::Closed(ClosureReason::Holiday { name, observed });
    }
    if let Some(name) = closures::special_closure(day) {
        return Session::Closed(ClosureReason::SpecialClosure(name));
    }
    let half_day = rules::half_day(day);
    Session::Open {
        open: OPEN,
        close: if half_day.is_some() {
            HALF_DAY_CLOSE
        } else {
            CLOSE
        },
        half_day,
    }
}

impl ClosureReason {
    /// The name of the holiday or of the special closing; none on a weekend.
    pub fn name(&self) -> Option<&'static str> {
        match self {
            ClosureReason::Weekend => None,
            ClosureReason::Holiday { name, .. } | ClosureReason::SpecialClosure(name) => Some(name),
        }
    }
}

impl fmt::Display for ClosureReason {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClosureReason::Weekend => to.write_str("weekend"),
            ClosureReason::Holiday {
                name,
                observed: false,
            } => write!(to, "holiday: {name}"),
            ClosureReason::Holiday {
                name,
                observed: true,
            } => write!(to, "holiday: {name} (observed)"),
            ClosureReason::SpecialClosure(name) => write!(to, "special closure: {name}"),
        }
    }
}
