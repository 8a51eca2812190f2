//! Commands: validated, sent to TickStockPL once, and answered with its response.

use crate::caller::Caller;
use crate::http::error::{ApiError, CommandErrors};
use crate::http::extract::{CommandRequest, IdempotencyKeyHeader};
use crate::service::commands::Commands;
use crate::service::queries::Queries;
use crate::state::AppState;
use app::commands::nothing_to_retry;
use app::input;
use app::ports::Command;
use axum::Json;
use axum::extract::State;
use contract::RunId;
use contract::http::CommandAnswer;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The REST operations of the commands.
pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(trigger))
        .routes(routes!(cancel))
        .routes(routes!(import))
        .routes(routes!(retry))
        .routes(routes!(indicators))
        .routes(routes!(patterns))
}

/// The response to an accepted command.
#[derive(Serialize, ToSchema)]
pub(crate) struct CommandResponse {
    /// Always true.
    success: bool,
    /// TickStockPL's message, or the console's where it sent none.
    message: String,
    /// The started or cancelled run, if TickStockPL reported it.
    run_id: Option<String>,
    /// `triggered` or `cancelling`.
    status: String,
    /// Number of symbols that are retried, if TickStockPL reported it.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_count: Option<u64>,
}

impl CommandResponse {
    fn of(answer: CommandAnswer, status: &str, message: &str) -> Json<CommandResponse> {
        Json(CommandResponse {
            success: true,
            message: answer.message.unwrap_or_else(|| message.to_owned()),
            run_id: answer.run_id.map(|id| id.as_str().to_owned()),
            status: status.to_owned(),
            retry_count: answer.retry_count,
        })
    }
}

/// Parameters of a run.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct TriggerBody {
    /// Run even when the market is closed.
    skip_market_check: Option<bool>,
    /// `import`, `cache_sync`, `indicators`, `patterns` or `all`; default: all.
    phases: Option<Vec<String>>,
    /// Default: chosen by TickStockPL.
    universe: Option<String>,
}

/// Start a run.
#[utoipa::path(
    post,
    path = "/api/processing/daily/trigger",
    tag = "commands",
    params(IdempotencyKeyHeader),
    request_body = TriggerBody,
    responses((status = 200, description = "Accepted", body = CommandResponse), CommandErrors)
)]
async fn trigger(
    State(commands): State<Commands>,
    caller: Caller,
    CommandRequest { body, key }: CommandRequest<TriggerBody>,
) -> Result<Json<CommandResponse>, ApiError> {
    let phases = body.phases.unwrap_or_default();
    let universe = body.universe.unwrap_or_default();
    let request = input::trigger(body.skip_market_check.unwrap_or(false), &phases, &universe)?;
    let answer = commands
        .send(&caller, Command::Trigger(request), key)
        .await?;
    Ok(CommandResponse::of(answer, "triggered", "Run started."))
}

/// Reason of a cancellation.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct CancelBody {
    /// Written to the audit log; at most 500 characters.
    reason: Option<String>,
}

/// Cancel the active run.
#[utoipa::path(
    post,
    path = "/api/processing/daily/cancel",
    tag = "commands",
    params(IdempotencyKeyHeader),
    request_body = CancelBody,
    responses((status = 200, description = "Accepted; an event reports the end of the run", body = CommandResponse), CommandErrors)
)]
async fn cancel(
    State(commands): State<Commands>,
    caller: Caller,
    CommandRequest { body, key }: CommandRequest<CancelBody>,
) -> Result<Json<CommandResponse>, ApiError> {
    let reason = input::reason(&body.reason.unwrap_or_default())?;
    let answer = commands
        .send(&caller, Command::Cancel { reason }, key)
        .await?;
    Ok(CommandResponse::of(
        answer,
        "cancelling",
        "Cancel requested. TickStockPL is stopping the run.",
    ))
}

/// Parameters of an import.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct ImportBody {
    /// At least one universe.
    universes: Option<Vec<String>>,
    /// Such as `daily`; default: daily and weekly.
    timeframes: Option<Vec<String>>,
    /// Days, 1 to 3650; default: 30.
    lookback_days: Option<i64>,
}

