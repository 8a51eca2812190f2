//! Extractors of the API, whose errors name the field that is invalid.

use crate::http::error::ApiError;
use axum::body::{Body, to_bytes};
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

/// Maximum size of a body in bytes.
const BODY_BYTES: usize = 64 << 10;
/// Header that makes repeating a command safe.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The header of all commands, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[allow(dead_code, reason = "describes a header in the OpenAPI document")]
pub(crate) struct IdempotencyKeyHeader {
    /// A request with the same key within 24 h gets the first response again
    #[param(rename = "Idempotency-Key")]
    key: Option<String>,
}

/// The body of a command and its idempotency key. An empty body counts as an empty object; unknown
/// fields are ignored.
pub(crate) struct CommandRequest<T> {
    pub body: T,
    pub key: Option<String>,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for CommandRequest<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let key = idempotency_key(&parts.headers)?;
        let bytes = read_bytes(&parts.headers, body).await?;
        let text = if bytes.is_empty() { b"{}" } else { &bytes[..] };
        // serde would take a list for the fields in their order.
        if !text.trim_ascii_start().starts_with(b"{") {
            return Err(ApiError::not_an_object());
        }
        let mut reader = serde_json::Deserializer::from_slice(text);
        let body =
            serde_path_to_error::deserialize(&mut reader).map_err(|error| body_error(&error))?;
        reader.end().map_err(|_| ApiError::not_an_object())?;
        Ok(CommandRequest { body, key })
    }
}

async fn read_bytes(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, ApiError> {
    let Ok(bytes) = to_bytes(body, BODY_BYTES).await else {
        return Err(ApiError::body_too_large());
    };
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !bytes.is_empty() && kind.split(';').next().map(str::trim) != Some("application/json") {
        return Err(ApiError::not_json());
    }
    Ok(bytes.into())
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else {
        return Ok(None);
    };
    match value.to_str() {
        Ok(key) if !key.is_empty() => Ok(Some(key.to_owned())),
        _ => Err(ApiError::invalid(
            "Idempotency-Key",
            "Idempotency-Key must consist of ASCII characters without spaces.",
        )),
    }
}

fn body_error(error: &serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    let field = error.path().to_string();
    if field == "." || error.inner().is_syntax() || error.inner().is_eof() {
        return ApiError::not_an_object();
    }
    let said = error.inner().to_string();
    let said = said.split(" at line ").next().unwrap_or_default();
    // The field's name without what is inside it: `phases[0]` is `phases`.
    let name = field.split(['.', '[']).next().unwrap_or_default();
    ApiError::invalid(name, format!("{field}: {said}"))
}

/// A query string.
pub(crate) struct ApiQuery<T>(pub T);

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

/// The one parameter of the path.
pub(crate) struct ApiPath(pub String);

impl<S: Send + Sync> FromRequestParts<S> for ApiPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path: Result<Path<String>, PathRejection> =
            Path::from_request_parts(parts, state).await;
        path.map(|Path(name)| ApiPath(name))
            .map_err(|error| ApiError::invalid("path", error.body_text()))
    }
}
