//! What is read: pages of history, one run, errors, events, the audit, durations, the last state.

mod audit;
mod errors;
mod events;
mod history;
mod indicators;
mod old;
mod run;
mod samples;
mod small;
mod state;
mod symbol;

pub use audit::AuditFilter;
pub use errors::ErrorFilter;
pub use history::{HistoryFilter, StoredRun};
pub use indicators::{IndicatorCount, StoredIndicator};
pub use run::{Aggregate, RunRecord};
pub use state::LastState;
pub use symbol::SymbolReport;

pub(crate) use history::{COLUMN_COUNT as RUN_COLUMN_COUNT, COLUMNS as RUN_COLUMNS, read_line};

use crate::StoreError;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// How long a page may take before it is given up.
const READ: Duration = Duration::from_secs(10);

/// Runs a read for at most [`READ`].
pub(crate) async fn within<T>(
    doing: &'static str,
    read: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(READ, read).await {
        Ok(done) => done,
        Err(_) => Err(StoreError::Timeout {
            doing,
            seconds: READ.as_secs(),
        }),
    }
}

/// Reads a plain enum of the contract from its word.
pub(crate) fn of_word<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
}
