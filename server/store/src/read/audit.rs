//! The audit, latest first.

use super::within;
use crate::page::{Cursor, Page, rows_to_fetch};
use crate::sql::{Arg, Row};
use crate::{Store, StoreError};
use model::AuditEntry;
use serde::{Deserialize, Serialize};

/// Which entries of the audit; what is not said does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditFilter {
    /// Those of this person.
    pub who: Option<String>,
    /// Those that asked for this.
    pub action: Option<String>,
}

pub(crate) const COLUMNS: &str =
    "id, entry_key, at, who, role, action, target, address, request_id, outcome, detail";

pub(crate) fn read(row: &Row) -> sqlx::Result<(Cursor, AuditEntry)> {
    let entry = AuditEntry {
        key: row.word(1)?,
        at: row.time(2)?.unwrap_or_default(),
        who: row.word(3)?,
        role: row.text(4)?,
        action: row.word(5)?,
        target: row.text(6)?,
        address: row.text(7)?,
        request_id: row.text(8)?,
        outcome: row.word(9)?,
        detail: row.text(10)?,
    };
    Ok((
        Cursor {
            at: row.int(0)?.unwrap_or(0),
            key: String::new(),
        },
        entry,
    ))
}

impl Store {
    /// A page of the audit in the order in which it was written, latest first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn audit(
        &self,
        filter: &AuditFilter,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page<AuditEntry>, StoreError> {
        within("reading the audit", async {
            if !self.tables.console {
                return Ok(Page::empty());
            }
            let mut args: Vec<Arg> = Vec::new();
            let mut conditions = vec!["1 = 1".to_owned()];
            let wanted = [
                ("who =", filter.who.as_deref().map(Arg::from)),
                ("action =", filter.action.as_deref().map(Arg::from)),
                ("id <", after.map(|cursor| cursor.at.into())),
            ];
            for (condition, arg) in wanted {
                if let Some(arg) = arg {
                    args.push(arg);
                    conditions.push(format!("{condition} ${}", args.len()));
                }
            }
            args.push(rows_to_fetch(limit).into());
            let sql = format!(
                "SELECT {COLUMNS} FROM console_audit WHERE {} ORDER BY id DESC LIMIT ${}",
                conditions.join(" AND "),
                args.len()
            );
            let rows = self.reader().await?.rows_built(sql, args).await;
            let doing = StoreError::statement("reading the audit");
            let rows = rows
                .and_then(|rows| rows.iter().map(read).collect())
                .map_err(doing)?;
            Ok(Page::of(rows, limit))
        })
        .await
    }
}
