//! `GET /api/processing/daily/history`: earlier runs, TickStockPL's word and the console's own put together.

use super::body::Asked;
use super::failure::{Failure, ReadFailures};
use super::status::word;
use super::text;
use crate::http::Context;
use crate::reads::Source;
use axum::Json;
use axum::extract::State;
use model::{RunStatus, RunSummary};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const DAYS: std::ops::RangeInclusive<u32> = 1..=3650;
const LIMIT: std::ops::RangeInclusive<usize> = 1..=1000;
const DAY_MS: i64 = 86_400_000;

/// Which runs.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Of the last so many days: 1 to 3650.
    #[serde(default = "seven")]
    #[param(minimum = 1, maximum = 3650, default = 7)]
    days: u32,
    /// At most so many: 1 to 1000.
    #[serde(default = "twenty")]
    #[param(minimum = 1, maximum = 1000, default = 20)]
    limit: usize,
}

fn seven() -> u32 {
    7
}

fn twenty() -> usize {
    20
}

/// Earlier runs.
#[derive(Serialize, ToSchema)]
pub struct Answer {
    /// Always true.
    success: bool,
    /// The runs, newest first.
    history: Vec<Row>,
    /// Where they are from: TickStockPL, with the console's own for what it no longer knows, or those alone.
    source: Source,
    /// When it was so.
    as_of: String,
}

/// One run.
#[derive(Serialize, ToSchema)]
pub struct Row {
    /// The run.
    pub run_id: String,
    /// `automatic`, `manual`, or what else TickStockPL says.
    pub trigger_type: Option<String>,
    /// `running`, `completed`, `failed` or `cancelled`: the words of TickStockPL's API.
    pub status: &'static str,
    /// The same more exactly: `succeeded_with_warnings`, `lost`, …
    pub state: Option<String>,
    /// When it began.
    pub start_time: Option<String>,
    /// When it ended.
    pub end_time: Option<String>,
    /// Seconds that it took.
    pub duration_seconds: Option<f64>,
    /// Symbols processed.
    pub symbols_processed: Option<u64>,
    /// Symbols that failed.
    pub symbols_failed: Option<u64>,
    /// Indicator calculations.
    pub indicators_calculated: Option<u64>,
    /// Patterns detected.
    pub patterns_detected: Option<u64>,
    /// Why it failed, was cancelled or was lost.
    pub error_message: Option<String>,
}

impl From<&RunSummary> for Row {
    fn from(run: &RunSummary) -> Row {
        Row {
            run_id: run.id.as_str().to_owned(),
            trigger_type: run.trigger.clone(),
            status: old_word(run.status),
            state: word(run.status),
            start_time: run.started_at.map(text),
            end_time: run.ended_at.map(text),
            duration_seconds: run.seconds(),
            symbols_processed: run.processed,
            symbols_failed: run.failed,
            indicators_calculated: run.indicators,
            patterns_detected: run.patterns,
            error_message: run.message.clone(),
        }
    }
}

/// The status in the words of TickStockPL's API.
fn old_word(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Running | RunStatus::Cancelling => "running",
        RunStatus::Succeeded | RunStatus::SucceededWithWarnings => "completed",
        RunStatus::Cancelled => "cancelled",
        RunStatus::Failed | RunStatus::Lost | RunStatus::Superseded => "failed",
    }
}

/// Earlier runs.
#[utoipa::path(
    get,
    path = "/api/processing/daily/history",
    tag = "reads",
    params(Wanted),
    responses((status = 200, description = "Earlier runs", body = Answer), ReadFailures)
)]
pub async fn history(State(context): State<Context>, Asked(wanted): Asked<Wanted>) -> Result<Json<Answer>, Failure> {
    if !DAYS.contains(&wanted.days) {
        return Err(Failure::invalid("days", "days must be from 1 to 3650"));
    }
    if !LIMIT.contains(&wanted.limit) {
        return Err(Failure::invalid("limit", "limit must be from 1 to 1000"));
    }
    let known = context.reads.history(wanted.days).await.ok_or_else(Failure::stopping)?;
    let links = &known.state.links;
    let as_of =
        if known.source == Source::Api || links.api.up { known.now } else { links.api.since.unwrap_or(known.now) };
    let since = known.now.plus_ms(-i64::from(wanted.days) * DAY_MS);
    let recent = |run: &&RunSummary| run.started_at.or(run.ended_at).is_none_or(|at| at >= since);
    let history = known.state.earlier.iter().filter(recent).take(wanted.limit).map(Row::from).collect();
    Ok(Json(Answer { success: true, history, source: known.source, as_of: text(as_of) }))
}
