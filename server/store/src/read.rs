//! Queries: pages of history, one run, errors, events, the audit log, durations, the last state.

mod audit;
mod errors;
mod events;
mod filter;
mod history;
mod indicators;
mod keyed;
mod run;
mod samples;
mod state;
mod symbol;
mod v2_history;

pub use audit::AuditFilter;
pub use errors::ErrorFilter;
pub use filter::HistoryFilter;
pub use indicators::{IndicatorCount, StoredIndicator};
pub use run::{Aggregate, RunRecord};
pub use state::LastState;
pub use symbol::SymbolReport;

use crate::StoreError;
use std::time::Duration;

/// Time limit of one query.
const READ: Duration = Duration::from_secs(10);

/// Runs a read for at most [`READ`].
pub(crate) async fn within<T>(
    operation: &'static str,
    read: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    match tokio::time::timeout(READ, read).await {
        Ok(done) => done,
        Err(_) => Err(StoreError::Timeout {
            operation,
            seconds: READ.as_secs(),
        }),
    }
}
