//! A run becomes a row of `console_runs`, its phases and symbols, the whole of it as JSON, and a row for the old code.

use super::mirror::mirror;
use super::{Plan, word};
use crate::record::RunSymbols;
use crate::sql::{Arg, Link, args};
use crate::text::{big, clean, clean_json, cut, finite, run_key};
use crate::{StoreError, limits};
use contract::{Phase, RunId, Timestamp};
use jiff::tz::TimeZone;
use model::{Run, RunSample, RunStatus, RunSummary};
use std::collections::BTreeMap;

/// Rows of one INSERT: parameters stay far below what either database takes.
const ROWS: usize = 100;

/// What pages are filtered and sorted by.
pub(super) struct Line<'a> {
    pub id: &'a RunId,
    pub status: RunStatus,
    pub trigger: Option<&'a str>,
    pub universes: String,
    pub original: Option<&'a RunId>,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub heard_at: Timestamp,
    pub seconds: Option<f64>,
    pub total: Option<u64>,
    pub processed: Option<u64>,
    pub failed: Option<u64>,
    pub indicators: Option<u64>,
    pub patterns: Option<u64>,
    pub message: Option<&'a str>,
    pub comparable: bool,
}

/// A key of at most 200 characters, made as a run's is where it is longer.
pub(crate) fn bounded_key(text: &str) -> String {
    let text = clean(text);
    if text.chars().count() <= 200 { text.into_owned() } else { run_key(&text) }
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
    let line = Line {
        id: &run.id,
        status: run.status,
        trigger: run.trigger.as_deref(),
        universes: universes(&run.universes),
        original: run.original_run_id.as_ref(),
        started_at: run.started_at,
        ended_at: run.ended_at,
        heard_at: run.heard_at,
        seconds: summary.seconds(),
        total: run.symbols_total,
        processed: run.processed.or_else(|| run.phases.iter().filter_map(|phase| phase.done).max()),
        failed: summary.failed,
        indicators: summary.indicators,
        patterns: summary.patterns,
        message: run.message.as_deref(),
        comparable: RunSample::from(run).is_usable(),
    };
    // No run that ended is revived, whatever comes late.
    if !write_line(link, plan, &key, &line, "console").await? {
        return Ok(());
    }
    details(link, &key, run).await?;
    phases(link, &key, run).await?;
    if !run.is_active() {
        failed_symbols(link, &key, run).await?;
        aggregates(link, &key, run).await?;
    }
    if plan.mirror {
        let indicators = run.phase(Phase::Indicators);
        let failed = indicators.end.as_ref().and_then(|end| end.indicators_failed);
        let counted = (run.indicators > 0).then_some(run.indicators);
        let total = counted.map(|n| n.saturating_add(failed.unwrap_or(0)));
        let phase = run.current_phase().or_else(|| Phase::ALL.into_iter().rev().find(|p| run.phase(*p).is_over()));
        mirror(link, plan, &key, &line, phase, [total, counted, failed], &run.universes).await?;
    }
    Ok(())
}

pub(super) async fn summary(link: &mut Link, plan: &Plan, summary: &RunSummary) -> Result<(), StoreError> {
    let key = run_key(summary.id.as_str());
    let line = Line {
        id: &summary.id,
        status: summary.status,
        trigger: summary.trigger.as_deref(),
        universes: String::new(),
        original: None,
        started_at: summary.started_at,
        ended_at: summary.ended_at,
        heard_at: plan.now,
        seconds: summary.seconds(),
        total: None,
        processed: summary.processed,
        failed: summary.failed,
        indicators: summary.indicators,
        patterns: summary.patterns,
        message: summary.message.as_deref(),
        comparable: false,
    };
    if write_line(link, plan, &key, &line, "console").await? && plan.mirror {
        mirror(link, plan, &key, &line, None, [None, summary.indicators, None], &[]).await?;
    }
    Ok(())
}

