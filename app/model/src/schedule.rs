//! TickStockPL's schedule, put together from its HTTP answers and its events.

use crate::room::Room;
use crate::run::word;
use crate::{Changes, State, limits, times};
use contract::{ScheduleChange, Timestamp};
use serde::Serialize;

/// When runs start by themselves. What TickStockPL never said is absent, not guessed.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Schedule {
    /// Whether runs start by themselves.
    pub enabled: Option<bool>,
    /// `HH:MM`, as TickStockPL gives it.
    pub trigger_time: Option<String>,
    /// IANA name of the zone of `trigger_time`, as TickStockPL gives it.
    pub timezone: Option<String>,
    /// Whether days without a session are left out.
    pub market_check: Option<bool>,
    /// When the next run starts.
    pub next_run: Option<Timestamp>,
    /// The universes that are processed.
    pub universes: Vec<String>,
    /// When TickStockPL last said so.
    pub known_at: Timestamp,
}

impl Schedule {
    /// What tells this schedule from another one: the same text for the same settings, whenever
    /// they became known.
    pub fn version(&self) -> String {
        // FNV-1a over what an operator can edit: short, the same on every machine, and no secret.
        let text = format!(
            "{:?}",
            (
                self.enabled,
                &self.trigger_time,
                &self.timezone,
                self.market_check,
                &self.universes
            )
        );
        let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{hash:016x}")
    }
}

impl State {
    pub(crate) fn change_schedule(&mut self, at: Timestamp, change: &ScheduleChange) -> Changes {
        if *change == ScheduleChange::default() {
            return Changes::NONE;
        }
        let schedule = self.schedule.get_or_insert_default();
        let before = schedule.clone();
        let set = |old: &mut Option<String>, new: &Option<String>| {
            if new.is_some() {
                *old = word(new.as_ref());
            }
        };
        // A schedule that is off, or that moved, has no next run until TickStockPL names one.
        let moved = change.enabled == Some(false) || change.trigger_time.is_some();
        if change.next_run.is_some() || moved {
            schedule.next_run = times::credible_next(change.next_run, at);
        }
        schedule.enabled = change.enabled.or(schedule.enabled);
        schedule.market_check = change.market_check.or(schedule.market_check);
        set(&mut schedule.trigger_time, &change.trigger_time);
        set(&mut schedule.timezone, &change.timezone);
        if !change.universes.is_empty() {
            schedule.universes = Room::new(limits::SCHEDULE_BYTES)
                .names(change.universes.iter().map(String::as_str));
        }
        schedule.known_at = before.known_at;
        if *schedule == before {
            return Changes::NONE;
        }
        schedule.known_at = at;
        Changes::SCHEDULE
    }
}

contract::read_fields!(Schedule {
    enabled,
    trigger_time,
    timezone,
    market_check,
    next_run,
    universes,
    known_at
});
