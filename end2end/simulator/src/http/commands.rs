//! The commands: what starts runs, and what stops them.

use super::body::{Fields, error, is_symbol, wrong};
use crate::market::{INDICATORS, PATTERNS, TIMEFRAMES, UNIVERSES};
use crate::plan::Trigger;
use crate::run;
use crate::simulator::Simulator;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use contract::Phase;
use serde_json::{Value, json};

/// An answer, or a refusal.
type Answer = Result<Response, Box<Response>>;

pub(super) async fn trigger(State(simulator): State<Simulator>, body: Bytes) -> Response {
    unboxed(manual(&simulator, &body))
}

pub(super) async fn import(State(simulator): State<Simulator>, body: Bytes) -> Response {
    unboxed(import_only(&simulator, &body))
}

pub(super) async fn indicators(State(simulator): State<Simulator>, body: Bytes) -> Response {
    unboxed(calculate(&simulator, &body, Phase::Indicators))
}

pub(super) async fn patterns(State(simulator): State<Simulator>, body: Bytes) -> Response {
    unboxed(calculate(&simulator, &body, Phase::Patterns))
}

pub(super) async fn retry(State(simulator): State<Simulator>, body: Bytes) -> Response {
    unboxed(retry_import(&simulator, &body))
}

pub(super) async fn cancel(State(simulator): State<Simulator>) -> Response {
    match simulator.cancel() {
        Some(run_id) => Json(json!({ "status": "cancelling", "message": "Cancellation requested", "run_id": run_id }))
            .into_response(),
        None => error(StatusCode::CONFLICT, "No processing is running"),
    }
}

fn unboxed(answer: Answer) -> Response {
    answer.unwrap_or_else(|refusal| *refusal)
}

fn manual(simulator: &Simulator, body: &Bytes) -> Answer {
    let fields = Fields::read(body)?;
    fields.flag("skip_market_check")?;
    let universe = fields.text("universe")?;
    if universe.as_deref().is_some_and(|name| !is_universe(name)) {
        return Err(Box::new(wrong(
            "universe",
            &format!("must be one of {}", UNIVERSES.join(", ")),
        )));
    }
    let universes = universe.map_or_else(|| simulator.schedule().universes, |name| vec![name]);
    let trigger = Trigger {
        phases: fields.phases()?,
        universes,
        ..Trigger::default()
    };
    Ok(start(simulator, trigger, "Processing started", json!({})))
}

fn import_only(simulator: &Simulator, body: &Bytes) -> Answer {
    let fields = Fields::read(body)?;
    let universes = fields.texts(
        "universes",
        &format!("universes: {}", UNIVERSES.join(", ")),
        is_universe,
    )?;
    let timeframes = fields.texts(
        "timeframes",
        &format!("timeframes: {}", timeframe_names()),
        is_timeframe,
    )?;
    let trigger = Trigger {
        phases: vec![Phase::Import],
        universes: universes.unwrap_or_else(|| simulator.schedule().universes),
        timeframes: Some(
            timeframes.unwrap_or_else(|| vec!["daily".to_owned(), "weekly".to_owned()]),
        ),
        lookback_days: Some(fields.number("lookback_days", 1, 3650)?.unwrap_or(30)),
        ..Trigger::default()
    };
    Ok(start(simulator, trigger, "Import started", json!({})))
}

fn calculate(simulator: &Simulator, body: &Bytes, phase: Phase) -> Answer {
    let fields = Fields::read(body)?;
    let timeframe = fields.text("timeframe")?;
    if timeframe.as_deref().is_some_and(|name| !is_timeframe(name)) {
        return Err(Box::new(wrong(
            "timeframe",
            &format!("must be one of {}", timeframe_names()),
        )));
    }
    let symbols = fields.texts("symbols", "ticker symbols such as AAPL", is_symbol)?;
    let known = |field, known: &[&str]| {
        let is_known = |name: &str| known.iter().any(|one| one.eq_ignore_ascii_case(name));
        fields.texts(field, &format!("{field}: {}", known.join(", ")), is_known)
    };
    let universes = simulator.schedule().universes;
    let mut trigger = Trigger {
        phases: vec![phase],
        universes,
        symbols,
        timeframe,
        ..Trigger::default()
    };
    let message = if phase == Phase::Patterns {
        trigger.patterns = known("patterns", &PATTERNS)?;
        "Pattern detection started"
    } else {
        trigger.indicators = known("indicators", &INDICATORS)?;
        "Indicator calculation started"
    };
    Ok(start(simulator, trigger, message, json!({})))
}

fn retry_import(simulator: &Simulator, body: &Bytes) -> Answer {
    let fields = Fields::read(body)?;
    let original = fields
        .text("original_run_id")?
        .ok_or_else(|| Box::new(wrong("original_run_id", "is missing")))?;
    let symbols = fields.texts("symbols", "ticker symbols such as AAPL", is_symbol)?;
    if let Some(active) = simulator.active() {
        return Ok(busy(&active.plan.run_id));
    }
    let run = simulator
        .ended(&original)
        .ok_or_else(|| Box::new(error(StatusCode::NOT_FOUND, "No such run")))?;
    let symbols = symbols.unwrap_or(run.totals.failed);
    if symbols.is_empty() {
        return Err(Box::new(wrong(
            "original_run_id",
            "names a run without failed symbols",
        )));
    }
    let more = json!({ "retry_count": symbols.len() });
    let trigger = Trigger {
        phases: vec![Phase::Import],
        universes: simulator.schedule().universes,
        symbols: Some(symbols),
        original_run_id: Some(original),
        ..Trigger::default()
    };
    Ok(start(simulator, trigger, "Retry started", more))
}

fn start(simulator: &Simulator, trigger: Trigger, message: &str, more: Value) -> Response {
    match run::start(simulator, trigger) {
        Ok(run_id) => {
            let mut body = json!({ "run_id": run_id, "status": "started", "message": message });
            if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
                body.extend(more);
            }
            Json(body).into_response()
        }
        Err(run_id) => busy(&run_id),
    }
}

fn busy(run_id: &str) -> Response {
    (
        StatusCode::CONFLICT,
        Json(json!({ "error": "Processing already running", "run_id": run_id })),
    )
        .into_response()
}

fn is_universe(name: &str) -> bool {
    UNIVERSES.contains(&name)
}

fn is_timeframe(name: &str) -> bool {
    TIMEFRAMES.iter().any(|(known, _)| *known == name)
}

fn timeframe_names() -> String {
    TIMEFRAMES.map(|(name, _)| name).join(", ")
}
