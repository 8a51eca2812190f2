//! Reading requests: a body or a query that is wrong names its field.

use crate::http::error::ApiError;
use axum::body::{Body, to_bytes};
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

/// The largest body that is read.
const BODY_BYTES: usize = 64 << 10;
/// The header with which the same command may be sent twice.
const KEY: &str = "idempotency-key";

/// What every command takes beside its body.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "it describes a header; none is made of it")]
pub struct IdempotencyKeyHeader {
    /// The same key within 24 h gives the first answer again
    #[param(rename = "Idempotency-Key")]
    key: Option<String>,
}

/// A command's body, and its key where it has one. An empty body counts as an empty object; fields
/// that are not known are left out.
pub struct CommandRequest<T> {
    /// The body.
    pub body: T,
    /// The `Idempotency-Key`.
    pub key: Option<String>,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for CommandRequest<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let key = key(&parts.headers)?;
        let bytes = bytes(&parts.headers, body).await?;
        let text = if bytes.is_empty() { b"{}" } else { &bytes[..] };
        // A list would be taken for the fields in their order.
        if !text.trim_ascii_start().starts_with(b"{") {
            return Err(not_an_object());
        }
        let mut reader = serde_json::Deserializer::from_slice(text);
        let body = serde_path_to_error::deserialize(&mut reader).map_err(|error| wrong(&error))?;
        reader.end().map_err(|_| not_an_object())?;
        Ok(CommandRequest { body, key })
    }
}

async fn bytes(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, ApiError> {
    let Ok(bytes) = to_bytes(body, BODY_BYTES).await else {
        return Err(ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "The body must be under 64 KiB",
        ));
    };
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !bytes.is_empty() && kind.split(';').next().map(str::trim) != Some("application/json") {
        let message = "The body must be JSON, sent with Content-Type: application/json";
        return Err(ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not_json",
            message,
        ));
    }
    Ok(bytes.into())
}

fn key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get(KEY) else {
        return Ok(None);
    };
    match value.to_str() {
        Ok(key) if !key.is_empty() => Ok(Some(key.to_owned())),
        _ => Err(ApiError::invalid(
            "Idempotency-Key",
            "Idempotency-Key must be ASCII characters without spaces",
        )),
    }
}

fn wrong(error: &serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    let field = error.path().to_string();
    if field == "." || error.inner().is_syntax() || error.inner().is_eof() {
        return not_an_object();
    }
    let said = error.inner().to_string();
    let said = said.split(" at line ").next().unwrap_or_default();
    // The field's name without what is inside it: `phases[0]` is `phases`.
    let name = field.split(['.', '[']).next().unwrap_or_default();
    ApiError::invalid(name, format!("{field}: {said}"))
}

fn not_an_object() -> ApiError {
    ApiError::new(
        StatusCode::BAD_REQUEST,
        "invalid",
        "The body must be a JSON object",
    )
}

/// A query; what is wrong with it is told in the API's own shape.
pub struct ApiQuery<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for ApiQuery<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(query)) => Ok(ApiQuery(query)),
            Err(error) => {
                let said = match &error {
                    QueryRejection::FailedToDeserializeQueryString(inner) => inner.body_text(),
                    other => other.body_text(),
                };
                let said = said
                    .trim_start_matches("Failed to deserialize query string: ")
                    .to_owned();
                let field = said
                    .split_once(':')
                    .map_or("query", |(field, _)| field)
                    .to_owned();
                Err(ApiError::invalid(&field, said))
            }
        }
    }
}

/// A part of the path.
pub struct ApiPath(pub String);

impl<S: Send + Sync> FromRequestParts<S> for ApiPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path: Result<Path<String>, PathRejection> =
            Path::from_request_parts(parts, state).await;
        path.map(|Path(name)| ApiPath(name))
            .map_err(|error| ApiError::invalid("path", error.body_text()))
    }
}
