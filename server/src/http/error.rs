//! Errors at the HTTP boundary: one type, one JSON envelope, and the wording of every refusal.
//!
//! Everything under `/api/` answers errors in this envelope, and so do the streams of embeds.
//! Requests for pages get a page with the same message; see [`super::guard`].

use crate::client_limits::LimitExceeded;
use app::ports::{CommandError, ErrorCode};
use axum::Json;
use axum::http::header::{ALLOW, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use contract::RunId;
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

/// A request that was not carried out.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApiError {
    #[serde(skip)]
    #[schema(ignore)]
    status: StatusCode,
    /// Always false.
    success: bool,
    /// The kind of error, such as `conflict`.
    code: &'static str,
    /// What failed, why, and what to do.
    message: String,
    /// The field of the request that is invalid.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// The active run that caused a conflict.
    #[serde(skip_serializing_if = "Option::is_none")]
    run_id: Option<String>,
    /// Seconds for the `Retry-After` header.
    #[serde(skip)]
    #[schema(ignore)]
    retry_after: Option<u32>,
    /// Methods for the `Allow` header.
    #[serde(skip)]
    #[schema(ignore)]
    allow: Option<&'static str>,
}

impl ApiError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> ApiError {
        ApiError {
            status,
            success: false,
            code,
            message: message.into(),
            field: None,
            run_id: None,
            retry_after: (status == StatusCode::SERVICE_UNAVAILABLE).then_some(5),
            allow: None,
        }
    }

    /// The message for people.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The status of the response.
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// A request with an invalid field.
    pub(crate) fn invalid(field: &str, message: impl Into<String>) -> ApiError {
        ApiError {
            field: Some(field.to_owned()),
            ..ApiError::new(StatusCode::BAD_REQUEST, "invalid", message)
        }
    }

    /// A request that is invalid as a whole.
    pub(crate) fn invalid_request(message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::BAD_REQUEST, "invalid", message)
    }

    /// A body that is not a JSON object.
    pub(crate) fn not_an_object() -> ApiError {
        ApiError::invalid_request("The body must be a JSON object.")
    }

    /// Nobody is signed in, or the credentials are not valid.
    pub(crate) fn unauthenticated(message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::UNAUTHORIZED, "unauthenticated", message)
    }

    /// The caller lacks the permission, or must use an account of the console.
    pub(crate) fn forbidden(message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    /// No access rule is defined for the route, so it is forbidden to everyone.
    pub(crate) fn no_rule() -> ApiError {
        let message = "Forbidden: no access rule is defined for this route.";
        ApiError::new(StatusCode::FORBIDDEN, "no_rule", message)
    }

    /// A browser reports that a page of another site sent the request.
    pub(crate) fn foreign_origin() -> ApiError {
        let message = "Request refused: it was sent by a page of another site. Open the console and try again.";
        ApiError::new(StatusCode::FORBIDDEN, "foreign_origin", message)
    }

    /// An embed token was sent to the console's own endpoints.
    pub(crate) fn embed_token() -> ApiError {
        let message = "Embed tokens are valid under /embed/ only, for the views that they name.";
        ApiError::new(StatusCode::FORBIDDEN, "embed_token", message)
    }

    /// An embed's token is missing, invalid or expired; another token would help.
    pub(crate) fn token_required(message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::UNAUTHORIZED, "token", message)
    }

    /// An embed's token does not open what was requested.
    pub(crate) fn not_allowed(message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::FORBIDDEN, "not_allowed", message)
    }

    /// The requested resource is not known.
    pub(crate) fn not_found(message: impl Into<String>) -> ApiError {
        ApiError::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// No endpoint has this path.
    pub(crate) fn no_endpoint(path: &str) -> ApiError {
        ApiError::not_found(format!(
            "Unknown endpoint {path:?}. See /api/docs for the list of endpoints."
        ))
    }

    /// The path exists, but not for this method.
    pub(crate) fn method_not_allowed(methods: &[&str]) -> ApiError {
        let allow = match (methods.contains(&"GET"), methods.contains(&"POST")) {
            (true, true) => "GET,HEAD,POST",
            (true, false) => "GET,HEAD",
            _ => "POST",
        };
        ApiError {
            allow: Some(allow),
            ..ApiError::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                format!("Method not allowed. Allowed: {allow}."),
            )
        }
    }

    /// The body did not arrive in time.
    pub(crate) fn body_timeout() -> ApiError {
        let message = "The request body did not arrive within 15 s.";
        ApiError::new(StatusCode::REQUEST_TIMEOUT, "too_slow", message)
    }

    /// The body is too large.
    pub(crate) fn body_too_large() -> ApiError {
        let message = "The request body must be under 64 KiB.";
        ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
    }

    /// The path with its query is too long.
    pub(crate) fn uri_too_long() -> ApiError {
        let message = "The path with its query must be under 8 KiB.";
        ApiError::new(StatusCode::URI_TOO_LONG, "too_long", message)
    }

    /// The body has the wrong content type.
    pub(crate) fn not_json() -> ApiError {
        let message = "The body must be JSON, sent with Content-Type: application/json.";
        ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", message)
    }

    /// A form has the wrong content type.
    pub(crate) fn not_a_form() -> ApiError {
        let message =
            "The body must be a form, sent with Content-Type: application/x-www-form-urlencoded.";
        ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_a_form", message)
    }

    /// The `Host` is not allowed.
    pub(crate) fn unknown_host(host: &str) -> ApiError {
        let host: String = host.chars().filter(|c| !c.is_control()).take(100).collect();
        ApiError::new(
            StatusCode::MISDIRECTED_REQUEST,
            "unknown_host",
            format!("Host {host:?} is not allowed. Add it to CONSOLE_ALLOWED_HOSTS."),
        )
    }

    /// The database, which knows sessions and tokens, is unavailable.
    pub(crate) fn authentication_unavailable() -> ApiError {
        let message = "The caller cannot be authenticated: the console's database is unavailable. Try again in a few seconds.";
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message)
    }

    /// The database is unavailable; `detail` says why.
    pub(crate) fn database_unavailable(detail: &str) -> ApiError {
        ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            format!("The console's database is unavailable: {detail}. Try again in a few seconds."),
        )
    }

    /// The process is stopping.
    pub(crate) fn stopping() -> ApiError {
        let message = "The console is stopping. Try again in a few seconds.";
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message)
    }

    /// A handler panicked.
    pub(crate) fn internal() -> ApiError {
        let message = "Internal error. The console's log has the details under the request id.";
        ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }
}

