//! Errors, grouped, latest first.

use super::within;
use crate::columns::Columns;
use crate::page::{Cursor, Page, rows_to_fetch};
use crate::sql::{Arg, Link, Row, args};
use crate::text::run_key;
use crate::{Store, StoreError};
use contract::{RunId, Severity, Symbol};
use model::ErrorGroup;

/// Groups of one run that are read at once.
const OF_RUN: i64 = 200;

/// Groups of errors; a field that is absent does not narrow the list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ErrorFilter {
    /// Those of this run.
    pub run_id: Option<RunId>,
    /// Those this bad or worse.
    pub at_least: Option<Severity>,
    /// Those that name this symbol.
    pub symbol: Option<Symbol>,
}

fn columns() -> String {
    let columns = ErrorGroup::COLUMNS.iter();
    let columns: Vec<_> = columns.map(|column| format!("e.{}", column.name)).collect();
    format!("e.error_key, {}", columns.join(", "))
}

fn read(row: &Row) -> sqlx::Result<(Cursor, ErrorGroup)> {
    let mut group: ErrorGroup = row.read()?;
    group.name();
    let cursor = Cursor {
        at: group.last_at.0,
        key: row.get("error_key")?,
    };
    Ok((cursor, group))
}

pub(super) async fn of_run(link: &mut Link, key: &str) -> sqlx::Result<Vec<ErrorGroup>> {
    let sql = format!(
        "SELECT {} FROM console_errors e WHERE e.run_key = $1 ORDER BY e.last_at DESC LIMIT $2",
        columns()
    );
    let rows = link.rows_built(sql, args![key, OF_RUN]).await?;
    rows.iter()
        .map(|row| read(row).map(|(_, errors)| errors))
        .collect()
}

pub(super) async fn naming(
    link: &mut Link,
    key: &str,
    symbol: &Symbol,
) -> sqlx::Result<Vec<ErrorGroup>> {
    let sql = format!(
        "SELECT {} FROM console_errors e JOIN console_error_symbols s ON s.error_key = e.error_key
        WHERE e.run_key = $1 AND s.symbol = $2 ORDER BY e.last_at DESC LIMIT $3",
        columns()
    );
    let rows = link
        .rows_built(sql, args![key, symbol.as_str(), OF_RUN])
        .await?;
    rows.iter()
        .map(|row| read(row).map(|(_, errors)| errors))
        .collect()
}

impl Store {
    /// A page of errors, latest first.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn errors(
        &self,
        filter: &ErrorFilter,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page<ErrorGroup>, StoreError> {
        within("read errors", async {
            if !self.tables.console {
                return Ok(Page::empty());
            }
            let (sql, args) = statement(filter, after, limit);
            let rows = self.reader().await?.rows_built(sql, args).await;
            let operation = StoreError::statement("read errors");
            let rows = rows
                .and_then(|rows| rows.iter().map(read).collect())
                .map_err(operation)?;
            Ok(Page::of(rows, limit))
        })
        .await
    }
}

fn statement(filter: &ErrorFilter, after: Option<&Cursor>, limit: u32) -> (String, Vec<Arg>) {
    let mut args = Vec::new();
    let mut conditions = vec!["1 = 1".to_owned()];
    if let Some(id) = &filter.run_id {
        args.push(run_key(id.as_str()).into());
        conditions.push(format!("e.run_key = ${}", args.len()));
    }
    if let Some(least) = filter.at_least {
        // Words of a closed enum, not of anybody's request.
        let words: Vec<_> = Severity::ALL
            .into_iter()
            .filter(|severity| *severity >= least)
            .map(|severity| format!("'{}'", severity.wire_name()))
            .collect();
        conditions.push(format!("e.severity IN ({})", words.join(", ")));
    }
    if let Some(symbol) = &filter.symbol {
        args.push(symbol.as_str().into());
        conditions.push(format!(
            "EXISTS (SELECT 1 FROM console_error_symbols s WHERE s.error_key = e.error_key AND s.symbol = ${})",
            args.len()
        ));
    }
    if let Some(cursor) = after {
        args.push(cursor.at.into());
        args.push(cursor.key.as_str().into());
        conditions.push(format!(
            "(e.last_at, e.error_key) < (${}, ${})",
            args.len() - 1,
            args.len()
        ));
    }
    args.push(rows_to_fetch(limit).into());
    let sql = format!(
        "SELECT {} FROM console_errors e WHERE {} ORDER BY e.last_at DESC, e.error_key DESC LIMIT ${}",
        columns(),
        conditions.join(" AND "),
        args.len()
    );
    (sql, args)
}
