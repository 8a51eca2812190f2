//! `GET /api/processing/export/{what}`: all history, errors, events or audit entries of the
//! database, streamed.

use crate::caller::Caller;
use crate::http::error::{ApiError, QueryErrors};
use crate::http::extract::{ApiPath, ApiQuery};
use crate::persistence::Persistence;
use access::Permission;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use serde::Deserialize;
use store::{Export, Format};
use utoipa::IntoParams;

/// Format of an export.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FileQuery {
    /// `csv` (default) or `jsonl`.
    format: Option<String>,
}

impl FileQuery {
    /// The format, and the headers of a download of this name.
    ///
    /// # Errors
    /// For an unknown format.
    pub(crate) fn file(&self, name: &str) -> Result<(Format, [(HeaderName, String); 2]), ApiError> {
        let (format, kind, ending) = match self.format.as_deref().unwrap_or("csv") {
            "csv" => (Format::Csv, "text/csv; charset=utf-8", "csv"),
            "jsonl" => (Format::JsonLines, "application/jsonl", "jsonl"),
            _ => {
                return Err(ApiError::invalid(
                    "format",
                    "Unknown format. Expected csv or jsonl.",
                ));
            }
        };
        let name = format!("attachment; filename=\"tickstock-{name}.{ending}\"");
        Ok((
            format,
            [(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, name)],
        ))
    }
}

/// Exports by name.
pub(crate) const EXPORTS: [(&str, Export); 4] = [
    ("history", Export::History),
    ("errors", Export::Errors),
    ("events", Export::Events),
    ("audit", Export::Audit),
];

fn unknown_export(name: &str) -> ApiError {
    ApiError::not_found(format!(
        "Unknown export {name:?}. Available: history, errors, events, audit."
    ))
}

/// All stored records of one kind, oldest first.
#[utoipa::path(
    get,
    path = "/api/processing/export/{what}",
    tag = "reads",
    params(("what" = String, Path, description = "`history`, `errors`, `events` or `audit`"), FileQuery),
    responses(
        (status = 200, description = "One row per line", content((String = "text/csv"), (String = "application/jsonl"))),
        (status = 404, description = "Unknown export", body = ApiError),
        QueryErrors
    )
)]
pub(crate) async fn export(
    State(persistence): State<Persistence>,
    caller: Caller,
    ApiPath(what): ApiPath,
    ApiQuery(wanted): ApiQuery<FileQuery>,
) -> Result<Response, ApiError> {
    let (name, what) = EXPORTS
        .into_iter()
        .find(|(name, _)| *name == what)
        .ok_or_else(|| unknown_export(&what))?;
    if name == "audit" {
        caller.require(Permission::ViewAudit)?;
    }
    let (format, head) = wanted.file(name)?;
    let store = persistence
        .store()
        .map_err(|error| ApiError::database_unavailable(&error.one_line()))?;
    let lines = store
        .export(what, format)
        .map(|chunk| chunk.map(Bytes::from));
    Ok((head, Body::from_stream(lines)).into_response())
}
