//! Errors, grouped, latest first.

use super::{of_word, within};
use crate::page::{Cursor, Page, rows_to_fetch};
use crate::sql::{Arg, Link, Row, args};
use crate::text::run_key;
use crate::write::word;
use crate::{Store, StoreError};
use contract::{Phase, RunId, Severity, Symbol};
use model::ErrorGroup;
use serde::{Deserialize, Serialize};

/// Groups of one run that are read at once.
const OF_RUN: i64 = 200;

/// Which errors; what is not said does not matter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ErrorFilter {
    /// Those of this run.
    pub run_id: Option<RunId>,
    /// Those this bad or worse.
    pub at_least: Option<Severity>,
    /// Those that name this symbol.
    pub symbol: Option<Symbol>,
}

const COLUMNS: &str =
    "e.error_key, e.run_id, e.severity, e.component, e.code, e.message, e.phase, e.recovery_action,
    e.symbols, e.count, e.first_at, e.last_at";

fn read(row: &Row) -> sqlx::Result<(Cursor, ErrorGroup)> {
    let mut group = ErrorGroup {
        id: None,
        category: None,
        retry_after_seconds: None,
        context: Vec::new(),
        error_id: None,
        acknowledged: None,
        run_id: row.text(1)?.and_then(|id| RunId::new(&id)),
        severity: of_word(&row.word(2)?).unwrap_or_default(),
        component: row.text(3)?,
        code: row.text(4)?,
        message: row.word(5)?,
        phase: row.text(6)?.and_then(|name| Phase::parse(&name)),
        recovery_action: row.text(7)?,
        symbols: serde_json::from_str(&row.word(8)?).unwrap_or_default(),
        count: row.count(9)?.unwrap_or(0),
        first_at: row.time(10)?.unwrap_or_default(),
        last_at: row.time(11)?.unwrap_or_default(),
    };
    group.name();
    Ok((
        Cursor {
            at: group.last_at.0,
            key: row.word(0)?,
        },
        group,
    ))
}

pub(super) async fn of_run(link: &mut Link, key: &str) -> sqlx::Result<Vec<ErrorGroup>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM console_errors e WHERE e.run_key = $1 ORDER BY e.last_at DESC LIMIT $2"
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
        "SELECT {COLUMNS} FROM console_errors e JOIN console_error_symbols s ON s.error_key = e.error_key
        WHERE e.run_key = $1 AND s.symbol = $2 ORDER BY e.last_at DESC LIMIT $3"
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
    /// When the database is away.
    pub async fn errors(
        &self,
        filter: &ErrorFilter,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page<ErrorGroup>, StoreError> {
        within("reading errors", async {
            if !self.tables.console {
                return Ok(Page::empty());
            }
            let (sql, args) = statement(filter, after, limit);
            let rows = self.reader().await?.rows_built(sql, args).await;
            let doing = StoreError::statement("reading errors");
            let rows = rows
                .and_then(|rows| rows.iter().map(read).collect())
                .map_err(doing)?;
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
        use Severity::*;
        // Words of a closed enum, not of anybody's request.
        let words: Vec<_> = [Debug, Info, Warning, Error, Critical]
            .into_iter()
            .filter(|s| *s >= least)
            .collect();
        let words: Vec<_> = words
            .iter()
            .map(|severity| format!("'{}'", word(severity)))
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
        "SELECT {COLUMNS} FROM console_errors e WHERE {} ORDER BY e.last_at DESC, e.error_key DESC LIMIT ${}",
        conditions.join(" AND "),
        args.len()
    );
    (sql, args)
}
