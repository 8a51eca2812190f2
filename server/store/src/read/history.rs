//! Pages of runs, newest first, by cursor: a page costs the same wherever in the history it lies.

use super::{HistoryFilter, v2_history, within};
use crate::columns::names;
use crate::limits::SEARCHED;
use crate::page::{Cursor, Page, rows_to_fetch};
use crate::sql::{Arg, Engine, Row};
use crate::{Store, StoreError};
use model::RunSummary;

/// Reads a run with its place in the history.
pub(super) fn read_run(row: &Row) -> sqlx::Result<(Cursor, RunSummary)> {
    Ok((read_place(row)?, row.read()?))
}

fn read_place(row: &Row) -> sqlx::Result<Cursor> {
    Ok(Cursor {
        at: row.get("sort_us")?,
        key: row.get("run_key")?,
    })
}

impl Store {
    /// A page of the history, newest first: the runs after `after`, or the newest ones, at most
    /// `limit` (1 to [`crate::limits::PAGE`]). With a universe or a text it looks through
    /// [`crate::limits::SEARCHED`] runs at most; where those do not fill it, the page ends with a
    /// cursor from which the search continues.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn history(
        &self,
        filter: &HistoryFilter,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page<RunSummary>, StoreError> {
        within("read the history", async {
            if !self.tables.console {
                return v2_history::history(self, filter, after, limit).await;
            }
            let operation = || StoreError::statement("read the history");
            let mut link = self.reader().await?;
            let query = Query::new(self.engine(), filter, after);
            let (sql, args) = query.rows(limit);
            let rows = link.rows_built(sql, args).await;
            let rows: Vec<_> = rows
                .and_then(|rows| rows.iter().map(read_run).collect())
                .map_err(operation())?;
            let short = rows.len() < rows_to_fetch(limit) as usize;
            let mut page = Page::of(rows, limit);
            if short && query.is_search() {
                let (sql, args) = query.end();
                let rows = link.rows_built(sql, args).await;
                page.next = rows
                    .and_then(|rows| rows.first().map(read_place).transpose())
                    .map_err(operation())?;
            }
            Ok(page)
        })
        .await
    }
}

/// The conditions of a page: those that an index answers, and those for which rows are searched.
struct Query {
    args: Vec<Arg>,
    indexed: Vec<String>,
    searched: Vec<String>,
}

impl Query {
    fn new(engine: Engine, filter: &HistoryFilter, after: Option<&Cursor>) -> Query {
        let contains = match engine {
            Engine::Sqlite => "instr",
            Engine::Postgres => "strpos",
        };
        let mut query = Query {
            args: Vec::new(),
            indexed: Vec::new(),
            searched: Vec::new(),
        };
        if let Some(since) = filter.since {
            let place = query.place(since.0.saturating_mul(1000));
            query.indexed.push(format!("sort_us >= {place}"));
        }
        if let Some(status) = filter.status {
            let place = query.place(status.wire_name());
            query.indexed.push(format!("status = {place}"));
        }
        if let Some(trigger) = &filter.trigger {
            let place = query.place(trigger);
            query.indexed.push(format!("trigger_type = {place}"));
        }
        if let Some(cursor) = after {
            // The first condition is the index's; a comparison of pairs alone makes SQLite read
            // from the beginning.
            let (at, key) = (query.place(cursor.at), query.place(cursor.key.as_str()));
            query.indexed.push(format!(
                "sort_us <= {at} AND (sort_us < {at} OR run_key < {key})"
            ));
        }
        if let Some(universe) = &filter.universe {
            let place = query.place(format!("\n{universe}\n"));
            query
                .searched
                .push(format!("{contains}(universes, {place}) > 0"));
        }
        if let Some(text) = filter.search() {
            let place = query.place(text);
            query
                .searched
                .push(format!("{contains}(search, {place}) > 0"));
        }
        query
    }

    /// The place of a parameter.
    fn place(&mut self, arg: impl Into<Arg>) -> String {
        self.args.push(arg.into());
        format!("${}", self.args.len())
    }

    fn is_search(&self) -> bool {
        !self.searched.is_empty()
    }

    fn indexed(&self) -> String {
        if self.indexed.is_empty() {
            String::new()
        } else {
            format!("WHERE {}", self.indexed.join(" AND "))
        }
    }

    /// The rows of the page.
    fn rows(&self, limit: u32) -> (String, Vec<Arg>) {
        let (indexed, order) = (self.indexed(), "ORDER BY sort_us DESC, run_key DESC");
        let limit = rows_to_fetch(limit);
        let columns = format!("run_key, sort_us, {}", names::<RunSummary>());
        let sql = if self.is_search() {
            let searched = self.searched.join(" AND ");
            format!(
                "SELECT {columns} FROM (SELECT {columns}, search FROM console_runs {indexed} {order} LIMIT {SEARCHED}) r
                WHERE {searched} {order} LIMIT {limit}"
            )
        } else {
            format!("SELECT {columns} FROM console_runs {indexed} {order} LIMIT {limit}")
        };
        (sql, self.args.clone())
    }

    /// The last run that was looked through, where there may be more.
    fn end(&self) -> (String, Vec<Arg>) {
        let sql = format!(
            "SELECT sort_us, run_key FROM console_runs {} ORDER BY sort_us DESC, run_key DESC LIMIT 1 OFFSET {}",
            self.indexed(),
            SEARCHED - 1
        );
        (
            sql,
            self.args[..self.args.len() - self.searched.len()].to_vec(),
        )
    }
}
