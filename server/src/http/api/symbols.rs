//! Results of one symbol, and indicators: from events, from the database, and from TickStockPL's
//! table `daily_indicators`.

use super::time::rfc3339;
use crate::http::error::{ApiError, QueryErrors};
use crate::http::extract::ApiPath;
use crate::hub::Hub;
use crate::service::queries::Queries;
use crate::service::symbol_outcome::SymbolOutcomes;
use crate::symbols::Calculation;
use crate::symbols::SymbolIndex;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use contract::{RunId, Scalar, Symbol};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Outcome of one symbol in a run.
#[derive(Serialize, ToSchema)]
pub(crate) struct SymbolResponse {
    /// Always true.
    success: bool,
    symbol: String,
    run_id: String,
    /// `imported`, `failed`, or `unknown` where TickStockPL reported nothing.
    import: &'static str,
    /// Reason why the import failed, if reported.
    reason: Option<String>,
    /// Price records imported.
    records_imported: Option<u64>,
    indicators: Vec<IndicatorRow>,
    /// Detected patterns.
    patterns: Vec<PatternRow>,
    /// Errors that name the symbol.
    errors: Vec<ErrorLine>,
}

/// One calculation.
#[derive(Serialize, ToSchema)]
pub(crate) struct IndicatorRow {
    indicator: String,
    timeframe: Option<String>,
    /// Values by name.
    values: BTreeMap<String, Value>,
    /// Time at which the console received the event, RFC 3339.
    calculated_at: String,
}

/// One detection.
#[derive(Serialize, ToSchema)]
pub(crate) struct PatternRow {
    pattern: String,
    timeframe: Option<String>,
    /// 0 to 1.
    confidence: Option<f64>,
    /// Time at which the console received the event, RFC 3339.
    detected_at: String,
}

/// One error.
#[derive(Serialize, ToSchema)]
pub(crate) struct ErrorLine {
    code: Option<String>,
    message: String,
    time: String,
}

/// Outcome of one symbol in a run.
#[utoipa::path(
    get,
    path = "/api/processing/runs/{run_id}/symbols/{symbol}",
    tag = "reads",
    params(
        ("run_id" = String, Path, description = "Run id"),
        ("symbol" = String, Path, description = "Symbol, such as `AAPL`")
    ),
    responses(
        (status = 200, description = "The available results", body = SymbolResponse),
        (status = 404, description = "Unknown run", body = ApiError),
        QueryErrors
    )
)]
pub(crate) async fn symbol(
    State(symbol_outcomes): State<SymbolOutcomes>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<SymbolResponse>, ApiError> {
    let Path((run_id, symbol)) =
        path.map_err(|error| ApiError::invalid("path", error.body_text()))?;
    let (run, symbol) = (
        RunId::new(&run_id),
        Symbol::new(&symbol.trim().to_uppercase()),
    );
    let (Some(run), Some(symbol)) = (run, symbol) else {
        return Err(ApiError::invalid("symbol", "Invalid run id or symbol."));
    };
    let outcome = symbol_outcomes
        .of(&run, &symbol)
        .await
        .ok_or_else(|| ApiError::not_found("Unknown run."))?;
    let report = outcome.report;
    let import = match outcome.imported {
        Some(true) => "imported",
        Some(false) => "failed",
        None => "unknown",
    };
    Ok(Json(SymbolResponse {
        success: true,
        symbol: symbol.as_str().to_owned(),
        run_id: run.as_str().to_owned(),
        import,
        reason: outcome.reason,
        records_imported: report.import.as_ref().and_then(|import| import.records),
        indicators: report.indicators.iter().map(IndicatorRow::of).collect(),
        patterns: report
            .patterns
            .iter()
            .map(|pattern| PatternRow {
                pattern: pattern.detection.pattern.clone(),
                timeframe: pattern.detection.timeframe.clone(),
                confidence: pattern.detection.confidence,
                detected_at: rfc3339(pattern.at),
            })
            .collect(),
        errors: report
            .errors
            .iter()
            .map(|error| ErrorLine {
                code: error.code.clone(),
                message: error.message.clone(),
                time: rfc3339(error.at),
            })
            .collect(),
    }))
}

impl IndicatorRow {
    fn of(calculation: &Calculation) -> IndicatorRow {
        IndicatorRow {
            indicator: calculation.indicator.clone(),
            timeframe: calculation.timeframe.clone(),
            values: values(&calculation.values),
            calculated_at: rfc3339(calculation.at),
        }
    }
}

fn values(values: &[(String, Scalar)]) -> BTreeMap<String, Value> {
    values
        .iter()
        .map(|(name, value)| {
            (
                name.clone(),
                serde_json::to_value(value).unwrap_or_default(),
            )
        })
        .collect()
}

/// The latest indicators of a symbol, by name.
#[derive(Serialize, ToSchema)]
pub(crate) struct LatestIndicatorsResponse {
    /// Always true.
    success: bool,
    symbol: String,
    /// The latest result of each indicator over all timeframes, by name.
    indicators: BTreeMap<String, LatestIndicator>,
    /// Number of indicators.
    count: usize,
    /// `daily_indicators` where the console shares TickStockPL's database, else `events`.
    source: &'static str,
}

/// The latest calculation of one indicator.
#[derive(Serialize, ToSchema)]
pub(crate) struct LatestIndicator {
    values: Value,
    metadata: Value,
    timeframe: Option<String>,
    calculated_at: Option<String>,
}

/// The latest indicators of a symbol.
#[utoipa::path(
    get,
    path = "/api/processing/indicators/latest/{symbol}",
    tag = "reads",
    params(("symbol" = String, Path, description = "Symbol, such as `AAPL`")),
    responses((status = 200, description = "The available results", body = LatestIndicatorsResponse), QueryErrors)
)]
pub(crate) async fn latest(
    State(queries): State<Queries>,
    State(symbols): State<SymbolIndex>,
    ApiPath(symbol): ApiPath,
) -> Result<Json<LatestIndicatorsResponse>, ApiError> {
    let symbol = Symbol::new(&symbol.trim().to_uppercase()).ok_or_else(|| {
        ApiError::invalid(
            "symbol",
            "Invalid symbol. Expected one such as AAPL or BRK.B.",
        )
    })?;
    let mut indicators = BTreeMap::new();
    let mut source = "events";
    if let Some(rows) = queries.stored_indicators(&symbol).await {
        source = "daily_indicators";
        for row in rows {
            let json = |text: Option<&str>| {
                text.and_then(|text| serde_json::from_str(text).ok())
                    .unwrap_or_default()
            };
            let latest = LatestIndicator {
                values: json(Some(&row.values)),
                metadata: json(row.metadata.as_deref()),
                timeframe: row.timeframe,
                calculated_at: row.at.map(rfc3339),
            };
            insert_latest(&mut indicators, row.indicator, latest);
        }
    }
    for calculation in symbols
        .of(&symbol)
        .into_iter()
        .flat_map(|report| report.indicators)
    {
        let latest = LatestIndicator {
            values: serde_json::to_value(values(&calculation.values)).unwrap_or_default(),
            metadata: Value::Null,
            timeframe: calculation.timeframe,
            calculated_at: Some(rfc3339(calculation.at)),
        };
        insert_latest(&mut indicators, calculation.indicator, latest);
    }
    let count = indicators.len();
    Ok(Json(LatestIndicatorsResponse {
        success: true,
        symbol: symbol.as_str().to_owned(),
        indicators,
        count,
        source,
    }))
}

