//! What can go wrong with the store, and what to make of it: wait, or give up.

use std::io;
use std::path::PathBuf;

/// A failure of the store. Messages are one line and hold no secret.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// `DATABASE_URI` cannot be used.
    #[error("DATABASE_URI cannot be used: {problem}")]
    Address {
        /// What is wrong, without repeating the value.
        problem: String,
    },
    /// The database's folder cannot be made.
    #[error("the folder {} of the database cannot be made", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// No connection.
    #[error("{database} cannot be opened")]
    Connect {
        /// Its address, without a password.
        database: String,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// A statement failed.
    #[error("{doing} failed")]
    Statement {
        /// What was being done.
        doing: &'static str,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
    /// A statement took too long.
    #[error("{doing} took more than {seconds} s")]
    Timeout {
        /// What was being done.
        doing: &'static str,
        /// How long it was given.
        seconds: u64,
    },
    /// The database can be read, not written.
    #[error("the database can only be read: {reason}")]
    ReadOnly {
        /// Why.
        reason: String,
    },
    /// Another relay writes what TickStockPL publishes.
    #[error("another console writes to this database")]
    NotTheWriter,
    /// The store has not been opened yet.
    #[error("the database is not open: {detail}")]
    NotOpen {
        /// Why.
        detail: String,
    },
    /// What was stored cannot be read.
    #[error("{what} in the database cannot be read")]
    Unreadable {
        /// What.
        what: &'static str,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// Too large to be kept.
    #[error("{what} of {bytes} bytes is more than the {limit} that are kept")]
    TooLarge {
        /// What.
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// The most that is kept.
        limit: usize,
    },
    /// The database's encoding cannot hold every character.
    #[error("the database's encoding is {encoding}; it must be UTF8")]
    Encoding {
        /// Its encoding.
        encoding: String,
    },
    /// A newer console made the tables.
    #[error(
        "the tables are of version {found}, and this console knows them up to {known}: it is older than they are"
    )]
    Newer {
        /// The version found.
        found: i64,
        /// The newest version that is known.
        known: i64,
    },
}

/// What to make of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The database is away, busy or full: the same may go well later.
    Away,
    /// It may be read only.
    ReadOnly,
    /// It refuses what it was given: it would do so again.
    Refused,
}

impl StoreError {
    pub(crate) fn statement(doing: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
        move |source| StoreError::Statement { doing, source }
    }

    /// What to make of it.
    pub fn fault(&self) -> Fault {
        match self {
            StoreError::Statement { source, .. } | StoreError::Connect { source, .. } => {
                fault(source)
            }
            StoreError::ReadOnly { .. } => Fault::ReadOnly,
            StoreError::Unreadable { .. }
            | StoreError::TooLarge { .. }
            | StoreError::Address { .. } => Fault::Refused,
            _ => Fault::Away,
        }
    }

    /// The message with its causes, on one line of at most 300 bytes.
    pub fn line(&self) -> String {
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

fn fault(error: &sqlx::Error) -> Fault {
    let Some(database) = error.as_database_error() else {
        return match error {
            sqlx::Error::Encode(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::ColumnDecode { .. } => Fault::Refused,
            _ => Fault::Away,
        };
    };
    let code = database.code().unwrap_or_default();
    if database
        .try_downcast_ref::<sqlx::postgres::PgDatabaseError>()
        .is_some()
    {
        return match (code.get(..2).unwrap_or_default(), &*code) {
            (_, "25006" | "42501") => Fault::ReadOnly,
            ("22" | "23" | "54" | "0A", _) => Fault::Refused,
            _ => Fault::Away,
        };
    }
    // SQLite's: the low byte is the kind.
    match code.parse::<u32>().unwrap_or(0) & 0xff {
        8 => Fault::ReadOnly,
        18 | 19 | 20 | 25 => Fault::Refused,
        _ => Fault::Away,
    }
}
