//! One run: all that is kept of it.

use super::{errors, within};
use crate::columns::{columns, names};
use crate::sql::{Link, Row, args};
use crate::text::run_key;
use crate::{Store, StoreError};
use contract::{RunId, Symbol};
use model::{ErrorGroup, PhaseSummary, Run, RunStatus, RunSummary, SymbolFailure};

/// How many results of one indicator, or detections of one pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Its row of the history.
    pub summary: RunSummary,
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
    /// When the database is unavailable.
    pub async fn run(&self, id: &RunId) -> Result<Option<RunRecord>, StoreError> {
        within("read run", async {
            let key = run_key(id.as_str());
            let mut link = self.reader().await?;
            if !self.tables.console {
                let summary = super::v2_history::run(&mut link, &key).await?;
                return Ok(summary.map(RunRecord::from));
            }
            let statement = StoreError::statement("read run");
            read(&mut link, &key).await.map_err(statement)
        })
        .await
    }

    /// Counts per exchange's day and kind from `since` (`YYYY-MM-DD`) on, oldest day first, at most
    /// 10,000.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn aggregates(&self, since: &str) -> Result<Vec<Aggregate>, StoreError> {
        within("read counts", async {
            if !self.tables.console {
                return Ok(Vec::new());
            }
            let sql = "SELECT day, kind, name, CAST(SUM(count) AS BIGINT) AS count FROM console_aggregates WHERE day >= $1
                GROUP BY day, kind, name ORDER BY day, kind, name LIMIT 10000";
            let rows = self.reader().await?.rows(sql, args![since]).await;
            let operation = StoreError::statement("read counts");
            rows.and_then(|rows| rows.iter().map(Row::read).collect()).map_err(operation)
        })
        .await
    }
}

async fn read(link: &mut Link, key: &str) -> sqlx::Result<Option<RunRecord>> {
    let sql = format!(
        "SELECT {} FROM console_runs WHERE run_key = $1",
        names::<RunSummary>()
    );
    let Some(row) = link.rows_built(sql, args![key]).await?.into_iter().next() else {
        return Ok(None);
    };
    let summary: RunSummary = row.read()?;
    let row = link
        .row(
            "SELECT run FROM console_run_details WHERE run_key = $1",
            args![key],
        )
        .await?;
    // What an older console wrote may no longer be read whole: the row stays.
    let run: Option<Box<Run>> = row
        .map(|row| row.get::<String>("run"))
        .transpose()?
        .and_then(|json| serde_json::from_str(&json).ok());
    let run = run.map(|mut run| {
        correct(&mut run, summary.status, summary.message.as_deref());
        run
    });
    let sql = format!(
        "SELECT {} FROM console_phases WHERE run_key = $1",
        names::<PhaseSummary>()
    );
    let rows = link.rows_built(sql, args![key]).await?;
    let mut phases: Vec<PhaseSummary> = rows.iter().map(Row::read).collect::<sqlx::Result<_>>()?;
    phases.sort_by_key(|phase| phase.phase);
    let sql = "SELECT symbol, reason FROM console_failed_symbols WHERE run_key = $1 ORDER BY symbol LIMIT 10000";
    let mut failed_symbols = Vec::new();
    for row in link.rows(sql, args![key]).await? {
        if let Some(symbol) = Symbol::new(&row.get::<String>("symbol")?) {
            let followed = run
                .iter()
                .flat_map(|run| &run.failed_symbols)
                .find(|known| known.symbol == symbol);
            failed_symbols.push(SymbolFailure {
                phase: followed.and_then(|known| known.phase),
                symbol,
                reason: row.get("reason")?,
            });
        }
    }
    let errors = errors::of_run(link, key).await?;
    let sql = "SELECT day, kind, name, count FROM console_aggregates WHERE run_key = $1
        ORDER BY kind, count DESC, name LIMIT 1000";
    let rows = link.rows(sql, args![key]).await?;
    let aggregates = rows.iter().map(Row::read).collect::<sqlx::Result<_>>()?;
    Ok(Some(RunRecord {
        summary,
        run,
        phases,
        failed_symbols,
        errors,
        aggregates,
    }))
}

/// Gives the run the outcome that its row has: TickStockPL's history may have corrected it after
/// the run was written.
pub(super) fn correct(run: &mut Run, status: RunStatus, message: Option<&str>) {
    if run.status != status {
        run.status = status;
        run.message = message.map(str::to_owned);
    }
}

impl From<RunSummary> for RunRecord {
    /// A run of which nothing else is known.
    fn from(summary: RunSummary) -> RunRecord {
        RunRecord {
            summary,
            run: None,
            phases: Vec::new(),
            failed_symbols: Vec::new(),
            errors: Vec::new(),
            aggregates: Vec::new(),
        }
    }
}

columns!(Aggregate {
    day: "day",
    kind: "kind",
    name: "name",
    count: "count",
});
