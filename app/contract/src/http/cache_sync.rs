//! Reading the answers of the cache sync's endpoints, whose two documents call the same things
//! differently.

use super::answers::{InvalidAnswer, bad, object};
use crate::fields::{DURATION, Fields};
use crate::json::names;
use crate::{Outcome, RunId, Timestamp};

/// Jobs and universes of one answer that are read.
const ROWS: usize = 1000;

/// One cache sync.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CacheSyncJob {
    /// Its id: `job_id`, or `run_id` in the newer document.
    pub id: Option<RunId>,
    /// What it brings up to date.
    pub mode: Option<String>,
    /// TickStockPL's word: `pending`, `running`, `completed`, `failed`, `error`.
    pub status: Option<String>,
    /// How it ended; `None` while it waits or runs.
    pub outcome: Option<Outcome>,
    /// When it was asked for.
    pub created_at: Option<Timestamp>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Seconds it took.
    pub duration_seconds: Option<f64>,
    /// Who asked for it.
    pub triggered_by: Option<String>,
    /// Why it failed.
    pub message: Option<String>,
    /// 0 to 100.
    pub percent: Option<f64>,
    /// Whether parts of it failed, as the history says.
    pub has_errors: Option<bool>,
}

/// A part of the list of cache syncs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CacheSyncHistory {
    /// The jobs, as they stand in the answer.
    pub jobs: Vec<CacheSyncJob>,
    /// How many there are in all.
    pub total: Option<u64>,
    /// How many were asked for.
    pub limit: Option<u64>,
    /// How many stand before these.
    pub offset: Option<u64>,
}

/// The universes, and how cache syncs went.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CacheSyncStats {
    /// The universes.
    pub universes: Vec<UniverseSize>,
    /// How the syncs of the last seven days went.
    pub jobs: JobStatistics,
}

/// One universe.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UniverseSize {
    /// Its name.
    pub universe: String,
    /// Its kind.
    pub kind: Option<String>,
    /// How many symbols it has.
    pub symbols: Option<u64>,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
}

/// How the syncs of the last seven days went.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JobStatistics {
    /// How many there were.
    pub total_7d: Option<u64>,
    /// How many went well.
    pub successful_7d: Option<u64>,
    /// How many failed.
    pub failed_7d: Option<u64>,
    /// Seconds that one takes on average.
    pub average_seconds: Option<f64>,
}

/// Reads the status of one cache sync: the job itself, or one under `status`.
///
/// # Errors
/// When it is no JSON object.
pub fn parse_cache_sync_job(body: &[u8]) -> Result<CacheSyncJob, InvalidAnswer> {
    object(body, "a JSON object with job_id", |f, _| {
        let mut job = match f.object("status") {
            Some(inner) => job(&Fields::new(inner)),
            None => job(f),
        };
        job.id = job.id.or_else(|| id(f));
        job
    })
}

/// Reads a part of the list of cache syncs; rows without an id are left out.
///
/// # Errors
/// When it is no JSON object with a list of jobs.
pub fn parse_cache_sync_history(body: &[u8]) -> Result<CacheSyncHistory, InvalidAnswer> {
    let expected = "a JSON object with a list of jobs";
    object(body, expected, |f, _| {
        let rows = f.list("jobs").or_else(|| f.list("history"))?;
        let jobs = rows
            .take(ROWS)
            .map(|row| job(&Fields::new(row)))
            .filter(|job| job.id.is_some())
            .collect();
        let (total, limit, offset) = (
            f.count(names!["total"]),
            f.count(names!["limit"]),
            f.count(names!["offset"]),
        );
        Some(CacheSyncHistory {
            jobs,
            total,
            limit,
            offset,
        })
    })?
    .ok_or_else(|| bad(body, expected, None))
}

/// Reads the sizes of the universes and how cache syncs went.
///
/// # Errors
/// When it is no JSON object.
pub fn parse_cache_sync_stats(body: &[u8]) -> Result<CacheSyncStats, InvalidAnswer> {
    object(body, "a JSON object with universes", |f, _| {
        let rows = f.list("universes").into_iter().flatten().take(ROWS);
        let jobs = f
            .object("job_statistics")
            .map(|jobs| statistics(&Fields::new(jobs)));
        CacheSyncStats {
            universes: rows.filter_map(|row| universe(&Fields::new(row))).collect(),
            jobs: jobs.unwrap_or_else(|| statistics(f)),
        }
    })
}

fn id(f: &Fields<'_, '_>) -> Option<RunId> {
    f.id_named("job_id").or_else(|| f.run_id())
}

