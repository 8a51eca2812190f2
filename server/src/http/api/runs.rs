//! `GET /api/processing/runs/{run_id}`: one run with its phases, errors and failed symbols.

use super::history::RunItem;
use super::status::{rounded, word};
use super::time::rfc3339;
use crate::http::error::{ApiError, QueryErrors};
use crate::http::extract::ApiPath;
use crate::hub::Hub;
use crate::service::queries::Queries;
use axum::Json;
use axum::extract::State;
use contract::RunId;
use model::{ErrorGroup, PhaseSummary, Run, RunSummary};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// One run.
#[derive(Serialize, ToSchema)]
pub(crate) struct RunResponse {
    /// Always true.
    success: bool,
    /// The run in one line.
    run: RunItem,
    /// More about it, where the console has followed it.
    details: Option<RunDetails>,
    /// Its errors, grouped.
    errors: Vec<ErrorRow>,
}

/// What the console knows of a run that it followed.
#[derive(Serialize, ToSchema)]
pub(crate) struct RunDetails {
    /// The phases, in order.
    phases: Vec<PhaseRow>,
    /// The universes.
    universes: Vec<String>,
    /// The run whose failures it repeats.
    original_run_id: Option<String>,
    /// Failed symbols, with the reason where one is known.
    failed_symbols: Vec<FailedSymbol>,
    /// Results by indicator.
    indicators: BTreeMap<String, u64>,
    /// Detections by pattern.
    patterns: BTreeMap<String, u64>,
}

/// One phase.
#[derive(Serialize, ToSchema)]
pub(crate) struct PhaseRow {
    /// `import`, `cache_sync`, `indicators` or `patterns`.
    phase: &'static str,
    /// `waiting`, `running`, `done`, `failed`, `stopped` or `skipped`.
    status: Option<String>,
    /// 0 to 100.
    percent: f64,
    /// Symbols (for the cache: universes) done.
    done: Option<u64>,
    /// Symbols in all.
    total: Option<u64>,
    /// Symbols that failed.
    failed: Option<u64>,
    /// When it began.
    start_time: Option<String>,
    /// When it ended.
    end_time: Option<String>,
}

/// A symbol that failed.
#[derive(Serialize, ToSchema)]
pub(crate) struct FailedSymbol {
    symbol: String,
    /// The phase in which it failed, where that is known.
    phase: Option<&'static str>,
    reason: Option<String>,
}

/// Errors that say the same.
#[derive(Serialize, ToSchema)]
pub(crate) struct ErrorRow {
    /// What it is acknowledged by.
    id: Option<String>,
    /// `debug`, `info`, `warning`, `error` or `critical`.
    severity: Option<String>,
    /// The reporting part of TickStockPL.
    component: Option<String>,
    /// Such as `API_RATE_LIMIT`.
    code: Option<String>,
    /// The latest one's message.
    message: String,
    /// How many.
    count: u64,
    /// When the first one came.
    first_time: String,
    /// When the latest one came.
    last_time: String,
    /// Who has seen it.
    acknowledged_by: Option<String>,
    /// Whether somebody must look at it: nobody has, or more came since.
    needs_attention: bool,
    /// Symbols that they were about, at most ten.
    symbols: Vec<String>,
}

/// One run.
#[utoipa::path(
    get,
    path = "/api/processing/runs/{run_id}",
    tag = "reads",
    params(("run_id" = String, Path, description = "The run")),
    responses(
        (status = 200, description = "The run", body = RunResponse),
        (status = 404, description = "No such run is known", body = ApiError),
        QueryErrors
    )
)]
pub(crate) async fn run(
    State(hub): State<Hub>,
    State(queries): State<Queries>,
    ApiPath(id): ApiPath,
) -> Result<Json<RunResponse>, ApiError> {
    let state = hub.state();
    let unknown = || ApiError::not_found("No run of this id is known");
    let id = RunId::new(&id).ok_or_else(unknown)?;
    if let Some(shown) = state.run.as_ref().filter(|run| run.id == id) {
        let own = |group: &&ErrorGroup| group.run_id.as_ref() == Some(&id);
        let errors = state.errors.iter().filter(own).map(ErrorRow::of).collect();
        let (run, details) = (
            RunItem::from(&RunSummary::from(shown)),
            Some(RunDetails::of(shown)),
        );
        return Ok(Json(RunResponse {
            success: true,
            run,
            details,
            errors,
        }));
    }
    let kept = queries.stored_run(&id).await;
    let earlier = state.earlier.iter().find(|run| run.id == id);
    let line = earlier
        .or(kept.as_ref().map(|kept| &kept.summary))
        .ok_or_else(unknown)?;
    let run = RunItem::from(line);
    let details = kept
        .as_ref()
        .and_then(|kept| kept.run.as_deref())
        .map(RunDetails::of);
    let errors = kept
        .iter()
        .flat_map(|kept| &kept.errors)
        .map(ErrorRow::of)
        .collect();
    Ok(Json(RunResponse {
        success: true,
        run,
        details,
        errors,
    }))
}

impl RunDetails {
    fn of(run: &Run) -> RunDetails {
        let failed = run.failed_symbols.iter();
        RunDetails {
            phases: run.phase_summaries().iter().map(PhaseRow::from).collect(),
            universes: run.universes.clone(),
            original_run_id: run
                .original_run_id
                .as_ref()
                .map(|id| id.as_str().to_owned()),
            failed_symbols: failed
                .map(|failure| FailedSymbol {
                    symbol: failure.symbol.as_str().to_owned(),
                    phase: failure.phase.map(|phase| phase.wire_name()),
                    reason: failure.reason.clone(),
                })
                .collect(),
            indicators: run.by_indicator.clone(),
            patterns: run.by_pattern.clone(),
        }
    }
}

impl From<&PhaseSummary> for PhaseRow {
    fn from(phase: &PhaseSummary) -> PhaseRow {
        PhaseRow {
            phase: phase.phase.wire_name(),
            status: word(phase.status),
            percent: rounded(phase.percent),
            done: phase.done,
            total: phase.total,
            failed: phase.failed,
            start_time: phase.started_at.map(rfc3339),
            end_time: phase.ended_at.map(rfc3339),
        }
    }
}

impl ErrorRow {
    fn of(group: &ErrorGroup) -> ErrorRow {
        ErrorRow {
            id: group.id.as_ref().map(|id| id.as_str().to_owned()),
            acknowledged_by: group.acknowledged.as_ref().map(|seen| seen.by.clone()),
            needs_attention: group.needs_attention(),
            severity: word(group.severity),
            component: group.component.clone(),
            code: group.code.clone(),
            message: group.message.clone(),
            count: group.count,
            first_time: rfc3339(group.first_at),
            last_time: rfc3339(group.last_at),
            symbols: group
                .symbols
                .iter()
                .map(|symbol| symbol.as_str().to_owned())
                .collect(),
        }
    }
}
