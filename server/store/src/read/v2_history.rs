//! The history from TickStockAppV2's `processing_runs`, for a database in which the console's own
//! tables cannot be created.

use super::HistoryFilter;
use crate::columns::{Column, Columns};
use crate::page::{Cursor, Page, rows_to_fetch};
use crate::sql::{Arg, Engine, Link, Row, args};
use crate::store::now;
use crate::{Store, StoreError, adopt, processing_runs};
use model::RunSummary;

/// The columns of [`RunSummary`]; NULL for those that `processing_runs` does not have.
fn columns() -> String {
    let column = |column: &Column| {
        if processing_runs::has(column.name) {
            format!("o.{name} AS {name}", name = column.name)
        } else {
            format!("NULL AS {}", column.name)
        }
    };
    let columns: Vec<_> = RunSummary::COLUMNS.iter().map(column).collect();
    format!(
        "o.run_id AS run_key, o.sort_us AS sort_us, {}",
        columns.join(", ")
    )
}

pub(super) async fn history(
    store: &Store,
    filter: &HistoryFilter,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<RunSummary>, StoreError> {
    // `processing_runs` has no universes.
    if filter.universe.is_some() {
        return Ok(Page::empty());
    }
    let columns = processing_runs::select_list(store.engine());
    let contains = match store.engine() {
        Engine::Sqlite => "instr",
        Engine::Postgres => "strpos",
    };
    let mut args = Vec::new();
    let mut conditions = vec!["1 = 1".to_owned()];
    let mut add = |condition: &str, arg: Arg| {
        args.push(arg);
        conditions.push(condition.replace('?', &format!("${}", args.len())));
    };
    if let Some(since) = filter.since {
        add("o.sort_us >= ?", since.0.saturating_mul(1000).into());
    }
    if let Some(trigger) = &filter.trigger {
        add("o.trigger_type = ?", trigger.into());
    }
    if let Some(text) = filter.search() {
        add(
            &format!("{contains}(lower(o.run_id || ' ' || COALESCE(o.message, '')), ?) > 0"),
            text.into(),
        );
    }
    let mut cursor = after.cloned();
    let mut found = Vec::new();
    // SQL cannot filter by status: the console derives it from several columns. So a few pages at a
    // time are read and filtered here.
    loop {
        let mut args = args.clone();
        let mut filter_sql = conditions.join(" AND ");
        if let Some(cursor) = &cursor {
            args.push(cursor.at.into());
            args.push(cursor.key.as_str().into());
            let n = args.len();
            filter_sql = format!(
                "{filter_sql} AND (o.sort_us, o.run_id) < (${}, ${n})",
                n - 1
            );
        }
        args.push((rows_to_fetch(limit) * 4).into());
        let sql = format!(
            "SELECT {} FROM (SELECT {columns} FROM processing_runs p) o WHERE {filter_sql}
            ORDER BY o.sort_us DESC, o.run_id DESC LIMIT ${}",
            self::columns(),
            args.len()
        );
        let operation = StoreError::statement("read processing_runs");
        let rows = store.reader().await?.rows_built(sql, args).await;
        let read = |rows: Vec<Row>| rows.iter().map(read_v2_run).collect();
        let rows: Vec<(Cursor, RunSummary)> = rows.and_then(read).map_err(operation)?;
        let last = rows.len() < rows_to_fetch(limit) as usize * 4;
        cursor = rows.last().map(|(cursor, _)| cursor.clone());
        let wanted = |run: &RunSummary| filter.status.is_none_or(|status| status == run.status);
        found.extend(rows.into_iter().filter(|(_, run)| wanted(run)));
        if last || found.len() >= rows_to_fetch(limit) as usize {
            return Ok(Page::of(found, limit));
        }
    }
}

/// One run of `processing_runs`.
pub(super) async fn run(link: &mut Link, key: &str) -> Result<Option<RunSummary>, StoreError> {
    let columns = processing_runs::select_list(link.engine());
    let sql = format!(
        "SELECT {} FROM (SELECT {columns} FROM processing_runs p WHERE p.run_id = $1) o",
        self::columns()
    );
    let rows = link.rows_built(sql, args![key]).await;
    let read = |rows: Vec<Row>| rows.first().map(read_v2_run).transpose();
    let found = rows
        .and_then(read)
        .map_err(StoreError::statement("read processing_runs"))?;
    Ok(found.map(|(_, run)| run))
}

fn read_v2_run(row: &Row) -> sqlx::Result<(Cursor, RunSummary)> {
    let mut run: RunSummary = row.read()?;
    let at = Cursor {
        at: row.get("sort_us")?,
        key: row.get("run_key")?,
    };
    let status: String = row.get("status")?;
    (run.status, run.message) = adopt::outcome(
        &status,
        run.failed.unwrap_or(0),
        run.message.take(),
        adopt::forgotten(at.at, now()),
    );
    Ok((at, run))
}
