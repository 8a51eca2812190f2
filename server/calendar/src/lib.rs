//! The New York Stock Exchange's calendar: which days have a session, what the market is doing at a
//! moment, when a schedule runs.
//!
//! Pure: no clock, no I/O. No crate was right: exchange-hours 1.3 misses 2018-12-05 and ends with
//! 2028, nyse-holiday-cal 0.2 has no half days, trading-calendar 0.2 knows 2020 to 2030 and no
//! special closings. So the rules are written out here: `rules` and `special` name the sources;
//! `tests/published.rs` holds the published days of 2012 to 2028 against them.

mod closures;
mod days;
mod error;
mod market;
mod moment;
mod parse;
mod rules;
mod runs;
mod session;

pub use days::{TradingDay, is_session, next_sessions, previous_session, sessions_between};
pub use error::CalendarError;
pub use market::{
    AFTER_HOURS_END, BEFORE_HOURS_START, HALF_DAY_AFTER_HOURS_END, MarketPhase, MarketStatus,
    status_at,
};
pub use moment::Moment;
pub use parse::{parse_time, parse_zone};
pub use rules::{FIRST_YEAR, LAST_YEAR};
pub use runs::{MAX_RUNS, RunPreview, RunSchedule, upcoming_runs};
pub use session::{CLOSE, ClosureReason, HALF_DAY_CLOSE, OPEN, Session, session};
