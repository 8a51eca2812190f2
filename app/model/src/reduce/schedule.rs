//! The schedule, put together from TickStockPL's HTTP answers and its events.

use crate::byte_budget::ByteBudget;
use crate::run::short_word;
use crate::{Changes, State, limits, times};
use contract::{ScheduleChange, Timestamp};

impl State {
    pub(crate) fn change_schedule(&mut self, at: Timestamp, change: &ScheduleChange) -> Changes {
        if *change == ScheduleChange::default() {
            return Changes::NONE;
        }
        let schedule = self.schedule.get_or_insert_default();
        let before = schedule.clone();
        let set = |old: &mut Option<String>, new: &Option<String>| {
            if new.is_some() {
                *old = short_word(new.as_ref());
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
            schedule.universes = ByteBudget::new(limits::SCHEDULE_BYTES)
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
