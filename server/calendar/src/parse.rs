//! Checks of what an operator types: a zone that exists, a time of day as `HH:MM`.

use crate::CalendarError;
use jiff::civil::Time;
use jiff::tz::TimeZone;

/// The zone of that IANA name (`America/New_York`, `UTC`), upper or lower case. The database is
/// built in.
///
/// # Errors
///
/// [`CalendarError::UnknownZone`], which names it.
pub fn parse_zone(name: &str) -> Result<TimeZone, CalendarError> {
    match TimeZone::get(name) {
        // The database knows "Etc/Unknown", which stands for no zone at all.
        Ok(zone) if !zone.is_unknown() => Ok(zone),
        _ => Err(CalendarError::unknown_zone(name)),
    }
}

/// The time of day that `text` gives as `HH:MM`, from `00:00` to `23:59`, two digits each and
/// nothing around them.
///
/// # Errors
///
/// [`CalendarError::BadTime`], which repeats the text.
pub fn parse_time(text: &str) -> Result<Time, CalendarError> {
    let number = |digits: &str| {
        digits
            .bytes()
            .all(|digit| digit.is_ascii_digit())
            .then(|| digits.parse::<i8>().ok())?
    };
    let read = || {
        let (hour, minute) = text
            .split_once(':')
            .filter(|(hour, minute)| hour.len() == 2 && minute.len() == 2)?;
        Time::new(number(hour)?, number(minute)?, 0, 0).ok()
    };
    read().ok_or_else(|| CalendarError::bad_time(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_two_digits_colon_two_digits() {
        assert_eq!(parse_time("16:10").unwrap(), Time::constant(16, 10, 0, 0));
        assert_eq!(parse_time("00:00").unwrap(), Time::midnight());
        for wrong in [
            "",
            "24:00",
            "16:60",
            "4:10",
            "16:1",
            "16:10:00",
            " 16:10",
            "+1:10",
            "16.10",
            "4 pm",
            "١٦:١٠",
            "-1:-1",
        ] {
            let error = parse_time(wrong).unwrap_err();
            assert_eq!(error, CalendarError::BadTime { text: wrong.into() });
            assert!(error.to_string().contains("such as 16:10"));
        }
    }

    #[test]
    fn a_zone_is_one_of_the_database() {
        assert_eq!(
            parse_zone("America/New_York").unwrap().iana_name(),
            Some("America/New_York")
        );
        assert_eq!(
            parse_zone("europe/berlin").unwrap().iana_name(),
            Some("Europe/Berlin")
        );
        assert!(parse_zone("UTC").is_ok());
        for wrong in [
            "",
            "ET",
            "Mars/Olympus",
            "Etc/Unknown",
            "America/New_York ",
            "+05:00",
            "../etc/passwd",
        ] {
            assert_eq!(
                parse_zone(wrong).unwrap_err(),
                CalendarError::UnknownZone { name: wrong.into() }
            );
        }
        let words = parse_zone("Mars/Olympus").unwrap_err().to_string();
        assert!(
            words.starts_with("unknown time zone \"Mars/Olympus\""),
            "{words}"
        );
        assert!(
            parse_zone(&"x".repeat(10_000))
                .unwrap_err()
                .to_string()
                .len()
                < 200
        );
    }
}