impl From<LimitExceeded> for ApiError {
    fn from(limit: LimitExceeded) -> ApiError {
        let (status, code, retry_after) = match limit {
            LimitExceeded::Requests => (StatusCode::TOO_MANY_REQUESTS, "too_many_requests", 1),
            LimitExceeded::ClientStreams(_) => {
                (StatusCode::TOO_MANY_REQUESTS, "too_many_streams", 10)
            }
            LimitExceeded::TotalStreams(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "too_many_streams", 10)
            }
        };
        ApiError {
            retry_after: Some(retry_after),
            ..ApiError::new(status, code, limit.to_string())
        }
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
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(methods) = self.allow {
            headers.insert(ALLOW, HeaderValue::from_static(methods));
        }
        response
    }
}

/// How a query can fail.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "describes responses in the OpenAPI document")]
pub(crate) enum QueryErrors {
    /// The request is invalid; `field` names the field.
    #[response(status = 400)]
    Invalid(#[to_schema] ApiError),
    /// Nobody is signed in, or the token is not valid.
    #[response(status = 401)]
    Unauthenticated(#[to_schema] ApiError),
    /// The caller lacks the permission.
    #[response(status = 403)]
    Forbidden(#[to_schema] ApiError),
    /// Too many concurrent requests from this address.
    #[response(status = 429)]
    TooManyRequests(#[to_schema] ApiError),
    /// The console is stopping, or its database is unavailable.
    #[response(status = 503)]
    Unavailable(#[to_schema] ApiError),
}

/// How a command can fail.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "describes responses in the OpenAPI document")]
pub(crate) enum CommandErrors {
    /// The request is invalid; `field` names the field. Nothing was done.
    #[response(status = 400)]
    Invalid(#[to_schema] ApiError),
    /// Nobody is signed in, or the token is not valid. Nothing was done.
    #[response(status = 401)]
    Unauthenticated(#[to_schema] ApiError),
    /// The caller lacks the permission, or a page of another site sent the request. Nothing was
    /// done.
    #[response(status = 403)]
    Forbidden(#[to_schema] ApiError),
    /// The run or the error group is not known. Nothing was done.
    #[response(status = 404)]
    NotFound(#[to_schema] ApiError),
    /// A run is active (`run_id`), no run is active, or somebody else changed the schedule. Nothing
    /// was done.
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
    /// Too many concurrent requests from this address. Nothing was done.
    #[response(status = 429)]
    TooManyRequests(#[to_schema] ApiError),
    /// TickStockPL rejected the command, or sent an invalid response.
    #[response(status = 502)]
    Refused(#[to_schema] ApiError),
    /// TickStockPL is unavailable. Nothing was done.
    #[response(status = 503)]
    Unavailable(#[to_schema] ApiError),
    /// TickStockPL did not answer in time (`unconfirmed`): the command may have been carried out.
    #[response(status = 504)]
    Unconfirmed(#[to_schema] ApiError),
}
