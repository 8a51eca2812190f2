//! The rules against the exchange's published holidays and half days of 2012 to 2028, day by day.
//!
//! From <https://www.nyse.com/markets/hours-calendars> and the yearly press releases that
//! `src/rules.rs` names.

use calendar::{ClosureReason, Session, session};
use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date, time};

/// Year; days without a session (special closings too); half days. Month-day, weekends left out.
#[rustfmt::skip]
const PUBLISHED: [(i16, &str, &str); 17] = [
    (2012, "01-02 01-16 02-20 04-06 05-28 07-04 09-03 10-29 10-30 11-22 12-25", "07-03 11-23 12-24"),
    (2013, "01-01 01-21 02-18 03-29 05-27 07-04 09-02 11-28 12-25", "07-03 11-29 12-24"),
    (2014, "01-01 01-20 02-17 04-18 05-26 07-04 09-01 11-27 12-25", "07-03 11-28 12-24"),
    (2015, "01-01 01-19 02-16 04-03 05-25 07-03 09-07 11-26 12-25", "11-27 12-24"),
    (2016, "01-01 01-18 02-15 03-25 05-30 07-04 09-05 11-24 12-26", "11-25"),
    (2017, "01-02 01-16 02-20 04-14 05-29 07-04 09-04 11-23 12-25", "07-03 11-24"),
    (2018, "01-01 01-15 02-19 03-30 05-28 07-04 09-03 11-22 12-05 12-25", "07-03 11-23 12-24"),
    (2019, "01-01 01-21 02-18 04-19 05-27 07-04 09-02 11-28 12-25", "07-03 11-29 12-24"),
    (2020, "01-01 01-20 02-17 04-10 05-25 07-03 09-07 11-26 12-25", "11-27 12-24"),
    (2021, "01-01 01-18 02-15 04-02 05-31 07-05 09-06 11-25 12-24", "11-26"),
    (2022, "01-17 02-21 04-15 05-30 06-20 07-04 09-05 11-24 12-26", "11-25"),
    (2023, "01-02 01-16 02-20 04-07 05-29 06-19 07-04 09-04 11-23 12-25", "07-03 11-24"),
    (2024, "01-01 01-15 02-19 03-29 05-27 06-19 07-04 09-02 11-28 12-25", "07-03 11-29 12-24"),
    (2025, "01-01 01-09 01-20 02-17 04-18 05-26 06-19 07-04 09-01 11-27 12-25", "07-03 11-28 12-24"),
    (2026, "01-01 01-19 02-16 04-03 05-25 06-19 07-03 09-07 11-26 12-25", "11-27 12-24"),
    (2027, "01-01 01-18 02-15 03-26 05-31 06-18 07-05 09-06 11-25 12-24", "11-26"),
    (2028, "01-17 02-21 04-14 05-29 06-19 07-04 09-04 11-23 12-25", "07-03 11-24"),
];

