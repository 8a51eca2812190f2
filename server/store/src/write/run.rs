//! A run becomes a row of `console_runs`, its phases and symbols, the whole of it as JSON, and a
//! row for the old code.

use super::context::WriteContext;
use super::mirror::mirror;
use crate::columns::{Columns, names, on_conflict, upsert};
use crate::record::RunSymbols;
use crate::sql::{Arg, Engine, Link, Row, args};
use crate::text::{big, clean, clean_json, cut, run_key, universes};
use crate::{StoreError, limits};
use contract::{Phase, RunId, Timestamp};
use jiff::tz::TimeZone;
use model::{PhaseSummary, Run, RunSample, RunSummary};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Rows of one INSERT: parameters stay far below what either database takes.
const ROWS: usize = 100;

/// A run as a row of `console_runs`.
struct RunUpsert {
    run: RunSummary,
    /// Whether its times may be compared with those of other runs.
    comparable: bool,
    /// Its place in the history, in microseconds.
    sort_us: i64,
    /// Whether the run was started again under its id: nothing of what is stored is about this
    /// attempt.
    new_attempt: bool,
}

pub(super) async fn run(
    link: &mut Link,
    context: &WriteContext,
    run: &Run,
) -> Result<(), StoreError> {
    let key = run_key(run.id.as_str());
    let stored = Stored::read(link, &key).await?;
    // A run that ended is active again, or ended differently, where TickStockPL says so later; but
    // a record that waited in the file for its turn must not undo what was heard after it.
    if stored
        .as_ref()
        .is_some_and(|stored| stored.is_newer_than(run))
    {
        return Ok(());
    }
    let mut row = RunUpsert::new(RunSummary::from(run), run.heard_at);
    row.run.processed = run
        .processed
        .or_else(|| run.phases.iter().filter_map(|phase| phase.done).max());
    row.run.message.clone_from(&run.message);
    row.comparable = RunSample::from(run).is_usable();
    if let Some(stored) = stored {
        if stored.adopted && stored.run.status == row.run.status && row.run.message.is_none() {
            row.run.message.clone_from(&stored.run.message);
        }
        row.complete(stored);
    }
    if row.new_attempt {
        forget(link, &key).await?;
    }
    upsert_run(link, context, &key, &row).await?;
    details(link, &key, run).await?;
    phases(link, &key, run).await?;
    if !run.is_active() {
        failed_symbols(link, &key, run).await?;
        aggregates(link, &key, run).await?;
    }
    if context.mirror {
        let indicators = run.phase(Phase::Indicators);
        let failed = indicators
            .end
            .as_ref()
            .and_then(|end| end.indicators_failed);
        let counted = (run.indicators > 0).then_some(run.indicators);
        let total = counted.map(|n| n.saturating_add(failed.unwrap_or(0)));
        let phase = run.current_phase().or_else(|| {
            Phase::ALL
                .into_iter()
                .rev()
                .find(|p| run.phase(*p).is_over())
        });
        mirror(
            link,
            context,
            &key,
            &row.run,
            row.new_attempt,
            phase,
            [total, counted, failed],
        )
        .await?;
    }
    Ok(())
}

/// Writes what TickStockPL's history says of a run: it wins over what stood there, and takes away
/// only what it contradicts.
pub(super) async fn summary(
    link: &mut Link,
    context: &WriteContext,
    summary: &RunSummary,
) -> Result<(), StoreError> {
    let key = run_key(summary.id.as_str());
    let mut row = RunUpsert::new(summary.clone(), context.now);
    if let Some(stored) = Stored::read(link, &key).await? {
        let known = &stored.run;
        // A row that says it still runs is no news of a run whose end was heard, unless it was
        // started again.
        let restarted = stored.ended_before(&row.run);
        if summary.status.is_active() && !known.status.is_active() && !restarted {
            return Ok(());
        }
        if known.status == row.run.status && !restarted {
            // A summary has room for the beginning of a long message only.
            let brief = row.run.message.take();
            let whole =
                |text: &&String| brief.as_deref().is_none_or(|brief| text.starts_with(brief));
            row.run.message = known.message.as_ref().filter(whole).cloned().or(brief);
        }
        row.complete(stored);
    }
    if row.new_attempt {
        forget(link, &key).await?;
    }
    upsert_run(link, context, &key, &row).await?;
    if context.mirror {
        let indicators = row.run.indicators;
        mirror(
            link,
            context,
            &key,
            &row.run,
            row.new_attempt,
            None,
            [None, indicators, None],
        )
        .await?;
    }
    Ok(())
}

