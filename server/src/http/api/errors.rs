//! `POST /api/processing/errors/{id}/acknowledge`: marks a group of errors as seen.

use crate::caller::Caller;
use crate::http::error::{ApiError, CommandErrors};
use crate::http::extract::{ApiPath, CommandRequest};
use crate::service::commands::Commands;
use axum::Json;
use axum::extract::State;
use contract::ErrorGroupId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Extent of an acknowledgement.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct AcknowledgeBody {
    /// Number of errors seen; default: all that the group has now.
    seen: Option<u64>,
}

/// The group is acknowledged.
#[derive(Serialize, ToSchema)]
pub(crate) struct AcknowledgeResponse {
    /// Always true.
    success: bool,
}

/// Acknowledge a group of errors.
#[utoipa::path(
    post,
    path = "/api/processing/errors/{id}/acknowledge",
    tag = "commands",
    params(("id" = String, Path, description = "The group's `id`")),
    request_body = AcknowledgeBody,
    responses((status = 200, description = "Acknowledged", body = AcknowledgeResponse), CommandErrors)
)]
pub(crate) async fn acknowledge(
    State(commands): State<Commands>,
    caller: Caller,
    ApiPath(id): ApiPath,
    CommandRequest { body, .. }: CommandRequest<AcknowledgeBody>,
) -> Result<Json<AcknowledgeResponse>, ApiError> {
    let group =
        ErrorGroupId::new(&id).ok_or_else(|| ApiError::not_found("Unknown error group."))?;
    commands.acknowledge(&caller, group, body.seen).await?;
    Ok(Json(AcknowledgeResponse { success: true }))
}
