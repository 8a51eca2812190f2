//! Errors, grouped by what they are about, so that a hundred rate limits are one line.

use crate::{Changes, State, limits};
use contract::{ErrorReport, Phase, RunId, Severity, Timestamp};
use serde::{Deserialize, Serialize};

/// Errors that say the same: same run, severity, component, and code (or message where there is no code).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErrorGroup {
    /// The run they belong to.
    pub run_id: Option<RunId>,
    /// How bad.
    pub severity: Severity,
    /// The reporting part of TickStockPL.
    pub component: Option<String>,
    /// Such as `API_RATE_LIMIT`.
    pub code: Option<String>,
    /// The latest one's message.
    pub message: String,
    /// The latest one's phase.
    pub phase: Option<Phase>,
    /// What TickStockPL does about it.
    pub recovery_action: Option<String>,
    /// The symbols they were about, latest last, at most ten.
    pub symbols: Vec<contract::Symbol>,
    /// How many.
    pub count: u64,
    /// When the first one came.
    pub first_at: Timestamp,
    /// When the latest one came.
    pub last_at: Timestamp,
}

/// Symbols that a group names.
const GROUP_SYMBOLS: usize = 10;

impl State {
    pub(crate) fn error(&mut self, at: Timestamp, run_id: Option<RunId>, report: &ErrorReport) -> Changes {
        let same = |group: &ErrorGroup| {
            group.run_id == run_id
                && group.severity == report.severity
                && group.component == report.component
                && group.code == report.code
                && (report.code.is_some() || group.message == report.message)
        };
        // The group moves to the end: groups stand in the order of their latest error.
        let mut group = match self.errors.iter().position(same) {
            Some(index) => self.errors.remove(index),
            None => ErrorGroup {
                run_id,
                severity: report.severity,
                component: report.component.clone(),
                code: report.code.clone(),
                message: String::new(),
                phase: None,
                recovery_action: None,
                symbols: Vec::new(),
                count: 0,
                first_at: at,
                last_at: at,
            },
        };
        group.count += 1;
        group.last_at = at;
        group.message.clone_from(&report.message);
        group.phase = report.phase.or(group.phase);
        group.recovery_action = report.recovery_action.clone().or(group.recovery_action);
        if let Some(symbol) = &report.symbol {
            group.symbols.retain(|known| known != symbol);
            group.symbols.push(symbol.clone());
            if group.symbols.len() > GROUP_SYMBOLS {
                group.symbols.remove(0);
            }
        }
        self.errors.push(group);
        if self.errors.len() > limits::ERROR_GROUPS {
            self.errors.remove(0);
        }
        Changes::ERRORS
    }
}