/// The row that the database has of a run.
struct Stored {
    run: RunSummary,
    sort_us: i64,
    comparable: bool,
    /// Whether TickStockAppV2 wrote it.
    adopted: bool,
    /// When the run that was written last was heard of; none where only its row is known.
    heard_at: Option<Timestamp>,
}

impl Stored {
    async fn read(link: &mut Link, key: &str) -> Result<Option<Stored>, StoreError> {
        // Another relay may write the end of the same run at the same time.
        let lock = if link.engine() == Engine::Postgres {
            "FOR UPDATE OF console_runs"
        } else {
            ""
        };
        let sql = format!(
            "SELECT {}, sort_us, comparable, origin, (SELECT d.heard_at FROM console_run_details d
                WHERE d.run_key = console_runs.run_key) AS heard_at
            FROM console_runs WHERE run_key = $1 {lock}",
            names::<RunSummary>()
        );
        let rows = link.rows_built(sql, args![key]).await;
        let read = |row: &Row| {
            Ok(Stored {
                run: row.read()?,
                sort_us: row.get("sort_us")?,
                comparable: row.get::<i64>("comparable")? == 1,
                adopted: row.get::<String>("origin")? == "processing_runs",
                heard_at: row.get("heard_at")?,
            })
        };
        rows.and_then(|rows| rows.first().map(read).transpose())
            .map_err(StoreError::statement("read run"))
    }

    /// Whether it was heard after `run`. Of the same moment the end of a run is the later word.
    fn is_newer_than(&self, run: &Run) -> bool {
        let ended = !self.run.status.is_active();
        let heard_at = self.heard_at.or(self.run.ended_at.filter(|_| ended));
        heard_at.is_some_and(|heard_at| {
            heard_at > run.heard_at || heard_at == run.heard_at && ended && run.is_active()
        })
    }

    /// Whether it ended before `run` began: then `run` is another attempt.
    fn ended_before(&self, run: &RunSummary) -> bool {
        !self.run.status.is_active()
            && self
                .run
                .ended_at
                .zip(run.started_at)
                .is_some_and(|(end, start)| start > end)
    }
}

impl RunUpsert {
    fn new(mut run: RunSummary, heard_at: Timestamp) -> RunUpsert {
        run.duration_seconds = run.seconds();
        RunUpsert {
            comparable: false,
            sort_us: run.list_time().unwrap_or(heard_at).0.saturating_mul(1000),
            new_attempt: false,
            run,
        }
    }

    /// Fills in what is absent; of another attempt nothing stays.
    fn complete(&mut self, stored: Stored) {
        self.new_attempt = stored.ended_before(&self.run);
        if self.new_attempt {
            return;
        }
        let begins = stored.run.started_at.is_some() || self.run.ended_at.is_none();
        if self.run.started_at.is_none() && begins {
            self.sort_us = stored.sort_us;
        }
        self.comparable |= stored.comparable && self.run.status.is_success();
        self.run.complete(stored.run);
    }
}

