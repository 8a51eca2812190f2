//! The event log, oldest first.

use super::within;
use crate::record::LogLine;
use crate::sql::{Row, args};
use crate::write::key_of;
use crate::{Store, StoreError, limits};
use contract::RunId;
use serde::{Deserialize, Serialize};

/// An event as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredEvent {
    /// Its number in the database, from which the next page goes on.
    pub id: i64,
    /// The event.
    pub line: LogLine,
}

impl Store {
    /// A page of a run's events, oldest first: those after the event `after`, at most `limit` (1 to
    /// [`crate::limits::PAGE`]). Without a run: the events that name none.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn events(
        &self,
        run_id: Option<&RunId>,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        within("reading events", async {
            if !self.tables.console {
                return Ok(Vec::new());
            }
            let sql = "SELECT id, number, at, channel, name, summary, raw FROM console_events
                WHERE run_key = $1 AND id > $2 ORDER BY id LIMIT $3";
            let limit = i64::from(limit.clamp(1, limits::PAGE));
            let rows = self
                .reader()
                .await?
                .rows(sql, args![key_of(run_id), after.unwrap_or(0), limit])
                .await;
            let read = |row: &Row| {
                let line = LogLine {
                    run_id: run_id.cloned(),
                    number: row.count(1)?.unwrap_or(0),
                    at: row.time(2)?.unwrap_or_default(),
                    channel: row.word(3)?,
                    name: row.word(4)?,
                    summary: row.word(5)?,
                    raw: row.text(6)?,
                };
                Ok(StoredEvent {
                    id: row.int(0)?.unwrap_or(0),
                    line,
                })
            };
            let doing = StoreError::statement("reading events");
            rows.and_then(|rows| rows.iter().map(read).collect())
                .map_err(doing)
        })
        .await
    }
}
