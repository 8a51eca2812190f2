//! Failures of the store, and whether a retry may help.

use std::io;
use std::path::PathBuf;

/// A failure of the store. Messages are one line and hold no secret.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// `DATABASE_URI` cannot be used.
    #[error("invalid DATABASE_URI: {problem}")]
    Address {
        /// The reason, without the value, which may hold a password.
        problem: String,
    },
    /// The folder of the database file cannot be created.
    #[error("failed to create the database folder {}", path.display())]
    Folder {
        /// Path of the folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// No connection.
    #[error("failed to open {database}")]
    Connect {
        /// Its address, without a password.
        database: String,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// A statement failed.
    #[error("failed to {operation}")]
    Statement {
        /// The operation, in the infinitive.
        operation: &'static str,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// A statement took too long.
    #[error("failed to {operation}: no response within {seconds} s")]
    Timeout {
        /// The operation, in the infinitive.
        operation: &'static str,
        /// The time limit.
        seconds: u64,
    },
    /// Reads work, writes do not.
    #[error("the database is read only: {reason}")]
    ReadOnly {
        /// Why.
        reason: String,
    },
    /// Another console records what TickStockPL publishes.
    #[error("another console holds the write lease of this database")]
    NotTheWriter,
    /// The store has not been opened yet.
    #[error("the database is not open: {detail}")]
    NotOpen {
        /// Why.
        detail: String,
    },
    /// A stored value cannot be decoded.
    #[error("failed to decode {what} of the database")]
    Unreadable {
        /// What.
        what: &'static str,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// A record exceeds its size limit.
    #[error("{what} of {bytes} bytes exceeds the limit of {limit} bytes")]
    TooLarge {
        /// What.
        what: &'static str,
        /// Its size, in bytes.
        bytes: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The database's encoding cannot hold every character.
    #[error("the database encoding {encoding} is not supported; expected UTF8")]
    Encoding {
        /// Its encoding.
        encoding: String,
    },
    /// A newer console created the schema.
    #[error(
        "schema version {found} is newer than this console supports ({known}). Upgrade the console"
    )]
    Newer {
        /// The version found.
        found: i64,
        /// The newest version that is known.
        known: i64,
    },
}

/// How to react to a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The database is unreachable, busy or full: a retry may succeed.
    Unavailable,
    /// The database is read only.
    ReadOnly,
    /// The database rejects the record: a retry would fail, too.
    Rejected,
}

impl StoreError {
    pub(crate) fn statement(operation: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
        move |source| StoreError::Statement { operation, source }
    }

    /// The class of the failure, which decides whether a retry may help.
    pub fn kind(&self) -> FailureKind {
        match self {
            StoreError::Statement { source, .. } | StoreError::Connect { source, .. } => {
                failure_kind(source)
            }
            StoreError::ReadOnly { .. } => FailureKind::ReadOnly,
            StoreError::Unreadable { .. }
            | StoreError::TooLarge { .. }
            | StoreError::Address { .. } => FailureKind::Rejected,
            _ => FailureKind::Unavailable,
        }
    }

    /// The message with its causes, on one line of at most 300 bytes.
    pub fn one_line(&self) -> String {
        let mut line = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            let text = error.to_string();
            if !line.contains(&text) {
                line = format!("{line}: {text}");
            }
            cause = error.source();
        }
        let mut line = line.replace(['\n', '\r'], " ");
        line.truncate(line.floor_char_boundary(300));
        line
    }
}

fn failure_kind(error: &sqlx::Error) -> FailureKind {
    let Some(database) = error.as_database_error() else {
        return match error {
            sqlx::Error::Encode(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::ColumnDecode { .. } => FailureKind::Rejected,
            _ => FailureKind::Unavailable,
        };
    };
    let code = database.code().unwrap_or_default();
    if database
        .try_downcast_ref::<sqlx::postgres::PgDatabaseError>()
        .is_some()
    {
        return match (code.get(..2).unwrap_or_default(), &*code) {
            (_, "25006" | "42501") => FailureKind::ReadOnly,
            ("22" | "23" | "54" | "0A", _) => FailureKind::Rejected,
            _ => FailureKind::Unavailable,
        };
    }
    // SQLite: the low byte of an extended code is the primary code.
    match code.parse::<u32>().unwrap_or(0) & 0xff {
        8 => FailureKind::ReadOnly,
        18 | 19 | 20 | 25 => FailureKind::Rejected,
        _ => FailureKind::Unavailable,
    }
}
