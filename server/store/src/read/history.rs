//! Pages of runs, newest first, by cursor: a page costs the same wherever in the history it lies.

use super::{old, within};
use crate::limits::SEARCHED;
use crate::page::{Cursor, Page, rows_to_fetch};
use crate::sql::{Arg, Engine, Row};
use crate::{Store, StoreError};
use contract::{RunId, Timestamp};
use model::{Claim, RunStatus, RunSummary};
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
/// How many they are: a statement may ask for more after them.
pub(crate) const COLUMN_COUNT: usize = 17;

pub(crate) fn read_line(row: &Row) -> sqlx::Result<(Cursor, StoredRun)> {
    let id = |text: Option<String>| text.and_then(|text| RunId::new(&text));
    let key = row.word(0)?;
    let summary = RunSummary {
        // A key of blanks alone is no id of ours; the old code may have written one.
        id: id(row.text(1)?)
            .or_else(|| RunId::new(&format!("{key:?}")))
            .ok_or(sqlx::Error::RowNotFound)?,
        attempt: 1,
        claim: Claim::default(),
        unverified: false,
        outcome_word: None,
        status: RunStatus::from_wire_name(&row.word(3)?).unwrap_or(RunStatus::Lost),
        trigger: row.text(4)?,
        run_date: None,
        total: row.count(10)?,
        started_at: row.time(7)?,
        ended_at: row.time(8)?,
        duration_seconds: row.real(9)?,
        processed: row.count(11)?,
        failed: row.count(12)?,
        indicators: row.count(13)?,
        patterns: row.count(14)?,
        message: row.text(15)?,
    };
    let universes = row
        .word(5)?
        .split('\n')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    let run = StoredRun {
        summary,
        universes,
        symbols_total: row.count(10)?,
        original_run_id: id(row.text(6)?),
        old: row.word(16)? == "processing_runs",
    };
    Ok((
        Cursor {
            at: row.int(2)?.unwrap_or(0),
            key,
        },
        run,
    ))
}

impl Store {
    /// A page of the history, newest first: the runs after `after`, or the newest ones, at most
    /// `limit` (1 to [`crate::limits::PAGE`]). With a universe or a text it looks through
    /// [`crate::limits::SEARCHED`] runs at most; where those do not fill it, the page ends with a
    /// cursor from which the search goes on.
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
            let doing = || StoreError::statement("reading the history");
            let mut link = self.reader().await?;
            let question = Question::new(self.engine(), filter, after);
            let (sql, args) = question.rows(limit);
            let rows = link.rows_built(sql, args).await;
            let rows: Vec<_> = rows
                .and_then(|rows| rows.iter().map(read_line).collect())
                .map_err(doing())?;
            let short = rows.len() < rows_to_fetch(limit) as usize;
            let mut page = Page::of(rows, limit);
            if short && question.is_search() {
                let (sql, args) = question.end();
                let rows = link.rows_built(sql, args).await;
                let end = |row: &Row| {
                    Ok(Cursor {
                        at: row.int(0)?.unwrap_or(0),
                        key: row.word(1)?,
                    })
                };
                page.next = rows
                    .and_then(|rows| rows.first().map(end).transpose())
                    .map_err(doing())?;
            }
            Ok(page)
        })
        .await
    }
}

/// The conditions of a page: those that an index answers, and those for which rows are looked
/// through.
struct Question {
    args: Vec<Arg>,
    indexed: Vec<String>,
    searched: Vec<String>,
}

impl Question {
    fn new(engine: Engine, filter: &HistoryFilter, after: Option<&Cursor>) -> Question {
        let contains = match engine {
            Engine::Sqlite => "instr",
            Engine::Postgres => "strpos",
        };
        let mut question = Question {
            args: Vec::new(),
            indexed: Vec::new(),
            searched: Vec::new(),
        };
        if let Some(since) = filter.since {
            let place = question.place(since.0.saturating_mul(1000));
            question.indexed.push(format!("sort_us >= {place}"));
        }
        if let Some(status) = filter.status {
            let place = question.place(status.wire_name());
            question.indexed.push(format!("status = {place}"));
        }
        if let Some(trigger) = &filter.trigger {
            let place = question.place(trigger);
            question.indexed.push(format!("trigger_type = {place}"));
        }
        if let Some(cursor) = after {
            // The first condition is the index's; a comparison of pairs alone makes SQLite read
            // from the beginning.
            let (at, key) = (
                question.place(cursor.at),
                question.place(cursor.key.as_str()),
            );
            question.indexed.push(format!(
                "sort_us <= {at} AND (sort_us < {at} OR run_key < {key})"
            ));
        }
        if let Some(universe) = &filter.universe {
            let place = question.place(format!("\n{universe}\n"));
            question
                .searched
                .push(format!("{contains}(universes, {place}) > 0"));
        }
        if let Some(text) = filter
            .text
            .as_deref()
            .map(str::trim)
            .filter(|text| !text.is_empty())
        {
            let place = question.place(text.to_lowercase());
            question
                .searched
                .push(format!("{contains}(search, {place}) > 0"));
        }
        question
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
        let sql = if self.is_search() {
            let searched = self.searched.join(" AND ");
            format!(
                "SELECT {COLUMNS} FROM (SELECT {COLUMNS}, search FROM console_runs {indexed} {order} LIMIT {SEARCHED}) r
                WHERE {searched} {order} LIMIT {limit}"
            )
        } else {
            format!("SELECT {COLUMNS} FROM console_runs {indexed} {order} LIMIT {limit}")
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
