//! SQLite's own: how the file is opened, its dialect of `processing_runs`, its size and its
//! integrity check.

use crate::StoreError;
use crate::sql::{Arg, Link, args, mirror_conflict};
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
        .and_then(|e| e.code())
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

/// Writes a row of `processing_runs`. Parameters as in [`crate::postgres::MIRROR`].
pub(crate) const MIRROR: &str = concat!(
    "INSERT INTO processing_runs (run_id, trigger_type, status, phase, started_at, completed_at, duration_seconds,
    symbols_total, symbols_processed, symbols_failed, indicators_total, indicators_processed, indicators_failed,
    error_message, metadata, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, COALESCE($8, 0), COALESCE($9, 0), COALESCE($10, 0), COALESCE($11, 0),
    COALESCE($12, 0), COALESCE($13, 0), $14, $15, $16, $16)",
    mirror_conflict!("$2", "$4", "$5", ""),
);

/// A naive time as microseconds since 1970, to the millisecond.
macro_rules! us {
    ($column:literal) => {
        concat!(
            "(CAST(ROUND((julianday(",
            $column,
            ") - 2440587.5) * 86400000.0) AS INTEGER) * 1000)"
        )
    };
}

/// The columns of a row of `processing_runs` as [`crate::read::old`] and the adoption want them.
pub(crate) const OLD_COLUMNS: &str = concat!(
    "p.run_id AS run_id, COALESCE(",
    us!("p.started_at"),
    ", ",
    us!("p.completed_at"),
    ", ",
    us!("p.created_at"),
    ", 0) AS sort_us, p.status AS status, substr(p.trigger_type, 1, 64) AS trigger_type, ",
    us!("p.started_at"),
    " / 1000 AS started_at, ",
    us!("p.completed_at"),
    " / 1000 AS ended_at, ",
    "CAST(p.duration_seconds AS REAL) AS duration_seconds, NULLIF(CAST(p.symbols_total AS INTEGER), 0) AS symbols_total, ",
    "CAST(p.symbols_processed AS INTEGER) AS processed, CAST(p.symbols_failed AS INTEGER) AS failed, ",
    "NULLIF(CAST(p.indicators_processed AS INTEGER), 0) AS indicators, substr(p.error_message, 1, 1000) AS message",
);

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
