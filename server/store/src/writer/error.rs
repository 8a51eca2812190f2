//! Failures of [`super::Writer`].

/// A durable record is not on the disk.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// Not accepted: too many records are pending.
    #[error("too many records are waiting for the database")]
    Full,
    /// Not accepted: the console is shutting down, and the spool is closed.
    #[error("the console is shutting down")]
    Ending,
    /// In memory, and written as soon as the spool or the database is writable; lost only if the
    /// console ends before that.
    #[error("not durable yet: {detail}")]
    Waiting {
        /// Why.
        detail: String,
    },
    /// The database will never accept it; it is in `*.refused.jsonl` beside the database.
    #[error("the database rejected the record: {detail}")]
    Refused {
        /// Why.
        detail: String,
    },
}

impl WriteError {
    /// Whether it may yet be written without anybody's operation.
    pub fn is_waiting(&self) -> bool {
        matches!(self, WriteError::Waiting { .. })
    }
}
