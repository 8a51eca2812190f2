//! Previews of schedules: holidays, half days, clock changes in the schedule's zone and in the
//! exchange's, wrong plans.

use calendar::{CalendarError, RunPreview, RunSchedule, upcoming_runs};

const DAILY: RunSchedule<'static> = RunSchedule {
    enabled: true,
    trigger_time: "16:10",
    zone: "America/New_York",
    market_check: true,
};

fn rows(schedule: RunSchedule<'_>, from: &str, n: usize) -> Vec<RunPreview> {
    upcoming_runs(schedule, from.parse().expect("the test gives a time"), n)
        .expect("the schedule is right")
}

/// Each row as `date time+offset runs|- notes`.
fn lines(rows: &[RunPreview]) -> Vec<String> {
    let line = |row: &RunPreview| {
        format!(
            "{} {} {}",
            row.local.text,
            if row.runs { "runs" } else { "-" },
            row.notes.join("; ")
        )
    };
    rows.iter()
        .map(|row| line(row).trim_end().to_owned())
        .collect()
}

#[test]
fn thanksgiving_week_has_a_holiday_a_half_day_and_a_weekend() {
    let rows = rows(DAILY, "2026-11-25T12:00:00-05:00", 3);
    let expected = [
        "2026-11-25T16:10:00-05:00 runs",
        "2026-11-26T16:10:00-05:00 - holiday: Thanksgiving, no run",
        "2026-11-27T16:10:00-05:00 runs half day, closes 13:00",
        "2026-11-28T16:10:00-05:00 - weekend, no run",
        "2026-11-29T16:10:00-05:00 - weekend, no run",
        "2026-11-30T16:10:00-05:00 runs",
    ];
    assert_eq!(lines(&rows), expected);
    let friday = &rows[2];
    assert_eq!(
        (friday.weekday.as_str(), friday.local.abbreviation.as_str()),
        ("Friday", "EST")
    );
    assert_eq!(friday.local, friday.exchange);
    assert!(friday.is_half_day && !friday.is_clock_change);
}

#[test]
fn a_run_lies_after_the_moment_that_is_asked_about() {
    assert_eq!(
        rows(DAILY, "2026-11-25T16:09:59-05:00", 1)[0].local.text,
        "2026-11-25T16:10:00-05:00"
    );
    let after = rows(DAILY, "2026-11-25T16:10:00-05:00", 1);
    assert_eq!(
        lines(&after)[0],
        "2026-11-26T16:10:00-05:00 - holiday: Thanksgiving, no run"
    );
    assert_eq!(after.len(), 2);
}

#[test]
fn without_market_check_every_day_runs_and_says_what_it_is() {
    let rows = rows(
        RunSchedule {
            market_check: false,
            ..DAILY
        },
        "2026-11-26T00:00:00-05:00",
        3,
    );
    let expected = [
        "2026-11-26T16:10:00-05:00 runs holiday: Thanksgiving, runs without market check",
        "2026-11-27T16:10:00-05:00 runs half day, closes 13:00",
        "2026-11-28T16:10:00-05:00 runs weekend, runs without market check",
    ];
    assert_eq!(lines(&rows), expected);
}

#[test]
fn a_schedule_that_is_off_shows_its_days_and_runs_on_none() {
    let off = RunSchedule {
        enabled: false,
        ..DAILY
    };
    let expected = [
        "2026-11-26T16:10:00-05:00 - holiday: Thanksgiving, no run",
        "2026-11-27T16:10:00-05:00 - schedule is off, no run; half day, closes 13:00",
    ];
    assert_eq!(lines(&rows(off, "2026-11-26T00:00:00-05:00", 1)), expected);
    let unchecked = RunSchedule {
        market_check: false,
        ..off
    };
    let expected = ["2026-11-26T16:10:00-05:00 - schedule is off, no run; holiday: Thanksgiving"];
    assert_eq!(
        lines(&rows(unchecked, "2026-11-26T00:00:00-05:00", 1)),
        expected
    );
}

#[test]
fn the_days_on_which_clocks_change_are_marked() {
    let back = rows(DAILY, "2026-10-30T17:00:00-04:00", 2);
    let expected = [
        "2026-10-31T16:10:00-04:00 - weekend, no run",
        "2026-11-01T16:10:00-05:00 - weekend, no run; clocks go back on this day",
        "2026-11-02T16:10:00-05:00 runs clocks went back since the run before",
        "2026-11-03T16:10:00-05:00 runs",
    ];
    assert_eq!(lines(&back), expected);
    assert_eq!(
        back.iter()
            .map(|row| row.is_clock_change)
            .collect::<Vec<_>>(),
        [false, true, true, false]
    );
    // On Monday itself the run before is still Friday's; on Monday evening it is Monday's.
    assert_eq!(
        lines(&rows(DAILY, "2026-11-02T08:00:00-05:00", 1)),
        expected[2..3]
    );
    assert_eq!(
        lines(&rows(DAILY, "2026-11-02T18:00:00-05:00", 1)),
        expected[3..]
    );
    let forward = rows(
        RunSchedule {
            market_check: false,
            ..DAILY
        },
        "2026-03-07T12:00:00-05:00",
        3,
    );
    let expected = [
        "2026-03-07T16:10:00-05:00 runs weekend, runs without market check",
        "2026-03-08T16:10:00-04:00 runs weekend, runs without market check; clocks go forward on this day",
        "2026-03-09T16:10:00-04:00 runs",
    ];
    assert_eq!(lines(&forward), expected);
}

