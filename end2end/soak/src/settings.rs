//! What the environment says of a soak.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub(crate) struct Settings {
    /// How long the whole soak takes, without starting and stopping programs.
    pub time: Duration,
    pub seed: u64,
    /// Without faults, only commands are sent and client connections cut.
    pub faults: bool,
    /// Whether to continue after a difference, to list more than the first one.
    pub keep_going: bool,
    /// Run one after another, each for its share of the time.
    pub databases: Vec<DatabaseMode>,
}

/// Where the two consoles keep what they know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DatabaseMode {
    /// Each console has an SQLite file of its own.
    Sqlite,
    /// Both consoles share one PostgreSQL database.
    Postgres,
}

impl fmt::Display for DatabaseMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DatabaseMode::Sqlite => "sqlite",
            DatabaseMode::Postgres => "postgres",
        })
    }
}

impl Settings {
    /// Reads the variables that the crate's documentation lists; `get` returns the value of one.
    ///
    /// # Errors
    /// A sentence that names the first variable that cannot be used.
    pub(crate) fn parse(get: impl Fn(&str) -> Option<String>) -> Result<Settings, String> {
        let get = |name: &str| get(name).filter(|value| !value.is_empty());
        let number = |name: &str, default: u64| match get(name) {
            None => Ok(default),
            Some(text) => text
                .parse()
                .map_err(|_| format!("{name} is {text:?}; it must be a whole number")),
        };
        let switch = |name: &str, default: bool| match get(name).as_deref() {
            None => Ok(default),
            Some("0") => Ok(false),
            Some("1") => Ok(true),
            Some(text) => Err(format!("{name} is {text:?}; it must be 0 or 1")),
        };
        let databases = match get("SOAK_DATABASE").as_deref() {
            None | Some("both") => vec![DatabaseMode::Sqlite, DatabaseMode::Postgres],
            Some("sqlite") => vec![DatabaseMode::Sqlite],
            Some("postgres") => vec![DatabaseMode::Postgres],
            Some(text) => {
                return Err(format!(
                    "SOAK_DATABASE is {text:?}; it must be sqlite, postgres or both"
                ));
            }
        };
        Ok(Settings {
            time: Duration::from_secs(number("SOAK_SECONDS", 600)?),
            seed: number("SOAK_SEED", seed_from_clock())?,
            faults: switch("SOAK_FAULTS", true)?,
            keep_going: switch("SOAK_KEEP_GOING", false)?,
            databases,
        })
    }
}

fn seed_from_clock() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(1, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(values: &[(&str, &str)]) -> Result<Settings, String> {
        Settings::parse(|name| {
            values
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn without_variables_both_databases_share_ten_minutes() {
        let settings = parse(&[]).unwrap();
        assert_eq!(
            (settings.time, settings.faults, settings.databases.len()),
            (Duration::from_secs(600), true, 2)
        );
    }

    #[test]
    fn a_value_that_cannot_be_used_is_named() {
        for (name, value) in [
            ("SOAK_SECONDS", "ten"),
            ("SOAK_SEED", "-1"),
            ("SOAK_FAULTS", "no"),
            ("SOAK_DATABASE", "mysql"),
        ] {
            let error = parse(&[(name, value)]).err().unwrap();
            assert!(error.contains(name) && error.contains(value), "{error}");
        }
    }
}
