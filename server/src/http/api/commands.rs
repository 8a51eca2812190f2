//! Commands: checked, sent to TickStockPL once, and answered with what it said.

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

/// TickStockPL accepted a command.
#[derive(Serialize, ToSchema)]
pub(crate) struct CommandResponse {
    /// Always true.
    success: bool,
    /// TickStockPL's message, or one of the console's where it gave none.
    message: String,
    /// The run that it started or stopped, where TickStockPL names it.
    run_id: Option<String>,
    /// What became of the command: `triggered`, `cancelling`.
    status: String,
    /// How many symbols are tried again, where TickStockPL says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_count: Option<u64>,
}

impl CommandResponse {
    fn of(answer: CommandAnswer, status: &str, words: &str) -> Json<CommandResponse> {
        Json(CommandResponse {
            success: true,
            message: answer.message.unwrap_or_else(|| words.to_owned()),
            run_id: answer.run_id.map(|id| id.as_str().to_owned()),
            status: status.to_owned(),
            retry_count: answer.retry_count,
        })
    }
}

/// Which run to start.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct TriggerBody {
    /// Run even when the market is closed.
    skip_market_check: Option<bool>,
    /// `import`, `cache_sync`, `indicators`, `patterns`; all where absent, or with `all`.
    phases: Option<Vec<String>>,
    /// The universe; TickStockPL's own choice where absent.
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
    Ok(CommandResponse::of(
        answer,
        "triggered",
        "TickStockPL accepted the run",
    ))
}

/// Why a run is cancelled.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct CancelBody {
    /// For the record; at most 500 characters.
    reason: Option<String>,
}

/// Cancel the run that is active.
#[utoipa::path(
    post,
    path = "/api/processing/daily/cancel",
    tag = "commands",
    params(IdempotencyKeyHeader),
    request_body = CancelBody,
    responses((status = 200, description = "Accepted; an event tells when it has stopped", body = CommandResponse), CommandErrors)
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
        "TickStockPL is stopping the run",
    ))
}

/// What to import.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct ImportBody {
    /// The universes, at least one.
    universes: Option<Vec<String>>,
    /// Such as `daily`; daily and weekly where absent.
    timeframes: Option<Vec<String>>,
    /// 1 to 3650; 30 where absent.
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
    Ok(CommandResponse::of(
        answer,
        "triggered",
        "TickStockPL accepted the import",
    ))
}

/// Which imports to repeat.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct RetryBody {
    /// The run whose failed imports are repeated; the current or last one where absent.
    #[serde(alias = "original_run_id")]
    run_id: Option<String>,
    /// The symbols; all that failed where absent.
    symbols: Option<Vec<String>>,
}

/// Repeat the imports that failed.
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
    Ok(CommandResponse::of(
        answer,
        "triggered",
        "TickStockPL accepted the retry",
    ))
}

/// What to calculate.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct IndicatorsBody {
    /// Such as `daily`, which it is where absent.
    timeframe: Option<String>,
    /// The symbols; all where absent.
    symbols: Option<Vec<String>>,
    /// The indicators; all where absent.
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
        "TickStockPL accepted the calculation",
    ))
}

/// What to look for.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct PatternsBody {
    /// Such as `daily`, which it is where absent.
    timeframe: Option<String>,
    /// The symbols; all where absent.
    symbols: Option<Vec<String>>,
    /// The patterns; all where absent.
    patterns: Option<Vec<String>>,
}

/// Look for patterns.
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
        "TickStockPL accepted the search",
    ))
}