/// Removes a run that TickStockPL did not execute.
pub(super) async fn forgotten(
    link: &mut Link,
    context: &WriteContext,
    id: &RunId,
) -> Result<(), StoreError> {
    let key = run_key(id.as_str());
    forget(link, &key).await?;
    let own = "DELETE FROM console_runs WHERE run_key = $1";
    // Only what a console wrote.
    let mirrored = "DELETE FROM processing_runs WHERE run_id = $1 AND CAST(metadata AS TEXT) LIKE '%tickstock-console%'";
    for sql in [Some(own), context.mirror.then_some(mirrored)]
        .into_iter()
        .flatten()
    {
        link.execute(sql, args![&key])
            .await
            .map_err(StoreError::statement("remove run"))?;
    }
    Ok(())
}

/// Removes what an earlier attempt left beside the run's row: it is not about the run that now has
/// its id.
async fn forget(link: &mut Link, key: &str) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM console_run_details WHERE run_key = $1",
        "DELETE FROM console_phases WHERE run_key = $1",
        "DELETE FROM console_failed_symbols WHERE run_key = $1",
        "DELETE FROM console_aggregates WHERE run_key = $1",
        "DELETE FROM console_symbols WHERE run_key = $1",
    ] {
        link.execute(sql, args![key])
            .await
            .map_err(StoreError::statement("write run"))?;
    }
    Ok(())
}

static UPSERT_RUN: LazyLock<String> = LazyLock::new(|| {
    let own = [
        "run_key",
        "sort_us",
        "comparable",
        "origin",
        "search",
        "saved_at",
    ];
    upsert::<RunSummary>("console_runs", &own, "run_key", &[])
});

/// Writes the row of `console_runs`.
async fn upsert_run(
    link: &mut Link,
    context: &WriteContext,
    key: &str,
    row: &RunUpsert,
) -> Result<(), StoreError> {
    let universes = universes(&row.run.universes);
    let search = [
        Some(row.run.id.as_str()),
        row.run.trigger.as_deref(),
        Some(&universes),
        row.run.message.as_deref(),
    ];
    let search = search
        .into_iter()
        .flatten()
        .map(|text| cut(text, limits::SEARCH))
        .collect::<Vec<_>>()
        .join("\n");
    let mut args = args![
        key,
        row.sort_us,
        row.comparable,
        "console",
        search.to_lowercase(),
        context.now,
    ];
    args.extend(row.run.args());
    link.execute(&UPSERT_RUN, args)
        .await
        .map(drop)
        .map_err(StoreError::statement("write run"))
}

async fn details(link: &mut Link, key: &str, run: &Run) -> Result<(), StoreError> {
    let what = "a run";
    let json =
        serde_json::to_string(run).map_err(|source| StoreError::Unreadable { what, source })?;
    if json.len() > limits::STATE {
        // Its row, phases and symbols are kept all the same; what an earlier time said of it would
        // be wrong now.
        tracing::warn!(
            run = key,
            bytes = json.len(),
            "run exceeds the size limit, stored without details"
        );
        let sql = "DELETE FROM console_run_details WHERE run_key = $1";
        return link
            .execute(sql, args![key])
            .await
            .map(drop)
            .map_err(StoreError::statement("write run"));
    }
    let sql = "INSERT INTO console_run_details (run_key, heard_at, run) VALUES ($1, $2, $3)
        ON CONFLICT (run_key) DO UPDATE SET heard_at = excluded.heard_at, run = excluded.run";
    link.execute(sql, args![key, run.heard_at, json])
        .await
        .map(drop)
        .map_err(StoreError::statement("write run"))
}

async fn phases(link: &mut Link, key: &str, run: &Run) -> Result<(), StoreError> {
    let row = |phase: PhaseSummary| [args![key], phase.args()].concat();
    let rows = run.phase_summaries().into_iter().map(row).collect();
    let head = format!(
        "INSERT INTO console_phases (run_key, {})",
        names::<PhaseSummary>()
    );
    let tail = on_conflict::<PhaseSummary>(&[], "run_key, phase", &[]);
    insert(link, "write phases", &head, &tail, rows).await
}

