//! `GET /api/processing/runs/{run_id}`: one run with its phases, errors and failed symbols.

use super::history::RunItem;
use super::status::{rounded, wire_name};
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
    run: RunItem,
    /// Null for runs that the console received no events of.
    details: Option<RunDetails>,
    /// Groups of equal errors.
    errors: Vec<ErrorRow>,
}

/// Details of a run that the console received events of.
#[derive(Serialize, ToSchema)]
pub(crate) struct RunDetails {
    /// The phases, in order.
    phases: Vec<PhaseRow>,
    universes: Vec<String>,
    /// The run whose failed imports it retries.
    original_run_id: Option<String>,
    failed_symbols: Vec<FailedSymbol>,
    /// Number of results by indicator.
    indicators: BTreeMap<String, u64>,
    /// Number of detections by pattern.
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
    /// Symbols done; universes in `cache_sync`.
    done: Option<u64>,
    /// Number of symbols.
    total: Option<u64>,
    /// Symbols that failed.
    failed: Option<u64>,
    /// RFC 3339.
    start_time: Option<String>,
    /// RFC 3339.
    end_time: Option<String>,
}

/// A symbol that failed.
#[derive(Serialize, ToSchema)]
pub(crate) struct FailedSymbol {
    symbol: String,
    /// The phase in which it failed, if known.
    phase: Option<&'static str>,
    reason: Option<String>,
}

/// A group of equal errors.
#[derive(Serialize, ToSchema)]
pub(crate) struct ErrorRow {
    /// Identifier for `/api/processing/errors/{id}/acknowledge`.
    id: Option<String>,
    /// `debug`, `info`, `warning`, `error` or `critical`.
    severity: Option<String>,
    /// The component of TickStockPL that reported it.
    component: Option<String>,
    /// Such as `API_RATE_LIMIT`.
    code: Option<String>,
    /// Message of the latest one.
    message: String,
    /// Number of errors.
    count: u64,
    /// Time of the first one, RFC 3339.
    first_time: String,
    /// Time of the latest one, RFC 3339.
    last_time: String,
    /// The user who acknowledged it.
    acknowledged_by: Option<String>,
    /// True until it is acknowledged, and again when more errors arrive.
    needs_attention: bool,
    /// Affected symbols, at most ten.
    symbols: Vec<String>,
}

/// One run.
#[utoipa::path(
    get,
    path = "/api/processing/runs/{run_id}",
    tag = "reads",
    params(("run_id" = String, Path, description = "Run id")),
    responses(
        (status = 200, description = "The run", body = RunResponse),
        (status = 404, description = "Unknown run", body = ApiError),
        QueryErrors
    )
)]
pub(crate) async fn run(
    State(hub): State<Hub>,
    State(queries): State<Queries>,
    ApiPath(id): ApiPath,
) -> Result<Json<RunResponse>, ApiError> {
    let state = hub.state();
    let unknown = || ApiError::not_found("Unknown run.");
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
    let stored = queries.stored_run(&id).await;
    let earlier = state.earlier.iter().find(|run| run.id == id);
    let summary = earlier
        .or(stored.as_ref().map(|stored| &stored.summary))
        .ok_or_else(unknown)?;
    let run = RunItem::from(summary);
    let details = stored
        .as_ref()
        .and_then(|stored| stored.run.as_deref())
        .map(RunDetails::of);
    let errors = stored
        .iter()
        .flat_map(|stored| &stored.errors)
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
            status: wire_name(phase.status),
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
            severity: wire_name(group.severity),
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
