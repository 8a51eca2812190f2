//! The event log, oldest first.

use super::within;
use crate::columns::names;
use crate::page::{Page, rows_to_fetch};
use crate::sql::{Row, args};
use crate::text::run_key_of;
use crate::{Store, StoreError};
use contract::RunId;
use model::EventSummary;

impl Store {
    /// A page of a run's events, oldest first, after the event that `after` names: the
    /// [`Page::next`] of the page before. At most `limit` rows (1 to [`crate::limits::PAGE`]).
    /// Without a run: the events that name none.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn events(
        &self,
        run_id: Option<&RunId>,
        after: Option<i64>,
        limit: u32,
    ) -> Result<Page<EventSummary, i64>, StoreError> {
        within("read events", async {
            if !self.tables.console {
                return Ok(Page::empty());
            }
            let sql = format!(
                "SELECT id, {} FROM console_events WHERE run_key = $1 AND id > $2 ORDER BY id LIMIT $3",
                names::<EventSummary>()
            );
            let args = args![
                run_key_of(run_id),
                after.unwrap_or(0),
                rows_to_fetch(limit)
            ];
            let rows = self.reader().await?.rows_built(sql, args).await;
            let read = |row: &Row| {
                let event = EventSummary {
                    run_id: run_id.cloned(),
                    ..row.read()?
                };
                Ok((row.get("id")?, event))
            };
            let operation = StoreError::statement("read events");
            let rows = rows
                .and_then(|rows| rows.iter().map(read).collect())
                .map_err(operation)?;
            Ok(Page::of(rows, limit))
        })
        .await
    }
}
