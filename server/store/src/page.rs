//! Pages of lists: from a cursor on, newest first, at most so many rows.

use crate::limits;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Where a page ended. As text it is opaque to those who pass it on: `<number>.<key>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Cursor {
    pub(crate) at: i64,
    pub(crate) key: String,
}

/// A text that is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a cursor that a page ended with")]
pub struct InvalidCursor;

/// Some rows of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T, C = Cursor> {
    /// The rows. A page of a search may have few or none of them and still not be the last one.
    pub rows: Vec<T>,
    /// Where the next page begins; none where this is the last one.
    pub next: Option<C>,
}

impl<T, C: Clone> Page<T, C> {
    /// A list without rows.
    pub(crate) fn empty() -> Page<T, C> {
        Page {
            rows: Vec::new(),
            next: None,
        }
    }

    /// The first `limit` of the rows that were fetched with [`rows_to_fetch`].
    pub(crate) fn of(mut rows: Vec<(C, T)>, limit: u32) -> Page<T, C> {
        let limit = limit.clamp(1, limits::PAGE) as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let last = rows.last().filter(|_| more);
        Page {
            next: last.map(|(cursor, _)| cursor.clone()),
            rows: rows.into_iter().map(|(_, row)| row).collect(),
        }
    }
}

/// One row more than a page has, to know whether there is a next page.
pub(crate) fn rows_to_fetch(limit: u32) -> i64 {
    i64::from(limit.clamp(1, limits::PAGE)) + 1
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.at, self.key)
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let (at, key) = text.split_once('.').ok_or(InvalidCursor)?;
        Ok(Cursor {
            at: at.parse().map_err(|_| InvalidCursor)?,
            key: key.to_owned(),
        })
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> String {
        cursor.to_string()
    }
}

impl TryFrom<String> for Cursor {
    type Error = InvalidCursor;

    fn try_from(text: String) -> Result<Cursor, InvalidCursor> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_being_a_text_whatever_the_key() {
        for key in ["", "a.b", "ö\n'--", "0"] {
            let cursor = Cursor {
                at: -5,
                key: key.to_owned(),
            };
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
        assert_eq!("x.y".parse::<Cursor>(), Err(InvalidCursor));
        assert_eq!("5".parse::<Cursor>(), Err(InvalidCursor));
    }
}
