//! The store: a connection that writes, a few that read, and what the rights allow.

use crate::address::Place;
use crate::connect::{Connected, File, connect, identity};
use crate::error::FailureKind;
use crate::migrate::{self, Tables};
use crate::record::Record;
use crate::sql::{Engine, Link, args};
use crate::{Database, StoreError, adopt, postgres, sqlite, write};
use contract::Timestamp;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{PgPool, SqlitePool};
use std::sync::PoisonError;
use std::time::Duration;
use tokio::sync::Mutex;

/// How long one batch of writes may take.
const WRITE: Duration = Duration::from_secs(20);

/// Whether the database may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It may.
    ReadWrite,
    /// It may be read only.
    ReadOnly {
        /// Why, and what would help, on one line.
        reason: String,
    },
}

/// An open database. It outlives outages: while the database is unavailable its methods fail, and
/// work again afterwards.
pub struct Store {
    database: Database,
    readers: Readers,
    pub(crate) tables: Tables,
    /// The connection that writes; none after a failure, until the next write makes a new one.
    writer: Mutex<Option<Writing>>,
    /// Tells this process' notices from those of others.
    pub(crate) relay: u64,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("relay", &self.relay)
            .finish_non_exhaustive()
    }
}

struct Writing {
    link: Link,
    /// PostgreSQL: this connection holds the lease.
    leased: bool,
    /// SQLite: which file it is, to see when another one was put in its place.
    file: Option<File>,
}

enum Readers {
    /// With which file it is, to see when another one was put in its place.
    Sqlite {
        pool: std::sync::Mutex<(Option<File>, SqlitePool)>,
        options: Box<SqliteConnectOptions>,
    },
    Postgres(PgPool),
}

/// Who may write a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Requirement {
    /// Anybody.
    Nothing,
    /// The relay that holds the lease.
    Lease,
}

impl Store {
    /// Opens the database and makes the tables that are missing, as far as the rights reach (see
    /// [`Self::mode`]).
    ///
    /// # Errors
    /// When it cannot be reached or read, is of a newer version, or cannot hold every character.
    pub async fn open(database: &Database) -> Result<Store, StoreError> {
        let Connected {
            mut link,
            read_only,
            immutable,
        } = connect(database).await?;
        let may_write = read_only.is_none();
        if link.engine() == Engine::Postgres {
            let sql = "SELECT current_setting('server_encoding') AS encoding";
            let row = link
                .row(sql, args![])
                .await
                .map_err(StoreError::statement("read the encoding"))?;
            let encoding = row
                .map(|row| row.get::<String>("encoding"))
                .transpose()
                .map_err(StoreError::statement("read from the database"))?;
            if let Some(encoding) = encoding.filter(|encoding| encoding != "UTF8") {
                return Err(StoreError::Encoding { encoding });
            }
        }
        let tables = migrate::migrate(&mut link, read_only).await?;
        if !tables.console && !tables.old {
            let reason = tables
                .read_only
                .unwrap_or_else(|| "it has no tables of the console's".to_owned());
            return Err(StoreError::ReadOnly { reason });
        }
        let readers = match &database.place {
            Place::Sqlite { path, .. } => {
                let options = if may_write {
                    sqlite::beside_writer_options(path)
                } else {
                    sqlite::reader_options(path, immutable)
                };
                let pool =
                    std::sync::Mutex::new((identity(database), sqlite::pool(options.clone())));
                Readers::Sqlite {
                    pool,
                    options: Box::new(options),
                }
            }
            Place::Postgres(options) => Readers::Postgres(postgres::pool(options)),
        };
        let store = Store {
            database: database.clone(),
            readers,
            writer: Mutex::new(Some(Writing {
                link,
                leased: false,
                file: identity(database),
            })),
            tables,
            relay: rand::random(),
        };
        if store.mode() == Mode::ReadWrite {
            store.adopt(None).await?;
        }
        Ok(store)
    }

    /// Whether it may be written.
    pub fn mode(&self) -> Mode {
        match &self.tables.read_only {
            None => Mode::ReadWrite,
            Some(reason) => Mode::ReadOnly {
                reason: reason.clone(),
            },
        }
    }

    /// Why `processing_runs` is not kept up to date although the console's own tables are, if so.
    pub fn mirror_problem(&self) -> Option<&str> {
        self.tables
            .no_mirror
            .as_deref()
            .filter(|_| self.tables.read_only.is_none())
    }

