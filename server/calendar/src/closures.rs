//! The days on which the exchange stayed closed for a reason that no rule gives.
//!
//! Sources: NYSE's press releases of 2012-10-28 and 2012-10-29, 2018-12-01 and 2024-12-30. A new
//! closing is one more line here. Halts within a day (2015-07-08, the circuit breakers of March
//! 2020) are no closings: those days had their sessions.

use jiff::civil::{Date, date};

/// Day and name of each, oldest first.
const CLOSURES: [(Date, &str); 4] = [
    (date(2012, 10, 29), "Hurricane Sandy"),
    (date(2012, 10, 30), "Hurricane Sandy"),
    (date(2018, 12, 5), "day of mourning for George H. W. Bush"),
    (date(2025, 1, 9), "day of mourning for Jimmy Carter"),
];

/// The name of the special closing that `day` is.
pub(crate) fn special_closure(day: Date) -> Option<&'static str> {
    CLOSURES
        .iter()
        .find(|(closed, _)| *closed == day)
        .map(|(_, name)| *name)
}
