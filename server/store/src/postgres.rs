//! PostgreSQL's own: how it is connected to, its dialect of `processing_runs`, its locks.

use crate::StoreError;
use crate::sql::{Arg, Link};
use contract::Timestamp;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, Executor, PgConnection, PgPool};
use std::time::Duration;

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(5);
/// Connections that read, one of them listening to other relays.
const READERS: u32 = 5;

/// Held by the relay that writes what TickStockPL publishes, as long as its connection lives.
pub(crate) const LEASE_LOCK: i64 = 0x7469_636b_0001;
/// Held while tables are made.
pub(crate) const MIGRATION_LOCK: i64 = 0x7469_636b_0002;
/// The channel on which relays tell each other what was written.
pub(crate) const CHANNEL: &str = "console";

/// Times without a zone are UTC; a server that hangs is given up; one that lost us lets go of the
/// lease within half a minute. Set by statements, since poolers such as PgBouncer refuse start-up
/// options.
const SESSION: &str =
    "SET TIME ZONE 'UTC'; SET statement_timeout = '15s'; SET lock_timeout = '10s';
    SET idle_in_transaction_session_timeout = '30s'; SET application_name = 'tickstock-console';
    SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;
    SET client_min_messages = 'warning'";

pub(crate) async fn connect(options: &PgConnectOptions, shown: &str) -> Result<Link, StoreError> {
    let opening = async {
        let mut connection = PgConnection::connect_with(&quiet(options)).await?;
        connection.execute(SESSION).await?;
        Ok(Link::Postgres(connection))
    };
    match tokio::time::timeout(CONNECT, opening).await {
        Ok(done) => done.map_err(|source| StoreError::Connect {
            database: shown.to_owned(),
            source,
        }),
        Err(_) => Err(StoreError::Timeout {
            operation: "connect to the database",
            seconds: CONNECT.as_secs(),
        }),
    }
}

/// A pool that only reads; it connects when it is first asked.
pub(crate) fn pool(options: &PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(CONNECT)
        .idle_timeout(Duration::from_secs(600))
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection.execute(SESSION).await?;
                connection
                    .execute("SET default_transaction_read_only = on")
                    .await
                    .map(drop)
            })
        })
        .connect_lazy_with(quiet(options))
}

/// Statements are not logged: they may hold what operators wrote.
fn quiet(options: &PgConnectOptions) -> PgConnectOptions {
    options.clone().disable_statement_logging()
}

/// Bytes in use by the console's tables.
pub(crate) const SIZE: &str = "SELECT COALESCE(SUM(pg_total_relation_size(c.oid)), 0)::BIGINT FROM pg_class c \
    WHERE c.relkind = 'r' AND c.relname LIKE 'console\\_%' AND pg_table_is_visible(c.oid)";

/// The columns of a table, as names.
pub(crate) const COLUMNS: &str = "SELECT attname::TEXT AS name FROM pg_attribute \
    WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped";

/// A naive time, as the microseconds that the statements make one of.
pub(crate) fn naive(at: Option<Timestamp>) -> Arg {
    Arg::Int(at.map(|at| at.0.saturating_mul(1000)))
}
