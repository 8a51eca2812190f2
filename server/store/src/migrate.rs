//! The tables: made by numbered steps, each in one transaction, once, whoever else starts at the
//! same moment.
//!
//! Steps only add. `processing_runs` is made where it is absent and is otherwise taken as it is.
//!
//! # Why not `sqlx::migrate!`
//!
//! It would cost an existing database something. Existing databases have their version in
//! `console_migrations`. With sqlx's own table the steps would have to be marked as applied by
//! hand, and an older console, which reads only `console_migrations`, would no longer notice a
//! newer schema and would write to it. sqlx makes sure of its table before it looks at anything,
//! while the console must also open and read a database in which its role may create nothing. And
//! the step that creates `processing_runs` depends on whether the table is there, which no
//! migration file can say. What sqlx would replace is the function `apply_steps`.

use crate::sql::{Engine, Link, args};
use crate::{StoreError, error::FailureKind, postgres, processing_runs, sqlite};

/// A step's number, and its statements for either database.
const STEPS: &[(i64, &str, &str)] = &[
    (
        1,
        include_str!("../schema/1-sqlite.sql"),
        include_str!("../schema/1-postgres.sql"),
    ),
    // Both understand these.
    (2, SYMBOLS, SYMBOLS),
    (3, PEOPLE, PEOPLE),
    (4, SHARES, SHARES),
    (5, CLAIMS, CLAIMS),
];

const SYMBOLS: &str = include_str!("../schema/2.sql");
const PEOPLE: &str = include_str!("../schema/3.sql");
const SHARES: &str = include_str!("../schema/4.sql");
const CLAIMS: &str = include_str!("../schema/5.sql");

const OLD_TABLE: (&str, &str) = (
    include_str!("../schema/processing_runs-sqlite.sql"),
    include_str!("../schema/processing_runs-postgres.sql"),
);

const VERSIONS: &str = "CREATE TABLE IF NOT EXISTS console_migrations (
    version BIGINT PRIMARY KEY, applied_at BIGINT NOT NULL)";

/// The newest version that is known.
pub(crate) const KNOWN: i64 = STEPS[STEPS.len() - 1].0;

/// Which tables there are, and what may be done with them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tables {
    /// The console's.
    pub console: bool,
    /// `processing_runs`, with every column.
    pub old: bool,
    /// Why the console's may not be written.
    pub read_only: Option<String>,
    /// Why `processing_runs` is not written, though the console's tables are.
    pub no_mirror: Option<String>,
}

/// Brings the tables to the newest version, as far as the rights reach; `read_only` says why they
/// do not at all.
pub(crate) async fn migrate(
    link: &mut Link,
    mut read_only: Option<String>,
) -> Result<Tables, StoreError> {
    let found = version(link).await?;
    if found > KNOWN {
        return Err(StoreError::Newer {
            found,
            known: KNOWN,
        });
    }
    let old_is_there = !columns(link, "processing_runs").await?.is_empty();
    if read_only.is_none() && (found < KNOWN || !old_is_there && may_create(link).await?) {
        match step_on(link).await {
            Ok(()) => {}
            Err(error) if error.kind() == FailureKind::ReadOnly => {
                read_only = Some(advice(link, &error));
            }
            Err(error) => return Err(error),
        }
    }
    let mut tables = Tables {
        console: version(link).await? == KNOWN,
        read_only,
        ..Tables::default()
    };
    let have = columns(link, "processing_runs").await?;
    let missing: Vec<_> = processing_runs::names()
        .filter(|column| !have.iter().any(|name| name == column))
        .collect();
    tables.old = missing.is_empty();
    if let Some(first) = missing.first() {
        let what = if have.is_empty() {
            "it is absent".to_owned()
        } else {
            format!("it has no column {first}")
        };
        tables.no_mirror = Some(format!("processing_runs is not written: {what}"));
    }
    if link.engine() == Engine::Postgres {
        rights(link, &mut tables).await?;
    }
    Ok(tables)
}

/// Whether a new table could be made; asked only where nothing else says that one must be.
async fn may_create(link: &mut Link) -> Result<bool, StoreError> {
    if link.engine() == Engine::Sqlite {
        return Ok(true);
    }
    let sql = "SELECT has_schema_privilege(current_schema(), 'CREATE')::INTEGER::BIGINT";
    link.number(sql, args![])
        .await
        .map(|n| n == 1)
        .map_err(StoreError::statement("read privileges"))
}

async fn version(link: &mut Link) -> Result<i64, StoreError> {
    let operation = "read the schema version";
    if columns(link, "console_migrations").await?.is_empty() {
        return Ok(0);
    }
    match link
        .number("SELECT MAX(version) FROM console_migrations", args![])
        .await
    {
        Ok(version) => Ok(version),
        // Another role's tables, which this one may not even read.
        Err(source) => {
            let error = StoreError::Statement { operation, source };
            if error.kind() == FailureKind::ReadOnly {
                Ok(0)
            } else {
                Err(error)
            }
        }
    }
}

