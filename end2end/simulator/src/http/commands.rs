//! The commands: what starts runs, and what stops them.

use super::body::{Fields, is_symbol, wrong};
use super::error;
use crate::market::{INDICATORS, PATTERNS, UNIVERSES};
use crate::world::{Kind, Trigger, World};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use contract::Phase;
use serde_json::{Value, json};

type Answer = Result<Response, Box<Response>>;

const TIMEFRAMES: [&str; 4] = ["hourly", "daily", "weekly", "monthly"];

/// Unboxes an answer, refusal or not.
fn answer(answer: Answer) -> Response {
    answer.unwrap_or_else(|refusal| *refusal)
}

pub(super) async fn trigger(State(world): State<World>, body: Bytes) -> Response {
    answer((|| {
        let fields = Fields::read(&body)?;
        fields.flag("skip_market_check")?;
        let universe = fields.text("universe")?;
        if universe.as_deref().is_some_and(|name| !is_universe(name)) {
            return Err(Box::new(wrong("universe", &format!("must be one of {}", UNIVERSES.join(", ")))));
        }
        let kind = fields.phases()?.map_or(Kind::Full, Kind::Phases);
        let universes = universe.map_or_else(|| world.schedule().universes, |name| vec![name]);
        Ok(start(&world, kind, Trigger { universes, ..Trigger::default() }, "Processing started", json!({})))
    })())
}

pub(super) async fn import(State(world): State<World>, body: Bytes) -> Response {
    answer((|| {
        let fields = Fields::read(&body)?;
        let universes = fields.texts("universes", &format!("universes: {}", UNIVERSES.join(", ")), is_universe)?;
        let timeframes =
            fields.texts("timeframes", "timeframes: hourly, daily, weekly, monthly", |t| TIMEFRAMES.contains(&t))?;
        let trigger = Trigger {
            universes: universes.unwrap_or_else(|| world.schedule().universes),
            timeframes: Some(timeframes.unwrap_or_else(|| vec!["daily".to_owned(), "weekly".to_owned()])),
            lookback_days: Some(fields.number("lookback_days", 1, 3650)?.unwrap_or(30)),
            ..Trigger::default()
        };
        Ok(start(&world, Kind::Phases(vec![Phase::Import]), trigger, "Import started", json!({})))
    })())
}

pub(super) async fn indicators(State(world): State<World>, body: Bytes) -> Response {
    let known = |name: &str| INDICATORS.iter().any(|known| known.eq_ignore_ascii_case(name));
    answer(calculate(&world, &body, Phase::Indicators, "indicators", known))
}

pub(super) async fn patterns(State(world): State<World>, body: Bytes) -> Response {
    let known = |name: &str| PATTERNS.iter().any(|known| known.eq_ignore_ascii_case(name));
    answer(calculate(&world, &body, Phase::Patterns, "patterns", known))
}

fn calculate(world: &World, body: &Bytes, phase: Phase, kinds: &str, known: impl Fn(&str) -> bool) -> Answer {
    let fields = Fields::read(body)?;
    let timeframe = fields.text("timeframe")?;
    if timeframe.as_deref().is_some_and(|timeframe| !TIMEFRAMES.contains(&timeframe)) {
        return Err(Box::new(wrong("timeframe", "must be one of hourly, daily, weekly, monthly")));
    }
    let symbols = fields.texts("symbols", "ticker symbols such as AAPL", is_symbol)?;
    fields.texts(kinds, &format!("known {kinds}"), known)?;
    let trigger = Trigger { universes: world.schedule().universes, symbols, ..Trigger::default() };
    Ok(start(world, Kind::Phases(vec![phase]), trigger, &format!("Processing of {kinds} started"), json!({})))
}

pub(super) async fn retry(State(world): State<World>, body: Bytes) -> Response {
    answer((|| {
        let fields = Fields::read(&body)?;
        let original =
            fields.text("original_run_id")?.ok_or_else(|| Box::new(wrong("original_run_id", "is missing")))?;
        let symbols = fields.texts("symbols", "ticker symbols such as AAPL", is_symbol)?;
        let run = world.ended(&original).ok_or_else(|| Box::new(error(StatusCode::NOT_FOUND, "No such run")))?;
        let symbols = symbols.unwrap_or(run.failed);
        if symbols.is_empty() {
            return Err(Box::new(wrong("original_run_id", "names a run without failed symbols")));
        }
        let more = json!({ "retry_count": symbols.len() });
        let trigger = Trigger {
            universes: world.schedule().universes,
            symbols: Some(symbols),
            original_run_id: Some(original),
            ..Trigger::default()
        };
        Ok(start(&world, Kind::Phases(vec![Phase::Import]), trigger, "Retry started", more))
    })())
}

pub(super) async fn cancel(State(world): State<World>) -> Response {
    match world.cancel() {
        Some(run_id) => Json(json!({ "status": "cancelling", "message": "Cancellation requested", "run_id": run_id }))
            .into_response(),
        None => error(StatusCode::CONFLICT, "No processing is running"),
    }
}

fn start(world: &World, kind: Kind, trigger: Trigger, message: &str, more: Value) -> Response {
    match world.start(kind, trigger) {
        Ok(run_id) => {
            let mut body = json!({ "run_id": run_id, "status": "started", "message": message });
            if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
                body.extend(more);
            }
            Json(body).into_response()
        }
        Err(run_id) => (StatusCode::CONFLICT, Json(json!({ "error": "Processing already running", "run_id": run_id })))
            .into_response(),
    }
}

fn is_universe(name: &str) -> bool {
    UNIVERSES.contains(&name)
}
