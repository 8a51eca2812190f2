//! `GET /api/processing/feeds/{feed}`: the latest rows of a live list as CSV or JSON lines.

use super::export::FileQuery;
use super::time::rfc3339;
use crate::http::error::{ApiError, QueryErrors};
use crate::http::extract::{ApiPath, ApiQuery};
use crate::hub::Hub;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use contract::Scalar;
use model::State as Known;
use serde_json::{Map, Value};
use store::Format;

/// Names and values, the same names in every row of a list.
type Row = Vec<(&'static str, Value)>;

/// The latest rows of a live list, oldest first.
#[utoipa::path(
    get,
    path = "/api/processing/feeds/{feed}",
    tag = "reads",
    params(("feed" = String, Path, description = "`detections`, `indicators` or `events`"), FileQuery),
    responses(
        (status = 200, description = "One row per line", content((String = "text/csv"), (String = "application/jsonl"))),
        (status = 404, description = "Unknown feed", body = ApiError),
        QueryErrors
    )
)]
pub(crate) async fn feed(
    State(hub): State<Hub>,
    ApiPath(feed): ApiPath,
    ApiQuery(wanted): ApiQuery<FileQuery>,
) -> Result<Response, ApiError> {
    let state = hub.state();
    let rows: Vec<Row> = match feed.as_str() {
        "detections" => detections(&state),
        "indicators" => indicators(&state),
        "events" => events(&state),
        _ => {
            return Err(ApiError::not_found(format!(
                "Unknown feed {feed:?}. Available: detections, indicators, events."
            )));
        }
    };
    let (format, head) = wanted.file(&feed)?;
    let body = match format {
        Format::Csv => csv(&rows),
        Format::JsonLines => json_lines(rows),
    };
    Ok((head, body).into_response())
}

fn detections(state: &Known) -> Vec<Row> {
    let row = |row: &model::PatternRow| {
        let found = &row.detection;
        vec![
            ("at", rfc3339(row.at).into()),
            (
                "symbol",
                found.symbol.as_ref().map(contract::Symbol::as_str).into(),
            ),
            ("pattern", found.pattern.clone().into()),
            ("timeframe", found.timeframe.clone().into()),
            ("confidence", found.confidence.into()),
            (
                "levels",
                object(
                    found
                        .levels
                        .iter()
                        .map(|(name, price)| (name.clone(), (*price).into())),
                ),
            ),
            ("data", scalars(&found.data)),
        ]
    };
    state.feeds.patterns.iter().map(row).collect()
}

fn indicators(state: &Known) -> Vec<Row> {
    let row = |row: &model::IndicatorRow| {
        let result = &row.result;
        vec![
            ("at", rfc3339(row.at).into()),
            (
                "symbol",
                result.symbol.as_ref().map(contract::Symbol::as_str).into(),
            ),
            ("indicator", result.indicator.clone().into()),
            ("timeframe", result.timeframe.clone().into()),
            ("values", scalars(&result.values)),
        ]
    };
    state.feeds.indicators.iter().map(row).collect()
}

fn events(state: &Known) -> Vec<Row> {
    let row = |entry: &model::LogEntry| {
        vec![
            ("number", entry.number.into()),
            ("at", rfc3339(entry.at).into()),
            ("channel", entry.channel.wire_name().into()),
            ("name", entry.name.clone().into()),
            (
                "run_id",
                entry.run_id.as_ref().map(contract::RunId::as_str).into(),
            ),
            ("summary", entry.summary.clone().into()),
        ]
    };
    state.log.iter().map(row).collect()
}

fn scalars(values: &[(String, Scalar)]) -> Value {
    object(values.iter().map(|(name, value)| {
        (
            name.clone(),
            serde_json::to_value(value).unwrap_or_default(),
        )
    }))
}

fn object(entries: impl Iterator<Item = (String, Value)>) -> Value {
    Value::Object(entries.collect::<Map<_, _>>())
}

fn csv(rows: &[Row]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let cell = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    // Writing to a Vec does not fail.
    if let Some(row) = rows.first() {
        let _ = writer.write_record(row.iter().map(|(name, _)| name));
    }
    for row in rows {
        let _ = writer.write_record(row.iter().map(|(_, value)| cell(value)));
    }
    writer.into_inner().unwrap_or_default()
}

fn json_lines(rows: Vec<Row>) -> Vec<u8> {
    let line = |row: Row| {
        object(
            row.into_iter()
                .map(|(name, value)| (name.to_owned(), value)),
        )
        .to_string()
            + "\n"
    };
    rows.into_iter().map(line).collect::<String>().into_bytes()
}
