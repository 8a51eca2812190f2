//! Where clocks change between the days of a preview: the schedule's, and the exchange's where only
//! that one changes.

use crate::moment::exchange_zone;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{ToSpan, ZonedDateTime};

/// The offsets of both clocks at the run before: the schedule's, then the exchange's.
pub(super) struct ClockChanges(Option<[Offset; 2]>);

impl ClockChanges {
    /// Begins with the last run before the preview, where there is one.
    pub(super) fn since(before: Option<ZonedDateTime>) -> ClockChanges {
        ClockChanges(before.map(|at| [at.offset(), at.with_time_zone(exchange_zone()).offset()]))
    }

    /// The words for a change on the day of `local` (`exchange` is the same moment), or for one
    /// since the run before, which shows on the first run after a weekend. `runs` says whether the
    /// next day compares with this one.
    pub(super) fn note(
        &mut self,
        local: &ZonedDateTime,
        exchange: &ZonedDateTime,
        runs: bool,
    ) -> Option<String> {
        let now = [local.offset(), exchange.offset()];
        let before = if runs { self.0.replace(now) } else { None };
        let clocks = [("clocks", local), ("the exchange's clocks", exchange)];
        clocks
            .into_iter()
            .enumerate()
            .find_map(|(index, (whose, at))| {
                if let Some([from, to]) = change_on(at.date(), at.time_zone()) {
                    return Some(format!("{whose} go {} on this day", direction(from, to)));
                }
                let from = before?[index];
                (runs && from != now[index]).then(|| {
                    format!(
                        "{whose} went {} since the run before",
                        direction(from, now[index])
                    )
                })
            })
    }
}

/// The offsets at the last moment of the day before and at the last moment of `day`, where they
/// differ.
///
/// Not at the two midnights: there are zones whose clocks change at midnight, and skip it.
fn change_on(day: Date, zone: &TimeZone) -> Option<[Offset; 2]> {
    let end_of_day_before = |day: Date| {
        let start = day.to_zoned_datetime(zone.clone()).ok()?.timestamp();
        Some(zone.to_offset(start.checked_sub(1.nanosecond()).ok()?))
    };
    let offsets = [
        end_of_day_before(day)?,
        end_of_day_before(day.tomorrow().ok()?)?,
    ];
    (offsets[0] != offsets[1]).then_some(offsets)
}

fn direction(from: Offset, to: Offset) -> &'static str {
    if to < from { "back" } else { "forward" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_change_belongs_to_the_day_on_whose_clock_it_happens() {
        let changes =
            |name: &str, day: Date| change_on(day, &TimeZone::get(name).unwrap()).is_some();
        assert!(changes("America/New_York", date(2026, 11, 1)));
        assert!(
            !changes("America/New_York", date(2026, 10, 31))
                && !changes("America/New_York", date(2026, 11, 2))
        );
        // Havana skips the hour after midnight of Sunday in March, and has the hour after midnight
        // twice in November.
        assert!(
            changes("America/Havana", date(2026, 3, 8))
                && !changes("America/Havana", date(2026, 3, 7))
        );
        assert!(
            changes("America/Havana", date(2025, 11, 2))
                && !changes("America/Havana", date(2025, 11, 1))
        );
        // Asuncion went from midnight back to 23:00: the Saturday was the longer day.
        assert!(
            changes("America/Asuncion", date(2024, 3, 23))
                && !changes("America/Asuncion", date(2024, 3, 24))
        );
    }
}
