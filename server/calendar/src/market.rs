//! What the market is doing at a moment, and why.

use crate::moment::exchange_zone;
use crate::{CalendarError, Moment, Session, TradingDay, days, session};
use jiff::Timestamp;
use jiff::civil::{Time, Weekday, time};
use serde::{Deserialize, Serialize};

/// When trading before hours begins, in exchange time: NYSE Arca's early session. It ends as the
/// session begins.
pub const BEFORE_HOURS_START: Time = time(4, 0, 0, 0);
/// When trading after hours ends, in exchange time: NYSE Arca's late session. It begins as the
/// session ends.
pub const AFTER_HOURS_END: Time = time(20, 0, 0, 0);
/// The same on a half day: by the published lists, late sessions then end at 17:00.
pub const HALF_DAY_AFTER_HOURS_END: Time = time(17, 0, 0, 0);

/// A part of the day. Each begins at its first moment and ends just before the next: at 16:00:00 it
/// is after hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarketPhase {
    /// On a trading day from 04:00 to 09:30.
    BeforeHours,
    /// In the session: 09:30 to 16:00, to 13:00 on a half day.
    Open,
    /// On a trading day from the close to 20:00, to 17:00 on a half day.
    AfterHours,
    /// Any other time.
    Closed,
}

/// What the market is doing at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct MarketStatus {
    /// The part of the day.
    pub phase: MarketPhase,
    /// Whether the session is on: `phase` is [`MarketPhase::Open`].
    pub is_open: bool,
    /// Why, in words: "weekend", "holiday: Thanksgiving", "half day, closed at 13:00", "regular
    /// hours, closes at 16:00".
    pub why: String,
    /// Whether it is Monday to Friday in New York, holiday or not.
    pub is_weekday: bool,
    /// Whether today's session ends at 13:00.
    pub is_half_day: bool,
    /// The half day's name, like "day after Thanksgiving".
    pub half_day: Option<String>,
    /// The name of the holiday or special closing that keeps the market closed today.
    pub holiday: Option<String>,
    /// The moment that was asked about, in exchange time.
    pub current_time: Moment,
    /// When the next session begins, after this moment, in exchange time.
    pub next_open: Moment,
    /// When the session that is on, or else the next one, ends, in exchange time.
    pub next_close: Moment,
    /// Today in New York as `YYYY-MM-DD` where it has a session, whatever the hour. `None` on a day
    /// without one.
    pub session_date: Option<String>,
}

/// What the market is doing at `instant`.
///
/// # Errors
///
/// [`CalendarError::Outside`] where the day in New York is outside the calendar's years.
pub fn status_at(instant: Timestamp) -> Result<MarketStatus, CalendarError> {
    let local = instant.to_zoned_datetime(exchange_zone());
    let today = local.date();
    let session = session(today)?;
    let next = |at: fn(&TradingDay) -> &Moment| {
        let later = |day: &TradingDay| at(day).at_ms > instant.as_millisecond();
        days::sessions_from(today)
            .find(later)
            .map(|day| at(&day).clone())
            .ok_or(CalendarError::Outside { day: today })
    };
    let (phase, why) = match session {
        Session::Open {
            open,
            close,
            half_day,
        } => phase_and_reason(local.time(), open, close, half_day.is_some()),
        Session::Closed(reason) => (MarketPhase::Closed, reason.to_string()),
    };
    let (half_day, holiday, has_session) = match session {
        Session::Open { half_day, .. } => (half_day, None, true),
        Session::Closed(reason) => (None, reason.name(), false),
    };
    Ok(MarketStatus {
        phase,
        is_open: phase == MarketPhase::Open,
        why,
        is_weekday: !matches!(today.weekday(), Weekday::Saturday | Weekday::Sunday),
        is_half_day: half_day.is_some(),
        half_day: half_day.map(str::to_owned),
        holiday: holiday.map(str::to_owned),
        current_time: Moment::from(&local),
        next_open: next(|day| &day.open)?,
        next_close: next(|day| &day.close)?,
        session_date: has_session.then(|| today.to_string()),
    })
}

/// The phase that the clock shows on a trading day, and the words for it.
fn phase_and_reason(
    clock: Time,
    open: Time,
    close: Time,
    is_half_day: bool,
) -> (MarketPhase, String) {
    let end = if is_half_day {
        HALF_DAY_AFTER_HOURS_END
    } else {
        AFTER_HOURS_END
    };
    let [open_text, close_text] = [open, close].map(|time| time.strftime("%H:%M").to_string());
    let half = if is_half_day {
        format!(", half day, closes at {close_text}")
    } else {
        String::new()
    };
    if clock < BEFORE_HOURS_START {
        (
            MarketPhase::Closed,
            format!("night, opens at {open_text}{half}"),
        )
    } else if clock < open {
        (
            MarketPhase::BeforeHours,
            format!("before hours, opens at {open_text}{half}"),
        )
    } else if clock < close {
        let day = if is_half_day {
            "half day"
        } else {
            "regular hours"
        };
        (MarketPhase::Open, format!("{day}, closes at {close_text}"))
    } else {
        let (phase, hours) = if clock < end {
            (MarketPhase::AfterHours, "after hours")
        } else {
            (MarketPhase::Closed, "night")
        };
        let day = if is_half_day { "half day" } else { hours };
        (phase, format!("{day}, closed at {close_text}"))
    }
}
