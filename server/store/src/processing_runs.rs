//! `processing_runs`, TickStockAppV2's table: its columns, declared once, and the statements on it.
//! Only times and JSON differ between the two databases.

use crate::sql::Engine;
use std::sync::LazyLock;

/// The change that an upsert makes to a column of an existing row.
enum Update {
    /// None: it is the key, or belongs to TickStockAppV2 once it is set.
    Never,
    /// To the new value.
    Always,
    /// To the new value where it is known, or where the run is a new attempt.
    IfKnown,
    /// As `IfKnown`, of a count that is written as 0 where it is unknown.
    CountIfKnown,
    /// As `IfKnown`; cleared while the run is active.
    End,
}

use Update::{Always, CountIfKnown, End, IfKnown, Never};

/// The columns in the order of the parameters of [`upsert`]. `created_at` and `updated_at` share
/// the last but one; the last is 1 where the run was started again under its id, so that nothing of
/// the earlier attempt stays.
const COLUMNS: [(&str, Update); 17] = [
    ("run_id", Never),
    ("trigger_type", IfKnown),
    ("status", Always),
    ("phase", IfKnown),
    ("started_at", IfKnown),
    ("completed_at", End),
    ("duration_seconds", End),
    ("symbols_total", CountIfKnown),
    ("symbols_processed", CountIfKnown),
    ("symbols_failed", CountIfKnown),
    ("indicators_total", CountIfKnown),
    ("indicators_processed", CountIfKnown),
    ("indicators_failed", CountIfKnown),
    ("error_message", Always),
    ("metadata", Never),
    ("created_at", Never),
    ("updated_at", Always),
];
const NEW_ATTEMPT: &str = "$17";

/// The columns of a run, with their SQL; `{us:column}` is a time in microseconds since 1970.
const RUN: [(&str, &str); 12] = [
    ("run_id", "CAST(p.run_id AS TEXT)"),
    (
        "sort_us",
        "COALESCE({us:started_at}, {us:completed_at}, {us:created_at}, 0)",
    ),
    ("status", "CAST(p.status AS TEXT)"),
    (
        "trigger_type",
        "substr(CAST(p.trigger_type AS TEXT), 1, 64)",
    ),
    ("started_at", "{us:started_at} / 1000"),
    ("ended_at", "{us:completed_at} / 1000"),
    (
        "duration_seconds",
        "CAST(p.duration_seconds AS DOUBLE PRECISION)",
    ),
    (
        "symbols_total",
        "NULLIF(CAST(p.symbols_total AS BIGINT), 0)",
    ),
    ("processed", "CAST(p.symbols_processed AS BIGINT)"),
    ("failed", "CAST(p.symbols_failed AS BIGINT)"),
    (
        "indicators",
        "NULLIF(CAST(p.indicators_processed AS BIGINT), 0)",
    ),
    ("message", "substr(p.error_message, 1, 1000)"),
];

/// The names of the columns, all of which it must have to be read and written.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    COLUMNS.iter().map(|(name, _)| *name)
}

/// Whether `name` is a column of [`select_list`].
pub(crate) fn has(name: &str) -> bool {
    RUN.iter().any(|(column, _)| *column == name)
}

/// The columns of a run, of the table as `p`.
pub(crate) fn select_list(engine: Engine) -> &'static str {
    static SQLITE: LazyLock<String> = LazyLock::new(|| select_list_of(Engine::Sqlite));
    static POSTGRES: LazyLock<String> = LazyLock::new(|| select_list_of(Engine::Postgres));
    match engine {
        Engine::Sqlite => &SQLITE,
        Engine::Postgres => &POSTGRES,
    }
}

/// Writes a row. Of what the console does not know, TickStockAppV2's value stays.
pub(crate) fn upsert(engine: Engine) -> &'static str {
    static SQLITE: LazyLock<String> = LazyLock::new(|| upsert_of(Engine::Sqlite));
    static POSTGRES: LazyLock<String> = LazyLock::new(|| upsert_of(Engine::Postgres));
    match engine {
        Engine::Sqlite => &SQLITE,
        Engine::Postgres => &POSTGRES,
    }
}

fn select_list_of(engine: Engine) -> String {
    let column = |(name, sql): &(&str, &str)| {
        let mut sql = (*sql).to_owned();
        for column in ["started_at", "completed_at", "created_at"] {
            sql = sql.replace(&format!("{{us:{column}}}"), &microseconds(engine, column));
        }
        format!("{sql} AS {name}")
    };
    RUN.iter().map(column).collect::<Vec<_>>().join(", ")
}

/// A naive time as microseconds since 1970: to the millisecond in SQLite, and NULL for `infinity`
/// in PostgreSQL.
fn microseconds(engine: Engine, column: &str) -> String {
    match engine {
        Engine::Sqlite => format!(
            "(CAST(ROUND((julianday(p.{column}) - 2440587.5) * 86400000.0) AS INTEGER) * 1000)"
        ),
        Engine::Postgres => format!(
            "(CASE WHEN isfinite(p.{column})
                THEN (EXTRACT(EPOCH FROM p.{column}) * 1000000)::BIGINT END)"
        ),
    }
}

fn upsert_of(engine: Engine) -> String {
    let mut values = Vec::new();
    let mut updates = Vec::new();
    for (index, (name, update)) in COLUMNS.iter().enumerate() {
        let place = format!("${}", (index + 1).min(COLUMNS.len() - 1));
        values.push(match (*name, update, engine) {
            (_, CountIfKnown, _) => format!("COALESCE({place}, 0)"),
            ("metadata", _, Engine::Postgres) => format!("CAST({place} AS JSONB)"),
            (name, _, Engine::Postgres) if name.ends_with("_at") => {
                format!("(TIMESTAMP 'epoch' + {place} * INTERVAL '1 microsecond')")
            }
            _ => place.clone(),
        });
        let if_known = |condition: &str, known: &str| {
            format!(
                "{name} = CASE WHEN {condition} THEN excluded.{name}
                    ELSE COALESCE({known}, processing_runs.{name}) END"
            )
        };
        let excluded = format!("excluded.{name}");
        let new_attempt = format!("{NEW_ATTEMPT} = 1");
        updates.extend(match update {
            Never => None,
            Always => Some(format!("{name} = {excluded}")),
            IfKnown => Some(if_known(&new_attempt, &excluded)),
            CountIfKnown => Some(if_known(&new_attempt, &format!("CAST({place} AS INTEGER)"))),
            End => Some(if_known(
                &format!("excluded.status = 'running' OR {new_attempt}"),
                &excluded,
            )),
        });
    }
    let columns: Vec<_> = names().collect();
    format!(
        "INSERT INTO processing_runs ({}) VALUES ({}) ON CONFLICT (run_id) DO UPDATE SET {},
            metadata = COALESCE(processing_runs.metadata, excluded.metadata)",
        columns.join(", "),
        values.join(", "),
        updates.join(", ")
    )
}