/// Inserts a result unless a later one is there; RFC 3339 in UTC sorts by time.
fn insert_latest(
    indicators: &mut BTreeMap<String, LatestIndicator>,
    name: String,
    latest: LatestIndicator,
) {
    let known = indicators
        .get(&name)
        .and_then(|known| known.calculated_at.clone());
    if known <= latest.calculated_at {
        indicators.insert(name, latest);
    }
}

/// Number of calculations by indicator.
#[derive(Serialize, ToSchema)]
pub(crate) struct IndicatorStatsResponse {
    /// Always true.
    success: bool,
    stats: Vec<IndicatorStatsRow>,
    summary: IndicatorStatsSummary,
    /// Indicator phase of the current run.
    current_status: super::status::PhaseProgress,
    /// `daily_indicators` where the console shares TickStockPL's database, else `events`.
    source: &'static str,
}

/// One indicator.
#[derive(Serialize, ToSchema)]
pub(crate) struct IndicatorStatsRow {
    indicator: String,
    /// Number of symbols it was calculated for.
    symbol_count: u64,
    /// Number of calculations.
    calculations: u64,
    /// Time of the last calculation, RFC 3339.
    last_calculated: Option<String>,
}

/// All indicators.
#[derive(Serialize, ToSchema)]
pub(crate) struct IndicatorStatsSummary {
    total_indicators: usize,
    total_calculations: u64,
    unique_symbols: u64,
}

/// Number of calculations by indicator.
#[utoipa::path(
    get,
    path = "/api/processing/indicators/stats",
    tag = "reads",
    responses((status = 200, description = "The available results", body = IndicatorStatsResponse), QueryErrors)
)]
pub(crate) async fn stats(
    State(hub): State<Hub>,
    State(queries): State<Queries>,
    State(symbols): State<SymbolIndex>,
) -> Result<Json<IndicatorStatsResponse>, ApiError> {
    let state = hub.state();
    let (counts, symbols) = symbols.counts();
    let stored = queries.stored_indicator_counts().await;
    let source = if stored.is_some() {
        "daily_indicators"
    } else {
        "events"
    };
    let stats: Vec<IndicatorStatsRow> = match stored {
        Some(rows) => rows
            .into_iter()
            .map(|row| IndicatorStatsRow {
                indicator: row.indicator,
                symbol_count: row.symbols,
                calculations: row.calculations,
                last_calculated: row.last_at.map(rfc3339),
            })
            .collect(),
        None => counts
            .into_iter()
            .map(|(indicator, count)| IndicatorStatsRow {
                indicator,
                symbol_count: count.symbols,
                calculations: count.calculations,
                last_calculated: Some(rfc3339(count.last_at)),
            })
            .collect(),
    };
    let most = stats.iter().map(|row| row.symbol_count).max().unwrap_or(0);
    let summary = IndicatorStatsSummary {
        total_indicators: stats.len(),
        total_calculations: stats.iter().map(|row| row.calculations).sum(),
        unique_symbols: symbols.max(most),
    };
    let phase = state
        .run
        .as_ref()
        .map(|run| run.phase(contract::Phase::Indicators));
    let current_status = phase
        .map(super::status::PhaseProgress::of)
        .unwrap_or_default();
    Ok(Json(IndicatorStatsResponse {
        success: true,
        stats,
        summary,
        current_status,
        source,
    }))
}