/// Writes the row of `console_runs`, and says whether it did: what is newly said wins, what is not said stays.
async fn write_line(
    link: &mut Link,
    plan: &Plan,
    key: &str,
    line: &Line<'_>,
    origin: &str,
) -> Result<bool, StoreError> {
    let sql = "INSERT INTO console_runs (run_key, run_id, sort_us, status, trigger_type, universes, original_run_id,
            started_at, ended_at, duration_seconds, symbols_total, processed, failed, indicators, patterns, message,
            comparable, origin, search, saved_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
        ON CONFLICT (run_key) DO UPDATE SET
            sort_us = CASE WHEN excluded.started_at IS NULL AND console_runs.started_at IS NOT NULL
                THEN console_runs.sort_us ELSE excluded.sort_us END,
            status = excluded.status,
            trigger_type = COALESCE(excluded.trigger_type, console_runs.trigger_type),
            universes = CASE WHEN excluded.universes = '' THEN console_runs.universes ELSE excluded.universes END,
            original_run_id = COALESCE(excluded.original_run_id, console_runs.original_run_id),
            started_at = COALESCE(excluded.started_at, console_runs.started_at),
            ended_at = COALESCE(excluded.ended_at, console_runs.ended_at),
            duration_seconds = COALESCE(excluded.duration_seconds, console_runs.duration_seconds),
            symbols_total = COALESCE(excluded.symbols_total, console_runs.symbols_total),
            processed = COALESCE(excluded.processed, console_runs.processed),
            failed = COALESCE(excluded.failed, console_runs.failed),
            indicators = COALESCE(excluded.indicators, console_runs.indicators),
            patterns = COALESCE(excluded.patterns, console_runs.patterns),
            message = COALESCE(excluded.message, console_runs.message),
            comparable = CASE WHEN excluded.comparable = 1 THEN 1
                WHEN excluded.status IN ('succeeded', 'succeeded_with_warnings')
                THEN console_runs.comparable ELSE 0 END,
            origin = excluded.origin, search = excluded.search, saved_at = excluded.saved_at
        WHERE excluded.status NOT IN ('running', 'cancelling') OR console_runs.status IN ('running', 'cancelling')";
    let started = line.started_at.or(line.ended_at).unwrap_or(line.heard_at);
    let message = line.message.map(|text| cut(text, limits::MESSAGE));
    let search = [Some(line.id.as_str()), line.trigger, Some(&line.universes), line.message];
    let search = search.into_iter().flatten().map(|text| cut(text, limits::SEARCH)).collect::<Vec<_>>().join("\n");
    let args = args![
        key,
        line.id.as_str(),
        started.0.saturating_mul(1000),
        line.status.wire_name(),
        line.trigger.map(|text| cut(text, limits::NAME)),
        &line.universes,
        line.original.map(|id| id.as_str()),
        line.started_at,
        line.ended_at,
        finite(line.seconds),
        line.total.map(big),
        line.processed.map(big),
        line.failed.map(big),
        line.indicators.map(big),
        line.patterns.map(big),
        message,
        line.comparable,
        origin,
        search.to_lowercase(),
        plan.now,
    ];
    let rows = link.execute(sql, args).await.map_err(StoreError::statement("writing a run"))?;
    Ok(rows > 0)
}

async fn details(link: &mut Link, key: &str, run: &Run) -> Result<(), StoreError> {
    let what = "a run";
    let json = serde_json::to_string(run).map_err(|source| StoreError::Unreadable { what, source })?;
    if json.len() > limits::STATE {
        // Its line, phases and symbols are kept all the same; what an earlier time said of it would be wrong now.
        tracing::warn!(run = key, bytes = json.len(), "a run is too large to be kept whole");
        let sql = "DELETE FROM console_run_details WHERE run_key = $1";
        return link.execute(sql, args![key]).await.map(drop).map_err(StoreError::statement("writing a run"));
    }
    let sql = "INSERT INTO console_run_details (run_key, heard_at, run) VALUES ($1, $2, $3)
        ON CONFLICT (run_key) DO UPDATE SET heard_at = excluded.heard_at, run = excluded.run";
    link.execute(sql, args![key, run.heard_at, json]).await.map(drop).map_err(StoreError::statement("writing a run"))
}

