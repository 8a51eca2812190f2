//! `GET /api/processing/daily/history`: earlier runs, from TickStockPL's history and the console's
//! database.

use super::status::wire_name;
use super::time::rfc3339;
use crate::http::error::{ApiError, QueryErrors};
use crate::http::extract::ApiQuery;
use crate::service::queries::{Answer, AnswerSource, Queries};
use axum::Json;
use axum::extract::State;
use contract::Timestamp;
use contract::http::ReportedRun;
use model::{RunStatus, RunSummary};
use serde::{Deserialize, Serialize};
use store::{Cursor, HistoryFilter, Page};
use utoipa::{IntoParams, ToSchema};

const DAYS: std::ops::RangeInclusive<u32> = 1..=3650;
const LIMIT: std::ops::RangeInclusive<u32> = 1..=200;
const DAY_MS: i64 = 86_400_000;

/// Filter and page of the history.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// Runs of the last days: 1 to 3650.
    #[serde(default = "seven")]
    #[param(minimum = 1, maximum = 3650, default = 7)]
    days: u32,
    /// Maximum number of runs: 1 to 200.
    #[serde(default = "twenty")]
    #[param(minimum = 1, maximum = 200, default = 20)]
    limit: u32,
    /// Only runs of this status, such as `failed`.
    status: Option<String>,
    /// Only runs with this trigger, such as `manual`.
    trigger: Option<String>,
    /// Only runs of this universe.
    universe: Option<String>,
    /// Only runs with this text in their id, trigger, universes or message.
    q: Option<String>,
    /// The `next` of the previous page.
    cursor: Option<String>,
}

fn seven() -> u32 {
    7
}

fn twenty() -> u32 {
    20
}

/// Earlier runs.
#[derive(Serialize, ToSchema)]
pub(crate) struct HistoryResponse {
    /// Always true.
    success: bool,
    /// The runs, newest first.
    history: Vec<RunItem>,
    /// Value of `cursor` for the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// `api` where TickStockPL responded; its runs are completed from the console's database.
    source: AnswerSource,
    /// Time at which the data was current.
    as_of: String,
}

/// One run.
#[derive(Serialize, ToSchema)]
pub(crate) struct RunItem {
    pub run_id: String,
    /// `automatic`, `manual`, or another trigger that TickStockPL reported.
    pub trigger_type: Option<String>,
    /// `running`, `completed`, `failed` or `cancelled`, as in TickStockPL's API, or
    /// `outcome_unknown`.
    pub status: &'static str,
    /// Exact status, such as `succeeded_with_warnings` or `lost`.
    pub state: Option<String>,
    /// The outcome as TickStockPL reported it, where the state is `outcome_unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome_word: Option<String>,
    /// RFC 3339.
    pub start_time: Option<String>,
    /// RFC 3339.
    pub end_time: Option<String>,
    pub duration_seconds: Option<f64>,
    /// Symbols processed.
    pub symbols_processed: Option<u64>,
    /// Symbols that failed.
    pub symbols_failed: Option<u64>,
    /// Indicator calculations.
    pub indicators_calculated: Option<u64>,
    /// Patterns detected.
    pub patterns_detected: Option<u64>,
    /// Reason of a failure, cancellation or loss.
    pub error_message: Option<String>,
}

impl From<&RunSummary> for RunItem {
    fn from(run: &RunSummary) -> RunItem {
        RunItem {
            run_id: run.id.as_str().to_owned(),
            trigger_type: run.trigger.clone(),
            status: upstream_status(run.status),
            state: wire_name(run.status),
            outcome_word: run.outcome_word.clone(),
            start_time: run.started_at.map(rfc3339),
            end_time: run.ended_at.map(rfc3339),
            duration_seconds: run.seconds(),
            symbols_processed: run.processed,
            symbols_failed: run.failed,
            indicators_calculated: run.indicators,
            patterns_detected: run.patterns,
            error_message: run.message.clone(),
        }
    }
}

/// The status as TickStockPL's API names it.
fn upstream_status(status: RunStatus) -> &'static str {
    match status {
        status if status.is_active() => "running",
        status if status.is_success() => "completed",
        RunStatus::Cancelled => "cancelled",
        RunStatus::OutcomeUnknown => "outcome_unknown",
        _ => "failed",
    }
}

