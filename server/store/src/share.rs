//! Shares of embeds: links that a person made, and can take back.

use crate::columns::{Columns, columns, insert, names};
use crate::read::within;
use crate::sql::{Row, args};
use crate::store::Requirement;
use crate::text::cut;
use crate::{Store, StoreError, limits};
use contract::Timestamp;
use std::sync::LazyLock;

/// Shares that are listed.
const ROWS: i64 = 1000;

/// One share. Who holds its token sees what it names; of the token only a hash is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbedShare {
    /// What it is listed and revoked by; no secret.
    pub id: String,
    /// SHA-256 of its token, in hexadecimal digits.
    pub token_hash: String,
    /// What it opens, such as `status` or `run:<id>`.
    pub resource: String,
    /// The origin of the portal that it is for.
    pub origin: String,
    /// Display options, as JSON.
    pub options: String,
    /// What it is for.
    pub note: Option<String>,
    /// Who made it.
    pub who: String,
    /// When.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// By whom.
    pub revoked_by: Option<String>,
}

columns!(EmbedShare {
    id: "id",
    token_hash: "token_hash",
    resource: "resource" max limits::MESSAGE,
    origin: "origin" max limits::NAME,
    options: "options" max limits::RAW,
    note: "note" max limits::MESSAGE,
    who: "who" max limits::NAME,
    created_at: "created_at",
    expires_at: "expires_at",
    revoked_at: "revoked_at",
    revoked_by: "revoked_by",
});

static INSERT: LazyLock<String> = LazyLock::new(|| insert::<EmbedShare>("console_shares", &[]));

impl Store {
    /// Keeps a share.
    ///
    /// # Errors
    /// When the database is unavailable or read only.
    pub async fn add_share(&self, share: &EmbedShare) -> Result<(), StoreError> {
        let operation = "write embed link";
        let write = async |link: &mut crate::sql::Link| {
            link.execute(&INSERT, share.args())
                .await
                .map_err(StoreError::statement(operation))
        };
        self.change(Requirement::Nothing, operation, write)
            .await
            .map(drop)
    }

    /// Takes a share back; false where there is none of this id that is still good.
    ///
    /// # Errors
    /// When the database is unavailable or read only.
    pub async fn revoke_share(
        &self,
        id: &str,
        who: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let operation = "revoke embed link";
        let sql = "UPDATE console_shares SET revoked_at = $2, revoked_by = $3 WHERE id = $1 AND revoked_at IS NULL";
        let args = args![id, at, cut(who, limits::NAME)];
        let write = async |link: &mut crate::sql::Link| {
            link.execute(sql, args)
                .await
                .map_err(StoreError::statement(operation))
        };
        self.change(Requirement::Nothing, operation, write)
            .await
            .map(|rows| rows > 0)
    }

    /// The share with this hash.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn share(&self, token_hash: &str) -> Result<Option<EmbedShare>, StoreError> {
        let sql = format!(
            "SELECT {} FROM console_shares WHERE token_hash = $1",
            names::<EmbedShare>()
        );
        Ok(self
            .read_shares("look up embed link", sql, args![token_hash])
            .await?
            .pop())
    }

    /// The shares, newest first, at most 1,000.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn shares(&self) -> Result<Vec<EmbedShare>, StoreError> {
        let sql = format!(
            "SELECT {} FROM console_shares ORDER BY created_at DESC, id LIMIT $1",
            names::<EmbedShare>()
        );
        self.read_shares("list embed links", sql, args![ROWS]).await
    }

    async fn read_shares(
        &self,
        operation: &'static str,
        sql: String,
        args: Vec<crate::sql::Arg>,
    ) -> Result<Vec<EmbedShare>, StoreError> {
        within(operation, async {
            if !self.tables.console {
                return Ok(Vec::new());
            }
            let rows = self.reader().await?.rows_built(sql, args).await;
            rows.and_then(|rows| rows.iter().map(Row::read).collect())
                .map_err(StoreError::statement(operation))
        })
        .await
    }
}