async fn failed_symbols(link: &mut Link, key: &str, run: &Run) -> Result<(), StoreError> {
    let mut symbols = BTreeMap::new();
    for failure in &run.failed_symbols {
        symbols.insert(
            clean(failure.symbol.as_str()).into_owned(),
            failure
                .reason
                .as_deref()
                .map(|text| cut(text, limits::MESSAGE)),
        );
    }
    let rows = symbols
        .into_iter()
        .map(|(symbol, reason)| args![key, symbol, reason])
        .collect();
    let head = "INSERT INTO console_failed_symbols (run_key, symbol, reason)";
    let tail = "ON CONFLICT (run_key, symbol) DO UPDATE SET reason = COALESCE(excluded.reason, console_failed_symbols.reason)";
    insert(link, "write failed symbols", head, tail, rows).await
}

pub(super) async fn symbols(link: &mut Link, symbols: &RunSymbols) -> Result<(), StoreError> {
    let key = run_key(symbols.run_id.as_str());
    // Names that are the same when cleaned are one row: no statement may change a row twice.
    let reports: BTreeMap<_, _> = symbols
        .reports
        .iter()
        .map(|(symbol, report)| (clean(symbol.as_str()).into_owned(), report))
        .collect();
    let at = symbols.at;
    let rows = reports
        .into_iter()
        .map(|(symbol, report)| args![&key, symbol, at, clean_json(report)])
        .collect();
    let head = "INSERT INTO console_symbols (run_key, symbol, at, report)";
    let tail =
        "ON CONFLICT (run_key, symbol) DO UPDATE SET at = excluded.at, report = excluded.report";
    insert(link, "write symbols", head, tail, rows).await
}

async fn aggregates(link: &mut Link, key: &str, run: &Run) -> Result<(), StoreError> {
    let day = exchange_day(run.started_at.or(run.ended_at).unwrap_or(run.heard_at));
    let mut counts = BTreeMap::new();
    for (kind, names) in [
        ("indicator", &run.by_indicator),
        ("pattern", &run.by_pattern),
    ] {
        for (name, count) in names {
            // Names that differ only beyond what is kept are counted together.
            let entry: &mut u64 = counts
                .entry((kind, clean(cut(name, limits::NAME)).into_owned()))
                .or_default();
            *entry = entry.saturating_add(*count);
        }
    }
    let rows = counts
        .into_iter()
        .map(|((kind, name), count)| args![key, kind, name, &day, big(count)])
        .collect();
    let head = "INSERT INTO console_aggregates (run_key, kind, name, day, count)";
    let tail = "ON CONFLICT (run_key, kind, name) DO UPDATE SET day = excluded.day, count = excluded.count";
    insert(link, "write counts", head, tail, rows).await
}

/// The day in New York, as YYYY-MM-DD: a run of the evening belongs to the trading day that it is
/// about.
pub(crate) fn exchange_day(at: Timestamp) -> String {
    let zone = TimeZone::get(contract::EXCHANGE_ZONE).unwrap_or(TimeZone::UTC);
    match jiff::Timestamp::from_millisecond(at.0) {
        Ok(at) => zone.to_datetime(at).date().to_string(),
        Err(_) => "1970-01-01".to_owned(),
    }
}

/// Inserts rows, [`ROWS`] at a time.
async fn insert(
    link: &mut Link,
    operation: &'static str,
    head: &str,
    tail: &str,
    rows: Vec<Vec<Arg>>,
) -> Result<(), StoreError> {
    for rows in rows.chunks(ROWS) {
        let mut number = 0;
        let values: Vec<String> = rows
            .iter()
            .map(|row| {
                let places: Vec<String> = row
                    .iter()
                    .map(|_| {
                        number += 1;
                        format!("${number}")
                    })
                    .collect();
                format!("({})", places.join(", "))
            })
            .collect();
        let sql = format!("{head} VALUES {} {tail}", values.join(", "));
        link.execute_built(sql, rows.concat())
            .await
            .map_err(StoreError::statement(operation))?;
    }
    Ok(())
}
