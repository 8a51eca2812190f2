//! `GET /api/processing/log/{number}`: an event of the list with its original text.

use super::time::rfc3339;
use crate::http::error::{ApiError, QueryErrors};
use crate::http::extract::ApiPath;
use crate::hub::Hub;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// An event with its original text.
#[derive(Serialize, ToSchema)]
pub(crate) struct LogEntryResponse {
    /// Always true.
    success: bool,
    /// Number in the list.
    number: u64,
    /// Redis channel.
    channel: &'static str,
    /// Event name.
    event: String,
    /// RFC 3339.
    received_at: String,
    /// The message, cut to 8 KiB; of progress, which is one line in the list, the latest. Null
    /// where the event was restored from the database.
    raw: Option<String>,
}

/// An event of the list with its original text.
#[utoipa::path(
    get,
    path = "/api/processing/log/{number}",
    tag = "reads",
    params(("number" = u64, Path, description = "Number of the event in the list")),
    responses(
        (status = 200, description = "The event", body = LogEntryResponse),
        (status = 404, description = "The event is no longer in the list", body = ApiError),
        QueryErrors
    )
)]
pub(crate) async fn raw(
    State(hub): State<Hub>,
    ApiPath(number): ApiPath,
) -> Result<Json<LogEntryResponse>, ApiError> {
    let number: u64 = number
        .parse()
        .map_err(|_| ApiError::invalid("number", "number must be a positive integer."))?;
    let state = hub.state();
    let entry = state.log.iter().find(|entry| entry.number == number);
    let entry = entry.ok_or_else(|| ApiError::not_found("The event is no longer in the list."))?;
    Ok(Json(LogEntryResponse {
        success: true,
        number,
        channel: entry.channel.wire_name(),
        event: entry.name.clone(),
        received_at: rfc3339(entry.at),
        raw: entry.raw.as_deref().map(str::to_owned),
    }))
}
