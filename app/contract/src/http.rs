//! TickStockPL's HTTP API: its paths, what is sent (strictly), and what is read (tolerantly).

mod answers;

pub use answers::{
    BadAnswer, CommandAnswer, HealthAnswer, HistoryRun, Refusal, StatusAnswer, read_command, read_health, read_history,
    read_refusal, read_schedule, read_status,
};

use serde::{Deserialize, Serialize};

/// The paths of the API, below `TICKSTOCKPL_API_URL`.
pub mod paths {
    /// POST [`super::TriggerRequest`]
    pub const TRIGGER: &str = "/api/processing/trigger-manual";
    /// GET, answers a status
    pub const STATUS: &str = "/api/processing/status";
    /// GET with `days`, answers runs
    pub const HISTORY: &str = "/api/processing/history";
    /// DELETE
    pub const CANCEL: &str = "/api/processing/cancel";
    /// GET, and POST of the part that changes
    pub const SCHEDULE: &str = "/api/processing/schedule";
    /// GET
    pub const HEALTH: &str = "/health";
}

/// Body of `POST /api/processing/trigger-manual`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TriggerRequest {
    /// Run even when the market is closed.
    #[serde(default)]
    pub skip_market_check: bool,
    /// Names of phases, or `["all"]`.
    #[serde(default = "all_phases")]
    pub phases: Vec<String>,
    /// The universe to process; TickStockPL's own choice where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub universe: Option<String>,
}

/// The phases of a request that names none.
pub fn all_phases() -> Vec<String> {
    vec!["all".to_owned()]
}