#[test]
fn in_a_zone_of_its_own_the_exchanges_clock_is_what_moves() {
    let utc = RunSchedule {
        trigger_time: "20:10",
        zone: "UTC",
        ..DAILY
    };
    let rows = rows(utc, "2026-10-30T00:00:00Z", 2);
    let expected = [
        "2026-10-30T20:10:00+00:00 runs",
        "2026-10-31T20:10:00+00:00 - weekend, no run",
        "2026-11-01T20:10:00+00:00 - weekend, no run; the exchange's clocks go back on this day",
        "2026-11-02T20:10:00+00:00 runs market still open, closes 16:00; the exchange's clocks went back since the run before",
    ];
    assert_eq!(lines(&rows), expected);
    assert_eq!(rows[0].exchange.text, "2026-10-30T16:10:00-04:00");
    assert_eq!(rows[3].exchange.text, "2026-11-02T15:10:00-05:00");
}

#[test]
fn the_market_check_asks_for_the_exchanges_day() {
    let tokyo = RunSchedule {
        trigger_time: "06:10",
        zone: "Asia/Tokyo",
        ..DAILY
    };
    let rows = rows(tokyo, "2026-11-27T12:00:00+09:00", 1);
    assert_eq!(rows[0].weekday, "Saturday");
    assert_eq!(
        lines(&rows),
        ["2026-11-28T06:10:00+09:00 runs half day, closes 13:00"]
    );
    assert_eq!(rows[0].exchange.text, "2026-11-27T16:10:00-05:00");
}

#[test]
fn a_time_that_the_clock_skips_or_shows_twice_is_noted() {
    let night = RunSchedule {
        trigger_time: "02:30",
        market_check: false,
        ..DAILY
    };
    let skipped = rows(night, "2026-03-08T00:00:00-05:00", 1);
    assert_eq!(skipped[0].local.text, "2026-03-08T03:30:00-04:00");
    assert_eq!(
        skipped[0].notes[2],
        "02:30 does not exist on this day, 03:30 is taken"
    );
    let twice = rows(
        RunSchedule {
            trigger_time: "01:30",
            ..night
        },
        "2026-11-01T00:00:00-04:00",
        2,
    );
    assert_eq!(twice[0].local.text, "2026-11-01T01:30:00-04:00");
    assert_eq!(
        twice[0].notes[2],
        "01:30 comes twice on this day, the first is taken"
    );
    // Between the two, the day's run is over: the next is tomorrow's.
    let between = rows(
        RunSchedule {
            trigger_time: "01:30",
            ..night
        },
        "2026-11-01T01:45:00-04:00",
        1,
    );
    assert_eq!(between[0].local.text, "2026-11-02T01:30:00-05:00");
}

#[test]
fn a_wrong_plan_is_named_and_a_long_one_is_cut() {
    let from = "2026-11-25T12:00:00Z".parse().unwrap();
    let zone = upcoming_runs(
        RunSchedule {
            zone: "America/Gotham",
            ..DAILY
        },
        from,
        5,
    )
    .unwrap_err();
    assert_eq!(
        zone,
        CalendarError::UnknownZone {
            name: "America/Gotham".into()
        }
    );
    let time = upcoming_runs(
        RunSchedule {
            trigger_time: "25:00",
            ..DAILY
        },
        from,
        5,
    )
    .unwrap_err();
    assert_eq!(
        time,
        CalendarError::BadTime {
            text: "25:00".into()
        }
    );
    let early = upcoming_runs(DAILY, "1999-01-01T00:00:00Z".parse().unwrap(), 5).unwrap_err();
    assert!(matches!(early, CalendarError::Outside { .. }));
    let runs = rows(DAILY, "2026-11-25T12:00:00Z", usize::MAX)
        .iter()
        .filter(|row| row.runs)
        .count();
    assert_eq!(runs, calendar::MAX_RUNS);
    assert!(rows(DAILY, "2026-11-25T12:00:00Z", 0).is_empty());
    // At the calendar's end the list ends.
    assert_eq!(rows(DAILY, "2060-12-31T00:00:00-05:00", 5).len(), 1);
}
