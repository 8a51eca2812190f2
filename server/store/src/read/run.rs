//! One run: all that is kept of it.

use super::{StoredRun, errors, of_word, read_line, within};
use crate::sql::{Link, Row, args};
use crate::text::run_key;
use crate::{Store, StoreError};
use contract::{Phase, RunId, Symbol};
use model::{ErrorGroup, PhaseSummary, Run, RunStatus, SymbolFailure};
use serde::{Deserialize, Serialize};

/// How many results of one indicator, or detections of one pattern.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aggregate {
    /// The exchange's day, `YYYY-MM-DD`.
    pub day: String,
    /// `indicator` or `pattern`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// How many.
    pub count: u64,
}

/// All that is kept of a run but its events, which [`Store::events`] pages through.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    /// Its line of the history.
    pub line: StoredRun,
    /// The run as the model had it; none where only the old code, or only TickStockPL's history,
    /// told of it.
    pub run: Option<Box<Run>>,
    /// Its phases, in their order.
    pub phases: Vec<PhaseSummary>,
    /// Failed symbols with the reason where one was given, by name; known once the run has ended.
    pub failed_symbols: Vec<SymbolFailure>,
    /// Its errors, latest first.
    pub errors: Vec<ErrorGroup>,
    /// Its counts by kind, largest first; known once the run has ended.
    pub aggregates: Vec<Aggregate>,
}

impl Store {
    /// One run; `None` where nothing is known of it.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn run(&self, id: &RunId) -> Result<Option<RunRecord>, StoreError> {
        within("reading a run", async {
            let key = run_key(id.as_str());
            let mut link = self.reader().await?;
            if !self.tables.console {
                return super::old::run(&mut link, &key).await;
            }
            let statement = StoreError::statement("reading a run");
            read(&mut link, &key).await.map_err(statement)
        })
        .await
    }

    /// Counts per exchange's day and kind from `since` (`YYYY-MM-DD`) on, oldest day first, at most
    /// 10,000.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn aggregates(&self, since: &str) -> Result<Vec<Aggregate>, StoreError> {
        within("reading counts", async {
            if !self.tables.console {
                return Ok(Vec::new());
            }
            let sql = "SELECT day, kind, name, CAST(SUM(count) AS BIGINT) FROM console_aggregates WHERE day >= $1
                GROUP BY day, kind, name ORDER BY day, kind, name LIMIT 10000";
            let rows = self.reader().await?.rows(sql, args![since]).await;
            let doing = StoreError::statement("reading counts");
            rows.and_then(|rows| rows.iter().map(aggregate).collect()).map_err(doing)
        })
        .await
    }
}

async fn read(link: &mut Link, key: &str) -> sqlx::Result<Option<RunRecord>> {
    let sql = format!(
        "SELECT {} FROM console_runs WHERE run_key = $1",
        super::RUN_COLUMNS
    );
    let Some(row) = link.rows_built(sql, args![key]).await?.into_iter().next() else {
        return Ok(None);
    };
    let (_, line) = read_line(&row)?;
    let row = link
        .row(
            "SELECT run FROM console_run_details WHERE run_key = $1",
            args![key],
        )
        .await?;
    // What an older console wrote may no longer be read whole: the line stays.
    let run: Option<Box<Run>> = row
        .map(|row| row.word(0))
        .transpose()?
        .and_then(|json| serde_json::from_str(&json).ok());
    let run = run.map(|mut run| {
        correct(
            &mut run,
            line.summary.status,
            line.summary.message.as_deref(),
        );
        run
    });
    let sql = "SELECT phase, status, started_at, ended_at, seconds, done, total, failed, percent FROM console_phases
        WHERE run_key = $1";
    let mut phases: Vec<PhaseSummary> = Vec::new();
    for row in link.rows(sql, args![key]).await? {
        phases.extend(read_phase(&row)?);
    }
    phases.sort_by_key(|phase| phase.phase);
    let sql = "SELECT symbol, reason FROM console_failed_symbols WHERE run_key = $1 ORDER BY symbol LIMIT 10000";
    let mut failed_symbols = Vec::new();
    for row in link.rows(sql, args![key]).await? {
        if let Some(symbol) = Symbol::new(&row.word(0)?) {
            let followed = run
                .iter()
                .flat_map(|run| &run.failed_symbols)
                .find(|known| known.symbol == symbol);
            failed_symbols.push(SymbolFailure {
                phase: followed.and_then(|known| known.phase),
                symbol,
                reason: row.text(1)?,
            });
        }
    }
    let errors = errors::of_run(link, key).await?;
    let sql = "SELECT day, kind, name, count FROM console_aggregates WHERE run_key = $1
        ORDER BY kind, count DESC, name LIMIT 1000";
    let rows = link.rows(sql, args![key]).await?;
    let aggregates = rows.iter().map(aggregate).collect::<sqlx::Result<_>>()?;
    Ok(Some(RunRecord {
        line,
        run,
        phases,
        failed_symbols,
        errors,
        aggregates,
    }))
}

/// Gives the run the outcome that its line has: TickStockPL's history may have corrected it after
/// the run was written.
pub(super) fn correct(run: &mut Run, status: RunStatus, message: Option<&str>) {
    if run.status != status {
        run.status = status;
        run.message = message.map(str::to_owned);
    }
}

fn read_phase(row: &Row) -> sqlx::Result<Option<PhaseSummary>> {
    let Some(phase) = Phase::parse(&row.word(0)?) else {
        return Ok(None);
    };
    Ok(Some(PhaseSummary {
        phase,
        status: of_word(&row.word(1)?).unwrap_or_default(),
        started_at: row.time(2)?,
        ended_at: row.time(3)?,
        seconds: row.real(4)?,
        done: row.count(5)?,
        total: row.count(6)?,
        failed: row.count(7)?,
        percent: row.real(8)?.unwrap_or(0.0),
    }))
}

fn aggregate(row: &Row) -> sqlx::Result<Aggregate> {
    Ok(Aggregate {
        day: row.word(0)?,
        kind: row.word(1)?,
        name: row.word(2)?,
        count: row.count(3)?.unwrap_or(0),
    })
}
