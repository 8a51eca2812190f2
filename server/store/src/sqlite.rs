//! SQLite's own: how the file is opened, its dialect of `processing_runs`, its size and its
//! integrity check.

use crate::StoreError;
use crate::sql::{Arg, Link, args};
use contract::Timestamp;
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, SqlitePool};
use std::path::Path;
use std::time::Duration;

/// How long a statement waits for another process' write.
const BUSY: Duration = Duration::from_secs(5);
/// Readers at once.
const READERS: u32 = 4;

/// Writes are on the disk when they return, and readers never wait for them.
pub(crate) fn writer_options(path: &Path) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY)
        .pragma("journal_size_limit", "16777216");
    // Said to a file that has tables it changes nothing, but writes: on a full disk the file could
    // not be opened.
    let has_tables = std::fs::metadata(path).is_ok_and(|file| file.len() > 0);
    if has_tables {
        options
    } else {
        options.auto_vacuum(SqliteAutoVacuum::Incremental)
    }
}

/// For reading a file that this process writes. It sets nothing, so that it waits for no lock.
pub(crate) fn beside_writer_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY)
}

/// For a file that may not be written. `immutable` reads one in a folder where SQLite cannot even
/// take locks.
pub(crate) fn reader_options(path: &Path, immutable: bool) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .immutable(immutable)
        .busy_timeout(BUSY)
}

/// A pool that only reads; it connects when it is first asked.
pub(crate) fn pool(options: SqliteConnectOptions) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(BUSY)
        .connect_lazy_with(options.pragma("query_only", "ON"))
}

/// Opens the file. Turning a new file to WAL needs it alone for a moment, for which SQLite does not
/// wait by itself.
pub(crate) async fn connect(options: &SqliteConnectOptions) -> sqlx::Result<Link> {
    let began = tokio::time::Instant::now();
    loop {
        match options.connect().await {
            Ok(connection) => return Ok(Link::Sqlite(connection)),
            Err(error) if is_busy(&error) && began.elapsed() < BUSY => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(error) => return Err(error),
        }
    }
}

fn is_busy(error: &sqlx::Error) -> bool {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .and_then(|code| code.parse::<u32>().ok());
    code.is_some_and(|code| matches!(code & 0xff, 5 | 6))
}

/// Bytes in use: free pages do not count, since they are used again.
pub(crate) const SIZE: &str = "SELECT (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size) \
    - (SELECT freelist_count FROM pragma_freelist_count) * (SELECT page_size FROM pragma_page_size)";

/// The columns of a table, as names.
pub(crate) const COLUMNS: &str = "SELECT name FROM pragma_table_info($1)";

/// A time as SQLAlchemy writes it: naive, UTC, with microseconds.
pub(crate) fn naive(at: Option<Timestamp>) -> Arg {
    Arg::Text(at.map(|at| {
        let (year, month, day, hour, minute, second) = at.civil(0);
        let micros = at.0.rem_euclid(1000) * 1000;
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{micros:06}")
    }))
}

/// Opens a new connection of one's own.
pub(crate) async fn open_writer(path: &Path) -> Result<Link, StoreError> {
    let mut link = connect(&writer_options(path))
        .await
        .map_err(|source| StoreError::Connect {
            database: format!("sqlite://{}", path.display()),
            source,
        })?;
    // Reads the first page: a file that is no database says so here.
    let read = link
        .number("SELECT COUNT(*) FROM sqlite_master", args![])
        .await;
    read.map_err(StoreError::statement("read the database file"))?;
    // What a killed process left in the log goes into the file. On a disk that was full, that is
    // what makes room for the next write; where it cannot be done yet, nothing is lost.
    let _ = link.rows("PRAGMA wal_checkpoint(TRUNCATE)", args![]).await;
    Ok(link)
}
