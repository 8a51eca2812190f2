//! What can be wrong with a question, in words that an operator can act on.

use crate::{FIRST_YEAR, LAST_YEAR};
use contract::EXCHANGE_ZONE;
use jiff::civil::Date;
use std::fmt;

/// How much of a wrong text is repeated, in characters: it comes from outside and may be anything.
const SHOWN: usize = 64;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CalendarError {
    /// The time-zone database has no such zone.
    UnknownZone {
        /// What was given, shortened to 64 characters.
        name: String,
    },
    /// A trigger time that is not `HH:MM`, or that no clock shows.
    BadTime {
        /// What was given, shortened to 64 characters.
        text: String,
    },
    /// A day outside the calendar's years.
    Outside {
        /// That day, in exchange time.
        day: Date,
    },
}

impl CalendarError {
    pub(crate) fn unknown_zone(name: &str) -> CalendarError {
        CalendarError::UnknownZone {
            name: name.chars().take(SHOWN).collect(),
        }
    }

    pub(crate) fn bad_time(text: &str) -> CalendarError {
        CalendarError::BadTime {
            text: text.chars().take(SHOWN).collect(),
        }
    }
}

impl fmt::Display for CalendarError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CalendarError::UnknownZone { name } => write!(
                to,
                "unknown time zone {name:?}; expected an IANA name such as {EXCHANGE_ZONE} or UTC"
            ),
            CalendarError::BadTime { text } => write!(
                to,
                "invalid time of day {text:?}; expected HH:MM from 00:00 to 23:59, such as 16:10"
            ),
            CalendarError::Outside { day } => write!(
                to,
                "{day} is outside the exchange calendar; expected a day from {FIRST_YEAR} to {LAST_YEAR}"
            ),
        }
    }
}

impl std::error::Error for CalendarError {}
