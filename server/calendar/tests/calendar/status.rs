//! What the market is doing at chosen moments: half days, holidays, both clock changes, the edges
//! of the day.

use calendar::{CalendarError, MarketPhase, MarketStatus, status_at};

fn at(text: &str) -> MarketStatus {
    status_at(text.parse().expect("the test gives a time"))
        .expect("the time is inside the calendar")
}

#[test]
fn thanksgiving_friday_at_13_01_is_after_hours_of_a_half_day() {
    let status = at("2026-11-27T13:01:00-05:00");
    assert_eq!(
        (status.phase, status.is_open),
        (MarketPhase::AfterHours, false)
    );
    assert_eq!(status.why, "half day, closed at 13:00");
    assert!(status.is_weekday && status.is_half_day);
    assert_eq!(status.half_day.as_deref(), Some("day after Thanksgiving"));
    assert_eq!(status.holiday, None);
    assert_eq!(status.session_date.as_deref(), Some("2026-11-27"));
    assert_eq!(status.current_time.text, "2026-11-27T13:01:00-05:00");
    assert_eq!(status.current_time.at_ms, 1_795_802_460_000);
    assert_eq!(status.next_open.text, "2026-11-30T09:30:00-05:00");
    assert_eq!(status.next_close.text, "2026-11-30T16:00:00-05:00");
}

#[test]
fn thanksgiving_is_closed_and_says_when_the_short_session_is() {
    let status = at("2026-11-26T11:00:00-05:00");
    assert_eq!(
        (status.phase, status.why.as_str()),
        (MarketPhase::Closed, "holiday: Thanksgiving")
    );
    assert!(status.is_weekday && !status.is_half_day);
    assert_eq!(
        (status.holiday.as_deref(), status.session_date),
        (Some("Thanksgiving"), None)
    );
    assert_eq!(status.next_open.text, "2026-11-27T09:30:00-05:00");
    assert_eq!(status.next_close.text, "2026-11-27T13:00:00-05:00");
}

#[test]
fn each_part_of_a_day_begins_at_its_first_moment() {
    let cases = [
        (
            "2026-11-25T03:59:59.999-05:00",
            MarketPhase::Closed,
            "night, opens at 09:30",
        ),
        (
            "2026-11-25T04:00:00-05:00",
            MarketPhase::BeforeHours,
            "before hours, opens at 09:30",
        ),
        (
            "2026-11-25T09:29:59.999-05:00",
            MarketPhase::BeforeHours,
            "before hours, opens at 09:30",
        ),
        (
            "2026-11-25T09:30:00-05:00",
            MarketPhase::Open,
            "regular hours, closes at 16:00",
        ),
        (
            "2026-11-25T15:59:59.999-05:00",
            MarketPhase::Open,
            "regular hours, closes at 16:00",
        ),
        (
            "2026-11-25T16:00:00-05:00",
            MarketPhase::AfterHours,
            "after hours, closed at 16:00",
        ),
        (
            "2026-11-25T20:00:00-05:00",
            MarketPhase::Closed,
            "night, closed at 16:00",
        ),
        (
            "2026-11-27T03:00:00-05:00",
            MarketPhase::Closed,
            "night, opens at 09:30, half day, closes at 13:00",
        ),
        (
            "2026-11-27T08:00:00-05:00",
            MarketPhase::BeforeHours,
            "before hours, opens at 09:30, half day, closes at 13:00",
        ),
        (
            "2026-11-27T12:59:59-05:00",
            MarketPhase::Open,
            "half day, closes at 13:00",
        ),
        (
            "2026-11-27T16:59:59-05:00",
            MarketPhase::AfterHours,
            "half day, closed at 13:00",
        ),
        (
            "2026-11-27T17:00:00-05:00",
            MarketPhase::Closed,
            "half day, closed at 13:00",
        ),
        ("2026-11-28T12:00:00-05:00", MarketPhase::Closed, "weekend"),
        (
            "2026-07-03T12:00:00-04:00",
            MarketPhase::Closed,
            "holiday: Independence Day (observed)",
        ),
        (
            "2025-01-09T12:00:00-05:00",
            MarketPhase::Closed,
            "special closure: day of mourning for Jimmy Carter",
        ),
    ];
    for (moment, phase, why) in cases {
        let status = at(moment);
        assert_eq!(
            (status.phase, status.why.as_str()),
            (phase, why),
            "{moment}"
        );
        assert_eq!(status.is_open, phase == MarketPhase::Open);
    }
}

