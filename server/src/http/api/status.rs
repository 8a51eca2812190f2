//! `GET /api/processing/daily/status`: the active or last run, in the shape of TickStockAppV2's
//! API.

use super::time::rfc3339;
use crate::http::error::{ApiError, QueryErrors};
use crate::service::queries::{Answer, AnswerSource, Queries};
use axum::Json;
use axum::extract::State;
use contract::http::StatusAnswer;
use contract::{Phase, Timestamp};
use model::{PhaseState, Run, RunStatus, RunSummary};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType, Type};

/// Status of the active run, else of the last one.
#[derive(Serialize, ToSchema)]
pub(crate) struct StatusResponse {
    /// Always true.
    success: bool,
    status: Status,
    /// Source of the data.
    source: AnswerSource,
    /// Time at which the data was current, RFC 3339.
    as_of: String,
}

/// The active run, else the last one.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct Status {
    /// `false` only where TickStockPL's API reported it; `null` where it is not known.
    is_running: Option<bool>,
    /// The run; `null` where TickStockPL reports an active run without its id.
    run_id: Option<String>,
    #[schema(schema_with = run_statuses)]
    state: Option<String>,
    /// The outcome as TickStockPL reported it, where the state is `outcome_unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome_word: Option<String>,
    /// `import`, `cache_sync`, `indicators` or `patterns`; null between phases.
    phase: Option<String>,
    /// Progress of the run in percent.
    progress: f64,
    current_symbol: Option<String>,
    /// Number of symbols of the phase.
    symbols_total: Option<u64>,
    /// Symbols done in the phase.
    symbols_completed: Option<u64>,
    /// Same as `symbols_completed`, for older clients.
    symbols_processed: Option<u64>,
    /// Symbols that failed.
    symbols_failed: Option<u64>,
    /// RFC 3339.
    start_time: Option<String>,
    /// Expected end, RFC 3339.
    estimated_completion: Option<String>,
    /// Time of the last event or poll of the run, RFC 3339.
    last_updated: Option<String>,
    /// Reason of a failure, cancellation or loss.
    error_message: Option<String>,
    import_status: PhaseProgress,
    indicator_status: PhaseProgress,
}

/// Every status that a run can have.
fn run_statuses() -> Object {
    let names = RunStatus::ALL
        .iter()
        .map(|status| Value::from(status.wire_name()));
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some("Status of the run."))
        .enum_values(Some(names.chain([Value::Null])))
        .build()
}

/// Progress of one phase.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct PhaseProgress {
    /// `waiting`, `running`, `done`, `failed`, `stopped` or `skipped`.
    status: Option<String>,
    /// Symbols done.
    completed: Option<u64>,
    /// Number of symbols.
    total: Option<u64>,
    /// Symbols that failed.
    failed: Option<u64>,
    /// Progress in percent.
    percent: f64,
    current_symbol: Option<String>,
}

/// Status of the active run, else of the last one.
#[utoipa::path(
    get,
    path = "/api/processing/daily/status",
    tag = "reads",
    responses((status = 200, description = "The status", body = StatusResponse), QueryErrors)
)]
pub(crate) async fn status(
    State(queries): State<Queries>,
) -> Result<Json<StatusResponse>, ApiError> {
    let known = queries.status().await;
    let shown = known.state.run.as_ref();
    let last = || known.state.earlier.first().map(Status::of_summary);
    let mut status = shown.map(Status::of).or_else(last).unwrap_or_default();
    status.is_running = is_running(&known);
    let heard_at = shown.map(|run| run.heard_at);
    let as_of = match known.source {
        AnswerSource::Api => known.now,
        AnswerSource::Events | AnswerSource::Local => heard_at
            .max(known.state.last_message_at)
            .unwrap_or(known.now),
    };
    Ok(Json(StatusResponse {
        success: true,
        status,
        source: known.source,
        as_of: rfc3339(as_of),
    }))
}

/// The name of an enum value in JSON.
pub(crate) fn wire_name(value: impl Serialize) -> Option<String> {
    serde_json::to_value(value)
        .ok()?
        .as_str()
        .map(str::to_owned)
}

impl Status {
    fn of(run: &Run) -> Status {
        let phase = run.current_phase();
        let current = phase.map(|phase| run.phase(phase));
        let done = current.and_then(|phase| phase.done).or(run.processed);
        Status {
            is_running: None,
            run_id: (!run.id_unknown).then(|| run.id.as_str().to_owned()),
            state: wire_name(run.status),
            outcome_word: run.outcome_word.clone(),
            phase: phase.map(|phase| phase.wire_name().to_owned()),
            progress: rounded(run.percent),
            current_symbol: current.and_then(|phase| phase.current.clone()),
            symbols_total: current.and_then(|phase| phase.total).or(run.symbols_total),
            symbols_completed: done,
            symbols_processed: done,
            symbols_failed: run.failed_count(),
            start_time: run.started_at.map(rfc3339),
            estimated_completion: estimated_completion(run).map(rfc3339),
            last_updated: Some(rfc3339(run.heard_at)),
            error_message: run.message.clone(),
            import_status: PhaseProgress::of(run.phase(Phase::Import)),
            indicator_status: PhaseProgress::of(run.phase(Phase::Indicators)),
        }
    }
}

impl Status {
    /// The status of a run of which only the summary is known.
    fn of_summary(run: &RunSummary) -> Status {
        Status {
            run_id: Some(run.id.as_str().to_owned()),
            state: wire_name(run.status),
            outcome_word: run.outcome_word.clone(),
            progress: if run.status.is_success() { 100.0 } else { 0.0 },
            symbols_total: run.total,
            symbols_completed: run.processed,
            symbols_processed: run.processed,
            symbols_failed: run.failed,
            start_time: run.started_at.map(rfc3339),
            last_updated: run.ended_at.map(rfc3339),
            error_message: run.message.clone(),
            ..Status::default()
        }
    }
}

/// `Some(false)` only where TickStockPL's API reported that no run is active; `None` where it is
/// not known.
fn is_running(known: &Answer<StatusAnswer>) -> Option<bool> {
    let reported = known.answer.as_ref().map(|answer| answer.is_running);
    let last = &known.state.authority;
    let reported = reported.or_else(|| {
        known
            .state
            .links
            .api
            .up
            .then_some(last.running)
            .filter(|_| last.asked_at.is_some())
    });
    match (known.state.active(), reported) {
        (Some(run), _) if !run.unconfirmed => Some(true),
        (None, Some(false)) => Some(false),
        // Events and API disagree until the next poll.
        _ => None,
    }
}

impl PhaseProgress {
    pub(crate) fn of(phase: &PhaseState) -> PhaseProgress {
        PhaseProgress {
            status: wire_name(phase.status),
            completed: phase.done,
            total: phase.total,
            failed: phase.failed,
            percent: rounded(phase.percent),
            current_symbol: phase.current.clone(),
        }
    }
}

/// Expected end of an active run, as TickStockPL reported it.
fn estimated_completion(run: &Run) -> Option<Timestamp> {
    run.estimated_completion.filter(|_| run.is_active())
}

/// A percentage with two decimals.
pub(crate) fn rounded(percent: f64) -> f64 {
    (percent * 100.0).round() / 100.0
}
