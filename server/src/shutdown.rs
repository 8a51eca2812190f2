//! When to stop: SIGTERM, SIGINT.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Cancels `shutdown` at the first SIGTERM or SIGINT.
pub async fn on_signal(shutdown: CancellationToken) {
    let term = async {
        match signal(SignalKind::terminate()) {
            Ok(mut term) => term.recv().await.map(drop),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = term => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    tracing::info!("shutdown requested");
    shutdown.cancel();
}