fn job(f: &Fields<'_, '_>) -> CacheSyncJob {
    let status = f.name(names!["status", "sync_status"]);
    let outcome = status.as_deref().and_then(Outcome::parse);
    let progress = f.object("progress").map(Fields::new);
    CacheSyncJob {
        id: id(f),
        mode: f.name(names!["mode"]),
        status,
        outcome,
        created_at: f.time(names!["created_at"]),
        started_at: f.time(names!["start_time", "started_at"]),
        ended_at: f.time(names!["end_time", "completed_at"]),
        duration_seconds: f.float(DURATION).filter(|d| *d >= 0.0),
        triggered_by: f.name(names!["triggered_by"]),
        message: f.message(names!["error_details", "error_message", "error"]),
        percent: f
            .percent(crate::fields::PERCENT)
            .or_else(|| progress?.percent(crate::fields::PERCENT)),
        has_errors: f.flag(names!["has_errors"]),
    }
}

fn universe(f: &Fields<'_, '_>) -> Option<UniverseSize> {
    Some(UniverseSize {
        universe: f.name(names!["universe", "name"])?,
        kind: f.name(names!["type"]),
        symbols: f.count(names!["symbol_count", "symbols"]),
        updated_at: f.time(names!["last_updated"]),
    })
}

fn statistics(f: &Fields<'_, '_>) -> JobStatistics {
    JobStatistics {
        total_7d: f.count(names!["total_jobs_7d"]),
        successful_7d: f.count(names!["successful_jobs_7d"]),
        failed_7d: f.count(names!["failed_jobs_7d"]),
        average_seconds: f
            .float(names!["avg_duration_seconds"])
            .filter(|s| *s >= 0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_read_from_either_document() {
        let older = parse_cache_sync_job(
            br#"{"job_id":"j","mode":"full","status":"running","created_at":"2025-01-26T21:10:00Z","start_time":"2025-01-26T21:10:01Z",
                "end_time":null,"duration_seconds":null,"triggered_by":"api","error_details":null,"progress":null}"#,
        )
        .unwrap();
        assert_eq!(
            (older.id.as_ref().unwrap().as_str(), older.outcome),
            ("j", None)
        );
        assert_eq!(
            (older.mode.as_deref(), older.triggered_by.as_deref()),
            (Some("full"), Some("api"))
        );
        assert!(
            older.started_at > older.created_at
                && older.ended_at.is_none()
                && older.percent.is_none()
        );
        let newer = parse_cache_sync_job(
            br#"{"success":true,"run_id":"manual-cache-sync-1a2b3c4d","status":{"mode":"ipos","status":"failed","error":"locked","progress":{"percent_complete":40}}}"#,
        )
        .unwrap();
        assert_eq!(newer.id.unwrap().as_str(), "manual-cache-sync-1a2b3c4d");
        assert_eq!(
            (newer.outcome, newer.message.as_deref()),
            (Some(Outcome::Failed), Some("locked"))
        );
        assert_eq!(newer.percent, Some(40.0));
    }

    #[test]
    fn a_history_keeps_rows_with_an_id_and_says_where_it_stands() {
        let history = parse_cache_sync_history(
            br#"{"jobs":[{"job_id":"a","status":"completed","has_errors":true},{"status":"failed"},7],"total":41,"limit":20,"offset":20}"#,
        )
        .unwrap();
        assert_eq!(history.jobs.len(), 1);
        assert_eq!(
            (history.jobs[0].outcome, history.jobs[0].has_errors),
            (Some(Outcome::Succeeded), Some(true))
        );
        assert_eq!(
            (history.total, history.limit, history.offset),
            (Some(41), Some(20), Some(20))
        );
        assert!(parse_cache_sync_history(b"{}").is_err());
    }

    #[test]
    fn statistics_are_read_and_what_is_missing_is_absent() {
        let stats = parse_cache_sync_stats(
            br#"{"universes":[{"universe":"sp500","type":"index","symbol_count":"503","last_updated":"2025-01-26"},{"type":"theme"}],
                "job_statistics":{"total_jobs_7d":14,"successful_jobs_7d":13,"failed_jobs_7d":1,"avg_duration_seconds":119.5}}"#,
        )
        .unwrap();
        assert_eq!(stats.universes.len(), 1);
        assert_eq!(
            (
                stats.universes[0].symbols,
                stats.universes[0].kind.as_deref()
            ),
            (Some(503), Some("index"))
        );
        assert_eq!(
            (stats.jobs.total_7d, stats.jobs.average_seconds),
            (Some(14), Some(119.5))
        );
        assert_eq!(
            parse_cache_sync_stats(b"{}").unwrap(),
            CacheSyncStats::default()
        );
    }
}