async fn columns(link: &mut Link, table: &'static str) -> Result<Vec<String>, StoreError> {
    let sql = match link.engine() {
        Engine::Sqlite => sqlite::COLUMNS,
        Engine::Postgres => postgres::COLUMNS,
    };
    let operation = StoreError::statement("list tables");
    let rows = link.rows(sql, args![table]).await;
    rows.and_then(|rows| rows.iter().map(|row| row.get("name")).collect())
        .map_err(operation)
}

/// Applies the missing steps under a lock; on any error nothing of them is left.
async fn step_on(link: &mut Link) -> Result<(), StoreError> {
    let operation = StoreError::statement("begin the migration");
    let begin = if link.engine() == Engine::Sqlite {
        "BEGIN IMMEDIATE"
    } else {
        "BEGIN"
    };
    link.execute(begin, args![]).await.map_err(operation)?;
    let done = apply_steps(link).await;
    let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = link
        .execute(end, args![])
        .await
        .map_err(StoreError::statement("create tables"));
    done.and(ended.map(drop))
}

async fn apply_steps(link: &mut Link) -> Result<(), StoreError> {
    let operation = "create tables";
    let postgres = link.engine() == Engine::Postgres;
    if postgres {
        // Another console that starts now waits here, and then finds everything made.
        let sql = "SELECT pg_advisory_xact_lock($1)::TEXT";
        link.rows(sql, args![postgres::MIGRATION_LOCK])
            .await
            .map_err(StoreError::statement(operation))?;
    }
    if columns(link, "processing_runs").await?.is_empty() {
        let script = if postgres { OLD_TABLE.1 } else { OLD_TABLE.0 };
        link.script(script)
            .await
            .map_err(StoreError::statement("create processing_runs"))?;
    }
    if version(link).await? == KNOWN {
        return Ok(());
    }
    link.execute(VERSIONS, args![])
        .await
        .map_err(StoreError::statement(operation))?;
    let found = version(link).await?;
    for (number, sqlite, of_postgres) in STEPS.iter().filter(|(number, ..)| *number > found) {
        let script = if postgres { of_postgres } else { sqlite };
        link.script(script)
            .await
            .map_err(StoreError::statement(operation))?;
        let sql = "INSERT INTO console_migrations (version, applied_at) VALUES ($1, $2)";
        let at = jiff::Timestamp::now().as_millisecond();
        link.execute(sql, args![*number, at])
            .await
            .map_err(StoreError::statement(operation))?;
    }
    Ok(())
}

/// What may be done with tables that are there: a role may own none of them.
async fn rights(link: &mut Link, tables: &mut Tables) -> Result<(), StoreError> {
    let operation = "read privileges";
    if tables.console && tables.read_only.is_none() {
        let sql = "SELECT c.relname::TEXT AS name FROM pg_class c WHERE c.relkind = 'r' AND c.relname LIKE 'console\\_%'
            AND pg_table_is_visible(c.oid) AND NOT (has_table_privilege(c.oid, 'SELECT')
            AND has_table_privilege(c.oid, 'INSERT')
            AND (has_table_privilege(c.oid, 'UPDATE') OR c.relname IN ('console_audit', 'console_events')))
            AND c.relname <> 'console_migrations' ORDER BY 1 LIMIT 1";
        let row = link
            .row(sql, args![])
            .await
            .map_err(StoreError::statement(operation))?;
        if let Some(row) = row {
            let table: String = row.get("name").map_err(StoreError::statement(operation))?;
            tables.read_only = Some(format!(
                "the role may not write {table}: grant it SELECT, INSERT, UPDATE, DELETE"
            ));
        }
    }
    if tables.old {
        let sql = "SELECT has_table_privilege('processing_runs', 'SELECT')::INTEGER::BIGINT
            + 2 * (has_table_privilege('processing_runs', 'INSERT')
                AND has_table_privilege('processing_runs', 'UPDATE'))::INTEGER::BIGINT";
        let rights = link
            .number(sql, args![])
            .await
            .map_err(StoreError::statement(operation))?;
        // An upsert reads, too.
        if rights != 3 {
            tables.no_mirror = Some(
                "the role may not write processing_runs: grant it SELECT, INSERT, UPDATE".into(),
            );
        }
        tables.old = rights & 1 == 1;
    }
    Ok(())
}

fn advice(link: &Link, error: &StoreError) -> String {
    match link.engine() {
        Engine::Sqlite => error.one_line(),
        Engine::Postgres => {
            format!(
                "the role may not make the console's tables; grant it CREATE on the schema ({})",
                error.one_line()
            )
        }
    }
}
