//! `GET /api/processing/log/{number}`: an event of the list as it was published.

use super::time::rfc3339;
use crate::http::error::{ApiError, QueryErrors};
use crate::http::extract::ApiPath;
use crate::hub::Hub;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// An event as it was published.
#[derive(Serialize, ToSchema)]
pub(crate) struct LogEntryResponse {
    /// Always true.
    success: bool,
    /// Its number in the list.
    number: u64,
    /// Where it was published.
    channel: &'static str,
    /// Its name.
    event: String,
    /// When the console received it.
    received_at: String,
    /// Its text, cut to 8 KiB; of progress, which is one line in the list, the latest. Null where
    /// the console did not hear it itself.
    raw: Option<String>,
}

/// An event of the list, as it was published.
#[utoipa::path(
    get,
    path = "/api/processing/log/{number}",
    tag = "reads",
    params(("number" = u64, Path, description = "The event's number in the list")),
    responses(
        (status = 200, description = "The event", body = LogEntryResponse),
        (status = 404, description = "The list no longer has it", body = ApiError),
        QueryErrors
    )
)]
pub(crate) async fn raw(
    State(hub): State<Hub>,
    ApiPath(number): ApiPath,
) -> Result<Json<LogEntryResponse>, ApiError> {
    let number: u64 = number
        .parse()
        .map_err(|_| ApiError::invalid("number", "number must be a number"))?;
    let state = hub.state();
    let entry = state.log.iter().find(|entry| entry.number == number);
    let entry =
        entry.ok_or_else(|| ApiError::not_found("The list of events no longer has this one"))?;
    Ok(Json(LogEntryResponse {
        success: true,
        number,
        channel: entry.channel.wire_name(),
        event: entry.name.clone(),
        received_at: rfc3339(entry.at),
        raw: entry.raw.as_deref().map(str::to_owned),
    }))
}