/// Import prices.
#[utoipa::path(
    post,
    path = "/api/processing/import/trigger",
    tag = "commands",
    params(IdempotencyKeyHeader),
    request_body = ImportBody,
    responses((status = 200, description = "Accepted", body = CommandResponse), CommandErrors)
)]
async fn import(
    State(commands): State<Commands>,
    caller: Caller,
    CommandRequest { body, key }: CommandRequest<ImportBody>,
) -> Result<Json<CommandResponse>, ApiError> {
    let (universes, timeframes) = (
        body.universes.unwrap_or_default(),
        body.timeframes.unwrap_or_default(),
    );
    let request = input::import(&universes, &timeframes, body.lookback_days)?;
    let answer = commands
        .send(&caller, Command::Import(request), key)
        .await?;
    Ok(CommandResponse::of(answer, "triggered", "Import started."))
}

/// Imports to retry.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct RetryBody {
    /// The run whose failed imports are retried; default: the current or last run.
    #[serde(alias = "original_run_id")]
    run_id: Option<String>,
    /// Default: all failed symbols.
    symbols: Option<Vec<String>>,
}

/// Retry failed imports.
#[utoipa::path(
    post,
    path = "/api/processing/import/retry",
    tag = "commands",
    params(IdempotencyKeyHeader),
    request_body = RetryBody,
    responses((status = 200, description = "Accepted", body = CommandResponse), CommandErrors)
)]
async fn retry(
    State(queries): State<Queries>,
    State(commands): State<Commands>,
    caller: Caller,
    CommandRequest { body, key }: CommandRequest<RetryBody>,
) -> Result<Json<CommandResponse>, ApiError> {
    let run = match body.run_id.as_deref().and_then(RunId::new) {
        Some(run) => run,
        None => queries.run_to_retry().ok_or_else(nothing_to_retry)?,
    };
    let request = input::retry(run, &body.symbols.unwrap_or_default())?;
    let answer = commands.send(&caller, Command::Retry(request), key).await?;
    Ok(CommandResponse::of(answer, "triggered", "Retry started."))
}

/// Parameters of a calculation.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct IndicatorsBody {
    /// Default: `daily`.
    timeframe: Option<String>,
    /// Default: all symbols.
    symbols: Option<Vec<String>>,
    /// Default: all indicators.
    indicators: Option<Vec<String>>,
}

/// Calculate indicators.
#[utoipa::path(
    post,
    path = "/api/processing/indicators/trigger",
    tag = "commands",
    params(IdempotencyKeyHeader),
    request_body = IndicatorsBody,
    responses((status = 200, description = "Accepted", body = CommandResponse), CommandErrors)
)]
async fn indicators(
    State(commands): State<Commands>,
    caller: Caller,
    CommandRequest { body, key }: CommandRequest<IndicatorsBody>,
) -> Result<Json<CommandResponse>, ApiError> {
    let (symbols, indicators) = (
        body.symbols.unwrap_or_default(),
        body.indicators.unwrap_or_default(),
    );
    let request = input::indicators(&body.timeframe.unwrap_or_default(), &symbols, &indicators)?;
    let answer = commands
        .send(&caller, Command::Indicators(request), key)
        .await?;
    Ok(CommandResponse::of(
        answer,
        "triggered",
        "Indicator calculation started.",
    ))
}

/// Parameters of a pattern detection.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct PatternsBody {
    /// Default: `daily`.
    timeframe: Option<String>,
    /// Default: all symbols.
    symbols: Option<Vec<String>>,
    /// Default: all patterns.
    patterns: Option<Vec<String>>,
}

/// Detect patterns.
#[utoipa::path(
    post,
    path = "/api/processing/patterns/trigger",
    tag = "commands",
    params(IdempotencyKeyHeader),
    request_body = PatternsBody,
    responses((status = 200, description = "Accepted", body = CommandResponse), CommandErrors)
)]
async fn patterns(
    State(commands): State<Commands>,
    caller: Caller,
    CommandRequest { body, key }: CommandRequest<PatternsBody>,
) -> Result<Json<CommandResponse>, ApiError> {
    let (symbols, patterns) = (
        body.symbols.unwrap_or_default(),
        body.patterns.unwrap_or_default(),
    );
    let request = input::patterns(&body.timeframe.unwrap_or_default(), &symbols, &patterns)?;
    let answer = commands
        .send(&caller, Command::Patterns(request), key)
        .await?;
    Ok(CommandResponse::of(
        answer,
        "triggered",
        "Pattern detection started.",
    ))
}
