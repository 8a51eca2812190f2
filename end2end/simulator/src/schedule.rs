//! The schedule: when runs start by themselves.

mod holidays;

use contract::EXCHANGE_ZONE;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, ZonedDateTime};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Days ahead in which the next session is looked for; the longest gap between two has four.
const AHEAD: usize = 8;

/// TickStockPL's schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Schedule {
    pub(crate) enabled: bool,
    pub(crate) trigger_time: Time,
    /// Whether days without a session of the exchange are left out.
    pub(crate) market_check: bool,
    pub(crate) universes: Vec<String>,
}

impl Default for Schedule {
    fn default() -> Self {
        let trigger_time = jiff::civil::time(16, 10, 0, 0);
        Schedule {
            enabled: true,
            trigger_time,
            market_check: true,
            universes: vec!["sp500".to_owned()],
        }
    }
}

impl Schedule {
    /// As the API and `schedule_updated` give it.
    pub(crate) fn json(&self, now: Timestamp) -> Value {
        json!({
            "enabled": self.enabled,
            "trigger_time": self.trigger_time.strftime("%H:%M").to_string(),
            "timezone": EXCHANGE_ZONE,
            "market_check": self.market_check,
            "next_run": self.next_run(now).map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
            "universes": self.universes,
        })
    }

    /// The next start after `now`.
    pub(crate) fn next_run(&self, now: Timestamp) -> Option<Timestamp> {
        if !self.enabled {
            return None;
        }
        let mut day = in_new_york(now);
        for _ in 0..AHEAD {
            let start = day.with().time(self.trigger_time).build().ok()?;
            if start.timestamp() > now && (!self.market_check || holidays::is_session(start.date()))
            {
                return Some(start.timestamp());
            }
            day = day.checked_add(1.day()).ok()?;
        }
        None
    }
}

/// The date in the exchange's zone: a run's trading day.
pub(crate) fn trading_day(at: Timestamp) -> String {
    in_new_york(at).date().to_string()
}

fn in_new_york(at: Timestamp) -> ZonedDateTime {
    let zone = TimeZone::get(EXCHANGE_ZONE).expect("the time-zone database is bundled");
    at.to_zoned_datetime(zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_run_skips_closed_days_and_follows_daylight_saving() {
        let next = |now: &str| {
            Schedule::default()
                .next_run(now.parse().unwrap())
                .unwrap()
                .to_string()
        };
        assert_eq!(next("2025-01-24T21:09:00Z"), "2025-01-24T21:10:00Z");
        assert_eq!(
            next("2025-01-24T21:10:00Z"),
            "2025-01-27T21:10:00Z",
            "over the weekend"
        );
        assert_eq!(
            next("2025-07-01T00:00:00Z"),
            "2025-07-01T20:10:00Z",
            "in summer"
        );
        assert_eq!(
            next("2026-11-25T22:00:00Z"),
            "2026-11-27T21:10:00Z",
            "over Thanksgiving"
        );
        let off = Schedule {
            enabled: false,
            ..Schedule::default()
        };
        assert_eq!(off.next_run(Timestamp::now()), None);
    }

    #[test]
    fn without_the_market_check_it_runs_every_day() {
        let schedule = Schedule {
            market_check: false,
            ..Schedule::default()
        };
        let next = schedule
            .next_run("2025-01-24T21:10:00Z".parse().unwrap())
            .unwrap();
        assert_eq!(next.to_string(), "2025-01-25T21:10:00Z");
    }

    #[test]
    fn a_run_in_the_evening_belongs_to_the_exchanges_day() {
        assert_eq!(
            trading_day("2025-01-25T02:00:00Z".parse().unwrap()),
            "2025-01-24"
        );
    }
}
