//! The schedule: when runs start by themselves.

use crate::world::{Kind, Trigger, World};
use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, ZonedDateTime};
use serde_json::{Value, json};

/// The zone of the trigger time.
const ZONE: &str = "America/New_York";

/// TickStockPL's schedule.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(crate) enabled: bool,
    pub(crate) trigger_time: Time,
    pub(crate) market_check: bool,
    pub(crate) universes: Vec<String>,
}

impl Default for Schedule {
    fn default() -> Self {
        let trigger_time = jiff::civil::time(16, 10, 0, 0);
        Schedule { enabled: true, trigger_time, market_check: true, universes: vec!["sp500".to_owned()] }
    }
}

impl Schedule {
    /// As the API and `schedule_updated` give it.
    pub(crate) fn json(&self, now: Timestamp) -> Value {
        json!({
            "enabled": self.enabled,
            "trigger_time": self.trigger_time.strftime("%H:%M").to_string(),
            "timezone": ZONE,
            "market_check": self.market_check,
            "next_run": self.next_run(now).map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
            "universes": self.universes,
        })
    }

    /// The next start after `now`, on a weekday when the market is checked.
    pub(crate) fn next_run(&self, now: Timestamp) -> Option<Timestamp> {
        if !self.enabled {
            return None;
        }
        let zone = TimeZone::get(ZONE).ok()?;
        let mut day: ZonedDateTime = now.to_zoned_datetime(zone);
        for _ in 0..8 {
            let start = day.with().time(self.trigger_time).build().ok()?;
            let weekend = matches!(start.weekday(), Weekday::Saturday | Weekday::Sunday);
            if start.timestamp() > now && !(weekend && self.market_check) {
                return Some(start.timestamp());
            }
            day = day.checked_add(1.day()).ok()?;
        }
        None
    }
}

/// The date in the exchange's zone: a run's trading day.
pub(crate) fn today() -> String {
    let now = Timestamp::now();
    let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
    now.to_zoned_datetime(zone).date().to_string()
}

/// With `--schedule`, starts a run at every scheduled time.
pub(crate) async fn start_by_themselves(world: World) {
    if !world.options().schedule {
        return;
    }
    loop {
        // Looked at every second, so that a changed schedule counts at once.
        let due = world.schedule().next_run(Timestamp::now());
        tokio::select! {
            () = world.shutdown().cancelled() => return,
            () = tokio::time::sleep(std::time::Duration::from_secs(1)) => {}
        }
        if due.is_some_and(|due| due <= Timestamp::now()) {
            let universes = world.schedule().universes;
            if let Err(active) = world.start(Kind::Full, Trigger { automatic: true, universes, ..Trigger::default() }) {
                tracing::warn!(run_id = active, "the scheduled run does not start: another one is active");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_run_skips_the_weekend_and_follows_daylight_saving() {
        let next = |now: &str| Schedule::default().next_run(now.parse().unwrap()).unwrap().to_string();
        assert_eq!(next("2025-01-24T21:09:00Z"), "2025-01-24T21:10:00Z");
        assert_eq!(next("2025-01-24T21:10:00Z"), "2025-01-27T21:10:00Z");
        assert_eq!(next("2025-07-01T00:00:00Z"), "2025-07-01T20:10:00Z");
        let off = Schedule { enabled: false, ..Schedule::default() };
        assert_eq!(off.next_run(Timestamp::now()), None);
    }
}
