//! A run becomes a row of `console_runs`, its phases and symbols, the whole of it as JSON, and a
//! row for the old code.

use super::mirror::mirror;
use super::{Plan, word};
use crate::read::{RUN_COLUMN_COUNT, RUN_COLUMNS, StoredRun, read_line};
use crate::record::RunSymbols;
use crate::sql::{Arg, Engine, Link, Row, args};
use crate::text::{big, clean, clean_json, cut, finite, run_key};
use crate::{StoreError, limits};
use contract::{Phase, RunId, Timestamp};
use jiff::tz::TimeZone;
use model::{PhaseSummary, Run, RunSample, RunStatus, RunSummary};
use std::collections::BTreeMap;

/// Rows of one INSERT: parameters stay far below what either database takes.
const ROWS: usize = 100;

/// What pages are filtered and sorted by.
pub(super) struct Line {
    pub id: RunId,
    pub status: RunStatus,
    pub trigger: Option<String>,
    pub universes: String,
    pub original: Option<RunId>,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub seconds: Option<f64>,
    pub total: Option<u64>,
    pub processed: Option<u64>,
    pub failed: Option<u64>,
    pub indicators: Option<u64>,
    pub patterns: Option<u64>,
    pub message: Option<String>,
    /// Whether its times may be compared with those of other runs.
    pub comparable: bool,
    /// Where it stands in the history, in microseconds.
    pub sort_us: i64,
    /// Whether the run was started again under its id: nothing of what stood there is about this
    /// attempt.
    pub new_attempt: bool,
}

/// A key of at most 200 characters, made as a run's is where it is longer.
pub(crate) fn bounded_key(text: &str) -> String {
    let text = clean(text);
    if text.chars().count() <= 200 {
        text.into_owned()
    } else {
        run_key(&text)
    }
}

/// Names between line feeds, sorted, so that the same universes make the same text.
pub(crate) fn universes(names: &[String]) -> String {
    let tidy = |name: &String| clean(cut(name.trim(), limits::NAME)).replace('\n', " ");
    let mut names: Vec<String> = names.iter().map(tidy).collect();
    names.sort();
    names.dedup();
    let mut text = String::new();
    for name in names.iter().filter(|name| !name.is_empty()) {
        // An index of PostgreSQL's holds no more.
        if text.len() + name.len() < limits::UNIVERSES {
            text = format!("{}{name}\n", if text.is_empty() { "\n" } else { &text });
        }
    }
    text
}

pub(super) async fn run(link: &mut Link, plan: &Plan, run: &Run) -> Result<(), StoreError> {
    let key = run_key(run.id.as_str());
    let summary = RunSummary::from(run);
    let stored = Stored::read(link, &key).await?;
    // A run that ended goes on again, or ended differently, where TickStockPL says so later; but a
    // record that waited in the file for its turn must not undo what was heard after it.
    if stored
        .as_ref()
        .is_some_and(|stored| stored.is_newer_than(run))
    {
        return Ok(());
    }
    let mut line = Line {
        universes: universes(&run.universes),
        original: run.original_run_id.clone(),
        processed: run
            .processed
            .or_else(|| run.phases.iter().filter_map(|phase| phase.done).max()),
        message: run.message.clone(),
        comparable: RunSample::from(run).is_usable(),
        ..Line::new(&summary, run.heard_at)
    };
    if let Some(stored) = stored {
        let told_by_old_code = stored.line.old && stored.line.summary.status == line.status;
        line.message = line.message.or(stored
            .line
            .summary
            .message
            .clone()
            .filter(|_| told_by_old_code));
        line.complete(stored);
    }
    if line.new_attempt {
        forget(link, &key).await?;
    }
    write_line(link, plan, &key, &line).await?;
    details(link, &key, run).await?;
    phases(link, &key, run).await?;
    if !run.is_active() {
        failed_symbols(link, &key, run).await?;
        aggregates(link, &key, run).await?;
    }
    if plan.mirror {
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
        mirror(link, plan, &key, &line, phase, [total, counted, failed]).await?;
    }
    Ok(())
}

/// Writes what TickStockPL's history says of a run: it wins over what stood there, and takes away
/// only what it contradicts.
pub(super) async fn summary(
    link: &mut Link,
    plan: &Plan,
    summary: &RunSummary,
) -> Result<(), StoreError> {
    let key = run_key(summary.id.as_str());
    let mut line = Line::new(summary, plan.now);
    if let Some(stored) = Stored::read(link, &key).await? {
        // A row that says it still runs is no news of a run whose end was heard, unless it was
        // started again.
        if summary.status.is_active()
            && !stored.line.summary.status.is_active()
            && !stored.ended_before(&line)
        {
            return Ok(());
        }
        let known = &stored.line.summary;
        if known.status == line.status && !stored.ended_before(&line) {
            // A summary has room for the beginning of a long message only.
            let said = line.message.take();
            let whole = |text: &&String| said.as_deref().is_none_or(|said| text.starts_with(said));
            line.message = known.message.as_ref().filter(whole).cloned().or(said);
        }
        line.complete(stored);
    }
    if line.new_attempt {
        forget(link, &key).await?;
    }
    write_line(link, plan, &key, &line).await?;
    if plan.mirror {
        mirror(link, plan, &key, &line, None, [None, line.indicators, None]).await?;
    }
    Ok(())
}