    /// Which of the two it is.
    pub fn engine(&self) -> Engine {
        match self.readers {
            Readers::Sqlite { .. } => Engine::Sqlite,
            Readers::Postgres(_) => Engine::Postgres,
        }
    }

    /// Which database it is.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Writes the records in one transaction: all or none.
    ///
    /// # Errors
    /// When the database is unavailable or read only, or refuses a record.
    pub async fn write(&self, records: &[Record]) -> Result<(), StoreError> {
        self.write_as(records, Requirement::Nothing).await
    }

    pub(crate) async fn write_as(
        &self,
        records: &[Record],
        needs: Requirement,
    ) -> Result<(), StoreError> {
        let context = write::WriteContext {
            mirror: self.tables.no_mirror.is_none(),
            relay: self.relay,
            now: now(),
        };
        self.change(needs, "write records", async |link| {
            write::records(link, &context, records).await
        })
        .await
    }

    /// Takes over what only the old code wrote, since `since` or all of it, and says how many rows
    /// were new or changed.
    ///
    /// # Errors
    /// When the database is unavailable or read only.
    pub async fn adopt(&self, since: Option<Timestamp>) -> Result<u64, StoreError> {
        if !self.tables.old {
            return Ok(0);
        }
        self.change(
            Requirement::Nothing,
            "adopt rows of processing_runs",
            async |link| adopt::adopt(link, since, now()).await,
        )
        .await
    }

