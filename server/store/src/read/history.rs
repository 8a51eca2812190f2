//! Pages of runs, newest first, by cursor: a page costs the same wherever in the history it lies.

use super::{old, within};
use crate::page::{Cursor, Page, asked, page};
use crate::sql::{Arg, Engine, Row};
use crate::text::{status_of, status_word};
use crate::{Store, StoreError};
use contract::{RunId, Timestamp};
use model::{RunStatus, RunSummary};
use serde::{Deserialize, Serialize};

/// Which runs of the history; what is not said does not matter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HistoryFilter {
    /// Runs that began at this moment or later.
    pub since: Option<Timestamp>,
    /// Runs of this status.
    pub status: Option<RunStatus>,
    /// Runs that were started so, such as `manual`.
    pub trigger: Option<String>,
    /// Runs of this universe.
    pub universe: Option<String>,
    /// Runs whose id, trigger, universes or message have this text in them, in whatever case.
    pub text: Option<String>,
}

/// A run of the history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredRun {
    /// The run in one line.
    pub summary: RunSummary,
    /// Where its symbols came from.
    pub universes: Vec<String>,
    /// How many symbols it was about.
    pub symbols_total: Option<u64>,
    /// The run whose failures it repeats.
    pub original_run_id: Option<RunId>,
    /// Whether only the old code wrote it, so that nothing but this line is known.
    pub old: bool,
}

/// The columns that [`read_line`] reads, in this order.
pub(crate) const COLUMNS: &str =
    "run_key, run_id, sort_us, status, trigger_type, universes, original_run_id, started_at,
    ended_at, duration_seconds, symbols_total, processed, failed, indicators, patterns, message, origin";

pub(crate) fn read_line(row: &Row) -> sqlx::Result<(Cursor, StoredRun)> {
    let id = |text: Option<String>| text.and_then(|text| RunId::new(&text));
    let key = row.word(0)?;
    let summary = RunSummary {
        // A key of blanks alone is no id of ours; the old code may have written one.
        id: id(row.text(1)?).or_else(|| RunId::new(&format!("{key:?}"))).ok_or(sqlx::Error::RowNotFound)?,
        status: status_of(&row.word(3)?).unwrap_or(RunStatus::Lost),
        trigger: row.text(4)?,
        started_at: row.time(7)?,
        ended_at: row.time(8)?,
        duration_seconds: row.real(9)?,
        processed: row.count(11)?,
        failed: row.count(12)?,
        indicators: row.count(13)?,
        patterns: row.count(14)?,
        message: row.text(15)?,
    };
    let universes = row.word(5)?.split('\n').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let run = StoredRun {
        summary,
        universes,
        symbols_total: row.count(10)?,
        original_run_id: id(row.text(6)?),
        old: row.word(16)? == "processing_runs",
    };
    Ok((Cursor { at: row.int(2)?.unwrap_or(0), key }, run))
}

impl Store {
    /// A page of the history, newest first: the runs after `after`, or the newest ones, at most `limit` (1 to
    /// [`crate::limits::PAGE`]).
    ///
    /// # Errors
    /// When the database is away.
    pub async fn history(
        &self,
        filter: &HistoryFilter,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page<StoredRun>, StoreError> {
        within("reading the history", async {
            if !self.tables.console {
                return old::history(self, filter, after, limit).await;
            }
            let (sql, args) = statement(self.engine(), filter, after, limit);
            let doing = StoreError::statement("reading the history");
            let rows = self.reader().await?.rows_built(sql, args).await;
            let rows = rows.and_then(|rows| rows.iter().map(read_line).collect()).map_err(doing)?;
            Ok(page(rows, limit))
        })
        .await
    }
}

fn statement(engine: Engine, filter: &HistoryFilter, after: Option<&Cursor>, limit: u32) -> (String, Vec<Arg>) {
    let contains = match engine {
        Engine::Sqlite => "instr",
        Engine::Postgres => "strpos",
    };
    let mut args = Vec::new();
    let mut conditions = Vec::new();
    let mut add = |condition: &str, arg: Arg| {
        args.push(arg);
        conditions.push(condition.replace('?', &format!("${}", args.len())));
    };
    if let Some(since) = filter.since {
        add("sort_us >= ?", since.0.saturating_mul(1000).into());
    }
    if let Some(status) = filter.status {
        add("status = ?", status_word(status).into());
    }
    if let Some(trigger) = &filter.trigger {
        add("trigger_type = ?", trigger.into());
    }
    if let Some(universe) = &filter.universe {
        add(&format!("{contains}(universes, ?) > 0"), format!("\n{universe}\n").into());
    }
    if let Some(text) = filter.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        add(&format!("{contains}(search, ?) > 0"), text.to_lowercase().into());
    }
    if let Some(cursor) = after {
        add("sort_us <= ?", cursor.at.into());
        args.push(cursor.at.into());
        args.push(cursor.key.as_str().into());
        let n = args.len();
        conditions.push(format!("(sort_us < ${} OR run_key < ${n})", n - 1));
    }
    args.push(asked(limit).into());
    let filter = if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
    let sql = format!(
        "SELECT {COLUMNS} FROM console_runs {filter} ORDER BY sort_us DESC, run_key DESC LIMIT ${}",
        args.len()
    );
    (sql, args)
}