/// What stands in the database of a run.
struct Stored {
    line: StoredRun,
    sort_us: i64,
    comparable: bool,
    /// When the run that was written last was heard of; none where only its line is known.
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
            "SELECT {RUN_COLUMNS}, comparable,
                (SELECT d.heard_at FROM console_run_details d WHERE d.run_key = console_runs.run_key)
            FROM console_runs WHERE run_key = $1 {lock}"
        );
        let rows = link.rows_built(sql, args![key]).await;
        let read = |row: &Row| {
            let (at, line) = read_line(row)?;
            let comparable = row.int(RUN_COLUMN_COUNT)? == Some(1);
            Ok(Stored {
                line,
                sort_us: at.at,
                comparable,
                heard_at: row.time(RUN_COLUMN_COUNT + 1)?,
            })
        };
        rows.and_then(|rows| rows.first().map(read).transpose())
            .map_err(StoreError::statement("reading a run"))
    }

    /// Whether it was heard after `run`. Of the same moment the end of a run is the later word.
    fn is_newer_than(&self, run: &Run) -> bool {
        let summary = &self.line.summary;
        let ended = !summary.status.is_active();
        let heard_at = self.heard_at.or(summary.ended_at.filter(|_| ended));
        heard_at.is_some_and(|heard_at| {
            heard_at > run.heard_at || heard_at == run.heard_at && ended && run.is_active()
        })
    }

    /// Whether it ended before that one began: then that one is another attempt.
    fn ended_before(&self, line: &Line) -> bool {
        let summary = &self.line.summary;
        !summary.status.is_active()
            && summary
                .ended_at
                .zip(line.started_at)
                .is_some_and(|(end, start)| start > end)
    }
}

impl Line {
    fn new(summary: &RunSummary, heard_at: Timestamp) -> Line {
        let began = summary.started_at.or(summary.ended_at).unwrap_or(heard_at);
        Line {
            id: summary.id.clone(),
            status: summary.status,
            trigger: summary.trigger.clone(),
            universes: String::new(),
            original: None,
            started_at: summary.started_at,
            ended_at: summary.ended_at,
            seconds: summary.seconds(),
            total: summary.total,
            processed: summary.processed,
            failed: summary.failed,
            indicators: summary.indicators,
            patterns: summary.patterns,
            message: summary.message.clone(),
            comparable: false,
            sort_us: began.0.saturating_mul(1000),
            new_attempt: false,
        }
    }

    /// Fills in what is not newly said; of another attempt nothing stays, and a run that goes on
    /// has no end.
    fn complete(&mut self, stored: Stored) {
        self.new_attempt = stored.ended_before(self);
        if self.new_attempt {
            return;
        }
        let StoredRun {
            summary: known,
            universes,
            original_run_id,
            ..
        } = stored.line;
        if self.started_at.is_none() && (known.started_at.is_some() || self.ended_at.is_none()) {
            self.sort_us = stored.sort_us;
        }
        if self.universes.is_empty() {
            self.universes = self::universes(&universes);
        }
        self.trigger = self.trigger.take().or(known.trigger);
        self.original = self.original.take().or(original_run_id);
        self.started_at = self.started_at.or(known.started_at);
        if !self.status.is_active() {
            self.ended_at = self.ended_at.or(known.ended_at);
            self.seconds = self.seconds.or(known.duration_seconds);
        }
        self.total = self.total.or(known.total);
        self.processed = self.processed.or(known.processed);
        self.failed = self.failed.or(known.failed);
        self.indicators = self.indicators.or(known.indicators);
        self.patterns = self.patterns.or(known.patterns);
        self.comparable |= stored.comparable && self.status.is_success();
    }
}

/// Removes a run that TickStockPL did not execute.
pub(super) async fn forgotten(link: &mut Link, plan: &Plan, id: &RunId) -> Result<(), StoreError> {
    let key = run_key(id.as_str());
    forget(link, &key).await?;
    let own = "DELETE FROM console_runs WHERE run_key = $1";
    // Only what a console wrote.
    let mirrored = "DELETE FROM processing_runs WHERE run_id = $1 AND CAST(metadata AS TEXT) LIKE '%tickstock-console%'";
    for sql in [Some(own), plan.mirror.then_some(mirrored)]
        .into_iter()
        .flatten()
    {
        link.execute(sql, args![&key])
            .await
            .map_err(StoreError::statement("removing a run"))?;
    }
    Ok(())
}

