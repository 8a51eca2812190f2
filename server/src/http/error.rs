//! What a request gets that was not carried out: a status, a code for programs, and words for
//! people.

use app::ports::{CommandError, ErrorCode};
use axum::Json;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use contract::RunId;
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

/// A request that was not carried out.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiError {
    #[serde(skip)]
    #[schema(ignore)]
    status: StatusCode,
    /// Always false.
    success: bool,
    /// What kind of failure it is, such as `conflict`.
    code: String,
    /// What happened, and what to do.
    message: String,
    /// The field of the request that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// The run that stands in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    run_id: Option<String>,
}

impl ApiError {
    /// A failure that names no field.
    pub fn new(status: StatusCode, code: &str, message: impl Into<String>) -> ApiError {
        let (code, message) = (code.to_owned(), message.into());
        ApiError {
            status,
            success: false,
            code,
            message,
            field: None,
            run_id: None,
        }
    }

    /// A request whose `field` is wrong.
    pub fn invalid(field: &str, message: impl Into<String>) -> ApiError {
        ApiError {
            field: Some(field.to_owned()),
            ..ApiError::new(StatusCode::BAD_REQUEST, "invalid", message)
        }
    }

    /// What is asked for is not known.
    pub fn not_found(message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// The process ends.
    pub fn stopping() -> ApiError {
        ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "The console is stopping; try again in a moment",
        )
    }
}

impl From<CommandError> for ApiError {
    fn from(error: CommandError) -> ApiError {
        let (status, code) = match error.code {
            ErrorCode::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthenticated"),
            ErrorCode::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
            ErrorCode::Invalid => (StatusCode::BAD_REQUEST, "invalid"),
            ErrorCode::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            ErrorCode::Conflict => (StatusCode::CONFLICT, "conflict"),
            ErrorCode::Changed => (StatusCode::CONFLICT, "changed"),
            ErrorCode::KeyReused => (StatusCode::UNPROCESSABLE_ENTITY, "key_reused"),
            ErrorCode::Refused => (StatusCode::BAD_GATEWAY, "refused"),
            ErrorCode::InvalidAnswer => (StatusCode::BAD_GATEWAY, "bad_answer"),
            ErrorCode::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            ErrorCode::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            ErrorCode::Unconfirmed => (StatusCode::GATEWAY_TIMEOUT, "unconfirmed"),
            ErrorCode::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        };
        ApiError {
            field: error.field,
            run_id: error.run_id.as_ref().map(|id| RunId::as_str(id).to_owned()),
            ..ApiError::new(status, code, error.message)
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(&self)).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(RETRY_AFTER, axum::http::HeaderValue::from_static("5"));
        }
        response
    }
}

/// How a read can fail.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "it describes answers; none is made of it")]
pub enum QueryErrors {
    /// The request is wrong; `field` says where.
    #[response(status = 400)]
    Invalid(#[to_schema] ApiError),
    /// Nobody is signed in, or the token is not good.
    #[response(status = 401)]
    Unauthenticated(#[to_schema] ApiError),
    /// Who asks may not.
    #[response(status = 403)]
    Forbidden(#[to_schema] ApiError),
    /// The console is stopping.
    #[response(status = 503)]
    Stopping(#[to_schema] ApiError),
}

/// How a command can fail.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "it describes answers; none is made of it")]
pub enum CommandErrors {
    /// The request is wrong; `field` says where. Nothing was done.
    #[response(status = 400)]
    Invalid(#[to_schema] ApiError),
    /// Nobody is signed in, or the token is not good. Nothing was done.
    #[response(status = 401)]
    Unauthenticated(#[to_schema] ApiError),
    /// Who asks may not, or another site's page sent it. Nothing was done.
    #[response(status = 403)]
    Foreign(#[to_schema] ApiError),
    /// What it names is not known. Nothing was done.
    #[response(status = 404)]
    NotFound(#[to_schema] ApiError),
    /// A run is active (`run_id`), there is none to cancel, or somebody else changed the schedule.
    /// Nothing was done.
    #[response(status = 409)]
    Conflict(#[to_schema] ApiError),
    /// The body is over 64 KiB. Nothing was done.
    #[response(status = 413)]
    TooLarge(#[to_schema] ApiError),
    /// The body is not JSON. Nothing was done.
    #[response(status = 415)]
    NotJson(#[to_schema] ApiError),
    /// The `Idempotency-Key` was used for another request. Nothing was done.
    #[response(status = 422)]
    KeyReused(#[to_schema] ApiError),
    /// TickStockPL refused, or answered what cannot be read.
    #[response(status = 502)]
    Refused(#[to_schema] ApiError),
    /// TickStockPL cannot be reached. Nothing was done.
    #[response(status = 503)]
    Unavailable(#[to_schema] ApiError),
    /// TickStockPL did not answer in time (`unconfirmed`): the command may have been carried out.
    #[response(status = 504)]
    Unconfirmed(#[to_schema] ApiError),
}