    /// Takes the lease, or says whether it is held already: of all relays on a PostgreSQL database
    /// one writes what TickStockPL publishes. The lease ends with the connection that holds it.
    /// SQLite: always true. Either way the database has just shown that it could be written.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn lease(&self) -> Result<bool, StoreError> {
        let operation = "acquire the lease";
        let mut writer = self.writer.lock().await;
        let mut writing = self.writing(&mut writer).await?;
        match (writing.link.engine(), writing.leased) {
            (Engine::Sqlite, _) => {
                // A file that another program locks can be read all the time: only the lock itself
                // tells.
                bounded(operation, writing.link.execute("BEGIN IMMEDIATE", args![])).await?;
                bounded(operation, writing.link.execute("ROLLBACK", args![])).await?;
                writing.leased = true;
            }
            (Engine::Postgres, false) => {
                let sql = "SELECT pg_try_advisory_lock($1)::INTEGER::BIGINT";
                writing.leased = bounded(
                    operation,
                    writing.link.number(sql, args![postgres::LEASE_LOCK]),
                )
                .await?
                    == 1;
            }
            // The lease is no longer ours when the connection is gone.
            (Engine::Postgres, true) => {
                let _one: i64 =
                    bounded(operation, writing.link.number("SELECT 1::BIGINT", args![])).await?;
            }
        }
        let leased = writing.leased;
        *writer = Some(writing);
        Ok(leased)
    }

    /// Runs `work` in a transaction on the connection that writes.
    pub(crate) async fn change<T>(
        &self,
        needs: Requirement,
        operation: &'static str,
        work: impl AsyncFnOnce(&mut Link) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if let Mode::ReadOnly { reason } = self.mode() {
            return Err(StoreError::ReadOnly { reason });
        }
        let mut writer = self.writer.lock().await;
        // Taken out, so that a connection whose transaction was dropped half-way is closed rather
        // than used again.
        let mut writing = self.writing(&mut writer).await?;
        if needs == Requirement::Lease
            && !writing.leased
            && writing.link.engine() == Engine::Postgres
        {
            *writer = Some(writing);
            return Err(StoreError::NotTheWriter);
        }
        let statement = |source| StoreError::Statement { operation, source };
        let all = async {
            let begin = if writing.link.engine() == Engine::Sqlite {
                "BEGIN IMMEDIATE"
            } else {
                "BEGIN"
            };
            writing
                .link
                .execute(begin, args![])
                .await
                .map_err(statement)?;
            let done = work(&mut writing.link).await?;
            writing
                .link
                .execute("COMMIT", args![])
                .await
                .map_err(statement)?;
            Ok::<T, StoreError>(done)
        };
        let result = match tokio::time::timeout(WRITE, all).await {
            Ok(result) => result,
            Err(_) => {
                return Err(StoreError::Timeout {
                    operation,
                    seconds: WRITE.as_secs(),
                });
            }
        };
        match &result {
            Ok(_) => *writer = Some(writing),
            // A refused record leaves the connection, and with it the lease, as it was.
            Err(error) if error.kind() == FailureKind::Rejected => {
                if writing.link.execute("ROLLBACK", args![]).await.is_ok() {
                    *writer = Some(writing);
                }
            }
            Err(_) => {}
        }
        result
    }

    /// Reads the least that can be read, to see that the database answers.
    pub(crate) async fn read_anything(&self) -> Result<(), StoreError> {
        let operation = "read from the database";
        let mut link = self.reader().await?;
        bounded(operation, link.number("SELECT CAST(1 AS BIGINT)", args![]))
            .await
            .map(drop)
    }

    /// Runs a statement that no transaction may be around.
    pub(crate) async fn outside(&self, sql: &'static str) -> Result<(), StoreError> {
        if let Place::Postgres(options) = &self.database.place {
            // It may take long, and nobody who writes has to wait for it.
            let mut link = postgres::connect(options, self.database.shown()).await?;
            bounded("vacuum the database", link.rows(sql, args![])).await?;
            return link
                .close()
                .await
                .map_err(StoreError::statement("vacuum the database"));
        }
        let mut writer = self.writer.lock().await;
        let mut writing = self.writing(&mut writer).await?;
        bounded("vacuum the database", writing.link.rows(sql, args![])).await?;
        *writer = Some(writing);
        Ok(())
    }

    /// The connection that writes, a new one where there is none.
    async fn writing(&self, writer: &mut Option<Writing>) -> Result<Writing, StoreError> {
        let file = identity(&self.database);
        if let Some(writing) = writer.take()
            && writing.file == file
        {
            return Ok(writing);
        }
        let Connected {
            mut link,
            read_only,
            ..
        } = connect(&self.database).await?;
        // A file that was moved away is made again.
        if link.engine() == Engine::Sqlite {
            let tables = migrate::migrate(&mut link, read_only).await?;
            if let Some(reason) = tables.read_only {
                return Err(StoreError::ReadOnly { reason });
            }
        }
        Ok(Writing {
            link,
            leased: false,
            file: identity(&self.database),
        })
    }

    /// A connection that reads.
    pub(crate) async fn reader(&self) -> Result<Link, StoreError> {
        let connected = match &self.readers {
            Readers::Sqlite { pool, options } => {
                let pool = self.current(pool, options);
                pool.acquire().await.map(Link::SqlitePooled)
            }
            Readers::Postgres(pool) => pool.acquire().await.map(Link::PostgresPooled),
        };
        connected.map_err(|source| StoreError::Connect {
            database: self.database.shown().to_owned(),
            source,
        })
    }

    /// The pool of the file that stands at the path now; one that was moved away is let go.
    fn current(
        &self,
        pool: &std::sync::Mutex<(Option<File>, SqlitePool)>,
        options: &SqliteConnectOptions,
    ) -> SqlitePool {
        let mut current = pool.lock().unwrap_or_else(PoisonError::into_inner);
        let file = identity(&self.database);
        if file.is_some() && current.0 != file {
            *current = (file, sqlite::pool(options.clone()));
        }
        current.1.clone()
    }

    pub(crate) fn pool(&self) -> Option<&PgPool> {
        match &self.readers {
            Readers::Sqlite { .. } => None,
            Readers::Postgres(pool) => Some(pool),
        }
    }

    /// Closes every connection; SQLite's log is written into its file then.
    pub async fn close(&self) {
        match &self.readers {
            Readers::Sqlite { pool, options } => self.current(pool, options).close().await,
            Readers::Postgres(pool) => pool.close().await,
        }
        if let Some(writing) = self.writer.lock().await.take() {
            // A connection that is gone is closed already.
            let _ = writing.link.close().await;
        }
    }
}

/// Runs one statement for at most as long as a batch may take.
async fn bounded<T>(
    operation: &'static str,
    run: impl Future<Output = sqlx::Result<T>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(WRITE, run).await {
        Ok(done) => done.map_err(StoreError::statement(operation)),
        Err(_) => Err(StoreError::Timeout {
            operation,
            seconds: WRITE.as_secs(),
        }),
    }
}

pub(crate) fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}