/// Removes what an earlier attempt left beside the run's line: it is not about the run that now has
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
            .map_err(StoreError::statement("writing a run"))?;
    }
    Ok(())
}

/// Writes the row of `console_runs`.
async fn write_line(
    link: &mut Link,
    plan: &Plan,
    key: &str,
    line: &Line,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO console_runs (run_key, run_id, sort_us, status, trigger_type, universes, original_run_id,
            started_at, ended_at, duration_seconds, symbols_total, processed, failed, indicators, patterns, message,
            comparable, origin, search, saved_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 'console', $18, $19)
        ON CONFLICT (run_key) DO UPDATE SET sort_us = excluded.sort_us, status = excluded.status,
            trigger_type = excluded.trigger_type, universes = excluded.universes,
            original_run_id = excluded.original_run_id, started_at = excluded.started_at, ended_at = excluded.ended_at,
            duration_seconds = excluded.duration_seconds, symbols_total = excluded.symbols_total,
            processed = excluded.processed, failed = excluded.failed, indicators = excluded.indicators,
            patterns = excluded.patterns, message = excluded.message, comparable = excluded.comparable,
            origin = excluded.origin, search = excluded.search, saved_at = excluded.saved_at";
    let message = line.message.as_deref();
    let search = [
        Some(line.id.as_str()),
        line.trigger.as_deref(),
        Some(&line.universes),
        message,
    ];
    let search = search
        .into_iter()
        .flatten()
        .map(|text| cut(text, limits::SEARCH))
        .collect::<Vec<_>>()
        .join("\n");
    let args = args![
        key,
        line.id.as_str(),
        line.sort_us,
        line.status.wire_name(),
        line.trigger.as_deref().map(|text| cut(text, limits::NAME)),
        &line.universes,
        line.original.as_ref().map(|id| id.as_str()),
        line.started_at,
        line.ended_at,
        finite(line.seconds),
        line.total.map(big),
        line.processed.map(big),
        line.failed.map(big),
        line.indicators.map(big),
        line.patterns.map(big),
        message.map(|text| cut(text, limits::MESSAGE)),
        line.comparable,
        search.to_lowercase(),
        plan.now,
    ];
    link.execute(sql, args)
        .await
        .map(drop)
        .map_err(StoreError::statement("writing a run"))
}

async fn details(link: &mut Link, key: &str, run: &Run) -> Result<(), StoreError> {
    let what = "a run";
    let json =
        serde_json::to_string(run).map_err(|source| StoreError::Unreadable { what, source })?;
    if json.len() > limits::STATE {
        // Its line, phases and symbols are kept all the same; what an earlier time said of it would
        // be wrong now.
        tracing::warn!(
            run = key,
            bytes = json.len(),
            "a run is too large to be kept whole"
        );
        let sql = "DELETE FROM console_run_details WHERE run_key = $1";
        return link
            .execute(sql, args![key])
            .await
            .map(drop)
            .map_err(StoreError::statement("writing a run"));
    }
    let sql = "INSERT INTO console_run_details (run_key, heard_at, run) VALUES ($1, $2, $3)
        ON CONFLICT (run_key) DO UPDATE SET heard_at = excluded.heard_at, run = excluded.run";
    link.execute(sql, args![key, run.heard_at, json])
        .await
        .map(drop)
        .map_err(StoreError::statement("writing a run"))
}

async fn phases(link: &mut Link, key: &str, run: &Run) -> Result<(), StoreError> {
    let row = |phase: PhaseSummary| {
        args![
            key,
            phase.phase.wire_name(),
            word(&phase.status),
            phase.started_at,
            phase.ended_at,
            finite(phase.seconds),
            phase.done.map(big),
            phase.total.map(big),
            phase.failed.map(big),
            finite(Some(phase.percent)),
        ]
    };
    let rows = run.phase_summaries().into_iter().map(row).collect();
    let head = "INSERT INTO console_phases (run_key, phase, status, started_at, ended_at, seconds, done, total, failed,
        percent)";
    let tail = "ON CONFLICT (run_key, phase) DO UPDATE SET status = excluded.status, started_at = excluded.started_at,
        ended_at = excluded.ended_at, seconds = excluded.seconds, done = excluded.done, total = excluded.total,
        failed = excluded.failed, percent = excluded.percent";
    insert(link, "writing phases", head, tail, rows).await
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
    insert(link, "writing failed symbols", head, tail, rows).await
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
    insert(link, "writing symbols", head, tail, rows).await
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
    insert(link, "writing counts", head, tail, rows).await
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
    doing: &'static str,
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
            .map_err(StoreError::statement(doing))?;
    }
    Ok(())
}
