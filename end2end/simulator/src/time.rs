//! Times as TickStockPL writes them.

use jiff::Timestamp;

/// RFC 3339 with microseconds, in UTC.
pub(crate) fn format_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}
