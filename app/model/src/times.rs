//! Times that cannot be: an end in the year 9999, before the run's start, or days ahead says
//! nothing, and is taken as absent.

use contract::Timestamp;
use contract::http::ReportedRun;

/// How far TickStockPL's clock may be from the relay's, in ms.
pub(crate) const SKEW_MS: i64 = 120_000;
/// No run takes longer than this, in ms.
const LONGEST_RUN_MS: i64 = 48 * 3_600_000;
/// No schedule names a run later than this, in ms: more than a year.
const FURTHEST_RUN_MS: i64 = 400 * 24 * 3_600_000;

/// An expected end, if it can be one of a run that began at `began`.
pub(crate) fn credible_end(
    end: Option<Timestamp>,
    began: Option<Timestamp>,
    now: Timestamp,
) -> Option<Timestamp> {
    let after_start = |end: &Timestamp| began.is_none_or(|began| end.plus_ms(SKEW_MS) > began);
    end.filter(after_start)
        .filter(|end| now.plus_ms(-LONGEST_RUN_MS) < *end && *end < now.plus_ms(LONGEST_RUN_MS))
}

/// The end that lies so many seconds ahead.
pub(crate) fn end_after(seconds: Option<u64>, now: Timestamp) -> Option<Timestamp> {
    let ms = i64::try_from(seconds?).ok()?.checked_mul(1000)?;
    (ms < LONGEST_RUN_MS).then(|| now.plus_ms(ms))
}

/// A time that has passed, but for the difference between clocks.
pub(crate) fn credible_past(at: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    at.filter(|at| at.0 > 0 && *at <= now.plus_ms(SKEW_MS))
}

/// The time of the next run.
pub(crate) fn credible_next(at: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    at.filter(|at| now.plus_ms(-FURTHEST_RUN_MS) < *at && *at < now.plus_ms(FURTHEST_RUN_MS))
}

/// A row of the history without the times that cannot be. A day is allowed for: times without a
/// zone are read as UTC.
pub(crate) fn credible_row(now: Timestamp, row: &ReportedRun) -> ReportedRun {
    const DAY_MS: i64 = 24 * 3_600_000;
    let mut row = row.clone();
    row.started_at = credible_past(row.started_at, now.plus_ms(DAY_MS));
    row.ended_at = credible_past(row.ended_at, now.plus_ms(DAY_MS));
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_that_cannot_be_is_absent() {
        let (began, now) = (Timestamp(1_738_012_200_000), Timestamp(1_738_012_800_000));
        let end = |at: i64| credible_end(Some(Timestamp(at)), Some(began), now);
        assert!(end(now.0 + 60_000).is_some());
        assert!(
            end(began.0 - 60_000).is_some(),
            "two minutes of skew are tolerated"
        );
        for cannot_be in [
            began.0 - 5 * 3_600_000,
            -62_135_596_800_000,
            253_402_300_000_000,
            now.0 + 49 * 3_600_000,
        ] {
            assert_eq!(end(cannot_be), None, "{cannot_be}");
        }
        assert_eq!(end_after(Some(1_000_000_000), now), None);
        assert_eq!(end_after(Some(u64::MAX), now), None);
        assert_eq!(end_after(Some(60), now), Some(now.plus_ms(60_000)));
    }
}
