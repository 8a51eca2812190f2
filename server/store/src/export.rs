//! Everything out again: history, errors, events and the audit, as CSV or JSON Lines, streamed a
//! page at a time.
//!
//! Texts stand as they are: a reader that takes a cell beginning with `=` for a formula must be
//! told not to.

use crate::sql::{Row, args};
use crate::{Store, StoreError};
use futures_util::stream::{self, Stream};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Rows that are read at once.
const ROWS: i64 = 500;

/// What to write out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// The runs.
    History,
    /// The groups of errors.
    Errors,
    /// The event log.
    Events,
    /// The audit.
    Audit,
}

/// How to write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180, with a line of names.
    Csv,
    /// One JSON object a line.
    JsonLines,
}

/// What a column holds.
#[derive(Clone, Copy)]
enum Is {
    Text,
    /// Texts between line feeds.
    Names,
    Count,
    Number,
    /// Milliseconds, written as RFC 3339.
    Time,
}

struct Shape {
    /// The table, and the column by which it is paged through, from its beginning.
    table: &'static str,
    order: &'static str,
    columns: &'static [(&'static str, Is)],
}

impl Export {
    fn shape(self) -> Shape {
        use Is::*;
        match self {
            Export::History => Shape {
                table: "console_runs",
                order: "run_key",
                columns: &[
                    ("run_id", Text),
                    ("status", Text),
                    ("trigger_type", Text),
                    ("universes", Names),
                    ("started_at", Time),
                    ("ended_at", Time),
                    ("duration_seconds", Number),
                    ("symbols_total", Count),
                    ("processed", Count),
                    ("failed", Count),
                    ("indicators", Count),
                    ("patterns", Count),
                    ("original_run_id", Text),
                    ("message", Text),
                ],
            },
            Export::Errors => Shape {
                table: "console_errors",
                order: "error_key",
                columns: &[
                    ("run_id", Text),
                    ("severity", Text),
                    ("component", Text),
                    ("code", Text),
                    ("message", Text),
                    ("phase", Text),
                    ("recovery_action", Text),
                    ("symbols", Text),
                    ("count", Count),
                    ("first_at", Time),
                    ("last_at", Time),
                ],
            },
            Export::Events => Shape {
                table: "console_events",
                order: "id",
                columns: &[
                    ("run_key", Text),
                    ("number", Count),
                    ("at", Time),
                    ("channel", Text),
                    ("name", Text),
                    ("summary", Text),
                    ("raw", Text),
                ],
            },
            Export::Audit => Shape {
                table: "console_audit",
                order: "id",
                columns: &[
                    ("at", Time),
                    ("who", Text),
                    ("role", Text),
                    ("action", Text),
                    ("target", Text),
                    ("address", Text),
                    ("request_id", Text),
                    ("outcome", Text),
                    ("detail", Text),
                ],
            },
        }
    }
}

/// Where the stream is.
enum At {
    Begin,
    /// After the row whose order column is this.
    Text(String),
    Number(i64),
    End,
}

impl Store {
    /// The whole of it, in chunks of whole lines. What is written meanwhile may or may not be among
    /// them; nothing that was there at the beginning is left out, and nothing comes twice.
    pub fn export(
        self: &Arc<Self>,
        what: Export,
        format: Format,
    ) -> impl Stream<Item = Result<Vec<u8>, StoreError>> + Send + use<> {
        let store = self.clone();
        stream::try_unfold(At::Begin, move |at| {
            let store = store.clone();
            async move { store.chunk(what, format, at).await }
        })
    }

    async fn chunk(
        &self,
        what: Export,
        format: Format,
        at: At,
    ) -> Result<Option<(Vec<u8>, At)>, StoreError> {
        let statement = || StoreError::statement("writing out");
        let Shape {
            table,
            order,
            columns,
        } = what.shape();
        let by_number = order == "id";
        let first = matches!(at, At::Begin);
        let after = match at {
            At::End => return Ok(None),
            At::Begin if by_number => args![i64::MIN, ROWS],
            At::Begin => args!["", ROWS],
            At::Text(key) => args![key, ROWS],
            At::Number(id) => args![id, ROWS],
        };
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        let rows = if self.tables.console {
            // A run without a key does not exist: the first page begins after the empty text.
            let sql = format!(
                "SELECT {order}, {} FROM {table} WHERE {order} > $1 ORDER BY {order} LIMIT $2",
                names.join(", ")
            );
            self.reader()
                .await?
                .rows_built(sql, after)
                .await
                .map_err(statement())?
        } else {
            Vec::new()
        };
        let next = match rows.last() {
            Some(last) if rows.len() as i64 == ROWS && by_number => {
                At::Number(last.int(0).map_err(statement())?.unwrap_or(i64::MAX))
            }
            Some(last) if rows.len() as i64 == ROWS => At::Text(last.word(0).map_err(statement())?),
            _ => At::End,
        };
        let bytes = match format {
            Format::Csv => csv(columns, &rows, first),
            Format::JsonLines => json_lines(columns, &rows),
        };
        Ok(Some((bytes.map_err(statement())?, next)))
    }
}

fn cell(row: &Row, column: usize, is: Is) -> sqlx::Result<Value> {
    Ok(match is {
        Is::Text => row.text(column)?.into(),
        Is::Names => row
            .word(column)?
            .trim_matches('\n')
            .replace('\n', ", ")
            .into(),
        Is::Count => row.int(column)?.into(),
        Is::Number => row.real(column)?.into(),
        Is::Time => row.time(column)?.map(|at| at.to_string()).into(),
    })
}

fn csv(columns: &[(&str, Is)], rows: &[Row], first: bool) -> sqlx::Result<Vec<u8>> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let wrong = |error: ::csv::Error| sqlx::Error::Decode(error.into());
    if first {
        writer
            .write_record(columns.iter().map(|(name, _)| name))
            .map_err(wrong)?;
    }
    for row in rows {
        let mut cells = Vec::with_capacity(columns.len());
        for (index, (_, is)) in columns.iter().enumerate() {
            cells.push(match cell(row, index + 1, *is)? {
                Value::Null => String::new(),
                Value::String(text) => text,
                other => other.to_string(),
            });
        }
        writer.write_record(&cells).map_err(wrong)?;
    }
    writer
        .into_inner()
        .map_err(|error| sqlx::Error::Decode(error.to_string().into()))
}

fn json_lines(columns: &[(&str, Is)], rows: &[Row]) -> sqlx::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for row in rows {
        let mut object = Map::new();
        for (index, (name, is)) in columns.iter().enumerate() {
            object.insert((*name).to_owned(), cell(row, index + 1, *is)?);
        }
        bytes.extend_from_slice(Value::Object(object).to_string().as_bytes());
        bytes.push(b'\n');
    }
    Ok(bytes)
}
