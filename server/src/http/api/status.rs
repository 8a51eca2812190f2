//! `GET /api/processing/daily/status`: what runs, in the shape of the old page, from TickStockPL or
//! from what is known.

use super::time::rfc3339;
use crate::http::error::{ApiError, QueryErrors};
use crate::service::queries::{Answer, AnswerSource, Queries};
use axum::Json;
use axum::extract::State;
use contract::http::StatusAnswer;
use contract::{Phase, Timestamp};
use model::{PhaseState, Run, RunSummary};
use serde::Serialize;
use utoipa::ToSchema;

/// What runs, and how that is known.
#[derive(Serialize, ToSchema)]
pub(crate) struct StatusResponse {
    /// Always true.
    success: bool,
    /// What runs.
    status: Status,
    /// Where it is from.
    source: AnswerSource,
    /// When it was so.
    as_of: String,
}

/// The active run, else the last one.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct Status {
    /// Whether a run is active: `false` only where TickStockPL's API said so, `null` where nobody
    /// knows.
    is_running: Option<bool>,
    /// The run; `null` where TickStockPL reports an active run without its id.
    run_id: Option<String>,
    /// What it does, or how it ended: `running`, `cancelling`, `succeeded`,
    /// `succeeded_with_warnings`, `failed`, `cancelled`, `outcome_unknown`, `lost` or `superseded`.
    state: Option<String>,
    /// TickStockPL's own word, where the state is `outcome_unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome_word: Option<String>,
    /// `import`, `cache_sync`, `indicators` or `patterns`, while one of them is under way.
    phase: Option<String>,
    /// 0 to 100, of the whole run.
    progress: f64,
    /// The symbol in work.
    current_symbol: Option<String>,
    /// Symbols of the phase.
    symbols_total: Option<u64>,
    /// Symbols done in the phase.
    symbols_completed: Option<u64>,
    /// The same as `symbols_completed`: both names have been in use.
    symbols_processed: Option<u64>,
    /// Symbols that failed.
    symbols_failed: Option<u64>,
    /// When the run began.
    start_time: Option<String>,
    /// When it should end.
    estimated_completion: Option<String>,
    /// When anything was last heard of it.
    last_updated: Option<String>,
    /// Why it failed, was cancelled or was lost.
    error_message: Option<String>,
    /// The import.
    import_status: PhaseProgress,
    /// The indicators.
    indicator_status: PhaseProgress,
}

/// One phase.
#[derive(Default, Serialize, ToSchema)]
pub(crate) struct PhaseProgress {
    /// `waiting`, `running`, `done`, `failed`, `stopped` or `skipped`.
    status: Option<String>,
    /// Symbols done.
    completed: Option<u64>,
    /// Symbols in all.
    total: Option<u64>,
    /// Symbols that failed.
    failed: Option<u64>,
    /// 0 to 100.
    percent: f64,
    /// The symbol in work.
    current_symbol: Option<String>,
}

/// What runs.
#[utoipa::path(
    get,
    path = "/api/processing/daily/status",
    tag = "reads",
    responses((status = 200, description = "What runs", body = StatusResponse), QueryErrors)
)]
pub(crate) async fn status(
    State(queries): State<Queries>,
) -> Result<Json<StatusResponse>, ApiError> {
    let known = queries.status().await;
    let shown = known.state.run.as_ref();
    let last = || known.state.earlier.first().map(Status::of_last);
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

/// The word that a state has in JSON.
pub(crate) fn word(value: impl Serialize) -> Option<String> {
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
            state: word(run.status),
            outcome_word: run.outcome_word.clone(),
            phase: phase.map(|phase| phase.wire_name().to_owned()),
            progress: rounded(run.percent),
            current_symbol: current.and_then(|phase| phase.current.clone()),
            symbols_total: current.and_then(|phase| phase.total).or(run.symbols_total),
            symbols_completed: done,
            symbols_processed: done,
            symbols_failed: run.failed_count(),
            start_time: run.started_at.map(rfc3339),
            estimated_completion: ends_at(run).map(rfc3339),
            last_updated: Some(rfc3339(run.heard_at)),
            error_message: run.message.clone(),
            import_status: PhaseProgress::of(run.phase(Phase::Import)),
            indicator_status: PhaseProgress::of(run.phase(Phase::Indicators)),
        }
    }
}

impl Status {
    /// The last run, where no more is known of it than its line.
    fn of_last(run: &RunSummary) -> Status {
        Status {
            run_id: Some(run.id.as_str().to_owned()),
            state: word(run.status),
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

/// Whether a run is active. That none is, is claimed only where TickStockPL's API said so; `None`
/// where nobody knows.
fn is_running(known: &Answer<StatusAnswer>) -> Option<bool> {
    let said = known.answer.as_ref().map(|answer| answer.is_running);
    let last = &known.state.authority;
    let said = said.or_else(|| {
        known
            .state
            .links
            .api
            .up
            .then_some(last.running)
            .filter(|_| last.asked_at.is_some())
    });
    match (known.state.active(), said) {
        (Some(run), _) if !run.unconfirmed => Some(true),
        (None, Some(false)) => Some(false),
        // The two contradict each other: the next answer settles it.
        _ => None,
    }
}

impl PhaseProgress {
    /// A phase in the old page's words.
    pub(crate) fn of(phase: &PhaseState) -> PhaseProgress {
        PhaseProgress {
            status: word(phase.status),
            completed: phase.done,
            total: phase.total,
            failed: phase.failed,
            percent: rounded(phase.percent),
            current_symbol: phase.current.clone(),
        }
    }
}

/// When the run should end, as TickStockPL says.
fn ends_at(run: &Run) -> Option<Timestamp> {
    run.estimated_completion.filter(|_| run.is_active())
}

/// Two digits are enough of a percentage.
pub(crate) fn rounded(percent: f64) -> f64 {
    (percent * 100.0).round() / 100.0
}
