//! The REST API, on the addresses and in the shapes of the page that this console takes the place of.

use super::Context;
use app::ports::{CommandError, ErrorCode};
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use contract::http::TriggerRequest;
use contract::{Phase, RunId};
use serde_json::{Map, Value, json};

/// The largest body that is read.
const BODY_BYTES: usize = 64 << 10;

/// `POST /api/processing/daily/trigger`: `{"skip_market_check": bool, "phases": [str], "universe": str}`, all optional.
pub async fn trigger(State(context): State<Context>, headers: HeaderMap, body: Body) -> Response {
    let request = match object(&headers, body).await.and_then(trigger_request) {
        Ok(request) => request,
        Err(refused) => return refused,
    };
    match context.backend.trigger(request).await {
        Ok(accepted) => {
            let run_id = accepted.run_id.as_ref().map(RunId::as_str);
            let message = accepted.message.unwrap_or_else(|| "TickStockPL accepted the run".to_owned());
            axum::Json(json!({ "success": true, "status": "triggered", "run_id": run_id, "message": message }))
                .into_response()
        }
        Err(error) => command_error(error),
    }
}

fn trigger_request(body: Map<String, Value>) -> Result<TriggerRequest, Response> {
    let skip_market_check = match body.get("skip_market_check") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(skip)) => *skip,
        Some(_) => return Err(invalid("skip_market_check", "skip_market_check must be true or false")),
    };
    let wrong_phases =
        || invalid("phases", "phases must be a list of import, cache_sync, indicators, patterns, or [\"all\"]");
    let phases = match body.get("phases") {
        None | Some(Value::Null) => contract::http::all_phases(),
        Some(Value::Array(names)) if !names.is_empty() => {
            let name = |name: &Value| match name.as_str() {
                Some("all") => Some("all".to_owned()),
                Some(name) => Phase::parse(name).map(|phase| phase.wire_name().to_owned()),
                None => None,
            };
            names.iter().map(name).collect::<Option<_>>().ok_or_else(wrong_phases)?
        }
        Some(_) => return Err(wrong_phases()),
    };
    let universe = match body.get("universe") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) if !name.trim().is_empty() && name.len() <= 128 => Some(name.trim().to_owned()),
        Some(_) => return Err(invalid("universe", "universe must be the name of a universe, such as sp500")),
    };
    Ok(TriggerRequest { skip_market_check, phases, universe })
}

/// The body as a JSON object; an empty body counts as an empty object.
async fn object(headers: &HeaderMap, body: Body) -> Result<Map<String, Value>, Response> {
    let Ok(bytes) = to_bytes(body, BODY_BYTES).await else {
        return Err(refuse(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The body must be under 64 KiB", None));
    };
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().map(str::trim) != Some("application/json") {
        let message = "The body must be JSON, sent with Content-Type: application/json";
        return Err(refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", message, None));
    }
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(refuse(StatusCode::BAD_REQUEST, "invalid", "The body must be a JSON object", None)),
    }
}

fn invalid(field: &str, message: &str) -> Response {
    refuse(StatusCode::BAD_REQUEST, "invalid", message, Some(field))
}

fn refuse(status: StatusCode, code: &str, message: &str, field: Option<&str>) -> Response {
    let mut body = json!({ "success": false, "code": code, "message": message });
    if let Some(field) = field {
        body["field"] = field.into();
    }
    (status, axum::Json(body)).into_response()
}

fn command_error(error: CommandError) -> Response {
    let status = match error.code {
        ErrorCode::Invalid => StatusCode::BAD_REQUEST,
        ErrorCode::Conflict => StatusCode::CONFLICT,
        ErrorCode::Refused | ErrorCode::BadAnswer => StatusCode::BAD_GATEWAY,
        ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Unconfirmed => StatusCode::GATEWAY_TIMEOUT,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let mut body = serde_json::to_value(&error).unwrap_or_default();
    body["success"] = false.into();
    (status, axum::Json(body)).into_response()
}
