//! The columns of each table, declared once: SELECT, INSERT and export are built from the
//! declaration, and rows are read by name.

use crate::sql::{Arg, Row};
use crate::text::{big, clean_json, finite, universes};
use contract::{Phase, RunId, Severity, Symbol, Timestamp};
use model::{
    AuditEntry, Claim, ErrorGroup, EventSummary, PhaseStatus, PhaseSummary, RunStatus, RunSummary,
};

/// A row of a table.
pub(crate) trait Columns: Sized {
    const COLUMNS: &'static [Column];

    /// The values of [`Self::COLUMNS`].
    fn args(&self) -> Vec<Arg>;

    fn read(row: &Row) -> sqlx::Result<Self>;
}

/// One column of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub name: &'static str,
    pub kind: Kind,
}

/// The meaning of a column's value, for exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    /// Names between line feeds.
    Names,
    Integer,
    Real,
    /// Milliseconds since 1970.
    Time,
}

/// The type of a column's value.
pub(crate) trait Value: Sized {
    const KIND: Kind;

    fn arg(&self) -> Arg;

    fn read(row: &Row, column: &str) -> sqlx::Result<Self>;
}

/// A value that may be NULL.
trait Nullable: Sized {
    const KIND: Kind;

    fn arg(&self) -> Arg;

    fn read(row: &Row, column: &str) -> sqlx::Result<Option<Self>>;

    /// The value that replaces NULL in a column that is never NULL.
    fn null_default() -> Option<Self>;
}

/// The names of a table's columns, between commas.
pub(crate) fn names<T: Columns>() -> String {
    let names: Vec<_> = T::COLUMNS.iter().map(|column| column.name).collect();
    names.join(", ")
}

