//! The exchange's days, session or not, for pictures of what ran on which day.

use super::instant;
use app::ports::TradingDay;
use calendar::{Session, session};
use contract::EXCHANGE_ZONE;
use contract::Timestamp;
use jiff::ToSpan;
use jiff::tz::TimeZone;

/// Days of one answer.
const MOST_DAYS: usize = 400;

/// The days from `from` to `to`, oldest first; the latest ones where there are too many.
pub fn between(from: Timestamp, to: Timestamp) -> Vec<TradingDay> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thanksgiving_has_no_session_and_the_days_are_the_exchanges() {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        // Four in the morning in UTC is still the day before in New York.
        let days = between(at("2026-11-25T04:00:00Z"), at("2026-11-28T12:00:00Z"));
        let told: Vec<_> = days
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
        assert_eq!(told, right);
        assert_eq!(days[0].from, at("2026-11-24T05:00:00Z"));
    }
}
