//! API tokens. Revoked ones stay, so that what they did can be told.

use super::{ApiToken, LISTED};
use crate::columns::{Columns, columns, insert, names};
use crate::sql::{Row, args};
use crate::{Store, StoreError, limits};
use contract::Timestamp;
use std::sync::LazyLock;

columns!(ApiToken {
    id: "id",
    token_hash: "token_hash",
    name: "name" max limits::NAME,
    role: "role",
    created_by: "created_by" max limits::NAME,
    created_at: "created_at",
    expires_at: "expires_at",
    used_at: "used_at",
    revoked_at: "revoked_at",
});

static INSERT: LazyLock<String> = LazyLock::new(|| insert::<ApiToken>("console_tokens", &[]));

impl Store {
    /// Keeps a token.
    ///
    /// # Errors
    /// When the database is unavailable or read only.
    pub async fn add_token(&self, token: &ApiToken) -> Result<(), StoreError> {
        self.changed("add API token", &INSERT, token.args())
            .await
            .map(drop)
    }

    /// The token with this hash, whether it is still good or not.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn token(&self, token_hash: &str) -> Result<Option<ApiToken>, StoreError> {
        let operation = "look up API token";
        let sql = format!(
            "SELECT {} FROM console_tokens WHERE token_hash = $1",
            names::<ApiToken>()
        );
        let rows = self
            .reader()
            .await?
            .rows_built(sql, args![token_hash])
            .await;
        let rows = rows.map_err(StoreError::statement(operation))?;
        rows.first()
            .map(Row::read)
            .transpose()
            .map_err(StoreError::statement(operation))
    }

    /// The tokens, newest first.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn tokens(&self) -> Result<Vec<ApiToken>, StoreError> {
        let sql = format!(
            "SELECT {} FROM console_tokens ORDER BY created_at DESC, id LIMIT {LISTED}",
            names::<ApiToken>()
        );
        let rows = self.reader().await?.rows_built(sql, args![]).await;
        rows.and_then(|rows| rows.iter().map(Row::read).collect())
            .map_err(StoreError::statement("list API tokens"))
    }

    /// Notes that a token was used.
    ///
    /// # Errors
    /// When the database is unavailable or read only.
    pub async fn use_token(&self, id: &str, at: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE console_tokens SET used_at = $2 WHERE id = $1 AND (used_at IS NULL OR used_at < $2)";
        self.changed("update API token", sql, args![id, at])
            .await
            .map(drop)
    }

    /// Revokes a token; false where there is none of this id, or it was revoked already.
    ///
    /// # Errors
    /// When the database is unavailable or read only.
    pub async fn revoke_token(&self, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        let sql = "UPDATE console_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
        Ok(self.changed("revoke API token", sql, args![id, at]).await? > 0)
    }
}
