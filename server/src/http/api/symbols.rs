//! What became of one symbol, and what is known of indicators: from events, from the local copy,
//! from TickStockPL's own table.

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

/// What became of one symbol in a run.
#[derive(Serialize, ToSchema)]
pub(crate) struct SymbolResponse {
    /// Always true.
    success: bool,
    /// The symbol.
    symbol: String,
    /// The run.
    run_id: String,
    /// What became of its import: `imported`, `failed`, or `unknown` where nothing was said.
    import: &'static str,
    /// Why its import failed, where that was said.
    reason: Option<String>,
    /// Price records imported.
    records_imported: Option<u64>,
    /// Its indicators.
    indicators: Vec<IndicatorRow>,
    /// The patterns that were detected.
    patterns: Vec<PatternRow>,
    /// The errors that name it.
    errors: Vec<ErrorLine>,
}

/// One calculation.
#[derive(Serialize, ToSchema)]
pub(crate) struct IndicatorRow {
    indicator: String,
    timeframe: Option<String>,
    /// Its values by name.
    values: BTreeMap<String, Value>,
    /// When the console heard of it.
    calculated_at: String,
}

/// One detection.
#[derive(Serialize, ToSchema)]
pub(crate) struct PatternRow {
    pattern: String,
    timeframe: Option<String>,
    /// 0 to 1.
    confidence: Option<f64>,
    /// When the console heard of it.
    detected_at: String,
}

/// One error.
#[derive(Serialize, ToSchema)]
pub(crate) struct ErrorLine {
    code: Option<String>,
    message: String,
    time: String,
}

/// What happened to one symbol in a run.
#[utoipa::path(
    get,
    path = "/api/processing/runs/{run_id}/symbols/{symbol}",
    tag = "reads",
    params(
        ("run_id" = String, Path, description = "The run"),
        ("symbol" = String, Path, description = "The symbol, such as `AAPL`")
    ),
    responses(
        (status = 200, description = "What is known", body = SymbolResponse),
        (status = 404, description = "No such run is known", body = ApiError),
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
        return Err(ApiError::invalid("symbol", "give a run and a symbol"));
    };
    let outcome = symbol_outcomes
        .of(&run, &symbol)
        .await
        .ok_or_else(|| ApiError::not_found("No run of this id is known"))?;
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
    /// The symbol.
    symbol: String,
    /// The latest of each, by name; of several timeframes the one that was calculated last.
    indicators: BTreeMap<String, LatestIndicator>,
    /// How many.
    count: usize,
    /// `events`, or `daily_indicators` where the local copy stands in TickStockPL's database.
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
    params(("symbol" = String, Path, description = "The symbol, such as `AAPL`")),
    responses((status = 200, description = "What is known", body = LatestIndicatorsResponse), QueryErrors)
)]
pub(crate) async fn latest(
    State(queries): State<Queries>,
    State(symbols): State<SymbolIndex>,
    ApiPath(symbol): ApiPath,
) -> Result<Json<LatestIndicatorsResponse>, ApiError> {
    let symbol = Symbol::new(&symbol.trim().to_uppercase())
        .ok_or_else(|| ApiError::invalid("symbol", "give a symbol, such as AAPL"))?;
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
            newer(&mut indicators, row.indicator, latest);
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
        newer(&mut indicators, calculation.indicator, latest);
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

/// Keeps the one that was calculated later; RFC 3339 in UTC is in the order of time.
fn newer(
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

/// How often indicators were calculated.
#[derive(Serialize, ToSchema)]
pub(crate) struct IndicatorStatsResponse {
    /// Always true.
    success: bool,
    /// Each indicator.
    stats: Vec<IndicatorStatsRow>,
    /// All of them.
    summary: IndicatorStatsSummary,
    /// The indicators of the run that is shown.
    current_status: super::status::PhaseProgress,
    /// `events`, or `daily_indicators` where the local copy stands in TickStockPL's database.
    source: &'static str,
}

/// One indicator.
#[derive(Serialize, ToSchema)]
pub(crate) struct IndicatorStatsRow {
    indicator: String,
    /// For how many symbols.
    symbol_count: u64,
    /// How often.
    calculations: u64,
    /// When last.
    last_calculated: Option<String>,
}

/// All indicators.
#[derive(Serialize, ToSchema)]
pub(crate) struct IndicatorStatsSummary {
    total_indicators: usize,
    total_calculations: u64,
    unique_symbols: u64,
}

/// How often indicators were calculated.
#[utoipa::path(
    get,
    path = "/api/processing/indicators/stats",
    tag = "reads",
    responses((status = 200, description = "What is known", body = IndicatorStatsResponse), QueryErrors)
)]
pub(crate) async fn stats(
    State(hub): State<Hub>,
    State(queries): State<Queries>,
    State(symbols): State<SymbolIndex>,
) -> Result<Json<IndicatorStatsResponse>, ApiError> {
    let state = hub.state();
    let (counts, symbols) = symbols.counts();
    let kept = queries.stored_indicator_counts().await;
    let source = if kept.is_some() {
        "daily_indicators"
    } else {
        "events"
    };
    let stats: Vec<IndicatorStatsRow> = match kept {
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
