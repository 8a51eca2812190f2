//! API tokens. Revoked ones stay, so that what they did can be told.

use super::{ApiToken, LISTED};
use crate::sql::{Row, args};
use crate::text::cut;
use crate::{Store, StoreError, limits};
use contract::Timestamp;

const COLUMNS: &str =
    "id, token_hash, name, role, created_by, created_at, expires_at, used_at, revoked_at";

impl Store {
    /// Keeps a token.
    ///
    /// # Errors
    /// When the database is away or read only.
    pub async fn add_token(&self, token: &ApiToken) -> Result<(), StoreError> {
        let sql = "INSERT INTO console_tokens (id, token_hash, name, role, created_by, created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let args = args![
            &token.id,
            &token.token_hash,
            cut(&token.name, limits::NAME),
            &token.role,
            cut(&token.created_by, limits::NAME),
            token.created_at,
            token.expires_at
        ];
        self.changed("adding a token", sql, args).await.map(drop)
    }

    /// The token with this hash, whether it is still good or not.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn token(&self, token_hash: &str) -> Result<Option<ApiToken>, StoreError> {
        let doing = "looking for a token";
        let sql = format!("SELECT {COLUMNS} FROM console_tokens WHERE token_hash = $1");
        let rows = self
            .reader()
            .await?
            .rows_built(sql, args![token_hash])
            .await;
        let rows = rows.map_err(StoreError::statement(doing))?;
        rows.first()
            .map(token)
            .transpose()
            .map_err(StoreError::statement(doing))
    }

    /// The tokens, newest first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn tokens(&self) -> Result<Vec<ApiToken>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM console_tokens ORDER BY created_at DESC, id LIMIT {LISTED}"
        );
        let rows = self.reader().await?.rows_built(sql, args![]).await;
        rows.and_then(|rows| rows.iter().map(token).collect())
            .map_err(StoreError::statement("listing tokens"))
    }

    /// Notes that a token was used.
    ///
    /// # Errors
    /// When the database is away or read only.
    pub async fn use_token(&self, id: &str, at: Timestamp) -> Result<(), StoreError> {
        let sql = "UPDATE console_tokens SET used_at = $2 WHERE id = $1 AND (used_at IS NULL OR used_at < $2)";
        self.changed("noting that a token was used", sql, args![id, at])
            .await
            .map(drop)
    }

    /// Revokes a token; false where there is none of this id, or it was revoked already.
    ///
    /// # Errors
    /// When the database is away or read only.
    pub async fn revoke_token(&self, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        let sql = "UPDATE console_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
        Ok(self.changed("revoking a token", sql, args![id, at]).await? > 0)
    }
}

fn token(row: &Row) -> sqlx::Result<ApiToken> {
    Ok(ApiToken {
        id: row.word(0)?,
        token_hash: row.word(1)?,
        name: row.word(2)?,
        role: row.word(3)?,
        created_by: row.word(4)?,
        created_at: row.time(5)?.unwrap_or_default(),
        expires_at: row.time(6)?,
        used_at: row.time(7)?,
        revoked_at: row.time(8)?,
    })
}
