//! What TickStockPL's monitoring says of its process: the latest of each figure, and the alerts
//! that have not ended.

use contract::{Scalar, Severity, Timestamp};
use serde::Serialize;

/// How TickStockPL's process and its machine are. Each kind of message says some of it; the latest
/// word on each counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Monitoring {
    /// When monitoring was last heard.
    pub at: Option<Timestamp>,
    /// Who publishes it.
    pub source: Option<String>,
    /// What the process says it does: `RUNNING`, `stopping`.
    pub status: Option<String>,
    /// How it is: `healthy`, `degraded`, `unhealthy`.
    pub health: Option<String>,
    /// 0 to 100.
    pub health_score: Option<f64>,
    /// What it says in words.
    pub message: Option<String>,
    /// How its components are, by name.
    pub components: Vec<(String, String)>,
    /// Figures by dotted name, such as `system.cpu_percent`.
    pub figures: Vec<(String, Scalar)>,
    /// How figures develop, by dotted name.
    pub trends: Vec<(String, Scalar)>,
    /// What it recommends.
    pub recommendations: Vec<String>,
    /// What it says of its status, by name.
    pub details: Vec<(String, Scalar)>,
    /// How long the process had been running then.
    pub uptime_seconds: Option<f64>,
    /// How many events it had published.
    pub events_published: Option<u64>,
    /// Alerts that have not ended, latest last.
    pub alerts: Vec<ActiveAlert>,
}

/// An alert that has not ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ActiveAlert {
    /// Its id, by which its end refers to it.
    pub id: String,
    /// When it slice.
    pub at: Timestamp,
    /// How bad.
    pub severity: Severity,
    /// The component it is about.
    pub component: Option<String>,
    /// What it says.
    pub message: Option<String>,
    /// The figures behind it.
    pub details: Vec<(String, Scalar)>,
    /// What to do about it.
    pub suggested_actions: Vec<String>,
}

contract::read_fields!(Monitoring {
    at,
    source,
    status,
    health,
    health_score,
    message,
    components,
    figures,
    trends,
    recommendations,
    details,
    uptime_seconds,
    events_published,
    alerts,
});
contract::read_fields!(ActiveAlert {
    id,
    at,
    severity,
    component,
    message,
    details,
    suggested_actions
});
