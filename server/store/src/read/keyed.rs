//! Small records that are looked up by key: answers to commands, acknowledgements, settings.

use super::within;
use crate::columns::columns;
use crate::record::{Acknowledgement, Setting, StoredAnswer};
use crate::sql::{Row, args};
use crate::store::now;
use crate::text::bounded_key;
use crate::{Store, StoreError, limits};

/// Maximum number of acknowledgements or settings that one query returns.
const ROWS: i64 = 1000;

impl Store {
    /// The answer to the command with this idempotency key, if it is younger than
    /// [`crate::limits::ANSWER_MS`].
    ///
    /// # Errors
    /// When the database is unavailable: it is then unknown whether the command was executed.
    pub async fn answer(&self, key: &str) -> Result<Option<StoredAnswer>, StoreError> {
        within("look up answer", async {
            if !self.tables.console {
                return Ok(None);
            }
            let operation = "look up answer";
            let sql = "SELECT key, body_hash, answer, at FROM console_idempotency WHERE key = $1 AND at >= $2";
            let since = now().plus_ms(-limits::ANSWER_MS);
            let row = self.reader().await?.row(sql, args![bounded_key(key), since]).await;
            row.and_then(|row| row.as_ref().map(Row::read).transpose()).map_err(StoreError::statement(operation))
        })
        .await
    }

    /// Acknowledgements, latest first, at most 1,000.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn acknowledgements(&self) -> Result<Vec<Acknowledgement>, StoreError> {
        within("read acknowledgements", async {
            if !self.tables.console {
                return Ok(Vec::new());
            }
            let sql = "SELECT subject, who, at, note FROM console_acknowledgements ORDER BY at DESC LIMIT $1";
            let rows = self.reader().await?.rows(sql, args![ROWS]).await;
            let operation = StoreError::statement("read acknowledgements");
            rows.and_then(|rows| rows.iter().map(Row::read).collect()).map_err(operation)
        })
        .await
    }

    /// All settings, sorted by name, at most 1,000.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn settings(&self) -> Result<Vec<Setting>, StoreError> {
        within("read settings", async {
            if !self.tables.console {
                return Ok(Vec::new());
            }
            let sql = "SELECT name, value, who, at FROM console_settings ORDER BY name LIMIT $1";
            let rows = self.reader().await?.rows(sql, args![ROWS]).await;
            let operation = StoreError::statement("read settings");
            rows.and_then(|rows| rows.iter().map(Row::read).collect())
                .map_err(operation)
        })
        .await
    }
}

columns!(StoredAnswer {
    key: "key",
    body_hash: "body_hash",
    answer: "answer",
    at: "at",
});

columns!(Acknowledgement {
    subject: "subject",
    who: "who" max limits::NAME,
    at: "at",
    note: "note" max limits::MESSAGE,
});

columns!(Setting {
    name: "name",
    value: "value",
    who: "who" max limits::NAME,
    at: "at",
});
