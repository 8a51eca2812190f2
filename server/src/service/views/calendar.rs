//! The exchange's calendar: whether the market is open, which days have a session, and what a
//! schedule would do.

use crate::clock::now;
use app::ports::{Market, PreviewDay, SchedulePlan, TradingDay};
use calendar::{RunSchedule, Session, session, status_at, upcoming_runs};
use contract::{EXCHANGE_ZONE, Timestamp};
use jiff::ToSpan;
use jiff::tz::TimeZone;

/// Days of one answer.
const MOST_DAYS: usize = 400;
/// Sessions that a preview of the schedule reaches.
const SESSIONS: usize = 5;

/// The market now; `None` where the calendar does not reach the present.
pub(crate) fn market() -> Option<Market> {
    let market = status_at(instant(now())).ok()?;
    let phase = serde_json::to_value(market.phase)
        .ok()?
        .as_str()?
        .to_owned();
    Some(Market {
        is_open: market.is_open,
        phase,
        why: market.why,
        session: market.session_date,
        half_day: market
            .is_half_day
            .then(|| "half day, closes 13:00".to_owned()),
        next_open: Timestamp(market.next_open.at_ms),
        next_close: Timestamp(market.next_close.at_ms),
    })
}

/// What a schedule would do on the next sessions.
///
/// # Errors
/// What is wrong with the schedule, in words.
pub(crate) fn preview(plan: &SchedulePlan) -> Result<Vec<PreviewDay>, String> {
    let zone = plan.zone.as_deref().unwrap_or(EXCHANGE_ZONE);
    let plan = RunSchedule {
        enabled: plan.enabled,
        trigger_time: &plan.time,
        zone: contract::canonical_zone(zone),
        market_check: plan.market_check,
    };
    let days = upcoming_runs(plan, instant(now()), SESSIONS).map_err(|error| error.to_string())?;
    let day = |day: calendar::RunPreview| PreviewDay {
        at: Timestamp(day.local.at_ms),
        runs: day.runs,
        local: format!(
            "{} {}",
            day.local.text.get(11..16).unwrap_or_default(),
            day.local.abbreviation
        ),
        notes: day.notes,
    };
    Ok(days.into_iter().map(day).collect())
}

/// The exchange's days from `from` to `to`, oldest first; the latest ones where there are too many.
pub(crate) fn trading_days(from: Timestamp, to: Timestamp) -> Vec<TradingDay> {
    let zone = TimeZone::get(EXCHANGE_ZONE).expect("the time-zone database is built in");
    let date = |at| zone.to_datetime(instant(at)).date();
    let first = date(from);
    let days = date(to)
        .series(-1.day())
        .take_while(|day| *day >= first)
        .take(MOST_DAYS);
    let mut days: Vec<_> = days
        .filter_map(|day| {
            let begins = day
                .at(0, 0, 0, 0)
                .to_zoned_datetime(zone.clone())
                .ok()?
                .timestamp()
                .as_millisecond();
            let (session, why) = match session(day).ok()? {
                Session::Open { .. } => (true, None),
                Session::Closed(reason) => (false, Some(reason.to_string())),
            };
            Some(TradingDay {
                date: day.strftime("%a %-d %b").to_string(),
                from: Timestamp(begins),
                session,
                why,
            })
        })
        .collect();
    days.reverse();
    days
}

fn instant(at: Timestamp) -> jiff::Timestamp {
    // Every time that a Timestamp holds is one that jiff holds.
    jiff::Timestamp::from_millisecond(at.0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thanksgiving_has_no_session_in_exchange_days() {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        // Four in the morning in UTC is still the day before in New York.
        let days = trading_days(at("2026-11-25T04:00:00Z"), at("2026-11-28T12:00:00Z"));
        let found: Vec<_> = days
            .iter()
            .map(|day| (day.date.as_str(), day.session))
            .collect();
        let right = [
            ("Tue 24 Nov", true),
            ("Wed 25 Nov", true),
            ("Thu 26 Nov", false),
            ("Fri 27 Nov", true),
            ("Sat 28 Nov", false),
        ];
        assert_eq!(found, right);
        assert_eq!(days[0].from, at("2026-11-24T05:00:00Z"));
    }
}
