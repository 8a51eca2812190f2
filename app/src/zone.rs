//! The exchange's zone, as a short table that the server makes from its time-zone database:
//! browsers get it with the page.

use contract::Timestamp;
use serde::{Deserialize, Serialize};

/// A zone's offsets around today.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Zone {
    /// IANA name, such as `America/New_York`.
    pub name: String,
    /// The offsets, oldest first; the first one holds from the beginning of time.
    pub spans: Vec<ZoneSpan>,
}

/// One offset, from a moment on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ZoneSpan {
    /// From when.
    pub from: Timestamp,
    /// Seconds east of UTC.
    pub offset_seconds: i32,
    /// Such as `EST`.
    pub abbreviation: String,
}

impl Zone {
    /// The offset and its abbreviation at a moment; UTC where the table is empty.
    pub fn at(&self, moment: Timestamp) -> (i32, &str) {
        let span = self
            .spans
            .iter()
            .rev()
            .find(|span| span.from <= moment)
            .or(self.spans.first());
        span.map_or((0, "UTC"), |span| {
            (span.offset_seconds, span.abbreviation.as_str())
        })
    }
}
