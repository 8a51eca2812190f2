//! The history where the console's own tables cannot be made: read from the old code's
//! `processing_runs`.

use super::{HistoryFilter, RunRecord, StoredRun, read_line};
use crate::page::{Cursor, Page, rows_to_fetch};
use crate::sql::{Arg, Engine, Link, Row, args};
use crate::store::now;
use crate::{Store, StoreError, adopt, postgres, sqlite};

/// Columns of the old table in the order of [`super::RUN_COLUMNS`].
const ORDER: &str = "o.run_id, o.run_id, o.sort_us, o.status, o.trigger_type, NULL, NULL, o.started_at, o.ended_at,
    o.duration_seconds, o.symbols_total, o.processed, o.failed, o.indicators, NULL, o.message, 'processing_runs'";

pub(super) async fn history(
    store: &Store,
    filter: &HistoryFilter,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Page<StoredRun>, StoreError> {
    // The old table knows no universes.
    if filter.universe.is_some() {
        return Ok(Page::empty());
    }
    let (columns, contains) = match store.engine() {
        Engine::Sqlite => (sqlite::OLD_COLUMNS, "instr"),
        Engine::Postgres => (postgres::OLD_COLUMNS, "strpos"),
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
    if let Some(text) = filter
        .text
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty())
    {
        add(
            &format!("{contains}(lower(o.run_id || ' ' || COALESCE(o.message, '')), ?) > 0"),
            text.to_lowercase().into(),
        );
    }
    let mut cursor = after.cloned();
    let mut found = Vec::new();
    // The status is ours, not the table's: rows of others are left out here, a few pages at a time.
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
            "SELECT {ORDER} FROM (SELECT {columns} FROM processing_runs p) o WHERE {filter_sql}
            ORDER BY o.sort_us DESC, o.run_id DESC LIMIT ${}",
            args.len()
        );
        let doing = StoreError::statement("reading processing_runs");
        let rows = store.reader().await?.rows_built(sql, args).await;
        let read = |rows: Vec<Row>| rows.iter().map(line).collect();
        let rows: Vec<(Cursor, StoredRun)> = rows.and_then(read).map_err(doing)?;
        let last = rows.len() < rows_to_fetch(limit) as usize * 4;
        cursor = rows.last().map(|(cursor, _)| cursor.clone());
        found.extend(rows.into_iter().filter(|(_, run)| {
            filter
                .status
                .is_none_or(|status| status == run.summary.status)
        }));
        if last || found.len() >= rows_to_fetch(limit) as usize {
            return Ok(Page::of(found, limit));
        }
    }
}

/// One run of the old table; nothing but its line is known.
pub(super) async fn run(link: &mut Link, key: &str) -> Result<Option<RunRecord>, StoreError> {
    let columns = match link.engine() {
        Engine::Sqlite => sqlite::OLD_COLUMNS,
        Engine::Postgres => postgres::OLD_COLUMNS,
    };
    let sql = format!(
        "SELECT {ORDER} FROM (SELECT {columns} FROM processing_runs p WHERE p.run_id = $1) o"
    );
    let rows = link.rows_built(sql, args![key]).await;
    let read = |rows: Vec<Row>| rows.first().map(line).transpose();
    let line = rows
        .and_then(read)
        .map_err(StoreError::statement("reading processing_runs"))?;
    let nothing = |(_, line)| RunRecord {
        line,
        run: None,
        phases: Vec::new(),
        failed_symbols: Vec::new(),
        errors: Vec::new(),
        aggregates: Vec::new(),
    };
    Ok(line.map(nothing))
}

fn line(row: &Row) -> sqlx::Result<(Cursor, StoredRun)> {
    let (at, mut run) = read_line(row)?;
    let (failed, message) = (run.summary.failed.unwrap_or(0), run.summary.message.take());
    (run.summary.status, run.summary.message) = adopt::outcome(
        &row.word(3)?,
        failed,
        message,
        adopt::forgotten(at.at, now()),
    );
    Ok((at, run))
}
