//! The schedule, to be read and changed.

use super::body::{Fields, wrong};
use crate::dialect::Step;
use crate::market::UNIVERSES;
use crate::world::World;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::Time;
use serde_json::Value;

pub(super) async fn get(State(world): State<World>) -> Json<Value> {
    Json(world.schedule().json(Timestamp::now()))
}

pub(super) async fn update(State(world): State<World>, body: Bytes) -> Response {
    if let Err(refusal) = change(&world, &body) {
        return *refusal;
    }
    let schedule = world.schedule().json(Timestamp::now());
    world.publisher().step(&Step::Schedule(&schedule)).await;
    Json(schedule).into_response()
}

fn change(world: &World, body: &Bytes) -> Result<(), Box<Response>> {
    let fields = Fields::read(body)?;
    let mut schedule = world.schedule();
    schedule.enabled = fields.flag("enabled")?.unwrap_or(schedule.enabled);
    schedule.market_check = fields.flag("market_check")?.unwrap_or(schedule.market_check);
    if let Some(text) = fields.text("trigger_time")? {
        let right = text.len() == 5;
        schedule.trigger_time = Time::strptime("%H:%M", &text)
            .ok()
            .filter(|_| right)
            .ok_or_else(|| Box::new(wrong("trigger_time", "must be a time such as 16:10")))?;
    }
    if let Some(universes) =
        fields.texts("universes", &format!("universes: {}", UNIVERSES.join(", ")), |u| UNIVERSES.contains(&u))?
    {
        schedule.universes = universes;
    }
    world.set_schedule(schedule);
    Ok(())
}
