//! Everything that writing needs beside the records.

use contract::Timestamp;

#[derive(Clone, Copy, Debug)]
pub(crate) struct WriteContext {
    /// Whether `processing_runs` is kept up to date.
    pub mirror: bool,
    /// This process' number, for [`crate::Notice`]s.
    pub relay: u64,
    /// The clock.
    pub now: Timestamp,
}
