//! The row of `processing_runs`, for the old code.

use super::Plan;
use super::run::Line;
use crate::sql::{Arg, Engine, Link};
use crate::text::{clamp, clean_json, cut, finite, old_status};
use crate::{StoreError, limits, postgres, sqlite};
use contract::{Phase, Timestamp};
use model::RunStatus;
use serde_json::json;

/// The row for the old code, which knows three statuses: what else there is, is told by the message.
pub(super) async fn mirror(
    link: &mut Link,
    plan: &Plan,
    key: &str,
    line: &Line<'_>,
    phase: Option<Phase>,
    [indicators, calculated, not_calculated]: [Option<u64>; 3],
    universes: &[String],
) -> Result<(), StoreError> {
    let (sql, naive): (_, fn(Option<Timestamp>) -> Arg) = match link.engine() {
        Engine::Sqlite => (sqlite::MIRROR, sqlite::naive),
        Engine::Postgres => (postgres::MIRROR, postgres::naive),
    };
    let message = match line.status {
        RunStatus::Cancelled => Some("cancelled"),
        RunStatus::Superseded => Some(line.message.unwrap_or("another run began before this one's end was said")),
        _ => line.message,
    };
    let mut metadata =
        json!({ "source": "tickstock-console", "universes": universes.iter().take(20).collect::<Vec<_>>() });
    if key != line.id.as_str() {
        metadata["run_id"] = line.id.as_str().into();
    }
    let chars = |text: &str, max| text.chars().take(max).collect::<String>();
    let seconds = finite(line.seconds).map(|seconds| clamp(Some(seconds.round().max(0.0) as u64)).unwrap_or_default());
    let args = vec![
        Arg::from(key),
        Arg::from(line.trigger.map(|text| chars(text, 32))),
        Arg::from(old_status(line.status)),
        Arg::from(phase.map(|phase| phase.wire_name())),
        naive(in_range(line.started_at)),
        naive(in_range(line.ended_at)),
        Arg::from(seconds),
        Arg::from(clamp(line.total)),
        Arg::from(clamp(line.processed)),
        Arg::from(clamp(line.failed)),
        Arg::from(clamp(indicators)),
        Arg::from(clamp(calculated)),
        Arg::from(clamp(not_calculated)),
        Arg::from(message.map(|text| cut(text, limits::MESSAGE))),
        Arg::from(clean_json(&metadata.to_string())),
        naive(Some(plan.now)),
    ];
    link.execute(sql, args).await.map(drop).map_err(StoreError::statement("writing processing_runs"))
}

/// A time that four digits of a year can hold.
fn in_range(at: Option<Timestamp>) -> Option<Timestamp> {
    at.filter(|at| (0..253_402_300_800_000).contains(&at.0))
}
