//! When a schedule runs: a preview of the days ahead, with what is special about each.

use crate::moment::exchange_zone;
use crate::{CalendarError, Moment, Session, is_session, parse_time, parse_zone, session};
use clocks::ClockChanges;
use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan, ZonedDateTime};
use serde::{Deserialize, Serialize};

mod clocks;

/// How many runs one preview gives at most: a year of days.
pub const MAX_RUNS: usize = 366;
/// How far back the run before the first is looked for, in days: the exchange is never closed for
/// that long.
const LOOK_BACK_DAYS: usize = 10;

/// A daily schedule, as TickStockPL keeps it or as an operator is about to save it.
#[derive(Clone, Copy, Debug)]
pub struct RunSchedule<'a> {
    /// Whether it runs at all.
    pub enabled: bool,
    /// `HH:MM` on the clock of `zone`.
    pub trigger_time: &'a str,
    /// IANA name, like `America/New_York`.
    pub zone: &'a str,
    /// Whether days without a session are left out. The day is the exchange's at the moment of the
    /// run: 06:10 on a Saturday in Tokyo is Friday in New York, and runs.
    pub market_check: bool,
}

/// One day of a schedule, which may be a day on which nothing runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct RunPreview {
    /// The moment of the run, on the schedule's clock.
    pub local: Moment,
    /// The same moment, on the exchange's clock.
    pub exchange: Moment,
    /// In English and on the schedule's clock, like `Friday`.
    pub weekday: String,
    /// Whether it runs.
    pub runs: bool,
    /// Whether the exchange's session ends at 13:00 on this day.
    pub is_half_day: bool,
    /// Whether a clock, the schedule's or the exchange's, has changed on this day or since the run
    /// before.
    pub is_clock_change: bool,
    /// What is special, in words: "holiday: Thanksgiving, no run", "half day, closes 13:00",
    /// "clocks go back on this day".
    pub notes: Vec<String>,
}

/// The days after `from` until `n` of them have a run (at most [`MAX_RUNS`]), with the days between
/// that have none.
///
/// A schedule that is off lists the days on which it would run, each with `runs` false. A time that
/// the clock skips is taken as late as the clock jumped (02:30 becomes 03:30), one that it shows
/// twice is taken at the first: both with a note, since how TickStockPL takes them is not
/// documented. The list is shorter where the calendar ends.
///
/// # Errors
///
/// [`CalendarError::UnknownZone`] and [`CalendarError::BadTime`] for the schedule,
/// [`CalendarError::Outside`] for `from`.
pub fn upcoming_runs(
    schedule: RunSchedule<'_>,
    from: Timestamp,
    n: usize,
) -> Result<Vec<RunPreview>, CalendarError> {
    let (zone, time) = (
        parse_zone(schedule.zone)?,
        parse_time(schedule.trigger_time)?,
    );
    session(from.to_zoned_datetime(exchange_zone()).date())?;
    let today = from.to_zoned_datetime(zone.clone()).date();
    let would_run = |due: &DueRun| {
        !schedule.market_check || is_session(due.at.with_time_zone(exchange_zone()).date())
    };
    let past = today
        .series(-1.day())
        .take(LOOK_BACK_DAYS)
        .filter_map(|day| DueRun::on(day, time, &zone));
    let mut clocks = ClockChanges::since(
        past.filter(|due| due.at.timestamp() <= from)
            .find(would_run)
            .map(|due| due.at),
    );
    let (mut rows, mut runs) = (Vec::new(), 0);
    let dues = today
        .series(1.day())
        .map_while(|day| DueRun::on(day, time, &zone))
        .filter(|due| due.at.timestamp() > from);
    for due in dues {
        let exchange = due.at.with_time_zone(exchange_zone());
        let Ok(session) = session(exchange.date()) else {
            break;
        };
        if runs >= n.min(MAX_RUNS) {
            break;
        }
        let would_run = would_run(&due);
        runs += usize::from(would_run);
        let clock_note = clocks.note(&due.at, &exchange, would_run);
        let is_clock_change = clock_note.is_some();
        let off = (would_run && !schedule.enabled).then(|| "schedule is off, no run".to_owned());
        let notes = [
            off,
            market_note(session, &exchange, schedule),
            clock_note,
            due.note,
        ];
        rows.push(RunPreview {
            local: Moment::from(&due.at),
            weekday: due.at.strftime("%A").to_string(),
            runs: would_run && schedule.enabled,
            is_half_day: matches!(
                session,
                Session::Open {
                    half_day: Some(_),
                    ..
                }
            ),
            is_clock_change,
            notes: notes.into_iter().flatten().collect(),
            exchange: Moment::from(&exchange),
        });
    }
    Ok(rows)
}

/// What the exchange's day means for the run.
fn market_note(
    session: Session,
    exchange: &ZonedDateTime,
    schedule: RunSchedule<'_>,
) -> Option<String> {
    match session {
        Session::Closed(reason) if schedule.market_check => Some(format!("{reason}, no run")),
        Session::Closed(reason) if schedule.enabled => {
            Some(format!("{reason}, runs without market check"))
        }
        Session::Closed(reason) => Some(reason.to_string()),
        Session::Open {
            open,
            close,
            half_day,
        } => {
            let (clock, close_text) = (exchange.time(), close.strftime("%H:%M"));
            let half = half_day.map(|_| format!("half day, closes {close_text}"));
            // The day's prices are not complete yet: mostly a zone that was mistaken for the
            // exchange's.
            let early = (open <= clock && clock < close).then(|| match &half {
                Some(half) => format!("market still open, {half}"),
                None => format!("market still open, closes {close_text}"),
            });
            early.or(half)
        }
    }
}

/// A day's moment of the run.
struct DueRun {
    at: ZonedDateTime,
    /// What the clock does to it.
    note: Option<String>,
}

impl DueRun {
    /// `None` past the end of what dates can express.
    fn on(day: Date, time: Time, zone: &TimeZone) -> Option<DueRun> {
        let wanted = zone.to_ambiguous_zoned_datetime(day.to_datetime(time));
        let kind = wanted.offset();
        let at = wanted.compatible().ok()?;
        let text = time.strftime("%H:%M");
        let note = match kind {
            AmbiguousOffset::Unambiguous { .. } => None,
            AmbiguousOffset::Gap { .. } => Some(format!(
                "{text} does not exist on this day, {} is taken",
                at.strftime("%H:%M")
            )),
            AmbiguousOffset::Fold { .. } => Some(format!(
                "{text} comes twice on this day, the first is taken"
            )),
        };
        Some(DueRun { at, note })
    }
}
