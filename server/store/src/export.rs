//! Everything out again: history, errors, events and the audit, as CSV or JSON Lines, streamed a
//! page at a time.
//!
//! Texts stand as they are: a reader that takes a cell beginning with `=` for a formula must be
//! told not to.

use crate::columns::{Column, Columns, Kind};
use crate::sql::{Row, args};
use crate::{Store, StoreError};
use contract::Timestamp;
use futures_util::stream::{self, Stream};
use model::{AuditEntry, ErrorGroup, EventSummary, RunSummary};
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

struct Table {
    name: &'static str,
    /// The column by which it is paged through, from its beginning.
    order: &'static str,
    columns: Vec<Column>,
}

impl Export {
    fn table(self) -> Table {
        let (name, order, columns) = match self {
            Export::History => ("console_runs", "run_key", RunSummary::COLUMNS.to_vec()),
            Export::Errors => ("console_errors", "error_key", ErrorGroup::COLUMNS.to_vec()),
            Export::Events => {
                let run_key = Column {
                    name: "run_key",
                    kind: Kind::Text,
                };
                let columns = [&[run_key], EventSummary::COLUMNS].concat();
                ("console_events", "id", columns)
            }
            Export::Audit => {
                let mut columns = AuditEntry::COLUMNS.to_vec();
                columns.retain(|column| column.name != "entry_key");
                ("console_audit", "id", columns)
            }
        };
        Table {
            name,
            order,
            columns,
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
        let statement = || StoreError::statement("export");
        let Table {
            name,
            order,
            columns,
        } = what.table();
        let by_number = order == "id";
        let first = matches!(at, At::Begin);
        let after = match at {
            At::End => return Ok(None),
            At::Begin if by_number => args![i64::MIN, ROWS],
            At::Begin => args!["", ROWS],
            At::Text(key) => args![key, ROWS],
            At::Number(id) => args![id, ROWS],
        };
        let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
        let rows = if self.tables.console {
            // A run without a key does not exist: the first page begins after the empty text.
            let sql = format!(
                "SELECT {order}, {} FROM {name} WHERE {order} > $1 ORDER BY {order} LIMIT $2",
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
                At::Number(last.get(order).map_err(statement())?)
            }
            Some(last) if rows.len() as i64 == ROWS => {
                At::Text(last.get(order).map_err(statement())?)
            }
            _ => At::End,
        };
        let bytes = match format {
            Format::Csv => csv(&columns, &rows, first),
            Format::JsonLines => json_lines(&columns, &rows),
        };
        Ok(Some((bytes.map_err(statement())?, next)))
    }
}

fn cell(row: &Row, column: &Column) -> sqlx::Result<Value> {
    let name = column.name;
    Ok(match column.kind {
        Kind::Text => row.text(name)?.into(),
        Kind::Names => row.get::<Vec<String>>(name)?.join(", ").into(),
        Kind::Integer => row.integer(name)?.into(),
        Kind::Real => row.real(name)?.into(),
        Kind::Time => row
            .get::<Option<Timestamp>>(name)?
            .map(|at| at.to_string())
            .into(),
    })
}

fn csv(columns: &[Column], rows: &[Row], first: bool) -> sqlx::Result<Vec<u8>> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let wrong = |error: ::csv::Error| sqlx::Error::Decode(error.into());
    if first {
        writer
            .write_record(columns.iter().map(|column| column.name))
            .map_err(wrong)?;
    }
    for row in rows {
        let mut cells = Vec::with_capacity(columns.len());
        for column in columns {
            cells.push(match cell(row, column)? {
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

fn json_lines(columns: &[Column], rows: &[Row]) -> sqlx::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for row in rows {
        let mut object = Map::new();
        for column in columns {
            object.insert(column.name.to_owned(), cell(row, column)?);
        }
        bytes.extend_from_slice(Value::Object(object).to_string().as_bytes());
        bytes.push(b'\n');
    }
    Ok(bytes)
}
