//! What TickStockPL's monitoring says of its process and machine.

use super::{Scalar, Severity, is_default};
use serde::Serialize;

body! {
    /// Monitoring figures, a health check or a status of TickStockPL's process; each message gives
    /// some of it.
    Metrics {
        /// What the process says it does: `RUNNING`, `stopping`.
        status: Option<String>,
        /// How it is: `healthy`, `degraded`, `unhealthy`.
        health: Option<String>,
        /// 0 to 100.
        health_score: Option<f64>,
        /// How its components are, by name.
        components: Vec<(String, String)>,
        /// What it says in words.
        message: Option<String>,
        /// Figures by dotted name, such as `system.cpu_percent`; those of a component begin with
        /// its name.
        values: Vec<(String, Scalar)>,
        /// How figures develop, by dotted name.
        trends: Vec<(String, Scalar)>,
        /// What it recommends.
        recommendations: Vec<String>,
        /// What it says of its status, by name.
        details: Vec<(String, Scalar)>,
        /// How long the process has been running.
        uptime_seconds: Option<f64>,
        /// How many events it has published.
        events_published: Option<u64>,
    }
}

body! {
    /// A monitoring alert.
    Alert {
        /// Its id, by which its end refers to it.
        id: String,
        /// True when it ended.
        resolved: bool,
        /// How bad.
        severity: Severity,
        /// The component it is about.
        component: Option<String>,
        /// What it says.
        message: Option<String>,
        /// The figures behind it.
        details: Vec<(String, Scalar)>,
        /// What to do about it.
        suggested_actions: Vec<String>,
    }
}