async fn phases(link: &mut Link, key: &str, run: &Run) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for phase in Phase::ALL {
        let state = run.phase(phase);
        let seconds = state.is_over().then(|| state.seconds(run.heard_at)).flatten();
        rows.push(args![
            key,
            phase.wire_name(),
            word(&state.status),
            state.started_at,
            state.ended_at,
            finite(seconds),
            state.done.map(big),
            state.total.map(big),
            state.failed.map(big),
            finite(Some(state.percent)),
        ]);
    }
    let head = "INSERT INTO console_phases (run_key, phase, status, started_at, ended_at, seconds, done, total, failed,
        percent)";
    let tail = "ON CONFLICT (run_key, phase) DO UPDATE SET status = excluded.status, started_at = excluded.started_at,
        ended_at = excluded.ended_at, seconds = excluded.seconds, done = excluded.done, total = excluded.total,
        failed = excluded.failed, percent = excluded.percent";
    insert(link, "writing phases", head, tail, rows).await
}

async fn failed_symbols(link: &mut Link, key: &str, run: &Run) -> Result<(), StoreError> {
    let mut symbols = BTreeMap::new();
    for (symbol, reason) in &run.failed_symbols {
        symbols.insert(clean(symbol.as_str()).into_owned(), reason.as_deref().map(|text| cut(text, limits::MESSAGE)));
    }
    let rows = symbols.into_iter().map(|(symbol, reason)| args![key, symbol, reason]).collect();
    let head = "INSERT INTO console_failed_symbols (run_key, symbol, reason)";
    let tail =
        "ON CONFLICT (run_key, symbol) DO UPDATE SET reason = COALESCE(excluded.reason, console_failed_symbols.reason)";
    insert(link, "writing failed symbols", head, tail, rows).await
}

pub(super) async fn symbols(link: &mut Link, symbols: &RunSymbols) -> Result<(), StoreError> {
    let key = run_key(symbols.run_id.as_str());
    // Names that are the same when cleaned are one row: no statement may change a row twice.
    let reports: BTreeMap<_, _> =
        symbols.reports.iter().map(|(symbol, report)| (clean(symbol.as_str()).into_owned(), report)).collect();
    let at = symbols.at;
    let rows = reports.into_iter().map(|(symbol, report)| args![&key, symbol, at, clean_json(report)]).collect();
    let head = "INSERT INTO console_symbols (run_key, symbol, at, report)";
    let tail = "ON CONFLICT (run_key, symbol) DO UPDATE SET at = excluded.at, report = excluded.report";
    insert(link, "writing symbols", head, tail, rows).await
}

async fn aggregates(link: &mut Link, key: &str, run: &Run) -> Result<(), StoreError> {
    let day = exchange_day(run.started_at.or(run.ended_at).unwrap_or(run.heard_at));
    let mut counts = BTreeMap::new();
    for (kind, names) in [("indicator", &run.by_indicator), ("pattern", &run.by_pattern)] {
        for (name, count) in names {
            // Names that differ only beyond what is kept are counted together.
            let entry: &mut u64 = counts.entry((kind, clean(cut(name, limits::NAME)).into_owned())).or_default();
            *entry = entry.saturating_add(*count);
        }
    }
    let rows = counts.into_iter().map(|((kind, name), count)| args![key, kind, name, &day, big(count)]).collect();
    let head = "INSERT INTO console_aggregates (run_key, kind, name, day, count)";
    let tail = "ON CONFLICT (run_key, kind, name) DO UPDATE SET day = excluded.day, count = excluded.count";
    insert(link, "writing counts", head, tail, rows).await
}

/// The day in New York, as YYYY-MM-DD: a run of the evening belongs to the trading day that it is about.
pub(crate) fn exchange_day(at: Timestamp) -> String {
    let zone = TimeZone::get("America/New_York").unwrap_or(TimeZone::UTC);
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
        link.execute_built(sql, rows.concat()).await.map_err(StoreError::statement(doing))?;
    }
    Ok(())
}
