//! A moment as text in a zone, beside its number: whoever shows it needs no time-zone database.

use contract::EXCHANGE_ZONE;
use jiff::ZonedDateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// A moment, as a number and as a zone's clock shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Moment {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
    /// RFC 3339 in whole seconds with the zone's offset at that moment, like
    /// `2026-11-27T13:01:00-05:00`.
    pub text: String,
    /// The zone's abbreviation at that moment, like `EST`; where it has none, the offset, like
    /// `+03`.
    pub abbreviation: String,
}

impl From<&ZonedDateTime> for Moment {
    fn from(at: &ZonedDateTime) -> Moment {
        Moment {
            at_ms: at.timestamp().as_millisecond(),
            text: at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            abbreviation: at.strftime("%Z").to_string(),
        }
    }
}

/// The exchange's zone, from the built-in database.
pub(crate) fn exchange_zone() -> TimeZone {
    TimeZone::get(EXCHANGE_ZONE).expect("the time-zone database is built in")
}