#[test]
fn the_next_open_and_close_lie_after_the_moment() {
    let opening = at("2026-11-25T09:30:00-05:00");
    assert_eq!(opening.next_open.text, "2026-11-27T09:30:00-05:00");
    assert_eq!(opening.next_close.text, "2026-11-25T16:00:00-05:00");
    let closing = at("2026-11-25T16:00:00-05:00");
    assert_eq!(closing.next_close.text, "2026-11-27T13:00:00-05:00");
    let early = at("2026-11-25T09:29:59.999-05:00");
    assert_eq!(early.next_open.text, "2026-11-25T09:30:00-05:00");
}

#[test]
fn both_clock_changes_move_the_offset_and_not_the_hours() {
    let forward = at("2026-03-06T17:00:00-05:00");
    assert_eq!(forward.next_open.text, "2026-03-09T09:30:00-04:00");
    assert_eq!(forward.next_open.abbreviation, "EDT");
    let back = at("2026-10-30T17:00:00-04:00");
    assert_eq!(back.current_time.abbreviation, "EDT");
    assert_eq!(back.next_open.text, "2026-11-02T09:30:00-05:00");
    assert_eq!(back.next_close.text, "2026-11-02T16:00:00-05:00");
    // 13:45 UTC is 09:45 in New York before the clocks go back and 08:45 after.
    assert_eq!(at("2026-10-30T13:45:00Z").phase, MarketPhase::Open);
    assert_eq!(at("2026-11-02T13:45:00Z").phase, MarketPhase::BeforeHours);
    // The hour that comes twice, and the one that is skipped, are on Sundays.
    assert_eq!(
        at("2026-11-01T05:30:00Z").current_time.text,
        "2026-11-01T01:30:00-04:00"
    );
    assert_eq!(
        at("2026-11-01T06:30:00Z").current_time.text,
        "2026-11-01T01:30:00-05:00"
    );
    assert_eq!(
        at("2026-03-08T07:00:00Z").current_time.text,
        "2026-03-08T03:00:00-04:00"
    );
}

#[test]
fn the_day_is_the_one_in_new_york() {
    // Monday morning in Tokyo.
    let sunday = at("2026-11-30T08:00:00+09:00");
    assert_eq!((sunday.why.as_str(), sunday.is_weekday), ("weekend", false));
    assert_eq!(sunday.current_time.text, "2026-11-29T18:00:00-05:00");
}

#[test]
fn outside_its_years_the_calendar_says_so() {
    let error = status_at("2011-12-31T12:00:00Z".parse().unwrap()).unwrap_err();
    assert!(matches!(error, CalendarError::Outside { .. }));
    assert_eq!(
        error.to_string(),
        "2011-12-31 is outside the exchange calendar; expected a day from 2012 to 2060"
    );
    assert!(status_at(jiff::Timestamp::MAX).is_err() && status_at(jiff::Timestamp::MIN).is_err());
    // The last moment still has a next open.
    assert_eq!(
        at("2060-12-31T20:00:00-05:00").next_open.text,
        "2061-01-03T09:30:00-05:00"
    );
}

#[test]
fn the_answer_travels_as_snake_case_json() {
    let status = at("2026-11-27T13:01:00-05:00");
    let json = serde_json::to_value(&status).unwrap();
    assert_eq!(json["phase"], "after_hours");
    assert_eq!(json["next_open"]["at_ms"], 1_796_049_000_000_i64);
    assert_eq!(json["next_open"]["abbreviation"], "EST");
    assert_eq!(
        serde_json::from_value::<MarketStatus>(json).unwrap(),
        status
    );
}
