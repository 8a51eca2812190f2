//! Settings of [`super::Writer`].

use crate::limits;
use std::path::PathBuf;

/// What can be set about writing.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the file with what must last stands; none for beside SQLite's file, or `data` for
    /// PostgreSQL.
    pub spool_folder: Option<PathBuf>,
    /// Days for which the event log and errors are kept.
    pub days: u32,
    /// Bytes that the database may take.
    pub max_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            spool_folder: None,
            days: limits::DAYS,
            max_bytes: limits::BYTES,
        }
    }
}
