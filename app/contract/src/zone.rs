//! Names of time zones that TickStockPL writes and the time-zone database does not have, or means
//! differently.

/// IANA name of the zone of the New York Stock Exchange.
pub const EXCHANGE_ZONE: &str = "America/New_York";

/// The name under which the time-zone database has a zone: `America/New_York` for `ET`, `EST`,
/// `EDT`, `Eastern` and their like in upper or lower case, every other name as it is. TickStockPL's
/// documents write "ET" all year round, so `EST` does not mean the database's fixed offset.
pub fn canonical_zone(name: &str) -> &str {
    const EASTERN: [&str; 12] = [
        "ET",
        "EST",
        "EDT",
        "EST5EDT",
        "EST/EDT",
        "Eastern",
        "US/Eastern",
        "US Eastern",
        "Eastern Time",
        "Eastern Standard Time",
        "Eastern Daylight Time",
        "New York",
    ];
    let name = name.trim();
    if EASTERN.iter().any(|known| name.eq_ignore_ascii_case(known)) {
        EXCHANGE_ZONE
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eastern_names_mean_new_york_and_others_stay() {
        for name in [
            "ET",
            "et",
            " EST ",
            "EDT",
            "Eastern",
            "eastern",
            "US/Eastern",
            "us/eastern",
            "Eastern Time",
        ] {
            assert_eq!(canonical_zone(name), EXCHANGE_ZONE, "{name}");
        }
        for name in [
            "America/New_York",
            "UTC",
            "Europe/Berlin",
            "CET",
            "Mars/Olympus",
            "",
        ] {
            assert_eq!(canonical_zone(name), name);
        }
    }
}
