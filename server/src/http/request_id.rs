//! Request ids: taken from `X-Request-Id` or generated, logged with every line of the request, and
//! returned with every response.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// Maximum length of an id that is taken from the request.
const MAX_BYTES: usize = 64;

/// The id of a request, among its extensions.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(pub String);

/// Assigns an id to the request. The outermost middleware, so that no response is without one.
pub(crate) async fn assign_request_id(mut request: Request, next: Next) -> Response {
    let id = given_id(request.headers()).unwrap_or_else(crate::caller::request_id);
    let span = tracing::info_span!("request", request.id = id);
    let value = HeaderValue::from_str(&id);
    request.extensions_mut().insert(RequestId(id));
    let mut response = next.run(request).instrument(span).await;
    if let Ok(value) = value {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

/// The id that the client sent, if it is safe to log.
fn given_id(headers: &HeaderMap) -> Option<String> {
    let given = headers.get(HEADER)?.to_str().ok()?;
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let good = (1..=MAX_BYTES).contains(&given.len()) && given.bytes().all(is_safe);
    good.then(|| given.to_owned())
}
