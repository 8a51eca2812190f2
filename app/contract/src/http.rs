//! TickStockPL's HTTP API: its paths, what is sent (strictly), and what is read (tolerantly).

mod answers;
mod cache_sync;
mod requests;

pub use answers::{
    CommandAnswer, HealthAnswer, InvalidAnswer, Refusal, ReportedRun, StatusAnswer, parse_command,
    parse_health, parse_history, parse_refusal, parse_schedule, parse_schedule_change,
    parse_status,
};
pub use cache_sync::{
    CacheSyncHistory, CacheSyncJob, CacheSyncStats, JobStatistics, UniverseSize,
    parse_cache_sync_history, parse_cache_sync_job, parse_cache_sync_stats,
};
pub use requests::{
    CacheSyncMode, CacheSyncRequest, ImportRequest, IndicatorsRequest, PatternsRequest,
    RetryRequest, ScheduleRequest, TriggerRequest, all_phases, cache_sync_history_path,
    cache_sync_status_path, history_path,
};

/// The paths of the API, below `TICKSTOCKPL_API_URL`. Those of the commands are beside their
/// bodies, such as [`TriggerRequest::PATH`].
pub mod paths {
    /// GET, answers a status
    pub const STATUS: &str = "/api/processing/status";
    /// GET with `days`, answers runs
    pub const HISTORY: &str = "/api/processing/history";
    /// DELETE, answers a command
    pub const CANCEL: &str = "/api/processing/cancel";
    /// GET, and POST of the part that changes ([`super::ScheduleRequest`])
    pub const SCHEDULE: &str = "/api/processing/schedule";
    /// GET
    pub const HEALTH: &str = "/health";
    /// POST [`super::CacheSyncRequest`] with [`super::API_KEY_HEADER`], answers a command with the
    /// job's id
    pub const CACHE_SYNC_TRIGGER: &str = "/api/processing/cache-sync/trigger";
    /// GET with an id behind it ([`super::cache_sync_status_path`]), answers a job
    pub const CACHE_SYNC_STATUS: &str = "/api/processing/cache-sync/status";
    /// GET with `limit` and `offset`, answers jobs
    pub const CACHE_SYNC_HISTORY: &str = "/api/processing/cache-sync/history";
    /// GET, answers the sizes of the universes and how syncs went
    pub const CACHE_SYNC_STATS: &str = "/api/processing/cache-sync/stats";
}

/// The header that carries the key where TickStockPL asks for one: the cache sync's endpoints are
/// documented with it.
pub const API_KEY_HEADER: &str = "X-API-Key";