/// Earlier runs.
#[utoipa::path(
    get,
    path = "/api/processing/daily/history",
    tag = "reads",
    params(HistoryQuery),
    responses((status = 200, description = "Earlier runs", body = HistoryResponse), QueryErrors)
)]
pub(crate) async fn history(
    State(queries): State<Queries>,
    ApiQuery(wanted): ApiQuery<HistoryQuery>,
) -> Result<Json<HistoryResponse>, ApiError> {
    if !DAYS.contains(&wanted.days) {
        return Err(ApiError::invalid("days", "days must be 1 to 3650."));
    }
    if !LIMIT.contains(&wanted.limit) {
        return Err(ApiError::invalid("limit", "limit must be 1 to 200."));
    }
    let status = wanted.status.as_deref().map(status_of).transpose()?;
    let after: Option<Cursor> = match wanted.cursor.as_deref().map(str::parse) {
        None => None,
        Some(Ok(cursor)) => Some(cursor),
        Some(Err(_)) => {
            return Err(ApiError::invalid(
                "cursor",
                "Unknown cursor. Use the next of an earlier response.",
            ));
        }
    };
    let known = queries.history(wanted.days).await;
    let since = known.now.plus_ms(-i64::from(wanted.days) * DAY_MS);
    let filter = HistoryFilter {
        since: Some(since),
        status,
        trigger: wanted.trigger.filter(|text| !text.is_empty()),
        universe: wanted.universe.filter(|text| !text.is_empty()),
        text: wanted.q.filter(|text| !text.is_empty()),
    };
    let links = &known.state.links;
    let as_of = if known.source == AnswerSource::Api || links.api.up {
        known.now
    } else {
        links.api.since.unwrap_or(known.now)
    };
    // Filters and later pages are answered by the database alone.
    let whole = HistoryFilter {
        since: filter.since,
        ..HistoryFilter::default()
    };
    let fresh = if filter == whole && after.is_none() {
        recent_runs(&known, since)
    } else {
        Vec::new()
    };
    let mut page = queries
        .stored_history(&filter, after.as_ref(), wanted.limit)
        .await;
    // Runs that are not written yet come first and count toward the page's limit.
    let unwritten = |page: &Page<RunSummary>| {
        let oldest = page
            .rows
            .last()
            .and_then(RunSummary::list_time)
            .filter(|_| page.next.is_some());
        let newer = |run: &&RunSummary| {
            oldest.is_none_or(|oldest| run.list_time().is_none_or(|at| at > oldest))
        };
        let written = |run: &RunSummary| page.rows.iter().any(|row| row.id == run.id);
        fresh
            .iter()
            .filter(newer)
            .filter(|run| !written(run))
            .cloned()
            .collect::<Vec<_>>()
    };
    let mut first = unwritten(&page);
    if !first.is_empty() && page.next.is_some() {
        let left = wanted
            .limit
            .saturating_sub(u32::try_from(first.len()).unwrap_or(u32::MAX))
            .max(1);
        page = queries.stored_history(&filter, after.as_ref(), left).await;
        first = unwritten(&page);
    }
    let next = page.next.as_ref().map(ToString::to_string);
    let history = merged(first, page, &fresh, wanted.limit as usize)
        .iter()
        .map(RunItem::from)
        .collect();
    Ok(Json(HistoryResponse {
        success: true,
        history,
        next,
        source: known.source,
        as_of: rfc3339(as_of),
    }))
}

/// Runs that began since `since`, from TickStockPL's response and from events.
fn recent_runs(known: &Answer<Vec<ReportedRun>>, since: Timestamp) -> Vec<RunSummary> {
    let mut runs = known.state.earlier.clone();
    let of_row = |row| RunSummary::from_history(row, None, known.now, known.state.thresholds);
    let said = known.answer.iter().flatten().filter_map(of_row);
    for run in said {
        if runs.iter().all(|known| known.id != run.id) {
            runs.push(run);
        }
    }
    runs.retain(|run| run.list_time().is_none_or(|at| at >= since));
    runs
}

/// Runs that are not written yet, and a page of the database, updated with later events.
fn merged(
    first: Vec<RunSummary>,
    page: Page<RunSummary>,
    fresh: &[RunSummary],
    limit: usize,
) -> Vec<RunSummary> {
    let stored = page.rows.into_iter().map(|stored| {
        // Events are newer than the database.
        match fresh.iter().find(|run| run.id == stored.id) {
            Some(fresh) => {
                let mut run = fresh.clone();
                run.complete(stored);
                run
            }
            None => stored,
        }
    });
    let mut runs: Vec<RunSummary> = first.into_iter().chain(stored).collect();
    // A stable sort: runs that began at the same time stay in the page's order.
    runs.sort_by_key(|run| std::cmp::Reverse(run.list_time()));
    runs.truncate(limit);
    runs
}

fn status_of(word: &str) -> Result<RunStatus, ApiError> {
    // Accepts the names of TickStockPL's API, too.
    let word = match word {
        "completed" | "success" => "succeeded",
        word => word,
    };
    RunStatus::from_wire_name(word).ok_or_else(|| {
        let names: Vec<_> = RunStatus::ALL
            .iter()
            .map(|status| status.wire_name())
            .collect();
        ApiError::invalid(
            "status",
            format!("Unknown status {word:?}. Expected {}.", names.join(", ")),
        )
    })
}
