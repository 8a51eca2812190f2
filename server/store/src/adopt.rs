//! Rows that only TickStockAppV2 wrote: they are taken over into `console_runs`, so that pages read
//! one table.
//!
//! At opening all of them, later those of the last days again, since the old code may still be
//! writing. A row that the console itself wrote is left alone, unless the console's says that the
//! run continues and the old table knows its end.

use crate::sql::{Arg, Link};
use crate::text::{parse_v2_error_message, v2_failed_statuses};
use crate::{StoreError, processing_runs};
use contract::Timestamp;
use model::RunStatus;

/// How far back rows are looked at again while the console runs.
pub(crate) const AGAIN_MS: i64 = 3 * 86_400_000;
/// A run that the old table calls running for longer than this was forgotten there.
const FORGOTTEN_MS: i64 = 86_400_000;

/// The old table's status as one of ours; `$3` is the moment in microseconds before which a running
/// one was forgotten.
fn status_sql() -> String {
    let mut sql = "CASE
        WHEN o.status IN ('success', 'completed', 'succeeded') AND COALESCE(o.failed, 0) > 0 THEN 'succeeded_with_warnings'
        WHEN o.status IN ('success', 'completed', 'succeeded') THEN 'succeeded'
        WHEN o.status IN ('running', 'started', 'in_progress') AND o.sort_us >= $3 THEN 'running'
        WHEN o.status = 'cancelled' THEN 'cancelled'"
        .to_owned();
    for (status, word, _) in v2_failed_statuses() {
        sql += &format!(
            " WHEN o.status = 'failed' AND (o.message = '{word}' OR {}) THEN '{}'",
            begins_with(word),
            status.wire_name()
        );
    }
    sql + " WHEN o.status IN ('failed', 'error') THEN 'failed' ELSE 'lost' END"
}

/// The message without the word for the outcome that [`crate::text::v2_error_message`] put before
/// it.
fn message_sql() -> String {
    let mut sql = "CASE WHEN o.status <> 'failed' THEN o.message".to_owned();
    for (_, word, usual) in v2_failed_statuses() {
        let usual = usual.map_or_else(String::new, |usual| {
            format!(" OR o.message = '{word}: {}'", usual.replace('\'', "''"))
        });
        sql += &format!(
            " WHEN o.message = '{word}'{usual} THEN NULL WHEN {} THEN substr(o.message, {})",
            begins_with(word),
            word.len() + 3
        );
    }
    sql + " ELSE o.message END"
}

fn begins_with(word: &str) -> String {
    format!("substr(o.message, 1, {}) = '{word}: '", word.len() + 2)
}

/// Takes rows over that began after `since`, and says how many were new or changed.
pub(crate) async fn adopt(
    link: &mut Link,
    since: Option<Timestamp>,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let columns = processing_runs::select_list(link.engine());
    let (status, message) = (status_sql(), message_sql());
    let sql = format!(
        "INSERT INTO console_runs (run_key, run_id, sort_us, status, trigger_type, universes, started_at, ended_at,
            duration_seconds, symbols_total, processed, failed, indicators, message, comparable, origin, search, saved_at)
        SELECT o.run_id, o.run_id, o.sort_us, {status}, o.trigger_type, '', o.started_at, o.ended_at, o.duration_seconds,
            o.symbols_total, o.processed, o.failed, o.indicators, {message}, 0, 'processing_runs',
            lower(o.run_id || ' ' || COALESCE(o.trigger_type, '') || ' ' || substr(COALESCE(o.message, ''), 1, 300)), $2
        FROM (SELECT {columns} FROM processing_runs p) o
        WHERE o.sort_us >= $1 AND NOT EXISTS (SELECT 1 FROM console_runs c WHERE c.run_key = o.run_id
            AND c.origin = 'console' AND c.status NOT IN ('running', 'cancelling'))
        ON CONFLICT (run_key) DO UPDATE SET status = excluded.status, ended_at = excluded.ended_at,
            duration_seconds = excluded.duration_seconds, sort_us = excluded.sort_us,
            started_at = COALESCE(excluded.started_at, console_runs.started_at),
            processed = excluded.processed, failed = excluded.failed, indicators = excluded.indicators,
            message = excluded.message, saved_at = excluded.saved_at
        WHERE CASE WHEN console_runs.origin = 'console' THEN excluded.status NOT IN ('running', 'lost')
            ELSE console_runs.status <> excluded.status OR console_runs.ended_at IS DISTINCT FROM excluded.ended_at
                OR console_runs.processed IS DISTINCT FROM excluded.processed
                OR console_runs.message IS DISTINCT FROM excluded.message END"
    );
    let since_us = since.map_or(i64::MIN, |at| at.0.saturating_mul(1000));
    let forgotten_us = now.plus_ms(-FORGOTTEN_MS).0.saturating_mul(1000);
    let args = vec![Arg::from(since_us), Arg::from(now), Arg::from(forgotten_us)];
    link.execute_built(sql, args)
        .await
        .map_err(StoreError::statement("adopt rows of processing_runs"))
}

/// As the statement above, for a row that is read from the old table itself: its status and
/// message.
pub(crate) fn outcome(
    word: &str,
    failed: u64,
    message: Option<String>,
    forgotten: bool,
) -> (RunStatus, Option<String>) {
    let status = match word {
        "success" | "completed" | "succeeded" if failed > 0 => RunStatus::SucceededWithWarnings,
        "success" | "completed" | "succeeded" => RunStatus::Succeeded,
        "running" | "started" | "in_progress" if !forgotten => RunStatus::Running,
        "failed" => {
            let (status, reason) = parse_v2_error_message(message.as_deref());
            return (status, reason.map(str::to_owned));
        }
        "error" => RunStatus::Failed,
        word => RunStatus::from_wire_name(word)
            .filter(|status| !status.is_active())
            .unwrap_or(RunStatus::Lost),
    };
    (status, message)
}

/// Whether a run that began then, and is still called running, was forgotten.
pub(crate) fn forgotten(sort_us: i64, now: Timestamp) -> bool {
    sort_us < now.plus_ms(-FORGOTTEN_MS).0.saturating_mul(1000)
}
