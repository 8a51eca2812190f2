//! The audit, latest first.

use super::within;
use crate::columns::names;
use crate::page::{Cursor, Page, rows_to_fetch};
use crate::sql::{Arg, Row};
use crate::{Store, StoreError};
use model::AuditEntry;

/// Entries of the audit log; a field that is absent does not narrow the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Those of this user.
    pub who: Option<String>,
    /// Those with this action.
    pub action: Option<String>,
}

fn read(row: &Row) -> sqlx::Result<(Cursor, AuditEntry)> {
    let cursor = Cursor {
        at: row.get("id")?,
        key: String::new(),
    };
    Ok((cursor, row.read()?))
}

impl Store {
    /// A page of the audit in the order in which it was written, latest first.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn audit(
        &self,
        filter: &AuditFilter,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page<AuditEntry>, StoreError> {
        within("read the audit log", async {
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
                "SELECT id, {} FROM console_audit WHERE {} ORDER BY id DESC LIMIT ${}",
                names::<AuditEntry>(),
                conditions.join(" AND "),
                args.len()
            );
            let rows = self.reader().await?.rows_built(sql, args).await;
            let operation = StoreError::statement("read the audit log");
            let rows = rows
                .and_then(|rows| rows.iter().map(read).collect())
                .map_err(operation)?;
            Ok(Page::of(rows, limit))
        })
        .await
    }
}
