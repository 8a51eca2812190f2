//! What is kept goes when it is old, or when there is too much of it. Runs and the audit stay.

use crate::sql::{Engine, Link, args};
use crate::store::{Requirement, now};
use crate::{Store, StoreError, limits, postgres, sqlite};
use serde::{Deserialize, Serialize};

/// Rows that one transaction removes: others wait no longer than that takes.
const ROWS: i64 = 5_000;
/// The longest that one call continues, in transactions.
const TURNS: usize = 2_000;

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pruned {
    /// Events.
    pub events: u64,
    /// What runs said of their symbols.
    pub symbols: u64,
    /// Groups of errors.
    pub errors: u64,
    /// Answers to commands.
    pub answers: u64,
    /// Runs of which only the line is left.
    pub runs: u64,
    /// Bytes in use afterwards.
    pub bytes: u64,
}

impl Store {
    /// Removes events and errors that are older than `days`, the oldest events of runs with more
    /// than [`crate::limits::EVENTS_PER_RUN`], answers past their time; and, while the database
    /// takes more than `max_bytes`, the oldest of what runs said of symbols, the oldest events,
    /// then the details of the oldest runs.
    ///
    /// # Errors
    /// When the database is unavailable or read only.
    pub async fn prune(&self, days: u32, max_bytes: u64) -> Result<Pruned, StoreError> {
        let mut pruned = Pruned::default();
        let old = now().plus_ms(-i64::from(days) * 86_400_000);
        let sql = "DELETE FROM console_events WHERE id IN (SELECT id FROM console_events WHERE at < $1 ORDER BY at LIMIT $2)";
        pruned.events += self.repeat(sql, old.0).await?;
        let sql = "DELETE FROM console_symbols WHERE (run_key, symbol) IN
            (SELECT run_key, symbol FROM console_symbols WHERE at < $1 ORDER BY at LIMIT $2)";
        pruned.symbols += self.repeat(sql, old.0).await?;
        for key in self.long_runs().await? {
            pruned.events += self
                .change(Requirement::Nothing, "prune the database", async |link| {
                    shorten(link, &key).await
                })
                .await?;
        }
        pruned.errors += self.repeat(
            "DELETE FROM console_errors WHERE error_key IN (SELECT error_key FROM console_errors WHERE last_at < $1 LIMIT $2)",
            old.0,
        ).await?;
        self.repeat(
            "DELETE FROM console_error_symbols WHERE error_key IN (SELECT s.error_key FROM console_error_symbols s
                WHERE $1 = $1 AND NOT EXISTS (SELECT 1 FROM console_errors e WHERE e.error_key = s.error_key) LIMIT $2)",
            0,
        ).await?;
        pruned.answers += self.repeat(
            "DELETE FROM console_idempotency WHERE key IN (SELECT key FROM console_idempotency WHERE at < $1 LIMIT $2)",
            now().plus_ms(-limits::ANSWER_MS).0,
        ).await?;
        self.repeat(
            "DELETE FROM console_claims WHERE key IN (SELECT key FROM console_claims WHERE at < $1 LIMIT $2)",
            now().plus_ms(-limits::ANSWER_MS).0,
        )
        .await?;
        self.shrink(max_bytes, &mut pruned).await?;
        if self.engine() == Engine::Sqlite {
            self.vacuum().await?;
        }
        pruned.bytes = self.bytes().await?;
        Ok(pruned)
    }

    /// Bytes in use: of the SQLite file's used pages, or of the console's tables on PostgreSQL.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn bytes(&self) -> Result<u64, StoreError> {
        let sql = match self.engine() {
            Engine::Sqlite => sqlite::SIZE,
            Engine::Postgres => postgres::SIZE,
        };
        let bytes = self
            .reader()
            .await?
            .number(sql, args![])
            .await
            .map_err(StoreError::statement("read the database size"))?;
        Ok(bytes.max(0) as u64)
    }

    async fn shrink(&self, max_bytes: u64, pruned: &mut Pruned) -> Result<(), StoreError> {
        let oldest_events = "DELETE FROM console_events WHERE $1 = $1 AND id IN
            (SELECT id FROM console_events ORDER BY id LIMIT $2)";
        // Details of runs that ended: their lines, phases and failed symbols stay.
        let oldest_details =
            "DELETE FROM console_run_details WHERE $1 = $1 AND run_key IN (SELECT d.run_key
            FROM console_run_details d JOIN console_runs r ON r.run_key = d.run_key
            WHERE r.status NOT IN ('running', 'cancelling') ORDER BY d.heard_at LIMIT $2)";
        let oldest_symbols = "DELETE FROM console_symbols WHERE $1 = $1 AND (run_key, symbol) IN
            (SELECT run_key, symbol FROM console_symbols ORDER BY at LIMIT $2)";
        let tables = [
            (oldest_symbols, ROWS, "VACUUM console_symbols"),
            (oldest_events, ROWS, "VACUUM console_events"),
            (oldest_details, 100, "VACUUM console_run_details"),
        ];
        for (at, (sql, rows, vacuum)) in tables.into_iter().enumerate() {
            for _ in 0..TURNS {
                if self.bytes().await? <= max_bytes {
                    return Ok(());
                }
                let removed = self.remove(sql, 0, rows).await?;
                *[&mut pruned.symbols, &mut pruned.events, &mut pruned.runs][at] += removed;
                if removed > 0 && self.engine() == Engine::Postgres {
                    // Only a vacuum lets what was removed count no more.
                    self.outside(vacuum).await?;
                }
                if removed == 0 {
                    break;
                }
            }
        }
        Ok(())
    }

    async fn repeat(&self, sql: &'static str, bound: i64) -> Result<u64, StoreError> {
        let mut all = 0;
        for _ in 0..TURNS {
            let removed = self.remove(sql, bound, ROWS).await?;
            all += removed;
            if removed == 0 {
                break;
            }
        }
        Ok(all)
    }

    async fn remove(&self, sql: &'static str, bound: i64, rows: i64) -> Result<u64, StoreError> {
        let operation = "prune the database";
        self.change(Requirement::Nothing, operation, async |link| {
            link.execute(sql, args![bound, rows])
                .await
                .map_err(StoreError::statement(operation))
        })
        .await
    }

    async fn long_runs(&self) -> Result<Vec<String>, StoreError> {
        let sql =
            "SELECT run_key FROM console_events GROUP BY run_key HAVING COUNT(*) > $1 LIMIT 1000";
        let rows = self
            .reader()
            .await?
            .rows(sql, args![limits::EVENTS_PER_RUN])
            .await;
        let operation = StoreError::statement("look up long runs");
        rows.and_then(|rows| rows.iter().map(|row| row.get("run_key")).collect())
            .map_err(operation)
    }

    /// Gives free pages back to the file system, a few thousand at a time.
    async fn vacuum(&self) -> Result<(), StoreError> {
        self.outside("PRAGMA incremental_vacuum(5000)").await
    }
}

async fn shorten(link: &mut Link, key: &str) -> Result<u64, StoreError> {
    let sql =
        "DELETE FROM console_events WHERE run_key = $1 AND id <= (SELECT id FROM console_events
        WHERE run_key = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)";
    link.execute(sql, args![key, limits::EVENTS_PER_RUN])
        .await
        .map_err(StoreError::statement("prune the database"))
}