/// An INSERT of `own` columns and of those of `T`.
pub(crate) fn insert<T: Columns>(table: &str, own: &[&'static str]) -> String {
    let columns = with_own::<T>(own);
    let places: Vec<_> = (1..=columns.len()).map(|n| format!("${n}")).collect();
    format!(
        "INSERT INTO {table} ({}) VALUES ({})",
        columns.join(", "),
        places.join(", ")
    )
}

/// As [`insert`]; a row with the same `key` is updated, but for its columns `fixed`.
pub(crate) fn upsert<T: Columns>(
    table: &str,
    own: &[&'static str],
    key: &str,
    fixed: &[&str],
) -> String {
    let insert = insert::<T>(table, own);
    format!("{insert} {}", on_conflict::<T>(own, key, fixed))
}

/// The end of an upsert.
pub(crate) fn on_conflict<T: Columns>(own: &[&'static str], key: &str, fixed: &[&str]) -> String {
    let updates: Vec<_> = with_own::<T>(own)
        .into_iter()
        .filter(|column| !fixed.contains(column) && key.split(", ").all(|key| key != *column))
        .map(|column| format!("{column} = excluded.{column}"))
        .collect();
    format!("ON CONFLICT ({key}) DO UPDATE SET {}", updates.join(", "))
}

fn with_own<T: Columns>(own: &[&'static str]) -> Vec<&'static str> {
    let columns = T::COLUMNS.iter().map(|column| column.name);
    own.iter().copied().chain(columns).collect()
}

/// Declares the columns of a type, each with the most bytes that are stored of its text, and the
/// fields that the database does not have.
macro_rules! columns {
    ($type:ident {
        $($field:ident: $name:literal $(max $max:expr)?),+ $(,)?
    } $(absent { $($absent:ident: $value:expr),+ $(,)? })?) => {
        impl $crate::columns::Columns for $type {
            const COLUMNS: &'static [$crate::columns::Column] = &[$($crate::columns::Column {
                name: $name,
                kind: $crate::columns::kind(|row: &$type| &row.$field),
            }),+];

            fn args(&self) -> Vec<$crate::sql::Arg> {
                vec![$($crate::columns::Value::arg(&self.$field)$(.at_most($max))?),+]
            }

            fn read(row: &$crate::sql::Row) -> sqlx::Result<Self> {
                Ok($type {
                    $($field: row.get($name)?,)+
                    $($($absent: $value,)+)?
                })
            }
        }
    };
}
pub(crate) use columns;

pub(crate) const fn kind<T, V: Value>(_: fn(&T) -> &V) -> Kind {
    V::KIND
}

// A column that is added here needs a migration. History, CSV and JSON Lines follow; a test of the
// server (`RUN_COLUMNS`) fails until the page and the REST row show it or leave it out on purpose.
columns!(RunSummary {
    id: "run_id",
    status: "status",
    trigger: "trigger_type" max crate::limits::NAME,
    universes: "universes",
    started_at: "started_at",
    ended_at: "ended_at",
    duration_seconds: "duration_seconds",
    total: "symbols_total",
    processed: "processed",
    failed: "failed",
    indicators: "indicators",
    patterns: "patterns",
    original_run_id: "original_run_id",
    message: "message" max crate::limits::MESSAGE,
} absent {
    attempt: 1,
    claim: Claim::default(),
    unverified: false,
    outcome_word: None,
    run_date: None,
});

columns!(PhaseSummary {
    phase: "phase",
    status: "status",
    started_at: "started_at",
    ended_at: "ended_at",
    seconds: "seconds",
    done: "done",
    total: "total",
    failed: "failed",
    percent: "percent",
});

columns!(EventSummary {
    number: "number",
    at: "at",
    channel: "channel" max crate::limits::NAME,
    name: "name" max crate::limits::NAME,
    summary: "summary" max crate::limits::MESSAGE,
    raw: "raw" max crate::limits::RAW,
} absent {
    run_id: None,
});

columns!(ErrorGroup {
    run_id: "run_id",
    severity: "severity",
    component: "component" max crate::limits::NAME,
    code: "code" max crate::limits::NAME,
    message: "message" max crate::limits::MESSAGE,
    phase: "phase",
    recovery_action: "recovery_action" max crate::limits::MESSAGE,
    symbols: "symbols",
    count: "count",
    first_at: "first_at",
    last_at: "last_at",
} absent {
    id: None,
    category: None,
    retry_after_seconds: None,
    context: Vec::new(),
    error_id: None,
    acknowledged: None,
});

columns!(AuditEntry {
    key: "entry_key",
    at: "at",
    who: "who" max crate::limits::NAME,
    role: "role" max crate::limits::NAME,
    action: "action" max crate::limits::NAME,
    target: "target" max crate::limits::MESSAGE,
    address: "address" max crate::limits::NAME,
    request_id: "request_id" max crate::limits::NAME,
    outcome: "outcome" max crate::limits::NAME,
    detail: "detail" max crate::limits::RAW,
});

impl<T: Nullable> Value for T {
    const KIND: Kind = T::KIND;

    fn arg(&self) -> Arg {
        Nullable::arg(self)
    }

    fn read(row: &Row, column: &str) -> sqlx::Result<Self> {
        let value = <T as Nullable>::read(row, column)?.or_else(T::null_default);
        value.ok_or_else(|| sqlx::Error::ColumnDecode {
            index: column.to_owned(),
            source: "the value is missing or unknown".into(),
        })
    }
}

impl<T: Nullable> Value for Option<T> {
    const KIND: Kind = T::KIND;

    fn arg(&self) -> Arg {
        self.as_ref().map_or(null(T::KIND), Nullable::arg)
    }

    fn read(row: &Row, column: &str) -> sqlx::Result<Self> {
        T::read(row, column)
    }
}

fn null(kind: Kind) -> Arg {
    match kind {
        Kind::Text | Kind::Names => Arg::Text(None),
        Kind::Integer | Kind::Time => Arg::Int(None),
        Kind::Real => Arg::Real(None),
    }
}

impl Row {
    /// The value of a column.
    pub(crate) fn get<T: Value>(&self, column: &str) -> sqlx::Result<T> {
        T::read(self, column)
    }

    /// The row as one of its table.
    pub(crate) fn read<T: Columns>(&self) -> sqlx::Result<T> {
        T::read(self)
    }
}

/// Implements [`Nullable`] by a value's argument, its reading, and what NULL stands for.
macro_rules! nullable {
    ($($type:ty, $kind:ident, |$value:ident| $arg:expr, |$row:ident, $column:ident| $read:expr, $null:expr;)+) => {
        $(impl Nullable for $type {
            const KIND: Kind = Kind::$kind;

            fn arg(&self) -> Arg {
                let $value = self;
                $arg.into()
            }

            fn read($row: &Row, $column: &str) -> sqlx::Result<Option<Self>> {
                $read
            }

            fn null_default() -> Option<Self> {
                $null
            }
        })+
    };
}

nullable! {
    String, Text, |text| text, |row, column| row.text(column), Some(String::new());
    i64, Integer, |n| *n, |row, column| row.integer(column), Some(0);
    u64, Integer, |n| big(*n),
        |row, column| Ok(row.integer(column)?.map(|n| n.max(0) as u64)), Some(0);
    f64, Real, |n| finite(Some(*n)), |row, column| row.real(column), Some(0.0);
    Timestamp, Time, |at| *at,
        |row, column| Ok(row.integer(column)?.map(Timestamp)), Some(Timestamp(0));
    Phase, Text, |phase| phase.wire_name(),
        |row, column| Ok(row.text(column)?.and_then(|text| Phase::parse(&text))), None;
    PhaseStatus, Text, |status| status.wire_name(),
        |row, column| Ok(row.text(column)?.and_then(|text| PhaseStatus::from_wire_name(&text))),
        Some(PhaseStatus::default());
    Severity, Text, |severity| severity.wire_name(),
        |row, column| Ok(row.text(column)?.and_then(|text| Severity::from_wire_name(&text))),
        Some(Severity::default());
    // The status of a row that a later version wrote.
    RunStatus, Text, |status| status.wire_name(),
        |row, column| Ok(row.text(column)?.and_then(|text| RunStatus::from_wire_name(&text))),
        Some(RunStatus::Lost);
    // TickStockAppV2 may have written a key of blanks, which is no id.
    RunId, Text, |id| id.as_str(),
        |row, column| Ok(row.text(column)?.and_then(|text| {
            RunId::new(&text).or_else(|| RunId::new(&format!("{text:?}")))
        })), None;
    Vec<String>, Names, |names| universes(names),
        |row, column| Ok(row.text(column)?.map(|text| split_names(&text))), Some(Vec::new());
    Vec<Symbol>, Text, |symbols| clean_json(&serde_json::to_string(symbols).unwrap_or_default()),
        |row, column| Ok(row.text(column)?.and_then(|text| serde_json::from_str(&text).ok())),
        Some(Vec::new());
}

fn split_names(text: &str) -> Vec<String> {
    text.split('\n')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}
