//! `DATABASE_URI`: which database, read apart once, and shown without its password.

use crate::StoreError;
use sqlx::postgres::PgConnectOptions;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use url::Url;

/// What is used where `DATABASE_URI` is not set: a file in the current folder's `data`.
pub const DEFAULT_URI: &str = "sqlite://data/tickstock-console.db";

/// Which database to keep things in.
#[derive(Clone)]
pub struct Database {
    pub(crate) place: Place,
    shown: String,
}

#[derive(Clone)]
pub(crate) enum Place {
    Sqlite { path: PathBuf, read_only: bool },
    Postgres(Box<PgConnectOptions>),
}

impl Database {
    /// Reads `sqlite://PATH`, `sqlite:PATH` (either with `?mode=ro` for reading only),
    /// `postgresql://…`, `postgres://…` or `postgresql+psycopg2://…`. SQLAlchemy's four slashes for
    /// an absolute path (`sqlite:////var/x.db`) are the same as three.
    ///
    /// # Errors
    /// [`StoreError::Address`] where the text is none of these; the message never repeats the text,
    /// which may hold a password.
    pub fn parse(uri: &str) -> Result<Database, StoreError> {
        let uri = uri.trim();
        if let Some(path) = uri
            .strip_prefix("sqlite://")
            .or_else(|| uri.strip_prefix("sqlite:"))
        {
            return Database::sqlite(path);
        }
        let psycopg = uri
            .strip_prefix("postgresql+psycopg2://")
            .map(|rest| format!("postgresql://{rest}"));
        let uri = psycopg.as_deref().unwrap_or(uri);
        if !(uri.starts_with("postgresql://") || uri.starts_with("postgres://")) {
            return Err(StoreError::Address {
                problem: "the scheme is neither sqlite nor postgresql".to_owned(),
            });
        }
        let wrong = || StoreError::Address {
            problem: "it is not a valid PostgreSQL URL".to_owned(),
        };
        let mut url = Url::parse(uri).map_err(|_| wrong())?;
        let options = PgConnectOptions::from_str(uri).map_err(|_| wrong())?;
        let _ = url.set_password(None);
        url.set_query(None);
        url.set_fragment(None);
        Ok(Database {
            place: Place::Postgres(Box::new(options)),
            shown: url.into(),
        })
    }

    fn sqlite(rest: &str) -> Result<Database, StoreError> {
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let read_only = match query {
            "" | "mode=rwc" | "mode=rw" => false,
            "mode=ro" => true,
            _ => {
                let problem = "unknown parameter; expected mode=ro, mode=rw or mode=rwc".to_owned();
                return Err(StoreError::Address { problem });
            }
        };
        let path = if path.starts_with("//") {
            &path[1..]
        } else {
            path
        };
        if path.is_empty() || path.contains('\0') || path == ":memory:" {
            let problem = "the file name is missing".to_owned();
            return Err(StoreError::Address { problem });
        }
        Ok(Database {
            shown: format!("sqlite://{path}"),
            place: Place::Sqlite {
                path: path.into(),
                read_only,
            },
        })
    }

    /// The address without a password, to be shown.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The file, where it is SQLite.
    pub fn file(&self) -> Option<&Path> {
        match &self.place {
            Place::Sqlite { path, .. } => Some(path),
            Place::Postgres(_) => None,
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Database({})", self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_read_and_no_password_is_shown() {
        for (uri, shown) in [
            (DEFAULT_URI, "sqlite://data/tickstock-console.db"),
            ("sqlite:data/x.db", "sqlite://data/x.db"),
            ("sqlite:///var/lib/x.db", "sqlite:///var/lib/x.db"),
            ("sqlite:////var/lib/x.db", "sqlite:///var/lib/x.db"),
            ("sqlite://x.db?mode=ro", "sqlite://x.db"),
            (
                "postgresql://ops:s3cret@db.example:5433/tickstock",
                "postgresql://ops@db.example:5433/tickstock",
            ),
            (
                "postgres://ops:s3cret@db.example/tickstock?sslmode=require",
                "postgres://ops@db.example/tickstock",
            ),
            (
                "postgresql+psycopg2://ops:s3cret@db.example/t?password=s3cret",
                "postgresql://ops@db.example/t",
            ),
        ] {
            let database = Database::parse(uri).unwrap();
            assert_eq!(database.shown(), shown);
            assert!(!format!("{database:?}").contains("s3cret"), "{database:?}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_repeating_it() {
        for uri in [
            "",
            "mysql://u:s3cret@h/d",
            "sqlite://",
            "sqlite::memory:",
            "sqlite://x?cache=s3cret",
            "s3cret",
        ] {
            let error = Database::parse(uri).unwrap_err().to_string();
            assert!(
                error.starts_with("invalid DATABASE_URI") && !error.contains("s3cret"),
                "{error}"
            );
        }
    }
}
