//! What can keep a measurement from being made.

use std::io;
use std::time::Duration;

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system said no.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: String,
        /// What came of it.
        #[source]
        source: io::Error,
    },
    /// A program that is measured, or its Redis, did not start.
    #[error("{program} did not start: {why}")]
    NotStarted {
        /// Which one.
        program: String,
        /// What is known of it.
        why: String,
    },
    /// Something that has to come did not come.
    #[error("{what} did not come within {} s", .within.as_secs())]
    Late {
        /// What was waited for.
        what: String,
        /// For how long.
        within: Duration,
    },
    /// Redis answered with an error, or with something else than was asked for.
    #[error("Redis answered {0}")]
    Redis(String),
    /// A signal to stop came.
    #[error("stopped by a signal")]
    Stopped,
}

/// Says of an I/O error what was being done.
pub trait During<T> {
    /// The same, with `doing` in the error.
    ///
    /// # Errors
    /// Those of the value itself.
    fn during(self, doing: impl Into<String>) -> Result<T, Error>;
}

impl<T> During<T> for io::Result<T> {
    fn during(self, doing: impl Into<String>) -> Result<T, Error> {
        self.map_err(|source| Error::Io {
            doing: doing.into(),
            source,
        })
    }
}
