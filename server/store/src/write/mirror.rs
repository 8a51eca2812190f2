//! The row of `processing_runs`, for the old code.

use super::context::WriteContext;
use crate::sql::{Arg, Engine, Link};
use crate::text::{clamp, clean_json, cut, finite, universes, v2_error_message, v2_status};
use crate::{StoreError, limits, postgres, processing_runs, sqlite};
use contract::{Phase, Timestamp};
use model::RunSummary;
use serde_json::json;

/// Writes the row. Its status is one of three words; `error_message` tells what else there is
/// ([`v2_error_message`]).
pub(super) async fn mirror(
    link: &mut Link,
    context: &WriteContext,
    key: &str,
    run: &RunSummary,
    new_attempt: bool,
    phase: Option<Phase>,
    [indicators, calculated, not_calculated]: [Option<u64>; 3],
) -> Result<(), StoreError> {
    let naive: fn(Option<Timestamp>) -> Arg = match link.engine() {
        Engine::Sqlite => sqlite::naive,
        Engine::Postgres => postgres::naive,
    };
    let message = v2_error_message(run.status, run.message.as_deref());
    let universes = universes(&run.universes);
    let universes: Vec<&str> = universes
        .split('\n')
        .filter(|name| !name.is_empty())
        .take(20)
        .collect();
    let mut metadata = json!({ "source": "tickstock-console", "universes": universes });
    if key != run.id.as_str() {
        metadata["run_id"] = run.id.as_str().into();
    }
    let chars = |text: &str, max| text.chars().take(max).collect::<String>();
    let seconds = finite(run.duration_seconds)
        .map(|seconds| clamp(Some(seconds.round().max(0.0) as u64)).unwrap_or_default());
    let args = vec![
        Arg::from(key),
        Arg::from(run.trigger.as_deref().map(|text| chars(text, 32))),
        Arg::from(v2_status(run.status)),
        Arg::from(phase.map(contract::Phase::wire_name)),
        naive(in_range(run.started_at)),
        naive(in_range(run.ended_at)),
        Arg::from(seconds),
        Arg::from(clamp(run.total)),
        Arg::from(clamp(run.processed)),
        Arg::from(clamp(run.failed)),
        Arg::from(clamp(indicators)),
        Arg::from(clamp(calculated)),
        Arg::from(clamp(not_calculated)),
        Arg::from(message.as_deref().map(|text| cut(text, limits::MESSAGE))),
        Arg::from(clean_json(&metadata.to_string())),
        naive(Some(context.now)),
        Arg::from(new_attempt),
    ];
    link.execute(processing_runs::upsert(link.engine()), args)
        .await
        .map(drop)
        .map_err(StoreError::statement("write processing_runs"))
}

/// A time that four digits of a year can hold.
fn in_range(at: Option<Timestamp>) -> Option<Timestamp> {
    at.filter(|at| (0..253_402_300_800_000).contains(&at.0))
}
