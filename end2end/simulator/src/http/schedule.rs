//! The schedule, to be read and changed.

use super::body::{Fields, wrong};
use crate::dialect::Event;
use crate::market::UNIVERSES;
use crate::simulator::Simulator;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::Time;
use serde_json::Value;

pub(super) async fn get(State(simulator): State<Simulator>) -> Json<Value> {
    Json(simulator.schedule().json(Timestamp::now()))
}

pub(super) async fn update(State(simulator): State<Simulator>, body: Bytes) -> Response {
    if let Err(refusal) = change(&simulator, &body) {
        return *refusal;
    }
    let schedule = simulator.schedule().json(Timestamp::now());
    simulator
        .publisher()
        .publish(&Event::Schedule(&schedule))
        .await;
    Json(schedule).into_response()
}

fn change(simulator: &Simulator, body: &Bytes) -> Result<(), Box<Response>> {
    let fields = Fields::read(body)?;
    let mut schedule = simulator.schedule();
    schedule.enabled = fields.flag("enabled")?.unwrap_or(schedule.enabled);
    schedule.market_check = fields
        .flag("market_check")?
        .unwrap_or(schedule.market_check);
    if let Some(text) = fields.text("trigger_time")? {
        schedule.trigger_time = time(&text)
            .ok_or_else(|| Box::new(wrong("trigger_time", "must be a time such as 16:10")))?;
    }
    if let Some(universes) = fields.texts(
        "universes",
        &format!("universes: {}", UNIVERSES.join(", ")),
        |u| UNIVERSES.contains(&u),
    )? {
        schedule.universes = universes;
    }
    simulator.set_schedule(schedule);
    Ok(())
}

/// Reads `HH:MM`, and nothing that only looks like it.
fn time(text: &str) -> Option<Time> {
    let digits = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    let (hour, minute) = text
        .split_once(':')
        .filter(|(hour, minute)| digits(hour) && digits(minute))?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hours_and_minutes_of_two_digits_are_a_time() {
        assert_eq!(time("16:10").unwrap().to_string(), "16:10:00");
        for wrong in [
            "24:00", "16:60", "9:05", "16:1", " 6:10", "+6:10", "16:10:00", "1610", "", "ab:cd",
        ] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
    }
}
