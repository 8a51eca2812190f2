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

/// A request that reaches nobody: what is wrong with it.
struct BadRequest {
    status: StatusCode,
    code: &'static str,
    field: Option<&'static str>,
    message: &'static str,
}

/// `POST /api/processing/daily/trigger`: `{"skip_market_check": bool, "phases": [str], "universe": str}`, all optional.
pub async fn trigger(State(context): State<Context>, headers: HeaderMap, body: Body) -> Response {
    let request = match object(&headers, body).await.and_then(trigger_request) {
        Ok(request) => request,
        Err(refused) => return refused.into_response(),
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

fn trigger_request(body: Map<String, Value>) -> Result<TriggerRequest, BadRequest> {
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
            let name = |name: &Value| match name.as_str()? {
                "all" => Some("all".to_owned()),
                name => Phase::parse(name).map(|phase| phase.wire_name().to_owned()),
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
async fn object(headers: &HeaderMap, body: Body) -> Result<Map<String, Value>, BadRequest> {
    let refuse = |status, code, message| Err(BadRequest { status, code, field: None, message });
    let Ok(bytes) = to_bytes(body, BODY_BYTES).await else {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The body must be under 64 KiB");
    };
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().map(str::trim) != Some("application/json") {
        let message = "The body must be JSON, sent with Content-Type: application/json";
        return refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", message);
    }
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(object)) => Ok(object),
        _ => refuse(StatusCode::BAD_REQUEST, "invalid", "The body must be a JSON object"),
    }
}

fn invalid(field: &'static str, message: &'static str) -> BadRequest {
    BadRequest { status: StatusCode::BAD_REQUEST, code: "invalid", field: Some(field), message }
}

impl IntoResponse for BadRequest {
    fn into_response(self) -> Response {
        let mut body = json!({ "success": false, "code": self.code, "message": self.message });
        if let Some(field) = self.field {
            body["field"] = field.into();
        }
        (self.status, axum::Json(body)).into_response()
    }
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
