//! Server functions: one per command, each one call of [`Backend`](crate::ports::Backend).

use crate::ports::CommandError;
use contract::http::CommandAnswer;
use leptos::prelude::*;

/// Starts a run now, through all four phases.
#[server(prefix = "/api/console", endpoint = "run")]
pub async fn run_now(
    /// Run even when the market is closed. A checkbox: absent when not ticked.
    #[server(default)]
    skip_market_check: bool,
) -> Result<CommandAnswer, CommandError> {
    let request =
        contract::http::TriggerRequest { skip_market_check, phases: contract::http::all_phases(), universe: None };
    backend().trigger(request).await
}

/// Stops the run that is active.
#[server(prefix = "/api/console", endpoint = "cancel")]
pub async fn cancel_run() -> Result<CommandAnswer, CommandError> {
    backend().cancel().await
}

#[cfg(feature = "ssr")]
fn backend() -> std::sync::Arc<dyn crate::ports::Backend> {
    expect_context()
}