fn year(year: i16) -> impl Iterator<Item = Date> {
    date(year, 1, 1)
        .series(1.day())
        .take_while(move |day| day.year() == year)
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

#[test]
fn every_day_of_2012_to_2028_is_as_published() {
    let mut days = 0;
    for (number, closed, half) in PUBLISHED {
        for day in year(number) {
            let text = day.strftime("%m-%d").to_string();
            let listed = |list: &str| list.split(' ').any(|entry| entry == text);
            let (open, until) = (time(9, 30, 0, 0), |hour| time(hour, 0, 0, 0));
            match session(day).unwrap() {
                Session::Closed(ClosureReason::Weekend) => assert!(is_weekend(day), "{day}"),
                Session::Closed(_) => {
                    assert!(listed(closed) && !is_weekend(day), "{day} has a session");
                }
                Session::Open {
                    open: at,
                    close,
                    half_day: Some(_),
                } => {
                    assert!(listed(half) && !listed(closed), "{day} is no half day");
                    assert_eq!((at, close), (open, until(13)));
                }
                Session::Open {
                    open: at,
                    close,
                    half_day: None,
                } => {
                    assert!(
                        !listed(half) && !listed(closed) && !is_weekend(day),
                        "{day} is no whole day"
                    );
                    assert_eq!((at, close), (open, until(16)));
                }
            }
            days += 1;
        }
        for entry in closed.split(' ').chain(half.split(' ')) {
            let day: Date = format!("{number}-{entry}").parse().unwrap();
            assert!(!is_weekend(day), "the list has a weekend: {day}");
        }
    }
    assert_eq!(days, 17 * 365 + 5);
}

#[test]
fn holidays_half_days_and_special_closings_have_their_names() {
    let names = |number| -> Vec<String> {
        let text = |day| match session(day).unwrap() {
            Session::Closed(ClosureReason::Weekend) | Session::Open { half_day: None, .. } => None,
            Session::Closed(reason) => Some(reason.to_string()),
            Session::Open {
                half_day: Some(name),
                ..
            } => Some(name.to_owned()),
        };
        year(number).filter_map(text).collect()
    };
    let of_2025 = [
        "holiday: New Year's Day",
        "special closure: day of mourning for Jimmy Carter",
        "holiday: Martin Luther King Jr. Day",
        "holiday: Presidents' Day",
        "holiday: Good Friday",
        "holiday: Memorial Day",
        "holiday: Juneteenth",
        "day before Independence Day",
        "holiday: Independence Day",
        "holiday: Labor Day",
        "holiday: Thanksgiving",
        "day after Thanksgiving",
        "Christmas Eve",
        "holiday: Christmas",
    ];
    assert_eq!(names(2025), of_2025);
    let of_2027 = [
        "holiday: New Year's Day",
        "holiday: Martin Luther King Jr. Day",
        "holiday: Presidents' Day",
        "holiday: Good Friday",
        "holiday: Memorial Day",
        "holiday: Juneteenth (observed)",
        "holiday: Independence Day (observed)",
        "holiday: Labor Day",
        "holiday: Thanksgiving",
        "day after Thanksgiving",
        "holiday: Christmas (observed)",
    ];
    assert_eq!(names(2027), of_2027);
    assert_eq!(
        names(2012)
            .iter()
            .filter(|name| *name == "special closure: Hurricane Sandy")
            .count(),
        2
    );
    assert!(
        names(2018).contains(&"special closure: day of mourning for George H. W. Bush".to_owned())
    );
}

#[test]
fn a_new_years_day_on_a_saturday_is_kept_on_no_day() {
    for day in [
        date(2021, 12, 31),
        date(2022, 1, 3),
        date(2027, 12, 31),
        date(2028, 1, 3),
        date(2032, 12, 31),
    ] {
        assert!(
            matches!(session(day), Ok(Session::Open { half_day: None, .. })),
            "{day}"
        );
    }
    assert_eq!(
        session(date(2028, 1, 1)),
        Ok(Session::Closed(ClosureReason::Weekend))
    );
    assert_eq!(
        session(date(2034, 1, 2)),
        Ok(Session::Closed(ClosureReason::Holiday {
            name: "New Year's Day",
            observed: true
        }))
    );
}

#[test]
fn the_rules_go_on_after_the_published_lists() {
    for number in 2029..=2060 {
        let sessions = year(number)
            .filter(|day| matches!(session(*day), Ok(Session::Open { .. })))
            .count();
        assert!(
            (250..=253).contains(&sessions),
            "{number} has {sessions} sessions"
        );
    }
    // Good Friday of the earliest and of the latest Easters ahead.
    for day in [
        date(2038, 4, 23),
        date(2035, 3, 23),
        date(2029, 3, 30),
        date(2040, 3, 30),
    ] {
        assert_eq!(
            session(day),
            Ok(Session::Closed(ClosureReason::Holiday {
                name: "Good Friday",
                observed: false
            })),
            "{day}"
        );
    }
    assert!(session(date(2011, 12, 31)).is_err() && session(date(2061, 1, 1)).is_err());
}
